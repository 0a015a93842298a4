/** FCM in the API document. */
import type { VendorDocuments } from '../documents.ts'

export const documents: VendorDocuments = {
  check: [
    'a message to a topic that nobody has, which is checked and not sent',
    '向一个无人订阅的主题提交一条只校验、不发送的消息',
  ],
  notes: {
    stop: [
      'At FCM stop ends what is still stored under the collapseKey.',
      'FCM 的终止只作用于按 collapseKey 尚存的消息。',
    ],
    revoke: [
      'With FCM the app itself removes the notification, where it carries the removal recipe.',
      '在 FCM 上通知由应用自行移除，须已接入移除方案。',
    ],
    overlay: [
      'With FCM the message is sent again under the same tag, to push tokens or to a topic.',
      'FCM 以相同 tag 重发，可发给 push token 或主题。',
    ],
  },
}
