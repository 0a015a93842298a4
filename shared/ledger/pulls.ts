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

/** What an unsigned callback may leave behind, for each endpoint. */
const mostOpen = 5000
/** The least time between two questions about one job. */
const restSeconds = 30

/**
 * Notes a job that a callback named. One that was asked about before is asked again, after a rest. Resolves with true where
 * it is to be asked about and no other is waiting: a run that is called now finds all that come after it, too.
 */
export async function wantPull(sql: Sql, endpoint: string, { job, content }: WantedJob): Promise<boolean> {
  const rows = await sql.query<{ first: boolean }>(
    `insert into pull as p (endpoint, job, hinted)
     select $1::text, $2::text, exists (select from message m where m.contents @> array[$3::text])
     where (select count(*) from pull o where o.endpoint = $1::text and o.state = 'open') < ${mostOpen}
     on conflict (endpoint, job) do update set state = 'open', tries = 0, wanted_at = now(), problem = null,
       run_at = greatest(now(), p.asked_at + interval '${restSeconds} seconds'), hinted = p.hinted or excluded.hinted
     where p.state <> 'open'
     returning not exists (
       select from pull o where o.endpoint = $1::text and o.job <> $2::text and o.state = 'open' and o.run_at <= now()) as first`,
    [endpoint, job, content],
  )
  return rows[0]?.first ?? false
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

/** Leases due jobs of an endpoint: those that only a callback named at most `perMinute`, whoever asks. */
export async function claimPulls(
  ledger: Ledger,
  endpoint: string,
  limit: number,
  perMinute: number,
  leaseMs: number,
): Promise<ClaimedPull[]> {
  return ledger.transaction(async sql => {
    // the cap counts what others have claimed, so that nobody claims meanwhile
    await sql.query('select pg_advisory_xact_lock(hashtextextended($1::text, 8))', [endpoint])
    return sql.query<ClaimedPull>(
      `with due as (
         select job, known, row_number() over (partition by known order by hinted desc, run_at, job) as place from pull
         where endpoint = $1::text and state = 'open' and run_at <= now() and (lease_until is null or lease_until < now())
       ), taken as (
         select job from due
         where known or place <= $3::text::int - (
           select count(*) from pull where endpoint = $1::text and not known and asked_at > now() - interval '1 minute')
         order by known desc, place limit $2::text::int
       )
       update pull p set fence = p.fence + 1, tries = p.tries + 1, asked_at = now(),
         lease_until = now() + make_interval(secs => $4::text::float8 / 1000)
       from taken t where p.endpoint = $1::text and p.job = t.job
       returning p.job, p.fence, p.tries, extract(epoch from now() - p.wanted_at)::float8 as age`,
      [endpoint, limit, perMinute, leaseMs],
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
