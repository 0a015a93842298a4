import type { Sql } from './sql.ts'

/** What people should know, until nobody has seen it for a week. */
export async function noteInLedger(sql: Sql, code: string, subject: string): Promise<void> {
  await sql.query(
    `insert into notice (code, subject) values ($1::text, $2::text) on conflict (code, subject) do update set seen_at = now()`,
    [code, subject],
  )
}
