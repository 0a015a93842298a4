/** What takes back a message that is registered now, told before it is, and done once it is. */
import type { Grant } from '../access/access.ts'
import { type Caller, grantText } from '../access/grant.ts'
import { auditColumns, type SignedEntry, signedParameters, signedValues } from './audit.ts'
import { holds } from './holding.ts'
import type { Cause } from './new-recall.ts'
import type { Sql } from './sql.ts'
import type { Exceptions } from './exceptions.ts'
import { digestTokens } from './tokens.ts'
import { passed, takenOver } from './verdicts.ts'

/** A message that somebody means to send. */
export interface Intent {
  readonly contents: readonly string[]
  /** Its id, where it has one of the caller's that he may change or take. */
  readonly message: string | null
  /** Pushes that vendors made ids for. */
  readonly handles: readonly { readonly app: string; readonly handle: string }[]
  /** The apps that it goes out through; null: any. */
  readonly apps: Grant
}

export interface Hold {
  /** Null: it begins when something is registered, or the caller may not see the one that began. */
  readonly recall: string | null
  /** The verdict that takes such messages back; null: a recall does. */
  readonly verdict: string | null
}

/** The newest first of each kind. What does not reach `apps` is not told of. */
export async function findHolds(sql: Sql, intent: Intent, caller: Caller): Promise<Hold[]> {
  const [named, found, judged] = await Promise.all([
    recallsTaking(sql, intent),
    intent.handles.length === 0 ? [] : recallsOfDiscovered(sql, intent.handles),
    intent.contents.length === 0 ? [] : verdictsStanding(sql, intent, caller),
  ])
  const recalls = [...new Set([...newestOf(named, intent.apps), ...found])]
  return [
    ...recalls.map(recall => ({ recall, verdict: null })),
    ...judged.filter(({ recall }) => recall === null || !recalls.includes(recall)),
  ]
}

/** A recall that late targets of a message may join. */
export interface Joinable {
  readonly recallId: string
  /** The apps within which it may act; null: all. */
  readonly reach: Grant
}

/** Those that targets of `apps` join: each app goes to the first that reaches it. */
export function newestOf(newestFirst: readonly Joinable[], apps: Grant): string[] {
  const taken = new Set<string>()
  const joined: string[] = []
  for (const { recallId, reach } of newestFirst) {
    const both = reach === null ? apps : apps === null ? reach : reach.filter(app => apps.includes(app))
    if (both !== null && both.every(app => taken.has(app))) continue
    joined.push(recallId)
    if (both === null) break
    for (const app of both) taken.add(app)
  }
  return joined
}

/** What a recall holds, as its subject says it. */
const held = (recall: string) => `coalesce(${recall}.subject ->> 'content', ${recall}.subject ->> 'message')`

/**
 * Newest first. What is registered for a message later joins one of those that named it, whether they run or have ended; what is
 * registered at all, one of those that hold its id or a content of it.
 */
async function recallsTaking(sql: Sql, { message, contents }: Intent): Promise<Joinable[]> {
  return sql.query<Joinable>(
    `select id as "recallId", to_jsonb(reach) as reach from (
       select r.id, r.reach, r.created_at from recall_message n join recall r on r.id = n.recall_id
       where n.message_id = $1::text and r.cancelled_at is null
       union
       select r.id, r.reach, r.created_at from recall r
       where ${held('r')} = any(array(select json_array_elements_text($2::text::json)) || $1::text) and ${holds('r')}
         and (r.subject ->> 'message' = $1::text
           or r.subject ->> 'content' in (select json_array_elements_text($2::text::json)))) r
     order by created_at desc, id desc`,
    [message, JSON.stringify(contents)],
  )
}

/** Which messages are looked at: one, those of one recall, or (null) those of all that hold anything. */
export type HoldScope = { readonly messageId: string } | { readonly recallId: string } | null

/** A message that a recall is to take in. */
export interface DueHold {
  readonly recallId: string
  readonly messageId: string
  readonly registeredBy: string
  readonly person: string | null
  /** What of it is held. */
  readonly by: 'content' | 'target'
  /** Somebody began to take it in and did not come to its end. */
  readonly left: boolean
}

const mostDue = 500

/**
 * What is registered under what a recall holds, within the apps that whoever asked for it reached, and is not taken in yet. The
 * oldest recall first, so that the newest one has the last word. Where all holds are looked at, what somebody began to take in is his:
 * where he died, it is found as a late target (late-targets.ts).
 */
export async function findDueHolds(sql: Sql, scope: HoldScope): Promise<DueHold[]> {
  const ofOne = scope !== null && 'messageId' in scope
  const pairs = ofOne
    ? `message m join recall r on ${held('r')} = any(m.contents || m.id) and (r.subject ->> 'message' = m.id
         or r.subject ->> 'content' = any(m.contents))`
    : `recall r cross join lateral (
         select * from message where contents @> array[r.subject ->> 'content']
         union all
         select * from message where id = r.subject ->> 'message') m`
  const asked = ofOne ? 'm.id = $1::text' : '($1::text is null or r.id = $1::text)'
  return sql.query<DueHold>(
    `select r.id as "recallId", m.id as "messageId", m.registered_by as "registeredBy", m.person,
       case when r.subject ->> 'content' is null then 'target' else 'content' end as by, n.recall_id is not null as left
     from ${pairs}
     left join recall_message n on n.message_id = m.id and n.recall_id = r.id
     where ${asked} and ${holds('r')}
       and (r.reach is null or exists (select from target t where t.message_id = m.id and t.app = any (r.reach))
         -- it has no push yet, and may have one that is within
         or not exists (select from target t where t.message_id = m.id) and (m.reach is null or m.reach && r.reach))
       and (n.recall_id is null or ${scope !== null} and exists (
         select from target t where t.message_id = m.id and t.superseded_by is null and (r.reach is null or t.app = any (r.reach))
           and not exists (select from recall_target x where x.target_id = t.id)))
     order by r.created_at, r.id limit ${mostDue}`,
    [scope === null ? null : ofOne ? scope.messageId : scope.recallId],
  )
}

/**
 * A recall takes in a message that it holds: what comes for it later joins too. False: it is in already, or is held no more.
 * Whoever asked for the recall is told how much of the message lies beyond his apps, and nothing else of it.
 */
export async function attachHeld(
  sql: Sql,
  recallId: string,
  messageId: string,
  cause: Cause,
  entry: SignedEntry,
): Promise<boolean> {
  const rows = await sql.query(
    `with holding as (
       -- a cancel at this very moment has ended it
       select id, reach from recall r where id = $1::text and ${holds('r')} for update
     ), attached as (
       insert into recall_message (message_id, recall_id) select $2::text, id from holding
       on conflict do nothing returning recall_id
     ), marked as (
       update message m set recall_id = (
         select r.id from recall r where r.id in (m.recall_id, $1::text) order by r.created_at desc, r.id desc limit 1)
       where id = $2::text and exists (select from attached)
     ), grown as (
       update recall r set caused_by = with_cause(caused_by, $3::text::jsonb), outside = outside + (
         select count(*) from target t where t.message_id = $2::text and t.app <> all (r.reach))
       where id in (select recall_id from attached) returning id, reach
     ), audited as (
       insert into audit_entry ${auditColumns}
       select ${signedValues(5)}, json_build_object('message', $2::text, 'cause', $3::text::json, 'by', $4::text, 'apps', to_json(array(
         select distinct t.app from target t where t.message_id = $2::text and (reach is null or t.app = any (reach)))))
       from grown
     )
     select id from grown`,
    [recallId, messageId, JSON.stringify(cause), cause.by, ...signedParameters(entry)],
  )
  return rows.length > 0
}

/** A recall that holds the same for the same apps, as this caller may know; null: none. */
export async function sameHold(
  sql: Sql,
  {
    operation,
    overlay,
    subject,
    exceptions,
  }: {
    readonly operation: string
    readonly overlay: object | null
    readonly subject: object
    readonly exceptions?: Exceptions | undefined
  },
  caller: Caller,
): Promise<string | null> {
  const rows = await sql.query<{ id: string }>(
    `select r.id from recall r, read_grant($5::text::json) as asked(apps)
     where ${held('r')} = coalesce($1::text::jsonb ->> 'content', $1::text::jsonb ->> 'message') and r.subject = $1::text::jsonb
       and ${holds('r')} and r.operation = $2::text and r.overlay is not distinct from $3::text::jsonb
       and (select x.digest from recall_exception x where x.recall_id = r.id) is not distinct from $6::text
       and (r.reach is null or asked.apps <@ r.reach)
       and visible_to(r.apps, r.owner, r.reach, $4::text, asked.apps)
     order by r.created_at desc, r.id desc limit 1`,
    [
      JSON.stringify(subject),
      operation,
      overlay === null ? null : JSON.stringify(overlay),
      caller.owner,
      grantText(caller.grant),
      exceptions === undefined ? null : digestTokens(exceptions.devices),
    ],
  )
  return rows[0]?.id ?? null
}

/** Who registers what was discovered takes it over with its recall. */
async function recallsOfDiscovered(sql: Sql, handles: Intent['handles']): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select r.id from json_to_recordset($1::text::json) as i(app text, handle text)
     join target t on t.app = i.app and t.handle = i.handle and t.message_id is not null and t.superseded_by is null
     join message m on m.id = t.message_id and m.discovered_app is not null
     join recall r on r.id = m.recall_id and r.cancelled_at is null
     order by r.created_at desc, r.id desc`,
    [JSON.stringify(handles)],
  )
  return rows.map(({ id }) => id)
}

/** Verdicts that would act on it, each with the last recall that it led to, where the caller may see that. */
async function verdictsStanding(sql: Sql, { contents, apps }: Intent, caller: Caller): Promise<Hold[]> {
  return sql.query<Hold>(
    `select v.id as verdict, (
       select r.id from verdict_effect e join recall r on r.id = e.recall_id
       where e.verdict_id = v.id and visible_to(r.apps, r.owner, r.reach, $2::text, read_grant($3::text::json))
       order by r.created_at desc, r.id desc limit 1) as recall
     from verdict v, read_grant($4::text::json) as asked(apps)
     where v.content in (select json_array_elements_text($1::text::json))
       and v.operation is not null and v.received_at > now() - interval '24 hours'
       and (v.apps is null or asked.apps is null or v.apps && asked.apps)
       and not ${passed('v')} and not ${takenOver('v')}
     order by v.received_at desc, v.id desc`,
    [JSON.stringify(contents), caller.owner, grantText(caller.grant), grantText(apps)],
  )
}
