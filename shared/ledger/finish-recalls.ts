import { holds } from './holding.ts'
import { type Sql, untilSeen } from './sql.ts'

/**
 * In a transaction that is to end with the roll-up of a recall: locks that one and all that the roll-up may lock, in its order. Who
 * had the one alone and then wanted the others would wait for them in a circle.
 */
export async function lockForRollUp(sql: Sql, id: string): Promise<void> {
  await sql.query(
    'select from recall where id = any(array(select unnest(touched) from touched_by(array[$1::text]))) order by id for update',
    [id],
  )
}

interface RolledUp {
  readonly id: string
  readonly state: string
}

/**
 * Resolves with the recalls whose state changed. A push that joins meanwhile may have another recall do its work, and then those
 * who roll up take recalls that neither of them had seen: of two that wait for each other in a circle one looks again.
 */
export async function finishRecalls(sql: Sql, ids: readonly string[]): Promise<RolledUp[]> {
  return untilSeen(() => finishWithin(sql, ids))
}

/** The same in a transaction, which is tried again as a whole. */
export async function finishWithin(sql: Sql, ids: readonly string[]): Promise<RolledUp[]> {
  return sql.query('select id, state from roll_up(array(select json_array_elements_text($1::text::json)))', [
    JSON.stringify(ids),
  ])
}

/**
 * Recalls whose work is all settled and that still count as on their way: whoever settled last died before the roll-up,
 * and there is no work left that could lead anybody back to it. So it is where another recall's roll-up closed the last of its
 * targets and died, where no push ever came, and its time is over, and with a hold whose time is over.
 */
export async function leftUnfinished(sql: Sql, limit: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select distinct t.recall_id as id from recall_target t join recall r on r.id = t.recall_id
     where t.state = 'running' and t.linked_id is null and not exists (
       select from work w where w.recall_target_id = t.id and w.result is null)
       and (r.give_up_at <= now() or r.cancelled_at is not null or t.superseded_by is not null or not awaits_tokens(t.id, t.target_id))
     union
     select r.id from recall r
     where r.state in ('running', 'pending_approval') and r.apps <> '{}' and (${holds('r')}) is not true and not exists (
       select from recall_target t left join recall_target o on o.id = t.linked_id
       where t.recall_id = r.id and coalesce(o.state, t.state) in ('running', 'pending_approval'))
     union
     select id from recall where settled_at is null and apps = '{}' and give_up_at <= now()
     union
     select id from recall where state = 'running' and holds_until <= now()
     limit $1::text::int`,
    [limit],
  )
  return rows.map(row => row.id)
}
