/**
 * `npm run verify-audit [-- --digests <log> --public-key <PEM> --mac-key <file> --macs-since <record>]`: reads the ledger's
 * whole audit trail, compares it with the recalls, and says whether it is as it was written and sealed. Exit status 0: it
 * is; 1: it is not, and the first bad record or recall is named, or its oldest entry has waited for more than five minutes;
 * 2: it could not be told. Warnings (standard error) change no status: no digest is newer than an hour, or a user other
 * than the owner may write the tables.
 */
import type { KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type AuditDigest, auditKeySchema, publicKeyOf, readDigests } from '../shared/audit/digest.ts'
import { auditMacSchema } from '../shared/audit/entries.ts'
import { faultOfDigests, type TrailCheck, verifyTrail } from '../shared/audit/verify.ts'
import { type Config, readConfig } from '../shared/config.ts'
import type { LedgerAddress } from '../shared/ledger/address.ts'
import { readAuditHead } from '../shared/ledger/audit.ts'
import { trailWriters } from '../shared/ledger/audit-check.ts'
import { openLedger } from '../shared/ledger/open.ts'
import { whyUnreachable } from '../shared/ledger/unreachable.ts'
import { readLedger } from '../shared/secrets/ledger.ts'
import { openSecrets, type Secrets } from '../shared/secrets/secrets.ts'
import { openSecretSource } from '../shared/secrets/sources.ts'

const tellEvery = 20_000
/** `sweep` signs one every minute. */
const oldestDigestMs = 3_600_000

/** What keeps it from being told whether the trail is whole: one line, for whoever ran it. */
class CannotTell extends Error {
  override readonly name = 'CannotTell'
}

async function main(): Promise<number> {
  const options = readOptions()
  const config = readConfig()
  const secrets = openSecrets(openSecretSource(config.secrets))
  const digests = await digestsIn(options.digests)
  const keys = digests.length === 0 ? [] : await keysFor(options.publicKeys, config, secrets)
  const fault = faultOfDigests(digests, keys)
  if (fault !== null) throw new CannotTell(fault)
  const macKeys = await macKeysFor(options.macKeys, config, secrets)
  const ledger = await openLedger(await ledgerAt(config, secrets))
  try {
    let told = 0
    const proofs = { digests, macKeys, macsSince: options.macsSince }
    const check = await verifyTrail(ledger, proofs, seq => {
      if (seq - told < tellEvery) return
      told = seq
      console.error(`… ${seq} records hold`)
    })
    const newest = Math.max(...digests.map(({ at }) => Date.parse(at)))
    if (digests.length > 0 && Date.parse((await readAuditHead(ledger)).at) - newest > oldestDigestMs)
      console.error('No digest is newer than an hour: sweep signs none, or this log ends before now.')
    for (const name of await trailWriters(ledger))
      console.error(`The user ${name} may write the tables of the trail: revoke what was granted to it.`)
    console.log(sentenceOf(check, digests, macKeys))
    return check.kind === 'whole' ? 0 : 1
  } finally {
    await ledger.close()
  }
}

function sentenceOf(check: TrailCheck, digests: readonly AuditDigest[], macKeys: readonly Buffer[]): string {
  switch (check.kind) {
    case 'broken':
      return `The audit trail is broken: record ${check.seq} ${check.why}.`
    case 'waiting':
      return `The audit trail is broken: the entry ${check.entry}, which waits to be sealed, ${check.why}.`
    case 'recall':
      return `The audit trail does not account for the ledger: the recall ${check.recall} ${check.why}.`
    case 'lagging':
      return `The audit trail lags: its oldest entry has waited for ${Math.floor(check.seconds / 60)} minutes to be sealed.`
    case 'whole': {
      const { seq, hash } = check.end
      const met =
        digests.length === 0
          ? 'without digests (--digests <log>) a cut at the end would not show'
          : `${digests.length} signed digests hold, the newest of record ${digests.at(-1)?.seq}`
      const signed =
        check.macs === 0
          ? 'entries carry no MAC (unpush/audit-mac)'
          : macKeys.length === 0
            ? `${check.macs} MACs were not looked at: there is no key (--mac-key <file>)`
            : `${check.macs} MACs hold`
      return `The audit trail is whole: ${seq} records, the last one ${hash}; ${check.waiting} not sealed yet; ${signed}; ${met}.`
    }
    default:
      return check satisfies never
  }
}

interface Options {
  readonly digests: readonly string[]
  readonly publicKeys: readonly string[]
  readonly macKeys: readonly string[]
  readonly macsSince: number
}

function readOptions(): Options {
  try {
    const file = { type: 'string', multiple: true } as const
    const { values } = parseArgs({
      options: { digests: file, 'public-key': file, 'mac-key': file, 'macs-since': { type: 'string' } },
    })
    const since = values['macs-since'] ?? '1'
    if (!/^[1-9]\d{0,14}$/.test(since)) throw new Error('--macs-since is the number of a record.')
    return {
      digests: values.digests ?? [],
      publicKeys: values['public-key'] ?? [],
      macKeys: values['mac-key'] ?? [],
      macsSince: Number(since),
    }
  } catch (error) {
    throw new CannotTell(
      `${(error as Error).message} Options: --digests <log file>, --public-key <PEM file>, --mac-key <file>, --macs-since <record>.`,
    )
  }
}

async function digestsIn(files: readonly string[]): Promise<AuditDigest[]> {
  const logs = await Promise.all(files.map(textOf))
  const digests = readDigests(logs.join('\n'))
  if (files.length > 0 && digests.length === 0)
    throw new CannotTell('There is no audit digest in what --digests names.')
  return digests
}

async function keysFor(files: readonly string[], config: Config, secrets: Secrets): Promise<KeyObject[]> {
  const keys = await Promise.all(
    files.map(async file => {
      try {
        return publicKeyOf(await textOf(file))
      } catch (error) {
        throw error instanceof CannotTell ? error : new CannotTell(`${file} is not an Ed25519 public key in PEM.`)
      }
    }),
  )
  // the sandbox's secrets live in the process of npm start
  const own = config.secrets.kind === 'sandbox' ? null : await secrets.read('unpush/audit-key', auditKeySchema())
  if (own !== null) keys.push(publicKeyOf(own))
  return keys
}

/** Keys of before a rotation come as files: the secret's document as it was, or its 64 hex digits. */
async function macKeysFor(files: readonly string[], config: Config, secrets: Secrets): Promise<Buffer[]> {
  const keys = await Promise.all(
    files.map(async file => {
      const text = (await textOf(file)).trim()
      const read = auditMacSchema().safeParse(jsonOf(text) ?? { key: text })
      if (!read.success) throw new CannotTell(`${file} is no {"key":"<64 hex digits>"}.`)
      return read.data
    }),
  )
  const own = config.secrets.kind === 'sandbox' ? null : await secrets.read('unpush/audit-mac', auditMacSchema())
  return own === null ? keys : [own, ...keys]
}

function jsonOf(text: string): unknown {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' ? read : null
  } catch {
    return null
  }
}

async function ledgerAt(config: Config, secrets: Secrets): Promise<string | LedgerAddress> {
  if (config.ledgerUrl === null) return readLedger(secrets, 'api')
  const folder = config.ledgerUrl.startsWith('pglite:') ? config.ledgerUrl.slice('pglite:'.length) : null
  if (folder !== null && !existsSync(folder)) throw new CannotTell(`There is no ledger in ${folder}.`)
  return config.ledgerUrl
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw new CannotTell(`${file} cannot be read.`)
  }
}

process.exitCode = await main().catch((error: unknown) => {
  const { code } = (error ?? {}) as { code?: unknown }
  const message = whyUnreachable(error)?.message ?? (error instanceof Error ? error.message : String(error))
  console.error(
    code === '42P01' ? 'This ledger has no audit trail: it is made when the service starts on it.' : message,
  )
  return 2
})
