/** How many devices pushes went to, as their vendors say. */
import type { Fare, Figures } from '../providers/provider.ts'
import { fareRow } from './begin-attempts.ts'
import { only, type Sql } from './sql.ts'

/** As kept; `asOf`: RFC 3339, UTC. */
export interface DatedFigures {
  readonly figures: Figures
  readonly asOf: string
}

/** Of a row `v` of vendor_record; null: the vendor has not told. */
export const figuresOf = (v: string) =>
  `case when ${v}.figures is not null then jsonb_build_object('figures', ${v}.figures, 'asOf', instant(${v}.figures_as_of)) end`

/**
 * The push of the app whose figures are wanted most, paid for out of what its vendor's budget has for that: the newest that is
 * due. Null: none is, or the budget has nothing left. It is due again in an hour, whatever comes of it.
 */
export async function beginFigures(
  sql: Sql,
  app: string,
  after: readonly string[],
  budget: string,
  fare: Fare | null,
): Promise<string | null> {
  const { handle } = only(
    await sql.query<{ handle: string | null }>(
      'select begin_figures($1::text, $2::text::json, $3::text, $4::text, $5::text::json) as handle',
      [
        app,
        JSON.stringify(after),
        budget,
        fare?.lane.name ?? 'figures',
        fare === null ? null : JSON.stringify(fareRow(fare)),
      ],
    ),
  )
  return handle
}

/** Read twice: once it is out, and when most of it has arrived. */
export async function keepFigures(sql: Sql, app: string, handle: string, figures: Figures): Promise<void> {
  await sql.query(
    `update vendor_record set figures = $3::text::jsonb, figures_as_of = clock_timestamp(),
       figures_due = case when figures is null then clock_timestamp() + interval '6 hours' end
     where app = $1::text and handle = $2::text`,
    [app, handle, JSON.stringify(figures)],
  )
}

/** The vendor wants nobody to ask for so long. */
export async function holdBudget(sql: Sql, budget: string, lane: string, holdMs: number): Promise<void> {
  await sql.query(
    `update bucket set held_until = greatest(held_until, clock_timestamp() + make_interval(secs => $3::text::float8 / 1000))
     where budget = $1::text and lane = $2::text`,
    [budget, lane, holdMs],
  )
}
