/** What a recall does to one phone: what the vendors' documents say, per channel and device class, and nothing else. */
import { deliver, endDelivery, type Message, type Phone, remove, replace, shownOf } from './phone.ts'

/** What the vendor gives up at once; phone makers may keep what they were handed. */
export interface Reach {
  readonly makersKeepQueue: boolean
}

/** What the vendor has not sent yet, or still holds for the phone, is given up. */
export function endTask(phone: Phone, key: string, { makersKeepQueue }: Reach): void {
  if (makersKeepQueue && phone.group.queue === 'maker') return
  endDelivery(phone, key)
}

/** A stop: what has not reached the phone ends, what it shows stays. */
export function stopTask(phone: Phone, key: string, reach: Reach): void {
  endTask(phone, key, reach)
  if (shownOf(phone, key) !== undefined) phone.mark = 'kept'
}

/** A revoke by task: a stop, and shown-and-untouched ones go where a channel can take them away. */
export function revokeTask(phone: Phone, key: string, reach: Reach): void {
  endTask(phone, key, reach)
  if (phone.group.effects.revoke !== 'none') remove(phone, key)
  else if (shownOf(phone, key) !== undefined) phone.mark = 'kept'
}

/** An overlay by task: in the old one's place; where a channel cannot, beside it (`force`) or not at all. */
export function overlayTask(
  phone: Phone,
  oldKey: string,
  message: Message,
  force: boolean,
  reach: Reach,
  nowMs: number,
): void {
  endTask(phone, oldKey, reach)
  if (phone.group.effects.overlay === 'replaces') return replace(phone, oldKey, message, nowMs)
  const old = shownOf(phone, oldKey)
  if (!force) {
    if (old !== undefined) phone.mark = 'kept'
    return
  }
  deliver(phone, message, nowMs)
  if (phone.online && old !== undefined) phone.mark = 'beside'
}

/** A revoke by token: undelivered, or shown and untouched, on phones that obey it; the badge keeps its number. */
export function revokeToken(phone: Phone, key: string): void {
  if (phone.group.effects.revoke === 'none') {
    if (shownOf(phone, key) !== undefined) phone.mark = 'kept'
    return
  }
  endDelivery(phone, key)
  remove(phone, key)
}

/** A message under a key of the sender's: the newest with that key is the only one. */
export function sendToken(phone: Phone, message: Message, nowMs: number): void {
  endDelivery(phone, message.key)
  replace(phone, message.key, message, nowMs)
}
