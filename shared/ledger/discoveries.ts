/** What a vendor lists and nobody has registered. */
import type { Fare, ListedPush, Names } from '../providers/provider.ts'
import { fareRow } from './begin-attempts.ts'
import type { Sql } from './sql.ts'

export const discoverer = 'timer:discover'

/** How far the list of an app has been read. */
export interface Mark {
  readonly since: Date
  /** Null: at the beginning. */
  readonly page: string | null
}

/** Apps in the order in which they are to be listed: who waits longest first. */
export async function inTurn(sql: Sql, apps: readonly string[]): Promise<string[]> {
  const rows = await sql.query<{ app: string }>(
    `select a.app from json_array_elements_text($1::text::json) as a(app) left join discovery d on d.app = a.app
     where d.held_until is null or d.held_until <= clock_timestamp()
     order by d.listed_at nulls first, a.app`,
    [JSON.stringify(apps)],
  )
  return rows.map(({ app }) => app)
}

/** Null: another run lists it, or the vendor's budget has nothing left for that. Nobody else does for `leaseMs`. */
export async function beginListing(
  sql: Sql,
  app: string,
  budget: string,
  fare: Fare | null,
  leaseMs: number,
): Promise<Mark | null> {
  const [begun] = await sql.query<{ begun: boolean }>(
    'select begin_listing($1::text, $2::text, $3::text, $4::text::json, $5::text::float8) as begun',
    [app, budget, fare?.lane.name ?? 'list', fare === null ? null : JSON.stringify(fareRow(fare)), leaseMs],
  )
  if (begun?.begun !== true) return null
  return (await sql.query<Mark>('select since, page from discovery where app = $1::text', [app]))[0] ?? null
}

/** A list that never ends is begun anew after so many pages. */
const mostPages = 500

/**
 * A page was read: the next one is `next`, or the pass ends and the next one begins with the day on which this one began, since
 * lists know only days. `held`: it was no page of the pass but the newest pushes, looked at in between.
 */
export async function endListing(sql: Sql, app: string, next: string | null, inBetween: boolean): Promise<void> {
  await sql.query(
    `update discovery d set
       since = case when e.ends then pass_at - interval '1 hour' else since end,
       pass_at = case when e.ends then clock_timestamp() else pass_at end,
       page = case when $3::text::boolean then page when e.ends then null else $2::text end,
       pages = case when $3::text::boolean then pages when e.ends then 0 else pages + 1 end,
       failures = 0, listed_at = clock_timestamp(), held_until = '-infinity'
     from (select not $3::text::boolean and ($2::text is null or pages >= ${mostPages}) as ends
       from discovery where app = $1::text) e
     where d.app = $1::text`,
    [app, next, inBetween],
  )
}

/** The vendor told nothing: again in five minutes, and later the more often that has happened, up to an hour. */
export async function failListing(sql: Sql, app: string, waitMs: number): Promise<void> {
  await sql.query(
    `update discovery set failures = failures + 1, listed_at = clock_timestamp(), held_until = clock_timestamp()
       + greatest(make_interval(secs => $2::text::float8 / 1000), least(interval '1 hour', interval '4 minutes' * 2 ^ least(failures, 5)))
     where app = $1::text`,
    [app, waitMs],
  )
}

/** Of one app: whoever sends more than it can register is shown the newest, and what is beyond waits until others leave. */
const mostOfAnApp = 20_000

/**
 * Makes a message of each push that belongs to none. Resolves with how many. What is known keeps its message; the vendor's
 * record is kept with it where nobody is taking it back, so that lists show how it stands.
 */
export async function keepDiscovered(
  sql: Sql,
  app: string,
  provider: string,
  /** Tokens that fit one request of its vendor. */
  batch: number,
  pushes: readonly (ListedPush & { readonly id: string })[],
): Promise<number> {
  const rows = await sql.query(
    `with input as (
       select i.*, d.taken from json_to_recordset($3::text::json) as i(id text, handle text, title text, body text, "sentAt" timestamptz,
         audience text, record jsonb)
       cross join (select count(*) as taken from (
         select from message where discovered_app = $1::text limit ${mostOfAnApp}) m) d
     ), made as (
       insert into target (message_id, position, app, provider, handle, audience, batch)
       select id, 0, $1::text, $2::text, handle, audience, $4::text::int from input
       where taken < ${mostOfAnApp}
         and not exists (select from target t where t.app = $1::text and t.handle = input.handle and t.message_id is not null)
       -- one order for all, so that two that meet at several pushes never wait for each other
       order by handle
       on conflict (app, handle) where message_id is not null and superseded_by is null do nothing
       returning message_id
     ), recorded as (
       insert into vendor_record (app, handle, record) select $1::text, handle, record from input
       where not exists (select from recall_target r where r.app = $1::text and r.handle = input.handle)
       order by handle
       on conflict (app, handle) do update set record = excluded.record, as_of = clock_timestamp()
         where vendor_record.record ->> 'status' is distinct from excluded.record ->> 'status'
     )
     insert into message (id, digest, title, body, contents, registered_by, owner, reach, discovered_app, sent_at, recall_id)
     select id, '', title, body, '{}', '${discoverer}', '${discoverer}', array[$1::text], $1::text, "sentAt",
       -- it was taken back by its vendor's id before it was listed
       (select r.recall_id from recall_target r where r.app = $1::text and r.handle = input.handle order by r.id desc limit 1)
     from input where id in (select message_id from made)
     returning id`,
    [app, provider, JSON.stringify(pushes), batch],
  )
  return rows.length
}

/** Vendors keep no list for longer, and nobody asked for these. Resolves with how many left. */
export async function reapDiscovered(sql: Sql): Promise<number> {
  const rows = await sql.query(
    `with old as (
       select m.id from message m
       where m.discovered_app is not null and m.created_at < now() - interval '31 days' and m.recall_id is null
         and m.expires_at is null and m.contents = '{}'
         -- push tokens that somebody added, and what vendors said, leave by their own time first
         and not exists (
           select from target g where g.message_id = m.id and g.kept_since is not null and (
             exists (select from token_batch b where b.target_id = g.id)
             or exists (select from token_chunk c where c.target_id = g.id)
             or exists (select from recall_target t where t.target_id = g.id)))
       limit 1000 for update skip locked
     ), targets as (
       delete from target t where t.message_id in (select id from old)
     )
     delete from message where id in (select id from old) returning id`,
    [],
  )
  return rows.length
}

/**
 * A sender registers what discover found: the message takes its targets over, and with them the recalls that took them back.
 * What somebody noted of it meanwhile (contents, an end) stays true; what is kept of it leaves as if it had come now. Resolves
 * with its targets. Call it in the transaction that adds the targets.
 */
export async function takeOverDiscovered(
  sql: Sql,
  messageId: string,
  targets: readonly {
    readonly app: string
    readonly handle: string
    readonly audience: string | null
    readonly audienceSize: number | null
    readonly names: Names | null
    readonly senderKey: string | null
    readonly batch: number
  }[],
): Promise<{ readonly id: number; readonly app: string; readonly handle: string }[]> {
  return sql.query(
    `with input as (
       select * from json_to_recordset($2::text::json) as i(app text, handle text, audience text, "audienceSize" bigint,
         names jsonb, "senderKey" text, batch int)
     ), found as (
       select t.id, t.message_id, i.audience, i."audienceSize", i.names, i."senderKey", i.batch from input i
       join target t on t.app = i.app and t.handle = i.handle and t.message_id is not null and t.superseded_by is null
       join message m on m.id = t.message_id and m.discovered_app is not null and m.id <> $1::text
       order by t.id for update of t, m
     ), gone as (
       delete from message m using found f where m.id = f.message_id
       returning m.id, m.contents, m.recall_id, m.expires_at, m.expires_by, m.sent_at
     ), moved as (
       update target t set message_id = $1::text, audience = coalesce(f.audience, t.audience), audience_size = f."audienceSize",
         names = f.names, sender_key = f."senderKey", batch = f.batch, kept_since = now(),
         position = coalesce((select max(position) + 1 from target where message_id = $1::text), 0)
           + (select count(*) from found g where g.id < f.id)
       from found f where t.id = f.id
       returning t.id, t.app, t.handle
     ), named as (
       insert into recall_message (message_id, recall_id)
       select distinct $1::text, r.recall_id from recall_message r where r.message_id in (select id from gone)
       on conflict do nothing
     ), kept as (
     update message m set
       recall_id = coalesce((select r.id from recall r join gone g on g.recall_id = r.id order by r.created_at desc limit 1), m.recall_id),
       contents = m.contents || array(select distinct c from gone g, unnest(g.contents) c where not m.contents @> array[c]),
       expires_at = coalesce(m.expires_at, (select min(expires_at) from gone)),
       expires_by = case when m.expires_at is null then (select expires_by from gone order by expires_at limit 1) else m.expires_by end,
       sent_at = coalesce(m.sent_at, (select min(sent_at) from gone))
     where m.id = $1::text and exists (select from gone)
     )
     select id, app, handle from moved`,
    [
      messageId,
      JSON.stringify(
        targets.map(({ app, handle, audience, audienceSize, names, senderKey, batch }) => ({
          app,
          handle,
          audience,
          audienceSize,
          names,
          senderKey,
          batch,
        })),
      ),
    ],
  )
}
