/** The record of a recall. */
import type { WordTable } from '../../../shared/words.ts'

export const recallEventWords: WordTable = {
  'RecallEvents.items': ['In the order of time.', '按时间顺序。'],
  'RecallEvent.at': [
    'When, in UTC, to the microsecond; of answers, when the first request was made.',
    '时间（UTC，精确到微秒）；answers 为首次请求的时间。',
  ],
  kind: ['What happened.', '发生了什么。'],
  'RecallEvent.until': [
    'answers: when the last answer was written down; blocked: when it moved again; null: not yet.',
    'answers：最后一次回应的记录时间；blocked：恢复的时间；null 表示尚未。',
  ],
  'RecallEvent.person': ['The person behind the actor; null: none is known.', '操作者对应的人；未知则为 null。'],
  decision: ['decided: approved, declined or reviewed.', 'decided：approved、declined 或 reviewed。'],
  'RecallEvent.reason': ['The reason that was given.', '所填原因。'],
  'RecallEvent.devices': ['settled: what the counts had come to.', 'settled：当时的设备计数。'],
  'devices.accepted': ['Accepted by the vendor. Not: gone from the screen.', '厂商已受理；不等于已从屏幕消失。'],
  'devices.rejected': ['Refused by the vendor for good.', '被厂商最终拒绝。'],
  requests: ['retried: how many requests are made again.', 'retried：重新发出的请求数。'],
  'RecallEvent.digest': ['What was agreed to.', '所同意内容的摘要。'],
  'RecallEvent.because': ['Why it was necessary.', '需要的缘由。'],
  'RecallEvent.audit': [
    'The record in the audit trail; null: it is not sealed yet.',
    '对应的审计记录；尚未封存则为 null。',
  ],
  call: [
    'answers: what the vendor was asked; status: for its record.',
    'answers：向厂商发出的请求；status 为查询任务记录。',
  ],
  outcome: [
    'answers: in our words; null: no answer was written down, and whether the vendor has it is not known.',
    'answers：归类后的结果；null 表示没有留下回应，厂商是否收到不得而知。',
  ],
  'RecallEvent.code': [
    "answers: the vendor's own code; null: it gave none, or it was deleted (tokenRetentionDays).",
    'answers：厂商返回码；未给出或已按 tokenRetentionDays 删除则为 null。',
  ],
  'RecallEvent.message': [
    "answers: the vendor's own words, without push tokens.",
    'answers：厂商原话（不含 push token）。',
  ],
  calls: ['How many requests.', '请求次数。'],
  requestIds: ["The vendor's request ids, in order, the first 200.", '厂商请求 ID，按先后，最多 200 个。'],
  'RecallEvent.detail': ['blocked: a sentence for people.', 'blocked：给人看的说明。'],
}
