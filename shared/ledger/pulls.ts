/** Jobs of moderation systems that are to be asked about: from a callback's mention to their own API's answer. */
import type { Ledger, Sql } from './sql.ts'

export interface WantedJob {
  readonly job: string
  /** As messages would carry it, if the callback tells the truth; null: it names none. */
  readonly content: string | null
}

export interface ClaimedPull {
  readonly job: string
  readonly fence: number
  /** This one included. */
  readonly tries: number
  /** Seconds since it was first wanted. */
  readonly age: number
}

/** What callbacks that nobody signs may leave behind, for each endpoint: of what no message carries, and of the rest. */
export const mostUnhinted = 5000
export const mostHinted = 20_000
/** The least time between two questions about one job. */
const restSeconds = 30

/**
 * Notes a job that a callback named. One that was asked about before is asked again, after a rest.
 *
 * first: it is to be asked about and no other of its rank is waiting, so that a run that is called now finds all that come
 * after it, too · noted · full: there is no room, and the sender has to send it again. What a message carries has room of its own; where
 * there is little it takes the place of the oldest that none does.
 */
export async function wantPull(
  sql: Sql,
  endpoint: string,
  { job, content }: WantedJob,
  prefix: string,
): Promise<'first' | 'noted' | 'full'> {
  const rows = await sql.query<{ first: boolean | null; noted: boolean }>(
    `with named as (
       select exists (select from message m where m.contents @> array[$4::text || $2::text]) as known,
         exists (select from message m where m.contents @> array[$3::text]) as carried
     ), held as (
       select count(*) filter (where not hinted) as unhinted, count(*) filter (where hinted) as hinted,
         count(*) filter (where job = $2::text) > 0 as noted
       from pull where endpoint = $1::text and state = 'open'
     ), room as (
       select n.known, n.known or n.carried as hinted, h.noted, h.unhinted + h.hinted >= ${mostUnhinted} as tight,
         n.known or case when n.carried then h.hinted < ${mostHinted} else h.unhinted + h.hinted < ${mostUnhinted} end as fits
       from named n, held h
     ), pushed_out as (
       delete from pull using room where tight and room.hinted and fits and not noted and (endpoint, job) in (
         select endpoint, job from pull where endpoint = $1::text and state = 'open' and not hinted and lease_until is null
         order by wanted_at limit 1)
     ), wanted as (
       insert into pull as p (endpoint, job, known, content, hinted)
       select $1::text, $2::text, known, $3::text, hinted from room where fits or noted
       on conflict (endpoint, job) do update set state = 'open', known = p.known or excluded.known,
         hinted = p.hinted or excluded.hinted, content = case when p.hinted then p.content else excluded.content end,
         tries = case when p.state = 'open' then p.tries else 0 end,
         wanted_at = case when p.state = 'open' then p.wanted_at else now() end,
         run_at = case when p.state = 'open' then p.run_at
           else greatest(now(), p.asked_at + interval '${restSeconds} seconds') end,
         problem = null
       where p.state <> 'open' or (excluded.hinted and not p.hinted)
       returning not exists (
         select from pull o where o.endpoint = $1::text and o.job <> $2::text and o.state = 'open'
           and o.run_at <= now() and (o.hinted or not p.hinted)) as first
     )
     select (select first from wanted) as first, fits or noted as noted from room`,
    [endpoint, job, content, prefix],
  )
  const [row] = rows
  return row?.noted !== true ? 'full' : row.first === true ? 'first' : 'noted'
}

/** Messages that came after the callbacks that speak of them: from now on those are asked about before the others. */
export async function hintPulls(sql: Sql): Promise<void> {
  await sql.query(
    `update pull p set hinted = true
     from message m cross join lateral unnest(m.contents) c
     where m.created_at > now() - interval '10 minutes' and p.state = 'open' and not p.hinted and p.content = c`,
  )
}

/**
 * Notes jobs that messages of the last two hours carry as a content (after `prefix`) and that nothing was heard of for three
 * minutes. `pattern`: what a job of this source looks like. Resolves with how many.
 */
export async function wantSilent(sql: Sql, endpoint: string, prefix: string, pattern: string): Promise<number> {
  const rows = await sql.query(
    `insert into pull (endpoint, job, known, hinted)
     select distinct $1::text, substr(c, length($2::text) + 1), true, true
     from message m, unnest(m.contents) c
     where m.created_at between now() - interval '2 hours' and now() - interval '3 minutes'
       and starts_with(c, $2::text) and substr(c, length($2::text) + 1) ~ $3::text
       and not exists (select from pull p where p.endpoint = $1::text and p.job = substr(c, length($2::text) + 1))
       and not exists (select from verdict v where v.content = c and v.endpoint = $1::text and v.severity is not null)
     limit 1000
     on conflict do nothing
     returning job`,
    [endpoint, prefix, pattern],
  )
  return rows.length
}

export async function dueEndpoints(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ endpoint: string }>(
    `select distinct endpoint from pull
     where state = 'open' and run_at <= now() and (lease_until is null or lease_until < now())`,
  )
  return rows.map(row => row.endpoint)
}

export interface PerMinute {
  /** Of jobs whose content some message carries. */
  readonly hinted: number
  /** Of the others. */
  readonly unhinted: number
}

/**
 * Leases due jobs of an endpoint: those that messages carry first and all of them, then those whose content some message
 * carries, then the rest, at most so many of each a minute, whoever asks.
 *
 * What is made up must not keep the genuine one waiting, and nothing tells them apart. Therefore every content gets its
 * turn, and of one content the newest and the oldest come before those in between. Who of one turn is first is left to
 * chance: where permits come one by one, the oldest of each content would have all of them.
 */
export async function claimPulls(
  ledger: Ledger,
  endpoint: string,
  limit: number,
  perMinute: PerMinute,
  leaseMs: number,
): Promise<ClaimedPull[]> {
  return ledger.transaction(async sql => {
    // the cap counts what others have claimed, so that nobody claims meanwhile
    await sql.query('select pg_advisory_xact_lock(hashtextextended($1::text, 8))', [endpoint])
    return sql.query<ClaimedPull>(
      `with due as (
         select job, known, hinted, wanted_at, case when hinted then content end as content from pull
         where endpoint = $1::text and state = 'open' and run_at <= now() and (lease_until is null or lease_until < now())
       ), turns as (
         select *, least(row_number() over (partition by known, hinted, content order by wanted_at, job),
           row_number() over (partition by known, hinted, content order by wanted_at desc, job desc)) as turn from due
       ), places as (
         select *, row_number() over (partition by known, hinted order by turn, random()) as place from turns
       ), asked as (
         select count(*) filter (where hinted) as hinted, count(*) filter (where not hinted) as unhinted from pull
         where endpoint = $1::text and not known and asked_at > now() - interval '1 minute'
       ), taken as (
         select job from places, asked
         where known or place <= case when places.hinted then $3::text::int - asked.hinted else $4::text::int - asked.unhinted end
         order by known desc, places.hinted desc, place limit $2::text::int
       )
       update pull p set fence = p.fence + 1, tries = p.tries + 1, asked_at = now(),
         lease_until = now() + make_interval(secs => $5::text::float8 / 1000)
       from taken t where p.endpoint = $1::text and p.job = t.job
       returning p.job, p.fence, p.tries, extract(epoch from now() - p.wanted_at)::float8 as age`,
      [endpoint, limit, perMinute.hinted, perMinute.unhinted, leaseMs],
    )
  })
}

/** `delayMs`: until it is asked again; null: it is not. Without effect where the lease was lost. */
export async function settlePull(
  sql: Sql,
  endpoint: string,
  { job, fence }: Pick<ClaimedPull, 'job' | 'fence'>,
  state: 'open' | 'done' | 'gone',
  delayMs: number,
  problem: string | null,
): Promise<void> {
  await sql.query(
    `update pull set state = $4::text, problem = $6::text, lease_until = null,
       run_at = now() + make_interval(secs => greatest(${restSeconds}, $5::text::float8 / 1000))
     where endpoint = $1::text and job = $2::text and fence = $3::text::int`,
    [endpoint, job, fence, state, delayMs, problem],
  )
}

/** Forgets jobs that were wanted a month ago, a thousand at a time. */
export async function reapPulls(sql: Sql): Promise<void> {
  await sql.query(
    `delete from pull where (endpoint, job) in (
       select endpoint, job from pull where wanted_at < now() - interval '30 days' order by wanted_at limit 1000)`,
  )
}
