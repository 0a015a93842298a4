import { beforeEach, expect, it } from 'vitest'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { claimable, freeSlots, keepKick, leaveSlot, takeSlot } from '../../shared/ledger/sweepers.ts'
import { createLog } from '../../shared/log.ts'
import { defaultPolicy } from '../../shared/secrets/documents.ts'
import type { TimerContext } from '../../shared/serve-timer.ts'
import type { Step } from '../../shared/sweep/run-steps.ts'
import { sweepSteps } from '../../shared/sweep/steps.ts'
import { sweep } from '../../shared/sweep/sweep.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitBatches } from '../support/planned-recall.ts'

/** What moderation and the audit trail do needs more than a ledger. */
const recallSteps = sweepSteps.filter(({ name }) => name !== 'trail' && name !== 'verdicts')

function outcomesOf(steps: { readonly [name: string]: { readonly outcome: string } }) {
  return Object.fromEntries(Object.entries(steps).map(([name, { outcome }]) => [name, outcome]))
}

describeOnLedgers('sweep', ledger => {
  beforeEach(async () => {
    await ledger().query("update work set state = 'done', result = 'accepted' where state <> 'done'")
    await ledger().query('delete from sweeper')
  })

  const noDrain = async () => {}
  interface Running {
    readonly name?: 'kick' | 'sweep'
    readonly sweeps?: number
    readonly drain?: (id: string | null, untilMs: number) => Promise<void>
    readonly steps?: readonly Step<TimerContext>[]
    readonly on?: Ledger
    readonly remainingMs?: number
  }

  /** A run that drains nothing, with its kicks counted and its lines read. */
  async function run({
    name = 'sweep',
    sweeps = 4,
    drain = noDrain,
    steps = recallSteps,
    on = ledger(),
    remainingMs = 60_000,
  }: Running = {}) {
    let kicks = 0
    // oxlint-disable-next-line typescript/no-explicit-any -- lines are looked into member by member
    const lines: any[] = []
    const context = {
      ledger: on,
      policy: async () => defaultPolicy,
      apps: { names: async () => [] },
      config: { sweeps },
      firing: { name, at: null, message: null },
      kick: async () => void kicks++,
      drainer: { run: drain, idle: async () => {} },
      invocation: { requestId: 'r', coldStart: false, remainingMs: () => remainingMs, platform: 'scf' },
      log: createLog({ stream: { write: line => lines.push(JSON.parse(line)) } }),
    }
    const error = await sweep(context as unknown as TimerContext, steps).catch((error: unknown) => error)
    const swept = lines.find(({ msg }) => msg === 'swept')
    return { kicks, error, lines, outcomes: outcomesOf(swept?.steps ?? {}) }
  }

  it('finishes a recall whose last worker died between its work and the roll-up', async () => {
    const id = await admitBatches(ledger(), 2)
    await ledger().query("update work set state = 'done', result = 'accepted', accepted = devices")
    // nothing is left to drain: this is about what no work row leads to
    await run()
    const [recall] = await readRecalls(ledger(), [id])
    expect(recall?.state).toBe('done')
    expect(recall?.settledAt).toBeInstanceOf(Date)
  })

  it('calls another run where there is work for one, and only then', async () => {
    await admitBatches(ledger(), 255)
    expect((await run()).kicks).toBe(0)
    await admitBatches(ledger(), 1)
    expect((await run()).kicks).toBe(1)
    expect((await run({ name: 'kick' })).kicks).toBe(1)
    expect((await run({ sweeps: 1 })).kicks).toBe(0)
    await ledger().query(
      "update work set blocked_by = 'rate', run_at = now() + interval '1 second' where id = (select max(id) from work)",
    )
    expect(await claimable(ledger(), 1000)).toBe(0)
    expect((await run()).kicks).toBe(0)
  })

  it('loads no drainer where nothing is due soon', async () => {
    let drains = 0
    const drain = async () => void drains++
    expect((await run({ drain })).outcomes['drain']).toBe('done')
    await admitBatches(ledger(), 1)
    await ledger().query("update work set run_at = now() + interval '1 minute' where state = 'ready'")
    await run({ drain })
    expect(drains).toBe(0)
    await ledger().query("update work set run_at = now() + interval '2 seconds' where state = 'ready'")
    await run({ drain })
    expect(drains).toBe(1)
  })

  it('leaves the work to others where enough are at it, save for the net', async () => {
    await admitBatches(ledger(), 1)
    for (const owner of ['a', 'b']) expect(await takeSlot(ledger(), owner, 2, 60_000)).toBe(true)
    let drains = 0
    const drain = async () => void drains++
    await run({ name: 'kick', sweeps: 2, drain })
    expect(drains).toBe(0)
    await run({ sweeps: 2, drain })
    expect(drains).toBe(1)
    await leaveSlot(ledger(), 'a')
    await run({ name: 'kick', sweeps: 2, drain })
    expect(drains).toBe(2)
    expect(await freeSlots(ledger(), 2)).toBe(1)
  })

  it('is followed by another run where a kick came that found every place taken', async () => {
    // it comes at each step of the run that has the place, however near its end
    for (const { name: at } of recallSteps) {
      const kicks: number[] = []
      const steps = recallSteps.map(step => ({
        ...step,
        run: async (context: TimerContext, untilMs: number) => {
          if (step.name === at) kicks.push((await run({ name: 'kick', sweeps: 1, steps: [] })).kicks)
          return step.run(context, untilMs)
        },
      }))
      const first = await run({ name: 'kick', sweeps: 1, steps })
      expect([at, kicks, first.kicks]).toEqual([at, [0], 1])
    }
    expect((await run({ name: 'kick', sweeps: 1 })).kicks).toBe(0)
  })

  it('has one run follow for all who found every place taken, and none for a run that is dead', async () => {
    for (const owner of ['a', 'b']) await takeSlot(ledger(), owner, 2, 60_000)
    for (let n = 0; n < 3; n++) expect(await keepKick(ledger(), 2)).toBe(true)
    expect(await leaveSlot(ledger(), 'a')).toBe(true)
    expect(await leaveSlot(ledger(), 'b')).toBe(false)
    // it found the last one leave: there is a place to take
    expect(await keepKick(ledger(), 2)).toBe(false)
    await takeSlot(ledger(), 'dead', 1, 0)
    expect(await keepKick(ledger(), 1)).toBe(false)
    await takeSlot(ledger(), 'a', 1, 60_000)
    await keepKick(ledger(), 1)
    await ledger().query('update sweeper set lease_until = now()')
    await takeSlot(ledger(), 'b', 1, 60_000)
    expect(await leaveSlot(ledger(), 'b')).toBe(false)
  })

  it('gives its place up when it fails, and a dead run loses it with its time', async () => {
    await admitBatches(ledger(), 1)
    const drain = () => Promise.reject(Object.assign(new Error('away'), { code: 'CONNECTION_CLOSED' }))
    expect((await run({ name: 'kick', sweeps: 1, drain })).error).toMatchObject({ message: 'away' })
    expect(await freeSlots(ledger(), 1)).toBe(1)
    expect(await takeSlot(ledger(), 'dead', 1, 0)).toBe(true)
    expect(await takeSlot(ledger(), 'next', 1, 60_000)).toBe(true)
    expect(await takeSlot(ledger(), 'late', 1, 60_000)).toBe(false)
  })

  it.each(recallSteps.map(({ name }) => name))('goes on after a failure of %s, and says so', async failing => {
    await ledger().query("update pulse set at = now() - interval '1 hour'")
    const steps = recallSteps.map(step =>
      step.name === failing ? { ...step, run: () => Promise.reject(new Error('a defect')) } : step,
    )
    const { error, outcomes, lines } = await run({ steps })
    expect(error).toBeUndefined()
    expect(outcomes).toEqual(
      Object.fromEntries(recallSteps.map(({ name }) => [name, name === failing ? 'failed' : 'done'])),
    )
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([{ step: failing }])
    // what it is there for was not done: its silence is what an operator sees
    const isEssential = recallSteps.some(({ name, essential }) => name === failing && essential === true)
    const [pulse] = await ledger().query<{ silent: boolean }>(
      "select at < clock_timestamp() - interval '50 minutes' as silent from pulse where name = 'sweep'",
    )
    expect(pulse?.silent).toBe(isEssential)
  })

  it('says of the trail and of verdicts that they failed, not that they are done', async () => {
    const names = ['trail', 'verdicts', 'oldVerdicts']
    const on: Ledger = {
      ...ledger(),
      // nor is there a sealer
      query: (text, ...rest) =>
        text.includes('verdict') ? Promise.reject(new Error('a defect')) : ledger().query(text, ...rest),
    }
    const { outcomes } = await run({ on, steps: sweepSteps.filter(({ name }) => names.includes(name)) })
    expect(outcomes).toEqual(Object.fromEntries(names.map(name => [name, 'failed'])))
  })

  it('leaves a step behind that hangs, and gives the others their time', async () => {
    const times = new Map<string, number>()
    const steps = recallSteps.map((step): Step<TimerContext> => {
      if (step.name === 'seal') return { ...step, run: () => new Promise(() => {}) }
      return { ...step, run: async (_, untilMs) => void times.set(step.name, untilMs - Date.now()) }
    })
    const { error, outcomes } = await run({ steps, remainingMs: 6000 })
    expect(error).toBeUndefined()
    expect(outcomes).toMatchObject({ drain: 'done', seal: 'late', answers: 'done', retire: 'done' })
    expect(Math.min(...times.values())).toBeGreaterThan(0)
  })

  it('reports failure where the ledger is away, whichever step meets it', async () => {
    const away = Object.assign(new Error('away'), { code: '57P01' })
    const steps = recallSteps.map(step =>
      step.name === 'answers' ? { ...step, run: () => Promise.reject(away) } : step,
    )
    const { error, outcomes } = await run({ steps })
    expect(error).toBe(away)
    expect(outcomes).toMatchObject({ answers: 'failed', retire: 'done' })
  })

  it('never has more runs than places, however many begin at once', async () => {
    const taken = await Promise.all(Array.from({ length: 40 }, (_, n) => takeSlot(ledger(), `o${n}`, 7, 60_000)))
    expect(taken.filter(Boolean)).toHaveLength(7)
  })
})
