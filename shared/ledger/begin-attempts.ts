import type { Fare } from '../providers/provider.ts'
import type { Sql } from './sql.ts'

/** A vendor request about to be made, and the budgets it draws on. */
export interface Wish {
  readonly workId: number
  readonly fence: number
  /** For the record: `revoke`, `status`, … */
  readonly step: string
  /** The request sends something: whoever finds the row later must ask before repeating it. */
  readonly sends: boolean
  readonly budget: string
  readonly fares: readonly Fare[]
  /** False: the reserve of a window stays untouched. */
  readonly mayUseReserve: boolean
}

/** Granted: the attempt is written. Otherwise the lane that is dry and for how long, or null: the lease is lost. */
export type Grant =
  | { readonly attemptId: number }
  | { readonly attemptId: null; readonly dry: { readonly lane: string; readonly waitMs: number } | null }

/** Spends budgets and writes attempts, before any vendor is called. One statement for all. */
export async function beginAttempts(sql: Sql, wishes: readonly Wish[]): Promise<Grant[]> {
  const rows = await sql.query<{ workId: number; attemptId: number | null; waitMs: number; lane: string | null }>(
    `select work_id as "workId", attempt_id as "attemptId", wait_ms as "waitMs", lane
     from begin_attempts($1::text::json)`,
    [JSON.stringify(wishes.map(wishRow))],
  )
  const byWork = new Map(rows.map(row => [row.workId, row]))
  return wishes.map(wish => {
    const row = byWork.get(wish.workId)
    if (row === undefined || row.waitMs < 0) return { attemptId: null, dry: null }
    if (row.attemptId !== null) return { attemptId: row.attemptId }
    return { attemptId: null, dry: { lane: row.lane ?? '', waitMs: row.waitMs } }
  })
}

function wishRow(wish: Wish): object {
  return {
    work_id: wish.workId,
    fence: wish.fence,
    step: wish.step,
    sent: wish.sends,
    budget: wish.budget,
    fares: wish.fares.map(({ lane, cost }) =>
      lane.kind === 'rate'
        ? { lane: lane.name, kind: lane.kind, cost, per_second: lane.perSecond, burst: lane.burst }
        : {
            lane: lane.name,
            kind: lane.kind,
            cost,
            limit: wish.mayUseReserve ? lane.limit : lane.limit - lane.reserve,
            window_ms: lane.windowMs,
          },
    ),
  }
}

/** Spends a budget for a call outside any recall (a status read). Resolves with 0, or with milliseconds to wait. */
export async function spend(sql: Sql, budget: string, { lane, cost }: Fare): Promise<number> {
  const rows = await sql.query<{ ms: number }>(
    `select spend($1::text, $2::text, $3::text, $4::text::float8, $5::text::float8, $6::text::float8, $7::text::int,
       $8::text::float8) as ms`,
    lane.kind === 'rate'
      ? [budget, lane.name, lane.kind, cost, lane.perSecond, lane.burst, null, null]
      : [budget, lane.name, lane.kind, cost, null, null, lane.limit - lane.reserve, lane.windowMs],
  )
  return rows[0]?.ms ?? 0
}
