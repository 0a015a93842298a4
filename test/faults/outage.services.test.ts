/** PostgreSQL goes away under load and comes back: the service says so, promises nothing meanwhile, and goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLedger } from '../../shared/ledger/open.ts'
import { figure, soak } from '../support/figures.ts'
import { createDatabase } from '../support/ledgers.ts'
import { type Cluster, startPostgres } from '../support/postgres.ts'
import { type Service, startService } from '../support/service.ts'

/** At least: it also lasts until enough was asked in it. */
const outageMs = soak ? 60_000 : 5000
const beforeMs = 1500
const clients = 8
const longestMs = 120_000

interface Seen {
  readonly startedAt: number
  readonly endedAt: number
  readonly status: number
  /** Of the recall that was promised. */
  readonly id: string | null
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

describe('an outage of the ledger (PostgreSQL)', () => {
  let cluster: Cluster
  let service: Service
  let url = ''
  beforeAll(async () => {
    const started = await startPostgres()
    if (started === null) throw new Error('PostgreSQL was there a moment ago')
    cluster = started
    url = (await createDatabase(cluster.url)).url
    service = await startService({ ledgerUrl: url })
  })
  afterAll(async () => {
    await service.close()
    await cluster.stop()
  })

  it(`of ${outageMs / 1000} s is seen, promises nothing, and heals`, async context => {
    let number = 0
    const over = new AbortController()
    const load: Seen[] = []
    const probes: Seen[] = []
    const watch = async (into: Seen[], ask: () => ReturnType<Service['call']>, restMs: number) => {
      while (!over.signal.aborted) {
        const startedAt = Date.now()
        const { status, body } = await ask()
        into.push({ startedAt, endedAt: Date.now(), status, id: body?.id ?? null })
        await pause(restMs)
      }
    }
    const revoke = () => {
      const target = { app: 'news-harmony', notifyId: ++number, tokens: [`token-${number}`] }
      const headers = { 'idempotency-key': `outage-${number}`, prefer: 'wait=1' }
      return service.call('POST', '/v1/revoke', { target, reason: 'r' }, { headers })
    }
    const readyz = () => service.call('GET', '/readyz', undefined, { role: null })
    const running = [...Array.from({ length: clients }, () => watch(load, revoke, 20)), watch(probes, readyz, 100)]
    await pause(beforeMs)
    const downAt = Date.now()
    await cluster.halt()
    const goneAt = Date.now()
    await pause(outageMs - (goneAt - downAt))
    const answered = () => load.filter(({ startedAt }) => startedAt > goneAt).length
    while (answered() <= 2 * clients || !probes.some(({ startedAt, status }) => startedAt >= downAt && status === 503))
      await pause(50)
    // from here on it may answer, and does so before `resume` has noticed
    const backAt = Date.now()
    await cluster.resume()
    const upAt = Date.now()
    const healed = () =>
      [probes, load].every(seen => seen.some(({ startedAt, status }) => startedAt >= upAt && status < 300))
    while (!healed() && Date.now() - upAt < longestMs) await pause(50)
    const healedMs = Date.now() - upAt
    await pause(1000)
    over.abort()
    await Promise.all(running)

    const redAt = probes.find(({ startedAt, status }) => startedAt >= downAt && status === 503)?.endedAt ?? Infinity
    const meanwhile = load.filter(({ startedAt, endedAt }) => startedAt > goneAt && endedAt < backAt)
    const other = meanwhile.filter(({ status }) => status !== 503)
    const broken = load.filter(({ status }) => status >= 500 && status !== 503)
    const promised = new Set(load.flatMap(({ status, id }) => (status < 300 && id !== null ? [id] : [])))
    const falsely = await countMissing(url, promised)
    const text = [
      `readyz red after ${redAt - downAt} ms`,
      `${meanwhile.length} answers meanwhile, ${other.length} not 503`,
      `${falsely} false of ${promised.size} 2xx`,
      `healthy after ${healedMs} ms`,
    ].join('; ')
    figure(context, `PostgreSQL down for ${outageMs / 1000} s`, text, '≤ 5 s; only 503; 0; ≤ 10 s')
    expect(redAt - downAt).toBeLessThanOrEqual(soak ? 5000 : longestMs)
    expect(meanwhile.length).toBeGreaterThan(clients)
    expect([other, broken]).toEqual([[], []])
    expect(falsely).toBe(0)
    expect(healedMs).toBeLessThanOrEqual(soak ? 10_000 : longestMs)
    // what was begun before and left is ended by sweeps
    expect(await leftAfterSweeps()).toBe(0)
  })

  async function leftAfterSweeps(): Promise<number> {
    const { ledger } = service.gateway.runtime
    for (const until = Date.now() + longestMs; ; ) {
      await ledger.query("update work set lease_until = now() - interval '1 second' where state = 'running'")
      await ledger.query("update work set run_at = now() where state = 'ready'")
      await service.gateway.fire('sweep')
      const [row] = await ledger.query<{ open: number }>("select count(*) as open from recall where state = 'running'")
      if (row?.open === 0 || Date.now() > until) return row?.open ?? -1
    }
  }
})

/** Recalls that were promised and are not there. */
async function countMissing(url: string, promised: ReadonlySet<string>): Promise<number> {
  const ledger = await openLedger(url, { connections: 1 })
  try {
    const rows = await ledger.query<{ id: string }>('select id from recall')
    const there = new Set(rows.map(({ id }) => id))
    return [...promised].filter(id => !there.has(id)).length
  } finally {
    await ledger.close()
  }
}
