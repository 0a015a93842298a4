/** What people call Push Kit and what names its messages. */
import type { Words, WordTable } from '../../words.ts'
import type { Handle } from '../provider.ts'

export const huaweiTitle: Words = ['HarmonyOS', 'HarmonyOS']

export const huaweiHandles: readonly [Handle] = [
  {
    member: 'notifyId',
    json: 'integer',
    madeBy: 'sender',
    sample: 1_234_567,
    words: ['The notifyId that the message was sent with at Push Kit.', '通过 Push Kit 发送消息时所用的 notifyId。'],
  },
]

/** Ways to a phone, as its capability tables name them. */
export const huaweiChannels: WordTable = {
  harmony: ['HarmonyOS, Push Kit', 'HarmonyOS（Push Kit）'],
}

/** What plans, recalls and capabilities say of it. */
export const huaweiSentences: WordTable = {
  huawei_no_stop: [
    'Push Kit offers no stop; its revoke also ends what is not delivered yet.',
    'Push Kit 不提供终止；其撤回也会终止未送达的部分。',
  ],
  huawei_revoke: [
    'Only notifications that are not delivered yet, or shown and not clicked, are removed.',
    '只移除尚未送达、或已展示而未点击的通知。',
  ],
  huawei_badges: ['Badges keep their number.', '角标数字不变。'],
  huawei_badges_unless: [
    'Badges keep their number unless options.huawei.notification.badge says otherwise.',
    '角标数字不变，除非另设 options.huawei.notification.badge。',
  ],
  huawei_devices: ['Push Kit reaches {devicesNamed}.', 'Push Kit 覆盖的设备：{devicesNamed}。'],
  huawei_overlay: [
    'The new message also appears on devices where the old one was clicked or cleared already.',
    '旧通知已被点击或清除的设备也会显示新消息。',
  ],
  huawei_link: [
    'On HarmonyOS the link opens the page of the app that declares it as its uri, and no browser.',
    '在 HarmonyOS 上，链接打开声明了此 uri 的应用页面，而非浏览器。',
  ],
  huawei_note_devices: [
    'Phone, Tablet and PC/2in1; Wearable from 5.1.0(18), TV from 5.1.1(19).',
    '手机、平板和 PC/2in1；穿戴设备须 5.1.0(18) 及以上，智慧屏须 5.1.1(19) 及以上。',
  ],
}
