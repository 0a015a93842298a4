/** Made by `npm run vendor-docs` from texts.ts of each vendor: changes here are lost. */

/** By the name of the provider: the first handle that a push has is its identity. */
export const vendorHandles = {
  "tpns": {
    "tokens": "never",
    "status": true,
    "handles": [
      {
        "member": "pushId",
        "integer": false,
        "sample": "43214535"
      }
    ]
  },
  "huawei": {
    "tokens": "always",
    "status": false,
    "handles": [
      {
        "member": "notifyId",
        "integer": true,
        "sample": 1234567
      }
    ]
  },
  "fcm": {
    "tokens": "may",
    "status": false,
    "handles": [
      {
        "member": "tag",
        "integer": false,
        "sample": "rc-8f2c"
      },
      {
        "member": "collapseKey",
        "integer": false,
        "sample": "rc-8f2c"
      }
    ]
  },
  "apns": {
    "tokens": "always",
    "status": false,
    "handles": [
      {
        "member": "collapseId",
        "integer": false,
        "sample": "order-4711"
      }
    ]
  },
  "onesignal": {
    "tokens": "may",
    "status": true,
    "handles": [
      {
        "member": "messageId",
        "integer": false,
        "sample": "1e2f3a4b-5c6d-4e7f-8091-a2b3c4d5e6f7"
      },
      {
        "member": "collapseId",
        "integer": false,
        "sample": "rc-8f2c"
      }
    ]
  },
  "getui": {
    "tokens": "may",
    "status": true,
    "handles": [
      {
        "member": "taskId",
        "integer": false,
        "sample": "RASL_0109_3ed7bcb9904a2d8208261d0c78a1e999"
      },
      {
        "member": "notifyId",
        "integer": true,
        "sample": 48213907
      }
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
      "The TPNS push id: digits, as a string because they exceed 2^53.",
      "TPNS 的推送 ID：一串数字，因超过 2^53 而用字符串。"
    ]
  },
  "notify-id": {
    "member": "notifyId",
    "takes": "N",
    "tokens": "may",
    "status": true,
    "words": [
      "The notifyId that the message was sent with at Push Kit.",
      "通过 Push Kit 发送消息时所用的 notifyId。"
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
      "The apns-collapse-id that the push was sent with.",
      "发送推送时所用的 apns-collapse-id。"
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
