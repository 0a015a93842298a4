/** TPNS in the API document. */
import type { VendorDocuments } from '../documents.ts'
import { queryWindow } from './capabilities.ts'

const { calls } = queryWindow.shares.people

export const documents: VendorDocuments = {
  app: 'news-android',
  target: { audience: 'all', audienceSize: 1_200_000 },
  record: { status: 'PUSH_FINISHED', scheduled: false, audience: 'all', source: 'api' },
  replies: { status: { code: '0', message: 'NO_ERROR', requestId: null } },
  warnings: { revoke: 'tpns_revoke_ends_offline' },
  options: { android: { n_ch_id: 'corrections' } },
  check: [
    'the record of a push that nobody made (one of the reads that people share an hour)',
    '查询一个不存在的推送的记录（占用人工查询额度一次）',
  ],
  reads: [`${calls} an hour`, `每小时 ${calls} 次`],
  notes: {
    stop: ['TPNS takes stop on Android only.', 'TPNS 的终止仅限 Android。'],
    overlay: [
      "On TPNS audience, environment and collapse id come from the vendor's record, never from the request; what the record cannot reproduce is unsupported.",
      'TPNS 的受众、环境与 collapse id 取自厂商记录而非请求，无法还原的一律不支持。',
    ],
  },
}
