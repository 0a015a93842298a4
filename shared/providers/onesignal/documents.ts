/** OneSignal in the API document. */
import type { VendorDocuments } from '../documents.ts'
import { viewWindow } from './capabilities.ts'

const { calls } = viewWindow.shares.people
const seconds = viewWindow.windowMs / 1000

export const documents: VendorDocuments = {
  check: ['the record of a message that nobody made', '查询一条不存在的消息的记录'],
  reads: [`${calls} in ${seconds} s`, `每 ${seconds} 秒 ${calls} 次`],
  notes: {
    stop: ['OneSignal stops a message by its messageId alone.', 'OneSignal 只能凭 messageId 终止消息。'],
    revoke: 'onesignal_no_revoke',
    overlay: [
      'With OneSignal the message is sent again under the same collapseId, to named subscriptions alone.',
      'OneSignal 以相同 collapseId 重发，且只发给指定的订阅。',
    ],
  },
}
