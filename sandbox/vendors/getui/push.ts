/** The body of a push, strictly: what it shows or recalls, in its own channel and in those of phone makers. */
import { isObject, isTexts, isWhole, type JsonObject } from '../judgement.ts'
import { parameter, type Refusal } from './refusal.ts'
import type { Recall } from './tasks.ts'

export interface Shown {
  readonly title: string
  readonly body: string
  readonly url: string | null
  readonly notifyId: number | null
}

export interface SentPush {
  readonly requestId: string
  readonly audience: unknown
  readonly ttlMs: number
  readonly what:
    | { readonly kind: 'recall'; readonly recall: Recall }
    | {
        readonly kind: 'show'
        readonly own: Shown
        /** By the phone makers; null: they show nothing. */
        readonly makers: Shown | null
        readonly ios: { readonly title: string; readonly body: string; readonly collapseId: string | null } | null
      }
}

const longestTtl = 259_200_000
const largestNotifyId = 2_147_483_647
const exclusive = 'please choose one of notification and transmission and revoke'
const taskForm = /^[A-Za-z0-9_-]{8,64}$/

const invalid = (name: string): Refusal => parameter(`${name} is invalid`)

/** Throws Refusal. */
export function readPush(value: unknown): SentPush {
  const body = object(value, 'body', ['request_id', 'audience', 'settings', 'push_message', 'push_channel'])
  const { request_id: requestId, audience } = body
  if (requestId === undefined) throw parameter('request_id can not be empty')
  if (typeof requestId !== 'string' || requestId.length < 10 || requestId.length > 32) throw invalid('request_id')
  if (audience === undefined) throw parameter('audience can not be empty')
  if (body['push_message'] === undefined) throw parameter('push_message can not be empty')
  const settings = object(body['settings'] ?? {}, 'settings', ['ttl', 'strategy', 'speed', 'schedule_time'])
  const { ttl = 7_200_000 } = settings
  if (!isWhole(ttl, -1, longestTtl)) throw invalid('ttl')
  const message = object(body['push_message'], 'push_message', ['notification', 'transmission', 'revoke'])
  const channel = object(body['push_channel'] ?? {}, 'push_channel', ['android', 'ios', 'harmony'])
  if (Object.keys(message).length !== 1) throw parameter(exclusive)
  const common = { requestId, audience, ttlMs: ttl }
  const { ups, harmony, ios } = readChannels(channel)
  if (message['revoke'] !== undefined) {
    if (settings['strategy'] !== undefined) throw parameter('strategy must not be filled in a recall')
    const own = readRevoke(message['revoke'], 'revoke', true)
    const makers = ups?.['revoke'] === undefined ? null : readRevoke(ups['revoke'], 'ups.revoke', false).taskId
    if (harmony?.['revoke'] !== undefined) readRevoke(harmony['revoke'], 'harmony.revoke', false)
    if (ios !== null) throw parameter(exclusive)
    return { ...common, what: { kind: 'recall', recall: { own, makers } } }
  }
  // the demo's phones take no transmissions
  const own = readNotification(message['notification'], 'notification', clicks)
  const makers =
    ups?.['notification'] === undefined ? null : readNotification(ups['notification'], 'ups.notification', clicks)
  if (harmony?.['notification'] !== undefined)
    readNotification(harmony['notification'], 'harmony.notification', ['want', 'startapp', 'payload'])
  return { ...common, what: { kind: 'show', own, makers, ios: ios === null ? null : readIos(ios) } }
}

function readChannels(channel: JsonObject) {
  const android = object(channel['android'] ?? {}, 'android', ['ups'])
  const block = (value: unknown, name: string): JsonObject | null => {
    if (value === undefined) return null
    const read = object(value, name, ['notification', 'transmission', 'revoke', 'options'])
    if (['notification', 'transmission', 'revoke'].filter(one => read[one] !== undefined).length !== 1)
      throw parameter(exclusive)
    return read
  }
  const { ios } = channel
  return {
    ups: block(android['ups'], 'ups'),
    harmony: block(channel['harmony'], 'harmony'),
    ios: ios === undefined ? null : object(ios, 'ios', ['type', 'aps', 'payload', 'auto_badge', 'apns-collapse-id']),
  }
}

function readRevoke(value: unknown, name: string, mayForce: boolean): Recall['own'] {
  const { old_task_id: taskId, force = false } = object(
    value,
    name,
    mayForce ? ['old_task_id', 'force'] : ['old_task_id'],
  )
  if (typeof taskId !== 'string' || !taskForm.test(taskId)) throw invalid('old_task_id')
  if (typeof force !== 'boolean') throw invalid('force')
  return { taskId, force }
}

const clicks = ['intent', 'url', 'payload', 'payload_custom', 'startapp', 'none'] as const

function readNotification(value: unknown, name: string, clickTypes: readonly string[]): Shown {
  const members = ['title', 'body', 'click_type', 'url', 'intent', 'payload', 'notify_id', 'category', 'options']
  const { title, body, click_type: click, url, notify_id: notifyId = null } = object(value, name, members)
  if (typeof click !== 'string' || !clickTypes.includes(click)) throw invalid('click_type')
  if (click === 'url' && url === undefined) throw parameter('url can not be empty')
  if (notifyId !== null && !isWhole(notifyId, 0, largestNotifyId)) throw invalid('notify_id')
  return {
    title: text(title, 'title', 50),
    body: text(body, 'body', 256),
    url: url === undefined ? null : text(url, 'url', 1024),
    notifyId,
  }
}

function readIos({ type, aps, 'apns-collapse-id': collapseId = null }: JsonObject) {
  if (type !== 'notify') throw invalid('type')
  const { alert } = object(aps, 'aps', ['alert', 'sound', 'content-available', 'category', 'thread-id'])
  const { title, body } = object(alert, 'alert', ['title', 'body', 'subtitle'])
  if (collapseId !== null && (typeof collapseId !== 'string' || Buffer.byteLength(collapseId) > 64))
    throw parameter('apns-collapse-id size over limit')
  return { title: text(title, 'title', 50), body: text(body, 'body', 256), collapseId }
}

/** The tags, the custom tag, or the devices that an audience names. Throws Refusal. */
export function readAudience(audience: unknown, name: 'cid' | 'alias' | 'tag' | 'fast_custom_tag'): unknown {
  const value = object(audience, 'audience', [name])[name]
  if (name === 'fast_custom_tag') return text(value, name, 64)
  if (name === 'tag') {
    if (!Array.isArray(value) || value.length === 0) throw invalid('tag')
    return value.map(one => {
      const { key, values, opt_type: how } = object(one, 'tag', ['key', 'values', 'opt_type'])
      if (!isTexts(values) || values.length === 0) throw invalid('values')
      if (how !== 'and' && how !== 'or' && how !== 'not') throw invalid('opt_type')
      return { key: text(key, 'key', 64), values, how }
    })
  }
  if (!isTexts(value) || value.length === 0) throw invalid(name)
  if (value.length > 1) throw parameter(`${name} size over limit`)
  return value[0]
}

function object(value: unknown, name: string, members: readonly string[]): JsonObject {
  if (!isObject(value)) throw invalid(name)
  const unknown = Object.keys(value).find(member => !members.includes(member))
  if (unknown !== undefined) throw invalid(unknown)
  return value
}

function text(value: unknown, name: string, most: number): string {
  if (value === undefined || value === '') throw parameter(`${name} can not be empty`)
  if (typeof value !== 'string') throw invalid(name)
  if (Array.from(value).length > most) throw parameter(`${name} size over limit`)
  return value
}
