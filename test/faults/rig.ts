/** Databases, vendors and secrets for histories: as many as run side by side, none of which sees another. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiKey } from '../../shared/access/api-key.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { createDatabase } from '../support/ledgers.ts'
import type { RotatingRig } from './crash-history.ts'
import type { Functions } from './processes.ts'
import { startVendor } from './vendor.ts'

export interface OpenRig extends RotatingRig {
  close(): Promise<void>
}

/** `ratePerSecond`: tokens that Push Kit takes; without it there is no such limit. `others`: secrets beside the vendors'. */
export async function openRig(
  server: string,
  functions: Functions,
  ratePerSecond = 1_000_000_000,
  others: { readonly [name: string]: object } = {},
): Promise<OpenRig> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-rig-'))
  const vendor = await startVendor()
  const database = await createDatabase(server)
  const ledger = await openLedger(database.url, { connections: 2 })
  // by it their sessions are told from those of the test
  const user = new URL(database.url).pathname.slice(1)
  await ledger.script(`create role ${user} login superuser`)
  const url = new URL(database.url)
  url.username = user
  const { key, sha256 } = createApiKey()
  const secrets = join(folder, 'secrets.json')
  const rotate = async (keyId: string) => {
    await writeFile(
      `${secrets}.new`,
      JSON.stringify({ ...documents(vendor.url, sha256, keyId, ratePerSecond), ...others }),
    )
    await rename(`${secrets}.new`, secrets)
  }
  await rotate('first')
  return {
    ledger,
    vendor,
    functions,
    key,
    environment: { LEDGER_URL: url.href, SECRETS: `file:${secrets}` },
    rotate,
    buried: async () => {
      const sessions = 'select pid from pg_stat_activity where usename = $1::text'
      while ((await ledger.query(sessions, [user])).length > 0) await new Promise(resolve => setTimeout(resolve, 5))
    },
    close: async () => {
      await ledger.script(`drop role ${user}`)
      await ledger.close()
      await database.drop()
      await vendor.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

export function documents(endpoint: string, sha256: string, keyId: string, ratePerSecond: number): object {
  return {
    'unpush/access': { keys: [{ id: 'harness', sha256, role: 'operator', apps: ['*'] }] },
    'unpush/apps/phones': {
      provider: 'huawei',
      clientId: '100',
      serviceAccount: { project_id: '1', key_id: keyId, private_key: privateKey, sub_account: '2' },
      endpoint,
      ratePerSecond,
    },
    'unpush/apps/tasks': {
      provider: 'tpns',
      accessId: '1500000000',
      secretKey: 'key of the harness',
      region: 'guangzhou',
      platform: 'android',
      endpoint,
    },
  }
}
