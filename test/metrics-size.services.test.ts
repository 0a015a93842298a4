/** What `GET /v1/metrics` costs in a large ledger: it reads what `sweep` has written, and never looks at an attempt. */
import { expect, it } from 'vitest'
import { figure, soak } from './support/figures.ts'
import { describeOnPostgres } from './support/ledgers.ts'
import { startService } from './support/service.ts'

const attempts = soak ? 1_000_000 : 10_000
const recalls = attempts / 10
const mostMs = 50

describeOnPostgres('metrics of a day', url => {
  it(`with ${attempts.toLocaleString('en-US')} attempts are read without one of them`, async context => {
    const service = await startService({ ledgerUrl: url() })
    try {
      const { ledger } = service.gateway.runtime
      await ledger.query(
        `with made as (
           insert into recall (id, operation, state, reason, requested_by, subject, fallback, apps, owner, created_at, settled_at, give_up_at)
           select 'rcl_size' || n, 'revoke', 'done', 'r', 'key:x', '{"content":"c"}', true, '{}', 'key:x', t.at - interval '9 seconds', t.at, t.at
           from generate_series(1, $1::text::int) n cross join lateral (
             select now() - make_interval(secs => 86000.0 * n / $1::text::int) as at) t
           returning id)
         select count(*) from made`,
        [recalls],
      )
      await ledger.query(
        `insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, plan)
         select 'rcl_size' || n, 0, -n, (array['news-android', 'news-ios', 'news-harmony'])[1 + n % 3], 'tpns', n::text, 'done', false,
           '{"requested":"revoke","ladder":["revoke"],"steps":{},"refusal":null,"audienceSize":null}'
         from generate_series(1, $1::text::int) n`,
        [recalls],
      )
      // ten answers each, five in a row
      await ledger.query(
        `insert into attempt_answered (recall_target_id, at, units)
         select t.id, r.settled_at - make_interval(secs => 1 + random() * 8),
           '[{"outcome":"accepted"},{"outcome":"accepted"},{"outcome":"unknown"},{"outcome":"throttled"},{"outcome":"accepted"}]'
         from recall r join recall_target t on t.recall_id = r.id cross join generate_series(1, 2) k where r.id like 'rcl_size%'`,
      )
      await ledger.query('analyze')
      await service.gateway.fire('sweep')
      const read = async () => {
        const startedAt = performance.now()
        const { status, body } = await service.call('GET', '/v1/metrics', undefined, {
          role: 'viewer',
          headers: { accept: 'application/json' },
        })
        expect(status).toBe(200)
        return { ms: performance.now() - startedAt, body }
      }
      const { body } = await read()
      const counted = body.apps.flatMap(({ day }: { day: { calls: { count: number }[] } }) => day.calls)
      expect(counted.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(attempts)
      const times: number[] = []
      // whoever looked at them would find none
      await ledger.query('alter table attempt_answered rename to elsewhere')
      for (let n = 0; n < 40; n++) times.push((await read()).ms)
      await ledger.query('alter table elsewhere rename to attempt_answered')
      times.sort((a, b) => a - b)
      const [fastest = 0, median = 0, slowest = 0] = [times[0], times[20], times.at(-1)]
      figure(
        context,
        `read of metrics at ${attempts.toLocaleString('en-US')} attempts, JSON over HTTP (fastest, median, slowest of 40)`,
        `${fastest.toFixed(1)} ms, ${median.toFixed(1)} ms, ${slowest.toFixed(1)} ms`,
        `${mostMs} ms`,
      )
      if (soak) expect(median).toBeLessThanOrEqual(mostMs)
    } finally {
      await service.close()
    }
  })
})
