import { type Caller, grantText } from '../access/grant.ts'
import { askForGrowth, heldDetail } from './approvals.ts'
import { auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import { holds } from './holding.ts'
import type { Sql } from './sql.ts'

// Exactly the units in which the vendor took no device; what it took stays taken, in the counts too.
const reachedNobody = `w.state = 'done' and w.result in ('failed', 'expired', 'cancelled', 'partial') and w.accepted = 0`

const overlayMayBeOut = `(w.operation = 'overlay' and w.step in ('sent', 'confirm'))`

/** The whole push came to it once its batches could not be done otherwise. */
const fellTo = `(w.seq is null and exists (select from work f where f.recall_target_id = w.recall_target_id and f.result = 'fallen'))`

/** Its push tokens are there still, or it needs none. */
const nameable = `(w.seq is null or exists (
  select from token_batch b where b.target_id = w.target_id and b.seq = w.seq and b.tokens is not null))`

/**
 * Puts work that ended without the vendor's yes, or without its proof, back into the queue: from the top of its ladder, or
 * where an overlay may be out, from there, and the vendor is asked before it is sent again. Resolves with how much.
 * Rejects with a unique violation where the handle is on its way in another recall. Call it inside a transaction.
 */
export async function retryRecall(
  sql: Sql,
  id: string,
  giveUpHours: number,
  by: Caller,
  entry: SignedEntry,
  reason: string | null = null,
): Promise<number> {
  // one behind the other, in one round trip: recalls before targets, as roll-ups take them
  const [, rows] = await Promise.all([
    sql.query('select from recall where id = $1::text for update', [id]),
    sql.query<{ held: boolean }>(retry, [
      id,
      giveUpHours,
      by.owner,
      grantText(by.grant),
      reason,
      ...signedParameters(entry),
    ]),
  ])
  // what others have not agreed to waits for them again
  if (rows.some(({ held }) => held)) await askForGrowth(sql, id)
  return rows.length
}

const retry = `
     with recall_now as (
       select id, subject, priority, now() + make_interval(secs => $2::text::float8 * 3600) as give_up_at from recall
       where id = $1::text and (state not in ('running', 'pending_approval') or state = 'running' and ${holds('recall')})
         and visible_to(apps, owner, reach, $3::text, read_grant($4::text::json))
     ), again as (
       update work w set state = 'ready', result = null, accepted = 0, rejected = 0, unknown = 0, rejections = null, tokens_left = null,
         run_at = case when w.held then r.give_up_at else now() end, failures = 0, confirmations = 0, unsettled = 0, give_up_at = r.give_up_at, priority = 0,
         blocked_by = case when w.held then 'approval' end, blocked_since = case when w.held then now() end,
         blocked_detail = case when w.held then '${heldDetail}' end,
         warnings = null, notices = null, assessed = null,
         step = case when ${overlayMayBeOut} then 'sent' else 'act' end,
         operation = case when ${overlayMayBeOut} or ${fellTo} then w.operation else t.plan -> 'ladder' ->> 0 end,
         ladder = case when ${overlayMayBeOut} or ${fellTo} then w.ladder else (select string_agg(l, ',' order by n)
           from jsonb_array_elements_text(t.plan -> 'ladder') with ordinality as e(l, n)) end
       from recall_now r, recall_target t
       where w.recall_id = r.id and t.id = w.recall_target_id and ${reachedNobody} and ${nameable}
       returning w.id, w.recall_target_id, w.give_up_at, w.held
     ), targets as (
       update recall_target set state = 'running', active = true, superseded_by = null, generation = generation + 1
       where id in (select recall_target_id from again)
         -- tokens that came after a cancel joined nothing: they are waited for, and sweep has them join
         or exists (select from again) and recall_id = $1::text and linked_id is null and superseded_by is null
           and plan ->> 'refusal' is null and awaits_tokens(id, target_id)
     ), kept as (
       -- what vendors say of it now leaves in its turn
       update target g set kept_since = now()
       from recall_target t where t.id in (select recall_target_id from again) and g.id = t.target_id and g.kept_since is null
     ), remarked as (
       -- a cancel had let its messages go: what comes for them joins again
       update message m set recall_id = r.id
       from recall_now r, recall_target t, target g
       where exists (select from again) and not r.subject ? 'target' and t.recall_id = r.id and g.id = t.target_id
         and m.id = g.message_id and m.recall_id is null
     ), reopened as (
       update recall set state = 'running', settled_at = null, cancelled_at = null, priority = 0,
         give_up_at = (select max(give_up_at) from again)
       where id = $1::text and exists (select from again)
       returning id, apps
     ), audited as (
       insert into audit_entry ${auditColumns}
       select ${signedValues(6)}, json_strip_nulls(json_build_object(
         'apps', to_json(apps), 'requests', (select count(*) from again), 'reason', $5::text))
       from reopened
     )
     select held from again`
