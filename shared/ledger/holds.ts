/** What would take back a message that is registered now, before anybody registers it. */
import type { Grant } from '../access/access.ts'
import { type Caller, grantText } from '../access/grant.ts'
import type { Sql } from './sql.ts'
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
    intent.message === null ? [] : recallsNaming(sql, intent.message),
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

/** Newest first. What is registered for a message later joins one of these, whether it runs or has ended. */
async function recallsNaming(sql: Sql, messageId: string): Promise<Joinable[]> {
  return sql.query<Joinable>(
    `select r.id as "recallId", to_jsonb(r.reach) as reach from recall_message n join recall r on r.id = n.recall_id
     where n.message_id = $1::text and r.cancelled_at is null
     order by r.created_at desc, r.id desc`,
    [messageId],
  )
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
