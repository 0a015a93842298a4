import { expect, it } from 'vitest'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { createLog } from '../../shared/log.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { viewRecall } from '../../shared/recall/view.ts'
import { fakeApps, fakeProvider, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitBatches } from '../support/planned-recall.ts'

describeOnLedgers('etaSeconds', ledger => {
  it('says what the drain then takes, at any moment of it', async () => {
    // so slow that a busy machine keeps up: what is tested is the number, and not the machine
    const [perSecond, units] = [15, 75]
    const { provider } = fakeProvider({ addressing: 'tokens', perSecond, burst: perSecond, answer: () => yes })
    await ledger().query('delete from bucket')
    const id = await admitBatches(ledger(), units)
    const drainer = createDrainer({
      sql: ledger(),
      apps: fakeApps(provider),
      send: async () => ({ failure: 'unreached', detail: 'never called' }),
      log: createLog({ level: 'error' }),
      now: Date.now,
      chance: Math.random,
      vendorTimeoutMs: 1000,
      inFlight: 16,
    })
    const said: { at: number; seconds: number }[] = []
    const look = async () => {
      const [recall] = await readRecalls(ledger(), [id])
      if (recall === undefined || recall === null) throw new Error('the recall is gone')
      const options = {
        providers: new Map([[provider.name, provider]]),
        mayDecide: () => false,
        assumeAudience: null,
        rateOf: () => perSecond,
        now: new Date(),
        caller: { owner: 'key:test', grant: null },
      }
      const { etaSeconds } = viewRecall(recall, options) as { etaSeconds: number }
      said.push({ at: performance.now(), seconds: etaSeconds })
    }
    const draining = drainer.run(null, Date.now() + 30_000)
    const timer = setInterval(() => void look(), 500)
    await draining
    await drainer.idle()
    clearInterval(timer)
    const endedAt = performance.now()
    await look()
    expect(said.at(-1)?.seconds).toBe(0)
    expect(said.length).toBeGreaterThan(5)
    for (const { at, seconds } of said.slice(0, -1)) {
      const took = (endedAt - at) / 1000
      expect(Math.abs(seconds - took), `${seconds} s said, ${took.toFixed(1)} s taken`).toBeLessThan(2 + took / 3)
    }
  })
})
