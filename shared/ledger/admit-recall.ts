import { createHash } from 'node:crypto'
import type { Grant } from '../access/access.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { Notice } from '../sentences.ts'
import type { Operation } from '../providers/provider.ts'
import {
  auditColumns,
  type AskedEntry,
  type AuditDetail,
  ownValues,
  type SignedEntry,
  signedParameters,
  signedValues,
} from './audit.ts'
import { beginAdmitted, type Grant as Begun, type UnitWish } from './begin-attempts.ts'
import { type ClaimedWork, readLadder, type WorkStep } from './claim-work.ts'
import type { Ledger, Sql } from './sql.ts'
import type { SealedBatch } from './tokens.ts'

/** What the plan says of one target; kept with it and read back for the answer. */
export interface StoredPlan {
  readonly requested: Operation
  /** Strongest first; empty where nothing can be done. */
  readonly ladder: readonly Operation[]
  readonly steps: {
    readonly [O in Operation]?: { readonly effects: readonly object[]; readonly warnings: readonly string[] }
  }
  /** Why nothing can be done. */
  readonly refusal: string | null
  /** The size the sender stated; the vendor tells none. */
  readonly audienceSize: number | null
  /** What holds for the plan as a whole: why something weaker is done than was asked. */
  readonly remarks?: readonly string[]
  /** Codes of what the plan's sentences say. */
  readonly notices?: readonly Notice[]
}

export interface NewRecallTarget {
  /** Null: a bare handle; the target is made now, with these batches. */
  readonly targetId: number | null
  readonly app: string
  readonly provider: string
  readonly handle: string
  readonly audience: string | null
  readonly audienceSize: number | null
  readonly batches: readonly SealedBatch[]
  readonly addressing: 'task' | 'tokens'
  readonly tokensDigest: string | null
  readonly plan: StoredPlan
  /** Another recall's target that is on its way already. */
  readonly linkedId: number | null
  readonly firstStep: WorkStep
  /** `HandleFacts.lastRecallTargetId` that the plan was made on. */
  readonly lastRecallTargetId: number | null
}

/** Who made a recall start or grow without asking for it, and by what. */
export interface Cause {
  readonly actor: string
  readonly person: string | null
  readonly by: 'content' | 'target' | 'tokens' | 'expiry' | 'verdict'
}

export interface NewRecall {
  readonly id: string
  readonly operation: Operation
  readonly reason: string
  readonly ticket: string | null
  readonly requestedBy: string
  readonly person: string | null
  readonly owner: string
  /** The apps that its requester reached; null: all. Nothing beyond them ever joins it. */
  readonly reach: Grant
  /** Targets of the subject beyond that reach. */
  readonly outside: number
  readonly causedBy: readonly Cause[]
  readonly subject: object
  readonly overlay: object | null
  readonly fallback: boolean
  readonly giveUpHours: number
  /** SHA-256 of the policy it was admitted under, for the audit trail: whoever may change the policy may change the rules. */
  readonly policyDigest?: string
  /** As `admissionOf` asks for it. */
  readonly entry: SignedEntry
  /** It waits behind recalls that somebody asked for, and is refused where its message is not due any more. */
  readonly expiry: boolean
  /** Of an expiry: nothing of its message is left for another run. */
  readonly endsAll?: boolean
  readonly messageIds: readonly string[]
  readonly targets: readonly NewRecallTarget[]
  /** The caller's idempotency key, bound to this recall in the same statement. */
  readonly key: {
    readonly principal: string
    readonly path: string
    readonly key: string
    readonly digest: string
  } | null
  /** Its first units are somebody's already, who does them at once. */
  readonly lease?: Lease
}

export interface Lease {
  readonly owner: string
  readonly leaseMs: number
  /** At most so many units, in their order. Those of an app whose breaker is open stay for whoever claims them later. */
  readonly units: number
  /** First requests that begin with the admission, of units that are certain to be among those. */
  readonly wishes: readonly UnitWish[]
}

/** What an admission came to. */
export interface AdmittedWork {
  readonly work: number
  readonly leased: readonly LeasedWork[]
}

/** A unit that was admitted as leased. `grant`: what became of its first request, where that was to begin with it. */
export interface LeasedWork {
  readonly work: ClaimedWork
  readonly grant: Begun | null
}

// Ids are drawn first, so that every insert knows them and none has to wait for another's RETURNING. Of a list that comes
// as JSON the planner expects a hundred rows: ANY and OFFSET 0 keep it from reading whole tables for them.
const admit = `
with recalls as (
  select * from json_to_recordset($1::text::json) as r(id text, operation text, reason text, ticket text,
    requested_by text, person text, owner text, reach json, outside int, caused_by jsonb, subject jsonb, overlay jsonb,
    fallback boolean, give_up_hours float8, expiry boolean, ends_all boolean, messages json, entry text, request text, mac text, audit json, key_principal text, key_path text, key text, key_digest text,
    lease_owner text, lease_ms float8, lease_units int)
), input as materialized (
  select i.*, i.target_id is null as fresh,
    coalesce(i.target_id, nextval(pg_get_serial_sequence('target', 'id'))) as tid,
    nextval(pg_get_serial_sequence('recall_target', 'id')) as rtid
  from json_to_recordset($2::text::json) as i(recall_id text, position int, target_id bigint, app text, provider text,
    handle text, audience text, audience_size bigint, addressing text, tokens_digest text, plan jsonb, linked_id bigint,
    step text, operation text, ladder text, last_id bigint)
  where planned_on_the_latest(i.app, i.handle, i.last_id)
), batches as materialized (
  select i.tid, b.seq, t.tokens, b.count
  from json_to_recordset($3::text::json) as b(recall_id text, position int, seq int, count int, line int)
  join input i on i.recall_id = b.recall_id and i.position = b.position
  join string_to_table($4::text, E'\\n') with ordinality as t(tokens, line) on t.line = b.line
), keyed as (
  insert into answer (principal, path, key, digest, recall_id)
  select key_principal, key_path, key, key_digest, id from recalls where key is not null
), judged as (
  -- no work will lead anybody back to a hopeless one
  select *, exists (select from input i where i.recall_id = r.id) and not exists (
    select from input i where i.recall_id = r.id and (i.ladder <> '' or i.linked_id is not null)) as hopeless
  from recalls r
), recorded as (
  insert into recall (id, operation, state, reason, ticket, requested_by, person, owner, reach, outside, caused_by, subject,
    overlay, fallback, apps, give_up_at, priority, settled_at)
  select id, operation, case when hopeless then 'failed' else 'running' end, reason, ticket, requested_by, person, owner,
    read_grant(reach), outside, dated_causes(caused_by), subject, overlay, fallback,
    array(select distinct app from input i where i.recall_id = r.id), now() + make_interval(secs => give_up_hours * 3600), expiry::int, case when hopeless then now() end
  from judged r
), audited as (
  insert into audit_entry ${auditColumns}
  select entry, request, mac, requested_by, person, 'recall.admitted', id, audit from recalls
  union all
  select ${ownValues}, 'recall.settled', id, json_build_object('by', 'ledger', 'operation', operation, 'state', 'failed',
    'apps', array(select distinct app from input i where i.recall_id = r.id),
    'devices', json_build_object('accepted', 0, 'rejected', 0, 'unknown', 0))
  from judged r where hopeless
), named as (
  insert into recall_message (message_id, recall_id)
  select e.id, r.id from recalls r, json_array_elements_text(r.messages) as e(id)
), marked as (
  update message m set recall_id = r.id, expired_at = case when r.expiry and r.ends_all then now() else m.expired_at end
  from recalls r
  where m.id = any(array(select json_array_elements_text(messages) from recalls))
    and exists (select from json_array_elements_text(r.messages) as e(id) where e.id = m.id)
    and (not r.expiry or still_due(m.id, m.expires_at, m.expired_at))
), fresh as (
  insert into target (id, position, app, provider, handle, audience, audience_size) overriding system value
  select tid, position, app, provider, handle, audience, audience_size from input where fresh
), brought as (
  insert into token_batch (target_id, seq, tokens, count) select tid, seq, tokens, count from batches
), targets as (
  insert into recall_target (id, recall_id, position, target_id, app, provider, handle, state, active, linked_id, tokens_digest, plan)
    overriding system value
  select rtid, recall_id, position, tid, app, provider, handle, case when ladder = '' then 'failed' else 'running' end,
    ladder <> '' and linked_id is null, linked_id, tokens_digest, plan
  from input
  -- one order for all, so that two admissions that meet at several handles never wait for each other
  order by app, handle
), units as (
  select i.rtid, b.seq, b.count from input i join batches b on b.tid = i.tid
  union all
  select i.rtid, b.seq, b.count from input i cross join lateral (
    select seq, count from token_batch where target_id = i.target_id and tokens is not null offset 0) b
  union all
  select i.rtid, null, null from input i where i.addressing = 'task'
), placed as (
  select i.recall_id, i.rtid, i.tid, u.seq, i.app, u.count, i.operation, i.ladder, i.step, i.position,
    now() + make_interval(secs => r.give_up_hours * 3600) as give_up_at, r.expiry::int as priority, r.lease_owner, r.lease_ms,
    coalesce(row_number() over (partition by i.recall_id order by i.position, u.seq) <= r.lease_units, false)
      and i.app <> all (array(select app from breaker where probe_at > now())) as leased
  from units u join input i on i.rtid = u.rtid join recalls r on r.id = i.recall_id
  where i.ladder <> '' and i.linked_id is null
), inserted as (
  insert into work (recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, give_up_at, priority,
    state, owner, fence, attempts, lease_until)
  select recall_id, rtid, tid, seq, app, count, operation, ladder, step, give_up_at, priority,
    case when leased then 'running' else 'ready' end, case when leased then lease_owner end, leased::int, leased::int,
    case when leased then clock_timestamp() + make_interval(secs => lease_ms / 1000) end
  from placed
  order by recall_id, position, seq
  returning id, fence, recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, state
)
select w.recall_id as "recallId", 1 as units, w.id, w.fence, w.recall_target_id as "recallTargetId", w.app, i.provider, i.handle,
  i.audience, t.superseded_by is not null as superseded, w.operation, w.ladder, w.step, w.devices, w.seq, b.tokens, v.record,
  extract(epoch from clock_timestamp() - v.as_of)::float8 * 1000 as "recordAgeMs"
from inserted w join input i on i.rtid = w.recall_target_id
left join target t on t.id = any (array[i.target_id])
left join token_batch b on b.target_id = any (array[i.target_id]) and b.seq = any (array[w.seq])
left join vendor_record v on v.app = any (array[w.app]) and v.handle = any (array[i.handle])
where w.state = 'running'
union all
select recall_id, count(*)::int, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
from inserted where state = 'ready' group by recall_id`

/**
 * Recalls, targets, work and the callers' keys, in one statement. Rejects with a unique violation, all of them undone, where a
 * handle is on its way already or a key is used: read again, and answer from what is there. Begins nothing.
 */
export async function admitRecalls(sql: Sql, recalls: readonly NewRecall[]): Promise<AdmittedWork[]> {
  const batches = recalls.flatMap(recall =>
    recall.targets.flatMap((target, position) =>
      target.batches.map(batch => ({ ...batch, recall_id: recall.id, position })),
    ),
  )
  const rows = await sql.query<AdmittedRow>(
    admit,
    [
      JSON.stringify(recalls.map(recallRow)),
      JSON.stringify(
        recalls.flatMap(recall => recall.targets.map((target, position) => targetRow(recall.id, target, position))),
      ),
      JSON.stringify(batches.map(({ tokens: _, ...batch }, index) => ({ ...batch, line: index + 1 }))),
      // JSON has no line breaks of its own here, and escaping it a second time costs more than all the rest
      batches.map(({ tokens }) => tokens).join('\n'),
    ],
    'tokens',
  )
  return recalls.map(recall => {
    const mine = rows
      .filter(({ recallId }) => recallId === recall.id)
      .sort((one, other) => (one.id ?? 0) - (other.id ?? 0))
    return {
      work: mine.reduce((sum, { units }) => sum + units, 0),
      leased: mine.flatMap(row => (row.id === null ? [] : [{ work: leasedWork(recall, row), grant: null }])),
    }
  })
}

/** The same, and first requests begin with it, in the same round trip. */
export async function admitAndBegin(ledger: Ledger, recalls: readonly NewRecall[]): Promise<AdmittedWork[]> {
  const wishes = recalls.flatMap(recall => recall.lease?.wishes ?? [])
  if (wishes.length === 0) return admitRecalls(ledger, recalls)
  const [admitted, begun] = await ledger.together(sql =>
    // where the admission fails there are no units to begin
    Promise.allSettled([admitRecalls(sql, recalls), beginAdmitted(sql, wishes)]),
  )
  if (admitted.status === 'rejected') throw admitted.reason
  // what could not begin with it begins by itself
  const grants = begun.status === 'fulfilled' ? begun.value : new Map<number, Begun>()
  return admitted.value.map(({ work, leased }) => ({
    work,
    leased: leased.map(unit => ({ ...unit, grant: grants.get(unit.work.id) ?? null })),
  }))
}

type AdmittedRow = { readonly recallId: string; readonly units: number } & (
  | { readonly id: null }
  | (Omit<ClaimedWork, 'recallId' | 'ladder' | 'tokens'> & {
      readonly ladder: string
      readonly seq: number | null
      readonly tokens: Buffer | null
    })
)

function leasedWork(
  recall: NewRecall,
  { units: _, seq, ladder, ...row }: Extract<AdmittedRow, { id: number }>,
): ClaimedWork {
  // in hand there is one push only, and its batches are numbered from 0
  const held = seq === null ? undefined : recall.targets[0]?.batches[seq]
  const json = held === undefined ? row.tokens : Buffer.from(held.tokens)
  return {
    ...row,
    ladder: readLadder(ladder),
    confirmations: 0,
    failures: 0,
    unsettled: 0,
    overlay: recall.overlay as ClaimedWork['overlay'],
    tokens: json === null ? null : { json, count: row.devices ?? 0 },
    remainingMs: recall.giveUpHours * 3_600_000,
  }
}

function recallRow(recall: NewRecall): object {
  return {
    id: recall.id,
    operation: recall.operation,
    reason: recall.reason,
    ticket: recall.ticket,
    requested_by: recall.requestedBy,
    person: recall.person,
    owner: recall.owner,
    reach: recall.reach ?? '*',
    outside: recall.outside,
    caused_by: recall.causedBy,
    subject: recall.subject,
    overlay: recall.overlay,
    fallback: recall.fallback,
    give_up_hours: recall.giveUpHours,
    expiry: recall.expiry,
    ends_all: recall.endsAll ?? true,
    messages: recall.messageIds,
    // the rest of what was signed is the recall's own
    entry: recall.entry.entry,
    request: recall.entry.request,
    mac: recall.entry.mac,
    audit: admissionDetail(recall),
    key_principal: recall.key?.principal,
    key_path: recall.key?.path,
    key: recall.key?.key,
    key_digest: recall.key?.digest,
    lease_owner: recall.lease?.owner,
    lease_ms: recall.lease?.leaseMs,
    lease_units: recall.lease?.units,
  }
}

/** What is to be signed of a recall before it is admitted. */
export function admissionOf(recall: Omit<NewRecall, 'entry'>): AskedEntry {
  const by = { id: recall.requestedBy, person: recall.person }
  return { by, action: 'recall.admitted', object: recall.id, request: admissionDetail(recall) }
}

/** What the audit trail says of an admission. An overlay is notification text: only its digest is told. */
function admissionDetail(recall: Omit<NewRecall, 'entry'>): AuditDetail {
  return {
    operation: recall.operation,
    subject: recall.subject,
    reason: recall.reason,
    ticket: recall.ticket ?? undefined,
    fallback: recall.fallback,
    apps: [...new Set(recall.targets.map(({ app }) => app))],
    targets: recall.targets.length,
    causedBy: recall.causedBy.length === 0 ? undefined : recall.causedBy,
    overlay:
      recall.overlay === null ? undefined : createHash('sha256').update(canonicalJson(recall.overlay)).digest('hex'),
    policy: recall.policyDigest,
  }
}

/** The operation itself stands first in the ladder; an empty one marks a target for which nothing can be done. */
function targetRow(
  recallId: string,
  target: Omit<NewRecallTarget, 'batches' | 'tokensDigest' | 'linkedId' | 'lastRecallTargetId'> &
    Partial<NewRecallTarget>,
  position: number,
): object {
  return {
    recall_id: recallId,
    position,
    target_id: target.targetId,
    app: target.app,
    provider: target.provider,
    handle: target.handle,
    audience: target.audience,
    audience_size: target.audienceSize,
    addressing: target.addressing,
    tokens_digest: target.tokensDigest,
    linked_id: target.linkedId,
    last_id: target.lastRecallTargetId,
    plan: target.plan,
    requested: target.plan.requested,
    step: target.firstStep,
    operation: target.plan.ladder[0] ?? target.plan.requested,
    ladder: target.plan.ladder.join(','),
  }
}

/** The target that carries a recall's work, so that late tokens find it. */
export interface GrowingTarget {
  readonly recallId: string
  readonly recallTargetId: number
  readonly targetId: number
}

// Batches of a target get their units in the order of their seq, so that those without one are the last.
const grow = `
with beyond as (
  select b.target_id, b.seq, b.count
  from recall_target t join token_batch b on b.target_id = t.target_id and b.tokens is not null
  where t.id = $1::text::bigint
    and b.seq > coalesce((select max(w.seq) from work w where w.recall_target_id = $1::text::bigint), -1)
), opened as (
  update recall_target t set
    state = 'running', generation = t.generation + 1,
    active = not exists (
      select from recall_target o where o.app = t.app and o.handle = t.handle and o.active and o.id <> t.id)
  from recall r
  where t.id = $1::text::bigint and r.id = t.recall_id and t.plan ->> 'refusal' is null and exists (select from beyond)
  returning t.id, t.recall_id, t.target_id, t.app, t.plan, t.linked_id
), reopened as (
  update recall r set state = 'running', settled_at = null,
    give_up_at = greatest(r.give_up_at, now() + make_interval(secs => $2::text::float8 * 3600))
  from opened o where r.id = o.recall_id
  returning r.id, r.give_up_at, r.priority
)
insert into work (recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, give_up_at,
  priority)
select o.recall_id, o.id, o.target_id, b.seq, o.app, b.count, o.plan -> 'ladder' ->> 0,
  (select string_agg(l, ',' order by n) from jsonb_array_elements_text(o.plan -> 'ladder') with ordinality as e(l, n)),
  'act', r.give_up_at, r.priority
from opened o join reopened r on r.id = o.recall_id join beyond b on b.target_id = o.target_id
returning id`

/**
 * Batches of a target that its recall has no units for join it, or start it again. Resolves with the number of units. Only
 * for who holds the target's row in `sealing`: two at once would both bring the same.
 */
export async function growRecall(sql: Sql, recallTargetId: number, giveUpHours: number): Promise<number> {
  return (await sql.query(grow, [recallTargetId, giveUpHours])).length
}

/**
 * Late targets of a recalled message are taken back as its recall asked. A handle that another recall has on its way is linked
 * to that one where it does the same, and taken over from it otherwise. Resolves with the number of work rows.
 */
export async function joinRecall(
  sql: Sql,
  recallId: string,
  targets: readonly (Omit<
    NewRecallTarget,
    'targetId' | 'batches' | 'tokensDigest' | 'linkedId' | 'lastRecallTargetId'
  > & {
    targetId: number
  })[],
  giveUpHours: number,
): Promise<number> {
  const rows = await sql.query(
    `with input as (
       select i.*, o.id as other_id, coalesce(p.operation = i.requested and o.tokens_digest is null
         -- under a key used again it takes back another push, and what is left of it is not done any more
         and not exists (select from target g where g.id = o.target_id and g.superseded_by is not null), false) as alike
       from json_to_recordset($2::text::json) as i(position int, target_id bigint, app text, provider text,
         handle text, addressing text, plan jsonb, step text, operation text, ladder text, requested text)
       left join recall_target o on o.app = i.app and o.handle = i.handle and o.active and i.ladder <> ''
       left join recall p on p.id = o.recall_id
     ), yielded as (
       update recall_target set active = false where id in (select other_id from input where not alike) returning id
     ), reopened as (
       update recall r set state = 'running', settled_at = null,
         apps = array(select distinct a from unnest(r.apps || array(select app from input)) a),
         give_up_at = greatest(r.give_up_at, now() + make_interval(secs => $3::text::float8 * 3600))
       where id = $1::text returning id, give_up_at, priority
     ), targets as (
       insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, linked_id, plan)
       select r.id, i.position + (select count(*) from recall_target t where t.recall_id = r.id), i.target_id, i.app,
         i.provider, i.handle, case when i.ladder = '' then 'failed' else 'running' end, i.ladder <> '' and not i.alike,
         case when i.alike then i.other_id end, i.plan
       -- counted first, so that the handles are free when they are taken
       from reopened r, input i, (select count(*) from yielded) y
       returning id, target_id, linked_id
     ), units as (
       select t.id, t.target_id, b.seq, b.count from targets t join token_batch b on b.target_id = t.target_id
       where t.linked_id is null
       union all
       select t.id, t.target_id, null, null from targets t join input i on i.target_id = t.target_id
       where i.addressing = 'task' and t.linked_id is null
     )
     insert into work (recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, give_up_at,
       priority)
     select r.id, u.id, u.target_id, u.seq, i.app, u.count, i.operation, i.ladder, i.step, r.give_up_at,
       r.priority
     from reopened r, units u join input i on i.target_id = u.target_id
     where i.ladder <> ''
     returning id`,
    [recallId, JSON.stringify(targets.map((target, position) => targetRow(recallId, target, position))), giveUpHours],
  )
  return rows.length
}

/** Notes, in the recall and in the audit trail, who made it grow without asking for it. */
export async function noteGrowth(
  sql: Sql,
  recallId: string,
  apps: readonly string[],
  by: Cause['by'],
  entry: SignedEntry,
): Promise<void> {
  const cause: Cause = { actor: entry.actor, person: entry.person, by }
  await sql.query(
    `with grown as (
       update recall set caused_by = with_cause(caused_by, $2::text::jsonb) where id = $1::text returning id
     )
     insert into audit_entry ${auditColumns}
     select ${signedValues(5)}, json_build_object('apps', $3::text::json, 'by', $4::text) from grown`,
    [recallId, JSON.stringify(cause), JSON.stringify(apps), by, ...signedParameters(entry)],
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
