/** What people call OneSignal, what names its messages, and what is said of it. */
import type { Words, WordTable } from '../../words.ts'
import type { Handle } from '../provider.ts'

export const oneSignalTitle: Words = ['OneSignal', 'OneSignal']

export const oneSignalHandles: readonly [Handle, Handle] = [
  {
    member: 'messageId',
    json: 'string',
    madeBy: 'vendor',
    sample: '1e2f3a4b-5c6d-4e7f-8091-a2b3c4d5e6f7',
    words: [
      'The id that OneSignal answered with when the message was made: by it the message can be stopped.',
      '创建消息时 OneSignal 返回的 id：凭它可终止消息。',
    ],
  },
  {
    member: 'collapseId',
    json: 'string',
    madeBy: 'sender',
    sample: 'rc-8f2c',
    words: [
      'The text that the message was sent with as collapse_id, and on the web as web_push_topic: under it the message can be overlaid.',
      '发送消息时所用的 collapse_id（网页为 web_push_topic，写同一文本）：凭它可覆盖消息。',
    ],
  },
]

/** Ways to a phone, as its capability tables name them. */
export const oneSignalChannels: WordTable = {
  android: ['Android by OneSignal', 'Android（经 OneSignal）'],
  ios: ['iPhone by OneSignal', 'iPhone（经 OneSignal）'],
  web: ['Chrome, Edge and Firefox by OneSignal', 'Chrome、Edge、Firefox（经 OneSignal）'],
  'web-safari': ['Safari by OneSignal', 'Safari（经 OneSignal）'],
}

/** What its record says of a message: the record has no word of its own, only the members that these are made of. */
export const oneSignalStatuses: WordTable = {
  SCHEDULED: ['waiting', '待下发'],
  SENDING: ['sending', '下发中'],
  COMPLETED: ['sent', '已下发'],
  CANCELED: ['cancelled', '已取消'],
}

/** What plans, recalls and capabilities say of it. */
export const oneSignalSentences: WordTable = {
  onesignal_no_message_id: [
    'OneSignal cancels a message by its own id alone: state the messageId that it answered with.',
    'OneSignal 只能凭自己生成的 id 取消消息：请填写创建消息时返回的 messageId。',
  ],
  onesignal_no_collapse_id: [
    'A notification shown through OneSignal is replaced by its collapse id alone: state the collapseId that the message was sent with.',
    '经 OneSignal 展示的通知只能凭 collapse id 替换：请填写发送时所用的 collapseId。',
  ],
  onesignal_no_revoke: [
    'OneSignal takes no notification off a device: stop the message, or overlay it.',
    'OneSignal 无法从设备上移除通知：请改用终止或覆盖。',
  ],
  onesignal_stop: [
    'Stop ends what OneSignal has not sent out yet; notifications already shown stay.',
    '终止只作用于 OneSignal 尚未发出的部分，已展示的通知仍会展示。',
  ],
  onesignal_stop_part: [
    'Of a message that is on its way, part of the audience may still get it.',
    '正在下发的消息，仍可能有部分受众收到。',
  ],
  onesignal_was_canceled: [
    "OneSignal's own record says that this message was cancelled already.",
    'OneSignal 的记录显示此消息已被取消。',
  ],
  onesignal_was_completed: [
    "OneSignal's own record says that this message was sent whole: nothing is left to stop.",
    'OneSignal 的记录显示此消息已全部发出，没有可终止的部分。',
  ],
  onesignal_overlay_again: [
    'The new message also appears where the old one was dismissed or opened.',
    '旧通知已被清除或点开的设备也会显示新消息。',
  ],
  onesignal_overlay_sound: [
    'On Android it may ring again, save in a quiet channel (android_channel_id).',
    '在 Android 上可能再次响铃，除非指定静音的通知渠道（android_channel_id）。',
  ],
  onesignal_overlay_others: [
    'Whatever else was sent under the same collapse id is replaced too.',
    '以同一 collapse id 发送的其他消息也会被替换。',
  ],
  onesignal_overlay_counts: [
    'The overlay is a message of its own in the statistics of the account, and OneSignal disables an app that sends more than ten for each subscription in 15 minutes.',
    '覆盖会作为一条新消息计入账号统计；15 分钟内平均每个订阅超过十条的应用会被 OneSignal 停用。',
  ],
  onesignal_note_not_sent: ['What waits for its time, or has not been sent out yet.', '尚未到点或尚未发出的部分。'],
  onesignal_note_collapse_id: [
    'Where the message was sent with this collapse_id; from the description of the field.',
    '发送时须使用此 collapse_id；依据此字段的说明。',
  ],
  onesignal_note_topic: [
    'Where the message was sent with this text as its web_push_topic.',
    '发送时须以此文本作为 web_push_topic。',
  ],
  onesignal_note_safari: [
    'Safari knows no topics: the new message appears beside the old one.',
    'Safari 不支持 topic：新旧消息并存。',
  ],
  onesignal_limit_requests: ['Requests to send and to cancel', '发送与取消请求'],
  onesignal_limit_views: ['Requests for one message', '查询单条消息'],
  onesignal_limit_subscriptions: ['Subscriptions in a request', '单次请求的订阅数'],
  onesignal_limit_messages: ['Messages for each subscription', '平均每个订阅的消息数'],
  onesignal_limit_collapse_id: ['Size of the collapse id', 'collapse id 长度'],
  onesignal_limit_record: ['Record of a message', '消息记录保留时长'],
  onesignal_unit_subscriptions: ['subscriptions', '个'],
  onesignal_unit_per_15_minutes: ['per 15 minutes', '每 15 分钟'],
  onesignal_unit_days: ['days', '天'],
}
