/**
 * Replies of Push Kit. `code` decides whatever the HTTP status; where tokens failed, `msg` is JSON inside a string.
 */
import type { NotReceived, Received } from '../http.ts'
import { huaweiCodes } from './huawei-codes.ts'
import { parseLossless } from './lossless-json.ts'
import { type Hidden, masked, nameOrNull, tokenDigest } from './masking.ts'
import type { Outcome, Rejection, TokenBatch, VendorReply } from './provider.ts'
import {
  codeOf,
  httpStatusOf,
  isObject,
  isTelling,
  memberOf,
  outcomeByStatus,
  readObject,
  textOf,
  throttled,
} from './reply.ts'

/** A reply about `batch`. The counts of a partial outcome always add up to `batch.count`. */
export function huaweiOutcome(
  received: Received | NotReceived,
  batch: TokenBatch,
  hidden: Omit<Hidden, 'tokens'>,
  nowMs: number,
): Outcome {
  const reply = readObject(received) ?? {}
  const code = codeOf(memberOf(reply, 'code'))
  const row = code !== null && Object.hasOwn(huaweiCodes, code) ? huaweiCodes[code] : undefined
  const msg = unpacked(memberOf(reply, 'msg'))
  const requestId = idOf(memberOf(reply, 'requestId'))
  // A hundred kilobytes of tokens are read again only where the reply may repeat one.
  const repeated = requestId !== null && batch.json.includes(requestId)
  const harmless = row?.kind === 'accepted' && isPlain(msg) && !repeated
  const all = { ...hidden, tokens: harmless ? [] : tokensOf(batch) }
  const vendor: VendorReply = {
    code,
    message: masked(isObject(msg) ? JSON.stringify(withDigests(msg)) : textOf(msg), all),
    requestId: nameOrNull(requestId, all),
    httpStatus: httpStatusOf(received),
  }
  if ('failure' in received || code === null) return outcomeByStatus(received, vendor, nowMs)
  if (row === undefined) {
    if (isTelling(received.status)) return outcomeByStatus(received, vendor, nowMs)
    return { kind: 'refused', reason: `code ${code} is not in the documents`, vendor }
  }
  switch (row.kind) {
    case 'partial':
      return { ...partly(msg, batch.count, code, all), vendor }
    case 'all_rejected':
      return { ...wholly(msg, batch.count, code, all), vendor }
    case 'refused':
    case 'unknown':
      return { kind: row.kind, reason: row.means, vendor }
    case 'throttled':
      // Test messages are counted by the day.
      return throttled(received, vendor, nowMs, code === '80300029')
    case 'accepted':
    case 'auth':
    case 'unsupported':
      return { kind: row.kind, vendor }
  }
}

interface Counts {
  readonly kind: 'partial'
  readonly rejected: readonly Rejection[]
  readonly unknown: number
}

/** What is listed is rejected. The rest is accepted only where the vendor's own numbers say so too. */
function partly(msg: unknown, total: number, code: string, hidden: Hidden): Counts {
  const rejected = listed(msg, code, hidden)
  const count = rejected.reduce((sum, rejection) => sum + rejection.count, 0)
  if (count === 0 || count > total || !isObject(msg)) return { kind: 'partial', rejected: [], unknown: total }
  const success = numberOf(memberOf(msg, 'success'))
  const failure = numberOf(memberOf(msg, 'failure'))
  const stated = success !== null || failure !== null
  const adds = stated && (failure ?? count) === count && (success ?? total - count) === total - count
  return { kind: 'partial', rejected, unknown: adds ? 0 : total - count }
}

function wholly(msg: unknown, total: number, code: string, hidden: Hidden): Counts {
  const rejected = listed(msg, code, hidden)
  const rest = total - rejected.reduce((sum, rejection) => sum + rejection.count, 0)
  if (rest < 0) return { kind: 'partial', rejected: [{ reason: code, count: total }], unknown: 0 }
  return { kind: 'partial', rejected: rest === 0 ? rejected : add(rejected, code, rest), unknown: 0 }
}

/**
 * `{"illegalTokens":{"<reason>":[…]}}`, or `{"illegal_tokens":[…]}` as HMS has it, where the reason is the code. A token
 * under two reasons counts once.
 */
function listed(msg: unknown, code: string, hidden: Hidden): readonly Rejection[] {
  const tokens = isObject(msg) ? memberOf(msg, 'illegalTokens') : undefined
  const byReason = Array.isArray(tokens) ? { [code]: tokens } : isObject(tokens) ? tokens : {}
  const seen = new Set<unknown>()
  let rejected: readonly Rejection[] = []
  for (const [reason, list] of Object.entries(byReason)) {
    if (!Array.isArray(list)) continue
    const fresh = new Set(list.filter(token => !seen.has(token)))
    for (const token of fresh) seen.add(token)
    // The documents' own sample writes the reason with blanks around it.
    if (fresh.size > 0) rejected = add(rejected, nameOrNull(reason.trim(), hidden) ?? code, fresh.size)
  }
  return rejected
}

function add(rejected: readonly Rejection[], reason: string, count: number): readonly Rejection[] {
  const known = rejected.find(rejection => rejection.reason === reason)
  if (known === undefined) return [...rejected, { reason, count }]
  return rejected.map(rejection => (rejection === known ? { reason, count: rejection.count + count } : rejection))
}

function numberOf(value: unknown): number | null {
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof count === 'number' && Number.isSafeInteger(count) ? count : null
}

/** `msg` as the object inside it, where there is one. */
function unpacked(msg: unknown): unknown {
  if (typeof msg !== 'string' || !msg.trimStart().startsWith('{')) return msg
  const value = parseLossless(msg)
  return isObject(value) ? value : msg
}

/** Whatever a list of the message holds may be a token. */
function withDigests(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(item => (typeof item === 'string' ? tokenDigest(item) : withDigests(item)))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name.trim(), withDigests(item)]))
}

/** Documented as text, and sometimes empty. */
function idOf(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : textOf(value)
}

function isPlain(msg: unknown): boolean {
  return msg === undefined || msg === 'Success' || msg === 'Success.'
}

function tokensOf(batch: TokenBatch): readonly string[] {
  const tokens = parseLossless(batch.json.toString())
  return Array.isArray(tokens) ? tokens.filter(token => typeof token === 'string') : []
}
