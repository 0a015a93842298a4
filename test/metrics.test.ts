/** What `sweep` counts against what the ledger says when it is asked in other words. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '../shared/access/api-key.ts'
import { seriesOf } from '../shared/metrics.ts'
import { conforms, document } from './dashboard/document.ts'
import { type Service, startService } from './support/service.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const narrow = createApiKey().key

let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: demo => ({
      ...demo,
      'unpush/access': {
        keys: [
          ...(demo['unpush/access'] as { keys: object[] }).keys,
          {
            id: 'narrow',
            sha256: createHash('sha256').update(narrow).digest('hex'),
            role: 'viewer',
            apps: ['news-android'],
          },
        ],
      },
    }),
  })
})
afterAll(() => service.close())

const read = async (headers: { [name: string]: string } = {}) => {
  const role = 'authorization' in headers ? null : 'viewer'
  const { status, body } = await service.call('GET', '/v1/metrics', undefined, {
    role,
    headers: { accept: 'application/json', ...headers },
  })
  expect(status).toBe(200)
  expect(conforms(document.components.schemas['Metrics'] ?? {}, body)).toEqual([])
  return body
}

interface Truth {
  readonly app: string
  readonly recalls: number
  readonly unknown: number
  readonly dead: number
  readonly leads: number[]
  readonly calls: { vendor: string; outcome: string; count: number }[]
}

/** From the views that people read, by app. */
async function truth(): Promise<Truth[]> {
  const { ledger } = service.gateway.runtime
  return ledger.query(`
    select a.app,
      (select count(distinct t.recall_id) from recall_target t join recall r on r.id = t.recall_id
       where t.app = a.app and r.settled_at is not null)::int as recalls,
      (select coalesce(sum(w.unknown), 0) from work w join recall r on r.id = w.recall_id
       where w.app = a.app and r.settled_at is not null)::int as unknown,
      (select count(*) from work w join recall r on r.id = w.recall_id where w.app = a.app and r.settled_at is not null
         and (w.result in ('failed', 'expired') or w.result = 'partial' and w.accepted = 0))::int as dead,
      (select coalesce(jsonb_agg(lead order by lead), '[]') from (
        select floor(extract(epoch from max(x.finished_at) - r.created_at) * 1000)::bigint as lead
        from recall r join recall_target t on t.recall_id = r.id and t.app = a.app join attempt x on x.recall_target_id = t.id
        where r.settled_at is not null group by r.id, r.created_at having count(x.finished_at) > 0) l) as leads,
      (select coalesce(jsonb_agg(jsonb_build_object('vendor', vendor, 'outcome', outcome, 'count', n)), '[]') from (
        select t.provider as vendor, x.outcome, count(*) as n from attempt x join recall_target t on t.id = x.recall_target_id
        where t.app = a.app and x.outcome is not null group by 1, 2) c) as calls
    from (select distinct app from recall_target) a order by 1`)
}

/** What sweep has counted, and the ledger at that moment: what comes to its end in between is the next run's. */
async function counted() {
  for (;;) {
    const before = await truth()
    await service.gateway.fire('sweep')
    const { apps } = await read()
    const held = await truth()
    if (JSON.stringify(held) === JSON.stringify(before)) return { apps, held }
  }
}

const world = fc.record({
  recalls: fc.array(
    fc.record({
      app: fc.constantFrom('news-android', 'news-harmony'),
      failure: fc.constantFrom(null, 'http429', 'html', 'unknownCode'),
      tokens: fc.integer({ min: 1, max: 9 }),
      rejected: fc.integer({ min: 0, max: 2 }),
      cancelled: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})
let numbers = 6_100_000
const byName = (calls: Truth['calls']) =>
  calls.toSorted((a, b) => (a.vendor + a.outcome < b.vendor + b.outcome ? -1 : 1))

describe('metrics', () => {
  it(`equal the ledger (${soak ? 100 : 10} random runs)`, async () => {
    const { sandbox, gateway } = service
    await fc.assert(
      fc.asyncProperty(world, async ({ recalls }) => {
        for (const { app, failure, tokens, rejected, cancelled } of recalls) {
          await gateway.runtime.ledger.query('delete from bucket')
          await gateway.runtime.ledger.query('delete from breaker')
          const key = numbers++
          Object.assign(sandbox.switches.tpns, { failure, calls: 2 })
          Object.assign(sandbox.switches.pushKit, {
            failure,
            calls: failure === null ? null : 2,
            rejectTokens: failure === null ? rejected : 0,
          })
          const mine = sandbox.harmonyTokens('phone').slice(0, tokens)
          if (app === 'news-android')
            sandbox.pushTpns({ app, title: 't', content: 'b', audience: 'all', pushId: String(key) })
          else sandbox.pushHarmony({ notifyId: key, tokens: mine, title: 't', body: 'b' })
          const target = app === 'news-android' ? { app, pushId: String(key) } : { app, notifyId: key, tokens: mine }
          const asked = { target, reason: 'r', fallback: false }
          const { status, body } = await service.call('POST', '/v1/revoke', asked, { headers: { prefer: 'wait=0' } })
          expect(status).toBe(202)
          await gateway.runtime.ledger.query("update work set run_at = now() where result is null and state = 'ready'")
          await gateway.runtime.drainer.run(body.id, Date.now() + 700)
          if (cancelled) await service.call('POST', `/v1/recalls/${body.id}/cancel`)
        }
        const { apps, held } = await counted()
        for (const { app, recalls: settled, unknown, dead, leads, calls } of held) {
          const { day } = apps.find((one: { app: string }) => one.app === app)
          expect(day).toMatchObject({ recalls: settled, unknown, deadLetters: dead })
          expect(byName(day.calls)).toEqual(byName(calls))
          const at = (share: number) => leads[Math.max(0, Math.ceil(share * leads.length) - 1)] ?? null
          expect(day.leadMs).toEqual({ p50: at(0.5), p99: at(0.99) })
        }
      }),
      { numRuns: soak ? 100 : 10, endOnFailure: true },
    )
    Object.assign(sandbox.switches.tpns, { failure: null, calls: null })
    Object.assign(sandbox.switches.pushKit, { failure: null, calls: null, rejectTokens: 0 })
  })

  it('tell how old the oldest recall on its way is, in both forms', async () => {
    const { sandbox, gateway } = service
    sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: '6200000' })
    Object.assign(sandbox.switches.tpns, { failure: 'http503', retryAfter: 600 })
    const target = { app: 'news-android', pushId: '6200000' }
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target, reason: 'r' },
      { headers: { prefer: 'wait=0' } },
    )
    await gateway.runtime.drainer.idle()
    await gateway.runtime.ledger.query(
      "update recall set created_at = created_at - interval '90 seconds' where id = $1::text",
      [body.id],
    )
    await gateway.fire('sweep')
    const { day } = (await read()).apps.find(({ app }: { app: string }) => app === 'news-android')
    expect(day.oldestSeconds).toBeGreaterThanOrEqual(90)
    const { headers, text } = await service.call('GET', '/v1/metrics', undefined, { role: 'viewer' })
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(text).toContain(`unpush_oldest_unfinished_work_seconds{app="news-android"} ${day.oldestSeconds}\n`)
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^# (HELP|TYPE) unpush_\w+ .+$|^unpush_\w+\{\w+="[^"]*"(,\w+="[^"]*")*\} [\d.]+$/)
    await service.call('POST', `/v1/recalls/${body.id}/cancel`)
    Object.assign(sandbox.switches.tpns, { failure: null, retryAfter: null })
  })

  it('are of the apps that the caller reaches alone', async () => {
    const mine = await read({ authorization: `Bearer ${narrow}` })
    expect(mine.apps.map(({ app }: { app: string }) => app)).toEqual(['news-android'])
    expect((await service.call('GET', '/v1/metrics', undefined, { role: 'sender' })).status).toBe(403)
  })

  it('count a verdict with the apps of its recall once it led to one', () => {
    const at = '2026-11-23T02:10:00.000Z'
    const rows = [
      { at, apps: [], value: { verdicts: {} } },
      { at, apps: ['a', 'b'], value: { verdicts: { 'roost-coop recalled': 2 } } },
      { at, apps: ['a'], value: { calls: { 'tpns accepted': 1 } } },
    ]
    const { apps, verdicts } = seriesOf(rows, ['a'])
    expect(apps.map(({ app, points }) => [app, points.length])).toEqual([['a', 1]])
    expect(verdicts).toEqual([{ at, source: 'roost-coop', state: 'recalled', count: 2 }])
  })
})
