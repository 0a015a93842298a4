/** Made by `npm run vendor-docs` from texts.ts of each vendor: changes here are lost. */

/** By the name of the provider: the first handle that a push has is its identity. */
export const vendorHandles = {
  "tpns": {
    "tokens": "never",
    "handles": [
      {
        "member": "pushId",
        "integer": false,
        "pattern": "^\\d{1,20}$",
        "digits": true,
        "whole": true,
        "status": true
      }
    ],
    "beside": []
  },
  "huawei": {
    "tokens": "always",
    "handles": [
      {
        "member": "notifyId",
        "integer": true,
        "most": 2147483647,
        "whole": false,
        "status": false
      }
    ],
    "beside": []
  },
  "fcm": {
    "tokens": "may",
    "handles": [
      {
        "member": "tag",
        "integer": false,
        "digits": false,
        "whole": false,
        "status": false
      },
      {
        "member": "collapseKey",
        "integer": false,
        "digits": false,
        "whole": false,
        "status": false
      }
    ],
    "beside": [
      "topic"
    ]
  },
  "apns": {
    "tokens": "always",
    "handles": [
      {
        "member": "collapseId",
        "integer": false,
        "digits": false,
        "whole": false,
        "status": false
      }
    ],
    "beside": []
  },
  "onesignal": {
    "tokens": "may",
    "handles": [
      {
        "member": "messageId",
        "integer": false,
        "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "digits": false,
        "whole": true,
        "status": true
      },
      {
        "member": "collapseId",
        "integer": false,
        "digits": false,
        "whole": false,
        "status": false
      }
    ],
    "beside": []
  },
  "getui": {
    "tokens": "may",
    "handles": [
      {
        "member": "taskId",
        "integer": false,
        "pattern": "^[A-Za-z0-9_-]{8,64}$",
        "digits": false,
        "whole": true,
        "status": true
      },
      {
        "member": "notifyId",
        "integer": true,
        "most": 2147483647,
        "whole": false,
        "status": false
      }
    ],
    "beside": [
      "apnsCollapseId"
    ]
  }
} as const

/** By the flag of the command line. */
export const handleFlags = {
  "push-id": {
    "member": "pushId",
    "takes": "ID",
    "tokens": "never",
    "status": true,
    "words": [
      "The TPNS push id: digits, which may exceed 2^53. Answers have a string; requests may have a whole number.",
      "TPNS 的推送 ID：一串数字，可能超过 2^53。响应中为字符串，请求中也可写成整数。"
    ]
  },
  "notify-id": {
    "member": "notifyId",
    "takes": "N",
    "tokens": "may",
    "status": true,
    "words": [
      "HarmonyOS: The notifyId that the message was sent with at Push Kit. Getui: The notify_id that the push was sent with, for its own channel and for phone makers: under it the push can be overlaid.",
      "HarmonyOS：通过 Push Kit 发送消息时所用的 notifyId。个推：发送推送时所用的 notify_id（个推通道与厂商通道写同一值）：凭它可覆盖推送。"
    ]
  },
  "tag": {
    "member": "tag",
    "takes": "ID",
    "tokens": "may",
    "status": false,
    "words": [
      "The tag that the message was sent with: the same text as android.notification.tag, apns-collapse-id and webpush.notification.tag.",
      "发送消息时所用的 tag：在 android.notification.tag、apns-collapse-id 与 webpush.notification.tag 中写同一文本。"
    ]
  },
  "collapse-key": {
    "member": "collapseKey",
    "takes": "ID",
    "tokens": "may",
    "status": false,
    "words": [
      "The android.collapse_key that the message was sent with: by it what FCM still stores can be stopped.",
      "发送消息时所用的 android.collapse_key：凭它可终止 FCM 尚存未送达的消息。"
    ]
  },
  "collapse-id": {
    "member": "collapseId",
    "takes": "ID",
    "tokens": "may",
    "status": true,
    "words": [
      "Apple APNs: The apns-collapse-id that the push was sent with. OneSignal: The text that the message was sent with as collapse_id, and on the web as web_push_topic: under it the message can be overlaid.",
      "苹果 APNs：发送推送时所用的 apns-collapse-id。OneSignal：发送消息时所用的 collapse_id（网页为 web_push_topic，写同一文本）：凭它可覆盖消息。"
    ]
  },
  "message-id": {
    "member": "messageId",
    "takes": "ID",
    "tokens": "may",
    "status": true,
    "words": [
      "The id that OneSignal answered with when the message was made: by it the message can be stopped.",
      "创建消息时 OneSignal 返回的 id：凭它可终止消息。"
    ]
  },
  "task-id": {
    "member": "taskId",
    "takes": "ID",
    "tokens": "may",
    "status": true,
    "words": [
      "The taskid that Getui answered with when the push was sent: by it the push is stopped and recalled.",
      "推送时个推返回的 taskid：凭它可终止、撤回推送。"
    ]
  }
} as const
