/** What of a recall waits, or waited, for other persons. */
import type { WordTable } from '../../../shared/words.ts'

export const approvalWords: WordTable = {
  approval: [
    'What of it waits, or waited, for other persons; null: it never took any.',
    '等待（或曾等待）他人复核的部分；从未需要复核则为 null。',
  ],
  'Approval.state': [
    'waiting; approved; declined; expired: nobody decided in time; cancelled; broken: it began without waiting (breakGlass).',
    'waiting：待复核；approved：已通过；declined：已驳回；expired：逾期未决；cancelled：已取消；broken：未经复核即开始（breakGlass）。',
  ],
  needed: ['How many other persons.', '需要几名他人同意。'],
  'Approval.by': ['Who has agreed.', '已同意的人。'],
  'by.person': ['The person.', '人员。'],
  'by.at': ['When.', '时间。'],
  'Approval.expiresAt': [
    'Until when it may be decided; null: as long as the recall runs.',
    '复核截止时间；null 表示在回撤进行期间均可复核。',
  ],
  'Approval.reach': ['What was shown: an approval covers 1.25 times that.', '所示的设备数；复核通过后覆盖其 1.25 倍。'],
  check: [
    'Four digits made from digest, to be typed before a large recall.',
    '由 digest 得出的四位数字，大范围回撤前须输入。',
  ],
  above: ['The line that it is over, in devices.', '所超过的复核线（设备数）。'],
  mayDecide: ['Whether who asks may decide now.', '当前请求者此刻能否复核。'],
  'Recall.breakGlass': ['It began over a line without waiting for another person.', '超过复核线但未经复核即开始。'],
  reviewedBy: ['The other person who looked at it afterwards; null: nobody yet.', '事后复查的另一人；尚无则为 null。'],
  reviewedAt: ['When.', '复查时间。'],
  because: [
    'reach: its own devices; hour: those of the person’s last hour; nobody: it was asked for by a key that names no person; growth: what came to it since.',
    'reach：设备数超线；hour：该人一小时内累计超线；nobody：发起密钥未注明人员；growth：后来加入的部分超线。',
  ],
  'Approval.digest': ['What a decision is bound to.', '复核决定所绑定的摘要。'],
}
