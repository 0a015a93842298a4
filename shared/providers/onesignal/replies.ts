/**
 * Replies of OneSignal. Most of its refusals are English sentences without a code, so that some are known by their words alone;
 * what no word tells is left to the message's record. https://documentation.onesignal.com/reference/cancel-message
 */
import type { NotReceived, Received } from '../../http.ts'
import type { Outcome, Rejection, VendorReply } from '../provider.ts'
import { type Hidden, masked, nameOrNull } from '../wire/masking.ts'
import {
  httpStatusOf,
  isObject,
  isTelling,
  type JsonObject,
  outcomeByStatus,
  readObject,
  textOf,
  throttled,
} from '../wire/reply.ts'
import { uuidForm } from './credentials.ts'

export type OneSignalStep = 'stop' | 'overlay' | 'status'

/** What was asked of it, and of a message: its subscriptions. */
export interface Asked {
  readonly step: OneSignalStep
  readonly hidden: Hidden
  readonly tokens: readonly string[]
}

const words = {
  auth: /authorization|api[ _]?key/i,
  /** Of a 403 that a good credential gets. */
  forbidden: /\bplan\b|upgrade|allow.?list|\bip\b/i,
  sent: /already (been )?(sent|delivered|completed)/i,
  canceled: /already[^.]{0,40}cancel|cancel[^.]{0,40}already/i,
  notFound: /(notification|message)[^.]{0,40}not found/i,
  nobody: /not subscribed/i,
  /** "API rate limit exceeded" is about the last second. */
  quota: /disabled|(?<!rate )limit/i,
}

/** `reply`: what its JSON says; empty where it is none. */
export function oneSignalOutcome(
  received: Received | NotReceived,
  asked: Asked,
  nowMs: number,
): { readonly outcome: Outcome; readonly reply: JsonObject } {
  const reply = readObject(received) ?? {}
  const errors = errorsOf(reply['errors'])
  const said = errors.texts.join(' ')
  const never = { ...asked.hidden, tokens: [...asked.tokens, ...(asked.hidden.texts ?? [])] }
  const vendor: VendorReply = {
    code: nameOrNull(errors.code, never),
    message: masked(said, { ...asked.hidden, tokens: asked.tokens }),
    requestId: asked.step === 'overlay' ? nameOrNull(idOf(reply), never) : null,
    httpStatus: httpStatusOf(received),
  }
  return { outcome: judge(received, reply, errors, said, vendor, asked, nowMs), reply }
}

function judge(
  received: Received | NotReceived,
  reply: JsonObject,
  errors: Errors,
  said: string,
  vendor: VendorReply,
  { step, tokens }: Asked,
  nowMs: number,
): Outcome {
  if ('failure' in received) return outcomeByStatus(received, vendor, nowMs)
  const { status } = received
  if (status >= 200 && status < 300) {
    if (step === 'overlay') return judgeOverlay(reply, errors, said, vendor, tokens)
    if (errors.kind === 'none') {
      // the record itself is read by who asked for it
      const isYes = step === 'status' ? idOf(reply) !== null : reply['success'] === true
      return isYes ? { kind: 'accepted', vendor } : unread(vendor)
    }
    return (step === 'stop' ? noLeft(said, vendor) : null) ?? refusedByCode(vendor) ?? unread(vendor)
  }
  if (status === 429) return throttled(received, vendor, nowMs, words.quota.test(said))
  if (status >= 500) {
    return received.headers['retry-after'] === undefined
      ? { kind: 'unknown', reason: `HTTP ${status}`, vendor }
      : throttled(received, vendor, nowMs, false)
  }
  if (said === '' && vendor.code === null) return outcomeByStatus(received, vendor, nowMs)
  const refused = { kind: 'refused', reason: vendor.message ?? `HTTP ${status}`, vendor } as const
  switch (status) {
    case 400: {
      if (words.auth.test(said)) return { kind: 'auth', vendor }
      if (step !== 'stop')
        return step === 'status' && words.notFound.test(said) ? { kind: 'not_found', vendor } : refused
      return noLeft(said, vendor) ?? { ...refused, look: true }
    }
    case 401:
      return { kind: 'auth', vendor }
    case 403:
      return words.forbidden.test(said) && !words.auth.test(said) ? refused : { kind: 'auth', vendor }
    case 404:
      return step !== 'overlay' && words.notFound.test(said) ? { kind: 'not_found', vendor } : refused
    default:
      return isTelling(status) || status < 400 ? outcomeByStatus(received, vendor, nowMs) : refused
  }
}

/** What a no to a stop says of the message; null: nothing that is known. */
function noLeft(said: string, vendor: VendorReply): Outcome | null {
  if (words.sent.test(said)) return { kind: 'too_late', vendor }
  if (words.canceled.test(said)) return { kind: 'already_done', vendor }
  return words.notFound.test(said) ? { kind: 'not_found', vendor } : null
}

function refusedByCode(vendor: VendorReply): Outcome | null {
  return vendor.code === null ? null : { kind: 'refused', reason: vendor.message ?? vendor.code, vendor }
}

function unread(vendor: VendorReply): Outcome {
  return { kind: 'unknown', reason: 'the reply says neither yes nor no', vendor }
}

/** HTTP 200 says little: `"id":""` is a no, and a message that was made may name subscriptions that do not get it. */
function judgeOverlay(
  reply: JsonObject,
  errors: Errors,
  said: string,
  vendor: VendorReply,
  tokens: readonly string[],
): Outcome {
  const rejectedAll: Outcome = {
    kind: 'partial',
    rejected: [{ reason: 'NOT_SUBSCRIBED', count: tokens.length }],
    unknown: 0,
    vendor,
  }
  const rejected = rejectedOf(errors, tokens)
  if (idOf(reply) === null) {
    if (reply['id'] !== '') return refusedByCode(vendor) ?? unread(vendor)
    if (words.nobody.test(said)) return rejectedAll
    if (rejected !== null) return { kind: 'partial', rejected, unknown: tokens.length - sum(rejected), vendor }
    return refusedByCode(vendor) ?? unread(vendor)
  }
  if (errors.kind === 'none') return { kind: 'accepted', vendor }
  // it was made: asked again, OneSignal would only say the same
  return rejected === null
    ? { kind: 'partial', rejected: [], unknown: tokens.length, vendor }
    : { kind: 'partial', rejected, unknown: 0, vendor }
}

/** Members of `errors` that list whom the message does not reach. */
const lists = new Set([
  'invalid_player_ids',
  'invalid_subscription_ids',
  'invalid_aliases',
  'invalid_external_user_ids',
])

/** Each of our tokens once; null: there is no list, or one that cannot be read whole. */
function rejectedOf({ value }: Errors, tokens: readonly string[]): Rejection[] | null {
  if (!isObject(value)) return null
  const left = new Set(tokens.map(token => token.toLowerCase()))
  const rejected: Rejection[] = []
  for (const [name, list] of Object.entries(value)) {
    const ids = lists.has(name) ? textsIn(list) : null
    if (ids === null) return null
    const own = new Set(ids.map(id => id.toLowerCase()).filter(id => left.has(id)))
    // one that was not sent, or stands there twice, makes the list one of something else
    if (own.size !== ids.length) return null
    for (const id of own) left.delete(id)
    if (own.size > 0) rejected.push({ reason: name, count: own.size })
  }
  return rejected.length > 0 ? rejected : null
}

/** A list of texts, or an object of such lists (`{"onesignal_id":["…"]}`). */
function textsIn(value: unknown): string[] | null {
  const all: unknown[] = Array.isArray(value) ? value : isObject(value) ? Object.values(value).flat() : [null]
  return all.every(one => typeof one === 'string') ? all : null
}

function sum(rejected: readonly Rejection[]): number {
  return rejected.reduce((all, { count }) => all + count, 0)
}

function idOf({ id }: JsonObject): string | null {
  return typeof id === 'string' && uuidForm.test(id) ? id : null
}

interface Errors {
  readonly kind: 'none' | 'some'
  readonly value: unknown
  readonly texts: readonly string[]
  /** Of the first error that has one. */
  readonly code: string | null
}

/** `errors` is a list of texts, a list of `{"code","title"}`, or an object with lists of ids. */
function errorsOf(value: unknown): Errors {
  const isEmpty =
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
  if (isEmpty) return { kind: 'none', value, texts: [], code: null }
  const entries: readonly unknown[] = Array.isArray(value) ? value : []
  const texts = entries.flatMap(one => textOf(isObject(one) ? (one['title'] ?? one['message']) : one) ?? [])
  const [code = null] = entries.flatMap(one => (isObject(one) ? (codeOf(one['code']) ?? []) : []))
  return { kind: 'some', value, texts, code }
}

/** Digits or a word. */
function codeOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(text) ? text : null
}
