/** How apps, timers, subscribers and endpoints are. */
import type { WordTable } from '../../../shared/words.ts'

export const appHealthWords: WordTable = {
  'HealthOfApps.apps': ['One for each app that the key reaches.', '密钥可及的每个应用一项。'],
  'AppHealth.problem': ['Why the app cannot be used now; null: it can.', '应用当前不可用的原因；可用则为 null。'],
  credential: [
    'What the last call that proves it found: a check, or a recall that was refused.',
    '最近一次验证的结果：检验调用，或被拒绝的回撤调用。',
  ],
  'credential.ok': [
    'Whether the vendor takes it; null: no check had an answer yet.',
    '厂商是否接受；尚无结果则为 null。',
  ],
  'credential.since': ['Since when that is so.', '自何时起如此。'],
  'credential.code': ["The vendor's code.", '厂商返回码。'],
  'credential.detail': ['Why it is not well; null: it is.', '异常说明；正常则为 null。'],
  'credential.call': [
    'The harmless call that was made; null: a call of a recall found it.',
    '所用的无害调用；由回撤自身的调用发现时为 null。',
  ],
  canary: [
    'The push that the app’s document names as its canary, as it was taken back last, once a day; null: none is named, or it was not its turn yet.',
    '应用文档中指定的演练推送（每天回撤一次）的最近结果；未指定或尚未轮到则为 null。',
  ],
  'canary.ok': [
    'true: it was taken back, if only by a stop; false: it was not; null: that is on its way.',
    'true 已回撤（含仅终止）；false 未能回撤；null 进行中。',
  ],
  'canary.recall': ['Its recall; null: none could be made.', '对应的回撤；未能发起则为 null。'],
  'canary.state': ['The state of that recall; null: it is not there any more.', '该回撤的状态；已不存在则为 null。'],
  'canary.operation': ['What was done in the end; null: nothing.', '最终执行的操作；没有则为 null。'],
  'canary.code': ["The vendor's code.", '厂商返回码。'],
  'canary.detail': ['Why no recall could be made; null: one was.', '未能发起回撤的原因；已发起则为 null。'],
  'canary.at': ['When it was asked for.', '发起时间。'],
  checkedAt: ['When it was checked last.', '最近检验时间。'],
  lastAcceptedAt: [
    'When the five minutes began in which the vendor last accepted something; null: not within a week.',
    '厂商最近一次受理所在的五分钟的起点；一周内没有则为 null。',
  ],
  waiting: ['Pushes that are being taken back.', '正在回撤的推送数。'],
  breaker: ['Whether calls to the vendor are held back.', '是否暂停向厂商发出请求。'],
  open: ['True: work waits, and one call at a time is tried.', 'true 表示工作等待，每次只试一个请求。'],
  cause: ['vendor or credential; null: it is closed.', 'vendor 或 credential；未熔断则为 null。'],
  'breaker.since': ['When it opened.', '熔断时间。'],
  probeAt: ['When the next call is tried.', '下次尝试时间。'],
  lanes: ["The vendor's budgets that the app draws on.", '该应用所用的厂商额度。'],
  'lanes.kind': [
    'rate: flows back steadily; window: calls within a span.',
    'rate：持续恢复；window：一段时间内的次数。',
  ],
  'lanes.limit': ['How much there is at most.', '上限。'],
  left: ['How much is left now.', '当前剩余。'],
  perSeconds: ['In which time all of it is there again.', '全部恢复所需秒数。'],
  heldUntil: ['Nothing is sent before; null: nothing holds it.', '此前不发送；无限制则为 null。'],
  timers: ['Every timer function.', '各定时函数。'],
  lastAt: [
    'When it last ran to its end, or its last verdict came; null: never, or not within 30 days.',
    '最近一次运行完成（或收到审核结论）的时间；从未或 30 天内没有则为 null。',
  ],
  subscribers: ['Who is told, all of whose apps the key reaches.', '所涉应用均在密钥范围内的订阅方。'],
  'subscribers.id': ['Its id, as in unpush/subscribers/<id>.', '订阅方 ID，即密钥 unpush/subscribers/<id> 中的名字。'],
  'endpoints.id': ['Its id, as in unpush/webhooks/<id>.', '端点 ID，即密钥 unpush/webhooks/<id> 中的名字。'],
  disabledAt: ['Since when it is told nothing; null: it is told.', '停用时间；正常则为 null。'],
  'HealthOfApps.endpoints': ['Moderation endpoints.', '审核端点。'],
  clock: ['How far clocks are apart.', '时钟偏差。'],
  ledgerAheadMs: ["So far the ledger's clock is ahead of the function's.", '账本时钟比函数时钟快多少毫秒。'],
  vendors: ['At the last check of each app.', '各应用最近一次检验时。'],
  aheadMs: [
    "So far ours was ahead of the vendor's; 0: within 5 s, or not told.",
    '我方时钟比厂商快多少毫秒；0 表示在 5 秒内或厂商未给出。',
  ],
  'vendors.at': ['When it was checked.', '检验时间。'],
}
