import type { Fare, Purpose } from '../providers/provider.ts'
import type { Sql } from './sql.ts'

/** A vendor request about to be made, and the budgets it draws on. */
export interface Wish {
  readonly workId: number
  readonly fence: number
  /** Among the requests of this claim, from 1. */
  readonly nth: number
  readonly recallTargetId: number
  readonly app: string
  /** For the record: `revoke`, `status`, … */
  readonly step: string
  /** The request sends something: the vendor must be asked what became of it before it is repeated. */
  readonly sends: boolean
  /** The same call again, with a credential that was read anew: no breaker holds it. */
  readonly renewed: boolean
  readonly budget: string
  readonly fares: readonly Fare[]
  /** Whose share of a window it draws on. */
  readonly purpose: Purpose
}

/**
 * granted: the attempt is written · used_up: that budget is used up · open: the app's breaker lets nothing through · lost: the
 * lease is somebody else's.
 */
export type Grant =
  | { readonly kind: 'granted' }
  | { readonly kind: 'used_up'; readonly lane: string; readonly waitMs: number }
  | { readonly kind: 'open'; readonly cause: 'vendor' | 'credential'; readonly waitMs: number }
  | { readonly kind: 'lost' }

/** Spends budgets and writes attempts, before any vendor is called: all at once, or where something is scarce, in turns. */
export async function beginAttempts(sql: Sql, wishes: readonly Wish[]): Promise<Grant[]> {
  if (await beginAtOnce(sql, wishes)) return wishes.map(() => ({ kind: 'granted' }))
  const rows = await sql.query<GrantRow>(
    `select work_id as "workId", granted, wait_ms as "waitMs", lane from begin_attempts($1::text::json)`,
    [JSON.stringify(wishes.map(wishRow))],
  )
  const byWork = new Map(rows.map(row => [row.workId, row]))
  return wishes.map(wish => {
    const row = byWork.get(wish.workId)
    return row === undefined ? { kind: 'lost' } : grantOf(row)
  })
}

interface GrantRow {
  readonly workId: number
  readonly granted: boolean
  /** Below zero: the lease is lost. */
  readonly waitMs: number
  readonly lane: string | null
}

function grantOf({ granted, lane, waitMs }: GrantRow): Grant {
  if (waitMs < 0) return { kind: 'lost' }
  if (granted) return { kind: 'granted' }
  if (lane === 'breaker:vendor') return { kind: 'open', cause: 'vendor', waitMs }
  if (lane === 'breaker:credential') return { kind: 'open', cause: 'credential', waitMs }
  return { kind: 'used_up', lane: lane ?? '', waitMs }
}

/** The first request of a unit that is being admitted, which has no number yet. */
export type UnitWish = Omit<Wish, 'workId' | 'fence' | 'nth' | 'recallTargetId' | 'renewed'> & {
  readonly recallId: string
  /** Of its target in the recall. */
  readonly position: number
  /** Of its batch; null: the whole push. */
  readonly seq: number | null
}

const beginUnits = `
select work_id as "workId", granted, wait_ms as "waitMs", lane
from begin_admitted($1::text::json, $2::text::json)`

/**
 * The same for units that the statement before it admitted as leased. Resolves with what became of each, by its id; one that
 * was not leased is not there.
 */
export async function beginAdmitted(sql: Sql, wishes: readonly UnitWish[]): Promise<Map<number, Grant>> {
  const draws = drawsOf(wishes)
  const rows = await sql.query<GrantRow>(beginUnits, [
    JSON.stringify(wishes.map(unitRow)),
    draws === null ? null : JSON.stringify(draws),
  ])
  return new Map(rows.map(row => [row.workId, grantOf(row)]))
}

/** What all wishes together take from one lane of a budget. */
interface Draw {
  readonly budget: string
  readonly lane: string
  /** Whose turn it was last, when it is over. */
  readonly app: string
  readonly cost: number
  readonly per_second: number
  readonly burst: number
}

/** Null: they have to be looked at one by one. */
function drawsOf(wishes: readonly Pick<Wish, 'budget' | 'fares' | 'app' | 'sends'>[]): Draw[] | null {
  const draws = new Map<string, Draw>()
  for (const { budget, fares, app, sends } of wishes) {
    if (sends) return null
    for (const { lane, cost } of fares) {
      if (lane.kind !== 'rate') return null
      const key = JSON.stringify([budget, lane.name])
      const before = draws.get(key) ?? { cost: 0, per_second: Infinity, burst: Infinity }
      draws.set(key, {
        budget,
        lane: lane.name,
        app,
        cost: before.cost + cost,
        // apps that share a credential may be set up differently
        per_second: Math.min(before.per_second, lane.perSecond),
        burst: Math.min(before.burst, lane.burst),
      })
    }
  }
  return [...draws.values()]
}

/** False: nothing was written, and the wishes have to be looked at one by one. */
async function beginAtOnce(sql: Sql, wishes: readonly Wish[]): Promise<boolean> {
  const draws = wishes.some(({ renewed }) => renewed) ? null : drawsOf(wishes)
  if (draws === null) return false
  const begun = new Map<number, object[]>()
  for (const { recallTargetId, workId, fence, nth, step } of wishes) {
    const units = begun.get(recallTargetId) ?? []
    begun.set(recallTargetId, units)
    units.push({ work_id: workId, fence, nth, step })
  }
  const rows = await sql.query<{ granted: boolean }>(
    `select begin_at_once($1::text::bigint[], $2::text::int[], array(select json_array_elements_text($3::text::json)),
       $4::text::json, $5::text::json) as granted`,
    [
      `{${wishes.map(({ workId }) => workId).join()}}`,
      `{${wishes.map(({ fence }) => fence).join()}}`,
      JSON.stringify([...new Set(wishes.map(({ app }) => app))]),
      JSON.stringify(draws),
      JSON.stringify([...begun].map(([push, units]) => ({ push, units }))),
    ],
  )
  return rows[0]?.granted === true
}

function wishRow(wish: Wish): object {
  return {
    ...requestRow(wish),
    work_id: wish.workId,
    push: wish.recallTargetId,
    fence: wish.fence,
    nth: wish.nth,
    renewed: wish.renewed,
  }
}

function unitRow(wish: UnitWish): object {
  return { ...requestRow(wish), app: wish.app, recall: wish.recallId, position: wish.position, seq: wish.seq }
}

function requestRow({ step, sends, budget, purpose, fares }: Wish | UnitWish): object {
  return { step, sent: sends, budget, purpose, fares: fares.map(fareRow) }
}

/** As the ledger's functions read it. */
export function fareRow({ lane, cost }: Fare): object {
  return lane.kind === 'rate'
    ? { lane: lane.name, kind: lane.kind, cost, per_second: lane.perSecond, burst: lane.burst }
    : { lane: lane.name, kind: lane.kind, cost, limit: lane.limit, window_ms: lane.windowMs, shares: lane.shares }
}
