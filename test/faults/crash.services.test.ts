/** SIGKILL at every crash point: nothing lost, nothing settled twice, nothing repeated that no death explains. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { figure, soak } from '../support/figures.ts'
import { runHistory, runRotation } from './crash-history.ts'
import { deaths } from './crash-points.ts'
import { type OpenRig, openRig } from './rig.ts'
import { stepsOf } from '../support/steps.ts'
import { bundleFunctions, type Functions } from './processes.ts'

const wanted = soak ? 600 : 90
const rotations = soak ? 50 : 5
const side = 3

describe('functions that die (PostgreSQL)', () => {
  let functions: Functions
  let rigs: OpenRig[] = []
  beforeAll(async () => {
    functions = await bundleFunctions()
    rigs = await Promise.all(Array.from({ length: side }, () => openRig(inject('postgres'), functions)))
  })
  afterAll(async () => {
    await Promise.all(rigs.map(rig => rig.close()))
    await functions.close()
  })

  it(
    `lose nothing and settle everything once, over ${wanted} kills`,
    async context => {
      // some deaths do not come to pass, since whoever runs beside may be faster
      const planned = deaths(wanted * 2)
      const step = stepsOf(context)
      const killsAt = new Map<string, number>()
      const faults: string[] = []
      let [next, kills, repeats] = [0, 0, 0]
      await Promise.all(
        rigs.map(async rig => {
          while (kills < wanted) {
            const number = ++next
            const death = planned[number - 1]
            if (death === undefined) return
            const outcome = await step(death.point, () => runHistory(rig, number, death))
            kills += outcome.kills
            repeats += outcome.repeats
            killsAt.set(death.point, (killsAt.get(death.point) ?? 0) + outcome.kills)
            for (const fault of outcome.faults) faults.push(`${number} ${JSON.stringify(death)}: ${fault}`)
          }
        }),
      )
      figure(
        context,
        'SIGKILLs over the crash points',
        `${kills}: ${faults.length} faults, ${repeats} repeats`,
        '0 faults',
      )
      for (const [point, count] of killsAt) figure(context, `… ${point}`, `${count} kills`, 'each reached')
      expect(faults).toEqual([])
      expect(kills).toBeGreaterThanOrEqual(wanted)
      expect([...killsAt.values()].filter(count => count < wanted / 30)).toEqual([])
      expect(killsAt.size).toBe(new Set(planned.map(({ point }) => point)).size)
    },
    soak ? 3_600_000 : 600_000,
  )

  it(`go on when a secret rotates while they fan out (P11), ${rotations} times`, async context => {
    const [rig] = rigs
    if (rig === undefined) throw new Error('no rig was opened')
    const faults: string[] = []
    for (let number = 1; number <= rotations; number++) {
      faults.push(...(await runRotation(rig, 1_000_000 + number, `rotated-${number}`)))
    }
    figure(context, 'P11 secret rotates mid-fan-out', `${rotations} rotations: ${faults.length} faults`, '0 faults')
    expect(faults).toEqual([])
  })
})
