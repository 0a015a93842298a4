import type { Sql } from './sql.ts'

/** A leased delivery: what one try needs, beside the subscriber's secret. */
export interface ClaimedDelivery {
  readonly id: string
  readonly fence: number
  readonly subscriber: string
  readonly type: string
  /** Null: it is about the deployment. */
  readonly recallId: string | null
  readonly data: object
  readonly createdAt: Date
  /** This one included. */
  readonly tries: number
}

const due = (delivery: string) => `${delivery}.state = 'pending' and ${delivery}.run_at <= now()
  and (${delivery}.lease_until is null or ${delivery}.lease_until < now())`
const isHeld = (subscriber: string) =>
  `exists (select from subscriber s where s.id = ${subscriber} and s.held_until > now())`

/** Subscribers that something is due for: each is delivered to by itself, so that a dead one keeps no other waiting. */
export async function dueSubscribers(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ subscriber: string }>(
    `select distinct d.subscriber from delivery d where ${due('d')} and not ${isHeld('d.subscriber')}`,
  )
  return rows.map(row => row.subscriber)
}

/** Leases due deliveries of one subscriber, the oldest first, and writes their attempts. */
export async function claimDeliveries(
  sql: Sql,
  subscriber: string,
  limit: number,
  leaseMs: number,
): Promise<ClaimedDelivery[]> {
  return sql.query<ClaimedDelivery>(
    `with due as (
       select d.id from delivery d
       where d.subscriber = $1::text and ${due('d')} and not ${isHeld('$1::text')}
       order by d.run_at, d.created_at, d.id limit $2::text::int for update skip locked
     ), claimed as (
       update delivery d set fence = d.fence + 1, tries = d.tries + 1,
         lease_until = clock_timestamp() + make_interval(secs => $3::text::float8 / 1000)
       from due where d.id = due.id returning d.*
     ), attempts as (
       insert into delivery_attempt (delivery_id, fence) select id, fence from claimed
     )
     select id, fence, subscriber, type, recall_id as "recallId", data, created_at as "createdAt", tries
     from claimed order by created_at, id`,
    [subscriber, limit, leaseMs],
  )
}

/** Milliseconds until something is due for anybody but those; null: nothing is waiting. */
export async function nextDelivery(sql: Sql, except: readonly string[]): Promise<number | null> {
  const rows = await sql.query<{ ms: number | null }>(
    `select extract(epoch from min(greatest(d.run_at, s.held_until)) - clock_timestamp())::float8 * 1000 as ms
     from delivery d join subscriber s on s.id = d.subscriber
     where d.state = 'pending' and d.lease_until is null
       and d.subscriber not in (select json_array_elements_text($1::text::json))`,
    [JSON.stringify(except)],
  )
  return rows[0]?.ms ?? null
}

/** Forgets deliveries after 30 days, a thousand at a time. Resolves with how many. */
export async function reapDeliveries(sql: Sql): Promise<number> {
  const rows = await sql.query<{ id: string }>(
    `with old as (
       delete from delivery where id in (
         select id from delivery where created_at < now() - interval '30 days' order by created_at limit 1000)
       returning id
     ), attempts as (
       delete from delivery_attempt where delivery_id in (select id from old)
     )
     select id from old`,
  )
  return rows.length
}
