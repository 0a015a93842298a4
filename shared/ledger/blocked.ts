/** What cannot move, as `sweep` sees it. */
import { only, type Sql } from './sql.ts'

/**
 * Notes what cannot move now and what moves again. Work forgets why it waited as soon as it goes on: a wait that begins and ends
 * between two looks is told by its answers alone. Resolves with how many spans are open.
 */
export async function noteBlocked(sql: Sql): Promise<number> {
  return only(await sql.query<{ open: number }>('select note_blocked() as open')).open
}

/** After that: tells of recalls that have not moved for two minutes. Resolves with how many. */
export async function tellOfBlocked(sql: Sql): Promise<number> {
  return only(await sql.query<{ told: number }>('select tell_of_blocked() as told')).told
}
