/**
 * A network that misbehaves between the service and its vendor, and between the service and PostgreSQL: whatever happened,
 * recalls are done once the fault is lifted, in the same process. A rejection that nobody handles fails the run.
 */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Reply, type Service, startService } from '../support/service.ts'
import { type Fault, startTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy.ts'
import { startVendor, type Vendor } from './vendor.ts'

const faults: readonly Fault[] = [
  { kind: 'latency', ms: 40 },
  { kind: 'down' },
  { kind: 'bandwidth', bytesPerSecond: 20_000 },
  { kind: 'half-close' },
  { kind: 'timeout' },
  { kind: 'reset', ms: 3 },
  { kind: 'slice', bytes: 100, gapMs: 1 },
  { kind: 'limit', bytes: 50 },
]
const runs = soak ? 30 : 2
const faultMs = 300
/** Beyond the time that the test takes away from leases and delays. */
const longestMs = 120_000
const recallsAtOnce = 3
const patienceMs = 8000

/** Which of them is there first: requests that the fault hits in their midst, or the fault. */
type First = 'requests' | 'fault'

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

describeOnPostgres('a service behind a bad network', url => {
  let vendor: Vendor
  let toVendor: TcpProxy
  let toLedger: TcpProxy
  let service: Service
  /** Past the fault. */
  let ledger: Ledger
  let number = 0

  beforeAll(async () => {
    vendor = await startVendor()
    toVendor = await startTcpProxy({ port: Number(new URL(vendor.url).port) })
    toLedger = await startTcpProxy({ port: Number(new URL(url()).port) })
    ledger = await openLedger(url(), { connections: 2 })
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const phones = {
      provider: 'huawei',
      clientId: '100',
      serviceAccount: { project_id: '1', key_id: 'k', private_key: privateKey, sub_account: '2' },
      endpoint: throughProxy(vendor.url, toVendor),
    }
    service = await startService({
      ledgerUrl: throughProxy(url(), toLedger),
      secrets: { 'unpush/apps/phones': phones },
    })
  })
  afterAll(async () => {
    await service.close()
    await Promise.all([toVendor.close(), toLedger.close(), vendor.close()])
    await ledger.close()
  })

  /** Recalls begun under the fault and finished after it. Resolves with how long that took, and what was wrong. */
  async function survive(
    proxy: () => TcpProxy,
    fault: Fault,
    first: First,
  ): Promise<{ tookMs: number; wrong: string[] }> {
    vendor.acts.length = 0
    const numbers = Array.from({ length: recallsAtOnce }, () => ++number)
    const request = (handle: number): Promise<Reply | null> =>
      service
        .call(
          'POST',
          '/v1/revoke',
          { target: { app: 'phones', notifyId: handle, tokens: [`token-${handle}`] }, reason: 'r' },
          { headers: { 'idempotency-key': `network-${handle}`, prefer: 'wait=1' } },
        )
        .catch(() => null)
    const asked = (handle: number) => withPatience(request(handle))
    if (first === 'fault') {
      proxy().inflict(fault)
      await pause(20)
    }
    const begun = numbers.map(asked)
    if (first === 'requests') {
      await pause(5)
      proxy().inflict(fault)
    }
    await pause(faultMs)
    proxy().inflict(null)
    const startedAt = Date.now()
    const wrong: string[] = []
    for (const reply of await Promise.all(begun)) {
      if (reply !== null && ![200, 202, 503].includes(reply.status))
        wrong.push(`answered ${reply.status} ${reply.text}`)
    }
    // the client asks again until it is told, and time passes for what others left
    for (;;) {
      const replies = await Promise.all(numbers.map(asked))
      await ledger.query("update work set lease_until = now() - interval '1 second' where state = 'running'")
      await ledger.query("update work set run_at = now() where state = 'ready'")
      await withPatience(service.gateway.fire('sweep').catch(() => null))
      const [left] = await ledger.query<{ open: number }>("select count(*) as open from recall where state <> 'done'")
      const told = replies.every(reply => reply?.status === 202 || reply?.status === 200)
      if (told && left?.open === 0) break
      if (Date.now() - startedAt > longestMs) {
        wrong.push(`${left?.open} recalls not done ${longestMs} ms after the fault; told: ${told}`)
        break
      }
    }
    const tookMs = Date.now() - startedAt
    for (const handle of numbers) {
      const [row] = await ledger.query<{ recalls: number; accepted: number }>(
        `select count(distinct t.recall_id) as recalls, coalesce(sum(w.accepted), 0) as accepted
         from recall_target t join work w on w.recall_target_id = t.id where t.handle = $1::text`,
        [handle],
      )
      if (row?.recalls !== 1 || row.accepted !== 1) wrong.push(`${handle}: ${JSON.stringify(row)}`)
      const acts = vendor.acts.filter(({ unit }) => unit.startsWith(`huawei:${handle}:`))
      if (!acts.some(({ said }) => said === 'yes')) wrong.push(`${handle}: no yes of the vendor`)
    }
    return { tookMs, wrong }
  }

  describe.each(['vendor', 'ledger'] as const)('to its %s', side => {
    it.each(faults)('finishes its recalls after $kind', async fault => {
      const times: number[] = []
      const wrong: string[] = []
      for (let run = 0; run < runs; run++) {
        const proxy = () => (side === 'vendor' ? toVendor : toLedger)
        const survived = await survive(proxy, fault, run % 2 === 0 ? 'requests' : 'fault')
        times.push(survived.tookMs)
        wrong.push(...survived.wrong.map(text => `run ${run}: ${text}`))
      }
      figureOf(side, fault, times, wrong)
      expect(wrong).toEqual([])
    })
  })

  it('has survived all of that', context => {
    for (const [what, measured] of figures) figure(context, what, measured, 'done after the fault')
    expect(figures.size).toBe(faults.length * 2)
  })

  const figures = new Map<string, string>()
  function figureOf(side: string, fault: Fault, times: readonly number[], wrong: readonly string[]): void {
    const slowest = Math.max(...times)
    figures.set(`${fault.kind} to the ${side}`, `${times.length} runs, slowest ${slowest} ms: ${wrong.length} wrong`)
  }
})

/** Nobody waits for ever: null where there was no answer in time. */
async function withPatience<Result>(work: Promise<Result>): Promise<Result | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>(resolve => (timer = setTimeout(resolve, patienceMs, null)))
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
