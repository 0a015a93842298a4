/** What has left, and is asked for again. */
import type { Sql } from './sql.ts'

/** What vendors say of these targets from now on leaves in its turn. */
export async function keepAnew(sql: Sql, targetIds: readonly number[]): Promise<void> {
  await sql.query(
    `update target set kept_since = now()
     where id in (select json_array_elements_text($1::text::json)::bigint) and kept_since is null`,
    [JSON.stringify(targetIds)],
  )
}
