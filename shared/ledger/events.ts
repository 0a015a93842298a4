/** What happened to one recall: its entries of the trail, its vendor requests rolled up, and the spans in which it could not move. */
import type { Names, OutcomeKind } from '../providers/provider.ts'
import type { BlockedBy } from './settle-work.ts'
import { type Sql, toTheMicrosecond } from './sql.ts'

/** One entry of the trail about it. `seq` and `hash` are null until it is sealed. */
export interface TrailEvent {
  readonly at: string
  readonly seq: number | null
  readonly hash: string | null
  readonly actor: string
  readonly person: string | null
  readonly action: string
  readonly detail: { readonly [member: string]: unknown }
}

/** Requests of one push, one after the other, that the vendor answered alike. */
export interface AnswersEvent {
  /** When the first of them was about to be made. */
  readonly at: string
  /** When the last answer was written down; null: none was. */
  readonly until: string | null
  readonly app: string
  readonly provider: string
  /** Null: of more pushes than are told apart. */
  readonly handle: string | null
  /** Null: the handle tells them. */
  readonly names: Names | null
  /** What was asked: an operation, or `status`. */
  readonly call: string
  /** Null: no answer was written down, and whether the vendor has it is not known. */
  readonly outcome: OutcomeKind | null
  readonly code: string | null
  readonly message: string | null
  readonly calls: number
  /** In order, the first `requestIdsAtMost`. */
  readonly requestIds: readonly string[]
}

export interface BlockedEvent {
  readonly at: string
  /** Null: it still cannot move. */
  readonly until: string | null
  readonly app: string
  readonly provider: string
  readonly handle: string
  readonly names: Names | null
  readonly by: BlockedBy
  readonly detail: string | null
}

export interface RecallEvents {
  readonly trail: readonly TrailEvent[]
  readonly answers: readonly AnswersEvent[]
  readonly blocked: readonly BlockedEvent[]
}

/** Of one item. */
const requestIdsAtMost = 200
/** Above that many runs of equal answers they are told by push and code, and above that many of those by app and code. */
const runsAtMost = 1000

// Each table is read by the pushes of the recall, named in an array: whatever was planned, by its index.
const answers = `
with mine as materialized (
  select id, position, app, provider, handle, (select g.names from target g where g.id = target_id) as names from recall_target where recall_id = $1::text and linked_id is null
), begun as materialized (
  select b.recall_target_id as push, u.work_id, u.fence, u.nth, u.step, coalesce(to_timestamp(u.at), b.at) as at
  from attempt_begun b
  cross join lateral json_to_recordset(b.units) as u(work_id bigint, fence int, nth int, step text, at float8)
  where b.recall_target_id = any (array(select id from mine))
), answered as materialized (
  select r.at, s.unit ->> 'outcome' as outcome, r.replies -> (s.place::int - 1) as vendor,
    (s.unit ->> 'work_id')::bigint as work_id, (s.unit ->> 'fence')::int as fence, (s.unit ->> 'nth')::int as nth
  from attempt_answered r cross join lateral json_array_elements(r.units) with ordinality as s(unit, place)
  where r.recall_target_id = any (array(select id from mine))
), called as (
  select b.push, m.app, m.provider, m.handle, m.names, b.step, b.at, b.work_id, b.fence, b.nth, a.at as answered_at, a.outcome,
    a.vendor ->> 'code' as code, a.vendor ->> 'message' as message, a.vendor ->> 'requestId' as request_id
  from begun b join mine m on m.id = b.push
  left join answered a on a.work_id = b.work_id and a.fence = b.fence and a.nth = b.nth
), marked as (
  select *, case when (step, outcome, code) is distinct from
      (lag(step) over w, lag(outcome) over w, lag(code) over w) or lag(push) over w is null then 1 else 0 end as turn
  from called window w as (partition by push order by at, work_id, fence, nth)
), numbered as materialized (
  select *, sum(turn) over (partition by push order by at, work_id, fence, nth) as run from marked
), size as (
  select sum(turn) as runs, (select count(*) from (select distinct push, step, outcome, code from numbered) d) as kinds
  from numbered
)
select ${toTheMicrosecond('min(n.at)')} as at, ${toTheMicrosecond('max(n.answered_at)')} as until, n.app, n.provider,
  min(n.handle) filter (where s.kinds <= $2::text::int) as handle,
  (array_agg(n.names) filter (where s.kinds <= $2::text::int))[1] as names, n.step as call, n.outcome, n.code,
  (array_agg(n.message order by n.at) filter (where n.message is not null))[1] as message, count(*) as calls,
  to_jsonb(coalesce((array_agg(n.request_id order by n.at, n.work_id, n.fence, n.nth)
    filter (where n.request_id is not null))[1:$3::text::int], '{}')) as "requestIds"
from numbered n, size s
group by n.app, n.provider, n.step, n.outcome, n.code, s.kinds,
  case when s.kinds <= $2::text::int then n.push end, case when s.runs <= $2::text::int then n.run end
order by min(n.at), min(n.work_id), min(n.fence), min(n.nth)`

// what `sweep` has seen, and what it has not seen yet
const blocked = `
with mine as (
  select id, app, provider, handle, (select g.names from target g where g.id = target_id) as names from recall_target where recall_id = $1::text and linked_id is null
), now_blocked as (
  select w.recall_target_id, w.blocked_by, min(w.blocked_since) as since, min(w.blocked_detail) as detail
  from work w where w.recall_target_id = any (array(select id from mine)) and w.result is null and w.blocked_by is not null
  group by 1, 2
), spans as (
  select s.recall_target_id, s.blocked_by, s.since, s.until, s.detail from blocked_span s
  where s.recall_target_id = any (array(select id from mine))
  union all
  select n.recall_target_id, n.blocked_by, n.since, null, n.detail from now_blocked n
  where not exists (
    select from blocked_span s
    where s.recall_target_id = n.recall_target_id and s.blocked_by = n.blocked_by and s.until is null)
)
select ${toTheMicrosecond('s.since')} as at, ${toTheMicrosecond('s.until')} as until, m.app, m.provider, m.handle, m.names,
  s.blocked_by as by, s.detail
from spans s join mine m on m.id = s.recall_target_id order by s.since, m.id limit $2::text::int`

const trail = `
select ${toTheMicrosecond('at')} as at, seq, encode(hash, 'hex') as hash, actor, person, action, detail
from audit where object = $1::text
union all
select ${toTheMicrosecond('at')}, null, null, actor, person, action, detail from audit_unsealed where object = $1::text
order by seq nulls last, at`

/** Each in the order of time. The caller has checked who may see the recall. */
export async function readEvents(sql: Sql, id: string): Promise<RecallEvents> {
  const [trailed, answered, held] = await Promise.all([
    sql.query<TrailEvent>(trail, [id]),
    sql.query<AnswersEvent>(answers, [id, runsAtMost, requestIdsAtMost]),
    sql.query<BlockedEvent>(blocked, [id, runsAtMost]),
  ])
  return { trail: trailed, answers: answered, blocked: held }
}
