/** A batch that is refused for some devices that nobody names costs those devices, and no other one. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import type { Call, Outcome, Provider, VendorRequest } from '../../shared/providers/provider.ts'
import { createLog } from '../../shared/log.ts'
import { migrate } from '../../shared/ledger/migrate.ts'
import { paceOf } from '../../shared/recall/act.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { askInHalves } from '../../shared/recall/in-halves.ts'
import { fakeApps, fakeProvider, noReply, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitPlanned } from '../support/planned-recall.ts'

const apart: Outcome = { kind: 'refused', reason: 'somebody', apart: true, vendor: noReply }
const gone: Outcome = { kind: 'partial', rejected: [{ reason: 'invalid', count: 1 }], unknown: 0, vendor: noReply }
const tokensOf = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`)

it('finds who it is, each device once, in few requests', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 200 }), fc.array(fc.nat(199), { maxLength: 4 }), async (count, some) => {
      const bad = new Set(some.filter(index => index < count).map(index => `t${index}`))
      const done: string[] = []
      let [requests, pauses] = [0, 0]
      const ask = async (part: readonly string[]): Promise<Outcome> => {
        requests += 1
        if (!part.some(token => bad.has(token))) {
          done.push(...part)
          return yes
        }
        return part.length === 1 ? gone : apart
      }
      const { accepted, rejected, unknown, left, why } = await askInHalves(tokensOf(count), {
        ask,
        mayBegin: () => true,
        repeatable: true,
        pause: async () => void (pauses += 1),
      })
      expect([accepted, unknown, left, why]).toEqual([count - bad.size, 0, [], null])
      expect(rejected).toEqual(bad.size === 0 ? [] : [{ reason: 'invalid', count: bad.size }])
      expect(new Set(done).size).toBe(done.length)
      expect(pauses).toBe(requests)
      expect(requests).toBeLessThanOrEqual(2 + 2 * bad.size * Math.ceil(Math.log2(count)))
    }),
    { seed: 20261129, numRuns: 100 },
  )
})

it('accounts for every device, whatever is answered and whenever time is over', async () => {
  const outcomes: Outcome[] = [
    yes,
    apart,
    { kind: 'throttled', retryAfterMs: null, quota: false, vendor: noReply },
    { kind: 'unknown', reason: 'timeout', vendor: noReply },
    { kind: 'auth', vendor: noReply },
    { kind: 'unsupported', vendor: noReply },
    { kind: 'not_found', vendor: { ...noReply, code: '22002' } },
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 60 }),
      fc.array(fc.constantFrom(...outcomes), { maxLength: 40 }),
      fc.nat(30),
      fc.boolean(),
      async (count, said, most, repeatable) => {
        let asked = 0
        const result = await askInHalves(tokensOf(count), {
          ask: async () => said[asked++] ?? yes,
          mayBegin: () => asked < most,
          repeatable,
          pause: async () => {},
        })
        const rejected = result.rejected.reduce((sum, one) => sum + one.count, 0)
        expect(result.accepted + rejected + result.unknown + result.left.length).toBe(count)
        expect(new Set(result.left).size).toBe(result.left.length)
        if (repeatable) expect(result.unknown).toBe(0)
        if (result.why !== null) expect(result.left.length).toBeGreaterThan(0)
      },
    ),
    { seed: 20261129, numRuns: 300 },
  )
})

it('keeps the pace of the slowest budget that the batch has drawn on', () => {
  const lane = (perSecond: number) => ({ name: 'requests', kind: 'rate', perSecond, burst: 1 }) as const
  const daily = { name: 'day', kind: 'window', limit: 1, windowMs: 86_400_000 } as const
  expect(paceOf([])).toBe(0)
  expect(paceOf([{ lane: daily, cost: 1 }])).toBe(0)
  expect(
    paceOf([
      { lane: lane(1000), cost: 1 },
      { lane: lane(10), cost: 1 },
    ]),
  ).toBe(100)
  expect(paceOf([{ lane: lane(6000), cost: 600 }])).toBe(100)
})

describeOnLedgers('a batch in halves', ledger => {
  it('has one key for the same devices, and another for any others: also what is left after it was held up', async () => {
    await migrate(ledger())
    const keys = new Map<string, Set<string>>()
    let held = 0
    const { provider } = fakeProvider({ addressing: 'tokens', answer: () => yes })
    const halving: Provider = {
      ...provider,
      revoke: async ({ named }: VendorRequest, { key }: Call): Promise<Outcome> => {
        const json = named.by === 'tokens' ? named.json.toString() : ''
        const tokens: string[] = JSON.parse(json)
        keys.set(key, (keys.get(key) ?? new Set()).add(json))
        if (tokens.some(token => token.endsWith('-3'))) return tokens.length === 1 ? gone : apart
        // the second half is held up once, and comes again by itself
        if (tokens.length >= 4 && held++ === 0) return { kind: 'unknown', reason: 'reset', vendor: noReply }
        return yes
      },
    }
    const recallId = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: [8],
      giveUpHours: 1,
    })
    const drainer = createDrainer({
      sql: ledger(),
      apps: fakeApps(halving),
      send: async () => ({ failure: 'unreached', detail: 'never called' }),
      log: createLog({ level: 'error' }),
      now: Date.now,
      chance: () => 0,
      vendorTimeoutMs: 1000,
      inFlight: 1,
    })
    await drainer.run(recallId, Date.now() + 20_000)
    const [target] = (await readRecalls(ledger(), [recallId]))[0]?.targets ?? []
    expect(target?.tally).toEqual({ total: 8, accepted: 7, rejected: 1, unknown: 0 })
    for (const [key, devices] of keys) expect(devices.size, key).toBe(1)
    const asked = [...keys.values()].flatMap(devices => [...devices])
    expect(new Set(asked).size).toBe(asked.length)
    expect(held).toBeGreaterThan(1)
  })
})
