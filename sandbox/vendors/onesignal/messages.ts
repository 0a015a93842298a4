/** The messages of OneSignal: waiting, on their way, gone out whole, cancelled; and what each does on a phone. */
import { randomUUID } from 'node:crypto'
import type { Fleet } from '../../fleet.ts'
import { deliver, type Message, type Phone } from '../../phone.ts'
import { sendToken, stopTask } from '../../recall-effects.ts'
import { platformOf } from './phones.ts'
import type { OneSignalMessage, OneSignalState } from './state.ts'

const dayMs = 24 * 3_600_000
const keptMs = 30 * dayMs

export type NewMessage = Pick<
  OneSignalMessage,
  'title' | 'body' | 'url' | 'to' | 'collapseId' | 'topic' | 'correction'
> &
  Partial<Pick<OneSignalMessage, 'id' | 'delivery' | 'perSecond' | 'sendAtMs' | 'ttlSeconds'>>

export interface Messages {
  /** Undefined also where it is older than 30 days. */
  find(id: string): OneSignalMessage | undefined
  add(message: NewMessage): OneSignalMessage
  cancel(message: OneSignalMessage): void
  /** Subscriptions that have not been sent to. */
  remaining(message: OneSignalMessage): number
  /** Sends what is due; true where something changed. */
  tick(): boolean
}

export function createMessages(state: OneSignalState, fleet: Fleet, now: () => number): Messages {
  /** What a later message must carry to take this one's place on the phone; Safari knows nothing like it. */
  const keyOn = (phone: Phone, { id, collapseId, topic }: OneSignalMessage): string => {
    const platform = platformOf(phone)
    return (platform === 'mobile' ? collapseId : platform === 'web' ? topic : null) ?? id
  }
  const phonesOf = ({ to }: OneSignalMessage): Phone[] => to.flatMap(token => fleet.byToken(token) ?? [])
  const isWaiting = (phone: Phone, key: string): boolean =>
    phone.pending.some(item => item.kind !== 'remove' && item.message.key === key)

  const show = (phone: Phone, message: OneSignalMessage): void => {
    const { title, body, url, correction, ttlSeconds } = message
    const key = keyOn(phone, message)
    const shown: Message = {
      key,
      title,
      body,
      url,
      badge: { add: 1 },
      correction,
      expiresAtMs: now() + ttlSeconds * 1000,
    }
    if (correction) sendToken(phone, { ...shown, badge: null }, now())
    else deliver(phone, shown, now())
  }

  const remaining = (message: OneSignalMessage): number => {
    const unsent = message.to.length - message.sentTo
    if (message.delivery === 'at-once' || message.completedAtMs !== null) return unsent
    return unsent + phonesOf(message).filter(phone => isWaiting(phone, keyOn(phone, message))).length
  }

  const sendOn = (message: OneSignalMessage): boolean => {
    if (message.canceled || message.completedAtMs !== null || message.sendAtMs > now()) return false
    const phones = phonesOf(message)
    const { length } = message.to
    const due =
      message.perSecond === null
        ? length
        : Math.min(length, Math.floor(((now() - message.sendAtMs) / 1000) * message.perSecond))
    const before = message.sentTo
    for (const phone of phones.slice(before, due)) show(phone, message)
    message.sentTo = due
    const isOver = remaining(message) === 0 || (due === length && now() - message.sendAtMs >= dayMs)
    if (isOver) message.completedAtMs = now()
    return due > before || isOver
  }

  return {
    find: id =>
      state.messages.findLast(message => message.id === id.toLowerCase() && now() - message.queuedAtMs < keptMs),
    add: given => {
      const message: OneSignalMessage = {
        id: randomUUID(),
        delivery: 'at-once',
        perSecond: null,
        ttlSeconds: 259_200,
        queuedAtMs: now(),
        sendAtMs: now(),
        ...given,
        canceled: false,
        sentTo: 0,
        completedAtMs: null,
      }
      state.messages.push(message)
      sendOn(message)
      return message
    },
    cancel: message => {
      message.canceled = true
      for (const phone of phonesOf(message)) {
        const key = keyOn(phone, message)
        // under the same collapse id a newer one waits, and this one does not any more
        const newest = state.messages.findLast(one => one.to.includes(phone.token ?? '') && keyOn(phone, one) === key)
        if (newest === message) stopTask(phone, key, { makersKeepQueue: false })
      }
    },
    remaining,
    tick: () => state.messages.map(sendOn).includes(true),
  }
}
