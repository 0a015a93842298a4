/** Replies of messages:send as Google's documents and its clients' issues print them (ids made up). */
import type { Outcome } from '../../../shared/providers/provider.ts'

const fcmError = (errorCode: string) => ({ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode })
const badRequest = (...fields: readonly string[]) => ({
  '@type': 'type.googleapis.com/google.rpc.BadRequest',
  fieldViolations: fields.map(field => ({ field, description: 'Invalid value' })),
})

function error(code: number, status: string, message: string, ...details: readonly object[]): string {
  return JSON.stringify({ error: { code, message, status, ...(details.length > 0 && { details }) } })
}

const invalidToken = 'The registration token is not a valid FCM registration token'

export interface FcmReply {
  readonly name: string
  readonly status: number
  readonly headers?: { readonly [name: string]: string }
  readonly text: string
  readonly kind: Outcome['kind']
  readonly code: string | null
  /** Of a token that was rejected, or of a refusal. */
  readonly reason?: string
  readonly retryAfterMs?: number | null
}

export const fcmReplies: readonly FcmReply[] = [
  {
    name: 'yes',
    status: 200,
    text: '{"name":"projects/demo-project/messages/0:1795000000123456%31bd1c9631bd1c96"}',
    kind: 'accepted',
    code: null,
  },
  {
    name: 'the app is gone',
    status: 404,
    text: error(404, 'NOT_FOUND', 'Requested entity was not found.', fcmError('UNREGISTERED')),
    kind: 'partial',
    code: 'UNREGISTERED',
    reason: 'UNREGISTERED',
  },
  {
    name: 'no token at all',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', invalidToken, fcmError('INVALID_ARGUMENT')),
    kind: 'partial',
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_TOKEN',
  },
  {
    name: 'no token at all, with its field',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', invalidToken, fcmError('INVALID_ARGUMENT'), badRequest('message.token')),
    kind: 'partial',
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_TOKEN',
  },
  {
    name: 'an argument, nobody says which',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.', fcmError('INVALID_ARGUMENT')),
    kind: 'partial',
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_ARGUMENT',
  },
  {
    name: 'a member of ours',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', 'Invalid value at ttl', badRequest('message.android.ttl')),
    kind: 'refused',
    code: 'INVALID_ARGUMENT',
    reason: 'message.android.ttl is not valid',
  },
  {
    name: 'a member of ours beside the token',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', invalidToken, badRequest('message.token', 'message.apns.headers')),
    kind: 'refused',
    code: 'INVALID_ARGUMENT',
    reason: 'message.apns.headers is not valid',
  },
  {
    name: 'a member of ours, as JSON spells it',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', 'no', fcmError('INVALID_ARGUMENT'), badRequest('message.webpush.fcmOptions')),
    kind: 'refused',
    code: 'INVALID_ARGUMENT',
    reason: 'message.webpush.fcmOptions is not valid',
  },
  {
    name: 'a member of ours whose name cannot be read',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', 'no', fcmError('INVALID_ARGUMENT'), badRequest('android["ttl"]', '')),
    kind: 'refused',
    code: 'INVALID_ARGUMENT',
    reason: 'a member of the message is not valid',
  },
  {
    name: 'no token at all, with a field that cannot be read',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', invalidToken, fcmError('INVALID_ARGUMENT'), badRequest('')),
    kind: 'partial',
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_TOKEN',
  },
  {
    name: 'JSON that cannot be read',
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.'),
    kind: 'refused',
    code: 'INVALID_ARGUMENT',
    reason: 'the message is not valid',
  },
  {
    name: 'a token of another project',
    status: 403,
    text: error(403, 'PERMISSION_DENIED', 'SenderId mismatch', fcmError('SENDER_ID_MISMATCH')),
    kind: 'partial',
    code: 'SENDER_ID_MISMATCH',
    reason: 'SENDER_ID_MISMATCH',
  },
  {
    name: "the project's key for Apple",
    status: 401,
    text: error(401, 'UNAUTHENTICATED', 'Auth error from APNS or Web Push Service', fcmError('THIRD_PARTY_AUTH_ERROR')),
    kind: 'partial',
    code: 'THIRD_PARTY_AUTH_ERROR',
    reason: 'THIRD_PARTY_AUTH_ERROR',
  },
  {
    name: "the project's key for Apple, under its old name",
    status: 400,
    text: error(400, 'INVALID_ARGUMENT', 'Auth error from APNS', fcmError('APNS_AUTH_ERROR')),
    kind: 'partial',
    code: 'APNS_AUTH_ERROR',
    reason: 'APNS_AUTH_ERROR',
  },
  {
    name: 'too many messages',
    status: 429,
    headers: { 'retry-after': '90' },
    text: error(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', fcmError('QUOTA_EXCEEDED')),
    kind: 'throttled',
    code: 'QUOTA_EXCEEDED',
    retryAfterMs: 90_000,
  },
  {
    name: 'too many messages, nobody says until when',
    status: 429,
    text: error(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', fcmError('QUOTA_EXCEEDED')),
    kind: 'throttled',
    code: 'QUOTA_EXCEEDED',
    retryAfterMs: 60_000,
  },
  {
    name: 'too many messages, by the gateway',
    status: 429,
    text: '<html></html>',
    kind: 'throttled',
    code: null,
    retryAfterMs: 60_000,
  },
  {
    name: 'overloaded, and says until when',
    status: 503,
    headers: { 'retry-after': '5' },
    text: error(503, 'UNAVAILABLE', 'The service is currently unavailable.', fcmError('UNAVAILABLE')),
    kind: 'throttled',
    code: 'UNAVAILABLE',
    retryAfterMs: 5000,
  },
  {
    name: 'overloaded',
    status: 503,
    text: error(503, 'UNAVAILABLE', 'The service is currently unavailable.'),
    kind: 'unknown',
    code: 'UNAVAILABLE',
  },
  {
    name: 'internal',
    status: 500,
    text: error(500, 'INTERNAL', 'Internal error', fcmError('INTERNAL')),
    kind: 'unknown',
    code: 'INTERNAL',
  },
  {
    name: 'an access token that is old',
    status: 401,
    text: error(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'),
    kind: 'auth',
    code: 'UNAUTHENTICATED',
  },
  {
    name: 'no right',
    status: 403,
    text: error(403, 'PERMISSION_DENIED', "Permission 'cloudmessaging.messages.create' denied"),
    kind: 'auth',
    code: 'PERMISSION_DENIED',
  },
  {
    name: 'a project that is none',
    status: 404,
    text: error(404, 'NOT_FOUND', 'Requested entity was not found.'),
    kind: 'refused',
    code: 'NOT_FOUND',
    reason: 'the project does not exist',
  },
  {
    name: 'a code nobody knows',
    status: 400,
    text: error(400, 'FAILED_PRECONDITION', 'no', fcmError('SOMETHING_NEW')),
    kind: 'refused',
    code: 'SOMETHING_NEW',
    reason: 'code SOMETHING_NEW is not in the documents',
  },
  { name: 'a bare text', status: 403, text: '{"error":"Forbidden by policy"}', kind: 'auth', code: null },
  { name: 'a gateway', status: 502, text: '<html><h1>502</h1></html>', kind: 'unknown', code: null },
]
