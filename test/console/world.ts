/** A ledger as a busy service has it: every state of a recall, titles of every length, a hundred messages. */
import type { Service } from '../support/service.ts'

export interface World {
  /** Of messages: nothing was done about it; long; without a title; a HarmonyOS one. */
  readonly messages: { readonly plain: string; readonly long: string; readonly bare: string; readonly harmony: string }
  /** A recall in each state. */
  readonly recalls: {
    readonly done: string
    readonly partial: string
    readonly failed: string
    readonly blocked: string
    readonly waiting: string
    readonly declined: string
    readonly cancelled: string
    readonly breakGlass: string
  }
}

/** What the secrets must say for `fillWorld`: over 10,000 devices another person approves an overlay; a subscriber that nobody reaches. */
export const worldSecrets = {
  'unpush/policy': {
    approvalAbove: { revoke: 10_000_000, overlay: 10_000 },
    breakGlass: 'operator',
    limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null },
  },
  'unpush/subscribers/ops-feishu': {
    url: 'https://127.0.0.1:9/hooks/unpush',
    secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    events: ['recall.completed', 'recall.partially_failed', 'recall.approval_required'],
    format: 'standard',
  },
}

const long =
  '限时优惠：全场一元，老用户专享，领完即止，点击查看活动规则与适用门店名单 — Flash sale: everything for one yuan, members only, while stocks last, see the list of stores and the conditions that apply'
const titles = [
  '限时优惠：全场一元',
  '今晚球赛提醒：20:00 开球',
  '台风蓝色预警（演练）',
  'Flash sale: 50% off ends tonight',
  '版本 8.2 已上线，点击更新',
  'Weekly digest: five stories you missed',
]

const verdicts = [
  ['aliyun-green', 'block', 'article:rumour'],
  ['netease-yidun', 'review', 'article:42'],
  ['shumei', 'pass', 'article:42'],
] as const

export async function fillWorld(service: Service, { rows = 100 } = {}): Promise<World> {
  const { sandbox } = service
  let next = 43_210_000
  const message = async (id: string, title: string | null, audienceSize: number | null, more: object = {}) => {
    const pushId = String(next++)
    sandbox.pushTpns({ app: 'news-android', title: title ?? 'x', content: 'x', audience: 'all', pushId })
    const target = { app: 'news-android', pushId, audience: 'all', ...(audienceSize === null ? {} : { audienceSize }) }
    await taken('POST', '/v1/messages', {
      id,
      ...(title === null ? {} : { title, body: '点击领取 https://promo.example.com/1yuan' }),
      url: 'https://promo.example.com/1yuan',
      contents: ['article:42'],
      targets: [target],
      ...more,
    })
    return id
  }
  const taken = async (method: string, path: string, body: unknown, role: 'operator' | 'approver' = 'operator') => {
    const reply = await service.call(method, path, body, { role, headers: { prefer: 'wait=5' } })
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`)
    return reply.body as { readonly id: string }
  }
  const recall = async (operation: string, of: object, more: object = {}) => {
    const { id } = await taken('POST', `/v1/${operation}`, { ...of, reason: '链接有误', ticket: 'INC-7', ...more })
    // what is switched next is for the next one
    for (;;) {
      const { state, blocked } = (await service.call('GET', `/v1/recalls/${id}`)).body
      if (state !== 'running' || blocked !== null) return id
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
  const text = { overlay: { title: '更正：优惠已下线', body: '此前通知内容有误，请以本条为准。' } }

  for (let row = rows - 12; row > 0; row--)
    await message(`promo-${String(row).padStart(3, '0')}`, `${titles[row % titles.length]} ${row}`, 1000 * row)
  const tokens = sandbox.harmonyTokens()
  const harmony = async (id: string, notifyId: number) => {
    sandbox.pushHarmony({ notifyId, tokens, title: titles[1] ?? '', body: 'x' })
    const targets = [{ app: 'news-harmony', notifyId, tokens }]
    await taken('POST', '/v1/messages', { id, title: titles[1], body: '点击查看', targets })
    return id
  }
  const failed = await recall('revoke', { message: await message('failed', '测试推送 123 请忽略', 3016) }, {})
  sandbox.switches.tpns.revokeRetired = true
  const partial = await recall('revoke', { message: await message('partial', titles[2] ?? '', 418_377) })
  sandbox.switches.tpns.revokeRetired = false
  const done = await recall('revoke', { message: await harmony('harmony-done', 7_700_001) })
  const waiting = await recall('overlay', { message: await message('waiting', titles[0] ?? '', 1_284_210) }, text)
  const second = await recall('overlay', { message: await message('declined', titles[3] ?? '', 212_480) }, text)
  await taken('POST', `/v1/recalls/${second}/decline`, { reason: 'not needed' }, 'approver')
  const third = await recall('overlay', { message: await message('cancelled', titles[4] ?? '', 500_000) }, text)
  await taken('POST', `/v1/recalls/${third}/cancel`, {})
  const glass = { ...text, breakGlass: true, ticket: 'INC-9' }
  const breakGlass = await recall('overlay', { message: await message('glass', titles[5] ?? '', 56_120) }, glass)
  Object.assign(sandbox.switches.pushKit, { failure: 'http503', retryAfter: 3600 })
  const blocked = await recall('revoke', { message: await harmony('harmony-blocked', 7_700_002) })
  Object.assign(sandbox.switches.pushKit, { failure: null, retryAfter: null })
  for (const [source, verdict, content] of verdicts)
    await fetch(`${service.url}/_sandbox/verdict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ source, verdict, content }),
    })
  await service.gateway.fire('sweep')
  return {
    messages: {
      plain: await message('plain', titles[0] ?? '', 300),
      long: await message('long', long, 1_284_210),
      bare: await message('bare', null, null),
      harmony: await harmony('harmony', 7_700_003),
    },
    recalls: { done, partial, failed, blocked, waiting, declined: second, cancelled: third, breakGlass },
  }
}
