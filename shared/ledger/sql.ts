/**
 * The seam between Unpush's SQL and a PostgreSQL engine: two methods, and the same types out of either.
 *
 * Parameters travel as text and are cast in the SQL (`$1::text::jsonb`): the two clients would otherwise each encode
 * JSON, booleans and arrays their own way. Out come numbers (int8 included), `Date`, parsed JSON, and no arrays but JSON's.
 */
import { storable, storableJson } from '../text.ts'
import { LedgerUnreachable } from './unreachable.ts'

export type Parameter = string | number | boolean | null

export interface Sql {
  /** The text of the column `bytes` comes out as a Buffer: what is only passed on need not become a string. */
  query<Row>(text: string, parameters?: readonly Parameter[], bytes?: string): Promise<Row[]>
}

export interface Ledger extends Sql {
  readonly engine: 'pglite' | 'postgres'
  /**
   * Commits when `body` resolves, rolls back when it rejects. What it asks before it was answered takes its turn, in one round
   * trip where there is no pooler between. On PGlite everything else waits meanwhile.
   */
  transaction<Result>(body: (sql: Sql) => Promise<Result>): Promise<Result>
  /**
   * What `body` asks goes over one connection, in the order in which it is asked, each a transaction of its own, and none waits
   * for the answer to another: together they take one round trip. One that fails stops none of those behind it. Behind a pooler,
   * whose transaction mode cannot do this, they take their turns all the same.
   */
  together<Result>(body: (sql: Sql) => Promise<Result>): Promise<Result>
  /** Several statements, no parameters: migrations only. */
  script(text: string): Promise<void>
  close(): Promise<void>
}

/**
 * Parameters as both clients send them. Every text goes through here, so that none of a vendor, a moderation system or a
 * caller can make PostgreSQL refuse the statement that carries it.
 */
export function encode(text: string, parameters: readonly Parameter[]): (string | null)[] {
  return parameters.map((value, index) => {
    if (value === null) return null
    if (typeof value !== 'string') return String(value)
    return value.includes('\\u') && text.includes(`$${index + 1}::text::json`) ? storableJson(value) : storable(value)
  })
}

/** int8 as a number: no count of ours comes near 2^53. */
export const int8 = { oid: 20, parse: Number }

/** An instant as text, to the microsecond that the database keeps and a `Date` does not: what a list goes on from. */
export const toTheMicrosecond = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** True for the violation of a unique index, whichever client raised it. */
export function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '23505'
}

/** True where PostgreSQL ended this transaction so that another one, which it waited for in a circle, could go on. */
export function isDeadlock(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '40P01'
}

const mostTries = 6

/**
 * A transaction that looks and then writes: once more, where another one wrote the same key between the two, or was waited for in a
 * circle. What it did is seen then.
 */
export async function untilSeen<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction()
    } catch (error) {
      if (!(isUniqueViolation(error) || isDeadlock(error)) || tries === mostTries) throw error
    }
  }
}

/**
 * True where the ledger itself is away or too busy, so that the statement may be well all the same: connection loss (08…),
 * no resources (53…), shutdown (57P…), statement and lock timeouts, serialization failures and deadlocks (40…).
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof LedgerUnreachable) return true
  const { code } = (error ?? {}) as { code?: unknown }
  return (
    typeof code === 'string' &&
    /^(08|53|57P|57014|55P03|40|ECONN|ETIMEDOUT|EPIPE|EHOST|ENET|ENOTFOUND|EAI_AGAIN|CONNECTION_|CONNECT_TIMEOUT)/.test(
      code,
    )
  )
}

/** `sql`, of whose statements none leaves before the one asked before it was answered. */
export function inOrder(sql: Sql): Sql {
  let last: Promise<unknown> = Promise.resolve()
  return {
    query: <Row>(text: string, parameters?: readonly Parameter[], bytes?: string) => {
      const mine = last.then(() => sql.query<Row>(text, parameters, bytes))
      last = mine.catch(() => {})
      return mine
    },
  }
}

/** The first row of a statement that always gives one. */
export function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new Error('the ledger gave no row where one was certain')
  return row
}
