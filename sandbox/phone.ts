/** One phone with its notification centre: what waits for it, what it shows, what its owner did with that. */
import type { Words } from './switch.ts'

/** What people see on a kind of phone when something is taken back, by the vendor's documents. */
export interface Effects {
  /** What still waits for an offline phone ends; what is shown stays. */
  readonly stop: 'ends' | 'none'
  readonly revoke: 'removes' | 'removes-while-alive' | 'replaces' | 'none'
  readonly overlay: 'replaces' | 'none'
}

/** Phones that are all of one kind. */
export interface PhoneGroup {
  readonly app: string
  readonly channel: string
  /** The kind of device where one channel reaches several. */
  readonly model: string | null
  readonly count: number
  readonly words: Words
  /** How the page draws them. */
  readonly looks: 'android' | 'iphone' | 'phone' | 'tablet' | 'pc' | 'watch' | 'tv'
  readonly effects: Effects
  /** Who holds what an offline phone has not got yet. */
  readonly queue: 'vendor' | 'maker'
  /** A number on the app's icon. */
  readonly badge: boolean
  /** Every fifth has the app's process killed: a silent message does not run there. */
  readonly appDies: boolean
  /** The vendor's push token for the phone of this id; null: the sender needs none. */
  readonly token: ((id: string) => string) | null
}

/** What a push does to the number on the app's icon; null: nothing. */
export type BadgeChange = { readonly add: number } | { readonly set: number } | null

/** A notification on its way. */
export interface Message {
  /** What a recall of it names: the vendor's id of the push, or the sender's key. */
  readonly key: string
  readonly title: string
  readonly body: string
  readonly url: string | null
  readonly badge: BadgeChange
  /** It is sent to stand in the place of an older one. */
  readonly correction?: boolean
  /** When a phone that is still offline misses it for good, epoch milliseconds. */
  readonly expiresAtMs: number
}

export interface Notice {
  readonly key: string
  readonly app: string
  readonly title: string
  readonly body: string
  readonly url: string | null
  readonly shownAt: string
  /** It took the place of an older one, or was sent to. */
  readonly correction: boolean
  state: 'shown' | 'clicked' | 'cleared'
}

/** Waits until the phone is online again. */
type Pending =
  | { readonly kind: 'show'; readonly message: Message }
  | { readonly kind: 'replace'; readonly key: string; readonly message: Message }
  | { readonly kind: 'remove'; readonly key: string }

/** What became of the last notification it was sent. */
export type Mark =
  | 'none'
  | 'queued'
  | 'shown'
  /** A recall reached it, and took the notification away. */
  | 'removed'
  /** A recall ended it before it was ever shown. */
  | 'stopped'
  | 'replaced'
  /** The new one stands beside the old one. */
  | 'beside'
  /** A recall was sent, and the notification still shows. */
  | 'kept'
  | 'clicked'
  | 'cleared'

export interface Phone {
  readonly id: string
  readonly app: string
  readonly channel: string
  readonly model: string | null
  readonly group: PhoneGroup
  /** The vendor's push token; null where senders need none. */
  readonly token: string | null
  /** Tags that the app has bound. */
  readonly tags: readonly string[]
  online: boolean
  /** iOS: whether the app's process lives, so that a silent message can run. */
  alive: boolean
  badge: number
  /** Newest first. */
  notices: Notice[]
  pending: Pending[]
  mark: Mark
}

const noticesKept = 8
/** What waits for an offline phone; older ones make room, as vendors’ documents have it. */
const pendingKept = 120
const largestBadge = 99

/** The same key again takes the old one's place. */
export function deliver(phone: Phone, message: Message, nowMs: number): void {
  if (phone.online) show(phone, message, nowMs)
  else enqueue(phone, { kind: 'show', message }, nowMs)
}

export function goOffline(phone: Phone): void {
  phone.online = false
}

export function goOnline(phone: Phone, nowMs: number): void {
  if (phone.online) return
  phone.online = true
  const waiting = phone.pending
  phone.pending = []
  // what runs out while it waits leaves no trace
  if (waiting.length > 0 && phone.mark === 'queued') phone.mark = 'none'
  for (const item of waiting) {
    if (item.kind === 'remove') remove(phone, item.key)
    else if (item.message.expiresAtMs <= nowMs) continue
    else if (item.kind === 'show') show(phone, item.message, nowMs)
    else replace(phone, item.key, item.message, nowMs)
  }
}

/** False where it does not show the key untouched. */
export function touch(phone: Phone, key: string, how: 'clicked' | 'cleared'): boolean {
  const notice = shownOf(phone, key)
  if (notice === undefined) return false
  notice.state = how
  phone.mark = how
  return true
}

export function shownOf(phone: Phone, key: string): Notice | undefined {
  return phone.notices.find(notice => notice.key === key && notice.state === 'shown')
}

/** What waits for the phone under this key is given up. */
export function endDelivery(phone: Phone, key: string): void {
  const before = phone.pending.length
  phone.pending = phone.pending.filter(item => item.kind === 'remove' || item.message.key !== key)
  if (phone.pending.length < before) phone.mark = 'stopped'
}

function enqueue(phone: Phone, item: Pending, nowMs: number): void {
  // sent for phones that are online now, and for no others
  if (item.kind !== 'remove' && item.message.expiresAtMs <= nowMs) return
  phone.pending.push(item)
  if (phone.pending.length > pendingKept) phone.pending.shift()
  if (item.kind !== 'remove') phone.mark = 'queued'
}

function show(phone: Phone, message: Message, nowMs: number): void {
  if (shownOf(phone, message.key) !== undefined) return replace(phone, message.key, message, nowMs)
  phone.notices.unshift(noticeOf(phone, message, nowMs, false))
  phone.notices.length = Math.min(phone.notices.length, noticesKept)
  changeBadge(phone, message.badge)
  phone.mark = 'shown'
}

/** Takes the place of the old key's notification, or comes as a new one where that is not shown any more. */
export function replace(phone: Phone, oldKey: string, message: Message, nowMs: number): void {
  if (!phone.online) return enqueue(phone, { kind: 'replace', key: oldKey, message }, nowMs)
  const index = phone.notices.findIndex(({ key, state }) => key === oldKey && state === 'shown')
  // a clicked or cleared one leaves no place to take: the new one is a new one
  if (index === -1) return show(phone, message, nowMs)
  phone.notices[index] = noticeOf(phone, message, nowMs, true)
  changeBadge(phone, message.badge)
  phone.mark = 'replaced'
}

/** Takes it away where it shows untouched; the badge keeps its number. */
export function remove(phone: Phone, key: string): void {
  if (shownOf(phone, key) === undefined) return
  if (!phone.online) return enqueue(phone, { kind: 'remove', key }, 0)
  // a silent message runs only in a living process; a dead one is not woken
  if (phone.group.effects.revoke === 'removes-while-alive' && !phone.alive) {
    phone.mark = 'kept'
    return
  }
  phone.notices = phone.notices.filter(notice => notice.key !== key || notice.state !== 'shown')
  phone.mark = 'removed'
}

function noticeOf(phone: Phone, message: Message, nowMs: number, replaces: boolean): Notice {
  const { key, title, body, url } = message
  const correction = replaces || message.correction === true
  return { key, app: phone.app, title, body, url, shownAt: new Date(nowMs).toISOString(), correction, state: 'shown' }
}

function changeBadge(phone: Phone, change: BadgeChange): void {
  if (change === null || !phone.group.badge) return
  phone.badge = Math.min(largestBadge, 'set' in change ? change.set : phone.badge + change.add)
}
