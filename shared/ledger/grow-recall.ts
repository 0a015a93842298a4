/** What comes to a recall later: batches that were sealed since, targets that a message got. */
import { type Actor, auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import { type Cause, type NewRecallTarget, targetRow } from './new-recall.ts'
import { leaveOut } from './exceptions.ts'
import { askForGrowth, heldValues, lockRecall, regrowApproval } from './approvals.ts'
import type { Growing } from './latest-recall.ts'
import { type Ledger, only, type Sql, untilSeen } from './sql.ts'

/** Its end moves with whatever comes to it, so that a roll-up that has not seen that does not close it. */
const pastItsEnd = `r.give_up_at + interval '1 microsecond'`

// held: recalls before targets, as roll-ups take them.
// Batches of a target get their units in the order of their seq, so that those without one are the last.
const grow = `
with held as materialized (
  select r.id, r.state, r.cancelled_at from recall_target t join recall r on r.id = t.recall_id
  where t.id = $1::text::bigint for no key update of r
), beyond as (
  select b.target_id, b.seq, b.count
  from recall_target t join token_batch b on b.target_id = t.target_id and b.tokens is not null
  where t.id = $1::text::bigint
    and b.seq > coalesce((select max(w.seq) from work w where w.recall_target_id = $1::text::bigint), -1)
    and not exists (select from work w where w.recall_target_id = $1::text::bigint and w.seq is null)
), opened as (
  update recall_target t set
    state = 'running', generation = t.generation + 1,
    active = not exists (
      select from recall_target o where o.app = t.app and o.handle = t.handle and o.active and o.id <> t.id)
  from held r
  where t.id = $1::text::bigint and r.id = t.recall_id and r.state <> 'pending_approval' and r.cancelled_at is null
    and t.plan ->> 'refusal' is null and exists (select from beyond)
  returning t.id, t.recall_id, t.target_id, t.app, t.plan, t.linked_id
), reopened as (
  update recall r set state = 'running', settled_at = null,
    give_up_at = greatest(${pastItsEnd}, now() + make_interval(secs => $2::text::float8 * 3600))
  from opened o where r.id = o.recall_id
  returning r.id, r.give_up_at, r.priority
)
insert into work (recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, give_up_at,
  priority, held, run_at, blocked_by, blocked_since, blocked_detail)
select o.recall_id, o.id, o.target_id, b.seq, o.app, b.count, o.plan -> 'ladder' ->> 0,
  (select string_agg(l, ',' order by n) from jsonb_array_elements_text(o.plan -> 'ladder') with ordinality as e(l, n)),
  'act', r.give_up_at, r.priority, ${heldValues('$3::text::boolean')}
from opened o join reopened r on r.id = o.recall_id join beyond b on b.target_id = o.target_id
returning id`

/**
 * Batches of a target that its recall has no units for join it, or start it again. Resolves with the number of units. Only
 * for who holds the target's row in `sealing`: two at once would both bring the same.
 */
export async function growRecall(
  sql: Sql,
  { recallId, recallTargetId, waits, measured, excepts }: Growing,
  giveUpHours: number,
): Promise<number> {
  if (waits) {
    await regrowApproval(sql, recallId)
    return 0
  }
  const held = measured && only(await sql.query<{ held: boolean }>(judgeBatches, [recallTargetId])).held
  const units = await sql.query<{ id: number }>(grow, [recallTargetId, giveUpHours, held])
  if (excepts && units.length > 0)
    await leaveOut(
      sql,
      recallId,
      units.map(({ id }) => id),
    )
  if (held && units.length > 0) await askForGrowth(sql, recallId)
  return units.length
}

const judgeBatches = `
select coalesce((
  select joins_held(t.recall_id, sum(b.count - left_out(spelled(x.tokens, x.spellings, t.provider), b.tokens)))
  from recall_target t join token_batch b on b.target_id = t.target_id and b.tokens is not null
  left join recall_exception x on x.recall_id = t.recall_id
  where t.id = $1::text::bigint and t.plan ->> 'refusal' is null
    and b.seq > coalesce((select max(w.seq) from work w where w.recall_target_id = $1::text::bigint), -1)
  group by t.recall_id), false) as held`

/**
 * Late targets of a recalled message are taken back as its recall asked. A handle that another recall has on its way is linked
 * to that one where it does the same, and taken over from it otherwise. Resolves with the number of work rows.
 */
export async function joinRecall(
  ledger: Ledger,
  recallId: string,
  targets: readonly (Omit<
    NewRecallTarget,
    'targetId' | 'batches' | 'tokensDigest' | 'linkedId' | 'lastRecallTargetId'
  > & {
    targetId: number
  })[],
  giveUpHours: number,
  /** The line of what they may come to; null: none. */
  line: number | null,
  /** The recall leaves some push tokens alone. */
  excepts: boolean,
): Promise<number> {
  // another recall of a handle may be admitted between our look and our insert
  return untilSeen(() => ledger.transaction(join))

  async function join(sql: Sql): Promise<number> {
    const recall = await lockRecall(sql, recallId, line)
    if (recall === null) return 0
    // with the row locked: another request that brought the same has committed by now, or comes after us
    const there = await targetsIn(sql, recallId, targets)
    const rows = targets
      .filter(({ targetId }) => !there.has(targetId))
      .map((target, position) => targetRow(recallId, target, position))
    if (rows.length === 0) return 0
    const held = recall.measured && (await judgeTargets(sql, recallId, rows))
    const units = await insertTargets(sql, recallId, rows, giveUpHours, held)
    if (excepts && units.length > 0) await leaveOut(sql, recallId, units)
    if (recall.waits) await regrowApproval(sql, recallId, rows)
    else if (held && units.length > 0) await askForGrowth(sql, recallId)
    return units.length
  }
}

async function targetsIn(
  sql: Sql,
  recallId: string,
  targets: readonly { readonly targetId: number }[],
): Promise<ReadonlySet<number>> {
  const rows = await sql.query<{ id: number }>(
    `select target_id as id from recall_target
     where recall_id = $1::text and target_id in (select json_array_elements_text($2::text::json)::bigint)`,
    [recallId, JSON.stringify(targets.map(({ targetId }) => targetId))],
  )
  return new Set(rows.map(({ id }) => id))
}

async function judgeTargets(sql: Sql, recallId: string, rows: readonly object[]): Promise<boolean> {
  const { held } = only(
    await sql.query<{ held: boolean }>(
      `select joins_held($1::text, coalesce(sum(coalesce((i.plan -> 'reach' ->> 'task')::bigint,
         (select sum(b.count - left_out(spelled(x.tokens, x.spellings, i.provider), b.tokens)) from token_batch b where b.target_id = i.target_id), 0)), 0)::bigint) as held
       from json_to_recordset($2::text::json) as i(target_id bigint, provider text, plan jsonb, ladder text)
       left join recall_exception x on x.recall_id = $1::text where i.ladder <> ''`,
      [recallId, JSON.stringify(rows)],
    ),
  )
  return held
}

async function insertTargets(
  sql: Sql,
  recallId: string,
  targets: readonly object[],
  giveUpHours: number,
  held: boolean,
): Promise<number[]> {
  const rows = await sql.query<{ id: number }>(
    `with input as (
       select i.*, o.id as other_id, coalesce(o.plan ->> 'requested' = i.requested and o.tokens_digest is null
         and not called_off(o.id)
         -- under a key used again it takes back another push, and what is left of it is not done any more
         and not exists (select from target g where g.id = o.target_id and g.superseded_by is not null)
         and not exists (select from recall_exception x where x.recall_id in (o.recall_id, $1::text)), false) as alike
       from json_to_recordset($2::text::json) as i(position int, target_id bigint, app text, provider text,
         handle text, addressing text, plan jsonb, step text, operation text, ladder text, requested text)
       left join recall_target o on o.app = i.app and o.handle = i.handle and o.active and i.ladder <> ''
     ), yielded as (
       update recall_target set active = false where id in (select other_id from input where not alike) returning id
     ), reopened as (
       update recall r set state = case when state = 'pending_approval' then state else 'running' end, settled_at = null,
         apps = array(select distinct a from unnest(r.apps || array(select app from input)) a),
         give_up_at = greatest(${pastItsEnd}, now() + make_interval(secs => $3::text::float8 * 3600))
       where id = $1::text returning id, state, give_up_at, priority
     ), targets as (
       insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, linked_id, plan)
       select r.id, i.position + (select count(*) from recall_target t where t.recall_id = r.id), i.target_id, i.app,
         i.provider, i.handle, case when i.ladder = '' then 'failed' when r.state = 'pending_approval' and not i.alike then r.state else 'running' end, i.ladder <> '' and not i.alike,
         case when i.alike then i.other_id end, i.plan
       -- counted first, so that the handles are free when they are taken
       from reopened r, input i, (select count(*) from yielded) y
       -- one order for all, so that two that meet at several handles never wait for each other
       order by i.app, i.handle
       returning id, target_id, linked_id
     ), units as (
       select t.id, t.target_id, b.seq, b.count from targets t join token_batch b on b.target_id = t.target_id
       join input i on i.target_id = t.target_id and i.addressing <> 'task'
       where t.linked_id is null
       union all
       select t.id, t.target_id, null, null from targets t join input i on i.target_id = t.target_id
       where i.addressing = 'task' and t.linked_id is null
     )
     insert into work (recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, give_up_at,
       priority, held, run_at, blocked_by, blocked_since, blocked_detail)
     select r.id, u.id, u.target_id, u.seq, i.app, u.count, i.operation, i.ladder, i.step, r.give_up_at,
       r.priority, ${heldValues('$4::text::boolean')}
     from reopened r, units u join input i on i.target_id = u.target_id
     where i.ladder <> '' and r.state <> 'pending_approval'
     returning id`,
    [recallId, JSON.stringify(targets), giveUpHours, held],
  )
  return rows.map(({ id }) => id)
}

/** Notes, in the recall and in the audit trail, who made it grow without asking for it. `brought`: where the entry is another's. */
export async function noteGrowth(
  sql: Sql,
  recallId: string,
  apps: readonly string[],
  by: Cause['by'],
  entry: SignedEntry,
  brought?: Actor,
): Promise<void> {
  const { id: actor, person } = brought ?? { id: entry.actor, person: entry.person }
  const cause: Cause = { actor, person, by }
  await sql.query(
    `with grown as (
       update recall set caused_by = with_cause(caused_by, $2::text::jsonb) where id = $1::text returning id
     )
     insert into audit_entry ${auditColumns}
     select ${signedValues(6)}, (jsonb_build_object('apps', $3::text::jsonb, 'by', $4::text)
       || case when $5::text is null then '{}' else jsonb_build_object('cause', $5::text::jsonb) end)::json
     from grown`,
    [
      recallId,
      JSON.stringify(cause),
      JSON.stringify(apps),
      by,
      brought === undefined ? null : JSON.stringify(cause),
      ...signedParameters(entry),
    ],
  )
}

/** The recalls that late targets of a message join: for each app the newest one that named the message and reaches the app. */
export async function recallsToJoin(
  sql: Sql,
  messageId: string,
  apps: readonly string[],
): Promise<{ readonly app: string; readonly recallId: string }[]> {
  return sql.query(
    `select a.app, r.id as "recallId" from json_array_elements_text($2::text::json) as a(app)
     cross join lateral (
       select r.id from recall_message n join recall r on r.id = n.recall_id
       where n.message_id = $1::text and r.cancelled_at is null and (r.reach is null or a.app = any (r.reach))
       order by r.created_at desc, r.id desc limit 1) r`,
    [messageId, JSON.stringify([...new Set(apps)])],
  )
}
