/** What the API takes, member by member (contract §4). OpenAPI is made from these. */
import * as z from 'zod/mini'
import { askedOperations } from './asked-operation.ts'
import { idForms } from './ids.ts'
import { list, membersOfVendor, optional, tokenList } from './members.ts'
import { once } from './once.ts'
import { link, maxText, overlayContent } from './overlay-content.ts'

/** The caller's own id of a message. */
export const messageId = once(() =>
  z.string().check(z.regex(idForms.message, 'must be 1 to 128 of the characters A-Z a-z 0-9 . _ : -')),
)
/** Content ids stand in group chats and on pages: what turns the writing about or has no form of its own is none. */
export const contentId = once(() =>
  maxText(256).check(
    z.refine(
      id => !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(id),
      'must have no control characters, nor any that turn the direction of text',
    ),
  ),
)
export const appId = once(() =>
  z
    .string()
    .check(
      z.regex(
        /^[a-z0-9][a-z0-9_-]{0,62}$/,
        'must be an app id: a-z 0-9 _ -, at most 63, beginning with a letter or digit',
      ),
    ),
)

const firstInstant = Date.parse('0001-01-01T00:00:00Z')
const afterLastInstant = Date.parse('+010000-01-01T00:00:00Z')

/** RFC 3339 with any offset, and within what PostgreSQL takes as `toISOString` writes it: year 0 and +010000 it does not. */
export const instant = once(() =>
  z.iso
    .datetime({ offset: true })
    .check(z.maxLength(40), z.refine(isInYears, 'must lie in the years 0001 to 9999, in UTC')),
)

function isInYears(written: string): boolean {
  const at = Date.parse(written)
  // of what is no time at all, the format says so
  return Number.isNaN(at) || (at >= firstInstant && at < afterLastInstant)
}

/** In a query: `+` of the offset arrives as a blank where nobody escaped it, and a blank there can be nothing else. */
const instantInQuery = once(() =>
  z.pipe(
    z.transform((written: string) => written.replace(/ (?=\d\d:\d\d$)/, '+')),
    instant(),
  ),
)

/** `app` here; the other members belong to the vendor and are read by its provider. */
const targetInput = once(() => z.pipe(membersOfVendor(), z.looseObject({ app: appId() })))
const targetList = once(() => list(targetInput(), { most: 100 }))
const contentList = once(() => list(contentId(), { most: 100 }))

export const registerBody = once(() =>
  z.strictObject({
    id: optional(messageId()),
    contents: optional(contentList()),
    title: optional(z.string().check(z.maxLength(1000))),
    body: optional(z.string().check(z.maxLength(10_000))),
    url: optional(link()),
    expiresAt: optional(instant()),
    targets: optional(targetList()),
    ask: optional(z.boolean()),
  }),
)

/** Exactly one of the two: checked in code, for a better message. */
export const holdsQuery = once(() =>
  z.strictObject({ content: z.optional(contentId()), message: z.optional(messageId()) }),
)

export const changeBody = once(() =>
  z.strictObject({
    contents: optional(contentList()),
    // null clears it
    expiresAt: z.optional(z.nullable(instant())),
    targets: optional(targetList()),
  }),
)

/** Further members name the target, as its vendor has them. */
export const tokensBody = once(() => z.pipe(membersOfVendor(), z.looseObject({ app: appId(), tokens: tokenList(1) })))

/** Beside tokens that come as lines. */
export const tokenLinesQuery = once(() => z.looseObject({ app: appId() }))

/** A number as a query writes it; NaN: it is none. */
function numberIn(written: string): number {
  return /^\d{1,10}$/.test(written) ? Number(written) : Number.NaN
}

const recallMembers = once(() => ({
  message: optional(messageId()),
  messages: optional(list(messageId(), { least: 1, most: 200 })),
  content: optional(contentId()),
  target: optional(targetInput()),
  exceptTokens: optional(tokenList(0, 1000)),
  reason: optional(maxText(500)),
  ticket: optional(maxText(200)),
  fallback: optional(z.boolean()),
  dryRun: optional(z.boolean()),
  supersede: optional(z.boolean()),
  again: optional(z.boolean()),
  hold: optional(z.boolean()),
  breakGlass: optional(z.boolean()),
  expect: optional(maxText(200)),
}))

const whileItWaits = once(() => ({ meanwhile: optional(z.literal('stop')) }))

export const recallBodies = {
  stop: once(() => z.strictObject(recallMembers())),
  revoke: once(() => z.strictObject({ ...recallMembers(), ...whileItWaits(), overlay: optional(overlayContent()) })),
  overlay: once(() => z.strictObject({ ...recallMembers(), ...whileItWaits(), overlay: overlayContent() })),
  correct: once(() => z.strictObject({ ...recallMembers(), ...whileItWaits(), overlay: overlayContent() })),
} as const

/** What the three have in common; only a revoke or an overlay carries an overlay, and may have a stop go ahead of it. */
export type RecallBody = z.output<ReturnType<typeof recallBodies.revoke>>

/** Of an approval: `digest` is that of what the approver was shown. */
export const decisionBody = once(() =>
  z.strictObject({ digest: optional(maxText(200)), reason: optional(maxText(500)) }),
)

const limitRange = 'must be a whole number from 1 to 200'
/** Exactly one of the four: checked in code, for a better message. */
export const pauseBody = once(() =>
  z.strictObject({
    key: optional(
      z
        .string()
        .check(
          z.regex(
            /^(?:[A-Za-z0-9._-]{1,64}|oidc:[\x20-\x7e]{1,255})$/,
            'must be the id of an API key, or oidc: and the sub of somebody who signs in',
          ),
        ),
    ),
    person: optional(maxText(256)),
    app: optional(appId()),
    endpoint: optional(appId()),
    reason: maxText(500),
  }),
)

const limit = once(() =>
  z.optional(
    z.pipe(z.transform(numberIn), z.int(limitRange).check(z.minimum(1, limitRange), z.maximum(200, limitRange))),
  ),
)
const cursor = once(() => z.optional(maxText(300)))
const search = once(() => z.optional(maxText(200)))

/** What every list takes. */
const listMembers = once(() => ({
  limit: limit(),
  cursor: cursor(),
  q: search(),
  app: z.optional(appId()),
  from: z.optional(instantInQuery()),
  to: z.optional(instantInQuery()),
}))

export const messageQuery = once(() =>
  z.strictObject({
    ...listMembers(),
    content: z.optional(contentId()),
    state: z.optional(z.enum(['live', 'recalled'])),
  }),
)

export const recallStates = [
  'pending_approval',
  'running',
  'done',
  'partial',
  'failed',
  'cancelled',
  'declined',
  'expired',
] as const

export const verdictStates = [
  'recorded',
  'waiting',
  'held',
  'recalled',
  'refused',
  'outranked',
  'unmatched',
  'overturned',
  'unreadable',
] as const

/** In a query several stand in one value, with commas between: `state=failed,expired`. */
const severalOf = <const Words extends readonly string[]>(words: Words) =>
  z.optional(
    z.pipe(
      z.transform((written: string) => written.split(',')),
      z.array(z.enum(words)).check(z.minLength(1), z.maxLength(words.length)),
    ),
  )

export const recallQuery = once(() =>
  z.strictObject({
    ...listMembers(),
    content: z.optional(contentId()),
    message: z.optional(messageId()),
    handle: z.optional(maxText(200)),
    person: z.optional(maxText(256)),
    operation: z.optional(z.enum(askedOperations)),
    ticket: z.optional(maxText(200)),
    state: severalOf(recallStates),
  }),
)

export const verdictQuery = once(() =>
  z.strictObject({
    ...listMembers(),
    content: z.optional(contentId()),
    state: severalOf(verdictStates),
  }),
)

export const deliveryStates = ['pending', 'delivered', 'failed', 'held'] as const

export const deliveryQuery = once(() =>
  z.strictObject({
    ...listMembers(),
    subscriber: z.optional(appId()),
    state: severalOf(deliveryStates),
  }),
)

export const auditQuery = once(() =>
  z.strictObject({
    ...listMembers(),
    actor: z.optional(maxText(300)),
    action: z.optional(maxText(100)),
    object: z.optional(maxText(300)),
  }),
)

/** Further members name the push, as its vendor has them. */
export const statusQuery = once(() => z.looseObject({ app: appId() }))
export const capabilitiesQuery = once(() => z.strictObject({ app: z.optional(appId()) }))
/** What may be said where nothing need be: why. */
export const reasonBody = once(() => z.strictObject({ reason: optional(maxText(500)) }))
export const emptyBody = once(() => z.strictObject({}))
