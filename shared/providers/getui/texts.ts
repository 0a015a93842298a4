/** What people call Getui, what names its pushes, and what is said of it. */
import type { Words, WordTable } from '../../words.ts'
import type { Handle } from '../provider.ts'

export const getuiTitle: Words = ['Getui', '个推']

export const getuiHandles: readonly [Handle, Handle] = [
  {
    member: 'taskId',
    json: 'string',
    madeBy: 'vendor',
    sample: 'RASL_0109_3ed7bcb9904a2d8208261d0c78a1e999',
    words: [
      'The taskid that Getui answered with when the push was sent: by it the push is stopped and recalled.',
      '推送时个推返回的 taskid：凭它可终止、撤回推送。',
    ],
  },
  {
    member: 'notifyId',
    json: 'integer',
    madeBy: 'sender',
    sample: 48213907,
    words: [
      'The notify_id that the push was sent with, for its own channel and for phone makers: under it the push can be overlaid.',
      '发送推送时所用的 notify_id（个推通道与厂商通道写同一值）：凭它可覆盖推送。',
    ],
  },
]

export const getuiMembers: WordTable = {
  apnsCollapseId: [
    'The apns-collapse-id that the push was sent with: under it iPhones replace it.',
    '发送推送时所用的 apns-collapse-id：iPhone 凭它替换通知。',
  ],
  'audience.tag': ['Conditions that devices fulfil, in Getui’s own form.', '设备须满足的条件，格式同个推接口。'],
  'tag.key': [
    'What the condition is about: custom_tag, phone_type, region, …',
    '条件类别：custom_tag、phone_type、region 等。',
  ],
  'tag.values': ['One of these.', '满足其一即可。'],
  'tag.opt_type': ['How it goes with the conditions before it.', '与前面条件的关系。'],
  'audience.fast_custom_tag': ['Devices with this custom tag.', '带有此自定义标签的设备。'],
  'audience.alias': ['The one alias that it went to.', '推送所发往的单个别名。'],
}

/** Ways to a phone, as its capability tables name them. */
export const getuiChannels: WordTable = {
  getui: ["Getui's own channel", '个推通道'],
  xiaomi: ['Xiaomi by Getui', '小米（经个推）'],
  vivo: ['vivo by Getui', 'vivo（经个推）'],
  huawei: ['Huawei by Getui', '华为（经个推）'],
  honor: ['Honor by Getui', '荣耀（经个推）'],
  oppo: ['OPPO by Getui', 'OPPO（经个推）'],
  meizu: ['Meizu by Getui', '魅族（经个推）'],
  harmony: ['HarmonyOS by Getui', '鸿蒙（经个推）'],
  apns: ['iPhone by Getui', 'iPhone（经个推）'],
}

/** What its record says of a scheduled push. */
export const getuiStatuses: WordTable = {
  do_not_send: ['waiting', '待下发'],
  send_success: ['sent', '已下发'],
  send_failed: ['failed', '下发失败'],
  has_delete: ['cancelled', '已取消'],
}

/** What plans, recalls and capabilities say of it. */
export const getuiSentences: WordTable = {
  getui_no_task: [
    'Getui stops and recalls a push by its task alone: state the taskId that it answered with.',
    '个推只能凭任务终止、撤回推送：请填写推送时返回的 taskId。',
  ],
  getui_no_notify_id: [
    'A notification shown through Getui is replaced by its notify_id alone: state the notifyId that the push was sent with.',
    '经个推展示的通知只能凭 notify_id 替换：请填写发送时所用的 notifyId。',
  ],
  getui_single: [
    'Getui stops no push to a single device (its task id begins with RASS): revoke it.',
    '个推不支持终止单推任务（taskid 以 RASS 开头）：请改用撤回。',
  ],
  getui_waits: [
    'The push waits for its time, and nothing is shown that could be taken back: stop it.',
    '此推送尚未到点，没有可收回的通知：请改用终止。',
  ],
  getui_host: [
    'Another host of Getui serves this app: set it as the endpoint in the secret of the app.',
    '此应用由个推的另一域名提供服务：请在应用密钥中以 endpoint 填写那个域名。',
  ],
  getui_due: [
    'The push goes out within a minute, when Getui deletes none any more: its delivery is stopped instead.',
    '推送将在一分钟内下发，个推此时已不能删除定时任务：改为终止其下发。',
  ],
  getui_was_deleted: [
    "Getui's own record says that this push was cancelled already.",
    '个推的记录显示此推送已被取消。',
  ],
  getui_was_sent: [
    "Getui's own record says that this push was sent: a stop reaches what it still stores.",
    '个推的记录显示此推送已下发：终止只作用于其仍存储的部分。',
  ],
  getui_stop: [
    'Stop ends what Getui itself still stores; what phone makers and Apple were handed, and what is shown, stays.',
    '终止只作用于个推自身仍存储的部分；已交给手机厂商和苹果的，以及已展示的，不受影响。',
  ],
  getui_revoke: [
    'A revoke reaches notifications of clients from 2.12.5.0 on, and those that Xiaomi and vivo show.',
    '撤回作用于 2.12.5.0 及以上版本客户端的通知，以及小米、vivo 展示的通知。',
  ],
  getui_counts: [
    'It is a push of its own, and counts against the quota of the day.',
    '此操作本身也是一次推送，计入当日额度。',
  ],
  getui_counts_all: [
    'It is a push of its own to the whole audience: a day has only a few of those (20, older documents say 100).',
    '此操作本身也是一次面向全部受众的推送：每日次数很少（20 次，旧文档为 100 次）。',
  ],
  getui_overlay_again: [
    'The new notification also appears where the old one was dismissed or opened, and may ring again.',
    '旧通知已被清除或点开的设备也会显示新通知，且可能再次响铃。',
  ],
  getui_overlay_no_ios: [
    'iPhones are left out: without the apnsCollapseId of the push the new one would stand beside it.',
    '不会发往 iPhone：未提供推送的 apnsCollapseId 时，新旧通知会并存。',
  ],
  getui_overlay_meizu: [
    'On Meizu the documents contradict each other: what they say of it is taken for nothing.',
    '魅族：文档说法相互矛盾，按无效处理。',
  ],
  getui_note_stop: [
    "What Getui's own store still holds; a push that waits for its time ends on every channel.",
    '个推离线存储中的部分；尚未到点的定时推送在所有通道终止。',
  ],
  getui_note_stop_maker: [
    'What was handed to the phone maker stays; a push that waits for its time ends on every channel.',
    '已交给手机厂商的不受影响；尚未到点的定时推送在所有通道终止。',
  ],
  getui_note_client: ['From client 2.12.5.0 on; notifications alone.', '客户端 2.12.5.0 及以上，仅限通知。'],
  getui_note_maker: ['Where the phone maker obeys.', '须手机厂商执行。'],
  getui_note_harmony: [
    'Where the push was sent with a notify_id; the code of the SDK says so, and the page does not.',
    '发送时须带 notify_id；依据 SDK 代码，文档页未提及。',
  ],
  getui_note_none: ['Not among the channels that can recall.', '不在支持撤回的通道之列。'],
  getui_note_notify_id: ['Where the push was sent with this notify_id.', '发送时须使用此 notify_id。'],
  getui_note_meizu: [
    'The page on recalls names Meizu, the page on overlays does not.',
    '撤回文档页提及魅族，覆盖文档页未提及。',
  ],
  getui_note_apns: ['Where the push was sent with this apns-collapse-id.', '发送时须使用此 apns-collapse-id。'],
  getui_limit_requests: ['Requests', '请求数'],
  getui_limit_logins: ['Logins', '登录次数'],
  getui_limit_broadcasts: ['Pushes to all or by tag', '全量与标签推送'],
  getui_limit_devices: ['Devices in a request', '单次请求的设备数'],
  getui_limit_title: ['Title', '标题'],
  getui_limit_text: ['Text', '正文'],
  getui_unit_per_day: ['per day', '每日'],
  getui_unit_devices: ['devices', '台'],
  getui_unit_characters: ['characters', '字'],
}
