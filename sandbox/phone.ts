/**
 * One phone with its notification centre. It does what the vendors' documents say phones do, per channel, and nothing
 * else: queued while offline, shown, clicked, cleared, removed, replaced.
 */
export type Channel = 'tpns' | 'xiaomi' | 'meizu' | 'huawei' | 'huawei-emui9' | 'oppo' | 'vivo' | 'apns' | 'harmony'
export type App = 'news-android' | 'news-ios' | 'news-harmony'
/** HarmonyOS devices and the versions from which they obey a recall. */
export type Model = 'phone' | 'tablet' | 'pc' | 'watch-5.1.0' | 'watch-5.0.5' | 'tv-5.1.1' | 'tv-5.1.0'

export interface Notice {
  /** What a recall of it names: a TPNS push id, or a notify id. */
  readonly key: string
  readonly title: string
  readonly body: string
  state: 'shown' | 'clicked' | 'cleared'
}

/** Waits at the vendor until the phone is online again. */
type Pending =
  | { readonly kind: 'show'; readonly notice: Omit<Notice, 'state'> }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'replace'; readonly key: string; readonly notice: Omit<Notice, 'state'> }

/** What became of the last thing that happened to it, for the page. */
export type Mark = 'none' | 'queued' | 'shown' | 'removed' | 'replaced' | 'clicked' | 'cleared'

export interface Phone {
  readonly id: string
  readonly app: App
  readonly channel: Channel
  readonly model: Model | null
  /** Push Kit's token; null on the other vendors. */
  readonly token: string | null
  online: boolean
  /** iOS: whether the app's process lives, so that a silent message can run. */
  alive: boolean
  badge: number
  notices: Notice[]
  pending: Pending[]
  mark: Mark
}

const overlays: ReadonlySet<Channel> = new Set(['tpns', 'xiaomi', 'meizu', 'huawei', 'apns', 'harmony'])
const obedient: ReadonlySet<Model> = new Set(['phone', 'tablet', 'pc', 'watch-5.1.0', 'tv-5.1.1'])
const kept = 6

export function deliver(phone: Phone, notice: Omit<Notice, 'state'>): void {
  if (!phone.online) {
    phone.pending.push({ kind: 'show', notice })
    phone.mark = 'queued'
    return
  }
  // the same id again: the new one takes the old one's place
  phone.notices = phone.notices.filter(known => known.key !== notice.key || known.state !== 'shown')
  phone.notices.unshift({ ...notice, state: 'shown' })
  phone.notices.length = Math.min(phone.notices.length, kept)
  phone.badge += 1
  phone.mark = 'shown'
}

/** Ends delivery of what has not reached the phone: "all offline messages inside the storage period" (50784). */
export function stopDelivery(phone: Phone, key: string): void {
  dropQueued(phone, key)
}

/** TPNS revoke: ends delivery, and takes shown-and-untouched ones away where a channel can. */
export function revokeByTask(phone: Phone, key: string): void {
  stopDelivery(phone, key)
  if (phone.channel === 'tpns') removeShown(phone, key)
  // a silent message runs only in a living process; a dead one is not woken
  if (phone.channel === 'apns' && (phone.alive || !phone.online)) removeShown(phone, key)
}

/** Push Kit revoke: undelivered, or shown and untouched; the badge keeps its number. */
export function revokeByToken(phone: Phone, key: string): void {
  if (phone.model === null || !obedient.has(phone.model)) return
  dropQueued(phone, key)
  removeShown(phone, key)
}

/** TPNS overlay: in the old one's place; beside it (`force`) or not at all where the channel cannot. */
export function overlayTask(phone: Phone, oldKey: string, notice: Omit<Notice, 'state'>, force: boolean): void {
  stopDelivery(phone, oldKey)
  if (!overlays.has(phone.channel)) {
    if (force) deliver(phone, notice)
    return
  }
  dropQueued(phone, oldKey)
  if (!phone.online) {
    phone.pending.push({ kind: 'replace', key: oldKey, notice })
    phone.mark = 'queued'
    return
  }
  replaceShown(phone, oldKey, notice)
}

/** Push Kit, the same notifyId again. */
export function overlayToken(phone: Phone, key: string, notice: Omit<Notice, 'state'>): void {
  if (!phone.online) {
    dropQueued(phone, key)
    phone.pending.push({ kind: 'replace', key, notice })
    phone.mark = 'queued'
    return
  }
  replaceShown(phone, key, notice)
}

export function goOnline(phone: Phone): void {
  phone.online = true
  const waiting = phone.pending
  phone.pending = []
  for (const item of waiting) {
    if (item.kind === 'show') deliver(phone, item.notice)
    else if (item.kind === 'replace') replaceShown(phone, item.key, item.notice)
    else if (phone.channel !== 'apns' || phone.alive) removeShown(phone, item.key)
  }
}

export function touch(phone: Phone, key: string, how: 'clicked' | 'cleared'): boolean {
  const notice = phone.notices.find(known => known.key === key && known.state === 'shown')
  if (notice === undefined) return false
  notice.state = how
  phone.mark = how
  return true
}

function dropQueued(phone: Phone, key: string): void {
  const before = phone.pending.length
  phone.pending = phone.pending.filter(item => item.kind !== 'show' || item.notice.key !== key)
  if (phone.pending.length < before) phone.mark = 'removed'
}

function removeShown(phone: Phone, key: string): void {
  if (!phone.notices.some(known => known.key === key && known.state === 'shown')) return
  if (!phone.online) {
    phone.pending.push({ kind: 'remove', key })
    return
  }
  phone.notices = phone.notices.filter(known => known.key !== key || known.state !== 'shown')
  phone.mark = 'removed'
}

function replaceShown(phone: Phone, key: string, notice: Omit<Notice, 'state'>): void {
  const index = phone.notices.findIndex(known => known.key === key && known.state === 'shown')
  if (index === -1) {
    deliver(phone, notice)
    return
  }
  phone.notices[index] = { ...notice, state: 'shown' }
  phone.mark = 'replaced'
}
