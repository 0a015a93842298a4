/** The document behind `unpush/webhooks/<endpoint>` (contract §7): who signs, and what is done about what they say. */
import * as z from 'zod/mini'
import { overlayContent } from '../overlay-content.ts'
import { optional } from '../members.ts'
import { once } from '../once.ts'
import { threshold } from '../secrets/documents.ts'
import { idPattern } from '../secrets/source.ts'
import type { Operation } from '../operation.ts'
import type { Overlay } from '../recall/plan.ts'
import { authorities, type Authority, type Decision, type ItemType, type Source, type Verdict } from './source.ts'

export interface Endpoint {
  readonly source: Source
  /** One, or two during rotation. */
  readonly secrets: readonly unknown[]
  /** Of tier C: what its own API is asked with; null: it is not asked. */
  readonly pull: object | null
  /** What an overlay shows, and what a revoke falls back to. */
  readonly overlay: Overlay | null
  /** Put before every id, so that the endpoint speaks of contents that begin so and of no others. */
  readonly contentPrefix: string
  /** Whose pushes it may take back; null: those of all apps. */
  readonly apps: readonly string[] | null
  /** The most that it may claim. */
  readonly authority: Authority
  /** Other endpoints whose verdicts its own may stand above. */
  readonly appealOf: readonly string[]
  /** Device count over which a recall of this endpoint waits for a person; null: never. Kept for whoever decides. */
  readonly approvalAbove: z.output<ReturnType<typeof threshold>>
  /** Null: nothing is done. `asked`: the source's own API said it. */
  operationFor(verdict: Pick<Verdict, 'decision' | 'action'>, asked?: boolean): Operation | null
  /** Whether items of this kind count; those of no kind do. */
  counts(type: ItemType | null): boolean
}

const operation = once(() => z.enum(['stop', 'revoke', 'overlay', 'none']))
const policy = once(() =>
  z.strictObject({
    block: optional(operation()),
    review: optional(operation()),
    // nothing can be un-recalled, so that a pass has nothing to do
    pass: optional(z.literal('none')),
    actions: optional(z.record(z.string(), operation())),
  }),
)

const ids = once(() => z.array(z.string().check(z.regex(idPattern, 'must match [a-z0-9][a-z0-9_-]{0,62}'))))

/** One or two; left out where the source has none. */
const secretsOf = (source: Source) => {
  const versions = versionsFor(source)
  return source.secret.safeParse(undefined).success ? z.prefault(versions, {}) : versions
}

const versionsFor = (source: Source) =>
  z.pipe(
    z.pipe(
      z.unknown(),
      z.transform(given => versionsOf(given, source.bareSecret)),
    ),
    z.array(source.secret).check(z.minLength(1), z.maxLength(2)),
  )

const formOf = (source: Source) =>
  z.strictObject({
    source: z.literal(source.name),
    secret: secretsOf(source),
    policy: policy(),
    overlay: optional(overlayContent()),
    contentPrefix: optional(z.string().check(z.maxLength(128))),
    approvalAbove: z.optional(threshold()),
    apps: optional(ids()),
    types: optional(z.array(z.string().check(z.minLength(1), z.maxLength(256)))),
    authority: optional(z.enum(authorities)),
    appealOf: optional(ids().check(z.maxLength(100))),
  })
type Form = z.output<ReturnType<typeof formOf>>

/** Endpoints of these sources. */
export function endpointsOf(sources: readonly Source[]): z.ZodMiniType<Endpoint> {
  const [first, ...rest] = sources.map(formOf)
  if (first === undefined) throw new Error('there are no sources')
  return z.pipe(
    z.discriminatedUnion('source', [first, ...rest]).check(
      z.refine(form => form.overlay !== undefined || !wantsOverlay(form), {
        message: 'is required where the policy overlays',
        path: ['overlay'],
      }),
    ),
    z.transform(form => endpointOf(form, sources)),
  )
}

function wantsOverlay({ policy }: Form): boolean {
  return [policy.block, policy.review, ...Object.values(policy.actions ?? {})].includes('overlay')
}

function endpointOf(
  { source: name, secret, policy, overlay, types, ...form }: Form,
  sources: readonly Source[],
): Endpoint {
  const source = sources.find(candidate => candidate.name === name)
  if (source === undefined) throw new Error(`no source ${name}`)
  const asDecided: { readonly [D in Decision]: Operation | 'none' } = {
    block: policy.block ?? 'none',
    review: policy.review ?? 'none',
    pass: 'none',
  }
  const asNamed = new Map(Object.entries(policy.actions ?? {}))
  return {
    source,
    secrets: secret,
    pull: pullOf(secret),
    overlay:
      overlay === undefined
        ? null
        : {
            title: overlay.title,
            body: overlay.body,
            url: overlay.url ?? null,
            forceCollapse: overlay.forceCollapse ?? false,
            options: overlay.options ?? {},
          },
    contentPrefix: form.contentPrefix ?? '',
    apps: form.apps ?? null,
    authority: form.authority ?? 'human',
    appealOf: form.appealOf ?? [],
    approvalAbove: form.approvalAbove ?? null,
    operationFor: ({ decision, action }, asked = false) => {
      if (source.tier === 'C' && !asked) return null
      const named = action === null ? undefined : asNamed.get(action)
      const wanted = named ?? (decision === null ? 'none' : asDecided[decision])
      return wanted === 'none' ? null : wanted
    },
    counts: type => {
      if (type === null) return true
      const names = [type.id, ...(type.name === null ? [] : [type.name])]
      return types === undefined ? !names.some(name => writers.test(name)) : names.some(name => types.includes(name))
    },
  }
}

/** Who wrote something is no content: an id that a user and a push share by chance takes nothing back. */
const writers = /user|account|profile/i

/**
 * During rotation the whole `secret` may be a list of two, or each member of it. Anything else is left for the source's
 * schema to name.
 */
function versionsOf(given: unknown, bare: string | undefined): unknown {
  return (Array.isArray(given) ? given : [given ?? {}]).flatMap((one: unknown) => {
    const document = typeof one === 'string' && bare !== undefined ? { [bare]: one } : one
    if (typeof document !== 'object' || document === null || Array.isArray(document)) return [document]
    const entries = Object.entries(document)
    const count = Math.max(1, ...entries.map(([, value]) => (Array.isArray(value) ? value.length : 1)))
    return Array.from({ length: count }, (_, index) =>
      Object.fromEntries(
        entries.map(([name, value]) => [name, Array.isArray(value) ? (value[index] ?? value.at(-1)) : value]),
      ),
    )
  })
}

/** Where there are two versions, the first that has one. */
function pullOf(secrets: readonly unknown[]): object | null {
  for (const secret of secrets) {
    if (typeof secret === 'object' && secret !== null && 'pull' in secret && typeof secret.pull === 'object')
      return secret.pull
  }
  return null
}
