/**
 * When a delivery is tried: the table of
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (75 h 35 min in all).
 */
const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Milliseconds before each try, counted from the one before. */
export const scheduleMs: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
]

const jitter = 0.2
const maxRetryAfterMs = 24 * hour

/** Milliseconds until the try after `tries` of them; null: there is none. `chance` gives 0 to 1. */
export function nextTryMs(tries: number, retryAfterMs: number, chance: () => number): number | null {
  const delayMs = scheduleMs[tries]
  if (delayMs === undefined) return null
  // a receiver that says when is asked no sooner, and ours is the guess
  return Math.max(retryAfterMs, Math.round(delayMs * (1 - jitter + 2 * jitter * chance())))
}

/** `Retry-After` (RFC 9110 §10.2.3) as milliseconds from `nowMs`, at most a day; 0 where it says nothing. */
export function readRetryAfter(header: string | null, nowMs: number): number {
  if (header === null) return 0
  const text = header.trim()
  const ms = /^\d{1,9}$/.test(text)
    ? Number(text) * second
    : /^[A-Z][a-z]+,? /.test(text)
      ? Date.parse(text) - nowMs
      : 0
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), maxRetryAfterMs)
}
