/** What of a recall waits for other persons, and what they decide. The row of the recall is locked first, by whoever decides. */
import { auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import { leaveOut } from './exceptions.ts'
import { finishWithin, lockForRollUp } from './finish-recalls.ts'
import { only, type Sql } from './sql.ts'

export interface StoredApproval {
  readonly state: 'waiting' | 'approved' | 'declined' | 'expired' | 'cancelled' | 'broken'
  readonly needed: number
  readonly above: number | null
  readonly because: 'reach' | 'hour' | 'nobody' | 'growth'
  readonly reach: number
  readonly basis: 'exact' | 'vendor' | 'stated' | 'assumed'
  readonly digest: string
  readonly round: number
  readonly askedAt: string
  /** Null: what waits inside a recall waits until that gives up. */
  readonly expiresAt: string | null
  readonly broken: boolean
  readonly reviewedAt: string | null
  /** Of this round; reviews of any. */
  readonly votes: readonly Vote[]
}

export interface Vote {
  readonly decision: Decision
  readonly person: string
  readonly actor: string
  readonly reason: string | null
  readonly at: string
}

export type Decision = 'approved' | 'declined' | 'reviewed'

/** Why a unit of work is held, for people. */
export const heldDetail = 'It came to the recall beyond what was agreed to: another person has to approve it.'

/** Of a unit of work that joins: held, run_at, blocked_by, blocked_since, blocked_detail. `is` says whether it is held. */
export function heldValues(is: string): string {
  return `${is}, case when ${is} then r.give_up_at else now() end, case when ${is} then 'approval' end,
    case when ${is} then now() end,
    case when ${is} then '${heldDetail}' end`
}

/** The same person, however the name is written. */
export function identityOf(person: string): string {
  return person.normalize('NFKC').trim().toLowerCase()
}

/**
 * Locks a recall that targets are about to join; `line` is that of what these may come to, and the lowest holds. Null: nothing
 * joins it any more.
 */
export async function lockRecall(
  sql: Sql,
  id: string,
  line: number | null,
): Promise<{ readonly waits: boolean; readonly measured: boolean } | null> {
  const rows = await sql.query<{ waits: boolean; measured: boolean }>(
    'select waits, measured from lock_growing($1::text, $2::text::bigint)',
    [id, line],
  )
  return rows[0] ?? null
}

/**
 * What waits was added to. Beyond 1.25 times what was shown, or with another target, its digest is another one, and what was
 * agreed to before counts no more. `targets`: those that came.
 */
export async function regrowApproval(sql: Sql, recallId: string, targets: readonly object[] = []): Promise<boolean> {
  return only(
    await sql.query<{ grown: boolean }>('select regrow_approval($1::text, $2::text) as grown', [
      recallId,
      JSON.stringify(targets),
    ]),
  ).grown
}

/** Work of a recall is held: as many other persons as the recall itself needs are asked. */
export async function askForGrowth(sql: Sql, recallId: string): Promise<void> {
  await sql.query('select ask_for_growth($1::text)', [recallId])
}

export interface Decided {
  /**
   * done: it is decided, and this is the last word · counted: another person is still needed · same: he has said so before ·
   * changed: what waits is no longer what he was shown · none: nothing waits · late: it waited for too long
   */
  readonly kind: 'done' | 'counted' | 'same' | 'changed' | 'none' | 'late'
}

export interface AskedDecision {
  readonly recallId: string
  readonly decision: 'approved' | 'declined'
  readonly person: string
  readonly actor: string
  readonly reason: string | null
  /** Null: whatever waits now. */
  readonly digest: string | null
  readonly giveUpHours: number
  readonly entry: SignedEntry
  /** Whether who agreed before may still decide. */
  readonly mayStill: (vote: { readonly person: string; readonly actor: string }) => boolean
}

/** In a transaction of its own. */
export async function decideRecall(sql: Sql, asked: AskedDecision): Promise<Decided> {
  const { recallId, decision } = asked
  const who = identityOf(asked.person)
  await lockForRollUp(sql, recallId)
  const [found] = await sql.query<{
    state: string
    approval: StoredApproval['state']
    needed: number
    digest: string
    round: number
    late: boolean
    excepts: boolean
  }>(
    `select r.state, a.state as approval, a.needed, a.digest, a.round, coalesce(a.expires_at <= clock_timestamp(), false) as late,
       r.subject ? 'exceptTokens' as excepts
     from recall r join approval a on a.recall_id = r.id where r.id = $1::text`,
    [recallId],
  )
  if (found === undefined) return { kind: 'none' }
  const votes = await sql.query<{ who: string; decision: Decision; person: string; actor: string }>(
    `select who, decision, person, actor from approval_vote
     where recall_id = $1::text and round = $2::text::int and decision <> 'reviewed'`,
    [recallId, found.round],
  )
  const said = votes.some(vote => vote.who === who && vote.decision === decision)
  if (said && (asked.digest === null || asked.digest === found.digest)) return { kind: 'same' }
  if (found.approval !== 'waiting' || !['pending_approval', 'running'].includes(found.state)) return { kind: 'none' }
  if (found.late) {
    await endUnapproved(sql, recallId, 'expired')
    return { kind: 'late' }
  }
  if (await regrowApproval(sql, recallId)) return { kind: 'changed' }
  if (asked.digest !== null && asked.digest !== found.digest) return { kind: 'changed' }
  await sql.query(
    `insert into approval_vote (recall_id, round, who, decision, person, actor, reason)
     values ($1::text, $2::text::int, $3::text, $4::text, $5::text, $6::text, $7::text)
     on conflict (recall_id, round, who) do update set decision = excluded.decision, reason = excluded.reason,
       actor = excluded.actor, at = clock_timestamp()`,
    [recallId, found.round, who, decision, asked.person, asked.actor, asked.reason],
  )
  const others = votes.filter(vote => vote.who !== who && vote.decision === 'approved' && asked.mayStill(vote))
  const done = decision === 'declined' || others.length + 1 >= found.needed
  await sql.query(
    `insert into audit_entry ${auditColumns}
     select ${signedValues(2)}, json_build_object('apps', to_json(apps), 'digest', $9::text, 'reason', $10::text,
       'decided', $11::text::boolean)
     from recall where id = $1::text`,
    [recallId, ...signedParameters(asked.entry), found.digest, asked.reason, done],
  )
  if (!done) return { kind: 'counted' }
  if (decision === 'declined') await endUnapproved(sql, recallId, 'declined')
  else await beginApproved(sql, recallId, asked.giveUpHours, found.excepts)
  return { kind: 'done' }
}

/** Work of what waited for others: all of a recall, or what came to it since. */
async function beginApproved(sql: Sql, recallId: string, giveUpHours: number, excepts: boolean): Promise<void> {
  await sql.query(
    `with agreed as (
       update approval set state = 'approved', decided_at = now() where recall_id = $1::text returning reach
     ), begun as (
       update recall r set state = 'running', give_up_at = greatest(give_up_at, now() + make_interval(secs => $2::text::float8 * 3600)),
         cover = a.reach * 5 / 4, counted = case when a.reach > counted then a.reach else counted end
       from agreed a, (select counted as before from recall where id = $1::text) b where r.id = $1::text
       returning r.id, r.payer, r.operation, r.give_up_at, r.priority, greatest(0, a.reach - b.before) as more
     ), counted as (
       insert into hour_reach (payer, operation, recall_id, devices)
       select payer, operation, id, more from begun where payer is not null and more > 0
     ), targets as (
       update recall_target t set state = 'running', generation = generation + 1,
         active = not exists (
           select from recall_target o where o.app = t.app and o.handle = t.handle and o.active and o.id <> t.id)
       where t.recall_id = $1::text and t.state = 'pending_approval'
       returning t.id, t.target_id, t.app, t.plan, t.position
     ), units as (
       select t.id, b.seq, b.count from targets t join token_batch b on b.target_id = t.target_id and b.tokens is not null
       where not t.plan @> '{"reach": {}}' or t.plan -> 'reach' ->> 'task' is null
       union all
       select t.id, null, null from targets t where t.plan -> 'reach' ->> 'task' is not null
     ), released as (
       update work set held = false, run_at = now(), blocked_by = null, blocked_since = null, blocked_detail = null
       where recall_id = $1::text and held and result is null
     )
     insert into work (recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, give_up_at, priority)
     select b.id, t.id, t.target_id, u.seq, t.app, u.count, t.plan -> 'ladder' ->> 0,
       (select string_agg(l, ',' order by n) from jsonb_array_elements_text(t.plan -> 'ladder') with ordinality as e(l, n)),
       coalesce(t.plan ->> 'step', 'act'), b.give_up_at, b.priority
     from units u join targets t on t.id = u.id cross join begun b order by t.position, u.seq`,
    [recallId, giveUpHours],
  )
  if (excepts) await leaveOut(sql, recallId)
  await finishWithin(sql, [recallId])
}

/** What waited ends without a vendor; a recall of which some runs goes on with that. */
async function endUnapproved(sql: Sql, recallId: string, how: 'declined' | 'expired'): Promise<void> {
  await sql.query('select end_unapproved($1::text, $2::text)', [recallId, how])
  await finishWithin(sql, [recallId])
}

/** Recalls that waited for too long. Each is ended in a transaction of its own, and none that was decided meanwhile. */
export async function overdueApprovals(sql: Sql, limit: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select recall_id as id from approval where state = 'waiting' and expires_at <= clock_timestamp()
     order by expires_at limit $1::text::int`,
    [limit],
  )
  return rows.map(({ id }) => id)
}

export async function expireApproval(sql: Sql, recallId: string): Promise<void> {
  await lockForRollUp(sql, recallId)
  await endUnapproved(sql, recallId, 'expired')
}

/** Tells those who may decide again, after 5 minutes and after 15. Resolves with how many recalls were told of. */
export async function remindOfApprovals(sql: Sql): Promise<number> {
  return only(await sql.query<{ told: number }>('select remind_of_approvals() as told')).told
}

/** False: it was not begun without another person, or somebody has reviewed it. */
export async function reviewRecall(
  sql: Sql,
  { recallId, person, actor, reason, entry }: Pick<AskedDecision, 'recallId' | 'person' | 'actor' | 'reason' | 'entry'>,
): Promise<boolean> {
  const rows = await sql.query(
    `with reviewed as (
       update approval set reviewed_at = now() where recall_id = $1::text and broken and reviewed_at is null
       returning recall_id
     ), noted as (
       -- a round of its own: who reviews may have decided on what came later
       insert into approval_vote (recall_id, round, who, decision, person, actor, reason)
       select recall_id, 0, $9::text, 'reviewed', $10::text, $11::text, $12::text from reviewed
     ), audited as (
       insert into audit_entry ${auditColumns}
       select ${signedValues(2)}, json_build_object('apps', to_json(r.apps), 'reason', $12::text)
       from reviewed v join recall r on r.id = v.recall_id
     )
     select recall_id from reviewed`,
    [recallId, ...signedParameters(entry), identityOf(person), person, actor, reason],
  )
  return rows.length > 0
}

/** Devices of a payer's recalls of the last hour, by a look that nobody waits for. */
export async function hourOf(sql: Sql, payer: string, operation: string): Promise<number> {
  const { devices } = only(
    await sql.query<{ devices: number }>(
      `select coalesce(sum(devices), 0)::bigint as devices from hour_reach
       where payer = $1::text and operation = $2::text and at > now() - interval '1 hour'`,
      [payer, operation],
    ),
  )
  return devices
}

/** Forgets what no hour counts any more. */
export async function reapHours(sql: Sql): Promise<number> {
  const { reaped } = only(
    await sql.query<{ reaped: number }>(
      `with gone as (delete from hour_reach where at < now() - interval '2 hours' returning 1)
       select count(*) as reaped from gone`,
    ),
  )
  return reaped
}
