/** Claim, lease and fence: every state of the model, and the model against the ledger's own statements. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { figure, soak } from '../support/figures.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { explore } from './explore.ts'
import { rules } from './lease-model.ts'
import { replay } from './lease-replay.ts'

describe('the model of claim, lease and fence', () => {
  it('keeps every promise in every state, and can finish from each', context => {
    const { states, steps, forbidden, stuck } = explore(rules)
    figure(
      context,
      'states of 2 workers × 2 units × 3 attempts',
      `${states}, ${steps} steps, ${stuck} stuck`,
      '≥ 50000, 0',
    )
    expect({ forbidden, stuck }).toEqual({ forbidden: null, stuck: 0 })
    expect(states).toBeGreaterThanOrEqual(50_000)
  })

  it.each([
    ['fenced', 'a zombie wrote'],
    ['doubted', 'done without a yes of the vendor'],
  ] as const)('notices when work is not %s', (rule, fault) => {
    expect(explore({ ...rules, [rule]: false }).forbidden?.fault).toBe(fault)
  })

  it.each(['reclaimed', 'repaired'] as const)('notices when what the dead left is not %s', rule => {
    const { forbidden, stuck } = explore({ ...rules, mostAttempts: 2, [rule]: false })
    expect(forbidden).toBeNull()
    expect(stuck).toBeGreaterThan(0)
  })
})

describeOnLedgers('walks through the model', (ledger, engine) => {
  it('are the same walks in the ledger', async context => {
    let steps = 0
    const walks = soak ? 1500 : 50
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1_000_000), { minLength: 20, maxLength: 60, size: 'max' }), async picks => {
        steps += await replay(ledger(), picks)
      }),
      { numRuns: walks, endOnFailure: true },
    )
    figure(context, `walks through the model, replayed (${engine})`, `${walks}, ${steps} steps alike`, 'all alike')
    expect(steps).toBeGreaterThan(walks * 20)
  }, 7_200_000)
})
