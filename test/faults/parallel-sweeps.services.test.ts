/** A backlog too large for one function: sweeps call further ones, up to a number and a rate. Real processes, PostgreSQL. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { admitPlanned } from '../support/planned-recall.ts'
import { figure } from '../support/figures.ts'
import { type OpenRig, openRig } from './rig.ts'
import { bundleFunctions, type Ended, type Functions } from './processes.ts'

/** Vendor requests that one process makes at once. */
const inFlight = 32
/** Less than a function waits for a vendor. */
const patienceMs = 6000
const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

interface Drained {
  readonly ended: readonly Ended[]
  /** Vendor requests at once, at most. */
  readonly peak: number
}

describe('sweeps in parallel (PostgreSQL)', () => {
  let functions: Functions
  const rigs: OpenRig[] = []
  beforeAll(async () => {
    functions = await bundleFunctions()
  })
  afterAll(async () => {
    await Promise.all(rigs.map(rig => rig.close()))
    await functions.close()
  })
  const open = async (ratePerSecond?: number) => {
    const rig = await openRig(inject('postgres'), functions, ratePerSecond)
    rigs.push(rig)
    return rig
  }

  const admit = async ({ ledger }: OpenRig, units: number, handle: number) =>
    admitPlanned(ledger, {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: Array.from({ length: units }, () => 1),
      giveUpHours: 1,
      as: { app: 'phones', provider: 'huawei', handle: String(handle) },
    })

  /**
   * The timer fires once; whatever is kicked from then on starts, as in the cloud. The vendor keeps its answers back until
   * `atOnce` requests are out together, and for `vendorMs` then, so that the peak does not depend on how fast the machine is.
   */
  async function drain(rig: OpenRig, sweeps: number, vendorMs: number, atOnce = 0): Promise<Drained> {
    let [out, peak] = [0, 0]
    rig.vendor.judge = async () => {
      peak = Math.max(peak, ++out)
      const enough = () => peak >= atOnce
      for (const until = Date.now() + patienceMs; !enough() && Date.now() < until; ) await pause(10)
      await pause(vendorMs)
      out -= 1
      return 'yes' as const
    }
    const all: Promise<Ended>[] = []
    const environment = { ...rig.environment, UNPUSH_SWEEPS: String(sweeps) }
    const start = (step: { timer: 'sweep' } | { kicked: 'sweep' }) => {
      const running = rig.functions.start({ steps: [step], crash: null }, environment, () => start({ kicked: 'sweep' }))
      all.push(running.ended)
    }
    start({ timer: 'sweep' })
    const ended: Ended[] = []
    for (let next = all.shift(); next !== undefined; next = all.shift()) ended.push(await next)
    return { ended, peak }
  }
  const swept = ({ ended }: Drained) => ended.filter(({ logged }) => logged.includes('"msg":"swept"')).length

  it('share the work among as many as are configured, each unit once', async context => {
    const rig = await open()
    const units = 2500
    const runs: { readonly sweeps: number; readonly drained: Drained }[] = []
    // how many of eight get their share before the last unit is gone depends on the machine
    const wanted = [
      [1, inFlight],
      [2, inFlight + 1],
      [8, 3 * inFlight + 1],
    ] as const
    for (const [index, [sweeps, atOnce]] of wanted.entries()) {
      rig.vendor.acts.length = 0
      const id = await admit(rig, units, index)
      const drained = await drain(rig, sweeps, 150, atOnce)
      runs.push({ sweeps, drained })
      const distinct = new Set(rig.vendor.acts.map(({ unit }) => unit)).size
      expect([rig.vendor.acts.length, distinct]).toEqual([units, units])
      const rows = await rig.ledger.query('select state from recall where id = $1::text', [id])
      expect(rows).toEqual([{ state: 'done' }])
    }
    for (const { sweeps, drained } of runs) {
      const text = `${swept(drained)} runs, ${drained.peak} vendor requests at once`
      figure(context, `${units} batches, at most ${sweeps} sweeps`, text, `≤ ${sweeps} runs of ${inFlight}`)
      expect(swept(drained)).toBeLessThanOrEqual(sweeps)
      expect(drained.peak).toBeLessThanOrEqual(sweeps * inFlight)
    }
    const [one, two, eight] = runs.map(({ drained }) => drained.peak)
    expect(one).toBe(inFlight)
    expect(two).toBeGreaterThan(inFlight)
    expect(eight).toBeGreaterThan(3 * inFlight)
  })

  it('keep to the vendor’s rate together, and call nobody whom it would not let work', async context => {
    const perSecond = 1000
    const rig = await open(perSecond)
    const units = 3000
    await admit(rig, units, 9)
    const drained = await drain(rig, 8, 20)
    const [row] = await rig.ledger.query<{ seconds: number; count: number }>(
      'select extract(epoch from max(started_at) - min(started_at))::float8 as seconds, count(*)::int as count from attempt',
    )
    const { seconds = 0, count = 0 } = row ?? {}
    const allowed = perSecond + perSecond * seconds
    const text = `${count} calls of ${allowed.toFixed(0)} allowed in ${seconds.toFixed(1)} s, ${swept(drained)} runs`
    figure(context, `${units} batches at ${perSecond}/s, at most 8 sweeps`, text, 'never over')
    expect(count).toBe(units)
    expect(count).toBeLessThanOrEqual(allowed + 1)
    expect(rig.vendor.acts).toHaveLength(units)
  })
})
