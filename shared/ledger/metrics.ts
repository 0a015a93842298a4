/** Figures of every five minutes, counted by `sweep` from the ledger, so that a reader looks at a few hundred rows. */
import type { Grant } from '../access/access.ts'
import { grantText } from '../access/grant.ts'
import { only, type Sql } from './sql.ts'

export const stepSeconds = 300

/** One five minutes of one app; of verdicts, of the apps that they had recalls of. A part that is absent was nothing. */
export interface MetricRow {
  /** When the five minutes began: RFC 3339, UTC. */
  readonly at: string
  readonly apps: readonly string[]
  readonly value: {
    /** Seconds: the greatest age that the oldest recall on its way was seen with. */
    readonly oldest?: number
    /** Of recalls that settled meanwhile. */
    readonly ended?: {
      readonly recalls: number
      /** Devices whose outcome stays unknown. */
      readonly unknown: number
      /** Requests that reached nobody. */
      readonly dead: number
      /** Milliseconds from the admission to the vendor's last answer. */
      readonly p50: number | null
      readonly p99: number | null
      /** Those milliseconds, ascending: all of them, or `leadsAtMost` that stand for them. */
      readonly leads: readonly number[]
    }
    /** Answers of vendors, by `<vendor> <outcome>`. */
    readonly calls?: { readonly [vendorAndOutcome: string]: number }
    /** Verdicts that came meanwhile, by `<source> <state>`, as they stand now. */
    readonly verdicts?: { readonly [sourceAndState: string]: number }
  }
}

const leadsAtMost = 200
const keptHours = 24
/** What is committed late belongs to the five minutes before. */
const lateSteps = 1

/** Counts what has happened since the last run, a day at most. Resolves with how many rows it wrote. */
export async function writeMetrics(sql: Sql): Promise<number> {
  return only(
    await sql.query<{ rows: number }>(
      'select write_metrics($1::text::int, $2::text::int, $3::text::int, $4::text::int) as rows',
      [stepSeconds, keptHours, lateSteps, leadsAtMost],
    ),
  ).rows
}

/** The last day, oldest first. `grant`: whose apps; what is of no app only for who reaches all. */
export async function readMetrics(sql: Sql, grant: Grant): Promise<MetricRow[]> {
  return sql.query(
    `select instant(at) as at, to_jsonb(apps) as apps, value from metric
     where at > now() - make_interval(hours => $1::text::int) and within_grant(apps, read_grant($2::text::json))
     order by at, apps`,
    [keptHours, grantText(grant)],
  )
}
