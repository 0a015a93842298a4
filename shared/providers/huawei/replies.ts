/**
 * Replies of Push Kit. `code` decides whatever the HTTP status; where tokens failed, `msg` is JSON inside a string.
 */
import type { NotReceived, Received } from '../../http.ts'
import { huaweiCodes } from './codes.ts'
import { parseLossless } from '../../lossless-json.ts'
import { type Hidden, masked, nameOrNull, tokenDigest } from '../wire/masking.ts'
import type { Outcome, Rejection, TokenBatch, VendorReply } from '../provider.ts'
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
} from '../wire/reply.ts'

/** Documents show two levels: reasons, and the tokens of each. */
const maxDepth = 8
/** So many different reasons are read; what has others is counted under the code. */
const maxReasons = 50

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
  const counts = listed(msg, code, hidden)
  const rejected = rejectionsOf(counts)
  const count = sumOf(counts)
  if (count === 0 || count > total || !isObject(msg)) return { kind: 'partial', rejected: [], unknown: total }
  const success = numberOf(memberOf(msg, 'success'))
  const failure = numberOf(memberOf(msg, 'failure'))
  const stated = success !== null || failure !== null
  const adds = stated && (failure ?? count) === count && (success ?? total - count) === total - count
  return { kind: 'partial', rejected, unknown: adds ? 0 : total - count }
}

function wholly(msg: unknown, total: number, code: string, hidden: Hidden): Counts {
  const counts = listed(msg, code, hidden)
  const rest = total - sumOf(counts)
  if (rest < 0) return { kind: 'partial', rejected: [{ reason: code, count: total }], unknown: 0 }
  if (rest > 0) add(counts, code, rest)
  return { kind: 'partial', rejected: rejectionsOf(counts), unknown: 0 }
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

function rejectionsOf(counts: ReadonlyMap<string, number>): Rejection[] {
  return [...counts].map(([reason, count]) => ({ reason, count }))
}

/**
 * `{"illegalTokens":{"<reason>":[…]}}`, or `{"illegal_tokens":[…]}` as HMS has it, where the reason is the code. A token
 * under two reasons counts once.
 */
function listed(msg: unknown, code: string, hidden: Hidden): Map<string, number> {
  const tokens = isObject(msg) ? memberOf(msg, 'illegalTokens') : undefined
  const byReason = Array.isArray(tokens) ? { [code]: tokens } : isObject(tokens) ? tokens : {}
  const seen = new Set<unknown>()
  const counts = new Map<string, number>()
  let named = 0
  for (const [reason, list] of Object.entries(byReason)) {
    if (!Array.isArray(list)) continue
    const fresh = new Set(list.filter(token => !seen.has(token)))
    for (const token of fresh) seen.add(token)
    if (fresh.size === 0) continue
    // The documents' own sample writes the reason with blanks around it.
    const name = ++named > maxReasons ? null : nameOrNull(reason.trim(), hidden)
    add(counts, name ?? code, fresh.size)
  }
  return counts
}

function add(counts: Map<string, number>, reason: string, count: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + count)
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

/** Whatever a list of the message holds may be a token. What lies deeper than any document shows is left out. */
function withDigests(value: unknown, depth = maxDepth): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '…'
  if (Array.isArray(value)) {
    return value.map(item => (typeof item === 'string' ? tokenDigest(item) : withDigests(item, depth - 1)))
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name.trim(), withDigests(item, depth - 1)]))
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
