/** Getui in the API document. */
import type { VendorDocuments } from '../documents.ts'

export const documents: VendorDocuments = {
  check: ['the record of a push that nobody scheduled', '查询一个不存在的定时推送的记录'],
  notes: {
    stop: ['Getui stops a push by its taskId alone.', '个推只能凭 taskId 终止推送。'],
    revoke: [
      'Getui revokes a push by its taskId, on the devices or the audience that the target names.',
      '个推凭 taskId 在目标指定的设备或受众上撤回推送。',
    ],
    overlay: [
      'With Getui the message is sent again under the same notifyId, to the devices or the audience that the target names.',
      '个推以相同 notifyId 重发，发给目标指定的设备或受众。',
    ],
  },
}
