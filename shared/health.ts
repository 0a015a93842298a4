/**
 * Whether this deployment can do its work now, and what people should know of it. Nothing here names an address or a secret's
 * content. Anybody may ask: one look in five seconds answers all of them.
 */
import { type Check, looks, type LedgerLook, sweepLook } from './ledger/looks.ts'
import { isOutage, type Sql } from './ledger/sql.ts'
import type { Log } from './log.ts'
import { accessSchema } from './secrets/access-document.ts'
import { readRequired, SecretError, type Secrets } from './secrets/secrets.ts'
import { secretWarnings } from './secrets/warnings.ts'
import { lastTrouble } from './trouble.ts'

export interface Health {
  readonly status: 'ready' | 'not-ready'
  readonly checks: LedgerChecks & {
    readonly secrets: Check
    /** What else is looked at: by `looks` in the ledger, by `secretWarnings` among the secrets. */
    readonly [name: string]: Check
  }
}

interface LedgerChecks {
  readonly ledger: Check
  readonly sweep: Check & { readonly secondsSinceLast: number | null }
}

/** What is looked at. */
export interface Vitals {
  readonly ledger: Sql
  readonly secrets: Secrets
}

const ledgerTimeoutMs = 2000
/** The function itself has 10 s: whatever hangs, an answer must come before that. */
const openingTimeoutMs = 5000
const secretsTimeoutMs = 3000
const lookEveryMs = 5000

/** Never rejects. One process has one; `now`: milliseconds, of which only differences count. */
export function createHealth(
  open: () => Promise<Vitals>,
  log: Log,
  now: () => number = () => performance.now(),
): () => Promise<Health> {
  interface Look {
    readonly atMs: number
    readonly health: Promise<Health>
    ready: boolean
  }
  const isFresh = (look: Look | null | undefined): look is Look =>
    look !== null &&
    look !== undefined &&
    now() - look.atMs < lookEveryMs &&
    // somebody has found the ledger away since
    !(look.ready && lastTrouble() >= look.atMs)
  const known = new WeakMap<Sql, Look>()
  let failed: Look | null = null
  let opening: Promise<Vitals | Health> | null = null
  return async () => {
    if (isFresh(failed)) return failed.health
    opening ??= openIn(open, log).finally(() => (opening = null))
    const opened = await opening
    if ('status' in opened) {
      failed = { atMs: now(), health: Promise.resolve(opened), ready: false }
      return opened
    }
    const last = known.get(opened.ledger)
    if (isFresh(last)) return last.health
    const look: Look = { atMs: now(), health: readVitals(opened, log), ready: false }
    known.set(opened.ledger, look)
    look.ready = (await look.health).status === 'ready'
    return look.health
  }
}

/** What the details say, by their codes. Where there is none, their words are not even loaded; whatever is missing, it answers. */
export async function withNotices({ status, checks }: Health): Promise<object> {
  const isQuiet = Object.values(checks).every(({ detail }) => detail === null)
  const read = isQuiet ? null : await import('./service-codes.ts').catch(() => null)
  const said = Object.entries(checks).map(([name, { ok, detail, ...rest }]) => [
    name,
    { ok, detail, notices: read?.serviceNoticesIn(detail) ?? [], ...rest },
  ])
  return { status, checks: Object.fromEntries(said) }
}

async function openIn(open: () => Promise<Vitals>, log: Log): Promise<Vitals | Health> {
  return within(open(), openingTimeoutMs).catch((error: unknown) => {
    log.error('not ready', { error })
    return notOpened(error)
  })
}

async function readVitals({ ledger, secrets }: Vitals, log: Log): Promise<Health> {
  const [seen, access, warnings] = await Promise.all([
    lookAt(ledger, log),
    checkSecrets(secrets),
    within(secretWarnings(secrets), secretsTimeoutMs).catch(() => ({})),
  ])
  const checks = { ...seen, secrets: access, ...warnings }
  return { status: Object.values(checks).every(({ ok }) => ok) ? 'ready' : 'not-ready', checks }
}

/** The ledger's address is a secret too: without secrets nothing can be said of the ledger. */
function notOpened(error: unknown): Health {
  const isSecret = error instanceof SecretError
  return {
    status: 'not-ready',
    checks: {
      ledger: bad(isSecret ? 'Not looked at: a secret is missing.' : 'The ledger cannot be opened; the log says why.'),
      secrets: isSecret ? bad('A secret that is needed to begin cannot be read; the log says which.') : bad(notReached),
      sweep: sweepUnseen,
    },
  }
}

/** One statement for all looks; where the ledger refuses one of them, another for the one that must be. */
async function lookAt(ledger: Sql, log: Log): Promise<LedgerChecks> {
  try {
    return await lookFor(ledger, looks).catch((error: unknown) => {
      if (isOutage(error) || error instanceof Late) throw error
      log.error('the ledger does not let all of it be looked at', { error })
      return lookFor(ledger, [sweepLook])
    })
  } catch (error) {
    log.error('not ready', { error })
    return { ledger: bad(`The ledger does not answer within ${ledgerTimeoutMs / 1000} s.`), sweep: sweepUnseen }
  }
}

async function lookFor(ledger: Sql, wanted: readonly LedgerLook[]): Promise<LedgerChecks> {
  const columns = wanted.map(({ sql, name }) => `(${sql}) as "${name}"`).join(', ')
  const [row = {}] = await within(ledger.query<{ [name: string]: unknown }>(`select ${columns}`), ledgerTimeoutMs)
  const checks = Object.fromEntries(wanted.map(({ name, judge }) => [name, judge(row[name])]))
  return { ledger: well, ...checks, sweep: sweepLook.judge(row[sweepLook.name]) }
}

async function checkSecrets(secrets: Secrets): Promise<Check> {
  return within(readRequired(secrets, 'unpush/access', accessSchema()), secretsTimeoutMs).then(
    () => well,
    () => bad('The secret unpush/access cannot be read.'),
  )
}

const well: Check = { ok: true, detail: null }
const notReached = 'Not looked at: something before it failed.'

const sweepUnseen: LedgerChecks['sweep'] = { ok: false, detail: notReached, secondsSinceLast: null }

function bad(detail: string): Check {
  return { ok: false, detail }
}

class Late extends Error {
  override readonly name = 'Late'
}

async function within<Result>(work: Promise<Result>, ms: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Late(`no answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
