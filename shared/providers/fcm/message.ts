/**
 * What is sent: one body for all platforms, of which FCM takes the block of the token's.
 * https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
 */
import type { Names, OverlayContent } from '../provider.ts'
import type { JsonObject } from '../wire/reply.ts'
import { readFcmOptions } from './options.ts'

/** As FCM keeps most messages that are sent today; the original's own is not known. */
const lifeSeconds = 86_400
const ttl = `${lifeSeconds}s`
/** A tag that is no such text is no Topic (RFC 8030, RFC 7515): a push service would refuse the whole message. */
const topicForm = /^[A-Za-z0-9_-]{1,32}$/

/** The recipe that an app carries: version 1. Times are in seconds. */
function recipe(op: 'remove' | 'stop', id: string, nowMs: number): JsonObject {
  return { unpush_v: '1', unpush_op: op, unpush_id: id, unpush_ts: String(Math.floor(nowMs / 1000)) }
}

/** Under the key that the original was sent with, what FCM still stores of it makes room. */
function collapsing({ collapseKey }: Names): JsonObject {
  return collapseKey === undefined ? {} : { collapse_key: collapseKey }
}

/** A data message takes the place of what is stored for an Android phone. No other platform needs to get it. */
export function stopMessage(names: Names, nowMs: number): JsonObject {
  return {
    data: recipe('stop', String(names['collapseKey']), nowMs),
    android: { priority: 'NORMAL', ttl, ...collapsing(names) },
    apns: {
      headers: { 'apns-push-type': 'background', 'apns-priority': '5', 'apns-expiration': '0' },
      payload: { aps: { 'content-available': 1 } },
    },
    webpush: { headers: { TTL: '0' } },
  }
}

/** For apps that carry the recipe; a browser shows something for every message, so that there it is replaced silently. */
export function revokeMessage(names: Names, nowMs: number): JsonObject {
  const tag = String(names['tag'])
  const block = { v: 1, op: 'remove', id: tag, ts: Math.floor(nowMs / 1000) }
  return {
    data: recipe('remove', tag, nowMs),
    android: { priority: 'HIGH', ttl, ...collapsing(names) },
    apns: {
      headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
      payload: { aps: { 'content-available': 1 }, unpush: block },
    },
    webpush: {
      headers: { TTL: String(lifeSeconds) },
      notification: { title: 'Updated', tag, silent: true, renotify: false },
    },
  }
}

/** A link: a browser opens it, and an app finds it among its data. */
function linkOf(url: string | null): { readonly data: JsonObject; readonly web: JsonObject } {
  if (url === null) return { data: {}, web: {} }
  return { data: { url }, web: isWebLink(url) ? { link: url } : {} }
}

/** FCM takes no other. */
export function isWebLink(url: string): boolean {
  return url.startsWith('https://')
}

/** Sent again under the same tag, which is the collapse id on iPhones. */
export function overlayMessage(names: Names, content: OverlayContent, nowMs: number): JsonObject {
  const tag = String(names['tag'])
  const { title, body, url } = content
  const { data, android, notification, headers, payload, aps, alert, web, webHeaders, webNotification, webOptions } =
    readFcmOptions(content.options)
  const link = linkOf(url)
  const allData = { ...link.data, ...data }
  const allWebOptions = { ...link.web, ...webOptions }
  return {
    ...(Object.keys(allData).length > 0 && { data: allData }),
    android: {
      priority: 'HIGH',
      ttl,
      ...collapsing(names),
      ...android,
      notification: { ...notification, tag, title, body },
    },
    apns: {
      headers: {
        'apns-push-type': 'alert',
        'apns-priority': '10',
        'apns-expiration': String(Math.floor(nowMs / 1000) + lifeSeconds),
        ...headers,
        'apns-collapse-id': tag,
      },
      payload: { ...payload, aps: { 'interruption-level': 'passive', ...aps, alert: { ...alert, title, body } } },
    },
    webpush: {
      ...web,
      headers: {
        TTL: String(lifeSeconds),
        ...(topicForm.test(tag) && tag.length % 4 !== 1 && { Topic: tag }),
        Urgency: 'normal',
        ...webHeaders,
      },
      notification: { silent: true, renotify: false, ...webNotification, title, body, tag },
      ...(Object.keys(allWebOptions).length > 0 && { fcm_options: allWebOptions }),
    },
  }
}

/** Of what one platform gets: the data, and its own block. */
export function largestPayload({ data, android, apns, webpush }: JsonObject): number {
  const blocks = [member(android, 'notification'), member(apns, 'payload'), member(webpush, 'notification')]
  const bytes = (value: unknown) => (value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value)))
  return bytes(data) + Math.max(...blocks.map(bytes))
}

function member(block: unknown, name: string): unknown {
  return typeof block === 'object' && block !== null
    ? Object.entries(block).find(([one]) => one === name)?.[1]
    : undefined
}
