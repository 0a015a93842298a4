/**
 * Replies of messages:send. FCM's codes are words; where it has none, Google's status of the call is one.
 * https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode
 */
import type { NotReceived, Received } from '../../http.ts'
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
import type { Outcome, VendorReply } from '../provider.ts'

interface Row {
  /** token: it is said of this token alone. argument: the details say whether of the token or of the message. */
  readonly kind: 'token' | 'argument' | 'auth' | 'refused' | 'throttled' | 'unknown' | 'unavailable'
  readonly means: string
}

export const fcmCodes: { readonly [code: string]: Row } = {
  UNREGISTERED: { kind: 'token', means: 'the app is not on the device any more' },
  SENDER_ID_MISMATCH: { kind: 'token', means: 'the token is of another project' },
  // the key of Apple, or of web push, that the project holds: phones of Android are reached without it
  THIRD_PARTY_AUTH_ERROR: { kind: 'token', means: 'the project’s key for Apple or web push is not valid' },
  APNS_AUTH_ERROR: { kind: 'token', means: 'the project’s key for Apple is not valid' },
  INVALID_ARGUMENT: { kind: 'argument', means: 'a member of the message is not valid' },
  QUOTA_EXCEEDED: { kind: 'throttled', means: 'too many messages' },
  RESOURCE_EXHAUSTED: { kind: 'throttled', means: 'too many messages' },
  UNAVAILABLE: { kind: 'unavailable', means: 'FCM is overloaded' },
  INTERNAL: { kind: 'unknown', means: 'FCM failed inside' },
  UNAUTHENTICATED: { kind: 'auth', means: 'the access token is not taken' },
  PERMISSION_DENIED: { kind: 'auth', means: 'the account may not send for this project, or the API is not enabled' },
  NOT_FOUND: { kind: 'refused', means: 'the project does not exist' },
}

/** Of a 429 that does not say when: a minute at least, by the same page. */
const throttledMs = 60_000
/** Theirs are in capitals; whatever stands in the place of one is kept. */
const word = /^[A-Za-z][A-Za-z0-9_]{1,63}$/
const capitals = /^[A-Z][A-Z0-9_]{3,63}$/
/** `message.data[0].value`, `message.webpush.fcmOptions.link`: names of members, and nothing that a sender wrote. */
const memberPath = /^message(?:[.[][A-Za-z0-9_\]]{1,40}){0,8}$/
/** One that is none: what it names is not the token. */
const unnamed = 'a member of the message'
const messageName = /^projects\/[^/\s]{1,128}\/messages\/([^/\s]{1,256})$/

/** A yes as it nearly always is: there are as many as devices, and reading each as any reply would take most of their time. */
const plainYes =
  /^\{\s{0,8}"name"\s{0,8}:\s{0,8}"projects\/[\w.:-]{1,128}\/messages\/(\d{1,4}:\d{1,40}%[0-9a-f]{1,64})"\s{0,8}\}\s{0,8}$/

/** `ofToken`: the request named one. */
export function fcmOutcome(received: Received | NotReceived, ofToken: boolean, hidden: Hidden, nowMs: number): Outcome {
  const known = 'failure' in received || received.status !== 200 ? undefined : plainYes.exec(received.text)?.[1]
  if (known !== undefined) {
    return { kind: 'accepted', vendor: { code: null, message: null, requestId: known, httpStatus: 200 } }
  }
  const reply = readObject(received) ?? {}
  const error = errorOf(reply)
  const never = { ...hidden, tokens: [...(hidden.tokens ?? []), ...(hidden.texts ?? [])] }
  const code = nameOrNull(error?.code ?? null, never)
  const id = messageName.exec(textOf(reply['name']) ?? '')?.[1] ?? null
  const vendor: VendorReply = {
    code,
    message: masked(error?.message ?? null, hidden),
    requestId: nameOrNull(id, never),
    httpStatus: httpStatusOf(received),
  }
  if ('failure' in received) return outcomeByStatus(received, vendor, nowMs)
  const { status } = received
  if (status >= 200 && status < 300) {
    // handed over, not shown
    if (id !== null && error === null) return { kind: 'accepted', vendor }
    return { kind: 'unknown', reason: 'the reply names no message', vendor }
  }
  const row = code !== null && Object.hasOwn(fcmCodes, code) ? fcmCodes[code] : undefined
  if (error === null || code === null || row === undefined) {
    const outcome = outcomeByStatus(received, vendor, nowMs)
    if (code !== null && !isTelling(status) && status >= 400) {
      return { kind: 'refused', reason: `code ${code} is not in the documents`, vendor }
    }
    return status === 429 ? waiting(outcome, ofToken) : outcome
  }
  switch (row.kind) {
    case 'token':
      return ofToken ? rejected(code, vendor) : { kind: 'refused', reason: row.means, vendor }
    case 'argument':
      return ofArgument(error, ofToken, vendor)
    case 'throttled':
      return waiting(throttled(received, vendor, nowMs, false), ofToken)
    case 'unavailable': {
      const later = throttled(received, vendor, nowMs, false)
      const isTold = later.kind === 'throttled' && later.retryAfterMs !== null
      return isTold ? later : { kind: 'unknown', reason: row.means, vendor }
    }
    case 'refused':
    case 'unknown':
      return { kind: row.kind, reason: row.means, vendor }
    case 'auth':
      return { kind: 'auth', vendor }
  }
}

/** By project, device or topic: which of them it was, no member says for certain. */
function waiting(outcome: Outcome, ofToken: boolean): Outcome {
  if (outcome.kind !== 'throttled') return outcome
  return { ...outcome, retryAfterMs: outcome.retryAfterMs ?? throttledMs, ...(ofToken && { of: 'token' }) }
}

function rejected(reason: string, vendor: VendorReply): Outcome {
  return { kind: 'partial', rejected: [{ reason, count: 1 }], unknown: 0, vendor }
}

/**
 * A token that is none, or a message that is: only the details tell. Where they name no field and FCM itself spoke (not the
 * gateway before it), the next token may be taken.
 */
function ofArgument({ fields, message, isFcm }: FcmError, ofToken: boolean, vendor: VendorReply): Outcome {
  const others = fields.filter(field => field !== 'message.token')
  const saysToken = others.every(field => field === unnamed) && /registration token/i.test(message ?? '')
  const namesToken = saysToken || (fields.length > 0 && others.length === 0)
  if (ofToken && (namesToken || (isFcm && fields.length === 0))) {
    return rejected(namesToken ? 'INVALID_TOKEN' : 'INVALID_ARGUMENT', vendor)
  }
  const named = [...new Set(others)].slice(0, 3).join(', ')
  return { kind: 'refused', reason: named === '' ? 'the message is not valid' : `${named} is not valid`, vendor }
}

interface FcmError {
  readonly code: string | null
  readonly message: string | null
  /** Paths of members that are not valid: `message.android.ttl`. */
  readonly fields: readonly string[]
  /** FCM said it, and not what stands before all of Google's APIs. */
  readonly isFcm: boolean
}

/** Null: the reply says nothing of an error. It may be a bare text. */
function errorOf({ error }: JsonObject): FcmError | null {
  if (error === undefined) return null
  if (!isObject(error)) return { code: capitalsOf(error), message: textOf(error), fields: [], isFcm: false }
  const details = Array.isArray(error['details']) ? error['details'].filter(isObject) : []
  const ofType = (type: string) => details.filter(one => one['@type'] === `type.googleapis.com/${type}`)
  const [fcm] = ofType('google.firebase.fcm.v1.FcmError')
  const fields = ofType('google.rpc.BadRequest').flatMap(one => {
    const violations = one['fieldViolations']
    return Array.isArray(violations) ? violations.filter(isObject).map(({ field }) => pathOf(field)) : []
  })
  return {
    code: wordOf(fcm?.['errorCode']) ?? wordOf(error['status']) ?? capitalsOf(error['message']),
    message: textOf(error['message']),
    fields,
    isFcm: fcm !== undefined,
  }
}

function wordOf(value: unknown): string | null {
  return typeof value === 'string' && word.test(value) ? value : null
}

function capitalsOf(value: unknown): string | null {
  return typeof value === 'string' && capitals.test(value) ? value : null
}

function pathOf(field: unknown): string {
  return typeof field === 'string' && memberPath.test(field) ? field : unnamed
}
