/** What leaves once a message has been over for long enough: push tokens, whom audiences name, raw intake, what vendors replied. Counts stay. */
import { only, type Sql } from './sql.ts'

export interface Ended {
  /** Targets whose time is over. */
  readonly ids: readonly number[]
  /** How many were looked at; what had not ended so long ago is put off until it has. */
  readonly looked: number
}

/**
 * A message has ended when nothing came for it any more (targets, tokens), its `expiresAt` has passed and its recalls are
 * settled, whichever is the last.
 */
export async function findEnded(sql: Sql, retentionDays: number, limit: number): Promise<Ended> {
  return only(
    await sql.query<Ended>(
      `with line as (
         select now() - make_interval(secs => $1::text::float8 * 86400) as at
       ), old as (
         select id, message_id, kept_since from target
         where kept_since <= (select at from line) order by kept_since limit $2::text::int for update skip locked
       ), judged as (
         select o.id, coalesce(r.unfinished, false) as unfinished,
           greatest(o.kept_since, m.expires_at, r.settled_at,
             (select max(arrived_at) from token_chunk c where c.target_id = o.id)) as ended_at
         from old o left join message m on m.id = o.message_id
         left join lateral (
           select max(r.settled_at) as settled_at, bool_or(r.settled_at is null) as unfinished
           from recall_target t join recall r on r.id = t.recall_id where t.target_id = o.id) r on true
       ), put_off as (
         update target g set kept_since = case when j.unfinished then now() else j.ended_at end
         from judged j, line where g.id = j.id and (j.unfinished or j.ended_at > line.at)
       )
       select coalesce(jsonb_agg(id) filter (where not unfinished and ended_at <= line.at), '[]') as ids, count(*) as looked
       from judged, line`,
      [retentionDays, limit],
    ),
  )
}

const asked = `select json_array_elements_text($1::text::json)::bigint`
/** Work of a recall that was admitted since still needs them. */
const idle = (target: string) =>
  `not exists (select from recall_target t where t.target_id = ${target} and t.state = 'running')`
const unitsOf = `recall_target t join work w on w.recall_target_id = t.id and t.target_id in (${asked})`

interface Leaving {
  /** Rows a statement: of batches few, since each takes dozens of pieces out of line with it. */
  readonly atOnce: number
  readonly text: string
}

/** In this order; each until it finds nothing more. */
export const leavings: readonly Leaving[] = [
  {
    atOnce: 100,
    text: `update token_batch b set tokens = null
      where (target_id, seq) in (
          select target_id, seq from token_batch where target_id in (${asked}) and tokens is not null limit $2::text::int)
        and ${idle('b.target_id')}
      returning seq`,
  },
  {
    // what came a moment ago is sealed first
    atOnce: 20,
    text: `delete from token_chunk where id in (
        select id from token_chunk where target_id in (${asked})
          and arrived_at < now() - interval '1 minute' limit $2::text::int)
      returning id`,
  },
  {
    // by which repeats of them would be known
    atOnce: 200,
    text: `delete from token_print p where ctid = any (array(
        select p.ctid from token_print p where p.target_id in (${asked}) and ${idle('p.target_id')} limit $2::text::int))
      returning target_id`,
  },
  {
    // hundreds of replies each
    atOnce: 50,
    text: `update attempt_answered set replies = null
      where id in (
        select a.id from recall_target t join attempt_answered a on a.recall_target_id = t.id
        where t.target_id in (${asked}) and a.replies is not null limit $2::text::int)
      returning id`,
  },
  {
    // what it came to stays: code and status
    atOnce: 1000,
    text: `update work set vendor = vendor || '{"message":null,"requestId":null}'
      where id in (
        select w.id from ${unitsOf}
        where w.vendor ->> 'message' is not null or w.vendor ->> 'requestId' is not null limit $2::text::int)
      returning id`,
  },
  {
    atOnce: 1000,
    text: `delete from vendor_record where (app, handle) in (
        select v.app, v.handle from target g join vendor_record v on v.app = g.app and v.handle = g.handle
        where g.id in (${asked}) limit $2::text::int)
      returning app`,
  },
  {
    // a detail may repeat what a vendor said
    atOnce: 1000,
    text: `update blocked_span set detail = null
      where ctid = any (array(
        select s.ctid from recall_target t join blocked_span s on s.recall_target_id = t.id
        where t.target_id in (${asked}) and s.until is not null and s.detail is not null limit $2::text::int))
      returning recall_target_id`,
  },
  {
    // whoever guesses an alias would find it by this
    atOnce: 1000,
    text: `update recall_target set tokens_digest = null
      where id in (
        select id from recall_target where target_id in (${asked}) and tokens_digest is not null limit $2::text::int)
      returning id`,
  },
]

/**
 * Audiences that name people become what `without` makes of them; null: such a one names none. The digest of a message holds
 * them, too, and leaves with them.
 */
export async function takeOutAudiences(
  sql: Sql,
  ids: readonly number[],
  without: (audience: string) => string | null,
): Promise<void> {
  const found = await sql.query<{ id: number; audience: string }>(
    `select id, audience from target where id in (${asked}) and audience like '{%'`,
    [JSON.stringify(ids)],
  )
  const left = found.flatMap(({ id, audience }) => {
    const rest = without(audience)
    return rest === null ? [] : [{ id, rest }]
  })
  if (left.length === 0) return
  await sql.query(
    `with gone as (
       update target g set audience = l.rest
       from json_to_recordset($1::text::json) as l(id bigint, rest text) where g.id = l.id and ${idle('g.id')}
       returning g.message_id
     )
     update message set digest = '' where id in (select message_id from gone)`,
    [JSON.stringify(left)],
  )
}

/** What somebody has asked vendors since, of pushes of which nothing is kept. In statements that are short each. */
export async function forgetRecords(sql: Sql, retentionDays: number, until: number): Promise<void> {
  for (let gone = recordsAtOnce; gone === recordsAtOnce && Date.now() < until; ) {
    const rows = await sql.query(
      `delete from vendor_record where (app, handle) in (
         select v.app, v.handle from vendor_record v
         where v.as_of <= now() - make_interval(secs => $1::text::float8 * 86400)
           and not exists (
             select from target g where g.app = v.app and g.handle = v.handle and g.kept_since is not null)
         order by v.as_of limit ${recordsAtOnce})
       returning app`,
      [retentionDays],
    )
    gone = rows.length
  }
}

const recordsAtOnce = 1000

/** One statement of one kind. Resolves with true where there may be more. */
export async function takeOut(sql: Sql, { text, atOnce }: Leaving, ids: readonly number[]): Promise<boolean> {
  return (await sql.query(text, [JSON.stringify(ids), atOnce])).length === atOnce
}

/** Nothing of these is left; what comes for them later counts anew. */
export async function markLeft(sql: Sql, ids: readonly number[], retentionDays: number): Promise<void> {
  await sql.query(
    `update target g set kept_since = null
     where id in (${asked}) and kept_since <= now() - make_interval(secs => $2::text::float8 * 86400)
       and ${idle('g.id')}`,
    [JSON.stringify(ids), retentionDays],
  )
}
