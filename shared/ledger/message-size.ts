/** How much one message may come to, over however many changes. */
import { bounds, overBound } from '../bounds.ts'
import { only, type Sql } from './sql.ts'

/**
 * Rejects with the refusal of the bound that a message is over. Call it inside the transaction that changed the message: its
 * row is locked from then on, so that no two changes count past each other.
 */
export async function checkMessageSize(sql: Sql, id: string): Promise<void> {
  const { contents, targets } = only(
    await sql.query<{ contents: number; targets: number }>(
      `select cardinality(contents) as contents, (select count(*) from target where message_id = m.id) as targets
       from message m where id = $1::text`,
      [id],
    ),
  )
  if (contents > bounds.contentsPerMessage.value) {
    throw overBound('contentsPerMessage', `The message would have ${contents} contents.`)
  }
  if (targets > bounds.targetsPerMessage.value) {
    throw overBound('targetsPerMessage', `The message would have ${targets} targets.`)
  }
  await checkContents(sql, id)
}

/**
 * Rejects where a content of the message is carried by more than one recall by content can plan. By owner, so that nobody
 * fills up a content that others register under. Call it inside the transaction that added contents or targets.
 */
export async function checkContents(sql: Sql, id: string): Promise<void> {
  const { value } = bounds.targetsPerContent
  const rows = await sql.query(
    `with mine as (
       select contents, owner from message where id = $1::text
     ), carrying as materialized (
       select m.contents, greatest(1, (select count(*) from target t where t.message_id = m.id)) as targets
       from mine join message m on m.contents && mine.contents and m.owner = mine.owner
     )
     select c from carrying, unnest(carrying.contents) c
     where c in (select unnest(contents) from mine)
     group by c having sum(targets) > $2::text::int limit 1`,
    [id, value],
  )
  if (rows.length > 0) {
    throw overBound('targetsPerContent', `More than ${value} targets would carry one of these contents.`)
  }
}
