import type { Notice } from '../sentences.ts'
import type { Operation } from '../operation.ts'
import type { ChannelEffect, OutcomeKind, Rejection, VendorRecord, VendorReply } from '../providers/provider.ts'
import { clip } from '../text.ts'
import type { WorkStep } from './claim-work.ts'
import type { Sql } from './sql.ts'

export type WorkResult = 'accepted' | 'partial' | 'failed' | 'expired' | 'cancelled'
export type BlockedBy = 'credential' | 'rate' | 'quota' | 'vendor'

/** The vendor's reply as the record keeps it, and the status its own record showed. */
export type KeptReply = VendorReply & { readonly status: string | null }

/** What a step made of a unit of work. */
export type WorkChange =
  /** The worker goes on with the next step at once. */
  | {
      readonly kind: 'continue'
      readonly step: WorkStep
      readonly operation: Operation
      readonly ladder: readonly Operation[]
    }
  /** Back to the queue. */
  | {
      readonly kind: 'later'
      readonly step: WorkStep
      readonly delayMs: number
      readonly blocked: { readonly by: BlockedBy; readonly detail: string } | null
    }
  /** The vendor cannot do it for any of its devices; what is below is done for the whole push, once all its units say so. */
  | {
      readonly kind: 'fall'
      readonly step: WorkStep
      readonly operation: Operation
      readonly ladder: readonly Operation[]
    }
  | {
      readonly kind: 'final'
      readonly result: WorkResult
      readonly accepted: number
      readonly rejected: number
      readonly unknown: number
      readonly rejections: readonly Rejection[]
      /** Where it is another one that was done. */
      readonly operation?: Operation
      readonly ladder?: readonly Operation[]
    }

/** What an operation does to a push whose record is known. */
export interface Assessed {
  readonly operation: Operation
  readonly effects: readonly ChannelEffect[]
  readonly warnings: readonly string[]
}

/** Of a unit of which one request goes to one device: what was answered, each device once, and which devices are left. */
export interface Progress {
  readonly accepted: number
  readonly rejected: number
  readonly unknown: number
  readonly rejections: readonly Rejection[]
  /** A JSON array. */
  readonly left: string
}

export interface Settlement {
  readonly workId: number
  readonly fence: number
  readonly recallTargetId: number
  readonly app: string
  readonly handle: string
  /** Null: no vendor was called. */
  readonly attempt: { readonly nth: number; readonly outcome: OutcomeKind; readonly vendor: VendorReply } | null
  readonly change: WorkChange
  /** What goes before the change, which is of the devices that are left; null: it is of the whole unit. */
  readonly progress: Progress | null
  readonly confirmations: number
  readonly failures: number
  /** Replaces what is shown of the vendor's answer; null keeps it. */
  readonly vendor: KeptReply | null
  /** Sentences for people, added to those already there. */
  readonly warnings: readonly string[]
  /** Codes of those that have one. */
  readonly notices: readonly Notice[]
  /** Replaces what the plan says of the operation; null keeps it. */
  readonly assessed: Assessed | null
  /** The vendor's record, freshly read. */
  readonly record: VendorRecord | null
  /** The vendor asked everybody on these lanes to wait. */
  readonly hold: { readonly budget: string; readonly lanes: readonly string[]; readonly ms: number } | null
  /** Milliseconds; counts from now, for a worker that goes on. */
  readonly leaseMs: number
}

/** Sentences may carry what a secrets manager or a socket said. */
const maxSentence = 500

// What was out when its recall was cancelled, or its handle taken over, and would be tried again: it is not.
const calledOff = `(i.state in ('ready', 'fallen') and called_off(w.recall_target_id))`

// only a unit of one device a request has anything before its end
const sumOf = (column: string) => `(w.${column} + coalesce(i.kept_${column}, 0) + coalesce(i.${column}, 0))`

// any(), not =: a plan made while the tables are small would join by reading all of them, and be kept
// No breaker has a row but in trouble: then the look at it finds nothing, and locks nothing. Who goes on may die with the next step
// as it did before.
const settle = `
with input as (
  select * from json_to_recordset($1::text::json) as i(
    work_id bigint, fence int, app text, handle text, outcome text, state text, step text, operation text, ladder text,
    delay_ms float8, blocked_by text, blocked_detail text, result text, accepted int, rejected int, unknown int,
    rejections jsonb, confirmations int, failures int, vendor jsonb, warnings jsonb,
    notices jsonb, assessed jsonb, record jsonb, lease_ms float8, kept_accepted int, kept_rejected int, kept_unknown int,
    kept_rejections jsonb, tokens_left text)
), answers as (
  insert into attempt_answered (recall_target_id, units, replies)
  select push, units, replies from json_to_recordset($3::text::json) as a(push bigint, units json, replies json)
), records as (
  insert into vendor_record (app, handle, record)
  select distinct on (app, handle) app, handle, record from input where record is not null
  on conflict (app, handle) do update set record = excluded.record, as_of = clock_timestamp()
), holds as (
  insert into bucket (budget, lane, held_until)
  select budget, lane, clock_timestamp() + make_interval(secs => max(ms) / 1000)
  from json_to_recordset($2::text::json) as h(budget text, lane text, ms float8) group by budget, lane
  -- in one order, as whoever begins attempts locks them
  order by budget, lane
  on conflict (budget, lane) do update set held_until = greatest(bucket.held_until, excluded.held_until)
), well as (
  select app, count(*)::int as calls from input where outcome is not null
  group by app having count(*) filter (where outcome in ('unknown', 'auth', 'throttled')) = 0
), closed as (
  delete from breaker b using well where b.app = well.app and b.probe_at is not null
), counted as (
  update breaker b set calls = b.calls + well.calls from well where b.app = well.app and b.probe_at is null
)
update work w set
  state = case when ${calledOff} then 'done' else i.state end,
  step = coalesce(i.step, w.step),
  operation = coalesce(i.operation, w.operation),
  ladder = coalesce(i.ladder, w.ladder),
  run_at = case when i.state = 'ready' then clock_timestamp() + make_interval(secs => i.delay_ms / 1000) else w.run_at end,
  lease_until = case when i.state = 'running' then clock_timestamp() + make_interval(secs => i.lease_ms / 1000) end,
  blocked_by = case when not ${calledOff} then i.blocked_by end,
  blocked_detail = case when not ${calledOff} then i.blocked_detail end,
  blocked_since = case
    when i.blocked_by is null or ${calledOff} then null
    when i.blocked_by = w.blocked_by then w.blocked_since
    else clock_timestamp() end,
  result = case when ${calledOff} then 'cancelled'
    when i.result in ('failed', 'expired') and ${sumOf('accepted')} > 0 then 'partial'
    when i.result = 'accepted' and ${sumOf('rejected')} + ${sumOf('unknown')} > 0 then 'partial'
    else i.result end,
  accepted = ${sumOf('accepted')}, rejected = ${sumOf('rejected')},
  unknown = case when ${calledOff} then coalesce(w.devices, 0) - ${sumOf('accepted')} - ${sumOf('rejected')} else ${sumOf('unknown')} end,
  rejections = case when w.rejections is null and i.kept_rejections is null then i.rejections
    else coalesce(w.rejections, '[]') || coalesce(i.kept_rejections, '[]') || coalesce(i.rejections, '[]') end,
  tokens_left = case when i.state <> 'done' and not ${calledOff} then coalesce(i.tokens_left, w.tokens_left) end,
  confirmations = coalesce(i.confirmations, 0),
  failures = coalesce(i.failures, 0),
  unsettled = case when i.state = 'running' then w.unsettled else 0 end,
  vendor = coalesce(i.vendor, w.vendor),
  warnings = case when i.warnings is null then w.warnings else coalesce(w.warnings, '[]') || i.warnings end,
  notices = case when i.notices is null then w.notices else coalesce(w.notices, '[]') || i.notices end,
  assessed = coalesce(i.assessed, w.assessed)
from input i
where w.id = any (array[i.work_id]) and w.fence = any (array[i.fence]) and w.state = 'running'
returning w.id, w.state = 'done' and i.state <> 'done' as "calledOff"`

/**
 * lost: the lease was lost, nothing of that work changed, and only its attempt keeps what the vendor said · called_off: it was to go on,
 * and has ended instead, since its recall was cancelled or its handle taken over.
 */
export type Settled = 'kept' | 'called_off' | 'lost'

/** Records many steps in one statement. */
export async function settleWork(sql: Sql, settlements: readonly Settlement[]): Promise<Settled[]> {
  const holds = settlements.flatMap(({ hold }) =>
    hold === null ? [] : hold.lanes.map(lane => ({ budget: hold.budget, lane, ms: hold.ms })),
  )
  const kept = await sql.query<{ id: number; calledOff: boolean }>(settle, [
    JSON.stringify(settlements.map(settlementRow)),
    JSON.stringify(holds),
    JSON.stringify(answersOf(settlements)),
  ])
  const settled = new Map(
    kept.map(({ id, calledOff }) => [id, calledOff ? ('called_off' as const) : ('kept' as const)]),
  )
  return settlements.map(({ workId }) => settled.get(workId) ?? 'lost')
}

const note = `
select note_trouble(app, calls, failures, denied, coalesce(said, '{}'))
from json_to_recordset($1::text::json) as t(app text, calls int, failures int, denied boolean, said jsonb) order by app`

/** Lets breakers count what failed, before its work can be claimed again. */
export async function noteTrouble(sql: Sql, settlements: readonly Settlement[]): Promise<void> {
  const trouble = troubleOf(settlements)
  if (trouble.length > 0) await sql.query(note, [JSON.stringify(trouble)])
}

/** By app: calls without a usable answer, and a credential that is still refused after it was read again. */
function troubleOf(settlements: readonly Settlement[]): object[] {
  if (!settlements.some(({ attempt }) => attempt?.outcome === 'unknown' || attempt?.outcome === 'auth')) return []
  const called = settlements.flatMap(({ app, attempt, change }) => (attempt === null ? [] : [{ app, attempt, change }]))
  return [...new Set(called.map(({ app }) => app))].flatMap(app => {
    const mine = called.filter(call => call.app === app)
    const failures = mine.filter(({ attempt }) => attempt.outcome === 'unknown').length
    const denied = mine.find(({ attempt, change }) => attempt.outcome === 'auth' && change.kind !== 'continue')
    if (failures === 0 && denied === undefined) return []
    const said = denied && { code: denied.attempt.vendor.code, detail: denied.attempt.vendor.message }
    return [{ app, calls: mine.length, failures, denied: denied !== undefined, said }]
  })
}

/** By push: all its answers in one row, and what the vendor said to each beside them. */
function answersOf(settlements: readonly Settlement[]): object[] {
  const pushes = new Map<number, { units: object[]; replies: VendorReply[] }>()
  for (const { recallTargetId, workId, fence, attempt } of settlements) {
    if (attempt === null) continue
    const push = pushes.get(recallTargetId) ?? { units: [], replies: [] }
    pushes.set(recallTargetId, push)
    push.units.push({ work_id: workId, fence, nth: attempt.nth, outcome: attempt.outcome })
    push.replies.push(attempt.vendor)
  }
  return [...pushes].map(([push, answers]) => ({ push, ...answers }))
}

/** Without what is nothing: thousands of these are read by the second, and each member counts. */
function settlementRow({ change, attempt, record, ...settlement }: Settlement): object {
  return {
    work_id: settlement.workId,
    fence: settlement.fence,
    ...(attempt !== null && { app: settlement.app, outcome: attempt.outcome }),
    ...(record !== null && { app: settlement.app, handle: settlement.handle, record }),
    ...(settlement.confirmations > 0 && { confirmations: settlement.confirmations }),
    ...(settlement.failures > 0 && { failures: settlement.failures }),
    ...(settlement.vendor !== null && { vendor: settlement.vendor }),
    ...(settlement.warnings.length > 0 && { warnings: settlement.warnings.map(text => clip(text, maxSentence)) }),
    ...(settlement.notices.length > 0 && { notices: settlement.notices }),
    ...(settlement.assessed !== null && { assessed: settlement.assessed }),
    ...progressColumns(settlement.progress),
    ...changeColumns(change, settlement.leaseMs),
  }
}

function progressColumns(progress: Progress | null): object {
  if (progress === null) return {}
  return {
    tokens_left: progress.left,
    ...(progress.accepted > 0 && { kept_accepted: progress.accepted }),
    ...(progress.rejected > 0 && { kept_rejected: progress.rejected }),
    ...(progress.unknown > 0 && { kept_unknown: progress.unknown }),
    ...(progress.rejections.length > 0 && { kept_rejections: progress.rejections }),
  }
}

/** Opens what is below rungs whose every unit has fallen, after their last one was settled. */
export async function openNextRungs(sql: Sql, recallTargetIds: readonly number[]): Promise<void> {
  await sql.query('select open_next_rung(array(select json_array_elements_text($1::text::json)::bigint))', [
    JSON.stringify(recallTargetIds),
  ])
}

/** Pushes with units that have fallen and that nobody works on: whoever settled the last of them died before he opened what is below. */
export async function leftFallen(sql: Sql, limit: number): Promise<number[]> {
  const rows = await sql.query<{ id: number }>(
    `select distinct w.recall_target_id as id from work w where w.state = 'fallen' and not exists (
       select from work o where o.recall_target_id = w.recall_target_id and o.result is null and o.state <> 'fallen')
     limit $1::text::int`,
    [limit],
  )
  return rows.map(({ id }) => id)
}

function changeColumns(change: WorkChange, leaseMs: number): object {
  switch (change.kind) {
    case 'continue': {
      const { step, operation, ladder } = change
      return { state: 'running', step, operation, ladder: ladder.join(','), lease_ms: leaseMs }
    }
    case 'fall':
      return { state: 'fallen', step: change.step, operation: change.operation, ladder: change.ladder.join(',') }
    case 'later':
      return {
        state: 'ready',
        step: change.step,
        delay_ms: change.delayMs,
        blocked_by: change.blocked?.by,
        blocked_detail: change.blocked === null ? undefined : clip(change.blocked.detail, maxSentence),
      }
    case 'final':
      return {
        state: 'done',
        result: change.result,
        ...(change.operation !== undefined && { operation: change.operation }),
        ...(change.ladder !== undefined && { ladder: change.ladder.join(',') }),
        ...(change.accepted > 0 && { accepted: change.accepted }),
        ...(change.rejected > 0 && { rejected: change.rejected }),
        ...(change.unknown > 0 && { unknown: change.unknown }),
        ...(change.rejections.length > 0 && { rejections: change.rejections }),
      }
  }
}
