/** A vendor that is down, or refuses a credential, is left alone but for one call at a time; its work waits, and says why. */
import { beforeEach, expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import { nextDue } from '../../shared/ledger/due-work.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { claimable } from '../../shared/ledger/sweepers.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import type { Outcome } from '../../shared/providers/provider.ts'
import type { Apps } from '../../shared/recall/apps.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { fakeProvider, noReply, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitBatches, admitPlanned } from '../support/planned-recall.ts'

const inFlight = 32
const down: Outcome = { kind: 'unknown', vendor: noReply, reason: 'reset' }
const denied: Outcome = { kind: 'auth', vendor: { ...noReply, code: '80200001' } }

describeOnLedgers('the breaker', ledger => {
  beforeEach(async () => {
    await ledger().query("update work set state = 'done', result = 'accepted' where state <> 'done'")
    await ledger().query('delete from breaker')
    await ledger().query('delete from bucket')
  })

  /** Two apps of one vendor; what it says is up to `says`. */
  function vendorThat(says: { now: Outcome }, apps: readonly string[] = ['app']) {
    const { provider, calls } = fakeProvider({ addressing: 'tokens', answer: async () => says.now })
    const known: Apps = {
      names: async () => apps,
      find: async name => (apps.includes(name) ? { name, provider, credentials: { provider: provider.name } } : null),
      renew: async () => false,
    }
    const drainer = (sql: Ledger) =>
      createDrainer({
        sql,
        apps: known,
        send,
        log: createLog({ level: 'silent' }),
        now: Date.now,
        chance: () => 0.5,
        vendorTimeoutMs: 1000,
        inFlight,
      })
    return { calls, drainer }
  }
  const one = async (id: string) => {
    const [recall] = await readRecalls(ledger(), [id])
    if (!recall) throw new Error('gone')
    return recall
  }
  /** Until all that is left waits for longer than that. */
  const run = (drainer: ReturnType<typeof createDrainer>, patienceMs = 50) =>
    drainer.run(null, Date.now() + 120_000, patienceMs)
  /** As if the wait were over. */
  const elapse = () =>
    ledger().script(
      "update breaker set probe_at = now() - interval '1 second' where probe_at is not null; update work set run_at = now() where state = 'ready'",
    )

  it('opens when half of twenty calls fail, tries one at a time, and closes at the first answer', async () => {
    const says: { now: Outcome } = { now: down }
    const { calls, drainer } = vendorThat(says)
    const units = 400
    const id = await admitBatches(ledger(), units)
    const worker = drainer(ledger())
    await run(worker)
    await worker.idle()
    // what was out when the twentieth failed could not be called back
    expect(calls.length).toBeGreaterThanOrEqual(20)
    expect(calls.length).toBeLessThanOrEqual(20 + 2 * inFlight)
    const opened = calls.length
    expect(await claimable(ledger(), 1000)).toBe(0)
    expect(await nextDue(ledger(), null)).toBeGreaterThan(500)
    const { targets } = await one(id)
    expect(targets[0]?.blocked).toMatchObject({ by: 'vendor' })
    // ten minutes of silence at 30 s each
    const probes = 20
    for (let probe = 0; probe < probes; probe++) {
      const before = calls.length
      await elapse()
      await run(worker)
      await worker.idle()
      expect(calls.length - before).toBe(1)
    }
    expect(calls.length).toBe(opened + probes)
    expect(calls.length).toBeLessThanOrEqual(1.1 * units)
    says.now = yes
    await elapse()
    await run(worker, 2000)
    expect((await one(id)).state).toBe('done')
    expect(await ledger().query('select * from breaker')).toEqual([])
  })

  it('opens at a refused credential, and says so', async () => {
    const says: { now: Outcome } = { now: denied }
    const { calls, drainer } = vendorThat(says)
    const id = await admitBatches(ledger(), 200)
    const worker = drainer(ledger())
    await run(worker)
    await worker.idle()
    // each of those that were out once, and once more with what the secrets manager has
    expect(calls.length).toBeLessThanOrEqual(2 * 2 * inFlight)
    expect((await one(id)).targets[0]?.blocked).toMatchObject({ by: 'credential' })
    const before = calls.length
    await elapse()
    await run(worker)
    await worker.idle()
    expect(calls.length - before).toBe(2)
    says.now = yes
    await elapse()
    await run(worker, 2000)
    expect((await one(id)).state).toBe('done')
  })

  it('stays closed where less than half fails, or too few calls tell', async () => {
    const says: { now: Outcome } = { now: down }
    const { drainer } = vendorThat(says)
    await admitBatches(ledger(), 15)
    const worker = drainer(ledger())
    await run(worker)
    await worker.idle()
    const rows = await ledger().query<{ failures: number; open: boolean }>(
      'select failures, probe_at is not null as open from breaker',
    )
    expect(rows).toEqual([{ failures: 15, open: false }])
    says.now = yes
    const id = await admitBatches(ledger(), 60)
    await run(worker)
    says.now = down
    await admitBatches(ledger(), 20)
    await run(worker)
    await worker.idle()
    expect((await one(id)).state).toBe('done')
    const after = await ledger().query('select probe_at from breaker')
    expect(after).toEqual([{ probe_at: null }])
  })

  it('leaves every other app alone', async () => {
    await ledger().query(
      "insert into breaker (app, probe_at, opened_at, cause) values ('app', now() + interval '1 minute', now(), 'vendor')",
    )
    const { drainer } = vendorThat({ now: yes }, ['app', 'other'])
    const held = await admitBatches(ledger(), 3)
    const batches = [1, 1, 1]
    const free = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches,
      giveUpHours: 1,
      as: { app: 'other', provider: 'fake-tokens', handle: 'free' },
    })
    await run(drainer(ledger()))
    expect((await one(free)).state).toBe('done')
    expect((await one(held)).state).toBe('running')
  })

  it('ends work whose time is over all the same', async () => {
    const { drainer } = vendorThat({ now: down })
    const id = await admitBatches(ledger(), 100)
    const worker = drainer(ledger())
    await run(worker)
    await worker.idle()
    await ledger().query("update work set give_up_at = now(), run_at = now() where state = 'ready'")
    await run(worker)
    await worker.idle()
    expect((await one(id)).state).toBe('expired')
  })
})
