/** Push Kit in the API document. */
import type { VendorDocuments } from '../documents.ts'

export const documents: VendorDocuments = {
  app: 'news-harmony',
  replies: {
    accepted: {
      code: '80000000',
      message: 'Success',
      requestIds: ['176412420010000000000001', '176412420010000000000002', '176412420010000000000003'],
    },
    partial: {
      code: '80100020',
      message: 'Check Parameter Partial Success.',
      requestId: '169000000000000000001714',
      reason: 'tokenFormatError',
    },
  },
  warnings: { revoke: 'huawei_badges' },
  options: { category: 'MARKETING' },
  check: ['a revoke of one malformed token under an unused notifyId', '以未使用的 notifyId 撤回一个格式错误的 token'],
  notes: {
    stop: 'huawei_no_stop',
    overlay: [
      'On HarmonyOS the message is sent again under the same notifyId and needs a category.',
      'HarmonyOS 以相同 notifyId 重发，且需要 category。',
    ],
  },
}
