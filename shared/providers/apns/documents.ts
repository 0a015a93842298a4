/** APNs in the API document. */
import type { VendorDocuments } from '../documents.ts'

export const documents: VendorDocuments = {
  check: ['a silent push to a token that is no device’s', '向一个不属于任何设备的 token 发送静默推送'],
  notes: {
    stop: 'apns_no_stop',
    revoke: [
      'With APNs the app itself removes the notification, where it carries the removal recipe.',
      '在 APNs 上通知由应用自行移除，须已接入移除方案。',
    ],
    overlay: ['With APNs the message is sent again under the same collapseId.', 'APNs 以相同 collapseId 重发。'],
  },
}
