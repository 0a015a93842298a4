/**
 * A vendor that says yes and may do nothing, whose record may lag, lie hidden or be out of budget: whatever comes together, a
 * recall is done where the record showed it, and nowhere else.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import type { Operation } from '../../shared/operation.ts'
import type { Purpose } from '../../shared/providers/provider.ts'
import type { App } from '../../shared/recall/apps.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { fakeProvider, fakeWindow, noReply, record, yes } from '../support/fake-provider.ts'
import { figure, soak } from '../support/figures.ts'
import { takeEngine } from '../support/engines.ts'
import { passTime } from '../support/pass-time.ts'
import { admitPlanned } from '../support/planned-recall.ts'

const cases = soak ? 1000 : 60
const seed = Number(process.env['UNPUSH_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const shows = { stop: 'STOPPED', revoke: 'REVOKED', overlay: 'REPLACED' } as const
const minuteMs = 60_000

const plans = fc.record({
  ladder: fc.constantFrom<readonly Operation[]>(
    ['revoke', 'stop'],
    ['revoke', 'stop'],
    ['revoke', 'overlay', 'stop'],
    ['revoke'],
    ['overlay', 'stop'],
    ['stop'],
  ),
  /** What a yes of the vendor is worth, by operation. */
  does: fc.record({ stop: fc.boolean(), revoke: fc.boolean(), overlay: fc.boolean() }),
  /** Queries spent in the hour before, by purpose. */
  spent: fc.record({
    proof: fc.constantFrom(0, 39, 40, 80, 100),
    people: fc.constantFrom(0, 8),
    look: fc.constantFrom(0, 20),
  }),
  /** How the vendor answers one query after the other; then it tells its record. */
  queries: fc.array(fc.constantFrom('tells', 'tells', 'busy', 'fails', 'knows nothing'), { maxLength: 12 }),
  giveUpHours: fc.constantFrom(0.2, 0.9, 3),
})

let ledger: Ledger
beforeAll(async () => {
  ledger = await takeEngine()
})
afterAll(() => ledger.close())

it('is done only where the record showed it', async context => {
  const ends = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(plans, async ({ ladder, does, spent, queries, giveUpHours }) => {
      await ledger.script(
        'truncate bucket, breaker, vendor_record, attempt_begun, attempt_answered, work, recall_target, recall, target',
      )
      const purposes = Object.entries(spent).flatMap(([purpose, count]) =>
        Array.from({ length: count }, () => purpose as Purpose),
      )
      await ledger.query(
        `insert into bucket (budget, lane, hits, purposes)
         select 'fake', 'query', array_fill(clock_timestamp() - interval '20 minutes', array[cardinality(p)]), p
         from (select array(select json_array_elements_text($1::text::json)) as p) g`,
        [JSON.stringify(purposes.slice(0, fakeWindow.limit))],
      )
      const answers = [...queries]
      let status = 'FINISHED'
      let told = 'FINISHED'
      const acted: Operation[] = []
      let unknownToVendor = false
      let recordsTold = 0
      const { provider } = fakeProvider({
        addressing: 'task',
        answer: ({ step }) => {
          if (step !== 'status') {
            acted.push(step)
            // a stop takes nothing from what was done before
            if (does[step] && (step !== 'stop' || status === 'FINISHED')) status = shows[step]
            return yes
          }
          switch (answers.shift() ?? 'tells') {
            case 'busy':
              return { outcome: { kind: 'throttled', vendor: noReply, retryAfterMs: null, quota: true }, record: null }
            case 'fails':
              return { outcome: { kind: 'unknown', vendor: noReply, reason: 'reset' }, record: null }
            case 'knows nothing':
              unknownToVendor = true
              return { outcome: { kind: 'not_found', vendor: noReply }, record: null }
            default:
              told = status
              recordsTold += 1
              return record(status)
          }
        },
      })
      const app: App = { name: 'tasks', provider, credentials: { provider: provider.name } }
      const drainer = createDrainer({
        sql: ledger,
        apps: { names: async () => ['tasks'], find: async () => app, renew: async () => false },
        send,
        log: createLog({ level: 'silent' }),
        now: Date.now,
        chance: () => 1,
        vendorTimeoutMs: 1000,
        inFlight: 4,
      })
      const [operation = 'stop'] = ladder
      const id = await admitPlanned(ledger, { app: 'tasks', operation, ladder, batches: [], giveUpHours })
      const read = async () => (await readRecalls(ledger, [id]))[0]
      // in steps of some minutes, past its end
      for (let round = 0; round < 100 && (await read())?.state === 'running'; round++) {
        await drainer.run(id, Date.now() + 60_000, 0)
        await passTime(ledger, 5 * minuteMs)
      }
      const recall = await read()
      const [target] = recall?.targets ?? []
      const codes = target?.notices.map(({ code }) => code) ?? []
      const text = `${recall?.state} ${codes.join('+')} after ${acted.join(' ')}, which shows ${told}`
      ends.set(recall?.state ?? 'gone', (ends.get(recall?.state ?? 'gone') ?? 0) + 1)
      expect(['done', 'partial', 'failed', 'expired'], text).toContain(recall?.state)
      if (recall?.state === 'done' && !codes.includes('unrecorded')) {
        expect([told, does[operation]], text).toEqual([shows[operation], true])
      }
      // nothing was ever shown of it
      if (codes.includes('unrecorded')) expect([unknownToVendor, recordsTold], text).toEqual([true, 0])
      if (codes.includes('unconfirmed')) expect(recall?.state, text).toBe('partial')
      // what was done and could be read is not called undone
      if (acted.length > 0 && recall?.state === 'failed') expect(told, text).not.toBe(shows[operation])
    }),
    { numRuns: cases, seed },
  )
  figure(
    context,
    'recalls of a vendor whose yes may mean nothing, its query budget used up or not',
    `${cases} of seed ${seed}: ${[...ends].map(([state, count]) => `${count} ${state}`).join(', ')}`,
    '0 done without proof',
  )
  expect(ends.get('done') ?? 0).toBeGreaterThan(cases / 20)
  expect(ends.get('partial') ?? 0).toBeGreaterThan(cases / 20)
}, 1_800_000)
