/** What a recall does to one phone: what the vendors' documents say, per channel and device class, and nothing else. */
import { channelRules, obeysRecall } from './channels.ts'
import { deliver, endDelivery, type Message, type Phone, remove, replace, shownOf } from './phone.ts'

/** What TPNS lets go of at once where phone makers keep what they were handed. */
export interface Reach {
  readonly makersKeepQueue: boolean
}

/** What TPNS has not sent yet, or still holds for the phone, is given up. */
export function endTask(phone: Phone, key: string, { makersKeepQueue }: Reach): void {
  if (makersKeepQueue && channelRules[phone.channel].queue === 'maker') return
  endDelivery(phone, key)
}

/** TPNS stop: what has not reached the phone ends, what it shows stays. */
export function stopTask(phone: Phone, key: string, reach: Reach): void {
  endTask(phone, key, reach)
  if (shownOf(phone, key) !== undefined) phone.mark = 'kept'
}

/** TPNS revoke: a stop, and shown-and-untouched ones go where a channel can take them away. */
export function revokeTask(phone: Phone, key: string, reach: Reach): void {
  endTask(phone, key, reach)
  if (channelRules[phone.channel].revoke !== 'none') remove(phone, key)
  else if (shownOf(phone, key) !== undefined) phone.mark = 'kept'
}

/** TPNS overlay: in the old one's place; where a channel cannot, beside it (`force`) or not at all. */
export function overlayTask(
  phone: Phone,
  oldKey: string,
  message: Message,
  force: boolean,
  reach: Reach,
  nowMs: number,
): void {
  endTask(phone, oldKey, reach)
  if (channelRules[phone.channel].overlay === 'replaces') return replace(phone, oldKey, message, nowMs)
  const old = shownOf(phone, oldKey)
  if (!force) {
    if (old !== undefined) phone.mark = 'kept'
    return
  }
  deliver(phone, message, nowMs)
  if (phone.online && old !== undefined) phone.mark = 'beside'
}

/** Push Kit revoke: undelivered, or shown and untouched, on device classes that obey; the badge keeps its number. */
export function revokeToken(phone: Phone, key: string): void {
  if (!obeysRecall(phone.model)) {
    if (shownOf(phone, key) !== undefined) phone.mark = 'kept'
    return
  }
  endDelivery(phone, key)
  remove(phone, key)
}

/** Push Kit, a message with a notifyId: the newest with that id is the only one. */
export function sendToken(phone: Phone, message: Message, nowMs: number): void {
  endDelivery(phone, message.key)
  replace(phone, message.key, message, nowMs)
}
