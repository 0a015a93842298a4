/** Recalls, targets, work and keys of callers, inserted together; and first requests that begin with them. */
import { coalesce } from '../coalesce.ts'
import { onceEach } from '../once.ts'
import { auditColumns, ownValues } from './audit.ts'
import { beginAdmitted, type Grant } from './begin-attempts.ts'
import { type ClaimedWork, readLadder } from './claim-work.ts'
import { type Exceptions, keepExceptions } from './exceptions.ts'
import { admissionDetail, type NewRecall, targetRow } from './new-recall.ts'
import type { Ledger, Sql } from './sql.ts'

/** What an admission came to. */
export interface AdmittedWork {
  readonly work: number
  readonly leased: readonly LeasedWork[]
}

/** A unit that was admitted as leased. `grant`: what became of its first request, where that was to begin with it. */
export interface LeasedWork {
  readonly work: ClaimedWork
  readonly grant: Grant | null
}

// Ids are drawn first, so that every insert knows them and none has to wait for another's RETURNING. Of a list that comes
// as JSON the planner expects a hundred rows: ANY and OFFSET 0 keep it from reading whole tables for them.
const admit = `
with recalls as (
  select *, approval is not null and not coalesce((approval ->> 'broken')::boolean, false) as waits
  from json_to_recordset($1::text::json) as r(id text, operation text, reason text, ticket text,
    requested_by text, person text, owner text, reach json, outside int, caused_by jsonb, subject jsonb, overlay jsonb,
    fallback boolean, give_up_hours float8, hold boolean, expiry boolean, ends_all boolean, messages json, entry text, request text, mac text, audit json, key_principal text, key_path text, key text, key_digest text,
    lease_owner text, lease_ms float8, lease_units int, payer text, line bigint, bound text, measured bigint, basis text,
    hour_line bigint, hour_devices bigint, approval json, ahead_of text, origin text)
  where within_hour(payer, operation, hour_devices, hour_line, array(select r ->> 'id' from json_array_elements($1::text::json) r))
), input as materialized (
  select i.*, i.target_id is null as fresh,
    coalesce(i.target_id, nextval(pg_get_serial_sequence('target', 'id'))) as tid,
    nextval(pg_get_serial_sequence('recall_target', 'id')) as rtid
  from json_to_recordset($2::text::json) as i(recall_id text, position int, target_id bigint, app text, provider text,
    handle text, names jsonb, sender_key text, batch int, audience text, audience_size bigint, addressing text, tokens_digest text, plan jsonb, linked_id bigint,
    step text, operation text, ladder text, last_id bigint)
  -- nobody relies on a recall that was cancelled since he looked: refused as where there is a newer one
  where planned_on_the_latest(i.app, i.handle, case when i.linked_id is null or not called_off(i.linked_id) then i.last_id end)
), batches as materialized (
  select i.tid, b.seq, t.tokens, b.count
  from json_to_recordset($3::text::json) as b(recall_id text, position int, seq int, count int, line int)
  join input i on i.recall_id = b.recall_id and i.position = b.position
  join string_to_table($4::text, E'\\n') with ordinality as t(tokens, line) on t.line = b.line
), keyed as (
  insert into answer (principal, path, key, digest, recall_id)
  select key_principal, key_path, key, key_digest, id from recalls where key is not null
), judged as (
  -- no work will lead anybody back to a hopeless one; one that holds has more to come
  select *, not r.hold and exists (select from input i where i.recall_id = r.id) and not exists (
    select from input i where i.recall_id = r.id and (i.ladder <> '' or i.linked_id is not null)) as hopeless
  from recalls r
), recorded as (
  insert into recall (id, operation, state, reason, ticket, requested_by, person, owner, reach, outside, caused_by, subject,
    overlay, fallback, apps, give_up_at, holds_until, priority, settled_at, payer, line, bound, cover, counted, ahead_of, origin)
  select id, operation, case when hopeless then 'failed' when waits then 'pending_approval' else 'running' end, reason, ticket, requested_by, person, owner,
    read_grant(reach), outside, dated_causes(caused_by), subject, overlay, fallback,
    array(select distinct app from input i where i.recall_id = r.id), now() + make_interval(secs => give_up_hours * 3600),
    case when hold then now() + make_interval(secs => give_up_hours * 3600) end, expiry::int, case when hopeless then now() end,
    payer, line, bound, case when approval is not null and not waits then measured * 5 / 4 end, case when waits then 0 else measured end, ahead_of, origin
  from judged r
), asked as (
  insert into approval (recall_id, state, needed, above, because, reach, basis, digest, expires_at, broken)
  select r.id, case when r.waits then 'waiting' else 'broken' end, a.needed, a.above, a.because, r.measured, r.basis, a.digest,
    now() + make_interval(secs => a."ttlMinutes" * 60), a.broken
  from judged r cross join lateral json_to_record(r.approval)
    as a(needed int, above bigint, because text, digest text, "ttlMinutes" float8, broken boolean)
  where r.approval is not null and not r.hopeless
), counted as (
  insert into hour_reach (payer, operation, recall_id, devices)
  select payer, operation, id, measured from judged where payer is not null and measured > 0 and not waits and not hopeless
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
  insert into target (id, position, app, provider, handle, audience, audience_size, names, sender_key, batch) overriding system value
  select tid, position, app, provider, handle, audience, audience_size, names, sender_key, batch from input where fresh
), brought as (
  insert into token_batch (target_id, seq, tokens, count) select tid, seq, tokens, count from batches
), targets as (
  insert into recall_target (id, recall_id, position, target_id, app, provider, handle, state, active, linked_id, tokens_digest, plan)
    overriding system value
  select rtid, recall_id, position, tid, app, provider, handle, case when ladder = '' then 'failed'
      when linked_id is null and r.waits then 'pending_approval' else 'running' end,
    ladder <> '' and linked_id is null and r.ahead_of is null, linked_id, tokens_digest, plan
  from input i join recalls r on r.id = i.recall_id
  -- one order for all, so that two admissions that meet at several handles never wait for each other
  order by app, handle
), units as (
  select i.rtid, b.seq, b.count from input i join batches b on b.tid = i.tid and i.addressing <> 'task'
  union all
  select i.rtid, b.seq, b.count from input i cross join lateral (
    select seq, count from token_batch where target_id = i.target_id and tokens is not null offset 0) b
  where i.addressing <> 'task'
  union all
  select i.rtid, null, null from input i where i.addressing = 'task'
), placed as (
  select i.recall_id, i.rtid, i.tid, u.seq, i.app, u.count, i.operation, i.ladder, i.step, i.position,
    now() + make_interval(secs => r.give_up_hours * 3600) as give_up_at, r.expiry::int as priority, r.lease_owner, r.lease_ms,
    coalesce(row_number() over (partition by i.recall_id order by i.position, u.seq) <= r.lease_units, false)
      and i.app <> all (array(select app from breaker where probe_at > now())) as leased
  from units u join input i on i.rtid = u.rtid join recalls r on r.id = i.recall_id
  where i.ladder <> '' and i.linked_id is null and not r.waits
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
  i.names, i.audience, t.superseded_by is not null as superseded, w.operation, w.ladder, w.step, w.devices, w.seq, b.tokens, v.record,
  extract(epoch from clock_timestamp() - v.as_of)::float8 * 1000 as "recordAgeMs"
from inserted w join input i on i.rtid = w.recall_target_id
left join target t on t.id = any (array[i.target_id])
left join token_batch b on b.target_id = any (array[i.target_id]) and b.seq = any (array[w.seq])
left join vendor_record v on v.app = any (array[w.app]) and v.handle = any (array[i.handle])
where w.state = 'running'
union all
select recall_id, count(*)::int, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null
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
      // several that lock do so in one order
      JSON.stringify(recalls.map(recallRow()).sort((a, b) => (String(a.payer) < String(b.payer) ? -1 : 1))),
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
  const grants = begun.status === 'fulfilled' ? begun.value : new Map<number, Grant>()
  return admitted.value.map(({ work, leased }) => ({
    work,
    leased: leased.map(unit => ({ ...unit, grant: grants.get(unit.work.id) ?? null })),
  }))
}

/** The same, of recalls that leave these push tokens alone. */
export function admitExcepting(
  ledger: Ledger,
  recalls: readonly NewRecall[],
  exceptions: Exceptions | undefined,
): Promise<AdmittedWork[]> {
  return exceptions === undefined
    ? admitRecalls(ledger, recalls)
    : ledger.transaction(sql => admitWithin(sql, recalls, exceptions))
}

/** In a transaction that is open already. */
export async function admitWithin(
  sql: Sql,
  recalls: readonly NewRecall[],
  exceptions: Exceptions | undefined,
): Promise<AdmittedWork[]> {
  const admitted = await admitRecalls(sql, recalls)
  if (exceptions !== undefined) for (const { id } of recalls) await keepExceptions(sql, id, exceptions)
  return admitted
}

/** True where the hour of whoever asks is over the line with this recall: it takes another person. */
export function isOverHour(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'UN001'
}

const admitSoon = onceEach((ledger: Ledger) =>
  coalesce<NewRecall, AdmittedWork>(recalls => admitAndBegin(ledger, recalls), 16),
)

/** Admissions of one moment share the statement. Rejects as `admitRecalls` does. */
export function admitRecall(ledger: Ledger, recall: NewRecall): Promise<AdmittedWork> {
  return admitSoon(ledger)(recall)
}

type AdmittedRow = { readonly recallId: string; readonly units: number } & (
  | { readonly id: null }
  | (Omit<ClaimedWork, 'recallId' | 'ladder' | 'tokens' | 'calledOff'> & {
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
    calledOff: false,
    confirmations: 0,
    failures: 0,
    unsettled: 0,
    overlay: recall.overlay as ClaimedWork['overlay'],
    tokens: json === null ? null : { json, count: row.devices ?? 0 },
    remainingMs: recall.giveUpHours * 3_600_000,
  }
}

function recallRow() {
  // those of one statement do not see each other in the hour
  const sums = new Map<string, number>()
  return (recall: NewRecall) => {
    const { reach, payer, approval } = recall.measure
    const hour = `${payer} ${recall.operation}`
    const before = sums.get(hour) ?? 0
    if (approval === null) sums.set(hour, before + reach.devices)
    return rowOf(recall, before + reach.devices)
  }
}

function rowOf(recall: NewRecall, hourDevices: number) {
  const { reach, payer, line, bound, approval } = recall.measure
  return {
    payer,
    line,
    bound,
    measured: reach.devices,
    basis: reach.basis,
    hour_line: approval === null ? line : null,
    hour_devices: hourDevices,
    approval,
    ahead_of: recall.aheadOf ?? null,
    origin: recall.origin ?? null,
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
    hold: recall.hold ?? false,
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
