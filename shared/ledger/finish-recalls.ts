import { auditColumns, ownValues } from './audit.ts'
import { holds } from './holding.ts'
import { type Sql, untilSeen } from './sql.ts'

/**
 * Rolls work up into the states of targets and recalls. It only computes, so it may run at any time, twice, or for a
 * recall that is settled already. Whoever settles last sees all work settled, since this is a statement of its own. Where two
 * run at once, neither sees which targets the other closes: each looks at the work of all targets of every recall that it may
 * close, whichever recall does that work, so that the one that began later closes it.
 */
// held: recalls before targets, as whoever cancels them, agrees to them or brings them work, so that none waits for another in a
// circle. looked: targets that do the work of these recalls. Two roll-ups that meet at several take them in one order.
// ended: a target with work ahead of it is running, and one that has ended stays as it is until more work is given to it; tokens
// that wait to be sealed are waited for, until the recall gives up or is called off. changed: again where another roll-up has just done it,
// since the parts below would not see what that one changed.
const touched = `asked as (
  select json_array_elements_text($1::text::json) as id
), concerned as (
  select id from asked
  union
  select l.recall_id from recall_target l join recall_target o on o.id = l.linked_id
  where o.recall_id in (select id from asked)
), looked as materialized (
  select distinct coalesce(t.linked_id, t.id) as id from concerned c join recall_target t on t.recall_id = c.id
), touched as materialized (
  select id from concerned
  union
  select t.recall_id from looked k join recall_target t on t.id = k.id
  union
  select l.recall_id from looked k join recall_target l on l.linked_id = k.id
)`
const finish = `
with ${touched}, held as materialized (
  select r.id from recall r where r.id in (select id from touched) order by r.id for no key update
), ended as (
  select t.id, t.recall_id, t.generation, t.plan, r.cancelled_at, t.superseded_by, m.more
  from looked k
  join recall_target t on t.id = k.id and t.state = 'running'
  join recall r on r.id = t.recall_id
  cross join lateral (select awaits_tokens(t.id, t.target_id) as more) m
  where (select count(*) from held) > 0 and not exists (select from work w where w.recall_target_id = t.id and w.result is null)
    and (not m.more or r.cancelled_at is not null or t.superseded_by is not null or r.give_up_at <= now())
), judged as (
  select e.id, e.generation, case
    when e.plan -> 'refusal' <> 'null' then 'failed'
    when w.works = 0 and (e.cancelled_at is not null or e.superseded_by is not null) then 'cancelled'
    when w.works = w.whole and not e.more then 'done'
    when w.reached > 0 then 'partial'
    when w.expired > 0 or e.more and e.cancelled_at is null and e.superseded_by is null then 'expired'
    when w.cancelled > 0 then 'cancelled'
    else 'failed' end as state
  from ended e, lateral (
    select count(*) filter (where result <> 'fallen') as works,
      count(*) filter (where result = 'accepted' and operation = e.plan ->> 'requested') as whole,
      count(*) filter (where result in ('accepted', 'partial')) as reached,
      count(*) filter (where result = 'expired') as expired,
      count(*) filter (where result = 'cancelled') as cancelled
    -- of a batch that is left alone there is nothing to do
    from work where recall_target_id = e.id and devices is distinct from 0) w
  order by e.id
), changed as (
  update recall_target t set state = j.state, active = false
  from judged j
  where t.id = j.id and t.generation = j.generation
  returning t.id, t.recall_id, t.state
), closing as (
  select id from concerned
  union
  select recall_id from changed
  union
  select l.recall_id from changed ch join recall_target l on l.linked_id = ch.id
), parts as (
  select c.id as recall_id, coalesce(ch.state, o.state, t.state) as state, t.linked_id is null as own
  from closing c
  join recall_target t on t.recall_id = c.id
  left join recall_target o on o.id = t.linked_id
  left join changed ch on ch.id = coalesce(t.linked_id, t.id)
), whole as (
  select recall_id,
    count(*) filter (where state in ('running', 'pending_approval')) as unfinished,
    count(*) filter (where state = 'pending_approval' and own) as waiting,
    count(*) filter (where state = 'done') as done,
    count(*) filter (where state = 'partial') as partial,
    count(*) filter (where state = 'expired') as expired,
    count(*) filter (where state = 'cancelled') as cancelled,
    count(*) as parts
  from parts group by recall_id
  union all
  -- what no push has come for yet
  select c.id, 0, 0, 0, 0, 0, 0, 0 from closing c where not exists (select from recall_target t where t.recall_id = c.id)
), verdict as (
  select w.recall_id, case
    when waiting > 0 then 'pending_approval'
    -- it takes in what is registered later, however much of it has ended
    when unfinished > 0 or ${holds('r')} then 'running'
    when r.unapproved is not null and done + partial = 0 then r.unapproved
    when r.cancelled_at is not null and (done < parts or parts = 0) then 'cancelled'
    when parts = 0 then case when r.give_up_at <= now() then 'expired' else r.state end
    when done = parts then 'done'
    when done + partial > 0 then 'partial'
    when expired > 0 then 'expired'
    when cancelled = parts then 'cancelled'
    else 'failed' end as state, r.state as seen, r.give_up_at, r.cancelled_at
  from whole w join recall r on r.id = w.recall_id
), rolled as (
  -- What has grown since was not seen (its end has moved), nor what was decided or cancelled: whoever did that rolls it up.
  update recall r set state = v.state,
    settled_at = case when v.state in ('running', 'pending_approval') then null else coalesce(r.settled_at, clock_timestamp()) end
  from verdict v where r.id = v.recall_id and r.state <> v.state and r.state = v.seen and r.give_up_at = v.give_up_at
    and r.cancelled_at is not distinct from v.cancelled_at
  returning r.id, r.operation, r.apps, r.state
), unasked as (
  -- another recall took over what waited: nobody is asked to agree to it any more
  update approval a set state = 'cancelled', decided_at = now()
  from rolled r where a.recall_id = r.id and a.state = 'waiting' and r.state not in ('running', 'pending_approval')
), audited as (
  insert into audit_entry ${auditColumns}
  select ${ownValues}, 'recall.settled', r.id, json_build_object('by', 'ledger', 'operation', r.operation, 'state', r.state,
    'apps', to_jsonb(r.apps), 'devices', (
      select json_build_object('accepted', coalesce(sum(w.accepted), 0),
        'rejected', coalesce(sum(w.rejected), 0), 'unknown', coalesce(sum(w.unknown), 0))
      from recall_target t join work w on w.recall_target_id = t.id where t.recall_id = r.id and t.linked_id is null))
  from rolled r where r.state not in ('running', 'pending_approval')
)
select id, state from rolled`

/**
 * In a transaction that is to end with the roll-up of a recall: locks that one and all that the roll-up may lock, in its order. Who
 * had the one alone and then wanted the others would wait for them in a circle.
 */
export async function lockForRollUp(sql: Sql, id: string): Promise<void> {
  await sql.query(`with ${touched} select from recall where id in (select id from touched) order by id for update`, [
    JSON.stringify([id]),
  ])
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
  return sql.query(finish, [JSON.stringify(ids)])
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
