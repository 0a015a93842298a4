/** What every function of one process shares: configuration, secrets, ledger, drainer, sealer. Opened at the first request. */
import { createSigner, type SignEntry } from './audit/entries.ts'
import { createSealer, type Sealer } from './audit/sealer.ts'
import { openKick } from './cloud/kick.ts'
import { type Config, readConfig, version } from './config.ts'
import { send } from './http.ts'
import { openLedger } from './ledger/open.ts'
import { openRenewable } from './ledger/renewable.ts'
import { type KnownPause, readPauses } from './ledger/pauses.ts'
import type { Ledger } from './ledger/sql.ts'
import { type Limits, openLimits } from './limits.ts'
import { createLog, type Log } from './log.ts'
import { createNotices, type Notices } from './notices.ts'
import { vendors } from './providers/registry.ts'
import { openMembersOf, type Vendors } from './providers/provider.ts'
import { keepWords } from './redaction.ts'
import { type Apps, openApps } from './recall/apps.ts'
import { type LateDrainer, openDrainer } from './recall/late-drainer.ts'
import type { FunctionClass } from './functions.ts'
import { defaultPolicy, type Policy, policySchema } from './secrets/documents.ts'
import { readLedger, rereadLedger } from './secrets/ledger.ts'
import { openSecrets, type Secrets } from './secrets/secrets.ts'
import { openSecretSource } from './secrets/sources.ts'
import { createTally, type Tally } from './tally.ts'
import type { Post } from './webhooks/guarded-post.ts'

export interface Runtime {
  readonly config: Config
  readonly log: Log
  readonly secrets: Secrets
  readonly vendors: Vendors
  readonly apps: Apps
  readonly ledger: Ledger
  readonly drainer: LateDrainer
  readonly sealer: Sealer
  /**
   * Makes the entry of the audit trail for what a caller is about to do, before the statement that does it and appends
   * it: `cancelRecall(ledger, id, await signEntry({ by: principal, action: 'recall.cancelled', object: id, request: {} }))`.
   * `request` is what was asked, as JSON; only its SHA-256 is kept. How a statement appends it: `auditColumns`. An entry
   * is good for one statement that commits. Never rejects.
   */
  readonly signEntry: SignEntry
  /** The kill switch, as it was a moment ago: for what reads it with nothing else. Admissions read it with their facts. */
  pauses(): Promise<readonly KnownPause[]>
  policy(): Promise<Policy>
  /** What callers may ask for. */
  readonly limits: Limits
  /** Log lines that anybody can cause. */
  readonly tally: Tally
  readonly notices: Notices
  /**
   * Has `sweep` go on with what a request could not finish; without it the next minute's timer does. Never rejects. It is
   * to be waited for: a function that has answered is frozen, and what it had begun to send with it.
   */
  readonly kick: (() => Promise<void>) | null
  /** Requests to subscribers; null: the guarded ones, which reach no machine inside. Never given where it is deployed. */
  readonly post: Post | null
}

/** So long a pause that was set may go unseen by a running process, where nothing else is read. */
const pausesKeptMs = 2000
/** Milliseconds a vendor gets to answer before its answer counts as unknown. */
const vendorTimeoutMs = 10_000

let opened: Promise<Runtime> | null = null
/** Kept where the rest cannot be opened: a secret that was read is not asked for again by every request that tries. */
let read: Secrets | null = null

/** The process's own, opened once: a process is one function, of one class. A failure is not kept: the next request tries again. */
export function runtime(functionClass: FunctionClass): Promise<Runtime> {
  opened ??= open(functionClass).catch((error: unknown) => {
    opened = null
    throw error
  })
  return opened
}

/** Gives a process that opened things itself (the local gateway) the way in; functions never call it. */
export function useRuntime(ready: Runtime | null): void {
  opened = ready === null ? null : Promise.resolve(ready)
  read = null
}

/** For what is to be said before anything is opened, or because it could not be. */
export const processLog = createLog({ version })

async function open(functionClass: FunctionClass): Promise<Runtime> {
  const config = readConfig()
  const log = processLog
  const secrets = (read ??= openSecretsOf(config, log))
  const ledger = await openLedgerOf(config, secrets, functionClass, log)
  return createRuntime(config, secrets, ledger, log, openKick(config.deployed, log))
}

/** The secrets manager that the configuration names; of apps, logs may show what their vendors call no secret. */
export function openSecretsOf({ secrets }: Pick<Config, 'secrets'>, log: Log): Secrets {
  return openSecrets(openSecretSource(secrets), { log, openMembers: document => openMembersOf(vendors, document) })
}

/** What the configuration names, for good; or what a secret says, as long as the ledger lets us in by it. Throws SecretError. */
export async function openLedgerOf(
  { ledgerUrl }: Pick<Config, 'ledgerUrl'>,
  secrets: Secrets,
  functionClass: FunctionClass,
  log: Log,
): Promise<Ledger> {
  if (ledgerUrl !== null) return openLedger(ledgerUrl, { log })
  return openRenewable(await readLedger(secrets, functionClass), {
    open: address => openLedger(address, { log }),
    reread: () =>
      rereadLedger(secrets, functionClass).catch((error: unknown) => {
        log.warn('ledger secret cannot be used', { error })
        return null
      }),
    onRenewed: () => log.info('ledger address changed'),
  })
}

export function createRuntime(
  config: Config,
  secrets: Secrets,
  ledger: Ledger,
  log: Log,
  kick: Runtime['kick'] = null,
  post: Runtime['post'] = null,
): Runtime {
  keepWords(vendors.names)
  const apps = openApps(secrets, vendors)
  const sealer = createSealer(ledger, log)
  const notices = createNotices(ledger, log)
  const policy = async () => (await secrets.read('unpush/policy', policySchema())) ?? defaultPolicy
  return {
    config,
    log,
    secrets,
    vendors,
    apps,
    ledger,
    pauses: lately(() => readPauses(ledger), pausesKeptMs),
    sealer,
    signEntry: createSigner(secrets, log),
    drainer: openDrainer({
      sql: ledger,
      apps,
      send,
      log,
      now: Date.now,
      chance: Math.random,
      vendorTimeoutMs,
      inFlight: 32,
      onSettled: () => sealer.soon(),
    }),
    policy,
    limits: openLimits(ledger, policy, log),
    tally: createTally(log),
    notices,
    kick,
    post,
  }
}

/** Reads at most once in `keptMs`, and once for all who ask meanwhile. What fails is not kept. */
function lately<Result>(read: () => Promise<Result>, keptMs: number): () => Promise<Result> {
  let last: { readonly at: number; readonly result: Promise<Result> } | null = null
  return () => {
    if (last !== null && Date.now() - last.at < keptMs) return last.result
    const mine = { at: Date.now(), result: read() }
    last = mine
    mine.result.catch(() => {
      if (last === mine) last = null
    })
    return mine.result
  }
}
