import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, inject, it } from 'vitest'
import { migrate } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'

const folder = new URL('../../shared/ledger/migrations/', import.meta.url)

describe('a ledger of before', () => {
  it('keeps its attempts when they are put together (PGlite)', async () => {
    const ledger = await openLedger('pglite:memory')
    try {
      expect(await attemptsAround(ledger)).toEqual(kept)
    } finally {
      await ledger.close()
    }
    // an engine without a packed ledger to start from takes seconds to begin
  }, 60_000)

  const server = inject('postgres')
  it.skipIf(server === null)('keeps its attempts when they are put together (PostgreSQL)', async () => {
    const name = `t_${randomBytes(8).toString('hex')}`
    const maintenance = await openLedger(server ?? '')
    await maintenance.script(`create database ${name}`)
    try {
      const ledger = await openLedger((server ?? '').replace(/[^/]*$/, name))
      try {
        expect(await attemptsAround(ledger)).toEqual(kept)
      } finally {
        await ledger.close()
      }
    } finally {
      await maintenance.script(`drop database ${name} with (force)`)
      await maintenance.close()
    }
  })
})

/** Five units with two attempts in their first claim and one in the next: the same before and after, and each in its place. */
const kept = { before: 15, changed: 0, places: Array.from({ length: 5 }, () => '1 2 1').join(' ') }

async function attemptsAround(ledger: Ledger): Promise<typeof kept> {
  await migrateTo(ledger, 10)
  await ledger.query(
    `insert into work (recall_id, recall_target_id, target_id, app, operation, ladder, step, give_up_at)
     select 'rcl_x', 1 + n / 3, 1, 'a', 'revoke', 'revoke', 'act', now() from generate_series(1, 5) n`,
  )
  // of each unit two in one claim and one in the next, the last without an answer; one whose reply was deleted
  await ledger.query(
    `insert into attempt (work_id, fence, step, started_at, finished_at, outcome, vendor)
     select w.id, f.fence, f.step, timestamptz '2026-11-01 08:00:00.123456+00' + make_interval(secs => w.id + f.nth),
       case when f.outcome is not null then timestamptz '2026-11-01 09:00:00+00' + make_interval(secs => w.id) end, f.outcome,
       case when f.outcome is not null and (w.id, f.nth) <> (2, 1) then json_build_object('code', w.id || f.step)::jsonb end
     from work w, (values (1, 1, 'status', 'accepted'), (1, 2, 'revoke', 'unknown'), (2, 3, 'revoke', null))
       as f(fence, nth, step, outcome)
     order by w.id, f.nth`,
  )
  const shown = `select work_id, fence, step, started_at, finished_at, outcome, vendor from attempt
    order by work_id, fence, started_at`
  const before = await ledger.query(shown)
  await migrate(ledger)
  // another text: a statement that is prepared keeps the types it had
  const after = await ledger.query(`${shown}, nth`)
  const [row] = await ledger.query<{ places: string }>(
    `select string_agg(nth::text, ' ' order by work_id, fence, started_at) as places from attempt`,
  )
  const changed = after.filter((attempt, index) => !isDeepStrictEqual(attempt, before[index])).length
  return { before: before.length, changed: changed + Math.abs(after.length - before.length), places: row?.places ?? '' }
}

/** As an installation that has not been updated since. */
async function migrateTo(ledger: Ledger, version: number): Promise<void> {
  await ledger.script(
    'create table migration (version int primary key, name text not null, at timestamptz not null default now())',
  )
  const files = (await readdir(folder)).filter(name => /^\d{3}-.*\.sql$/.test(name)).sort()
  for (const name of files.filter(file => Number(file.slice(0, 3)) <= version)) {
    await ledger.script(await readFile(new URL(name, folder), 'utf8'))
    await ledger.query('insert into migration (version, name) values ($1::text::int, $2::text)', [
      Number(name.slice(0, 3)),
      name,
    ])
  }
}
