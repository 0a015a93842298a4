/** The body of messages:send, strictly: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages. */
import { isObject, type JsonObject } from '../judgement.ts'
import { fieldRefusal, Refusal } from './refusal.ts'

export interface SentMessage {
  readonly to: { readonly token: string } | { readonly topic: string }
  readonly validateOnly: boolean
  readonly data: { readonly [name: string]: string }
  readonly android: {
    readonly collapseKey: string | null
    readonly ttlSeconds: number
    readonly notification: Shown | null
  }
  readonly apns: {
    readonly pushType: string | null
    readonly collapseId: string | null
    /** Null: it is not kept for a phone that is offline. */
    readonly expiresAtMs: number | null
    readonly alert: Shown | null
    readonly unpush: JsonObject | null
  }
  readonly web: { readonly ttlSeconds: number; readonly notification: Shown | null; readonly link: string | null }
}

export interface Shown {
  readonly tag: string | null
  readonly title: string
  readonly body: string
}

const defaultTtlSeconds = 2_419_200
const bytesAtMost = 4096
const bytesToTopicAtMost = 2048
const reserved = /^(from$|gcm|google|message_type$)/
const ttlForm = /^(\d+)(\.\d{1,9})?s$/
const targets = ['token', 'fid', 'topic', 'condition'] as const
const members = {
  message: ['name', 'data', 'notification', 'android', 'webpush', 'apns', 'fcm_options', ...targets],
  android: (
    'collapse_key priority ttl restricted_package_name data notification fcm_options direct_boot_ok ' +
    'bandwidth_constrained_ok restricted_satellite_ok'
  ).split(' '),
  androidNotification: (
    'title body icon color sound tag click_action body_loc_key body_loc_args title_loc_key title_loc_args channel_id ticker ' +
    'sticky event_time local_only notification_priority default_sound default_vibrate_timings default_light_settings ' +
    'vibrate_timings visibility notification_count light_settings image proxy'
  ).split(' '),
  apns: ['headers', 'payload', 'fcm_options', 'live_activity_token'],
  webpush: ['headers', 'data', 'notification', 'fcm_options'],
}

/** Throws Refusal. */
export function readMessage(request: JsonObject): SentMessage {
  known(request, ['validate_only', 'message'], '')
  const { validate_only: validateOnly = false } = request
  if (typeof validateOnly !== 'boolean') throw fieldRefusal('validate_only')
  const message = object(request['message'], 'message')
  known(message, members.message, 'message')
  const given = targets.filter(name => message[name] !== undefined)
  const [by] = given
  if (by === undefined || given.length > 1) {
    throw new Refusal('INVALID_ARGUMENT', 'Exactly one of token, topic or condition is required')
  }
  const value = message[by]
  if (typeof value !== 'string' || value === '') throw fieldRefusal(`message.${by}`)
  // the demo's phones have neither installation ids nor conditions
  if (by === 'fid' || by === 'condition') throw fieldRefusal(`message.${by}`)
  if (by === 'topic' && !/^[A-Za-z0-9\-_.~%]+$/.test(value)) throw fieldRefusal('message.topic')
  const data = texts(message['data'], 'message.data')
  for (const name of Object.keys(data)) {
    if (reserved.test(name)) throw new Refusal('INVALID_ARGUMENT', `Invalid data payload key: ${name}`)
  }
  checkSize(message, by === 'topic' ? bytesToTopicAtMost : bytesAtMost)
  return {
    to: by === 'topic' ? { topic: value } : { token: value },
    validateOnly,
    data,
    android: readAndroid(message['android']),
    apns: readApns(message['apns']),
    web: readWeb(message['webpush']),
  }
}

function readAndroid(given: unknown): SentMessage['android'] {
  const path = 'message.android'
  const block = object(given ?? {}, path)
  known(block, members.android, path)
  const { priority = 'NORMAL', ttl = `${defaultTtlSeconds}s`, collapse_key: collapseKey = null } = block
  if (priority !== 'NORMAL' && priority !== 'HIGH') throw fieldRefusal(`${path}.priority`)
  const seconds = typeof ttl === 'string' ? Number(ttlForm.exec(ttl)?.[1] ?? Number.NaN) : Number.NaN
  if (!(seconds <= defaultTtlSeconds)) throw fieldRefusal(`${path}.ttl`)
  if (collapseKey !== null && typeof collapseKey !== 'string') throw fieldRefusal(`${path}.collapse_key`)
  const notification = block['notification']
  if (notification !== undefined) known(object(notification, `${path}.notification`), members.androidNotification, path)
  return { collapseKey, ttlSeconds: seconds, notification: shown(notification, `${path}.notification`) }
}

/** "Always set both": a background push of any other priority is refused by Apple. */
function readApns(given: unknown): SentMessage['apns'] {
  const path = 'message.apns'
  const block = object(given ?? {}, path)
  known(block, members.apns, path)
  const headers = texts(block['headers'], `${path}.headers`)
  const payload = object(block['payload'] ?? {}, `${path}.payload`)
  const aps = object(payload['aps'] ?? {}, `${path}.payload.aps`)
  const pushType = headers['apns-push-type'] ?? null
  const isSilent = aps['content-available'] === 1 && aps['alert'] === undefined
  if (isSilent !== (pushType === 'background') || (isSilent && headers['apns-priority'] !== '5')) {
    throw new Refusal('INVALID_ARGUMENT', 'apns-push-type, apns-priority and aps contradict each other')
  }
  const collapseId = headers['apns-collapse-id'] ?? null
  if (collapseId !== null && Buffer.byteLength(collapseId) > 64) throw fieldRefusal(`${path}.headers`)
  const { unpush } = payload
  const expiration = Number(headers['apns-expiration'] ?? 0)
  if (!Number.isSafeInteger(expiration)) throw fieldRefusal(`${path}.headers`)
  return {
    pushType,
    collapseId,
    expiresAtMs: expiration === 0 ? null : expiration * 1000,
    alert: shown(aps['alert'], `${path}.payload.aps.alert`),
    unpush: isObject(unpush) ? unpush : null,
  }
}

function readWeb(given: unknown): SentMessage['web'] {
  const path = 'message.webpush'
  const block = object(given ?? {}, path)
  known(block, members.webpush, path)
  const headers = texts(block['headers'], `${path}.headers`)
  texts(block['data'], `${path}.data`)
  const ttl = headers['TTL'] ?? String(defaultTtlSeconds)
  if (!/^\d{1,10}$/.test(ttl)) throw fieldRefusal(`${path}.headers`)
  const topic = headers['Topic'] ?? 'abcd'
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(topic) || topic.length % 4 === 1) throw fieldRefusal(`${path}.headers`)
  const { link = null } = object(block['fcm_options'] ?? {}, `${path}.fcm_options`)
  if (link !== null && (typeof link !== 'string' || !link.startsWith('https://'))) {
    throw fieldRefusal(`${path}.fcm_options.link`)
  }
  return { ttlSeconds: Number(ttl), notification: shown(block['notification'], `${path}.notification`), link }
}

function shown(given: unknown, path: string): Shown | null {
  if (given === undefined) return null
  const { tag = null, title = '', body = '' } = object(given, path)
  if (typeof title !== 'string' || typeof body !== 'string') throw fieldRefusal(path)
  if (tag !== null && typeof tag !== 'string') throw fieldRefusal(`${path}.tag`)
  return { tag, title, body }
}

/** Of what one platform gets. */
function checkSize({ data, android, apns, webpush }: JsonObject, most: number): void {
  const part = (block: unknown, name: string) => (isObject(block) ? block[name] : undefined)
  const size = (value: unknown) => (value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value)))
  const blocks = [part(android, 'notification'), part(apns, 'payload'), part(webpush, 'notification')]
  if (size(data) + Math.max(...blocks.map(size)) > most) {
    throw new Refusal('INVALID_ARGUMENT', 'Android message is too big')
  }
}

function object(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw fieldRefusal(path)
  return value
}

function texts(value: unknown, path: string): { readonly [name: string]: string } {
  if (value === undefined) return {}
  const pairs = Object.entries(object(value, path))
  return Object.fromEntries(
    pairs.map(([name, text], index) => {
      if (typeof text !== 'string') throw fieldRefusal(`${path}[${index}].value`)
      return [name, text]
    }),
  )
}

function known(value: JsonObject, names: readonly string[], path: string): void {
  const unknown = Object.keys(value).find(name => !names.includes(name))
  if (unknown === undefined) return
  const at = path === '' ? '' : ` at '${path}'`
  throw fieldRefusal(path, `Invalid JSON payload received. Unknown name "${unknown}"${at}: Cannot find field.`)
}
