/** The whole service in a process of its own, with one Push Kit app, and the bare call to the vendor that it is compared with. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiKey } from '../shared/access/api-key.ts'
import { migrate } from '../shared/ledger/migrate.ts'
import { openLedger } from '../shared/ledger/open.ts'
import { type Child, startChild, startFunctions } from './processes.ts'

export interface BenchService {
  readonly url: string
  /** Of an operator. */
  readonly key: string
  readonly pid: number
  /** Of the vendor, which takes 20 ms. */
  readonly endpoint: string
  /** The vendor's request, as it is. */
  bare(body: string): Promise<void>
  /** A recall through the service, waited for. Rejects where it is not done. */
  revoke(body: string, headers?: { readonly [name: string]: string }): Promise<void>
  end(): Promise<void>
}

/** As `npm start` runs it. `ledgerUrl` is told of a folder that is removed afterwards. */
export async function startBenchService(ledgerUrl: (folder: string) => string): Promise<BenchService> {
  return startWith(async (folder, secrets) => {
    const ledger = { LEDGER_URL: ledgerUrl(folder), SECRETS: secrets }
    return startChild('sandbox/main.ts', /unpush ready on (\S+)/, { PORT: '0', ...ledger })
  })
}

/** The functions that take a recall as they are deployed. `url` is that of an empty ledger on PostgreSQL; `direct` leads to it without what stands between. */
export async function startDeployed(url: string, direct: string): Promise<BenchService> {
  const ledger = await openLedger(direct)
  try {
    await migrate(ledger)
  } finally {
    await ledger.close()
  }
  return startWith(async (folder, secrets) => {
    const functions = await startFunctions({ revoke: '/v1/revoke' }, folder, { LEDGER_URL: url, SECRETS: secrets })
    return { ...functions, said: `http://127.0.0.1:${functions.said}` }
  })
}

type Start = (folder: string, secrets: string) => Promise<Child>

async function startWith(start: Start): Promise<BenchService> {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-bench-'))
  const vendor = await startChild('bench/vendor.ts', /vendor on (\d+)/)
  const endVendor = async () => {
    await vendor.end()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const { key, sha256 } = createApiKey()
    const endpoint = `http://127.0.0.1:${vendor.said}`
    await writeFile(join(folder, 'secrets.json'), secretsOf(sha256, endpoint), { mode: 0o600 })
    const service = await start(folder, `file:${join(folder, 'secrets.json')}`)
    return {
      url: service.said,
      key,
      pid: service.pid,
      endpoint,
      bare: async body => {
        const headers = { 'content-type': 'application/json' }
        const reply = await fetch(`${endpoint}/v1/100/messages:revoke`, { method: 'POST', headers, body })
        await reply.text()
      },
      revoke: async (body, headers = {}) => {
        const reply = await fetch(`${service.said}/v1/revoke`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/json',
            prefer: 'wait=20',
            ...headers,
          },
          body,
        })
        const recall = (await reply.json()) as { state?: string }
        if (reply.status !== 202 || recall.state !== 'done')
          throw new Error(`not done: ${reply.status} ${JSON.stringify(recall).slice(0, 500)}`)
      },
      end: async () => {
        await service.end()
        await endVendor()
      },
    }
  } catch (error) {
    await endVendor()
    throw error
  }
}

/** Of a service whose callers have no limits, with one Push Kit app whose vendor takes as much as comes. */
export function secretsOf(sha256: string, endpoint: string): string {
  const serviceAccount = { project_id: '1', key_id: 'k', private_key: benchKey(), sub_account: '2' }
  return unlimited(sha256, { provider: 'huawei', clientId: '100', serviceAccount, endpoint })
}

/** Of a service whose callers have no limits; `app` is the secret of `bench`. */
export function unlimited(sha256: string, app: object): string {
  return JSON.stringify({
    'unpush/access': { keys: [{ id: 'bench', sha256, role: 'operator', apps: ['*'] }] },
    'unpush/policy': { limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null } },
    'unpush/apps/bench': { ...app, ratePerSecond: 1_000_000_000 },
  })
}

export function benchKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return privateKey
}
