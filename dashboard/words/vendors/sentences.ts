/** Made by `npm run vendor-docs` from texts.ts of each vendor: changes here are lost. */
import type { WordTable } from '../../../shared/words.ts'

/** By code. */
export const vendorSentences: WordTable = {
  "tpns_audience_excluded": [
    "TPNS takes back pushes to everybody, to tags and to number packages; this one went to {audience}.",
    "TPNS 只能撤回全量、标签和号码包推送；此推送发给了 {audience}。"
  ],
  "tpns_audience_unknown": [
    "It is not known whom this push went to; TPNS takes back pushes to everybody, to tags and to number packages.",
    "不知此推送发给了谁；TPNS 只能撤回全量、标签和号码包推送。"
  ],
  "tpns_audience_doubtful": [
    "The documents do not say whether a push to {audience} can be taken back; it is tried.",
    "文档未说明发给 {audience} 的推送能否撤回，仍会尝试。"
  ],
  "tpns_no_stop_on_ios": [
    "TPNS offers no stop on iOS.",
    "TPNS 在 iOS 上不提供终止。"
  ],
  "tpns_cancelled_scheduled": [
    "A push that still waits for its time is cancelled, on every channel. Of a looped push this ends the rounds to come; what earlier rounds showed stays.",
    "尚未到点的推送在各通道均会取消。循环推送只取消之后各轮，此前已展示的仍会展示。"
  ],
  "tpns_record_says": [
    "TPNS's own record says that this push {what}.",
    "TPNS 的记录显示此推送 {what}。"
  ],
  "tpns_stop": [
    "Stop ends what has not reached a phone yet; notifications already shown stay.",
    "终止只作用于尚未送达的部分，已展示的通知仍会展示。"
  ],
  "tpns_revoke_retired": [
    "TPNS marked revoke as taken offline on {day}: it may refuse, or accept and do nothing.",
    "TPNS 自 {day} 起标注撤回已下线：可能拒绝，也可能受理而不执行。"
  ],
  "tpns_revoke_own_channel": [
    "Revoke removes notifications only on TPNS's own channel; those of Xiaomi, Huawei, OPPO, vivo and the others stay.",
    "撤回仅移除 TPNS 自有通道的通知；小米、华为、OPPO、vivo 等通道的仍会展示。"
  ],
  "tpns_revoke_ios": [
    "On iOS revoke is a silent message: it removes the notification only while the process of the app lives, and wakes the app.",
    "在 iOS 上撤回是一条静默消息：仅在应用进程存活时移除通知，并会唤醒应用。"
  ],
  "tpns_revoke_ends_offline": [
    "Revoke ends the offline delivery of the push.",
    "撤回会终止此推送的离线下发。"
  ],
  "tpns_overlay_ends_offline": [
    "Overlay ends the offline delivery of the old push.",
    "覆盖会终止旧推送的离线下发。"
  ],
  "tpns_overlay_is_new": [
    "Overlay is a new push to the same audience: phones that no longer show the old notification show the new one too.",
    "覆盖是发给同一受众的一次新推送：不再显示旧通知的手机也会显示新通知。"
  ],
  "tpns_overlay_unlisted": [
    "The documents name neither Honor nor FCM among the channels that overlay.",
    "文档所列支持覆盖的通道中没有荣耀和 FCM。"
  ],
  "tpns_overlay_beside": [
    "OPPO, vivo and Huawei phones with EMUI below 10 cannot overlay: with forceCollapse the new message appears there beside the old one.",
    "OPPO、vivo 和 EMUI 10 以下的华为手机不支持覆盖：设了 forceCollapse，新旧消息并存。"
  ],
  "tpns_overlay_not_sent": [
    "OPPO, vivo and Huawei phones with EMUI below 10 cannot overlay: without forceCollapse they keep the old message and do not get the new one.",
    "OPPO、vivo 和 EMUI 10 以下的华为手机不支持覆盖：未设 forceCollapse，保留旧消息，不下发新消息。"
  ],
  "tpns_custom_content": [
    "TPNS blocks an overlay with custom_content for Huawei phones; give a link of the scheme of your app instead.",
    "TPNS 对华为手机屏蔽带 custom_content 的覆盖；请改用应用自有 scheme 的链接。"
  ],
  "tpns_link_ios": [
    "On iOS the link goes along as custom_content.url, and only the app can open it.",
    "在 iOS 上链接随 custom_content.url 下发，只有应用能打开。"
  ],
  "tpns_link_left_out": [
    "The link is left out: options.tpns.{member} stands in its place.",
    "链接未下发：已由 options.tpns.{member} 代替。"
  ],
  "tpns_overlay_scheduled": [
    "The push still waits for its time, so there is nothing to overlay.",
    "推送尚未到点，没有可覆盖的通知。"
  ],
  "tpns_overlay_cancelled": [
    "The push was cancelled before it went out: nothing is there to overlay.",
    "推送在下发前已取消，没有可覆盖的通知。"
  ],
  "tpns_overlay_type": [
    "TPNS overlays notifications; this push is of the type {type}.",
    "TPNS 只覆盖通知；此推送的类型为 {type}。"
  ],
  "tpns_no_collapse_id": [
    "TPNS gave this push no collapse id, and without one it cannot be overlaid.",
    "TPNS 未给此推送分配 collapse id，无法覆盖。"
  ],
  "tpns_no_environment": [
    "The environment of the push (product or dev) is not in its record.",
    "记录中没有此推送的环境（product 或 dev）。"
  ],
  "tpns_tags_inexact": [
    "The tags of the push cannot be repeated exactly.",
    "无法精确还原此推送的标签条件。"
  ],
  "tpns_no_package": [
    "The number package of the push is not in its record.",
    "记录中没有此推送的号码包。"
  ],
  "tpns_overlay_audience": [
    "TPNS overlays pushes to everybody, to tags and to a number package; this one went to {audience}.",
    "TPNS 只能覆盖全量、标签和号码包推送；此推送发给了 {audience}。"
  ],
  "tpns_note_handed_over": [
    "Not stated for this channel; what TPNS has handed over to the phone maker probably still arrives.",
    "文档未说明此通道；TPNS 已转交手机厂商的，多半仍会送达。"
  ],
  "tpns_note_shown_stays": [
    "What this channel shows stays.",
    "此通道已展示的仍会展示。"
  ],
  "tpns_note_not_listed": [
    "Not in the list of channels that overlay; nothing more is stated.",
    "不在支持覆盖的通道之列，文档别无说明。"
  ],
  "tpns_note_force_collapse": [
    "Cannot overlay: forceCollapse decides whether the new message appears beside the old one or not at all.",
    "不支持覆盖：由 forceCollapse 决定新消息是与旧消息并存，还是不下发。"
  ],
  "tpns_note_below_emui10": [
    "EMUI below 10.",
    "EMUI 10 以下。"
  ],
  "tpns_note_emui10": [
    "EMUI 10 and above.",
    "EMUI 10 及以上。"
  ],
  "tpns_note_custom_content": [
    "Custom parameters go into an intent: custom_content is blocked.",
    "自定义参数须放入 intent：custom_content 会被屏蔽。"
  ],
  "tpns_note_ios_stop": [
    "iOS is documented as not supported; only a push that still waits can be cancelled.",
    "文档称 iOS 不支持；只能取消尚未到点的推送。"
  ],
  "tpns_note_offline": [
    "The page calls the feature taken offline.",
    "文档标注此功能已下线。"
  ],
  "tpns_note_ios_revoke": [
    "By a silent message, only while the process of the app lives; it wakes the app.",
    "以静默消息实现，仅在应用进程存活时有效，并会唤醒应用。"
  ],
  "huawei_no_stop": [
    "Push Kit offers no stop; its revoke also ends what is not delivered yet.",
    "Push Kit 不提供终止；其撤回也会终止未送达的部分。"
  ],
  "huawei_revoke": [
    "Only notifications that are not delivered yet, or shown and not clicked, are removed.",
    "只移除尚未送达、或已展示而未点击的通知。"
  ],
  "huawei_badges": [
    "Badges keep their number.",
    "角标数字不变。"
  ],
  "huawei_badges_unless": [
    "Badges keep their number unless options.huawei.notification.badge says otherwise.",
    "角标数字不变，除非另设 options.huawei.notification.badge。"
  ],
  "huawei_devices": [
    "Push Kit reaches {devicesNamed}.",
    "Push Kit 覆盖的设备：{devicesNamed}。"
  ],
  "huawei_overlay": [
    "The new message also appears on devices where the old one was clicked or cleared already.",
    "旧通知已被点击或清除的设备也会显示新消息。"
  ],
  "huawei_link": [
    "On HarmonyOS the link opens the page of the app that declares it as its uri, and no browser.",
    "在 HarmonyOS 上，链接打开声明了此 uri 的应用页面，而非浏览器。"
  ],
  "huawei_note_devices": [
    "Phone, Tablet and PC/2in1; Wearable from 5.1.0(18), TV from 5.1.1(19).",
    "手机、平板和 PC/2in1；穿戴设备须 5.1.0(18) 及以上，智慧屏须 5.1.1(19) 及以上。"
  ],
  "fcm_no_collapse_key": [
    "FCM replaces what it stores by collapse key alone: state the collapseKey that the message was sent with.",
    "FCM 只按 collapse key 替换尚存的消息：请填写发送时所用的 collapseKey。"
  ],
  "fcm_no_removal": [
    "With FCM only the app can remove a notification, and the app does not state that it carries the removal recipe (removal).",
    "在 FCM 上只有应用自己能移除通知，而此应用未声明已接入移除方案（removal）。"
  ],
  "fcm_no_tag": [
    "A notification shown through FCM is found by its tag alone: state the tag that the message was sent with.",
    "经 FCM 展示的通知只能凭 tag 找到：请填写发送时所用的 tag。"
  ],
  "fcm_topic": [
    "FCM takes a push to a topic back by an overlay alone; anything else needs push tokens.",
    "发给主题的推送，FCM 只能覆盖；其他操作需要 push token。"
  ],
  "fcm_stop": [
    "Stop ends what FCM still stores for an Android device under the collapse key; notifications already shown stay.",
    "终止只作用于 FCM 为 Android 设备按此 collapse key 尚存的消息，已展示的通知仍会展示。"
  ],
  "fcm_stop_data": [
    "The app gets a data message that shows nothing.",
    "应用会收到一条不展示任何内容的数据消息。"
  ],
  "fcm_revoke": [
    "The app removes the notification itself, where it carries the removal recipe: not after a force stop, and on iPhones only a few times an hour.",
    "通知由应用自行移除，须已接入移除方案；强行停止后无效，在 iPhone 上每小时只有几次机会。"
  ],
  "fcm_revoke_web": [
    "On the web a silent notice takes the place of the notification.",
    "在网页上由一条静默通知替换。"
  ],
  "fcm_revoke_many": [
    "Google rates an app down that gets many urgent messages which show nothing: for many devices overlay is better.",
    "应用若大量收到不展示内容的高优先级消息，会被 Google 降级：设备多时宜用覆盖。"
  ],
  "fcm_overlay": [
    "Nothing is replaced where the app, or a window of the site, is on the screen: the app gets the new message itself.",
    "应用或网站窗口正在屏幕上时不会替换：由应用自行处理新消息。"
  ],
  "fcm_overlay_again": [
    "The new message also appears where the old one was dismissed or opened, and may ring again.",
    "旧通知已被清除或点开的设备也会显示新消息，并可能再次响铃。"
  ],
  "fcm_link": [
    "On phones the link goes along as data.url, and only the app can open it.",
    "在手机上链接随 data.url 下发，只有应用能打开。"
  ],
  "fcm_link_web": [
    "On the web FCM takes links with https alone: there it is left out.",
    "在网页上 FCM 只接受 https 链接：此处的链接不下发。"
  ],
  "fcm_note_stored": [
    "What FCM still stores under the same collapse key is replaced.",
    "FCM 按同一 collapse key 尚存的消息会被替换。"
  ],
  "fcm_note_not_stored": [
    "Nothing that is stored is replaced there.",
    "此处尚存的消息不会被替换。"
  ],
  "fcm_note_recipe": [
    "By the app, where it carries the removal recipe.",
    "由应用移除，须已接入移除方案。"
  ],
  "fcm_note_recipe_ios": [
    "By the app, where it carries the removal recipe and iOS wakes it.",
    "由应用移除，须已接入移除方案，且 iOS 唤醒了应用。"
  ],
  "fcm_note_silent_notice": [
    "By a silent notice: browsers show something for every message.",
    "由一条静默通知替换：浏览器收到消息必须有所展示。"
  ],
  "fcm_note_not_on_screen": [
    "Where the app is not on the screen.",
    "应用不在屏幕上时有效。"
  ],
  "fcm_note_collapse_id": [
    "Where the message was sent with the tag as its apns-collapse-id.",
    "发送时须以此 tag 作为 apns-collapse-id。"
  ],
  "fcm_note_no_window": [
    "Where no window of the site is visible.",
    "网站没有可见窗口时有效。"
  ],
  "apns_no_stop": [
    "APNs offers no stop; an overlay under the same collapse id also takes the place of what is still stored for a device.",
    "APNs 不提供终止；同一 collapse id 的覆盖也会取代仍为设备暂存的那一条。"
  ],
  "apns_no_removal": [
    "APNs removes nothing by itself, and the app does not state that it carries the removal recipe (removal).",
    "APNs 自身不能移除通知，而应用未声明（removal）内置了移除代码。"
  ],
  "apns_background": [
    "The notification goes where the app carries the recipe and iOS wakes it: not after it was swiped away, and two or three times an hour at most.",
    "仅当应用内置移除代码且 iOS 唤醒它时，通知才会消失：被用户划掉关闭的应用不会被唤醒，每小时至多唤醒两三次。"
  ],
  "apns_extension": [
    "In its place stands a short note that the push was withdrawn; it goes altogether only where Apple has granted the app the filtering entitlement.",
    "原通知会被一条“已撤回”的简短提示取代；只有获得苹果 filtering 授权的应用才能完全移除。"
  ],
  "apns_same_id": [
    "Only a push that was sent with this collapse id is met: one without an id cannot be named.",
    "只能命中以此 collapse id 发送的推送；发送时未带 id 的无法指明。"
  ],
  "apns_cleared": [
    "The new message also appears, maybe with a banner, where the old one was cleared already.",
    "旧通知已被清除的设备也会显示新消息，可能弹出横幅。"
  ],
  "apns_link": [
    "APNs has no member for a link: it goes as url beside aps, and the app must read it.",
    "APNs 没有链接字段：链接以 url 放在 aps 之外，须由应用自行读取。"
  ],
  "apns_note_overlay": [
    "Where it was sent with the same apns-collapse-id; since June 2024 that holds for what is stored for offline devices, too.",
    "须以相同的 apns-collapse-id 发送；自 2024 年 6 月起，对为离线设备暂存的推送同样有效。"
  ],
  "apns_note_revoke": [
    "Where the app carries the removal recipe and the system runs it; with removal extension a note takes its place.",
    "须应用内置移除代码且系统运行它；removal 为 extension 时以提示取代。"
  ],
  "onesignal_no_message_id": [
    "OneSignal cancels a message by its own id alone: state the messageId that it answered with.",
    "OneSignal 只能凭自己生成的 id 取消消息：请填写创建消息时返回的 messageId。"
  ],
  "onesignal_no_collapse_id": [
    "A notification shown through OneSignal is replaced by its collapse id alone: state the collapseId that the message was sent with.",
    "经 OneSignal 展示的通知只能凭 collapse id 替换：请填写发送时所用的 collapseId。"
  ],
  "onesignal_no_revoke": [
    "OneSignal takes no notification off a device: stop the message, or overlay it.",
    "OneSignal 无法从设备上移除通知：请改用终止或覆盖。"
  ],
  "onesignal_stop": [
    "Stop ends what OneSignal has not sent out yet; notifications already shown stay.",
    "终止只作用于 OneSignal 尚未发出的部分，已展示的通知仍会展示。"
  ],
  "onesignal_stop_part": [
    "Of a message that is on its way, part of the audience may still get it.",
    "正在下发的消息，仍可能有部分受众收到。"
  ],
  "onesignal_was_canceled": [
    "OneSignal's own record says that this message was cancelled already.",
    "OneSignal 的记录显示此消息已被取消。"
  ],
  "onesignal_was_completed": [
    "OneSignal's own record says that this message was sent whole: nothing is left to stop.",
    "OneSignal 的记录显示此消息已全部发出，没有可终止的部分。"
  ],
  "onesignal_overlay_again": [
    "The new message also appears where the old one was dismissed or opened.",
    "旧通知已被清除或点开的设备也会显示新消息。"
  ],
  "onesignal_overlay_sound": [
    "On Android it may ring again, save in a quiet channel (android_channel_id).",
    "在 Android 上可能再次响铃，除非指定静音的通知渠道（android_channel_id）。"
  ],
  "onesignal_overlay_others": [
    "Whatever else was sent under the same collapse id is replaced too.",
    "以同一 collapse id 发送的其他消息也会被替换。"
  ],
  "onesignal_overlay_counts": [
    "The overlay is a message of its own in the statistics of the account, and OneSignal disables an app that sends more than ten for each subscription in 15 minutes.",
    "覆盖会作为一条新消息计入账号统计；15 分钟内平均每个订阅超过十条的应用会被 OneSignal 停用。"
  ],
  "onesignal_note_not_sent": [
    "What waits for its time, or has not been sent out yet.",
    "尚未到点或尚未发出的部分。"
  ],
  "onesignal_note_collapse_id": [
    "Where the message was sent with this collapse_id; from the description of the field.",
    "发送时须使用此 collapse_id；依据此字段的说明。"
  ],
  "onesignal_note_topic": [
    "Where the message was sent with this text as its web_push_topic.",
    "发送时须以此文本作为 web_push_topic。"
  ],
  "onesignal_note_safari": [
    "Safari knows no topics: the new message appears beside the old one.",
    "Safari 不支持 topic：新旧消息并存。"
  ],
  "onesignal_limit_requests": [
    "Requests to send and to cancel",
    "发送与取消请求"
  ],
  "onesignal_limit_views": [
    "Requests for one message",
    "查询单条消息"
  ],
  "onesignal_limit_subscriptions": [
    "Subscriptions in a request",
    "单次请求的订阅数"
  ],
  "onesignal_limit_messages": [
    "Messages for each subscription",
    "平均每个订阅的消息数"
  ],
  "onesignal_limit_collapse_id": [
    "Size of the collapse id",
    "collapse id 长度"
  ],
  "onesignal_limit_record": [
    "Record of a message",
    "消息记录保留时长"
  ],
  "onesignal_unit_subscriptions": [
    "subscriptions",
    "个"
  ],
  "onesignal_unit_per_15_minutes": [
    "per 15 minutes",
    "每 15 分钟"
  ],
  "onesignal_unit_days": [
    "days",
    "天"
  ],
  "getui_no_task": [
    "Getui stops and recalls a push by its task alone: state the taskId that it answered with.",
    "个推只能凭任务终止、撤回推送：请填写推送时返回的 taskId。"
  ],
  "getui_no_notify_id": [
    "A notification shown through Getui is replaced by its notify_id alone: state the notifyId that the push was sent with.",
    "经个推展示的通知只能凭 notify_id 替换：请填写发送时所用的 notifyId。"
  ],
  "getui_single": [
    "Getui stops no push to a single device (its task id begins with RASS): revoke it.",
    "个推不支持终止单推任务（taskid 以 RASS 开头）：请改用撤回。"
  ],
  "getui_waits": [
    "The push waits for its time, and nothing is shown that could be taken back: stop it.",
    "此推送尚未到点，没有可收回的通知：请改用终止。"
  ],
  "getui_host": [
    "Another host of Getui serves this app: set it as the endpoint in the secret of the app.",
    "此应用由个推的另一域名提供服务：请在应用密钥中以 endpoint 填写那个域名。"
  ],
  "getui_due": [
    "The push goes out within a minute, when Getui deletes none any more: its delivery is stopped instead.",
    "推送将在一分钟内下发，个推此时已不能删除定时任务：改为终止其下发。"
  ],
  "getui_was_deleted": [
    "Getui's own record says that this push was cancelled already.",
    "个推的记录显示此推送已被取消。"
  ],
  "getui_was_sent": [
    "Getui's own record says that this push was sent: a stop reaches what it still stores.",
    "个推的记录显示此推送已下发：终止只作用于其仍存储的部分。"
  ],
  "getui_stop": [
    "Stop ends what Getui itself still stores; what phone makers and Apple were handed, and what is shown, stays.",
    "终止只作用于个推自身仍存储的部分；已交给手机厂商和苹果的，以及已展示的，不受影响。"
  ],
  "getui_revoke": [
    "A revoke reaches notifications of clients from 2.12.5.0 on, and those that Xiaomi and vivo show.",
    "撤回作用于 2.12.5.0 及以上版本客户端的通知，以及小米、vivo 展示的通知。"
  ],
  "getui_counts": [
    "It is a push of its own, and counts against the quota of the day.",
    "此操作本身也是一次推送，计入当日额度。"
  ],
  "getui_counts_all": [
    "It is a push of its own to the whole audience: a day has only a few of those (20, older documents say 100).",
    "此操作本身也是一次面向全部受众的推送：每日次数很少（20 次，旧文档为 100 次）。"
  ],
  "getui_overlay_again": [
    "The new notification also appears where the old one was dismissed or opened, and may ring again.",
    "旧通知已被清除或点开的设备也会显示新通知，且可能再次响铃。"
  ],
  "getui_overlay_no_ios": [
    "iPhones are left out: without the apnsCollapseId of the push the new one would stand beside it.",
    "不会发往 iPhone：未提供推送的 apnsCollapseId 时，新旧通知会并存。"
  ],
  "getui_overlay_meizu": [
    "On Meizu the documents contradict each other: what they say of it is taken for nothing.",
    "魅族：文档说法相互矛盾，按无效处理。"
  ],
  "getui_note_stop": [
    "What Getui's own store still holds; a push that waits for its time ends on every channel.",
    "个推离线存储中的部分；尚未到点的定时推送在所有通道终止。"
  ],
  "getui_note_stop_maker": [
    "What was handed to the phone maker stays; a push that waits for its time ends on every channel.",
    "已交给手机厂商的不受影响；尚未到点的定时推送在所有通道终止。"
  ],
  "getui_note_client": [
    "From client 2.12.5.0 on; notifications alone.",
    "客户端 2.12.5.0 及以上，仅限通知。"
  ],
  "getui_note_maker": [
    "Where the phone maker obeys.",
    "须手机厂商执行。"
  ],
  "getui_note_harmony": [
    "Where the push was sent with a notify_id; the code of the SDK says so, and the page does not.",
    "发送时须带 notify_id；依据 SDK 代码，文档页未提及。"
  ],
  "getui_note_none": [
    "Not among the channels that can recall.",
    "不在支持撤回的通道之列。"
  ],
  "getui_note_notify_id": [
    "Where the push was sent with this notify_id.",
    "发送时须使用此 notify_id。"
  ],
  "getui_note_meizu": [
    "The page on recalls names Meizu, the page on overlays does not.",
    "撤回文档页提及魅族，覆盖文档页未提及。"
  ],
  "getui_note_apns": [
    "Where the push was sent with this apns-collapse-id.",
    "发送时须使用此 apns-collapse-id。"
  ],
  "getui_limit_requests": [
    "Requests",
    "请求数"
  ],
  "getui_limit_logins": [
    "Logins",
    "登录次数"
  ],
  "getui_limit_broadcasts": [
    "Pushes to all or by tag",
    "全量与标签推送"
  ],
  "getui_limit_devices": [
    "Devices in a request",
    "单次请求的设备数"
  ],
  "getui_limit_title": [
    "Title",
    "标题"
  ],
  "getui_limit_text": [
    "Text",
    "正文"
  ],
  "getui_unit_per_day": [
    "per day",
    "每日"
  ],
  "getui_unit_devices": [
    "devices",
    "台"
  ],
  "getui_unit_characters": [
    "characters",
    "字"
  ]
}
