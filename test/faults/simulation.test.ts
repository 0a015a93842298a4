/**
 * Simulated histories. A failure prints fast-check's seed and path: set UNPUSH_TEST_SEED and UNPUSH_TEST_PATH to them and
 * run this file again, and the same history is played.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { figure, soak } from '../support/figures.ts'
import { takeEngine } from '../support/engines.ts'
import { simulate } from './simulation.ts'
import { watchPromises } from './simulation-checks.ts'

const histories = soak ? 10_000 : 250
const { UNPUSH_TEST_SEED: seedText, UNPUSH_TEST_PATH: path } = process.env
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedText)

const tokens = fc.record({
  app: fc.constant('app' as const),
  operation: fc.constant('revoke' as const),
  ladder: fc.constant(['revoke'] as const),
  batches: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  giveUpHours: fc.constantFrom(24, 0.25),
})
const task = fc
  .constantFrom(
    ['revoke', 'stop'] as const,
    ['revoke', 'overlay', 'stop'] as const,
    ['overlay', 'stop'] as const,
    ['stop'] as const,
  )
  .chain(ladder =>
    fc.record({
      app: fc.constant('tasks' as const),
      operation: fc.constant(ladder[0]),
      ladder: fc.constant(ladder),
      batches: fc.constant([]),
      giveUpHours: fc.constantFrom(24, 0.25),
    }),
  )
const script = fc.record({
  recalls: fc.array(fc.oneof(tokens, task), { minLength: 1, maxLength: 3 }),
  choices: fc.array(fc.nat(10_000_000), { minLength: 10, maxLength: 60, size: 'max' }),
})

let ledger: Ledger
beforeAll(async () => {
  ledger = await takeEngine()
  await watchPromises(ledger)
})
afterAll(() => ledger.close())

it(`keeps every promise in ${histories} simulated histories`, async context => {
  let steps = 0
  const startedAt = Date.now()
  await fc.assert(
    fc.asyncProperty(script, async history => {
      const told = await simulate(ledger, history)
      steps += told.steps
      expect(told.faults).toEqual([])
    }),
    { numRuns: histories, seed, ...(path === undefined ? {} : { path }) },
  )
  const seconds = (Date.now() - startedAt) / 1000
  const text = `${histories} of seed ${seed}, ${steps} steps in ${seconds.toFixed(0)} s`
  figure(context, 'simulated histories', text, '0 broken promises')
}, 1_800_000)
