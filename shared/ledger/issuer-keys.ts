/** The public keys of the issuer of access tokens, as instances share them: one that starts need not ask the issuer. */
import type { Sql } from './sql.ts'

export interface KeptKeys {
  /** The key set as JSON (RFC 7517 §5). Null: none was fetched. */
  readonly keys: string | null
  /** So long ago, by the clock of the ledger. */
  readonly ageMs: number | null
  /** The caller is to fetch them: nobody else has begun to within `sinceMs`. */
  readonly claimed: boolean
}

/**
 * One look. A fetch is claimed where the last one was begun `sinceMs` ago or earlier and the keys are older than `oldMs`. `source`
 * names the issuer and where its keys are.
 */
export async function lookForIssuerKeys(
  sql: Sql,
  source: string,
  { sinceMs, oldMs }: { readonly sinceMs: number; readonly oldMs: number },
): Promise<KeptKeys> {
  const [found] = await sql.query<KeptKeys>(
    `with claim as (
       insert into issuer_keys as k (source, tried_at) values ($1::text, clock_timestamp())
       on conflict (source) do update set tried_at = clock_timestamp()
         where k.tried_at <= clock_timestamp() - $2::text::float8 * interval '1 ms'
           and (k.fetched_at is null or k.fetched_at <= clock_timestamp() - $3::text::float8 * interval '1 ms')
       returning true as claimed
     )
     select k.keys::text as keys, extract(epoch from clock_timestamp() - k.fetched_at)::float8 * 1000 as "ageMs",
       exists (select from claim) as claimed
     from (select) one left join issuer_keys k on k.source = $1::text`,
    [source, sinceMs, oldMs],
  )
  return found ?? { keys: null, ageMs: null, claimed: true }
}

export async function keepIssuerKeys(sql: Sql, source: string, keys: string): Promise<void> {
  await sql.query(
    `insert into issuer_keys (source, keys, fetched_at, tried_at)
     values ($1::text, $2::text::json, clock_timestamp(), clock_timestamp())
     on conflict (source) do update set keys = excluded.keys, fetched_at = excluded.fetched_at, tried_at = excluded.tried_at`,
    [source, keys],
  )
}
