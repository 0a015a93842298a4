/** What `sweep` last found out and people are shown: one row for each name and app. */
import type { Sql } from './sql.ts'

export interface Finding<Value> {
  /** The app; empty: it is about the deployment. */
  readonly subject: string
  readonly value: Value
  readonly at: Date
}

export async function keepFinding(sql: Sql, name: string, subject: string, value: object): Promise<void> {
  await sql.query(
    `insert into finding (name, subject, value) values ($1::text, $2::text, $3::text::jsonb)
     on conflict (name, subject) do update set value = excluded.value, at = clock_timestamp()`,
    [name, subject, JSON.stringify(value)],
  )
}

/** All of one name. */
export async function readFindings<Value>(sql: Sql, name: string): Promise<Finding<Value>[]> {
  return sql.query('select subject, value, at from finding where name = $1::text order by subject', [name])
}
