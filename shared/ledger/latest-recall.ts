/** The recall that what comes for a target later joins. */
import type { Sql } from './sql.ts'

/** The target of a recall that tokens may join. */
export interface Growing {
  readonly recallId: string
  readonly recallTargetId: number
  /** Nobody has agreed to it yet. */
  readonly waits: boolean
  /** There is a line for it. */
  readonly measured: boolean
  /** It leaves some push tokens alone. */
  readonly excepts: boolean
}

/** By the first parameter, a target: the recall that took it back, unless that was cancelled or another took the push over. */
const latest = (columns: string) => `
  select ${columns} from recall_target t join recall r on r.id = t.recall_id
  where t.target_id = $1::text::bigint and t.linked_id is null and t.superseded_by is null and r.cancelled_at is null and r.ahead_of is null
  order by t.id desc limit 1`

/** What comes for a target later joins it. Null: none does. */
export async function latestRecallOf(sql: Sql, targetId: number): Promise<Growing | null> {
  const rows = await sql.query<Growing>(
    latest(`t.recall_id as "recallId", t.id as "recallTargetId", r.state = 'pending_approval' as waits, r.line is not null as measured,
      r.subject ? 'exceptTokens' as excepts`),
    [targetId],
  )
  return rows[0] ?? null
}

/**
 * The same, in a transaction that is about to bring it work: somebody who cancels it, agrees to it or takes its handle over at this
 * very moment has done so, or comes after. In one round trip: the last of the statements sees what those before it waited for.
 */
export async function lockLatestRecall(sql: Sql, targetId: number): Promise<Growing | null> {
  const lock = (which: string, how: string) =>
    sql.query(`select from recall where id = (${latest('t.recall_id')}) and ${which} for ${how}`, [targetId])
  const isJudged = "(line is not null or state = 'pending_approval')"
  const [, , recall] = await Promise.all([
    lock(isJudged, 'update'),
    // tokens of several targets join side by side
    lock(`not ${isJudged}`, 'key share'),
    latestRecallOf(sql, targetId),
  ])
  return recall
}
