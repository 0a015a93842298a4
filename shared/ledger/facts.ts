import type { Caller } from '../access/grant.ts'
import { coalesce } from '../coalesce.ts'
import { onceEach } from '../once.ts'
import type { AskedOperation } from '../asked-operation.ts'
import type { Names, VendorRecord } from '../providers/provider.ts'
import { type Newer, newerOf } from './messages.ts'
import { type KnownPause, pausesOf } from './pauses.ts'
import type { Sql } from './sql.ts'

/** The last recall of a vendor handle. */
export interface PriorRecall {
  readonly recallTargetId: number
  readonly targetId: number
  readonly recallId: string
  readonly operation: AskedOperation
  readonly active: boolean
  readonly state: string
  /** Somebody cancelled that recall: what is out may settle yet, and the rest of it is never asked for. */
  readonly calledOff: boolean
  /** It settled less than ten minutes ago, or others of its recall are still on their way. */
  readonly recent: boolean
  readonly tokensDigest: string | null
  /** It leaves some push tokens alone. */
  readonly excepts: boolean
  /** All of that recall lies within what the caller may see. */
  readonly visible: boolean
  /** A message was registered since under the key that it takes back: what is left of it is not done any more. */
  readonly superseded: boolean
}

/** One vendor handle that a recall would touch, as the ledger knows it. */
export interface HandleFacts {
  /** Null: a bare handle that was never registered. */
  readonly targetId: number | null
  readonly messageId: string | null
  readonly app: string
  /** Null: only the app's credentials can tell. */
  readonly provider: string | null
  readonly handle: string
  /** Null: the handle tells them. */
  readonly names: Names | null
  readonly audience: string | null
  readonly audienceSize: number | null
  /** Devices that its vendor says it went to; null: it has not told. */
  readonly vendorDevices: number | null
  readonly devices: number
  /** How many of them can no longer be named: their tokens have left. */
  readonly gone: number
  /** It was over for so long that nothing is kept of it: what comes of it now is to leave anew. */
  readonly left: boolean
  /** Tokens wait to be sealed: how many, repeats among them. */
  readonly unsealed: boolean
  readonly waiting: number
  readonly record: VendorRecord | null
  /** Age of `record` in milliseconds. */
  readonly recordAgeMs: number | null
  /** When it was read: RFC 3339, UTC. */
  readonly recordAsOf: string | null
  /** Null: what was pushed under the handle last is this message's, or the handle is no key of a sender. */
  readonly superseded: Newer | null
  readonly prior: PriorRecall | null
  /** The newest recall of the handle when this was read: an admission planned on it is refused once there is a newer one. */
  readonly lastRecallTargetId: number | null
}

export type Subject =
  | { readonly message: string }
  | { readonly messages: readonly string[] }
  | { readonly content: string }
  | { readonly app: string; readonly handle: string }

/** What is asked about, and by whom: nothing beyond the caller's grant is told but how much of it there is. */
export interface Question {
  readonly subject: Subject
  readonly caller: Caller
}

export interface SubjectFacts {
  /** The messages it names, as far as the caller reaches them; empty for a bare handle that was never registered. */
  readonly messageIds: readonly string[]
  /** Of several messages that it names, those that lie wholly beyond. */
  readonly beyond: readonly string[]
  readonly handles: readonly HandleFacts[]
  /** Targets of the subject that the caller does not reach. */
  readonly outside: number
  /** Those of the caller, and of apps. */
  readonly pauses: readonly KnownPause[]
}

// Row by row, which OFFSET 0 insists on: of a list that comes as JSON the planner expects a hundred rows, and would rather
// read all messages and targets than look up one.
// Of a bare handle the message is meant that is shown under it now. max(t.id + 0): by the handle, not backwards through all there are.
const facts = `
with asked as materialized (
  select a.place, a.message, a.messages, a.content, a.app, a.handle, a.caller, a.actor, a.person, read_grant(a.reach) as reach
  from json_to_recordset($1::text::json)
    as a(place int, message text, messages json, content text, app text, handle text, caller text, actor text, person text, reach json)
), named as (
  select a.place, m.id, m.created_at, m.owner, m.reach, a.app, a.handle from asked a
  cross join lateral (select id, created_at, owner, reach from message where id = a.message offset 0) m
  union all
  select a.place, m.id, m.created_at, m.owner, m.reach, a.app, a.handle from asked a
  cross join lateral json_array_elements_text(a.messages) as e(id)
  cross join lateral (select id, created_at, owner, reach from message where id = e.id offset 0) m
  union all
  select a.place, m.id, m.created_at, m.owner, m.reach, a.app, a.handle from asked a
  cross join lateral (
    select id, created_at, owner, reach from message where contents @> array[a.content] offset 0) m
  where a.content is not null
  union all
  select a.place, t.message_id, t.created_at, t.owner, t.reach, a.app, a.handle from asked a
  cross join lateral (
    select t.message_id, m.created_at, m.owner, m.reach from target t join message m on m.id = t.message_id
    where t.app = a.app and t.handle = a.handle and t.message_id is not null and t.superseded_by is null offset 0) t
), found as (
  select n.place, t.id as target_id, t.message_id, t.app, t.provider, t.handle, t.names, t.audience, t.audience_size,
    t.superseded_by, t.sender_key, t.kept_since is null as left_before, n.created_at, t.position, a.reach is null or t.app = any (a.reach) as within
  from named n
  join asked a on a.place = n.place
  cross join lateral (select * from target where message_id = n.id offset 0) t
  where n.app is null or (t.app = n.app and t.handle = n.handle)
), reached as (
  select place, message_id, bool_or(within) as within, count(*) filter (where not within) as outside
  from found group by place, message_id
), wanted as (
  select place, target_id, message_id, app, provider, handle, names, audience, audience_size, superseded_by, sender_key, left_before, created_at, position
  from found where within
  union all
  select a.place, null, null, a.app, null, a.handle, null, null, null, null, null, false, null, 0 from asked a
  where a.app is not null and not exists (select from named n where n.place = a.place)
)
select n.place, 0 as rank, n.id as "messageId", null::jsonb as handle, 0 as outside, null::jsonb as pause, null as beyond
from named n
join asked a on a.place = n.place
left join reached r on r.place = n.place and r.message_id = n.id
where coalesce(r.within, visible_to('{}', n.owner, n.reach, a.caller, a.reach))
union all
select place, 0, null, null, sum(outside)::int, null, null from reached group by place having sum(outside) > 0
union all
select r.place, 0, null, null, 0, null, r.message_id from reached r
where not r.within and exists (select from asked a where a.place = r.place and a.messages is not null)
union all
select a.place, 0, null, null, 0, p.pause, null from asked a cross join lateral (${pausesOf('a.actor', 'a.person')}) p
union all
select w.place, w.rank, null, jsonb_build_object('targetId', w.target_id, 'messageId', w.message_id, 'app', w.app, 'provider', w.provider,
  'handle', w.handle, 'names', w.names, 'audience', w.audience, 'audienceSize', w.audience_size, 'vendorDevices', (v.figures ->> 'devices')::bigint,
  'devices', coalesce(b.devices, 0), 'gone', coalesce(b.gone, 0), 'left', w.left_before,
  'unsealed', c.waiting > 0, 'waiting', c.waiting,
  'record', v.record, 'recordAgeMs', extract(epoch from clock_timestamp() - v.as_of)::float8 * 1000,
  'recordAsOf', instant(v.as_of), 'superseded', ${newerOf('w')}, 'prior', p.prior,
  'lastRecallTargetId', (select max(t.id + 0) from recall_target t
    where t.app = w.app and t.handle = w.handle and t.linked_id is null)), 0, null, null
from (select *, row_number() over (order by created_at, message_id, position) as rank from wanted) w
join asked a on a.place = w.place
left join lateral (
  select sum(count) as devices, sum(count) filter (where tokens is null) as gone
  from token_batch where target_id = w.target_id) b on true
cross join lateral (select coalesce(sum(count), 0) as waiting from token_chunk where target_id = w.target_id) c
left join vendor_record v on v.app = w.app and v.handle = w.handle
left join lateral (
  select jsonb_build_object('recallTargetId', t.id, 'targetId', t.target_id, 'recallId', r.id, 'operation', r.operation,
    'active', t.active, 'state', t.state, 'calledOff', r.cancelled_at is not null, 'recent', coalesce(r.settled_at > now() - interval '10 minutes', true),
    'tokensDigest', t.tokens_digest, 'excepts', r.subject ? 'exceptTokens', 'visible', visible_to(r.apps, r.owner, r.reach, a.caller, a.reach),
    'superseded', exists (select from target o where o.id = t.target_id and o.superseded_by is not null)) as prior
  from recall_target t join recall r on r.id = t.recall_id
  where t.app = w.app and t.handle = w.handle and t.linked_id is null and r.ahead_of is null
  order by t.active desc, t.id desc limit 1
) p on true
order by rank`

/** Everything a plan needs, for many subjects in one statement. */
export async function readFacts(sql: Sql, questions: readonly Question[]): Promise<SubjectFacts[]> {
  const asked = questions.map(({ subject, caller }, place) => ({
    place,
    ...subject,
    caller: caller.owner,
    actor: caller.id,
    person: caller.person,
    reach: caller.grant ?? '*',
  }))
  const rows = await sql.query<{
    place: number
    messageId: string | null
    handle: HandleFacts | null
    outside: number
    pause: KnownPause | null
    beyond: string | null
  }>(facts, [JSON.stringify(asked)])
  const read = questions.map(() => ({
    messageIds: [] as string[],
    beyond: [] as string[],
    handles: [] as HandleFacts[],
    outside: 0,
    pauses: [] as KnownPause[],
  }))
  for (const { place, messageId, handle, outside, pause, beyond } of rows) {
    const mine = read[place]
    if (mine === undefined) continue
    if (messageId !== null) mine.messageIds.push(messageId)
    if (handle !== null) mine.handles.push(handle)
    if (pause !== null) mine.pauses.push(pause)
    if (beyond !== null) mine.beyond.push(beyond)
    mine.outside += outside
  }
  return read
}

const readSoon = onceEach((ledger: Sql) =>
  coalesce<Question, SubjectFacts>(questions => readFacts(ledger, questions), 64),
)

/** Requests of one moment share the statement. */
export function factsOf(ledger: Sql, question: Question): Promise<SubjectFacts> {
  return readSoon(ledger)(question)
}

/** Apps that overlaid everybody's screen with exactly this content within the span: the vendor would refuse it again. */
export async function appsOverlaidAlike(sql: Sql, overlay: object, windowMs: number): Promise<Set<string>> {
  const rows = await sql.query<{ app: string }>(
    `select distinct w.app from recall r join work w on w.recall_id = r.id
     where r.overlay = $1::text::jsonb and r.created_at > now() - make_interval(secs => $2::text::float8 / 1000)
       and w.operation = 'overlay' and not w.held`,
    [JSON.stringify(overlay), windowMs],
  )
  return new Set(rows.map(row => row.app))
}
