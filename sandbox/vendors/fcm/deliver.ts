/** What a message does on a phone, by its platform, and what FCM stores of it while the phone is offline. */
import { deliver, type Message, type Phone, shownOf } from '../../phone.ts'
import { revokeToken, sendToken, stopTask } from '../../recall-effects.ts'
import type { SentMessage, Shown } from './message.ts'
import { platformOf } from './phones.ts'
import type { FcmState } from './state.ts'

/** Any more, and which survive is undefined. */
const collapseKeysKept = 4
/** Apple wakes an app in the background two or three times an hour. */
const wakesAnHour = 3
const hourMs = 3_600_000

export interface Deliveries {
  /** A push of the demo's own sender. */
  push(phone: Phone, message: Omit<Message, 'expiresAtMs'>, collapseKey: string | null): void
  /** What messages:send was asked for. */
  send(phone: Phone, message: SentMessage): void
}

export function createDeliveries(state: FcmState, now: () => number): Deliveries {
  /** A phone that is online has got all there was. */
  const storedFor = (phone: Phone) => {
    const list = phone.online ? [] : (state.stored[phone.id] ?? [])
    state.stored[phone.id] = list
    return list
  }
  /** The new message takes the place of what is stored under the same collapse key. */
  const store = (phone: Phone, key: string, collapseKey: string | null): void => {
    const list = storedFor(phone)
    if (phone.online) return
    const gone = list.filter(one => collapseKey !== null && one.collapseKey === collapseKey)
    for (const one of gone) stopTask(phone, one.key, { makersKeepQueue: false })
    const left = [...list.filter(one => !gone.includes(one)), { key, collapseKey }]
    const keys = new Set([...new Set(left.flatMap(one => one.collapseKey ?? []))].slice(-collapseKeysKept))
    state.stored[phone.id] = left.filter(one => one.collapseKey === null || keys.has(one.collapseKey))
  }
  const mayWake = (phone: Phone): boolean => {
    const lately = (state.woken[phone.id] ?? []).filter(at => now() - at < hourMs)
    state.woken[phone.id] = lately
    if (lately.length >= wakesAnHour) return false
    lately.push(now())
    return true
  }
  const show = (phone: Phone, { tag, title, body }: Shown, expiresAtMs: number, url: string | null): void => {
    // without a tag nobody finds it again
    const key = tag ?? `FCM-Notification:${now()}`
    sendToken(phone, { key, title, body, url, badge: null, correction: true, expiresAtMs }, now())
  }

  const onAndroid = (phone: Phone, { android, data }: SentMessage): void => {
    const { notification, collapseKey, ttlSeconds } = android
    store(phone, notification?.tag ?? data['unpush_id'] ?? '', collapseKey)
    if (notification !== null) return show(phone, notification, now() + ttlSeconds * 1000, data['url'] ?? null)
    // the recipe of an app that carries it; others know no such data
    if (data['unpush_v'] === '1' && data['unpush_op'] === 'remove') revokeToken(phone, data['unpush_id'] ?? '')
    if (data['unpush_op'] === 'stop' && shownOf(phone, data['unpush_id'] ?? '') !== undefined) phone.mark = 'kept'
  }

  const onIphone = (phone: Phone, { apns, data }: SentMessage): void => {
    const { pushType, alert, collapseId, unpush, expiresAtMs } = apns
    if (alert !== null) return show(phone, { ...alert, tag: collapseId }, expiresAtMs ?? now(), data['url'] ?? null)
    if (pushType !== 'background' || unpush?.['v'] !== 1 || unpush['op'] !== 'remove') return
    const key = String(unpush['id'])
    if (mayWake(phone)) revokeToken(phone, key)
    else if (shownOf(phone, key) !== undefined) phone.mark = 'kept'
  }

  const onWeb = (phone: Phone, { web }: SentMessage): void => {
    if (web.notification !== null) show(phone, web.notification, now() + web.ttlSeconds * 1000, web.link)
  }

  const ways = { android: onAndroid, ios: onIphone, web: onWeb }
  return {
    push: (phone, message, collapseKey) => {
      if (platformOf(phone) === 'android') store(phone, message.key, collapseKey)
      deliver(phone, { ...message, expiresAtMs: now() + 24 * hourMs }, now())
    },
    send: (phone, message) => ways[platformOf(phone)](phone, message),
  }
}
