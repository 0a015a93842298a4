import type { Sql } from './sql.ts'

/** Notes that a timer function ran to its end. */
export async function beat(sql: Sql, name: string): Promise<void> {
  await sql.query(
    'insert into pulse (name) values ($1::text) on conflict (name) do update set at = clock_timestamp()',
    [name],
  )
}
