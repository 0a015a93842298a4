/** Two statements at the same moment, on PostgreSQL: one that has changed what the other wants, and is not committed yet. */
import type { Ledger, Sql } from '../../shared/ledger/sql.ts'

/**
 * `second` begins while what `first` did is not committed. Where it waits for that, the commit comes then; where it does not, the
 * commit comes after it has ended.
 */
export async function atOnce<Result>(
  ledger: Ledger,
  first: (open: Ledger) => Promise<unknown>,
  second: () => Promise<Result>,
): Promise<Result> {
  let later: Promise<Result> | null = null
  await ledger.transaction(async sql => {
    await first(within(ledger, sql))
    later = second()
    await untilWaits(ledger, later)
  })
  if (later === null) throw new Error('it has begun')
  return later
}

/** A ledger whose transactions are all part of one that is open. */
export function within(ledger: Ledger, sql: Sql): Ledger {
  return {
    ...ledger,
    query: (...asked) => sql.query(...asked),
    transaction: body => body(sql),
    together: body => body(sql),
  }
}

/** Resolves when a statement waits for what another has changed, or when there is nothing to wait for any more. */
export async function untilWaits(ledger: Ledger, statement: Promise<unknown>): Promise<void> {
  const seen = { ended: false }
  const end = () => (seen.ended = true)
  statement.then(end, end)
  while (!seen.ended) {
    const [row] = await ledger.query<{ waits: boolean }>(
      "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waits",
    )
    if (row?.waits === true) return
  }
}
