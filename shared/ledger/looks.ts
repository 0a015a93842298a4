/** What `/readyz` looks at in the ledger: scalars, all of them read in one statement. To add one, add a line to `looks`. */
import { longestUnsealedSeconds } from './audit.ts'

export interface Check {
  readonly ok: boolean
  /** For people; null where all is well. Beside `ok: true` it is a warning. */
  readonly detail: string | null
}

export interface LedgerLook<C extends Check = Check> {
  /** Of the check in the answer. */
  readonly name: string
  /** A select of one value, cheap however large the ledger is. The database user of dashboard must be allowed to run it. */
  readonly sql: string
  readonly judge: (value: unknown) => C
}

/** Timers that died silently are the worst outage: sweep runs every minute. */
const longestSilenceSeconds = 180

export const sweepLook: LedgerLook<Check & { readonly secondsSinceLast: number | null }> = {
  name: 'sweep',
  sql: `select extract(epoch from clock_timestamp() - at)::float8 from pulse where name = 'sweep'`,
  judge: value => {
    const since = typeof value === 'number' ? value : null
    const ok = since !== null && since <= longestSilenceSeconds
    return {
      ok,
      detail: ok ? null : `The timer function sweep has not run in the last ${longestSilenceSeconds} seconds.`,
      secondsSinceLast: since === null ? null : Math.max(0, Math.round(since)),
    }
  },
}

const keysLook: LedgerLook = {
  name: 'keys',
  sql: `select string_agg(subject, ', ' order by subject)
        from (select subject from notice where code = 'weak-key' and seen_at > now() - interval '7 days' limit 20) n`,
  judge: value => ({
    ok: true,
    detail:
      typeof value === 'string'
        ? `In use within a week, and not of the form unpush_ and 43 characters: ${value}. Make new ones.`
        : null,
  }),
}

const auditLook: LedgerLook = {
  name: 'audit',
  sql: 'audit_lag()',
  judge: value => {
    const seconds = typeof value === 'number' ? value : 0
    return {
      ok: seconds <= longestUnsealedSeconds,
      detail:
        seconds <= longestUnsealedSeconds
          ? null
          : `Entries of the audit trail have waited for ${Math.floor(seconds / 60)} minutes to be sealed.`,
    }
  },
}

export const looks: readonly LedgerLook[] = [sweepLook, keysLook, auditLook]
