/** Verdicts: recorded once, put in order, matched to messages. */
import type { Operation } from '../operation.ts'
import type { Sql } from './sql.ts'

export interface NewVerdict {
  readonly id: string
  readonly endpoint: string
  /** The same for all that one delivery says: SHA-256 of endpoint and delivery, in hex. */
  readonly deliveryKey: string
  readonly source: string
  readonly tier: string
  readonly content: string | null
  readonly decision: string | null
  readonly action: string | null
  readonly labels: readonly string[]
  readonly reason: string | null
  readonly occurredAt: Date | null
  /** 0 machine, 1 human, 2 appeal. */
  readonly authority: number
  readonly round: number
  /** 2 block, 1 review, 0 pass; null: takes no part in the order. */
  readonly severity: number | null
  /** Endpoints whose lower verdicts it stands above: its own among them. */
  readonly outranks: readonly string[]
  readonly operation: Operation | null
  readonly overlay: object | null
  /** Whose pushes it may take back; null: those of all apps. */
  readonly apps: readonly string[] | null
  /** The devices above which its recall takes another person; null: any number takes none. */
  readonly approvalAbove: number | null
  /** Why it takes no part, though it is genuine. */
  readonly fault: 'unreadable' | 'stale' | null
  /** The same in words. */
  readonly problem: string | null
}

/**
 * Resolves with the ids of those that are new. What one delivery says is recorded as a whole, together with the delivery's
 * key, or was already: keys outlive verdicts.
 */
export async function recordVerdicts(sql: Sql, verdicts: readonly NewVerdict[]): Promise<string[]> {
  // ordered_at: a time ahead of ours would go before all that is still to come; within one second, which is all that some
  // senders tell, severity decides
  const rows = await sql.query<{ id: string }>(
    `with said as (
       select * from json_to_recordset($1::text::json) as v(id text, endpoint text, "deliveryKey" text, source text,
         tier text, content text, decision text, action text, labels jsonb, reason text, "occurredAt" timestamptz,
         authority smallint, round int, severity smallint, outranks json, operation text, overlay jsonb, apps json, "approvalAbove" bigint,
         fault text, problem text)
     ), taken as (
       insert into taken_delivery (key) select distinct decode("deliveryKey", 'hex') from said
       on conflict do nothing returning key
     )
     insert into verdict (id, endpoint, source, tier, content, decision, action, labels, reason, occurred_at, authority,
       round, severity, outranks, operation, overlay, apps, approval_above, fault, problem, ordered_at)
     select id, endpoint, source, tier, content, decision, action, labels, reason, "occurredAt", authority, round,
       severity, array(select json_array_elements_text(outranks)), operation, overlay,
       case when json_typeof(apps) = 'array' then array(select json_array_elements_text(apps)) end, "approvalAbove", fault, problem,
       case when "occurredAt" is null then case when severity = 2 then timestamptz 'infinity' else '-infinity' end
         else date_trunc('second', least("occurredAt", now())) end
     from said join taken on taken.key = decode("deliveryKey", 'hex')
     returning id`,
    [JSON.stringify(verdicts)],
  )
  return rows.map(row => row.id)
}

/** One is higher than the other in the order of verdicts on one content. */
const higher = (one: string, other: string) =>
  `(${one}.authority, ${one}.round, ${one}.ordered_at, ${one}.severity, ${one}.id) >
   (${other}.authority, ${other}.round, ${other}.ordered_at, ${other}.severity, ${other}.id)`
/** It stands above the other: it is higher, and may speak about what the other's endpoint said. */
const above = (one: string, other: string) =>
  `${one}.content = ${other}.content and ${other}.endpoint = any(${one}.outranks) and ${higher(one, other)}`
export const passed = (verdict: string) =>
  `exists (select from verdict p where p.severity = 0 and ${above('p', verdict)})`
/** For a day it acts on messages that are registered after it came; on those of that day for as long as it has to wait. */
export const actsNow = (verdict: string) =>
  `${verdict}.operation is not null and (${verdict}.received_at > now() - interval '24 hours' or ${verdict}.queued)`
/**
 * One that acts stands above it, and does for the same apps what is to be done. A pass that reaches the higher one and not
 * the lower one leaves the lower one in force.
 */
export const takenOver = (verdict: string) => `exists (
  select from verdict o where ${actsNow('o')} and ${above('o', verdict)} and not ${passed('o')}
    and (o.apps is null or (${verdict}.apps is not null and ${verdict}.apps <@ o.apps)))`
/** A pass that was the last word about a verdict is not any more: of those that may speak about it, a block is higher. */
export const blockedAgain = (pass: string, verdict: string) => `exists (
  select from verdict b where b.severity = 2 and ${above('b', verdict)} and ${higher('b', pass)})`

export interface DueMessage {
  readonly id: string
  /** A recall that does the same is on its way or done. */
  readonly recallId: string | null
  /** Somebody registered it after the verdict came. */
  readonly late: boolean
  readonly registeredBy: string
  readonly person: string | null
}

/** A verdict that stands, with messages that it has done nothing about yet. */
export interface DueVerdict {
  readonly id: string
  readonly endpoint: string
  readonly source: string
  readonly content: string
  readonly decision: string | null
  readonly action: string | null
  readonly authority: number
  readonly labels: readonly string[]
  readonly reason: string | null
  readonly operation: Operation
  readonly overlay: object | null
  /** Whose pushes it may take back; null: those of all apps. */
  readonly apps: readonly string[] | null
  readonly approvalAbove: number | null
  /** No verdict that acts stands above it: what is to be done is for this one to do. */
  readonly first: boolean
  /** Its recall over all messages has been admitted, or its day is over: what there is goes message by message. */
  readonly begun: boolean
  readonly messages: readonly DueMessage[]
}

/**
 * The highest first. `contents` null: of any content, those that had to wait before last and every minute in another order,
 * so that as many as fit in one run and cannot be done keep no other waiting. `without`: endpoints whose verdicts wait.
 */
export async function findDueVerdicts(
  sql: Sql,
  contents: readonly string[] | null,
  limit: number,
  without: readonly string[] = [],
): Promise<DueVerdict[]> {
  // Begun: by the content of an old one it would take messages that came too late for it. What has no target within its reach is
  // no business of its, until it has one.
  // two statements: one for both would be planned as if it always went through all of them
  return sql.query<DueVerdict>(
    `select v.id, v.endpoint, v.source, v.content, v.decision, v.action, v.authority, v.labels, v.reason, v.operation,
       v.overlay, to_jsonb(v.apps) as apps, v.approval_above as "approvalAbove", not ${takenOver('v')} as first,
       exists (select from verdict_effect e where e.verdict_id = v.id and e.recall_id is not null) or exists (
         select from answer a where a.principal = 'endpoint:' || v.endpoint and a.path = '/v1/webhooks/' || v.endpoint
           and a.key = v.id)
         or v.received_at < now() - interval '24 hours' as begun,
       jsonb_agg(jsonb_build_object('id', m.id, 'recallId', r.id, 'late', m.created_at > v.received_at and m.registered_by not like 'timer:%',
         'registeredBy', m.registered_by, 'person', m.person) order by m.created_at, m.id) as messages
     from verdict v
     join message m on m.contents @> array[v.content]
       and (v.apps is null or exists (select from target t where t.message_id = m.id and t.app = any(v.apps)))
     left join recall r on r.id = m.recall_id and r.operation = v.operation
       and r.state in ('pending_approval', 'running', 'done', 'partial')
       and not exists (select from target t where t.message_id = m.id and t.app <> all(r.apps)
         and (v.apps is null or t.app = any(v.apps)))
     where ${actsNow('v')} ${contents === null ? '' : 'and v.content in (select json_array_elements_text($3::text::json))'}
       and m.created_at < v.received_at + interval '24 hours'
       and v.endpoint not in (select json_array_elements_text($2::text::json))
       and not ${passed('v')}
       and not exists (select from verdict_effect e where e.verdict_id = v.id and e.message_id = m.id)
     group by v.id
     order by ${contents === null ? "v.problem is not null, hashtext(v.content || date_trunc('minute', now())::text), v.content," : ''}
       v.authority desc, v.round desc, v.ordered_at desc, v.severity desc, v.id desc limit $1::text::int`,
    [limit, JSON.stringify(without), ...(contents === null ? [] : [JSON.stringify(contents)])],
  )
}

/** `recallId` null: nothing can ever be done, and `problem` says why. */
export async function recordEffects(
  sql: Sql,
  verdictId: string,
  messageIds: readonly string[],
  recallId: string | null,
  problem: string | null = null,
): Promise<void> {
  await sql.query(
    `with effects as (
       insert into verdict_effect (verdict_id, message_id, recall_id)
       select $1::text, e.id, $3::text from json_array_elements_text($2::text::json) as e(id) on conflict do nothing
     )
     update verdict set problem = $4::text, queued = false
     where id = $1::text and (problem is distinct from $4::text or queued)`,
    [verdictId, JSON.stringify(messageIds), recallId, problem],
  )
}

/** Why a verdict has to wait. `queued`: for its endpoint's turn, and longer than a day if that takes longer. */
export async function holdVerdict(sql: Sql, verdictId: string, problem: string, queued = false): Promise<void> {
  await sql.query(
    `update verdict set problem = $2::text, queued = queued or $3::text::boolean where id = $1::text
       and (problem is distinct from $2::text or $3::text::boolean and not queued)`,
    [verdictId, problem, queued],
  )
}

/** A verdict that recalled, and the person's pass that is the last word now. */
export interface Overturned {
  readonly id: string
  readonly passId: string
  readonly recallId: string
  /** False: an earlier pass had overturned it before. */
  readonly first: boolean
  /** Deliveries that tell of it; null: none does. */
  readonly told: number | null
}

/**
 * Resolves with what was not noted so before, and tells subscribers of each recall in the same statement. `contents`
 * null: of any content that came within the last day.
 */
export async function noteOverturned(sql: Sql, contents: readonly string[] | null): Promise<Overturned[]> {
  return sql.query<Overturned>(
    `with noted as (
       update verdict v set overturned_by = p.id
       from verdict_effect e, lateral (
         select p.id, p.received_at, n.overturned_by as before from verdict p join verdict n on n.id = e.verdict_id
         where p.severity = 0 and p.authority > 0 and ${above('p', 'n')} and not ${blockedAgain('p', 'n')}
         order by p.authority desc, p.round desc, p.ordered_at desc, p.id desc limit 1
       ) p
       where e.verdict_id = v.id and e.recall_id is not null and v.overturned_by is distinct from p.id
         and ${contents === null ? "p.received_at > now() - interval '1 day'" : 'v.content in (select json_array_elements_text($1::text::json))'}
       returning v.id, v.content, p.id as "passId", e.recall_id as "recallId", p.before is null as first
     )
     select n.id, n."passId", n."recallId", n.first, case when n.first then (
       select sum(tell('recall.overturned', r, jsonb_build_object('verdict',
         jsonb_build_object('id', n.id, 'content', n.content, 'overturnedBy', n."passId"))))
       from recall r where r.id in (
         select x.recall_id from verdict_effect x where x.verdict_id = n.id and x.recall_id is not null)) end as told
     from noted n`,
    contents === null ? [] : [JSON.stringify(contents)],
  )
}

/** Forgets verdicts that came 90 days ago, which is longer than a notification stays. Resolves with how many. */
export async function reapVerdicts(sql: Sql): Promise<number> {
  const rows = await sql.query(
    `with old as (
       delete from verdict where id in (
         select id from verdict where received_at < now() - interval '90 days' order by received_at limit 1000)
       returning id
     ), effects as (
       delete from verdict_effect where verdict_id in (select id from old)
     )
     select id from old`,
  )
  return rows.length
}
