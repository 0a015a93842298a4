import type { ClaimedDelivery } from './claim-deliveries.ts'
import type { Sql } from './sql.ts'

/** What a try came to. */
export interface DeliverySettlement {
  /** later: it is tried again after `delayMs`, or held where its subscriber is disabled meanwhile. */
  readonly kind: 'delivered' | 'later' | 'failed'
  readonly delayMs: number
  /** HTTP status; null: none came. */
  readonly status: number | null
  /** A sentence for people; null where there is nothing to add to the status. */
  readonly detail: string | null
  /** Nothing else goes to the subscriber for so long. */
  readonly holdMs: number
  /** Why nothing is sent to the subscriber any more; null: it goes on. */
  readonly disabledBy: string | null
}

// Each part that touches the subscriber's other deliveries reads from the one that holds its row, so that two of one
// subscriber cannot wait for each other.
const settle = `
with noted as (
  update delivery_attempt set finished_at = clock_timestamp(), status = $4::text::int, detail = $5::text
  where delivery_id = $1::text and fence = $2::text::int
), settled as (
  update delivery d set lease_until = null,
    state = case $3::text when 'delivered' then 'delivered' when 'failed' then 'failed' else case
      when exists (select from subscriber s where s.id = d.subscriber and s.disabled_at is not null) then 'held'
      else 'pending' end end,
    run_at = case $3::text when 'later' then clock_timestamp() + make_interval(secs => $6::text::float8 / 1000)
      else d.run_at end,
    settled_at = case when $3::text <> 'later' then clock_timestamp() end
  where d.id = $1::text and d.fence = $2::text::int and d.state = 'pending'
  returning d.subscriber
), receiver as (
  update subscriber s set
    disabled_at = case when $3::text = 'delivered' then null when $8::text is null then s.disabled_at
      else coalesce(s.disabled_at, clock_timestamp()) end,
    disabled_by = case when $3::text = 'delivered' then null else coalesce($8::text, s.disabled_by) end,
    held_until = greatest(s.held_until, clock_timestamp() + make_interval(secs => $7::text::float8 / 1000))
  from settled p
  where s.id = p.subscriber and ($8::text is not null or $7::text::float8 > 0
    or ($3::text = 'delivered' and s.disabled_at is not null))
  returning s.id, s.disabled_at
), others as (
  update delivery d set state = case when r.disabled_at is null then 'pending' else 'held' end,
    run_at = case when r.disabled_at is null then clock_timestamp() else d.run_at end,
    tries = case when r.disabled_at is null then 0 else d.tries end
  from receiver r
  where d.subscriber = r.id and d.id <> $1::text
    and ((r.disabled_at is null and d.state = 'held')
      or (r.disabled_at is not null and d.state = 'pending' and (d.lease_until is null or d.lease_until < now())))
)
select subscriber from settled`

/**
 * Records a try. False where the lease was lost: then only its attempt keeps what came of it. A subscriber that takes a
 * delivery is enabled again, and gets what was held for it.
 */
export async function settleDelivery(
  sql: Sql,
  delivery: ClaimedDelivery,
  settlement: DeliverySettlement,
): Promise<boolean> {
  const { kind, status, detail, delayMs, holdMs, disabledBy } = settlement
  const rows = await sql.query(settle, [delivery.id, delivery.fence, kind, status, detail, delayMs, holdMs, disabledBy])
  return rows.length > 0
}
