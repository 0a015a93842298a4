/** What the ledger knows of how apps, timers, subscribers and endpoints are. */
import type { Grant } from '../access/access.ts'
import { grantText } from '../access/grant.ts'
import { only, type Sql } from './sql.ts'

/** What a check of an app's credential found. */
export interface Credential {
  /** Null: no check had an answer yet. */
  readonly ok: boolean | null
  /** RFC 3339, UTC: since when that is so. */
  readonly since: string | null
  readonly code: string | null
  readonly detail: string | null
  /** Of a check: the call that it made. Null: a call that was made anyway found it. */
  readonly call: string | null
  readonly checkedAt: string
  /** So far our clock was ahead of the vendor's at the last check; null: none was made. */
  readonly clockAheadMs: number | null
}

/** How the canary of an app was taken back last. */
export interface CanaryState {
  /** Null: it could not even be asked for, and `detail` says why. */
  readonly recall: string | null
  readonly detail: string | null
  /** Null: the recall is not there any more. */
  readonly state: string | null
  readonly operation: string | null
  readonly code: string | null
  readonly at: string
}

export interface AppState {
  readonly app: string
  /** Pushes on their way. */
  readonly waiting: number
  /** When the five minutes began in which the vendor last accepted something. */
  readonly lastAcceptedAt: string | null
  readonly breaker: { readonly cause: string; readonly since: string | null; readonly probeAt: string } | null
  readonly credential: Credential | null
  /** Null: it never was. */
  readonly canary: CanaryState | null
}

export interface LedgerHealth {
  readonly now: Date
  readonly apps: readonly AppState[]
  readonly beats: { readonly [timer: string]: string }
  readonly subscribers: readonly {
    readonly id: string
    readonly disabledAt: string | null
    readonly heldUntil: string | null
  }[]
  /** When each endpoint's last verdict came, of the last 30 days. */
  readonly endpoints: { readonly [endpoint: string]: string }
}

/** Of a vendor budget: what was spent of it. */
export interface BucketState {
  readonly budget: string
  readonly lane: string
  /** Seconds until all of it may be spent again. */
  readonly fullInSeconds: number
  /** Calls within the last `hours`. */
  readonly used: number
  readonly heldUntil: string | null
}

/** Of these apps; subscribers all of whose apps lie within the grant. */
export async function readLedgerHealth(sql: Sql, apps: readonly string[], grant: Grant): Promise<LedgerHealth> {
  return only(
    await sql.query<LedgerHealth>(
      `select clock_timestamp() as now,
         (select coalesce(jsonb_agg(jsonb_build_object('app', a.app,
             'waiting', (select count(*) from recall_target t join recall r on r.id = t.recall_id
               where t.state = 'running' and t.linked_id is null and t.app = a.app),
             'lastAcceptedAt', (select instant(max(m.at)) from metric m
               where m.apps = array[a.app] and jsonb_path_exists(m.value, '$.calls.keyvalue() ? (@.key like_regex " accepted$")')),
             'breaker', (select jsonb_build_object('cause', b.cause, 'since', instant(b.opened_at), 'probeAt', instant(b.probe_at))
               from breaker b where b.app = a.app and b.probe_at is not null),
             'credential', (select f.value from finding f
               where f.name = 'check' and f.subject = a.app and f.value ? 'checkedAt'),
             'canary', (select jsonb_build_object('recall', f.value ->> 'recall', 'detail', f.value ->> 'detail', 'at', instant(f.at), 'state', r.state,
                 'operation', w.operation, 'code', w.vendor ->> 'code')
               from finding f left join recall r on r.id = f.value ->> 'recall'
               left join lateral (select operation, vendor from work where recall_id = r.id order by id desc limit 1) w on true
               where f.name = 'canary' and f.subject = a.app)) order by a.app), '[]')
           from json_array_elements_text($1::text::json) as a(app)) as apps,
         (select coalesce(jsonb_object_agg(name, instant(at)), '{}') from pulse) as beats,
         (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'disabledAt', instant(disabled_at),
             'heldUntil', case when held_until > now() then instant(held_until) end) order by id), '[]')
           from subscriber where within_grant(coalesce(apps, '{}'), read_grant($2::text::json))) as subscribers,
         (select coalesce(jsonb_object_agg(endpoint, instant(last)), '{}') from (
           select endpoint, max(received_at) as last from verdict where received_at > now() - interval '30 days'
             and read_grant($2::text::json) is null group by 1) v) as endpoints`,
      [JSON.stringify(apps), grantText(grant)],
    ),
  )
}

export async function readBuckets(
  sql: Sql,
  lanes: readonly { readonly budget: string; readonly lane: string; readonly windowMs: number }[],
): Promise<BucketState[]> {
  return sql.query<BucketState>(
    `select b.budget, b.lane, greatest(0, extract(epoch from nullif(b.tat, '-infinity') - now()))::float8 as "fullInSeconds",
       (select count(*)::int from unnest(b.hits) h where h > now() - make_interval(secs => l."windowMs" / 1000)) as used,
       case when b.held_until > now() then instant(b.held_until) end as "heldUntil"
     from json_to_recordset($1::text::json) as l(budget text, lane text, "windowMs" float8)
     join bucket b on b.budget = l.budget and b.lane = l.lane`,
    [JSON.stringify(lanes)],
  )
}

/** Resolves with whether the credential was well, or not known, and turned bad: then subscribers hear of it. */
export async function keepCheck(
  sql: Sql,
  app: string,
  found: Omit<Credential, 'since' | 'checkedAt'>,
): Promise<boolean> {
  return only(
    await sql.query<{ turned: boolean }>('select keep_check($1::text, $2::text::jsonb) as turned', [
      app,
      JSON.stringify(found),
    ]),
  ).turned
}

/**
 * Of these apps, those of which no such finding was made in 24 hours: each is the caller's alone for ten minutes, within which he
 * makes one.
 */
export async function takeDue(sql: Sql, name: 'check' | 'canary', apps: readonly string[]): Promise<string[]> {
  const rows = await sql.query<{ app: string }>(
    `insert into finding (name, subject, value)
     select 'due ' || $1::text, a.app, '{}' from json_array_elements_text($2::text::json) as a(app)
     where not exists (
       select from finding f where f.name = $1::text and f.subject = a.app and f.at > now() - interval '24 hours')
     order by 2
     on conflict (name, subject) do update set at = clock_timestamp() where finding.at < now() - interval '10 minutes'
     returning subject as app`,
    [name, JSON.stringify(apps)],
  )
  return rows.map(({ app }) => app)
}

/** Apps that were found to be refused, and of which the vendor has accepted something since. Resolves with how many. */
export async function noteTakenAgain(sql: Sql): Promise<number> {
  const rows = await sql.query(
    `select keep_check(f.subject, '{"ok":true}') from finding f
     where f.name = 'check' and f.value -> 'ok' = 'false' and exists (
       select from metric m where m.apps = array[f.subject] and m.at > f.at
         and jsonb_path_exists(m.value, '$.calls.keyvalue() ? (@.key like_regex " accepted$")'))`,
  )
  return rows.length
}

/** What a call that was made anyway says of a credential; `said`: what the vendor answered. */
export async function noteCredential(
  sql: Sql,
  app: string,
  ok: boolean,
  said: { readonly code: string | null; readonly message: string | null },
): Promise<void> {
  const found = ok ? { ok } : { ok, code: said.code, detail: said.message }
  await sql.query(
    `select keep_check($1::text, $2::text::jsonb)
     where not ($2::text::jsonb ->> 'ok')::boolean
       or exists (select from finding where name = 'check' and subject = $1::text and value -> 'ok' = 'false')`,
    [app, JSON.stringify(found)],
  )
}
