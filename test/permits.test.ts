import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sql } from '../shared/ledger/sql.ts'
import { createLog } from '../shared/log.ts'
import { blockOf, type Limit, openPermits } from '../shared/permits.ts'
import { describeOnLedgers } from './support/ledgers.ts'

const silent = createLog({ level: 'silent' })
const hourly = (most: number): Limit => ({ name: 'limits.recallsPerHour', most, perSecond: most / 3600 })

let payers = 0
const newPayer = () => `person:p${++payers}`

describeOnLedgers('permits', ledger => {
  it('let as many pass as the limit says, from however many instances, and a block more for each at most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.record({ instance: fc.nat(3), cost: fc.integer({ min: 1, max: 12 }), alone: fc.boolean() }), {
          minLength: 1,
          maxLength: 60,
        }),
        async (most, requests) => {
          const limit = hourly(most)
          const payer = newPayer()
          const startedAtMs = performance.now()
          const instances = Array.from({ length: 4 }, () => openPermits(ledger(), silent))
          let asked = 0
          let passed = 0
          const pending: Promise<number>[] = []
          for (const { instance, cost: dear, alone } of requests) {
            const permits = instances[instance]
            const cost = Math.min(dear, most)
            asked += cost
            const account = permits?.account(payer, 'k', limit)
            if (permits === undefined || account === undefined) throw new Error('no instance')
            const taking = permits.take(account, cost).then(waitMs => (passed += waitMs === 0 ? cost : 0))
            pending.push(taking)
            if (alone) await taking
          }
          await Promise.all(pending)
          const backSince = ((performance.now() - startedAtMs) / 1000) * limit.perSecond
          const used = new Set(requests.map(({ instance }) => instance)).size
          expect(passed).toBeLessThanOrEqual(most + used * blockOf(limit) + backSince)
          // whoever is far from the limit is never told that it is reached
          if (asked <= most) expect(passed).toBe(asked)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('come back evenly, as fast as the limit says', async () => {
    const payer = newPayer()
    // slower than they are taken
    const limit = { name: 'l', most: 5, perSecond: 4 }
    const permits = openPermits(ledger(), silent)
    const take = () => permits.take(permits.account(payer, 'k', limit), 1)
    const waits = []
    for (let i = 0; i < 12; i++) waits.push(await take())
    const refused = waits.filter(waitMs => waitMs > 0)
    expect(refused.length).toBeGreaterThan(0)
    for (const waitMs of refused) expect(waitMs).toBeLessThanOrEqual(250)
    await new Promise(resolve => setTimeout(resolve, Math.max(...refused) + 5))
    expect(await take()).toBe(0)
  })

  it('that were given back can be spent again, by another instance too', async () => {
    const payer = newPayer()
    const limit = hourly(3)
    const one = openPermits(ledger(), silent)
    const account = one.account(payer, 'k', limit)
    for (let i = 0; i < 3; i++) expect(await one.take(account, 1)).toBe(0)
    expect(await one.take(account, 1)).toBeGreaterThan(0)
    one.giveBack(account, 2)
    expect(await one.take(account, 1)).toBe(0)
    await account.asking
    const other = openPermits(ledger(), silent)
    expect(await other.take(other.account(payer, 'k', limit), 1)).toBe(0)
    expect(await other.take(other.account(payer, 'k', limit), 1)).toBeGreaterThan(0)
  })
})

describe('an instance', () => {
  /** A ledger that counts, and answers when it is told to. */
  const world = () => {
    const state = { statements: 0, left: 1e6, gate: Promise.resolve(), failure: null as Error | null }
    const sql: Sql = {
      query: async <Row>(_text: string, [draws]: readonly unknown[] = []) => {
        state.statements += 1
        await state.gate
        if (state.failure !== null) throw state.failure
        const asked = JSON.parse(String(draws)) as { used: number; wanted: number }[]
        return asked.map(({ used, wanted }) => {
          state.left -= used
          const granted = Math.max(0, Math.min(wanted, Math.floor(state.left)))
          state.left -= granted
          return { granted, room: state.left }
        }) as Row[]
      },
    }
    const lines: string[] = []
    let nowMs = 0
    const permits = openPermits(sql, createLog({ stream: { write: line => lines.push(line) } }), () => nowMs)
    return { state, lines, permits, pass: (ms: number) => (nowMs += ms) }
  }
  const limit: Limit = { name: 'limits.requestsPerMinute', most: 1200, perSecond: 20 }

  it('waits for the row once, and from then on for nothing while much is left', async () => {
    const { state, permits, pass } = world()
    const account = permits.account('person:a', 'reads', limit)
    expect(await permits.take(account, 1)).toBe(0)
    expect(state.statements).toBe(1)
    let open = () => {}
    state.gate = new Promise(resolve => (open = resolve))
    for (let i = 0; i < blockOf(limit); i++) {
      pass(100)
      // the ledger does not answer, and nobody notices
      expect(await permits.take(account, 1)).toBe(0)
    }
    open()
    await account.asking
    const before = state.statements
    for (let i = 0; i < 400; i++) {
      await permits.take(account, 1)
      await account.asking
    }
    // half a block each
    expect(state.statements - before).toBeLessThanOrEqual(400 / (blockOf(limit) / 2) + 1)
  })

  it('asks for the row that comes next together with the first', async () => {
    const { state, permits } = world()
    const later = permits.account('person:a', 'limits.recallsPerHour', limit)
    permits.expect(later)
    expect(await permits.take(permits.account('person:a', 'recalls', limit), 1)).toBe(0)
    await later.asking
    let open = () => {}
    state.gate = new Promise(resolve => (open = resolve))
    expect(await permits.take(later, 1)).toBe(0)
    expect(state.statements).toBe(1)
    open()
  })

  it('asks nobody for what it knows to be over', async () => {
    const { state, permits } = world()
    state.left = 2
    const account = permits.account('person:a', 'reads', limit)
    await permits.take(account, 1)
    await permits.take(account, 1)
    const before = state.statements
    for (let i = 0; i < 50; i++) expect(await permits.take(account, 1)).toBe(50)
    expect(state.statements).toBe(before)
  })

  it('has one statement for all that ask in one moment', async () => {
    const { state, permits } = world()
    const waits = await Promise.all(
      Array.from({ length: 60 }, (_, i) => permits.take(permits.account(`person:${i % 20}`, 'reads', limit), 1)),
    )
    expect([Math.max(...waits), state.statements]).toEqual([0, 1])
  })

  it('holds nobody back where the ledger fails or hangs, says so once, and notes it all later', async () => {
    const { state, lines, permits, pass } = world()
    state.failure = new Error('down')
    const account = permits.account('person:a', 'reads', limit)
    for (let i = 0; i < 100; i++) expect(await permits.take(account, 1)).toBe(0)
    expect(lines).toHaveLength(1)
    expect(state.statements).toBe(1)
    state.failure = null
    pass(6_000)
    await permits.take(account, 1)
    await account.asking
    expect(1e6 - state.left - account.debt).toBe(101 - account.debt)
    state.gate = new Promise(() => {})
    const other = permits.account('person:b', 'reads', limit)
    expect(await permits.take(other, 1)).toBe(0)
  })
})
