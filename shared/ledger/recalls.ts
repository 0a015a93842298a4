import type { Grant } from '../access/access.ts'
import type { AskedOperation } from '../asked-operation.ts'
import type { Operation } from '../operation.ts'
import { type Caller, grantText, type Owned } from '../access/grant.ts'
import { coalesce } from '../coalesce.ts'
import { onceEach } from '../once.ts'
import { type DatedFigures, figuresOf } from './figures.ts'
import { holds } from './holding.ts'
import type { Cause, StoredPlan } from './new-recall.ts'
import { type Newer, newerOf } from './messages.ts'
import type { Names } from '../providers/provider.ts'
import type { Notice } from '../sentences.ts'
import type { Assessed, BlockedBy, KeptReply } from './settle-work.ts'
import type { StoredApproval } from './approvals.ts'
import { type PageFilter, pageParameters } from './page.ts'
import { type Ledger, type Sql, toTheMicrosecond } from './sql.ts'

export interface Tally {
  /** Null where the vendor tells no count. */
  readonly total: number | null
  readonly accepted: number
  readonly rejected: number
  readonly unknown: number
}

export interface StoredRecallTarget {
  readonly app: string
  readonly provider: string
  readonly handle: string
  /** Null: the handle tells them. */
  readonly names: Names | null
  readonly state: string
  readonly plan: StoredPlan
  /** As the vendor last counted its devices; null: it has not told. */
  readonly figures: DatedFigures | null
  /** The recall that does the work, where it is another one; and who may know of it. */
  readonly linkedRecallId: string | null
  readonly linked: Owned | null
  /** The recall that took the handle over. */
  readonly supersededBy: string | null
  /** The message that was registered under its key since. */
  readonly superseded: Newer | null
  /** Whose push it is, and who may know of it; null: nobody registered it. */
  readonly message: (Owned & { readonly id: string; readonly title: string | null }) | null
  /** The weakest operation its work has come to; null: no work. */
  readonly operation: Operation | null
  readonly tally: Tally
  readonly unfinished: number
  /** Units of work that ended without reaching anybody; a retry tries them again. Of the recall that does the work. */
  readonly dead: { readonly failed: number; readonly expired: number; readonly unknown: number }
  readonly rejections: readonly { readonly reason: string; readonly count: number }[]
  readonly vendor: KeptReply | null
  readonly warnings: readonly string[]
  readonly notices: readonly Notice[]
  /** What the operation does, now that the vendor's record is known; null: it is not. */
  readonly assessed: Assessed | null
  readonly blocked: { by: BlockedBy; since: string; nextAttemptAt: string; detail: string } | null
  readonly unsealed: boolean
  /** Push tokens of it have left: what did not reach them cannot be tried again. */
  readonly gone: boolean
  /** As `keptAudience` wrote it, or what has become of that; read only where something of it is dead. */
  readonly audience: string | null
}

export interface StoredRecall {
  readonly id: string
  readonly operation: AskedOperation
  readonly state: string
  readonly reason: string
  readonly ticket: string | null
  readonly requestedBy: string
  readonly person: string | null
  readonly subject: object
  readonly overlay: object | null
  readonly fallback: boolean
  readonly apps: readonly string[]
  readonly owner: string
  readonly reach: Grant
  readonly outside: number
  readonly causedBy: readonly (Cause & { readonly at: string })[]
  readonly createdAt: Date
  readonly cursorAt: string
  readonly settledAt: Date | null
  readonly giveUpAt: Date
  /** Null: it holds nothing, or no more. */
  readonly holdsUntil: Date | null
  /** From how many devices on it takes another person; null: never. */
  readonly line: number | null
  readonly approval: StoredApproval | null
  /** Of a stop: the recall that it goes ahead of while that waits for others. */
  readonly aheadOf: string | null
  /** The stop that goes ahead of it. */
  readonly meanwhile: string | null
  /** Subscribers are to hear of it now. */
  readonly untold: boolean
  /** The first ones: `shownTargets`, or `listedTargets` in a list. */
  readonly targets: readonly StoredRecallTarget[]
  /** What the others come to, by app. */
  readonly rest: readonly RestOfTargets[]
}

/** A recall by content may have tens of thousands of targets, and it is one answer. */
export interface RestOfTargets
  extends Pick<StoredRecallTarget, 'app' | 'provider' | 'tally' | 'unfinished' | 'blocked'> {
  readonly targets: number
  /** Tokens of some that can be taken back wait to be sealed. */
  readonly counting: boolean
  /** Where the vendor addresses tasks: what those that can be taken back were measured by. */
  readonly tasks: {
    readonly devices: number
    readonly assumed: boolean
    readonly stated: boolean
    readonly unmeasured: boolean
  }
}

/** A whole message, and less than a platform lets through. */
const shownTargets = 1000
const listedTargets = 100

const strength = (column: string) => `array_position(array['stop', 'overlay', 'revoke'], ${column})`

/** What a target's work has come to; `t` is the target, `o` the one that does its work, where it is another. */
const work = `(
  select sum(x.devices) as total, coalesce(sum(x.accepted), 0) as accepted, coalesce(sum(x.rejected), 0) as rejected,
    coalesce(sum(x.unknown), 0) as unknown, count(*) filter (where x.state in ('ready', 'running', 'fallen')) as unfinished,
    count(*) filter (where x.result = 'failed' and x.unknown = 0) as failed, count(*) filter (where x.result = 'expired') as expired,
    count(*) filter (where x.result = 'partial' and x.accepted = 0 or x.result = 'failed' and x.unknown > 0) as unanswered,
    (array_agg(x.operation order by ${strength('x.operation')}) filter (where x.result is distinct from 'fallen'))[1] as operation,
    (array_agg(x.assessed order by ${strength('x.operation')}) filter (where x.assessed is not null))[1] as assessed
  from work x where x.recall_target_id = coalesce(o.id, t.id))`
const tally = `jsonb_build_object('total', w.total, 'accepted', w.accepted, 'rejected', w.rejected, 'unknown', w.unknown)`
const blocked = `(
  select jsonb_build_object('by', x.blocked_by, 'since', x.blocked_since, 'nextAttemptAt', x.run_at,
    'detail', x.blocked_detail) from work x
  where x.recall_target_id = coalesce(o.id, t.id) and x.state = 'ready' and x.blocked_by is not null
  order by x.run_at limit 1)`

const unsealed = 'exists (select from token_chunk c where c.target_id = coalesce(o.target_id, t.target_id))'

const measured = `coalesce((t.plan -> 'reach' ->> 'task')::bigint, (t.plan ->> 'audienceSize')::bigint)`

const basis = `coalesce(t.plan -> 'reach' ->> 'basis', case when t.plan ->> 'audienceSize' is null then 'assumed' else 'stated' end)`

const selectRecall = (most: number) => `
  select r.id, r.operation, r.state, r.reason, r.ticket, r.requested_by as "requestedBy", r.person, r.subject, r.overlay, r.fallback,
    to_jsonb(r.apps) as apps, r.owner, to_jsonb(r.reach) as reach, r.outside, r.caused_by as "causedBy", r.created_at as "createdAt", ${toTheMicrosecond('r.created_at')} as "cursorAt", r.settled_at as "settledAt", r.give_up_at as "giveUpAt",
    case when ${holds('r')} then r.holds_until end as "holdsUntil", r.line,
    approval_of(r.id) as approval, r.ahead_of as "aheadOf", (select s.id from recall s where s.ahead_of = r.id) as meanwhile,
    exists (select from delivery d where d.recall_id = r.id and d.state = 'pending' and d.run_at <= now()) as untold,
    (select coalesce(jsonb_agg(jsonb_build_object(
        'app', t.app, 'provider', t.provider, 'handle', t.handle, 'names', (select g.names from target g where g.id = t.target_id), 'state', coalesce(o.state, t.state), 'plan', t.plan,
        'figures', (select ${figuresOf('v')} from vendor_record v where v.app = t.app and v.handle = t.handle),
        'linkedRecallId', o.recall_id, 'supersededBy', t.superseded_by,
        'superseded', (select ${newerOf('g')} from target g where g.id = t.target_id),
        'message', (select jsonb_build_object('id', n.id, 'title', n.title, 'owner', n.owner, 'reach', n.reach,
            'apps', array(select distinct a.app from target a where a.message_id = n.id))
          from target g join message n on n.id = g.message_id where g.id = t.target_id),
        'linked', (select jsonb_build_object('apps', l.apps, 'owner', l.owner, 'reach', l.reach) from recall l where l.id = o.recall_id),
        'operation', w.operation, 'unfinished', w.unfinished,
        'dead', jsonb_build_object('failed', w.failed, 'expired', w.expired, 'unknown', w.unanswered),
        'tally', ${tally},
        'rejections', coalesce((
          select jsonb_agg(jsonb_build_object('reason', reason, 'count', n) order by n desc, reason)
          from (select j ->> 'reason' as reason, sum((j ->> 'count')::int) as n
            from work x, jsonb_array_elements(x.rejections) j
            where x.recall_target_id = coalesce(o.id, t.id) and x.rejections is not null group by 1) g), '[]'),
        'vendor', (select x.vendor from work x where x.recall_target_id = coalesce(o.id, t.id) and x.vendor is not null
          order by x.result = 'accepted', x.id desc limit 1),
        'warnings', coalesce((
          select jsonb_agg(s) from (select distinct s from work x, jsonb_array_elements_text(x.warnings) s
            where x.recall_target_id = coalesce(o.id, t.id) and x.warnings is not null) g), '[]'),
        'notices', coalesce((
          select jsonb_agg(n) from (select distinct n from work x, jsonb_array_elements(x.notices) n
            where x.recall_target_id = coalesce(o.id, t.id) and x.notices is not null) g), '[]'),
        'assessed', w.assessed,
        'blocked', ${blocked},
        'unsealed', ${unsealed},
        'gone', exists (
          select from token_batch b where b.target_id = coalesce(o.target_id, t.target_id) and b.tokens is null),
        'audience', case when w.failed + w.expired + w.unanswered > 0 then (
          select g.audience from target g where g.id = coalesce(o.target_id, t.target_id)) end
      ) order by t.position), '[]')
     from (select * from recall_target where recall_id = r.id order by position limit ${most}) t
     left join recall_target o on o.id = t.linked_id
     left join lateral ${work} w on true) as targets,
    (select coalesce(jsonb_agg(jsonb_build_object('app', w.app, 'provider', w.provider, 'targets', w.targets,
        'tally', ${tally}, 'unfinished', w.unfinished, 'counting', w.counting, 'blocked', w.blocked,
        'tasks', jsonb_build_object('devices', w.devices, 'assumed', w.assumed, 'stated', w.stated, 'unmeasured', w.unmeasured))), '[]')
     from (
       select t.app, t.provider, count(*) as targets, sum(w.total) as total, sum(w.accepted) as accepted,
         sum(w.rejected) as rejected, sum(w.unknown) as unknown, sum(w.unfinished) as unfinished,
         bool_or(${unsealed} and t.plan -> 'refusal' = 'null') as counting,
         coalesce(sum(${measured}) filter (where t.plan -> 'refusal' = 'null'), 0) as devices,
         bool_or(t.plan -> 'refusal' = 'null' and ${basis} = 'assumed') as assumed,
         bool_or(t.plan -> 'refusal' = 'null' and ${basis} = 'stated') as stated,
         bool_or(t.plan -> 'refusal' = 'null' and ${measured} is null) as unmeasured,
         (array_agg(b.blocked order by b.blocked ->> 'since') filter (where b.blocked is not null))[1] as blocked
       from (select * from recall_target where recall_id = r.id order by position offset ${most}) t
       left join recall_target o on o.id = t.linked_id
       left join lateral ${work} w on true
       left join lateral (select ${blocked} as blocked) b on true
       group by t.app, t.provider) w) as rest
  from recall r`

/** In the order of `ids`; null where there is none. */
export async function readRecalls(sql: Sql, ids: readonly string[]): Promise<(StoredRecall | null)[]> {
  const rows = await sql.query<StoredRecall>(
    `${selectRecall(shownTargets)} where r.id in (select json_array_elements_text($1::text::json))`,
    [JSON.stringify(ids)],
  )
  const byId = new Map(rows.map(row => [row.id, row]))
  return ids.map(id => byId.get(id) ?? null)
}

const readSoon = onceEach((ledger: Sql) => coalesce<string, StoredRecall | null>(ids => readRecalls(ledger, ids), 64))

/** Null where there is none. Requests of one moment share the statement. */
export function readRecall(ledger: Sql, id: string): Promise<StoredRecall | null> {
  return readSoon(ledger)(id)
}

/** Which of these handles a recall has as its targets already, as `app handle`. */
export async function handlesIn(
  sql: Sql,
  recallId: string,
  handles: readonly { readonly app: string; readonly handle: string }[],
): Promise<Set<string>> {
  const rows = await sql.query<{ name: string }>(
    `select t.app || ' ' || t.handle as name from json_to_recordset($2::text::json) as i(app text, handle text)
     join recall_target t on t.recall_id = $1::text and t.app = i.app and t.handle = i.handle`,
    [recallId, JSON.stringify(handles.map(({ app, handle }) => ({ app, handle })))],
  )
  return new Set(rows.map(({ name }) => name))
}

export interface RecallFilter extends PageFilter {
  readonly app: string | null
  readonly content: string | null
  /** One that it named, or whose push it took back. */
  readonly message: string | null
  /** The vendor's id of a push, as its target has it. */
  readonly handle: string | null
  readonly person: string | null
  readonly operation: AskedOperation | null
  readonly ticket: string | null
  /** Any of them; null: whatever its state. */
  readonly states: readonly string[] | null
  readonly from: Date | null
  readonly to: Date | null
  readonly caller: Caller
}

/** Found by its index before anything is listed: `r.id = any(array(…))`. */
const withMessage = (id: string) => `array(
  select recall_id from recall_message where message_id = ${id}
  union all
  -- nobody may have registered it yet
  select h.id from recall h where coalesce(h.subject ->> 'content', h.subject ->> 'message') = ${id} and h.holds_until is not null
    and h.subject ->> 'message' = ${id}
  union all
  select t.recall_id from target g join recall_target t on t.target_id = g.id where g.message_id = ${id})`
const withHandle = (handle: string) => `array(
  select t.recall_id from target g join recall_target t on t.target_id = g.id where g.handle = ${handle})`

/** Newest first. Only recalls all of which the caller may see. */
export async function listRecalls(sql: Sql, filter: RecallFilter): Promise<StoredRecall[]> {
  return sql.query<StoredRecall>(
    `${selectRecall(listedTargets)}
     where ($2::text is null or (r.created_at, r.id) < ($2::text::timestamptz, $3::text))
       and ($4::text is null or r.id ilike $4::text or r.reason ilike $4::text or r.ticket ilike $4::text)
       and ($5::text is null or r.apps @> array[$5::text])
       and ($6::text is null or r.subject ->> 'content' = $6::text)
       and ($7::text is null or r.state in (select json_array_elements_text($7::text::json)))
       and ($12::text is null or r.id = any(${withMessage('$12::text')}))
       and ($13::text is null or r.id = any(${withHandle('$13::text')}))
       and ($14::text is null or r.person = $14::text)
       and ($15::text is null or r.operation = $15::text)
       and ($16::text is null or r.ticket = $16::text)
       and ($8::text is null or r.created_at >= $8::text::timestamptz)
       and ($9::text is null or r.created_at < $9::text::timestamptz)
       and visible_to(r.apps, r.owner, r.reach, $10::text, read_grant($11::text::json))
     order by r.created_at desc, r.id desc limit $1::text::int`,
    [
      ...pageParameters(filter),
      filter.app,
      filter.content,
      filter.states === null ? null : JSON.stringify(filter.states),
      filter.from?.toISOString() ?? null,
      filter.to?.toISOString() ?? null,
      filter.caller.owner,
      grantText(filter.caller.grant),
      filter.message,
      filter.handle,
      filter.person,
      filter.operation,
      filter.ticket,
    ],
  )
}

/** Those of these recalls that show just this new text. */
export async function showText(
  ledger: Ledger,
  recallIds: readonly string[],
  overlay: object,
): Promise<ReadonlySet<string>> {
  const rows = await ledger.query<{ id: string }>(
    `select id from recall
     where id in (select json_array_elements_text($1::text::json)) and overlay = $2::text::jsonb`,
    [JSON.stringify([...new Set(recallIds)]), JSON.stringify(overlay)],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Somebody asks for what goes on because its time was over: from now on it goes before all that is. */
export async function hastenRecall(sql: Sql, id: string): Promise<void> {
  await sql.query(
    `with hastened as (
       update recall set priority = 0 where id = $1::text and priority > 0 returning id
     )
     update work set priority = 0
     where recall_id in (select id from hastened) and state in ('ready', 'running')`,
    [id],
  )
}
