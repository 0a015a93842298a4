/** What people call APNs, what names its pushes, and what is said of it. */
import type { Words, WordTable } from '../../words.ts'
import type { Handle } from '../provider.ts'

export const apnsTitle: Words = ['Apple APNs', '苹果 APNs']

export const apnsHandles: readonly [Handle] = [
  {
    member: 'collapseId',
    json: 'string',
    madeBy: 'sender',
    sample: 'order-4711',
    words: ['The apns-collapse-id that the push was sent with.', '发送推送时所用的 apns-collapse-id。'],
  },
]

/** Ways to a phone, as its capability table names them. */
export const apnsChannels: WordTable = {
  apns: ['iPhone and iPad, APNs', 'iPhone、iPad（APNs）'],
}

/** What plans, recalls and capabilities say of it. */
export const apnsSentences: WordTable = {
  apns_no_stop: [
    'APNs offers no stop; an overlay under the same collapse id also takes the place of what is still stored for a device.',
    'APNs 不提供终止；同一 collapse id 的覆盖也会取代仍为设备暂存的那一条。',
  ],
  apns_no_removal: [
    'APNs removes nothing by itself, and the app does not state that it carries the removal recipe (removal).',
    'APNs 自身不能移除通知，而应用未声明（removal）内置了移除代码。',
  ],
  apns_background: [
    'The notification goes where the app carries the recipe and iOS wakes it: not after it was swiped away, and two or three times an hour at most.',
    '仅当应用内置移除代码且 iOS 唤醒它时，通知才会消失：被用户划掉关闭的应用不会被唤醒，每小时至多唤醒两三次。',
  ],
  apns_extension: [
    'In its place stands a short note that the push was withdrawn; it goes altogether only where Apple has granted the app the filtering entitlement.',
    '原通知会被一条“已撤回”的简短提示取代；只有获得苹果 filtering 授权的应用才能完全移除。',
  ],
  apns_same_id: [
    'Only a push that was sent with this collapse id is met: one without an id cannot be named.',
    '只能命中以此 collapse id 发送的推送；发送时未带 id 的无法指明。',
  ],
  apns_cleared: [
    'The new message also appears, maybe with a banner, where the old one was cleared already.',
    '旧通知已被清除的设备也会显示新消息，可能弹出横幅。',
  ],
  apns_link: [
    'APNs has no member for a link: it goes as url beside aps, and the app must read it.',
    'APNs 没有链接字段：链接以 url 放在 aps 之外，须由应用自行读取。',
  ],
  apns_note_overlay: [
    'Where it was sent with the same apns-collapse-id; since June 2024 that holds for what is stored for offline devices, too.',
    '须以相同的 apns-collapse-id 发送；自 2024 年 6 月起，对为离线设备暂存的推送同样有效。',
  ],
  apns_note_revoke: [
    'Where the app carries the removal recipe and the system runs it; with removal extension a note takes its place.',
    '须应用内置移除代码且系统运行它；removal 为 extension 时以提示取代。',
  ],
}

/** A sentence of the above, in the language that providers speak. */
export function says(code: keyof typeof apnsSentences & string): string {
  return apnsSentences[code]?.[0] ?? ''
}
