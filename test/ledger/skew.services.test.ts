/** A push so large that nearly all rows are its own makes no statement about others read all of them. */
import { expect, it } from 'vitest'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { startService } from '../support/service.ts'

const batches = 12_000
const targets = 100
const tables = ['token_batch', 'token_print', 'work', 'attempt_begun', 'attempt_answered']

describeOnPostgres('beside a push of twelve thousand batches', url => {
  it('a recall by content is admitted, done, read and listed without reading them', async () => {
    const service = await startService({ ledgerUrl: url() })
    const looking = await openLedger(url(), { connections: 1 })
    try {
      await fill(looking)
      const read = await rowsRead(looking)
      const ids = Array.from({ length: targets }, (_, n) => String(7_000_000 + n))
      for (let first = 0; first < targets; first += 100) {
        const made = await service.call('POST', '/v1/messages', {
          contents: ['skew:1'],
          targets: ids.slice(first, first + 100).map(pushId => ({ app: 'news-android', pushId })),
        })
        expect(made.status).toBe(201)
      }
      const recalled = await service.call('POST', '/v1/stop', { content: 'skew:1', reason: 'r' })
      expect(recalled.status).toBe(202)
      await service.gateway.fire('sweep')
      const path = `/v1/recalls/${recalled.body.id}`
      // a statement that was planned a few times is planned no more
      for (let times = 0; times < 8; times++)
        expect((await service.call('GET', path)).body.targets).toHaveLength(targets)
      expect((await service.call('GET', '/v1/recalls?content=skew:1')).status).toBe(200)
      expect([200, 409]).toContain((await service.call('POST', `${path}/cancel`)).status)
      await service.close()
      const after = await rowsRead(looking)
      // some statements look at all there is, once
      for (const [table, rows] of after) expect(rows - (read.get(table) ?? 0), table).toBeLessThan(20 * batches)
    } finally {
      await service.close()
      await looking.close()
    }
  })
})

/** One target that was taken back, and as much of it as 12 million tokens leave. */
async function fill(ledger: Ledger): Promise<void> {
  const [target] = await ledger.query<{ id: number }>(
    "insert into target (position, app, provider, handle) values (0, 'news-harmony', 'huawei', '1') returning id",
  )
  await ledger.query(
    `insert into recall (id, operation, state, reason, requested_by, subject, fallback, apps, owner, give_up_at, settled_at)
     values ('rcl_large', 'revoke', 'done', 'r', 'key:a', '{}', true, '{news-harmony}', 'a', now(), now())`,
  )
  const [taken] = await ledger.query<{ id: number }>(
    `insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, plan)
     values ('rcl_large', 0, $1::text::bigint, 'news-harmony', 'huawei', '1', 'done', false, '{}') returning id`,
    [target?.id ?? 0],
  )
  const ids = [target?.id ?? 0, taken?.id ?? 0]
  const rows = `generate_series(1, ${batches}) n, (select $1::text::bigint as target, $2::text::bigint as taken) i`
  for (const statement of [
    `insert into token_batch (target_id, seq, tokens, count) select i.target, n, '["x"]', 1 from ${rows}`,
    `insert into token_print (target_id, prints, seconds) select i.target, '{1}', '{1}' from ${rows} where i.taken > 0`,
    `insert into work (recall_id, recall_target_id, target_id, seq, app, operation, ladder, step, state, give_up_at, result)
     select 'rcl_large', i.taken, i.target, n, 'news-harmony', 'revoke', 'revoke', 'act', 'done', now(), 'accepted' from ${rows}`,
    `insert into attempt_begun (recall_target_id, units) select i.taken, '[]' from ${rows} where i.target > 0`,
    `insert into attempt_answered (recall_target_id, units) select i.taken, '[]' from ${rows} where i.target > 0`,
  ])
    await ledger.query(statement, ids)
  // as the server does by itself within a minute
  await ledger.query('analyze')
}

/** By table, so far: what was read without an index. */
async function rowsRead(ledger: Ledger): Promise<Map<string, number>> {
  const rows = await ledger.query<{ table: string; rows: number }>(
    `select relname as table, seq_tup_read as rows from pg_stat_user_tables
     where relname in (select json_array_elements_text($1::text::json))`,
    [JSON.stringify(tables)],
  )
  return new Map(rows.map(({ table, rows: read }) => [table, read]))
}
