/** Made by `npm run vendor-docs` from texts.ts of each vendor: changes here are lost. */
import type { WordTable } from '../../../shared/words.ts'

/** By the name of the provider. */
export const providerWords: WordTable = {
  "tpns": [
    "TPNS",
    "TPNS"
  ],
  "huawei": [
    "HarmonyOS",
    "HarmonyOS"
  ],
  "fcm": [
    "FCM",
    "FCM"
  ],
  "apns": [
    "Apple APNs",
    "苹果 APNs"
  ],
  "onesignal": [
    "OneSignal",
    "OneSignal"
  ],
  "getui": [
    "Getui",
    "个推"
  ]
}

/** By `<provider>.<channel>`. */
export const channelWords: WordTable = {
  "tpns.tpns": [
    "TPNS own channel",
    "TPNS 自有通道"
  ],
  "tpns.xiaomi": [
    "Xiaomi",
    "小米"
  ],
  "tpns.meizu": [
    "Meizu",
    "魅族"
  ],
  "tpns.huawei": [
    "Huawei, EMUI ≥ 10",
    "华为（EMUI ≥ 10）"
  ],
  "tpns.huawei-emui9": [
    "Huawei, EMUI < 10",
    "华为（EMUI < 10）"
  ],
  "tpns.harmony": [
    "HarmonyOS by TPNS",
    "HarmonyOS（经 TPNS）"
  ],
  "tpns.oppo": [
    "OPPO",
    "OPPO"
  ],
  "tpns.vivo": [
    "vivo",
    "vivo"
  ],
  "tpns.honor": [
    "Honor",
    "荣耀"
  ],
  "tpns.fcm": [
    "FCM",
    "FCM"
  ],
  "tpns.apns": [
    "APNs by TPNS",
    "APNs（经 TPNS）"
  ],
  "huawei.harmony": [
    "HarmonyOS, Push Kit",
    "HarmonyOS（Push Kit）"
  ],
  "fcm.android": [
    "Android by FCM",
    "Android（经 FCM）"
  ],
  "fcm.ios": [
    "iPhone by FCM",
    "iPhone（经 FCM）"
  ],
  "fcm.web": [
    "web by FCM",
    "网页（经 FCM）"
  ],
  "apns.apns": [
    "iPhone and iPad, APNs",
    "iPhone、iPad（APNs）"
  ],
  "onesignal.android": [
    "Android by OneSignal",
    "Android（经 OneSignal）"
  ],
  "onesignal.ios": [
    "iPhone by OneSignal",
    "iPhone（经 OneSignal）"
  ],
  "onesignal.web": [
    "Chrome, Edge and Firefox by OneSignal",
    "Chrome、Edge、Firefox（经 OneSignal）"
  ],
  "onesignal.web-safari": [
    "Safari by OneSignal",
    "Safari（经 OneSignal）"
  ],
  "getui.getui": [
    "Getui's own channel",
    "个推通道"
  ],
  "getui.xiaomi": [
    "Xiaomi by Getui",
    "小米（经个推）"
  ],
  "getui.vivo": [
    "vivo by Getui",
    "vivo（经个推）"
  ],
  "getui.huawei": [
    "Huawei by Getui",
    "华为（经个推）"
  ],
  "getui.honor": [
    "Honor by Getui",
    "荣耀（经个推）"
  ],
  "getui.oppo": [
    "OPPO by Getui",
    "OPPO（经个推）"
  ],
  "getui.meizu": [
    "Meizu by Getui",
    "魅族（经个推）"
  ],
  "getui.harmony": [
    "HarmonyOS by Getui",
    "鸿蒙（经个推）"
  ],
  "getui.apns": [
    "iPhone by Getui",
    "iPhone（经个推）"
  ]
}

/** By the word of the vendor’s record. */
export const vendorStatusWords: WordTable = {
  "PUSH_INIT": [
    "created",
    "待下发"
  ],
  "PUSH_WAIT": [
    "waiting",
    "待下发"
  ],
  "PUSH_STARTED": [
    "sending",
    "下发中"
  ],
  "PUSH_FINISHED": [
    "sent",
    "已下发"
  ],
  "PUSH_FAILED": [
    "failed",
    "下发失败"
  ],
  "PUSH_CANCELED": [
    "cancelled",
    "已取消"
  ],
  "PUSH_DELETED_PUSH_MSG": [
    "stopped",
    "已终止"
  ],
  "PUSH_REVOKED": [
    "revoked",
    "已撤回"
  ],
  "PUSH_COLLAPSED": [
    "overlaid",
    "已覆盖"
  ],
  "SCHEDULED": [
    "waiting",
    "待下发"
  ],
  "SENDING": [
    "sending",
    "下发中"
  ],
  "COMPLETED": [
    "sent",
    "已下发"
  ],
  "CANCELED": [
    "cancelled",
    "已取消"
  ],
  "do_not_send": [
    "waiting",
    "待下发"
  ],
  "send_success": [
    "sent",
    "已下发"
  ],
  "send_failed": [
    "failed",
    "下发失败"
  ],
  "has_delete": [
    "cancelled",
    "已取消"
  ]
}
