/** What people call TPNS and what names its pushes. */
import type { Words, WordTable } from '../../words.ts'
import type { Handle } from '../provider.ts'

export const tpnsTitle: Words = ['TPNS', 'TPNS']

export const tpnsHandles: readonly [Handle] = [
  {
    member: 'pushId',
    json: 'string',
    madeBy: 'vendor',
    sample: '43214535',
    words: [
      'The TPNS push id: digits, which may exceed 2^53. Answers have a string; requests may have a whole number.',
      'TPNS 的推送 ID：一串数字，可能超过 2^53。响应中为字符串，请求中也可写成整数。',
    ],
  },
]

/** Ways to a phone, as its capability tables name them. */
export const tpnsChannels: WordTable = {
  tpns: ['TPNS own channel', 'TPNS 自有通道'],
  xiaomi: ['Xiaomi', '小米'],
  meizu: ['Meizu', '魅族'],
  huawei: ['Huawei, EMUI ≥ 10', '华为（EMUI ≥ 10）'],
  'huawei-emui9': ['Huawei, EMUI < 10', '华为（EMUI < 10）'],
  harmony: ['HarmonyOS by TPNS', 'HarmonyOS（经 TPNS）'],
  oppo: ['OPPO', 'OPPO'],
  vivo: ['vivo', 'vivo'],
  honor: ['Honor', '荣耀'],
  fcm: ['FCM', 'FCM'],
  apns: ['APNs by TPNS', 'APNs（经 TPNS）'],
}

/** What its record says of a push. */
export const tpnsStatuses: WordTable = {
  PUSH_INIT: ['created', '待下发'],
  PUSH_WAIT: ['waiting', '待下发'],
  PUSH_STARTED: ['sending', '下发中'],
  PUSH_FINISHED: ['sent', '已下发'],
  PUSH_FAILED: ['failed', '下发失败'],
  PUSH_CANCELED: ['cancelled', '已取消'],
  PUSH_DELETED_PUSH_MSG: ['stopped', '已终止'],
  PUSH_REVOKED: ['revoked', '已撤回'],
  PUSH_COLLAPSED: ['overlaid', '已覆盖'],
}

/** What plans, recalls and capabilities say of it. */
export const tpnsSentences: WordTable = {
  tpns_audience_excluded: [
    'TPNS takes back pushes to everybody, to tags and to number packages; this one went to {audience}.',
    'TPNS 只能撤回全量、标签和号码包推送；此推送发给了 {audience}。',
  ],
  tpns_audience_unknown: [
    'It is not known whom this push went to; TPNS takes back pushes to everybody, to tags and to number packages.',
    '不知此推送发给了谁；TPNS 只能撤回全量、标签和号码包推送。',
  ],
  tpns_audience_doubtful: [
    'The documents do not say whether a push to {audience} can be taken back; it is tried.',
    '文档未说明发给 {audience} 的推送能否撤回，仍会尝试。',
  ],
  tpns_no_stop_on_ios: ['TPNS offers no stop on iOS.', 'TPNS 在 iOS 上不提供终止。'],
  tpns_cancelled_scheduled: [
    'A push that still waits for its time is cancelled, on every channel. Of a looped push this ends the rounds to come; what earlier rounds showed stays.',
    '尚未到点的推送在各通道均会取消。循环推送只取消之后各轮，此前已展示的仍会展示。',
  ],
  tpns_record_says: ["TPNS's own record says that this push {what}.", 'TPNS 的记录显示此推送 {what}。'],
  tpns_stop: [
    'Stop ends what has not reached a phone yet; notifications already shown stay.',
    '终止只作用于尚未送达的部分，已展示的通知仍会展示。',
  ],
  tpns_revoke_retired: [
    'TPNS marked revoke as taken offline on {day}: it may refuse, or accept and do nothing.',
    'TPNS 自 {day} 起标注撤回已下线：可能拒绝，也可能受理而不执行。',
  ],
  tpns_revoke_own_channel: [
    "Revoke removes notifications only on TPNS's own channel; those of Xiaomi, Huawei, OPPO, vivo and the others stay.",
    '撤回仅移除 TPNS 自有通道的通知；小米、华为、OPPO、vivo 等通道的仍会展示。',
  ],
  tpns_revoke_ios: [
    'On iOS revoke is a silent message: it removes the notification only while the process of the app lives, and wakes the app.',
    '在 iOS 上撤回是一条静默消息：仅在应用进程存活时移除通知，并会唤醒应用。',
  ],
  tpns_revoke_ends_offline: ['Revoke ends the offline delivery of the push.', '撤回会终止此推送的离线下发。'],
  tpns_overlay_ends_offline: ['Overlay ends the offline delivery of the old push.', '覆盖会终止旧推送的离线下发。'],
  tpns_overlay_is_new: [
    'Overlay is a new push to the same audience: phones that no longer show the old notification show the new one too.',
    '覆盖是发给同一受众的一次新推送：不再显示旧通知的手机也会显示新通知。',
  ],
  tpns_overlay_unlisted: [
    'The documents name neither Honor nor FCM among the channels that overlay.',
    '文档所列支持覆盖的通道中没有荣耀和 FCM。',
  ],
  tpns_overlay_beside: [
    'OPPO, vivo and Huawei phones with EMUI below 10 cannot overlay: with forceCollapse the new message appears there beside the old one.',
    'OPPO、vivo 和 EMUI 10 以下的华为手机不支持覆盖：设了 forceCollapse，新旧消息并存。',
  ],
  tpns_overlay_not_sent: [
    'OPPO, vivo and Huawei phones with EMUI below 10 cannot overlay: without forceCollapse they keep the old message and do not get the new one.',
    'OPPO、vivo 和 EMUI 10 以下的华为手机不支持覆盖：未设 forceCollapse，保留旧消息，不下发新消息。',
  ],
  tpns_custom_content: [
    'TPNS blocks an overlay with custom_content for Huawei phones; give a link of the scheme of your app instead.',
    'TPNS 对华为手机屏蔽带 custom_content 的覆盖；请改用应用自有 scheme 的链接。',
  ],
  tpns_link_ios: [
    'On iOS the link goes along as custom_content.url, and only the app can open it.',
    '在 iOS 上链接随 custom_content.url 下发，只有应用能打开。',
  ],
  tpns_link_left_out: [
    'The link is left out: options.tpns.{member} stands in its place.',
    '链接未下发：已由 options.tpns.{member} 代替。',
  ],
  tpns_overlay_scheduled: [
    'The push still waits for its time, so there is nothing to overlay.',
    '推送尚未到点，没有可覆盖的通知。',
  ],
  tpns_overlay_cancelled: [
    'The push was cancelled before it went out: nothing is there to overlay.',
    '推送在下发前已取消，没有可覆盖的通知。',
  ],
  tpns_overlay_type: [
    'TPNS overlays notifications; this push is of the type {type}.',
    'TPNS 只覆盖通知；此推送的类型为 {type}。',
  ],
  tpns_no_collapse_id: [
    'TPNS gave this push no collapse id, and without one it cannot be overlaid.',
    'TPNS 未给此推送分配 collapse id，无法覆盖。',
  ],
  tpns_no_environment: [
    'The environment of the push (product or dev) is not in its record.',
    '记录中没有此推送的环境（product 或 dev）。',
  ],
  tpns_tags_inexact: ['The tags of the push cannot be repeated exactly.', '无法精确还原此推送的标签条件。'],
  tpns_no_package: ['The number package of the push is not in its record.', '记录中没有此推送的号码包。'],
  tpns_overlay_audience: [
    'TPNS overlays pushes to everybody, to tags and to a number package; this one went to {audience}.',
    'TPNS 只能覆盖全量、标签和号码包推送；此推送发给了 {audience}。',
  ],
  tpns_note_handed_over: [
    'Not stated for this channel; what TPNS has handed over to the phone maker probably still arrives.',
    '文档未说明此通道；TPNS 已转交手机厂商的，多半仍会送达。',
  ],
  tpns_note_shown_stays: ['What this channel shows stays.', '此通道已展示的仍会展示。'],
  tpns_note_not_listed: [
    'Not in the list of channels that overlay; nothing more is stated.',
    '不在支持覆盖的通道之列，文档别无说明。',
  ],
  tpns_note_force_collapse: [
    'Cannot overlay: forceCollapse decides whether the new message appears beside the old one or not at all.',
    '不支持覆盖：由 forceCollapse 决定新消息是与旧消息并存，还是不下发。',
  ],
  tpns_note_below_emui10: ['EMUI below 10.', 'EMUI 10 以下。'],
  tpns_note_emui10: ['EMUI 10 and above.', 'EMUI 10 及以上。'],
  tpns_note_custom_content: [
    'Custom parameters go into an intent: custom_content is blocked.',
    '自定义参数须放入 intent：custom_content 会被屏蔽。',
  ],
  tpns_note_ios_stop: [
    'iOS is documented as not supported; only a push that still waits can be cancelled.',
    '文档称 iOS 不支持；只能取消尚未到点的推送。',
  ],
  tpns_note_offline: ['The page calls the feature taken offline.', '文档标注此功能已下线。'],
  tpns_note_ios_revoke: [
    'By a silent message, only while the process of the app lives; it wakes the app.',
    '以静默消息实现，仅在应用进程存活时有效，并会唤醒应用。',
  ],
}
