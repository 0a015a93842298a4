/** Work that is admitted as leased, its first attempts begun with it: the same as if it had been claimed and begun after. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeEntry } from '../../shared/audit/entries.ts'
import { admitAndBegin } from '../../shared/ledger/admit-recall.ts'
import { admissionOf, type NewRecall } from '../../shared/ledger/new-recall.ts'
import type { UnitWish } from '../../shared/ledger/begin-attempts.ts'
import { claimWork } from '../../shared/ledger/claim-work.ts'
import { isUniqueViolation } from '../../shared/ledger/sql.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { recallOf } from '../support/planned-recall.ts'

const owner = 'somebody'
const leaseMs = 60_000
const burst = 4

const cases = fc.record({
  batches: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 7 }),
  lease: fc.integer({ min: 0, max: 8 }),
  wished: fc.integer({ min: 0, max: 7 }),
  broken: fc.boolean(),
  /** One of the wishes sends, so that they are looked at one by one. */
  sends: fc.boolean(),
  recallsAtOnce: fc.integer({ min: 1, max: 2 }),
})

describeOnLedgers('work admitted as leased', ledger => {
  /** A recall of one push of an app of its own, with wishes for its first units. */
  const recallWith = (app: string, { batches, lease, wished, sends }: Omit<typeof example, 'broken'>): NewRecall => {
    const as = { app, provider: 'fake-tokens', handle: randomBytes(6).toString('hex') }
    const asked = recallOf({ app: 'app', operation: 'revoke', ladder: ['revoke'], batches, giveUpHours: 1, as })
    const wishes = batches.slice(0, Math.min(wished, lease)).map(
      (_, seq): UnitWish => ({
        recallId: asked.id,
        position: 0,
        seq,
        app,
        step: 'revoke',
        sends: sends && seq === 0,
        budget: app,
        fares: [{ lane: { name: 'devices', kind: 'rate', perSecond: 0.001, burst }, cost: 1 }],
        purpose: 'act',
      }),
    )
    return {
      ...asked,
      entry: makeEntry(admissionOf(asked), null),
      ...(lease > 0 && { lease: { owner, leaseMs, units: lease, wishes } }),
    }
  }
  const example = { batches: [1], lease: 1, wished: 1, sends: false }
  const fresh = () => randomBytes(6).toString('hex')
  const attempts = (recallId: string) =>
    ledger().query<{ workId: number; fence: number; nth: number; step: string }>(
      `select a.work_id as "workId", a.fence, a.nth, a.step from attempt a join work w on w.id = a.work_id
       where w.recall_id = $1::text order by 1`,
      [recallId],
    )

  it('is what a claim gives, and begins as one by one', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ broken, recallsAtOnce, ...asked }) => {
        const app = fresh()
        if (broken)
          await ledger().query(
            `insert into breaker (app, probe_at, cause) values ($1::text, now() + interval '1 hour', 'vendor')`,
            [app],
          )
        const recalls = Array.from({ length: recallsAtOnce }, () => recallWith(app, asked))
        const admitted = await admitAndBegin(ledger(), recalls)
        const leased = broken ? 0 : Math.min(asked.lease, asked.batches.length)
        const wished = broken ? 0 : (recalls[0]?.lease?.wishes.length ?? 0)
        for (const [index, { work, leased: mine }] of admitted.entries()) {
          const recallId = recalls[index]?.id ?? ''
          expect(work).toBe(asked.batches.length)
          expect(mine.length).toBe(leased)
          const rows = await ledger().query<{ state: string; owner: string | null; fence: number; attempts: number }>(
            'select state, owner, fence, attempts from work where recall_id = $1::text order by seq',
            [recallId],
          )
          expect(rows).toEqual(
            asked.batches.map((_, seq) =>
              seq < leased
                ? { state: 'running', owner, fence: 1, attempts: 1 }
                : { state: 'ready', owner: null, fence: 0, attempts: 0 },
            ),
          )
          // the same as a claim of them gives, once their leases are over
          await ledger().query('delete from breaker where app = $1::text', [app])
          await ledger().query(
            `update work set lease_until = now() - interval '1 second' where recall_id = $1::text and state = 'running'`,
            [recallId],
          )
          const claimed = await claimWork(ledger(), { owner, limit: 99, leaseMs, recallIds: [recallId] })
          const plain = ({ fence: _, unsettled: __, remainingMs: ___, tokens, ...rest }: (typeof claimed)[number]) => ({
            ...rest,
            tokens: tokens === null ? null : { json: tokens.json.toString(), count: tokens.count },
          })
          const byId = new Map(claimed.map(row => [row.id, plain(row)]))
          for (const { work: unit, grant } of mine) {
            // what sends is marked before it is sent
            const marked = asked.sends && grant?.kind === 'granted' && unit.id === mine[0]?.work.id
            expect({ ...plain(unit), ...(marked && { step: 'sent' }) }).toEqual(byId.get(unit.id))
          }
          // what was granted is written, and nothing else
          const granted = mine.filter(({ grant }) => grant?.kind === 'granted').map(({ work: { id } }) => id)
          const seen = await attempts(recallId)
          expect(seen).toEqual(granted.map(workId => ({ workId, fence: 1, nth: 1, step: 'revoke' })))
          expect(mine.filter(({ grant }) => grant !== null).length).toBe(wished)
        }
        const granted = admitted.flatMap(one => one.leased.filter(({ grant }) => grant?.kind === 'granted')).length
        expect(granted).toBe(Math.min(burst, wished * recallsAtOnce))
      }),
      { numRuns: 40 },
    )
  })

  it('draws nothing where its admission fails', async () => {
    const app = fresh()
    const first = recallWith(app, { batches: [1, 1], lease: 2, wished: 2, sends: false })
    await admitAndBegin(ledger(), [first])
    const spent = () => ledger().query('select tat::text, last_at::text from bucket where budget = $1::text', [app])
    const before = await spent()
    const second: NewRecall = {
      ...recallWith(app, { batches: [1], lease: 1, wished: 1, sends: false }),
      targets: first.targets,
    }
    const failure = await admitAndBegin(ledger(), [second]).catch((error: unknown) => error)
    expect(isUniqueViolation(failure)).toBe(true)
    expect(await spent()).toEqual(before)
    expect(await attempts(second.id)).toEqual([])
  })
})
