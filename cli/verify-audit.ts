/**
 * `npm run verify-audit [-- --digests <file> --public-key <file>]`: reads the ledger's whole audit trail and says whether
 * it is as it was sealed. Exit status 0: it is; 1: it is not, and the first bad record is named; 2: it could not be told.
 */
import type { KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type AuditDigest, auditKeySchema, publicKeyOf, readDigests } from '../shared/audit/digest.ts'
import { faultOfDigests, verifyTrail } from '../shared/audit/verify.ts'
import { type Config, readConfig } from '../shared/config.ts'
import { readUnsealed } from '../shared/ledger/audit.ts'
import { openLedger } from '../shared/ledger/open.ts'
import { readLedgerSecret } from '../shared/secrets/ledger.ts'
import { openSecrets, type Secrets } from '../shared/secrets/secrets.ts'
import { openSecretSource } from '../shared/secrets/sources.ts'

const tellEvery = 20_000

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
  const ledger = await openLedger(await ledgerUrl(config, secrets))
  try {
    let told = 0
    const check = await verifyTrail(ledger, digests, seq => {
      if (seq - told < tellEvery) return
      told = seq
      console.error(`… ${seq} records hold`)
    })
    if (check.kind === 'broken') {
      console.log(`The audit trail is broken: record ${check.seq} ${check.why}.`)
      return 1
    }
    const { count } = await readUnsealed(ledger)
    const { seq, hash } = check.end
    const met =
      digests.length === 0
        ? 'without digests (--digests <log>) a cut at the end would not show'
        : `${digests.length} signed digests hold, the newest of record ${digests.at(-1)?.seq}`
    console.log(`The audit trail is whole: ${seq} records, the last one ${hash}; ${count} not sealed yet; ${met}.`)
    return 0
  } finally {
    await ledger.close()
  }
}

function readOptions(): { digests: string[]; publicKeys: string[] } {
  try {
    const { values } = parseArgs({
      options: { digests: { type: 'string', multiple: true }, 'public-key': { type: 'string', multiple: true } },
    })
    return { digests: values.digests ?? [], publicKeys: values['public-key'] ?? [] }
  } catch (error) {
    throw new CannotTell(`${(error as Error).message} Options: --digests <log file>, --public-key <PEM file>.`)
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
  const own = config.secrets.kind === 'sandbox' ? null : await secrets.read('unpush/audit-key', auditKeySchema)
  if (own !== null) keys.push(publicKeyOf(own))
  return keys
}

async function ledgerUrl(config: Config, secrets: Secrets): Promise<string> {
  const url = config.ledgerUrl ?? (await readLedgerSecret(secrets, 'api')).url
  const folder = url.startsWith('pglite:') ? url.slice('pglite:'.length) : null
  if (folder !== null && !existsSync(folder)) throw new CannotTell(`There is no ledger in ${folder}.`)
  return url
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
  const message = error instanceof Error ? error.message : String(error)
  console.error(
    code === '42P01' ? 'This ledger has no audit trail: it is made when the service starts on it.' : message,
  )
  return 2
})
