/** Logins at vendors as instances share them: one of them logs in, the others take what it got. */
import type { Sql } from './sql.ts'

export interface KeptLogin {
  /** Sealed by whoever logged in. Null: there was no login yet, or the last one failed. */
  readonly sealed: string | null
  /** Rises with each login. */
  readonly version: number
  /** For so long it is fresh, in milliseconds; 0 or less: no more. */
  readonly freshMs: number
  /** The caller is to log in: nobody else does. */
  readonly claimed: boolean
  /** Until the vendor may be asked again, in milliseconds. */
  readonly waitMs: number
}

export interface LookForLogin {
  readonly leastIntervalMs: number
  /** How long whoever claims it has for it. */
  readonly leaseMs: number
  /** The vendor refused what that version brought; 0: it refused none. */
  readonly refusedVersion: number
}

/**
 * One look. A login is claimed where there is none, it is old or was refused, nobody is at it, and the last one is
 * `leastIntervalMs` ago. Nothing is locked afterwards: the claim is a lease.
 */
export async function lookForLogin(sql: Sql, id: string, look: LookForLogin): Promise<KeptLogin> {
  const [found] = await sql.query<KeptLogin>(
    `with claim as (
       insert into login as l (id, leased_until) values ($1::text, clock_timestamp() + $3::text::float8 * interval '1 ms')
       on conflict (id) do update set leased_until = excluded.leased_until
         where (l.leased_until is null or l.leased_until <= clock_timestamp())
           and (l.done_at is null or l.done_at <= clock_timestamp() - $2::text::float8 * interval '1 ms')
           and (l.sealed is null or l.fresh_until <= clock_timestamp() or l.version <= $4::text::int)
       returning true as claimed
     )
     select l.sealed, coalesce(l.version, 0) as version, exists (select from claim) as claimed,
       coalesce(extract(epoch from l.fresh_until - clock_timestamp()), 0)::float8 * 1000 as "freshMs",
       greatest(0, coalesce(extract(epoch from l.done_at - clock_timestamp()) * 1000 + $2::text::float8, 0))::float8 as "waitMs"
     from (select) one left join login l on l.id = $1::text`,
    [id, look.leastIntervalMs, look.leaseMs, look.refusedVersion],
  )
  return found ?? { sealed: null, version: 0, freshMs: 0, claimed: false, waitMs: 0 }
}

/** Resolves with its version. */
export async function keepLogin(sql: Sql, id: string, sealed: string, freshMs: number): Promise<number> {
  const [kept] = await sql.query<{ version: number }>(
    `update login set sealed = $2::text, version = version + 1, done_at = clock_timestamp(), leased_until = null,
       fresh_until = clock_timestamp() + $3::text::float8 * interval '1 ms'
     where id = $1::text returning version`,
    [id, sealed, freshMs],
  )
  return kept?.version ?? 0
}

/** The vendor gave none: the next try is `leastIntervalMs` away, and what there was stays. */
export async function failLogin(sql: Sql, id: string): Promise<void> {
  await sql.query('update login set done_at = clock_timestamp(), leased_until = null where id = $1::text', [id])
}

/** Of credentials that are used no more. */
export async function forgetLogins(sql: Sql): Promise<void> {
  await sql.query(
    "delete from login where coalesce(fresh_until, leased_until, done_at) < now() - interval '7 days'",
    [],
  )
}
