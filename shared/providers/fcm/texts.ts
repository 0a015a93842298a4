/** What people call FCM and what names its messages. */
import type { Words, WordTable } from '../../words.ts'
import type { Handle } from '../provider.ts'

export const fcmTitle: Words = ['FCM', 'FCM']

export const fcmHandles: readonly [Handle, Handle] = [
  {
    member: 'tag',
    json: 'string',
    madeBy: 'sender',
    sample: 'rc-8f2c',
    words: [
      'The tag that the message was sent with: the same text as android.notification.tag, apns-collapse-id and webpush.notification.tag.',
      '发送消息时所用的 tag：在 android.notification.tag、apns-collapse-id 与 webpush.notification.tag 中写同一文本。',
    ],
  },
  {
    member: 'collapseKey',
    json: 'string',
    madeBy: 'sender',
    sample: 'rc-8f2c',
    words: [
      'The android.collapse_key that the message was sent with: by it what FCM still stores can be stopped.',
      '发送消息时所用的 android.collapse_key：凭它可终止 FCM 尚存未送达的消息。',
    ],
  },
]

/** Ways to a phone, as its capability tables name them. */
export const fcmChannels: WordTable = {
  android: ['Android by FCM', 'Android（经 FCM）'],
  ios: ['iPhone by FCM', 'iPhone（经 FCM）'],
  web: ['web by FCM', '网页（经 FCM）'],
}

/** What plans, recalls and capabilities say of it. */
export const fcmSentences: WordTable = {
  fcm_no_collapse_key: [
    'FCM replaces what it stores by collapse key alone: state the collapseKey that the message was sent with.',
    'FCM 只按 collapse key 替换尚存的消息：请填写发送时所用的 collapseKey。',
  ],
  fcm_no_removal: [
    'With FCM only the app can remove a notification, and the app does not state that it carries the removal recipe (removal).',
    '在 FCM 上只有应用自己能移除通知，而此应用未声明已接入移除方案（removal）。',
  ],
  fcm_no_tag: [
    'A notification shown through FCM is found by its tag alone: state the tag that the message was sent with.',
    '经 FCM 展示的通知只能凭 tag 找到：请填写发送时所用的 tag。',
  ],
  fcm_topic: [
    'FCM takes a push to a topic back by an overlay alone; anything else needs push tokens.',
    '发给主题的推送，FCM 只能覆盖；其他操作需要 push token。',
  ],
  fcm_stop: [
    'Stop ends what FCM still stores for an Android device under the collapse key; notifications already shown stay.',
    '终止只作用于 FCM 为 Android 设备按此 collapse key 尚存的消息，已展示的通知仍会展示。',
  ],
  fcm_stop_data: ['The app gets a data message that shows nothing.', '应用会收到一条不展示任何内容的数据消息。'],
  fcm_revoke: [
    'The app removes the notification itself, where it carries the removal recipe: not after a force stop, and on iPhones only a few times an hour.',
    '通知由应用自行移除，须已接入移除方案；强行停止后无效，在 iPhone 上每小时只有几次机会。',
  ],
  fcm_revoke_web: ['On the web a silent notice takes the place of the notification.', '在网页上由一条静默通知替换。'],
  fcm_revoke_many: [
    'Google rates an app down that gets many urgent messages which show nothing: for many devices overlay is better.',
    '应用若大量收到不展示内容的高优先级消息，会被 Google 降级：设备多时宜用覆盖。',
  ],
  fcm_overlay: [
    'Nothing is replaced where the app, or a window of the site, is on the screen: the app gets the new message itself.',
    '应用或网站窗口正在屏幕上时不会替换：由应用自行处理新消息。',
  ],
  fcm_overlay_again: [
    'The new message also appears where the old one was dismissed or opened, and may ring again.',
    '旧通知已被清除或点开的设备也会显示新消息，并可能再次响铃。',
  ],
  fcm_link: [
    'On phones the link goes along as data.url, and only the app can open it.',
    '在手机上链接随 data.url 下发，只有应用能打开。',
  ],
  fcm_link_web: [
    'On the web FCM takes links with https alone: there it is left out.',
    '在网页上 FCM 只接受 https 链接：此处的链接不下发。',
  ],
  fcm_note_stored: [
    'What FCM still stores under the same collapse key is replaced.',
    'FCM 按同一 collapse key 尚存的消息会被替换。',
  ],
  fcm_note_not_stored: ['Nothing that is stored is replaced there.', '此处尚存的消息不会被替换。'],
  fcm_note_recipe: ['By the app, where it carries the removal recipe.', '由应用移除，须已接入移除方案。'],
  fcm_note_recipe_ios: [
    'By the app, where it carries the removal recipe and iOS wakes it.',
    '由应用移除，须已接入移除方案，且 iOS 唤醒了应用。',
  ],
  fcm_note_silent_notice: [
    'By a silent notice: browsers show something for every message.',
    '由一条静默通知替换：浏览器收到消息必须有所展示。',
  ],
  fcm_note_not_on_screen: ['Where the app is not on the screen.', '应用不在屏幕上时有效。'],
  fcm_note_collapse_id: [
    'Where the message was sent with the tag as its apns-collapse-id.',
    '发送时须以此 tag 作为 apns-collapse-id。',
  ],
  fcm_note_no_window: ['Where no window of the site is visible.', '网站没有可见窗口时有效。'],
}
