/** Many workers on one PostgreSQL: nobody claims twice, nobody writes late, all together keep to a vendor's rate. */
import { expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import { claimWork } from '../../shared/ledger/claim-work.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createDrainer, type Drainer } from '../../shared/recall/drain.ts'
import { fakeApps, fakeProvider, type FakeOptions, noReply, yes } from '../support/fake-provider.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { admitBatches } from '../support/planned-recall.ts'

const workers = 16

function drainerOn(sql: Ledger, options: FakeOptions, write: (line: string) => unknown = () => {}): Drainer {
  return createDrainer({
    sql,
    apps: fakeApps(fakeProvider(options).provider),
    send,
    log: createLog({ stream: { write } }),
    now: Date.now,
    chance: Math.random,
    vendorTimeoutMs: 1000,
    inFlight: 64,
  })
}

/** A gate that vendor calls wait at. */
function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = () => {}
  const opened = new Promise<void>(resolve => (open = resolve))
  return { open, opened }
}

describeOnPostgres('sixteen workers', url => {
  const openAll = () => Promise.all(Array.from({ length: workers }, () => openLedger(url(), { connections: 1 })))
  const closeAll = (ledgers: readonly Ledger[]) => Promise.all(ledgers.map(ledger => ledger.close()))

  it('claim 5,000 units, each once', async context => {
    const ledgers = await openAll()
    try {
      const [first] = ledgers
      if (first === undefined) throw new Error('no ledger')
      await admitBatches(first, 5000)
      const startedAt = performance.now()
      const claims = await Promise.all(
        ledgers.map(async (ledger, index) => {
          const mine: number[] = []
          for (;;) {
            const claim = { owner: `worker-${index}`, limit: 32, leaseMs: 60_000, recallIds: null }
            const claimed = await claimWork(ledger, claim)
            if (claimed.length === 0) return mine
            mine.push(...claimed.map(({ id }) => id))
          }
        }),
      )
      const tookMs = performance.now() - startedAt
      const all = claims.flat()
      const twice = all.length - new Set(all).size
      const shares = claims.filter(mine => mine.length > 0).length
      const claimed = `${twice} double claims in ${tookMs.toFixed(0)} ms`
      figure(context, '16 workers × 5,000 work rows', claimed, '0, ≤ 5 s', tookMs <= 5000)
      expect([all.length, twice]).toEqual([5000, 0])
      expect(shares).toBeGreaterThan(workers / 2)
      await first.query("update work set state = 'done', result = 'accepted' where state = 'running'")
    } finally {
      await closeAll(ledgers)
    }
  })

  it('write nothing once their lease is lost', async context => {
    const histories = soak ? 500 : 50
    const ledger = await openLedger(url(), { connections: 4 })
    try {
      let lost = 0
      const changed: object[] = []
      for (let done = 0; done < histories; done += 50) {
        const id = await admitBatches(ledger, 50)
        const [late, held] = [gate(), gate()]
        const zombie = drainerOn(
          ledger,
          {
            addressing: 'tokens',
            answer: async ({ tokens }) => {
              await late.opened
              // whatever a vendor may say at last: no for good, try later, yes
              const kind = Number(tokens[0]?.split('-').at(-1)) % 3
              if (kind === 0) return { kind: 'refused', vendor: noReply, reason: 'late' }
              return kind === 1 ? { kind: 'unknown', vendor: noReply, reason: 'timeout' } : yes
            },
          },
          line => (lost += line.includes('"fence_lost"') ? 1 : 0),
        )
        const heir = drainerOn(ledger, {
          addressing: 'tokens',
          answer: async () => {
            await held.opened
            return yes
          },
        })
        const look = () =>
          ledger.query<{ fence: number; state: string; result: string | null; failures: number; run_at: Date }>(
            'select id, fence, state, result, failures, run_at, lease_until from work where recall_id = $1::text order by id',
            [id],
          )
        const claimedAll = async (fence: number) => {
          while ((await look()).some(row => row.fence !== fence || row.state !== 'running')) await pause(5)
        }
        // for less than the lease of its heir, which it would wait for
        const first = zombie.run(id, Date.now() + 11_000)
        await claimedAll(1)
        await ledger.query("update work set lease_until = now() - interval '1 second' where recall_id = $1::text", [id])
        const second = heir.run(id, Date.now() + 60_000)
        await claimedAll(2)
        const before = await look()
        late.open()
        await Promise.all([first, zombie.idle()])
        const after = await look()
        changed.push(...after.filter((row, index) => JSON.stringify(row) !== JSON.stringify(before[index])))
        held.open()
        await second
        expect((await look()).map(({ result }) => result)).toEqual(Array.from({ length: 50 }, () => 'accepted'))
      }
      figure(
        context,
        'zombie writes after a lost lease',
        `${changed.length} of ${histories} accepted, ${lost} fence_lost`,
        '0',
      )
      expect(changed).toEqual([])
      expect(lost).toBe(histories)
    } finally {
      await ledger.close()
    }
  })

  // how much of it they use in a time depends on the machine: short, they are done when they are done
  it('stay within a rate in every window, and use it', async context => {
    const [perSecond, burst, seconds] = [100, 50, soak ? 20 : 6]
    const ledgers = await openAll()
    try {
      const [first] = ledgers
      if (first === undefined) throw new Error('no ledger')
      await first.query('delete from bucket')
      await first.query('delete from attempt_begun')
      const units = perSecond * seconds + burst
      const id = await admitBatches(first, soak ? units * 2 : units)
      const drainers = ledgers.map(ledger =>
        drainerOn(ledger, { addressing: 'tokens', answer: () => yes, perSecond, burst }),
      )
      const until = Date.now() + (soak ? seconds * 1000 : 240_000)
      await Promise.all(drainers.map(drainer => drainer.run(null, until)))
      await Promise.all(drainers.map(drainer => drainer.idle()))
      const attempts = await first.query<{ at: number }>(
        'select extract(epoch from started_at)::float8 as at from attempt order by 1',
      )
      const grants = attempts.map(({ at }) => at)
      const [start = 0] = grants
      const spanS = Math.max(seconds, (grants.at(-1) ?? 0) - start)
      const used = grants.length / (burst + perSecond * spanS)
      const over = excess(grants, perSecond) - burst
      const text = `${grants.length} grants in ${spanS.toFixed(1)} s: ${(used * 100).toFixed(1)} % used, ${over.toFixed(2)} over`
      figure(context, 'rate under 16 workers', text, 'never over, ≥ 95 %')
      expect(over).toBeLessThanOrEqual(0)
      if (soak) expect(used).toBeGreaterThanOrEqual(0.95)
      else expect(grants.length).toBe(units)
      await first.query("update work set state = 'done', result = 'accepted' where recall_id = $1::text", [id])
    } finally {
      await closeAll(ledgers)
    }
  })
})

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/**
 * The most that any window holds beyond `perSecond` times its length. `times` in seconds, in order: of attempts, each
 * written after its grant and before the bucket is let go. A window begins just after one of them, when the next grant
 * cannot have been yet, so that it is never told shorter than it was, however long a process was kept waiting.
 */
function excess(times: readonly number[], perSecond: number): number {
  let most = 0
  let least = Infinity
  for (const [index, at] of times.entries()) {
    most = Math.max(most, index - perSecond * at - least)
    least = Math.min(least, index - perSecond * at)
  }
  return most
}
