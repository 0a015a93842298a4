/** Stand-ins that refuse in words which a database, a walk or a cut stumbles over: recalls end, and so do those beside them. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'
import { withoutWaits } from '../support/work-waits.ts'

const oddities = ['halfEmoji', 'nul', 'loneSurrogate', 'nested'] as const

describeOnUrls('replies in odd words', suite)

let handles = 70_000

function suite(ledgerUrl: () => string): void {
  let service: Service
  beforeAll(async () => {
    service = await startService({ ledgerUrl: ledgerUrl() })
  })
  afterAll(() => service.close())
  beforeEach(() => {
    service.sandbox.switches.tpns.failure = null
    service.sandbox.switches.pushKit.failure = null
  })

  const push = (): { readonly app: string; readonly pushId: string } => {
    const pushId = String(++handles)
    service.sandbox.pushTpns({ app: 'news-android', title: 'x', content: `x ${pushId}`, audience: 'all', pushId })
    return { app: 'news-android', pushId }
  }
  const harmony = () => {
    const [notifyId, tokens] = [++handles, service.sandbox.harmonyTokens().slice(0, 3)]
    service.sandbox.pushHarmony({ notifyId, tokens, title: 't', body: 'b' })
    return { app: 'news-harmony', notifyId, tokens }
  }
  const recall = (target: object, operation = 'revoke', more: object = {}) =>
    service.call('POST', `/v1/${operation}`, { target, reason: 'test', ...more }, { headers: { prefer: 'wait=10' } })
  const overlay = {
    overlay: { title: 'n', body: 'n', url: null, forceCollapse: false, options: { huawei: { category: 'MARKETING' } } },
  }
  const defects = () => service.logged.filter(line => /failed inside|could not be kept/.test(line))

  it.each(oddities)('%s: of Push Kit, beside recalls of an app whose vendor is well', async failure => {
    service.sandbox.switches.pushKit.failure = failure
    const [refused, replaced, ...well] = await Promise.all([
      recall(harmony()),
      recall(harmony(), 'overlay', overlay),
      ...Array.from({ length: 5 }, () => recall(push())),
    ])
    for (const { body } of [refused, replaced] as const) {
      expect(body).toMatchObject({ state: 'failed', devices: { total: 3, rejected: 3, pending: 0 } })
      const { code, message } = body.targets[0].vendor
      expect(code).toBe('80100001')
      expect(message.isWellFormed() && !message.includes('\0') && message.length <= 500).toBe(true)
    }
    expect(well.map(({ body }) => body.state)).toEqual(well.map(() => 'done'))
    const calls = await service.call('GET', '/_sandbox/calls', undefined, { role: null })
    expect(calls.body.items.slice(0, 30).filter((call: { fault: string }) => call.fault === failure)).toHaveLength(2)
    expect(defects()).toEqual([])
  })

  it.each(oddities)('%s: of TPNS, at every request of a recall', async failure => {
    const [task, covered, late] = [push(), push(), push()]
    service.sandbox.switches.tpns.failure = failure
    // its record is asked for again and again, at once, until the wait is longer than the request's
    const [refused, replaced, stopped, well] = await withoutWaits(service, () =>
      Promise.all([
        recall(task),
        recall(covered, 'overlay', { overlay: { title: 'n', body: 'n', url: null, forceCollapse: false } }),
        recall(late, 'stop'),
        recall(harmony()),
      ]),
    )
    expect([refused, stopped].map(({ body }) => body.state)).toEqual(['failed', 'failed'])
    // its record could not be read, and without it nothing is sent: it is asked for again later
    expect(replaced.body).toMatchObject({ state: 'running', blocked: { by: 'vendor' } })
    expect(well.body.state).toBe('done')
    expect(defects()).toEqual([])
    const acts = async () => {
      const { body } = await service.call('GET', '/_sandbox/calls', undefined, { role: null })
      return body.items.filter(({ path }: { path: string }) => /\/v3\/push\//.test(path)).length
    }
    // what was refused for good is not asked again
    const before = await acts()
    await fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })
    expect(await acts()).toBe(before)
    await service.call('POST', `/v1/recalls/${replaced.body.id}/cancel`, {})
  })
}
