import type { Sql } from './sql.ts'
import type { WorkResult } from './settle-work.ts'

export interface EndedWork {
  readonly recallId: string
  readonly result: WorkResult
}

/**
 * Ends a slice of at most `limit` of what is overdue by `lateMs` or more, and as many of what is set aside. Empty: there is
 * none.
 */
export async function endWork(sql: Sql, limit: number, lateMs: number): Promise<EndedWork[]> {
  return sql.query(
    `select recall_id as "recallId", result
     from end_work($1::text::int, make_interval(secs => $2::text::float8 / 1000))`,
    [limit, lateMs],
  )
}
