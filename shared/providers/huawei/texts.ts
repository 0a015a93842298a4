/** What people call Push Kit and what names its messages. */
import type { Words } from '../../words.ts'
import type { Handle } from '../provider.ts'

export const huaweiTitle: Words = ['HarmonyOS', 'HarmonyOS']

export const huaweiHandles: readonly [Handle] = [
  {
    member: 'notifyId',
    json: 'integer',
    madeBy: 'sender',
    sample: 1_234_567,
    words: ['The notifyId that the message was sent with at Push Kit.', '通过 Push Kit 发送消息时所用的 notifyId。'],
  },
]
