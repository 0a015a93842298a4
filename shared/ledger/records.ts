import type { Fare, VendorRecord } from '../providers/provider.ts'
import { fareRow } from './begin-attempts.ts'
import type { Sql } from './sql.ts'

export interface DatedRecord {
  readonly record: VendorRecord
  readonly asOf: Date
}

/** A push that somebody wants to see the vendor's record of, and the budget that asking for it draws on. */
export interface ReadingPlace {
  readonly app: string
  readonly handle: string
  readonly budget: string
  readonly lane: string
}

/**
 * ask: the vendor is to be asked, and nobody else does until `endReading` · fresh: the record is young enough · asked: somebody
 * asks the vendor at this moment · used_up: people have nothing left of the budget.
 */
export type Reading = { readonly known: DatedRecord | null } & (
  | { readonly kind: 'ask' | 'fresh' | 'asked' }
  | { readonly kind: 'used_up'; readonly waitMs: number }
)

/** `fare` null: the vendor sets no budget. Other instances wait for at most `leaseMs` for the answer. */
export async function beginReading(
  sql: Sql,
  { app, handle, budget, lane }: ReadingPlace,
  fare: Fare | null,
  freshMs: number,
  leaseMs: number,
): Promise<Reading> {
  const rows = await sql.query<{
    record: VendorRecord | null
    asOf: Date | null
    ask: boolean
    asked: boolean
    waitMs: number
  }>(
    `select record, as_of as "asOf", ask, asked, wait_ms as "waitMs"
     from begin_reading($1::text, $2::text, $3::text, $4::text, $5::text::json, $6::text::float8, $7::text::float8)`,
    [app, handle, budget, lane, fare === null ? null : JSON.stringify(fareRow(fare)), freshMs, leaseMs],
  )
  const [row] = rows
  if (row === undefined) throw new Error('begin_reading returned nothing')
  const { record, asOf, ask, asked, waitMs } = row
  const known = record === null || asOf === null ? null : { record, asOf }
  if (ask) return { kind: 'ask', known }
  if (waitMs > 0) return { kind: 'used_up', known, waitMs }
  return { kind: asked ? 'asked' : 'fresh', known }
}

/**
 * The vendor was asked: its record is kept, and callers that wait for it go on. Null: it told none. `holdMs`: how long it wants
 * nobody to ask again. Resolves with the newest record there is.
 */
export async function endReading(
  sql: Sql,
  { app, handle, budget, lane }: ReadingPlace,
  record: VendorRecord | null,
  holdMs: number | null,
): Promise<DatedRecord | null> {
  const rows = await sql.query<DatedRecord>(
    `with kept as (
       insert into vendor_record (app, handle, record)
       select $1::text, $2::text, $3::text::jsonb where $3::text is not null
       on conflict (app, handle) do update set record = excluded.record, as_of = clock_timestamp()
       returning record, as_of
     ), told as (
       update bucket set asking = asking - ($1::text || ' ' || $2::text),
         held_until = greatest(held_until, clock_timestamp() + make_interval(secs => $6::text::float8 / 1000))
       where budget = $4::text and lane = $5::text
     )
     select record, as_of as "asOf" from kept
     union all
     select record, as_of from vendor_record
     where app = $1::text and handle = $2::text and not exists (select from kept)`,
    [app, handle, record === null ? null : JSON.stringify(record), budget, lane, holdMs],
  )
  return rows[0] ?? null
}
