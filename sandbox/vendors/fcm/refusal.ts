/** Errors as https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode has them, with the details that Google sends. */
import { answer, type Judgement } from '../judgement.ts'

const statuses = {
  UNREGISTERED: [404, 'NOT_FOUND', 'Requested entity was not found.'],
  INVALID_ARGUMENT: [400, 'INVALID_ARGUMENT', 'The registration token is not a valid FCM registration token'],
  SENDER_ID_MISMATCH: [403, 'PERMISSION_DENIED', 'SenderId mismatch'],
  QUOTA_EXCEEDED: [429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for the device.'],
  THIRD_PARTY_AUTH_ERROR: [401, 'UNAUTHENTICATED', 'Auth error from APNS or Web Push Service'],
  UNAUTHENTICATED: [
    401,
    'UNAUTHENTICATED',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
  ],
  PERMISSION_DENIED: [403, 'PERMISSION_DENIED', "Permission 'cloudmessaging.messages.create' denied on resource."],
  NOT_FOUND: [404, 'NOT_FOUND', 'Requested entity was not found.'],
} as const
export type RefusalCode = keyof typeof statuses
/** Said by what stands before all of Google's APIs, and not by FCM. */
const ofGateway: ReadonlySet<RefusalCode> = new Set(['UNAUTHENTICATED', 'PERMISSION_DENIED', 'NOT_FOUND'])

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  /** A member that is not valid; null: no member is named. */
  readonly field: string | null

  constructor(code: RefusalCode, text: string = statuses[code][2], field: string | null = null) {
    super(text)
    this.code = code
    this.field = field
  }
}

export function fieldRefusal(field: string, text = `Invalid value at '${field}'`): Refusal {
  return new Refusal('INVALID_ARGUMENT', text, field)
}

export function refusalBody({ code, message, field }: Refusal): string {
  const [httpStatus, status] = statuses[code]
  const details = [
    ...(ofGateway.has(code) || field !== null
      ? []
      : [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: code }]),
    ...(field === null
      ? []
      : [
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field, description: message }],
          },
        ]),
  ]
  return JSON.stringify({ error: { code: httpStatus, message, status, ...(details.length > 0 && { details }) } })
}

export function refused(refusal: Refusal, tokens: number | null): Judgement {
  const [httpStatus] = statuses[refusal.code]
  return answer(refusal.code, refusalBody(refusal), { httpStatus, tokens })
}
