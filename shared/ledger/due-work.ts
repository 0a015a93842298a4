/** Whether work is due. Apart from claim-work.ts, so that functions that never claim do not load that. */
import type { Sql } from './sql.ts'

/** After ten leases that ran out without a settlement nobody tries again: `end_work` ends it. */
export const isSetAside = `(state = 'running' and unsettled >= 9)`

/** How soon work of these recalls (null: any) can be claimed, in milliseconds; null: none is left. */
export async function nextDue(sql: Sql, recallIds: readonly string[] | null): Promise<number | null> {
  const rows = await sql.query<{ ms: number | null }>(
    `select extract(epoch from min(greatest(run_at, lease_until, case when b.probe_at is not null then least(b.probe_at, give_up_at) end))
            - clock_timestamp())::float8 * 1000 as ms
     from work left join breaker b on b.app = work.app where result is null and state <> 'fallen' and not held and not ${isSetAside}
     ${recallIds === null ? '' : 'and recall_id in (select json_array_elements_text($1::text::json))'}`,
    recallIds === null ? [] : [JSON.stringify(recallIds)],
  )
  const ms = rows[0]?.ms ?? null
  return ms === null ? null : Math.max(0, ms)
}
