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
}
