/** Credentials that change while a large recall is on its way: whoever is refused reads the new ones and goes on. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { send } from '../../shared/http.ts'
import { createLog } from '../../shared/log.ts'
import { vendors } from '../../shared/providers/registry.ts'
import { openApps } from '../../shared/recall/apps.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { ssmName, tencentSsmSource } from '../../shared/secrets/tencent-ssm.ts'
import { type SecretManager, startTencentSsm } from '../support/cloud/secret-managers.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitPlanned } from '../support/planned-recall.ts'
import { startVendor, type Vendor } from './vendor.ts'

const batches = soak ? 5000 : 1000
const rotations = soak ? 20 : 3
const vendorMs = 20
/** At a vendor's usual rate such a recall takes a quarter of an hour and more: secrets age so many times faster here. */
const faster = 1200

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

describeOnLedgers('secrets that rotate', ledger => {
  const role = { id: 'AK1', key: randomBytes(16).toString('hex'), token: 't' }
  let manager: SecretManager
  let vendor: Vendor
  beforeAll(async () => {
    vi.stubEnv('TENCENTCLOUD_SECRETID', role.id)
    vi.stubEnv('TENCENTCLOUD_SECRETKEY', role.key)
    vi.stubEnv('TENCENTCLOUD_SESSIONTOKEN', role.token)
    manager = await startTencentSsm({ keyring: { [role.id]: role }, may: () => true })
    vendor = await startVendor()
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await manager.close()
    await vendor.close()
  })

  it(`fail no work: ${rotations} times in ${batches} batches`, async context => {
    let current = 0
    const store = (name: string, document: object) => manager.secrets.set(ssmName(name), JSON.stringify(document))
    const rotate = () =>
      store('unpush/apps/phones', {
        provider: 'huawei',
        clientId: '100',
        serviceAccount: { project_id: '1', key_id: `key-${++current}`, private_key: privateKey, sub_account: '2' },
        endpoint: vendor.url,
        ratePerSecond: 1_000_000_000,
      })
    store('unpush/apps', { apps: ['phones'] })
    rotate()
    let [yes, refused] = [0, 0]
    // Nobody rotates a key while calls with the one before are still repeated, nor within the minute in which a secret that was
    // read again is not read once more: a second refusal in a row is one.
    const repeating = new Set<string>()
    let refusedAt = -Infinity
    const minuteMs = 60_000 / faster
    let rotateAt = Math.floor(batches / (rotations + 1))
    // the old key is refused from the moment on in which the new one is there
    vendor.judge = async ({ unit, keyId }) => {
      await new Promise(resolve => setTimeout(resolve, vendorMs))
      if (keyId !== `key-${current}`) {
        refused += 1
        if (repeating.size === 0) refusedAt = Date.now()
        repeating.add(unit)
        return 'auth'
      }
      yes += 1
      repeating.delete(unit)
      const settled = repeating.size === 0 && Date.now() - refusedAt > 1.5 * minuteMs
      if (yes >= rotateAt && settled && current <= rotations) {
        rotateAt = yes + Math.floor((batches - yes) / (rotations + 2 - current))
        rotate()
      }
      return 'yes'
    }
    const log = createLog({ level: 'silent' })
    const startedAt = Date.now()
    const source = tencentSsmSource({ region: 'ap-guangzhou', endpoint: manager.origin })
    const drainer = createDrainer({
      sql: ledger(),
      apps: openApps(openSecrets(source, { log, now: () => Date.now() * faster }), vendors),
      send,
      log,
      now: Date.now,
      chance: Math.random,
      vendorTimeoutMs: 5000,
      inFlight: 32,
    })
    const id = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: Array.from({ length: batches }, () => 1),
      giveUpHours: 1,
      as: { app: 'phones', provider: 'huawei', handle: '7' },
    })
    await drainer.run(id, Date.now() + 60_000)
    const minutes = ((Date.now() - startedAt) * faster) / 60_000
    const results = await ledger().query<{ result: string | null; state: string; count: number }>(
      'select state, result, count(*)::int as count from work where recall_id = $1::text group by 1, 2',
      [id],
    )
    figure(
      context,
      'secret rotations in a 5,000-batch recall',
      `${current - 1}: ${refused} calls refused and repeated`,
      '0 failed work',
    )
    expect(results).toEqual([{ state: 'done', result: 'accepted', count: batches }])
    expect(current - 1).toBe(rotations)
    expect(refused).toBeGreaterThanOrEqual(rotations)
    expect(yes).toBe(batches)
    expect(manager.refused).toEqual([])
    const reads = manager.asked.filter(name => name === ssmName('unpush/apps/phones')).length
    expect(reads).toBeLessThanOrEqual(minutes + 1)
  })
})
