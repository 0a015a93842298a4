/** Replies of APNs: a yes is 200 without a body; all else is JSON with a reason. */
import type { NotReceived, Received } from '../../http.ts'
import type { Outcome, VendorReply } from '../provider.ts'
import { type Hidden, masked, nameOrNull } from '../wire/masking.ts'
import { httpStatusOf, isTelling, outcomeByStatus, readObject, throttled } from '../wire/reply.ts'
import { apnsReasons, leastMintMs } from './reasons.ts'

const word = /^[A-Za-z_]{1,64}$/

/** A reply about one token. */
export function apnsOutcome(received: Received | NotReceived, hidden: Hidden, nowMs: number): Outcome {
  const status = httpStatusOf(received)
  const requestId = 'failure' in received ? null : nameOrNull(received.headers['apns-id'] ?? null, hidden)
  const vendor: VendorReply = { code: null, message: null, requestId, httpStatus: status }
  if ('failure' in received) return outcomeByStatus(received, vendor, nowMs)
  if (status === 200 && received.text === '') return { kind: 'accepted', vendor }
  const reason = reasonIn(received)
  if (reason === null) {
    return outcomeByStatus(received, { ...vendor, message: masked(received.text, hidden) }, nowMs)
  }
  const said = { ...vendor, code: reason }
  const row = Object.hasOwn(apnsReasons, reason) ? apnsReasons[reason] : undefined
  // a success has no reason
  if (received.status < 400) return outcomeByStatus(received, said, nowMs)
  if (row === undefined) {
    if (isTelling(received.status)) return outcomeByStatus(received, said, nowMs)
    return { kind: 'refused', reason: `reason ${reason} is not in the documents`, vendor: said }
  }
  const told = { ...said, message: row.means }
  switch (row.kind) {
    case 'rejected':
      return { kind: 'partial', rejected: [{ reason, count: 1 }], unknown: 0, vendor: told }
    case 'auth':
      return { kind: 'auth', vendor: told }
    case 'refused':
    case 'unknown':
      return { kind: row.kind, reason: row.means, vendor: told }
    case 'throttled_token':
      return { ...throttled(received, told, nowMs, false), of: 'token' }
    case 'throttled': {
      const outcome = throttled(received, told, nowMs, false)
      return reason === 'TooManyProviderTokenUpdates' ? { ...outcome, retryAfterMs: leastMintMs } : outcome
    }
    default:
      return row.kind satisfies never
  }
}

/** Null: it is not of APNs. */
function reasonIn(received: Received): string | null {
  const reason = readObject(received)?.['reason']
  return typeof reason === 'string' && word.test(reason) ? reason : null
}
