/** How many runs of `sweep` are at work, and whether there is work for more. */
import { isSetAside } from './due-work.ts'
import type { Sql } from './sql.ts'

// Who is second at the same slot waits for the first and gets nothing.
const take = `
insert into sweeper (slot, owner, lease_until)
select slot, $1::text, clock_timestamp() + make_interval(secs => $3::text::float8 / 1000)
from generate_series(1, $2::text::int) slot
where not exists (select from sweeper s where s.slot = slot.slot and s.lease_until > clock_timestamp())
order by slot limit 1
on conflict (slot) do update set owner = excluded.owner, lease_until = excluded.lease_until, kicked = false
where sweeper.lease_until <= clock_timestamp()
returning slot`

/** Takes one of `slots` for `leaseMs`; false: all are taken. */
export async function takeSlot(sql: Sql, owner: string, slots: number, leaseMs: number): Promise<boolean> {
  for (let tries = 0; tries < slots; tries++) {
    if ((await sql.query(take, [owner, slots, leaseMs])).length > 0) return true
    if ((await freeSlots(sql, slots)) === 0) return false
  }
  return false
}

export async function freeSlots(sql: Sql, slots: number): Promise<number> {
  const rows = await sql.query<{ taken: number }>(
    'select count(*)::int as taken from sweeper where slot <= $1::text::int and lease_until > clock_timestamp()',
    [slots],
  )
  return slots - (rows[0]?.taken ?? 0)
}

/** Whoever leaves first has another run follow this one. False: all places are free again, and one can be taken. */
export async function keepKick(sql: Sql, slots: number): Promise<boolean> {
  const kept = await sql.query(
    `update sweeper set kicked = true where slot in (
       select slot from sweeper where slot <= $1::text::int and lease_until > clock_timestamp() order by slot for update)
     returning slot`,
    [slots],
  )
  return kept.length > 0
}

/** True: a kick came meanwhile that found every place taken, and is now the caller's to make. */
export async function leaveSlot(sql: Sql, owner: string): Promise<boolean> {
  const [left] = await sql.query<{ kicked: boolean }>('delete from sweeper where owner = $1::text returning kicked', [
    owner,
  ])
  if (left?.kicked !== true) return false
  // one run is enough for all who wanted one
  await sql.query(
    'update sweeper set kicked = false where slot in (select slot from sweeper where kicked order by slot for update)',
  )
  return true
}

/**
 * Units of work that could be claimed now, counted up to `most`. Those of an app that waits for its vendor's rate or its
 * credential are left out: they wait for that, not for a worker.
 */
export async function claimable(sql: Sql, most: number): Promise<number> {
  const rows = await sql.query<{ count: number }>(
    `select count(*)::int as count from (
       select from work w
       where not w.held and w.state in ('ready', 'running') and w.run_at <= now() and (w.state = 'ready' or w.lease_until < now())
         and not ${isSetAside}
         and w.app not in (select app from work where state = 'ready' and blocked_by is not null and not held)
         and w.app not in (select app from breaker where probe_at is not null)
       limit $1::text::int) due`,
    [most],
  )
  return rows[0]?.count ?? 0
}
