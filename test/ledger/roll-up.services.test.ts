/** Two roll-ups of one recall at the same moment, each by whoever settled the last unit of a push. */
import { expect, it } from 'vitest'
import { makeEntry } from '../../shared/audit/entries.ts'
import { admissionOf } from '../../shared/ledger/new-recall.ts'
import { admitRecalls } from '../../shared/ledger/admit-recall.ts'
import { finishRecalls } from '../../shared/ledger/finish-recalls.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { send } from '../../shared/http.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { createLog } from '../../shared/log.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { fakeApps, fakeProvider, yes } from '../support/fake-provider.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { recallOf } from '../support/planned-recall.ts'

describeOnPostgres('roll-ups at once', url => {
  it('close a recall of which each has seen the last unit of another push', async () => {
    const ledger = await openLedger(url(), { connections: 4 })
    try {
      const [one, two] = [0, 1].map(() =>
        recallOf({ app: 'tasks', operation: 'revoke', ladder: ['revoke'], batches: [], giveUpHours: 1 }),
      )
      if (one === undefined || two === undefined) throw new Error('two recalls are made')
      const asked = { ...one, targets: [...one.targets, ...two.targets] }
      await admitRecalls(ledger, [{ ...asked, entry: makeEntry(admissionOf(asked), null) }])
      const settle = (position: number) =>
        ledger.query(
          `update work w set state = 'done', result = 'accepted' from recall_target t
           where t.id = w.recall_target_id and t.recall_id = $1::text and t.position = $2::text::int`,
          [asked.id, position],
        )
      await settle(0)
      let later: Promise<{ id: string; state: string }[]> = Promise.resolve([])
      const earlier = await ledger.transaction(async sql => {
        const changed = await finishRecalls(sql, [asked.id])
        await settle(1)
        later = finishRecalls(ledger, [asked.id])
        // until it waits for the target that is changed here
        for (let waits = 0, tries = 0; waits === 0 && tries < 200; tries++) {
          const [row] = await ledger.query<{ n: number }>('select count(*)::int as n from pg_locks where not granted')
          waits = row?.n ?? 0
        }
        return changed
      })
      expect(earlier).toEqual([])
      expect(await later).toEqual([{ id: asked.id, state: 'done' }])
    } finally {
      await ledger.close()
    }
  })
  it('are waited for, though the record that was read with the earlier one comes last', async () => {
    const ledger = await openLedger(url(), { connections: 4 })
    try {
      const [one, two] = [0, 1].map(() =>
        recallOf({ app: 'app', operation: 'revoke', ladder: ['revoke'], batches: [1], giveUpHours: 1 }),
      )
      if (one === undefined || two === undefined) throw new Error('two recalls are made')
      const asked = { ...one, targets: [...one.targets, ...two.targets] }
      await admitRecalls(ledger, [{ ...asked, entry: makeEntry(admissionOf(asked), null) }])
      const due = (position: number, at: string) =>
        ledger.query(
          `update work w set run_at = ${at} from recall_target t
           where t.id = w.recall_target_id and t.recall_id = $1::text and t.position = $2::text::int`,
          [asked.id, position],
        )
      await due(1, "now() + interval '1 hour'")
      // begin and end of the first unit, then of the second: it has begun to end before what came of the first is known, and
      // ends after it
      let turn = 0
      let second = null as Promise<unknown> | null
      let begins = () => {}
      const secondEnds = new Promise<void>(resolve => (begins = resolve))
      let ends = () => {}
      const firstEnded = new Promise<void>(resolve => (ends = resolve))
      const slow: Ledger = {
        ...ledger,
        together: async body => {
          const nth = ++turn
          if (nth === 4) {
            begins()
            await firstEnded
          }
          const result = await ledger.together(body)
          if (nth === 2) {
            await due(1, 'now()')
            second = drainer.run(asked.id, Date.now() + 60_000)
            await secondEnds
            setTimeout(ends, 10)
          }
          return result
        },
      }
      const { provider } = fakeProvider({ addressing: 'tokens', answer: () => yes })
      const drainer = createDrainer({
        sql: slow,
        apps: fakeApps(provider),
        send,
        log: createLog({ level: 'silent' }),
        now: Date.now,
        chance: () => 0,
        vendorTimeoutMs: 1000,
        inFlight: 8,
      })
      const record = await drainer.run(asked.id, Date.now() + 60_000, Infinity, { ended: true })
      await second
      expect(turn).toBe(4)
      expect(record?.state ?? 'read anew').not.toBe('running')
      expect(await readRecalls(ledger, [asked.id])).toMatchObject([{ state: 'done' }])
    } finally {
      await ledger.close()
    }
  })

  it('see the unit that began and ended between the look of one and its answer', async () => {
    const ledger = await openLedger(url(), { connections: 4 })
    try {
      const asked = recallOf({ app: 'app', operation: 'revoke', ladder: ['revoke'], batches: [1, 1], giveUpHours: 1 })
      await admitRecalls(ledger, [{ ...asked, entry: makeEntry(admissionOf(asked), null) }])
      const due = (seq: number, at: string) =>
        ledger.query(`update work set run_at = ${at} where recall_id = $1::text and seq = $2::text::int`, [
          asked.id,
          seq,
        ])
      await due(1, "now() + interval '1 hour'")
      // begin and end of the first unit, whose roll-up finds the second open; both turns of the second before that is known
      let turn = 0
      const slow: Ledger = {
        ...ledger,
        together: async body => {
          const nth = ++turn
          const result = await ledger.together(body)
          if (nth === 2) {
            await due(1, 'now()')
            void drainer.run(null, Date.now() + 60_000)
            while ((await open()) > 0) await new Promise(resolve => setImmediate(resolve))
            // and what came of it is known here
            for (let turns = 0; turns < 50; turns++) await new Promise(resolve => setImmediate(resolve))
          }
          return result
        },
      }
      const open = async () =>
        (await ledger.query('select id from work where recall_id = $1::text and result is null', [asked.id])).length
      const { provider } = fakeProvider({ addressing: 'tokens', answer: () => yes })
      const drainer = createDrainer({
        sql: slow,
        apps: fakeApps(provider),
        send,
        log: createLog({ level: 'silent' }),
        now: Date.now,
        chance: () => 0,
        vendorTimeoutMs: 1000,
        inFlight: 8,
      })
      await drainer.run(null, Date.now() + 60_000)
      await drainer.idle()
      expect(turn).toBe(4)
      expect(await readRecalls(ledger, [asked.id])).toMatchObject([{ state: 'done' }])
    } finally {
      await ledger.close()
    }
  })
})
