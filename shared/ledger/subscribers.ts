import type { Grant } from '../access/access.ts'
import { grantText } from '../access/grant.ts'
import type { Sql } from './sql.ts'

/** A subscriber as the ledger needs it. */
export interface KnownSubscriber {
  readonly id: string
  readonly events: readonly string[]
  readonly apps: Grant
  /** Of the whole document: where it changes, a disabled subscriber is tried again. */
  readonly digest: string
}

/** Instances keep secrets for up to five minutes: for longer than that, what one of them sees may be what was. */
const settled = (at: string) => `${at} < now() - interval '10 minutes'`

/**
 * Makes the ledger's subscribers those given. One that nobody has seen for a while is forgotten, with what was still to be
 * sent to it; `unreadable` ones stay as they were. Resolves with the number that are new or changed.
 */
export async function mirrorSubscribers(
  sql: Sql,
  subscribers: readonly KnownSubscriber[],
  unreadable: readonly string[],
): Promise<number> {
  await sql.query(
    `update subscriber set seen_at = now()
     where id in (select json_array_elements_text($1::text::json)) and seen_at < now() - interval '50 seconds'`,
    [JSON.stringify([...subscribers.map(({ id }) => id), ...unreadable])],
  )
  const rows = await sql.query<{ id: string }>(
    `with gone as (
       delete from subscriber where ${settled('seen_at')}
     )
     insert into subscriber as s (id, events, apps, digest)
     select id, array(select json_array_elements_text(events)), read_grant(apps), digest
     from json_to_recordset($1::text::json) as i(id text, events json, apps json, digest text) order by id
     on conflict (id) do update set events = excluded.events, apps = excluded.apps, digest = excluded.digest, previous_digest = s.digest,
       changed_at = now(), disabled_at = null, disabled_by = null, held_until = '-infinity'
     where s.digest <> excluded.digest
       and (s.previous_digest is distinct from excluded.digest or ${settled('s.changed_at')})
     returning s.id`,
    [JSON.stringify(subscribers.map(({ apps, ...rest }) => ({ ...rest, apps: apps ?? '*' })))],
  )
  return rows.length
}

/**
 * Makes due what was held back for subscribers that are not disabled now (one was changed, or enabled while it was
 * written), and ends what is for none that there is.
 */
export async function releaseDeliveries(sql: Sql): Promise<void> {
  await sql.query(
    `update delivery set state = 'pending', run_at = clock_timestamp(), tries = 0
     where state = 'held' and subscriber in (select id from subscriber where disabled_at is null)`,
  )
  await sql.query(
    `update delivery set state = 'failed', settled_at = clock_timestamp()
     where state in ('pending', 'held') and subscriber not in (select id from subscriber)`,
  )
}

export interface SubscriberState {
  readonly id: string
  readonly events: readonly string[]
  readonly apps: Grant
  /** All times RFC 3339, UTC. Null: it is not disabled. */
  readonly disabledAt: string | null
  /** Null: nothing keeps deliveries from being sent now. */
  readonly heldUntil: string | null
  /** How many deliveries are due or will be, and how many are kept until it is enabled. */
  readonly pending: number
  readonly held: number
}

/** By id; those all of whose apps lie within the grant. */
export async function readSubscribers(sql: Sql, grant: Grant): Promise<SubscriberState[]> {
  return sql.query(
    `select s.id, to_jsonb(s.events) as events, to_jsonb(s.apps) as apps, instant(s.disabled_at) as "disabledAt",
       case when s.held_until > now() then instant(s.held_until) end as "heldUntil",
       (select count(*) from delivery d where d.subscriber = s.id and d.state = 'pending') as pending,
       (select count(*) from delivery d where d.subscriber = s.id and d.state = 'held') as held
     from subscriber s where within_grant(coalesce(s.apps, '{}'), read_grant($1::text::json)) order by s.id`,
    [grantText(grant)],
  )
}
