/**
 * What one request may bring and what the ledger holds for one push or app, as data. Code that refuses takes its number and
 * its words from here; docs/bounds.md lists the same, and a test holds the two together.
 */
import { type InputError, Problem, type ProblemSlug } from './errors.ts'

export interface Bound {
  readonly value: number
  readonly unit: 'bytes' | 'tokens' | 'pieces' | 'contents' | 'targets' | 'values'
  /** payload-too-large (413): send less at once · too-many-requests (429): the same request passes later. */
  readonly slug: Extract<ProblemSlug, 'payload-too-large' | 'too-many-requests'>
  /** What it counts. */
  readonly what: string
  /** One sentence for the caller: what to change. */
  readonly advice: string
}

const mebibyte = 1024 * 1024

export const bounds = {
  bodyBytes: {
    value: 4 * mebibyte,
    unit: 'bytes',
    slug: 'payload-too-large',
    what: 'the body of a request',
    advice: 'Split it into several requests.',
  },
  bodyValues: {
    value: 250_000,
    unit: 'values',
    slug: 'payload-too-large',
    what: 'values of a JSON body, lists and objects among them, counted before any is built',
    advice: 'Split it into several requests.',
  },
  overlayOptionBytes: {
    value: 16 * 1024,
    unit: 'bytes',
    slug: 'payload-too-large',
    what: 'overlay.options of all vendors together, as JSON',
    advice: 'Leave out what is not about the look of the notification: no vendor takes a message over 4 KB.',
  },
  tokenBytes: {
    value: 4096,
    unit: 'bytes',
    slug: 'payload-too-large',
    what: 'one push token, as UTF-8',
    advice: 'Send the push token as the vendor gave it: none of them makes longer ones.',
  },
  tokensPerRequest: {
    value: 200_000,
    unit: 'tokens',
    slug: 'payload-too-large',
    what: 'push tokens of one request',
    advice: 'Split them over several requests to POST /v1/messages/{id}/tokens.',
  },
  unsealedTokensPerTarget: {
    value: 2_000_000,
    unit: 'tokens',
    slug: 'too-many-requests',
    what: 'push tokens of one target that wait for the removal of repeats',
    advice: 'Send the same request again after Retry-After: they are being worked on.',
  },
  unsealedBytesPerTarget: {
    value: 256 * mebibyte,
    unit: 'bytes',
    slug: 'too-many-requests',
    what: 'the same in bytes',
    advice: 'Send the same request again after Retry-After: they are being worked on.',
  },
  unsealedPiecesPerTarget: {
    value: 20_000,
    unit: 'pieces',
    slug: 'too-many-requests',
    what: 'the same in pieces: one of a small request, up to 64 of a large one',
    advice: 'Send the same request again after Retry-After, and more push tokens in each.',
  },
  unsealedTokensPerApp: {
    value: 10_000_000,
    unit: 'tokens',
    slug: 'too-many-requests',
    what: 'push tokens of all targets of one app that wait for the removal of repeats',
    advice: 'Send the same request again after Retry-After: they are being worked on.',
  },
  unsealedBytesPerApp: {
    value: 1024 * mebibyte,
    unit: 'bytes',
    slug: 'too-many-requests',
    what: 'the same in bytes',
    advice: 'Send the same request again after Retry-After: they are being worked on.',
  },
  unsealedPiecesPerApp: {
    value: 50_000,
    unit: 'pieces',
    slug: 'too-many-requests',
    what: 'the same in pieces: one of a small request, up to 64 of a large one',
    advice: 'Send the same request again after Retry-After, and more push tokens in each.',
  },
  contentsPerMessage: {
    value: 1000,
    unit: 'contents',
    slug: 'payload-too-large',
    what: 'content ids of one message, those it has already among them',
    advice: 'Register another message for the rest: a recall by content finds both.',
  },
  targetsPerMessage: {
    value: 1000,
    unit: 'targets',
    slug: 'payload-too-large',
    what: 'targets of one message, those it has already among them',
    advice: 'Register another message with the same contents for the rest: a recall by content finds both.',
  },
  targetsPerContent: {
    value: 5000,
    unit: 'targets',
    slug: 'payload-too-large',
    what: 'targets of one owner’s messages that carry one content id, messages without any among them: what one recall by content plans at once',
    advice: 'Give each piece of content an id of its own.',
  },
} as const satisfies { readonly [name: string]: Bound }

export type BoundName = keyof typeof bounds

export function isBound(name: string): name is BoundName {
  return Object.hasOwn(bounds, name)
}

/**
 * The refusal: `detail` says what is over it (a sentence that repeats no value), the bound's own advice follows. The
 * members `bound` and `limit` say the same for programs. `errors` names the items that are too large.
 */
export function overBound(
  name: BoundName,
  detail: string,
  { errors = [], retryAfterSeconds }: { errors?: readonly InputError[]; retryAfterSeconds?: number } = {},
): Problem {
  const { slug, advice, value }: Bound = bounds[name]
  return new Problem(slug, `${detail} ${advice}`, {
    errors,
    members: { bound: name, limit: value },
    headers: slug === 'too-many-requests' ? { 'retry-after': String(retryAfterSeconds ?? 5) } : {},
  })
}

/** Limits of one vendor request's worth of push tokens. What a caller sends is split by them, never refused. */
export const batchBounds = { tokens: 1000, bytes: mebibyte / 2 } as const
