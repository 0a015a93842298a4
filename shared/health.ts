/** Whether this deployment can do its work now. Nothing here names an address or a secret's content. */
import type { Log } from './log.ts'
import { sinceBeat } from './ledger/pulse.ts'
import type { Sql } from './ledger/sql.ts'
import { accessSchema } from './secrets/documents.ts'
import { readRequired, SecretError, type Secrets } from './secrets/secrets.ts'

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

/** What is looked at. */
export interface Vitals {
  readonly ledger: Sql
  readonly secrets: Secrets
}

/** Timers that died silently are the worst outage: sweep runs every minute. */
const longestSilenceSeconds = 180
const ledgerTimeoutMs = 2000
/** The function itself has 10 s: whatever hangs, an answer must come before that. */
const openingTimeoutMs = 5000
const secretsTimeoutMs = 3000

/** Never rejects: `open` may fail or hang; the answer says what that leaves unknown, the log why. */
export async function readHealth(open: () => Promise<Vitals>, log: Log): Promise<Health> {
  const opened = await within(open(), openingTimeoutMs).catch((error: unknown) => {
    log.error('not ready', { error })
    return notOpened(error)
  })
  if ('status' in opened) return opened
  const [ledger, secrets] = await Promise.all([checkLedger(opened.ledger), checkSecrets(opened.secrets)])
  const sweep = await checkSweep(opened.ledger, ledger.ok)
  return { status: ledger.ok && secrets.ok && sweep.ok ? 'ready' : 'not-ready', checks: { ledger, secrets, sweep } }
}

/** The ledger's address is a secret too: without secrets nothing can be said of the ledger. */
function notOpened(error: unknown): Health {
  const isSecret = error instanceof SecretError
  return {
    status: 'not-ready',
    checks: {
      ledger: bad(isSecret ? 'Not looked at: a secret is missing.' : 'The ledger cannot be opened; the log says why.'),
      secrets: isSecret ? bad('A secret that is needed to begin cannot be read; the log says which.') : bad(notReached),
      sweep: { ...bad(notReached), secondsSinceLast: null },
    },
  }
}

async function checkLedger(ledger: Sql): Promise<Check> {
  return within(ledger.query('select 1'), ledgerTimeoutMs).then(
    () => well,
    () => bad(`The ledger does not answer within ${ledgerTimeoutMs / 1000} s.`),
  )
}

async function checkSecrets(secrets: Secrets): Promise<Check> {
  return within(readRequired(secrets, 'unpush/access', accessSchema()), secretsTimeoutMs).then(
    () => well,
    () => bad('The secret unpush/access cannot be read.'),
  )
}

async function checkSweep(ledger: Sql, answers: boolean): Promise<Health['checks']['sweep']> {
  if (!answers) return { ...bad(notReached), secondsSinceLast: null }
  const since = await within(sinceBeat(ledger, 'sweep'), ledgerTimeoutMs).catch(() => null)
  const alive = since !== null && since <= longestSilenceSeconds
  return {
    ...(alive ? well : bad(`The timer function sweep has not run in the last ${longestSilenceSeconds} seconds.`)),
    secondsSinceLast: since === null ? null : Math.max(0, Math.round(since)),
  }
}

const well: Check = { ok: true, detail: null }
const notReached = 'Not looked at: something before it failed.'

function bad(detail: string): Check {
  return { ok: false, detail }
}

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
