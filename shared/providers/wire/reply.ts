/** What every vendor's reply is read with: forgiving about its shape, exact about what it does not say. */
import { parseHttpDate } from '../../http-date.ts'
import type { NotReceived, Received } from '../../http.ts'
import { parseLossless, repeatsMember } from '../../lossless-json.ts'
import type { Outcome, VendorReply } from '../provider.ts'

export interface JsonObject {
  readonly [member: string]: unknown
}

/** The reply's JSON object, its long integers exact; null for anything else: HTML, half a reply, a bare number, a member named twice. */
export function readObject(received: Received | NotReceived): JsonObject | null {
  if ('failure' in received) return null
  const value = parseLossless(received.text)
  return isObject(value) && !repeatsMember(received.text) ? value : null
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A member by its name, whichever way the vendor spells it this time: `retCode`, `ret_code`, `RetCode`. Undefined where
 * it is absent, and where two spellings contradict each other.
 */
export function memberOf(object: JsonObject, name: string): unknown {
  const wanted = plain(name)
  const values = Object.entries(object).flatMap(([member, value]) => (plain(member) === wanted ? [value] : []))
  return values.every(value => value === values[0]) ? values[0] : undefined
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

/** A vendor's code as its digits, whether it came as a number or as text. Null: no code, so never a success. */
export function codeOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^-?\d{1,12}$/.test(text) ? text : null
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

export function httpStatusOf(received: Received | NotReceived): number | null {
  return 'failure' in received ? null : received.status
}

/** Statuses that say more than a code nobody knows. */
export function isTelling(status: number): boolean {
  return [401, 403, 408, 425, 429].includes(status) || status >= 500
}

/** The outcome where no known code decides: by what arrived, and by its HTTP status. Never a success. */
export function outcomeByStatus(received: Received | NotReceived, vendor: VendorReply, nowMs: number): Outcome {
  if ('failure' in received) return { kind: 'unknown', reason: `${received.failure} (${received.detail})`, vendor }
  const { status } = received
  if (status === 401 || status === 403) return { kind: 'auth', vendor }
  if (status === 429 || status === 503) return throttled(received, vendor, nowMs, false)
  if (status >= 400 && status < 500 && !isTelling(status)) return { kind: 'refused', reason: `HTTP ${status}`, vendor }
  const reason = status >= 200 && status < 300 ? 'the reply carries no code' : `HTTP ${status}`
  return { kind: 'unknown', reason, vendor }
}

/**
 * Of a call that means nobody: `isOfIt` tells which refusals are of what it asks for, and not of who asks. Whoever hears one was
 * let in.
 */
export function withoutFault(outcome: Outcome, isOfIt: (vendor: VendorReply) => boolean): Outcome {
  return outcome.kind === 'refused' && isOfIt(outcome.vendor) ? { kind: 'not_found', vendor: outcome.vendor } : outcome
}

export function throttled(
  received: Received,
  vendor: VendorReply,
  nowMs: number,
  quota: boolean,
): Extract<Outcome, { kind: 'throttled' }> {
  const retryAfterMs = parseRetryAfter(received.headers['retry-after'], nowMs)
  return { kind: 'throttled', retryAfterMs, quota, vendor }
}

/** Nobody waits longer on a vendor's word: a recall given up at 24 h must not sleep through them. */
const maxRetryAfterMs = 3_600_000

/**
 * `Retry-After` (RFC 9110 §10.2.3: seconds, or any of the three date formats) as milliseconds from `nowMs`, at most an
 * hour; 0 for a date gone by. Null: absent or unreadable.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, maxRetryAfterMs)
  const atMs = parseHttpDate(text)
  if (atMs === null) return null
  return Math.min(Math.max(atMs - nowMs, 0), maxRetryAfterMs)
}
