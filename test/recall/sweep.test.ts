import { beforeEach, expect, it } from 'vitest'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { claimable, freeSlots, leaveSlot, takeSlot } from '../../shared/ledger/sweepers.ts'
import { createLog } from '../../shared/log.ts'
import { sweep } from '../../shared/recall/sweep.ts'
import { defaultPolicy } from '../../shared/secrets/documents.ts'
import type { TimerContext } from '../../shared/serve.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitBatches } from '../support/planned-recall.ts'

describeOnLedgers('sweep', ledger => {
  beforeEach(async () => {
    await ledger().query("update work set state = 'done', result = 'accepted' where state <> 'done'")
    await ledger().query('delete from sweeper')
  })

  /** A run that drains nothing, with its kicks counted. */
  async function run(name: 'kick' | 'sweep', sweeps: number, drain: () => Promise<void> = async () => {}) {
    let kicks = 0
    const context = {
      ledger: ledger(),
      policy: async () => defaultPolicy,
      config: { sweeps },
      firing: { name, at: null, message: null },
      kick: async () => void kicks++,
      drainer: { run: drain, idle: async () => {} },
      invocation: { requestId: 'r', coldStart: false, remainingMs: () => 60_000, platform: 'scf' },
      log: createLog({ level: 'silent' }),
    }
    await sweep(context as unknown as TimerContext)
    return kicks
  }

  it('finishes a recall whose last worker died between its work and the roll-up', async () => {
    const id = await admitBatches(ledger(), 2)
    await ledger().query("update work set state = 'done', result = 'accepted', accepted = devices")
    // nothing is left to drain: this is about what no work row leads to
    await run('sweep', 4)
    const [recall] = await readRecalls(ledger(), [id])
    expect(recall?.state).toBe('done')
    expect(recall?.settledAt).toBeInstanceOf(Date)
  })

  it('calls another run where there is work for one, and only then', async () => {
    await admitBatches(ledger(), 255)
    expect(await run('sweep', 4)).toBe(0)
    await admitBatches(ledger(), 1)
    expect(await run('sweep', 4)).toBe(1)
    expect(await run('kick', 4)).toBe(1)
    expect(await run('sweep', 1)).toBe(0)
    await ledger().query(
      "update work set blocked_by = 'rate', run_at = now() + interval '1 second' where id = (select max(id) from work)",
    )
    expect(await claimable(ledger(), 1000)).toBe(0)
    expect(await run('sweep', 4)).toBe(0)
  })

  it('leaves the work to others where enough are at it, save for the net', async () => {
    for (const owner of ['a', 'b']) expect(await takeSlot(ledger(), owner, 2, 60_000)).toBe(true)
    let drains = 0
    const drain = async () => void drains++
    await run('kick', 2, drain)
    expect(drains).toBe(0)
    await run('sweep', 2, drain)
    expect(drains).toBe(1)
    await leaveSlot(ledger(), 'a')
    await run('kick', 2, drain)
    expect(drains).toBe(2)
    expect(await freeSlots(ledger(), 2)).toBe(1)
  })

  it('gives its place up when it fails, and a dead run loses it with its time', async () => {
    const failing = run('kick', 1, () => Promise.reject(new Error('away')))
    await expect(failing).rejects.toThrow('away')
    expect(await freeSlots(ledger(), 1)).toBe(1)
    expect(await takeSlot(ledger(), 'dead', 1, 0)).toBe(true)
    expect(await takeSlot(ledger(), 'next', 1, 60_000)).toBe(true)
    expect(await takeSlot(ledger(), 'late', 1, 60_000)).toBe(false)
  })

  it('never has more runs than places, however many begin at once', async () => {
    const taken = await Promise.all(Array.from({ length: 40 }, (_, n) => takeSlot(ledger(), `o${n}`, 7, 60_000)))
    expect(taken.filter(Boolean)).toHaveLength(7)
  })
})
