/** Expiry timers that are killed in the middle: what they did not get to is the next one's, and nothing is done twice. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { recallsOf, registerMany } from '../support/expiring.ts'
import { figure, soak } from '../support/figures.ts'
import type { LedgerCrash } from './crash-points.ts'
import { type OpenRig, openRig } from './rig.ts'
import { bundleFunctions, type Functions } from './processes.ts'

const crashes: readonly LedgerCrash[] = [
  { statement: 'hold', moment: 'inside' },
  { statement: 'hold', moment: 'after' },
  { statement: 'admit', moment: 'before' },
  { statement: 'admit', moment: 'wire' },
  { statement: 'admit', moment: 'inside' },
  { statement: 'admit', moment: 'after' },
]
const rounds = soak ? 10 : 1
/** Several statements' worth of admissions. */
const messages = 60

describe('expiry timers that die (PostgreSQL)', () => {
  let functions: Functions
  let rig: OpenRig
  beforeAll(async () => {
    functions = await bundleFunctions()
    rig = await openRig(inject('postgres'), functions)
  })
  afterAll(async () => {
    await rig.close()
    await functions.close()
  })

  it(`recall each message once, over ${crashes.length * rounds} kills`, async context => {
    const { ledger, vendor, environment } = rig
    vendor.judge = () => 'yes'
    const partial: number[] = []
    for (const [index, crash] of Array.from({ length: rounds }, () => crashes)
      .flat()
      .entries()) {
      const name = `${crash.statement} ${crash.moment}`
      const prefix = `crash${index}`
      const first = 1 + index * messages
      await registerMany(ledger, { app: 'phones', count: messages, prefix, from: first, expiresInMinutes: -1 })
      vendor.acts.length = 0
      const died = await functions.start({ steps: [{ timer: 'expire' }], crash }, environment).ended
      expect(died.killed, name).toBe(true)
      await rig.buried()
      partial.push((await recallsOf(ledger, prefix)).length)
      // the next minute
      await ledger.query("update message set expiry_held_until = now() - interval '1 second'")
      const after = functions.start({ steps: [{ timer: 'expire' }, { timer: 'sweep' }], crash: null }, environment)
      expect((await after.ended).killed, name).toBe(false)
      const recalls = await recallsOf(ledger, prefix)
      expect([recalls.length, new Set(recalls.map(({ message }) => message)).size], name).toEqual([messages, messages])
      expect(new Set(recalls.map(({ state }) => state)), name).toEqual(new Set(['done']))
      expect([vendor.acts.length, new Set(vendor.acts.map(({ unit }) => unit)).size], name).toEqual([
        messages,
        messages,
      ])
    }
    figure(
      context,
      'SIGKILLs of expiry timers',
      `${partial.length} kills, ${partial.filter(count => count > 0 && count < messages).length} of them half-way`,
      'each message once',
    )
    // some died with a part of it done
    expect(partial.some(count => count > 0 && count < messages)).toBe(true)
  })
})
