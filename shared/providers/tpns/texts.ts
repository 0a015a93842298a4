/** What people call TPNS and what names its pushes. */
import type { Words } from '../../words.ts'
import type { Handle } from '../provider.ts'

export const tpnsTitle: Words = ['TPNS', 'TPNS']

export const tpnsHandles: readonly [Handle] = [
  {
    member: 'pushId',
    json: 'string',
    madeBy: 'vendor',
    sample: '43214535',
    words: [
      'The TPNS push id: digits, as a string because they exceed 2^53.',
      'TPNS 的推送 ID：一串数字，因超过 2^53 而用字符串。',
    ],
  },
]
