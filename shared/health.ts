/** Whether this deployment can do its work now. Nothing here names an address or a secret's content. */
import type { Sql } from './ledger/sql.ts'
import { sinceBeat } from './ledger/pulse.ts'
import { accessSchema } from './secrets/documents.ts'
import { readRequired, type Secrets } from './secrets/secrets.ts'

export interface Check {
  readonly ok: boolean
  /** For people; null where all is well. */
  readonly detail: string | null
}

export interface Health {
  readonly status: 'ready' | 'not-ready'
  readonly checks: {
    readonly ledger: Check
    readonly secrets: Check
    readonly sweep: Check & { readonly secondsSinceLast: number | null }
  }
}

/** Timers that died silently are the worst outage: sweep runs every minute. */
const longestSilenceSeconds = 180
const ledgerTimeoutMs = 2000

export async function readHealth(sql: Sql, secrets: Secrets): Promise<Health> {
  const since = await within(sinceBeat(sql, 'sweep'), ledgerTimeoutMs).catch(() => undefined)
  const ledger =
    since === undefined ? { ok: false, detail: `The ledger does not answer within ${ledgerTimeoutMs} ms.` } : fine
  const access = await readRequired(secrets, 'unpush/access', accessSchema).then(
    () => fine,
    () => ({ ok: false, detail: 'The secret unpush/access cannot be read.' }),
  )
  const alive = since !== undefined && since !== null && since <= longestSilenceSeconds
  const sweep = {
    ...(alive
      ? fine
      : { ok: false, detail: `The timer function sweep has not run in the last ${longestSilenceSeconds} seconds.` }),
    secondsSinceLast: since === undefined || since === null ? null : Math.round(since),
  }
  const ready = ledger.ok && access.ok && sweep.ok
  return { status: ready ? 'ready' : 'not-ready', checks: { ledger, secrets: access, sweep } }
}

const fine: Check = { ok: true, detail: null }

async function within<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('late')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
