/** One try of one delivery: what is sent, and what its outcome means for the delivery and its subscriber. */
import type { ClaimedDelivery } from '../ledger/claim-deliveries.ts'
import type { DeliverySettlement } from '../ledger/settle-delivery.ts'
import { type Message, messageFor, refusalOf } from './formats.ts'
import type { Post, Posted } from './guarded-post.ts'
import { nextTryMs, readRetryAfter } from './schedule.ts'
import type { Format, Subscriber } from './subscribers.ts'

/** Serverless time is billed while a receiver thinks. */
export const timeoutMs = 10_000
/** How long a subscriber gets nothing after a failure that says nothing of the delivery: another one would fail too. */
const longestPauseMs = 60_000
/** The receiver is busy or away: what else is for it waits too. */
const overloaded = new Set([429, 502, 503, 504])

export interface Trying {
  readonly post: Post
  readonly chance: () => number
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Never rejects. */
export async function tryDelivery(
  subscriber: Subscriber,
  delivery: ClaimedDelivery,
  { post, chance, now }: Trying,
): Promise<DeliverySettlement> {
  const message = messageOrNull(subscriber, delivery, now())
  if (message === null) {
    // another try would fare no better, and the receiver has nothing to do with it
    const detail = `It cannot be written as ${subscriber.format}.`
    return { kind: 'failed', status: null, detail, delayMs: 0, holdMs: 0, disabledBy: null }
  }
  return judge(subscriber.format, delivery.tries, await post({ ...message, timeoutMs }), chance, now())
}

function messageOrNull(subscriber: Subscriber, delivery: ClaimedDelivery, nowMs: number): Message | null {
  try {
    return messageFor(subscriber, delivery, nowMs)
  } catch {
    return null
  }
}

/** What `posted` makes of a delivery at its `tries`-th try. */
export function judge(
  format: Format,
  tries: number,
  posted: Posted,
  chance: () => number,
  nowMs: number,
): DeliverySettlement {
  const status = posted.kind === 'answered' ? posted.status : null
  const ended = { status, delayMs: 0, holdMs: 0, disabledBy: null }
  const failure = failureOf(format, posted, nowMs)
  if (failure === null) return { ...ended, kind: 'delivered', detail: null }
  const { detail, retryAfterMs, pauses } = failure
  if (status === 410) return { ...ended, kind: 'failed', detail, disabledBy: 'The receiver is gone (410).' }
  const delayMs = nextTryMs(tries, retryAfterMs, chance)
  if (delayMs === null) {
    return { ...ended, kind: 'failed', detail, disabledBy: `A delivery failed ${tries} times over three days.` }
  }
  const holdMs = Math.max(retryAfterMs, pauses ? Math.min(delayMs, longestPauseMs) : 0)
  return { ...ended, kind: 'later', detail, delayMs, holdMs }
}

interface Failure {
  readonly detail: string | null
  readonly retryAfterMs: number
  readonly pauses: boolean
}

/** Null: it was taken. Only 2xx is success; a redirect is none, and is never followed. */
function failureOf(format: Format, posted: Posted, nowMs: number): Failure | null {
  if (posted.kind !== 'answered') return { detail: posted.detail, retryAfterMs: 0, pauses: true }
  const { status, retryAfter } = posted
  if (status < 200 || status > 299) {
    return { detail: null, retryAfterMs: readRetryAfter(retryAfter, nowMs), pauses: overloaded.has(status) }
  }
  const refusal = refusalOf(format, posted)
  return refusal === null ? null : { detail: refusal.detail, retryAfterMs: refusal.holdMs, pauses: false }
}
