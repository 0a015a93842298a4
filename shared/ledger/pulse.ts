import type { Sql } from './sql.ts'

/** Notes that a timer function ran to its end. */
export async function beat(sql: Sql, name: string): Promise<void> {
  await sql.query(
    'insert into pulse (name) values ($1::text) on conflict (name) do update set at = clock_timestamp()',
    [name],
  )
}

/** Seconds since it last did; null: never. */
export async function sinceBeat(sql: Sql, name: string): Promise<number | null> {
  const rows = await sql.query<{ seconds: number }>(
    'select extract(epoch from clock_timestamp() - at)::float8 as seconds from pulse where name = $1::text',
    [name],
  )
  return rows[0]?.seconds ?? null
}
