/** Figures of the last day. */
import type { WordTable } from '../../../shared/words.ts'

export const metricWords: WordTable = {
  stepSeconds: ['How long a step is.', '每一点的时长（秒）。'],
  'Metrics.apps': ['One for each app that the key reaches.', '密钥可及的每个应用一项。'],
  'apps.app': ['The app.', '应用。'],
  points: ['Steps in which something was, oldest first.', '有事发生的各点，由早到晚。'],
  'points.at': ['When the step began.', '该点的开始时间。'],
  'Metrics.verdicts': [
    'Verdicts by the step in which they came, as they stand now.',
    '按收到时间统计的审核结论，状态为当前状态。',
  ],
  'verdicts.at': ['When the step began.', '该点的开始时间。'],
  'verdicts.source': ['The moderation system.', '审核来源。'],
  'verdicts.state': ['As GET /v1/verdicts has it.', '与 GET /v1/verdicts 中的状态相同。'],
  'verdicts.count': ['How many verdicts.', '结论数。'],
  day: [
    'What the last 24 hours come to; oldestSeconds of the newest step.',
    '最近 24 小时合计；oldestSeconds 取最新一点。',
  ],
  oldestSeconds: ['Age of the oldest recall on its way, at most.', '最久未完成的回撤已历时的最大秒数。'],
  leadMs: [
    'From the admission to the vendor’s last answer, of recalls that settled; null: none did.',
    '从受理到厂商最后一次回应的毫秒数（已有结果的回撤）；没有则为 null。',
  ],
  p50: ['Half took no longer.', '半数不超过此值。'],
  p99: ['Of a hundred, 99 took no longer.', '百分之九十九不超过此值。'],
  recalls: ['Recalls that settled.', '有结果的回撤数。'],
  'points.unknown': ['Devices whose outcome stays unknown.', '结果未知的设备数。'],
  'day.unknown': ['Devices whose outcome stays unknown.', '结果未知的设备数。'],
  deadLetters: ['Requests that reached nobody.', '未触达任何设备的请求数。'],
  'points.calls': ['Answers of vendors.', '厂商的回应。'],
  'day.calls': ['Answers of vendors.', '厂商的回应。'],
  'calls.vendor': ['The vendor.', '厂商。'],
  'calls.outcome': [
    'In our words: accepted, partial, throttled, unknown, …',
    '归类后的结果：accepted、partial、throttled、unknown 等。',
  ],
  'calls.count': ['How many answers.', '回应次数。'],
}
