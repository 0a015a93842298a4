/** Vendors that take one device a request, and pushes that are ended as a whole when that is all that is left. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../shared/ledger/migrate.ts'
import { readRecalls, type StoredRecall } from '../../shared/ledger/recalls.ts'
import { leftFallen, openNextRungs } from '../../shared/ledger/settle-work.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import type { Outcome, VendorReply } from '../../shared/providers/provider.ts'
import { createDrainer, type Drainer } from '../../shared/recall/drain.ts'
import { askForEach, type EachOptions } from '../../shared/recall/each-token.ts'
import { fakeApps, fakeProvider, type FakeOptions, noReply, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitPlanned } from '../support/planned-recall.ts'

const said = (code: string): VendorReply => ({ ...noReply, code })
const gone: Outcome = {
  kind: 'partial',
  rejected: [{ reason: 'UNREGISTERED', count: 1 }],
  unknown: 0,
  vendor: said('404'),
}
const slow: Outcome = { kind: 'throttled', retryAfterMs: 40, quota: false, of: 'token', vendor: said('429') }
const crowded: Outcome = { kind: 'throttled', retryAfterMs: 40, quota: false, vendor: said('429') }
const silent: Outcome = { kind: 'unknown', reason: 'timeout', vendor: noReply }
const denied: Outcome = { kind: 'auth', vendor: said('401') }
const wrong: Outcome = { kind: 'refused', reason: 'the body', vendor: said('400') }
const unable: Outcome = { kind: 'unsupported', vendor: said('30001') }
const tokensOf = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`)

describe('requests for one device each', () => {
  const each = (
    tokens: readonly string[],
    ask: (token: string, nth: number) => Outcome,
    more: Partial<EachOptions> = {},
  ) => {
    const asked: string[] = []
    const options: EachOptions = {
      ask: async token => {
        asked.push(token)
        await Promise.resolve()
        return ask(token, asked.length)
      },
      run: call => call(),
      atOnce: 8,
      mayBegin: () => true,
      now: () => 0,
      repeatable: true,
      ...more,
    }
    return askForEach(tokens, options).then(result => ({ ...result, asked }))
  }

  it('ask for each device at most once, and account for every one', async () => {
    const outcomes = [yes, gone, slow, crowded, silent, denied, wrong, unable]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...outcomes), { maxLength: 60 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 80 }),
        async (script, repeatable, most) => {
          const tokens = tokensOf(script.length)
          let begun = 0
          const result = await each(tokens, token => script[Number(token.slice(1))] ?? yes, {
            repeatable,
            mayBegin: () => begun++ < most,
          })
          expect(new Set(result.asked).size).toBe(result.asked.length)
          const rejected = result.rejected.reduce((sum, { count }) => sum + count, 0)
          expect(result.accepted + rejected + result.unknown + result.left.length).toBe(tokens.length)
          expect(new Set(result.left).size).toBe(result.left.length)
          // what is to be done again has no yes
          for (const token of result.left)
            if (result.asked.includes(token)) expect(script[Number(token.slice(1))]).not.toBe(yes)
          if (!repeatable)
            expect(
              result.left.some(token => result.asked.includes(token) && script[Number(token.slice(1))] === silent),
            ).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })
  it('go on where a 429 is of one device, and stop where several have one within a second, or it is everybody’s', async () => {
    const tokens = tokensOf(100)
    const one = await each(tokens, token => (token === 't5' ? slow : yes))
    expect(one).toMatchObject({ accepted: 99, left: ['t5'], why: { kind: 'throttled', of: 'token' } })
    let clock = 0
    const spread = await each(tokens, token => (Number(token.slice(1)) % 10 === 0 ? slow : yes), {
      now: () => (clock += 400),
      atOnce: 1,
    })
    expect(spread.accepted).toBe(90)
    for (const answer of [slow, crowded]) {
      const all = await each(tokens, () => answer, { atOnce: 1 })
      expect(all.asked.length).toBeLessThanOrEqual(3)
      expect(all.left).toHaveLength(100)
      expect(all.why).toEqual(crowded)
    }
  })
  it.each([denied, wrong, unable])('stop at what is said of all devices ($kind)', async answer => {
    const result = await each(tokensOf(500), (_, nth) => (nth < 400 ? yes : answer), { atOnce: 1 })
    expect(result).toMatchObject({ accepted: 399, why: answer })
    expect(result.asked).toHaveLength(400)
    expect(result.left).toHaveLength(101)
  })
})

describeOnLedgers('one device a request', ledger => {
  const drainerOf = ({
    inFlight = 8,
    ...options
  }: Omit<FakeOptions, 'addressing'> & { readonly inFlight?: number }): {
    drainer: Drainer
    calls: ReturnType<typeof fakeProvider>['calls']
    renewed: () => number
  } => {
    let renewals = 0
    const { provider, calls } = fakeProvider({
      addressing: 'tokens',
      ways: { revoke: { by: 'token', together: 500 } },
      ...options,
    })
    const drainer = createDrainer({
      sql: ledger(),
      apps: fakeApps(provider, () => {
        renewals += 1
        return true
      }),
      send: async () => ({ failure: 'unreached', detail: 'never called' }),
      log: createLog({ level: 'error' }),
      now: Date.now,
      chance: () => 0,
      vendorTimeoutMs: 1000,
      inFlight,
    })
    return { drainer, calls, renewed: () => renewals }
  }
  const recallOf = async (ladder: readonly ('revoke' | 'overlay' | 'stop')[], batches: readonly number[]) => {
    await migrate(ledger())
    await ledger().query('delete from breaker')
    await ledger().query("update bucket set tat = '-infinity', held_until = '-infinity'")
    const [operation = 'revoke'] = ladder
    return admitPlanned(ledger(), { app: 'app', operation, ladder, batches, giveUpHours: 1 })
  }
  const read = async (sql: Ledger, id: string): Promise<StoredRecall> => {
    const [recall] = await readRecalls(sql, [id])
    if (recall === undefined || recall === null) throw new Error('gone')
    return recall
  }

  it('sends each once, tries what was throttled or had no answer again, alone, and counts each once', async () => {
    const id = await recallOf(['revoke'], [500, 500, 3])
    const first = new Set<string>()
    const { drainer, calls } = drainerOf({
      answer: ({ tokens: [token = ''] }) => {
        if (token.endsWith('-7')) return gone
        const again = first.has(token)
        first.add(token)
        if (!again && token.endsWith('-40')) return slow
        if (!again && token.endsWith('-50')) return silent
        return yes
      },
    })
    await drainer.run(id, Date.now() + 20_000)
    const recall = await read(ledger(), id)
    expect(recall.targets[0]?.tally).toEqual({ total: 1003, accepted: 1001, rejected: 2, unknown: 0 })
    expect(recall.targets[0]?.rejections).toEqual([{ reason: 'UNREGISTERED', count: 2 }])
    expect(recall.state).toBe('partial')
    const times = new Map<string, number>()
    for (const { tokens } of calls) for (const token of tokens) times.set(token, (times.get(token) ?? 0) + 1)
    expect(times.size).toBe(1003)
    expect(
      [...times]
        .filter(([, count]) => count > 1)
        .map(([token]) => token.replace(/.*-/, ''))
        .sort(),
    ).toEqual(['40', '40', '50', '50'])
    const left = await ledger().query('select from work where recall_id = $1::text and tokens_left is not null', [id])
    expect(left).toEqual([])
  })
  it('that is refused for what was sent, and not for the device, rejects no device: of the others nothing is known', async () => {
    const id = await recallOf(['revoke'], [500])
    let asked = 0
    const { drainer, calls } = drainerOf({ answer: () => (++asked <= 100 ? yes : wrong) })
    await drainer.run(id, Date.now() + 20_000)
    const recall = await read(ledger(), id)
    expect(recall.targets[0]).toMatchObject({
      tally: { total: 500, accepted: 100, rejected: 0, unknown: 400 },
      rejections: [],
      vendor: { code: '400' },
    })
    expect(recall.state).toBe('partial')
    expect(calls.length).toBeLessThan(100 + 250)
  })
  it('has few units begun at once: of the others not a device is repeated after a crash, and no text is read', async () => {
    const id = await recallOf(
      ['revoke'],
      Array.from({ length: 40 }, () => 6),
    )
    const out = new Map<string, number>()
    let most = 0
    const { drainer, calls } = drainerOf({
      inFlight: 32,
      answer: async ({ tokens: [token = ''] }) => {
        const unit = token.replace(/-[^-]*$/, '')
        out.set(unit, (out.get(unit) ?? 6) - 1)
        most = Math.max(most, [...out.values()].filter(left => left > 0).length)
        await new Promise(resolve => setTimeout(resolve, 2))
        return yes
      },
    })
    await drainer.run(id, Date.now() + 20_000)
    expect(calls).toHaveLength(240)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(16)
  })
  it('goes on with a new credential where the old one was refused in the middle, from where it was', async () => {
    const id = await recallOf(['revoke'], [500])
    let answered = 0
    const { drainer, calls, renewed } = drainerOf({
      answer: ({ renew }) => (renew || ++answered <= 400 ? yes : denied),
    })
    await drainer.run(id, Date.now() + 20_000)
    const recall = await read(ledger(), id)
    expect(recall.targets[0]?.tally).toEqual({ total: 500, accepted: 500, rejected: 0, unknown: 0 })
    expect(renewed()).toBe(1)
    const taken = new Set(calls.filter(({ renew }) => renew).flatMap(({ tokens }) => tokens))
    // none that had its yes is asked again
    expect(taken.size).toBe(100)
  })
  it('keeps what was answered when the process dies in between', async () => {
    const id = await recallOf(['revoke'], [10])
    const once = drainerOf({
      answer: ({ tokens: [token = ''] }) => (Number(token.replace(/.*-/, '')) < 6 ? yes : silent),
    })
    await once.drainer.run(id, Date.now() + 300)
    await once.drainer.idle()
    const between = await read(ledger(), id)
    expect(between.targets[0]?.tally).toEqual({ total: 10, accepted: 6, rejected: 0, unknown: 0 })
    await ledger().query('update work set run_at = now() where recall_id = $1::text', [id])
    const { drainer, calls } = drainerOf({ answer: () => yes })
    await drainer.run(id, Date.now() + 20_000)
    expect(calls).toHaveLength(4)
    expect((await read(ledger(), id)).state).toBe('done')
  })
  it('is not repeated where a repeat would be seen and nothing tells whether it was sent', async () => {
    const id = await recallOf(['revoke'], [10])
    const { drainer, calls } = drainerOf({
      repeatable: false,
      answer: ({ tokens: [token = ''] }) => (Number(token.replace(/.*-/, '')) < 6 ? yes : silent),
    })
    await drainer.run(id, Date.now() + 20_000)
    expect(calls).toHaveLength(10)
    expect((await read(ledger(), id)).targets[0]?.tally).toEqual({ total: 10, accepted: 6, rejected: 0, unknown: 4 })
  })

  const ways = { revoke: { by: 'tokens', most: 200 }, stop: { by: 'task' } } as const
  it('falls from all batches to one stop of the whole push, and to none where one of them was taken', async () => {
    const fallen = await recallOf(['revoke', 'stop'], [200, 200, 200, 200, 200])
    const all = drainerOf({ ways, methods: ['revoke', 'stop'], answer: ({ step }) => (step === 'stop' ? yes : unable) })
    await all.drainer.run(fallen, Date.now() + 20_000)
    expect(all.calls.map(({ step }) => step).sort()).toEqual([...Array.from({ length: 5 }, () => 'revoke'), 'stop'])
    const recall = await read(ledger(), fallen)
    expect([recall.state, recall.targets[0]?.operation, recall.targets[0]?.tally.total]).toEqual([
      'partial',
      'stop',
      null,
    ])
    expect(recall.targets[0]?.warnings.join(' ')).toContain('Stop is done instead.')

    const partly = await recallOf(['revoke', 'stop'], [200, 200])
    let answers = 0
    const some = drainerOf({
      ways,
      methods: ['revoke', 'stop'],
      answer: ({ step }) => (step === 'stop' || ++answers === 1 ? yes : unable),
    })
    await some.drainer.run(partly, Date.now() + 20_000)
    expect(some.calls.map(({ step }) => step)).toEqual(['revoke', 'revoke'])
    expect((await read(ledger(), partly)).targets[0]?.tally).toEqual({
      total: 400,
      accepted: 200,
      rejected: 200,
      unknown: 0,
    })
  })
  it('opens what is below once, whoever settles last and however often it is asked', async () => {
    const id = await recallOf(['revoke', 'stop'], [200, 200, 200])
    const rows = await ledger().query<{ target: number }>(
      `update work set state = 'fallen', operation = 'stop', ladder = 'stop' where recall_id = $1::text returning recall_target_id as target`,
      [id],
    )
    const target = rows[0]?.target ?? 0
    // whoever settled them died: sweep finds them
    expect(await leftFallen(ledger(), 10)).toContain(target)
    await Promise.all(Array.from({ length: 4 }, () => openNextRungs(ledger(), [target])))
    const opened = await ledger().query<{ operation: string; devices: number | null }>(
      'select operation, devices from work where recall_id = $1::text and result is null',
      [id],
    )
    expect(opened).toEqual([{ operation: 'stop', devices: null }])
    expect(await leftFallen(ledger(), 10)).not.toContain(target)
  })
})
