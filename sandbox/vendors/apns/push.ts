/**
 * Headers and payload of a push, in the order that APNs is taken to look at them:
 * https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
 */
import { headerOf, isObject, type JsonObject, readJsonObject, type VendorRequest } from '../judgement.ts'
import { Refusal } from './refusal.ts'

const types: ReadonlySet<string> = new Set(
  'alert background voip location complication fileprovider mdm liveactivity pushtotalk widgets controls'.split(' '),
)
const maxCollapseIdBytes = 64
const maxPayloadBytes = 4096
const maxStoredMs = 30 * 86_400_000
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export interface Push {
  readonly type: string
  readonly collapseId: string | null
  readonly expiresAtMs: number
  readonly id: string | null
  readonly payload: JsonObject
  readonly aps: JsonObject
}

/** Throws Refusal. */
export function readPush({ headers, body }: VendorRequest, topic: string, nowMs: number): Push {
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('apns-') && Array.isArray(value)) throw new Refusal('DuplicateHeaders')
  }
  const said = headerOf(headers, 'apns-topic')
  if (said === '') throw new Refusal('MissingTopic')
  if (!/^[A-Za-z0-9.-]+$/.test(said)) throw new Refusal('BadTopic')
  if (said !== topic) throw new Refusal('TopicDisallowed')
  const type = headerOf(headers, 'apns-push-type')
  if (!types.has(type)) throw new Refusal('InvalidPushType')
  const priority = headerOf(headers, 'apns-priority') || '10'
  if (!['1', '5', '10'].includes(priority) || (type === 'background' && priority !== '5')) {
    throw new Refusal('BadPriority')
  }
  // a header's characters are bytes
  const collapseId = Buffer.from(headerOf(headers, 'apns-collapse-id'), 'latin1')
  if (collapseId.length > maxCollapseIdBytes) throw new Refusal('BadCollapseId')
  const expiration = headerOf(headers, 'apns-expiration')
  if (!/^\d{0,12}$/.test(expiration)) throw new Refusal('BadExpirationDate')
  const id = headerOf(headers, 'apns-id')
  if (id !== '' && !uuid.test(id)) throw new Refusal('BadMessageId')
  if (body.length > maxPayloadBytes) throw new Refusal('PayloadTooLarge')
  const payload = readJsonObject(body)
  const aps = payload?.['aps']
  if (payload === undefined || !isObject(aps)) throw new Refusal('PayloadEmpty')
  return {
    type,
    collapseId: collapseId.length === 0 ? null : collapseId.toString(),
    expiresAtMs: expiration === '' ? nowMs + maxStoredMs : Number(expiration) * 1000,
    id: id === '' ? null : id,
    payload,
    aps,
  }
}

/** What an app with the recipe (docs/removal.md) is told to remove; null: nothing. */
export function removalIn({ payload }: Push): string | null {
  const block = payload['unpush']
  if (!isObject(block) || block['v'] !== 1 || block['op'] !== 'remove') return null
  const { id } = block
  return typeof id === 'string' && id !== '' && Buffer.byteLength(id) <= maxCollapseIdBytes ? id : null
}
