/** A retry that is killed next to its one statement: it happened or it did not, and what was taken is never asked again. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { figure, soak } from '../support/figures.ts'
import type { LedgerCrash, Moment } from './crash-points.ts'
import { recallOf } from './crash-recall.ts'
import type { Step } from './function-process.ts'
import { type OpenRig, openRig } from './rig.ts'
import { bundleFunctions, type Functions } from './processes.ts'

const moments: readonly Moment[] = ['before', 'wire', 'inside', 'after']
const rounds = soak ? 12 : 2

describe('retries that die (PostgreSQL)', () => {
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

  it(`try again exactly what reached nobody, over ${moments.length * rounds} kills`, async context => {
    const { ledger, vendor, environment, key } = rig
    const run = (steps: readonly Step[], crash: LedgerCrash | null) =>
      functions.start({ steps, crash }, environment).ended
    const headers = { authorization: `Bearer ${key}` }
    for (const [index, moment] of Array.from({ length: rounds }, () => moments)
      .flat()
      .entries()) {
      const recall = recallOf(5000 + index, false, key)
      const dead = recall.units[1]
      vendor.acts.length = 0
      vendor.judge = ({ unit }) => (unit === dead ? 'refuse' : 'yes')
      const first = await run([recall.request(10)], null)
      const shown = JSON.parse(first.answers[0]?.body ?? '{}')
      expect([shown.state, shown.devices.accepted, shown.devices.rejected]).toEqual(['partial', 1100, 1000])
      expect(shown.targets[0].warnings.join(' ')).toContain(
        '1 request ended with no device known to be reached (1 refused)',
      )
      vendor.judge = () => 'yes'
      const retry: Step = { call: 'recalls', path: `/v1/recalls/${shown.id}/retry`, headers, body: '' }
      expect((await run([retry], { statement: 'retry', moment })).killed, moment).toBe(true)
      await rig.buried()
      const after = await run([{ timer: 'sweep' }, retry], null)
      expect([202, 409], moment).toContain(after.answers[0]?.status)
      const [row] = await ledger.query('select state from recall where id = $1::text', [shown.id])
      expect(row, moment).toEqual({ state: 'done' })
      const asked = recall.units.map(unit => vendor.acts.filter(act => act.unit === unit).map(({ said }) => said))
      expect(asked, moment).toEqual([['yes'], ['no', 'yes'], ['yes']])
    }
    figure(context, 'SIGKILLs of retries', `${moments.length * rounds} kills`, 'what was taken is asked once')
  })
})
