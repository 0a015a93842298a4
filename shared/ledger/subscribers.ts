import type { Sql } from './sql.ts'

/** A subscriber as the ledger needs it. */
export interface KnownSubscriber {
  readonly id: string
  readonly events: readonly string[]
  /** Of the whole document: where it changes, a disabled subscriber is tried again. */
  readonly digest: string
}

/**
 * Makes the ledger's subscribers those given. Others are forgotten with what was still to be sent to them, save
 * `unreadable` ones, which stay as they were. Resolves with the number that are new or changed.
 */
export async function mirrorSubscribers(
  sql: Sql,
  subscribers: readonly KnownSubscriber[],
  unreadable: readonly string[],
): Promise<number> {
  const rows = await sql.query<{ id: string }>(
    `with input as materialized (
       select * from json_to_recordset($1::text::json) as i(id text, events json, digest text)
     ), gone as (
       delete from subscriber where id not in (select id from input)
         and id not in (select json_array_elements_text($2::text::json))
       returning id
     ), dropped as (
       update delivery set state = 'failed', settled_at = clock_timestamp()
       where state in ('pending', 'held') and subscriber in (select id from gone)
     )
     insert into subscriber as s (id, events, digest)
     select id, array(select json_array_elements_text(events)), digest from input order by id
     on conflict (id) do update set events = excluded.events, digest = excluded.digest, disabled_at = null,
       disabled_by = null, held_until = '-infinity'
     where s.digest <> excluded.digest
     returning s.id`,
    [JSON.stringify(subscribers), JSON.stringify(unreadable)],
  )
  return rows.length
}

/**
 * Makes due what was held back for subscribers that are not disabled now: one was changed, or enabled while it was written.
 */
export async function releaseDeliveries(sql: Sql): Promise<void> {
  await sql.query(
    `update delivery set state = 'pending', run_at = clock_timestamp(), tries = 0
     where state = 'held' and subscriber in (select id from subscriber where disabled_at is null)`,
  )
}
