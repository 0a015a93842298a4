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
  /** The same call again, with a credential that was read anew: no breaker holds it. */
  readonly renewed: boolean
  readonly budget: string
  readonly fares: readonly Fare[]
  /** False: the reserve of a window stays untouched. */
  readonly mayUseReserve: boolean
}

/**
 * granted: the attempt is written · dry: that budget is used up · open: the app's breaker lets nothing through · lost: the
 * lease is somebody else's.
 */
export type Grant =
  | { readonly kind: 'granted'; readonly attemptId: number }
  | { readonly kind: 'dry'; readonly lane: string; readonly waitMs: number }
  | { readonly kind: 'open'; readonly cause: 'vendor' | 'credential'; readonly waitMs: number }
  | { readonly kind: 'lost' }

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
    if (row === undefined || row.waitMs < 0) return { kind: 'lost' }
    if (row.attemptId !== null) return { kind: 'granted', attemptId: row.attemptId }
    const { lane, waitMs } = row
    if (lane === 'breaker:vendor') return { kind: 'open', cause: 'vendor', waitMs }
    if (lane === 'breaker:credential') return { kind: 'open', cause: 'credential', waitMs }
    return { kind: 'dry', lane: lane ?? '', waitMs }
  })
}

function wishRow(wish: Wish): object {
  return {
    work_id: wish.workId,
    fence: wish.fence,
    step: wish.step,
    sent: wish.sends,
    renewed: wish.renewed,
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
