/** The ways in which a recall ends before its vendors were asked: somebody cancels it, or another takes its handles over. */
import { type Caller, grantText } from '../access/grant.ts'
import { auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import { holds } from './holding.ts'
import { type Ledger, type Sql, untilSeen } from './sql.ts'

const dropUnasked = `state = 'done', result = 'cancelled', unknown = coalesce(devices, 0) - accepted - rejected, tokens_left = null, blocked_by = null,
  blocked_since = null, blocked_detail = null`

/**
 * Ends what has not been asked of a vendor yet; a request already out keeps its own outcome. Resolves with false where
 * the recall is settled and holds nothing, or the caller does not reach all of it. Roll up afterwards.
 */
export async function cancelRecall(
  ledger: Ledger,
  id: string,
  by: Caller,
  entry: SignedEntry,
  reason: string | null = null,
): Promise<boolean> {
  // who rolls up may wait for it in a circle, and is waited for
  const rows = await untilSeen(() => ledger.transaction(cancel))
  return rows.length > 0

  async function cancel(sql: Sql): Promise<object[]> {
    // an approval at this very moment has made its work already, or makes none
    await sql.query('select id from recall where id = $1::text for update', [id])
    return sql.query(
      `with stopped as (
       update recall r set holds_until = null, cancelled_at = case when state in ('running', 'pending_approval') and not ${onlyHolds('r')} then now() end
       where id = $1::text and (state in ('running', 'pending_approval') or holds_until > now())
         and visible_to(apps, owner, reach, $2::text, read_grant($3::text::json))
       returning id, apps, cancelled_at
     ), dropped as (
       update work set ${dropUnasked}
       where recall_id in (select id from stopped) and state in ('ready', 'fallen')
     ), unmarked as (
       update message set recall_id = null where recall_id in (select id from stopped where cancelled_at is not null)
     ), unbegun as (
       update recall_target set state = 'cancelled', active = false
       where recall_id in (select id from stopped) and state = 'pending_approval'
     ), unasked as (
       update approval set state = 'cancelled', decided_at = now()
       where recall_id in (select id from stopped) and state = 'waiting'
     ), audited as (
       insert into audit_entry ${auditColumns}
       select ${signedValues(5)}, json_strip_nulls(json_build_object('apps', to_json(apps), 'reason', $4::text)) from stopped
     )
     select id from stopped`,
      [id, by.owner, grantText(by.grant), reason, ...signedParameters(entry)],
    )
  }
}

/**
 * Another recall takes handles over from those that have them on their way: what no vendor was asked yet ends there, what is
 * out keeps its own outcome, and the rest of those recalls goes on. The caller has checked that who asks reaches the handles'
 * apps. `entries`: one of each of those recalls. Roll them up afterwards.
 */
export async function takeOverHandles(
  sql: Sql,
  recallTargetIds: readonly number[],
  recallId: string,
  entries: readonly SignedEntry[],
): Promise<void> {
  const ids = JSON.stringify(recallTargetIds)
  // one behind the other, in one round trip
  await Promise.all([
    // whoever brings work to one of those recalls, or agrees to it, at this very moment has made that already, or makes none
    sql.query(
      `select from recall where id in (
         select recall_id from recall_target where id in (select json_array_elements_text($1::text::json)::bigint))
       order by id for update`,
      [ids],
    ),
    sql.query(takeOver, [ids, recallId, JSON.stringify(entries)]),
  ])
}

const takeOver = `
     with taken as (
       update recall_target set active = false, superseded_by = $2::text,
         state = case when state = 'pending_approval' then 'cancelled' else state end
       where id in (select json_array_elements_text($1::text::json)::bigint) and active
       returning id, recall_id, app
     ), dropped as (
       update work set ${dropUnasked} where recall_target_id in (select id from taken) and state in ('ready', 'fallen')
     )
     insert into audit_entry ${auditColumns}
     select e.entry, e.request, e.mac, e.actor, e.person, e.action, e.object,
       json_build_object('apps', json_agg(distinct t.app), 'targets', count(*), 'supersededBy', $2::text)
     from json_to_recordset($3::text::json)
       as e(entry text, request text, mac text, actor text, person text, action text, object text)
     join taken t on t.recall_id = e.object
     group by e.entry, e.request, e.mac, e.actor, e.person, e.action, e.object`

/**
 * What came back to the queue, or was made, in the very moment in which its recall was cancelled or its handle taken over: of two
 * transactions at once neither sees the other. Resolves with the recalls, which are to be rolled up.
 */
export async function dropCalledOff(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `with off as materialized (
       select t.id from recall r join recall_target t on t.recall_id = r.id
       where r.state in ('running', 'pending_approval') and r.cancelled_at is not null
       union
       select id from recall_target where state = 'running' and linked_id is null and superseded_by is not null
     ), dropped as (
       update work w set ${dropUnasked}
       from off where w.recall_target_id = off.id and w.result is null and w.state in ('ready', 'fallen') returning w.recall_id
     )
     select distinct recall_id as id from dropped`,
  )
  return rows.map(({ id }) => id)
}

/** Another recall takes these handles over; what is out for them settles all the same. */
export async function yieldHandles(sql: Sql, recallTargetIds: readonly number[]): Promise<void> {
  await sql.query(
    'update recall_target set active = false where id in (select json_array_elements_text($1::text::json)::bigint)',
    [JSON.stringify(recallTargetIds)],
  )
}

/** All that it took in has ended: to cancel it ends the holding alone, and those messages stay recalled. */
const onlyHolds = (recall: string) => `(
  (${holds(recall)}) is true and exists (select from recall_target t where t.recall_id = ${recall}.id) and not exists (
    select from recall_target t left join recall_target o on o.id = t.linked_id
    where t.recall_id = ${recall}.id and coalesce(o.state, t.state) in ('running', 'pending_approval')))`
