/** Two roll-ups of one recall at the same moment, each by whoever settled the last unit of a push. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeEntry } from '../../shared/audit/entries.ts'
import { admissionOf } from '../../shared/ledger/new-recall.ts'
import { admitRecalls } from '../../shared/ledger/admit-recall.ts'
import { finishRecalls, leftUnfinished } from '../../shared/ledger/finish-recalls.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { send } from '../../shared/http.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { createLog } from '../../shared/log.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { fakeApps, fakeProvider, yes } from '../support/fake-provider.ts'
import { untilWaits } from '../support/at-once.ts'
import { soak } from '../support/figures.ts'
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
        await untilWaits(ledger, later)
        return changed
      })
      expect(earlier).toEqual([])
      expect(await later).toEqual([{ id: asked.id, state: 'done' }])
    } finally {
      await ledger.close()
    }
  })
  it('close a recall whose pushes others take back, of which each has seen another', async () => {
    const ledger = await openLedger(url(), { connections: 4 })
    try {
      const [one, two, both] = await linkedRecalls(ledger)
      await settlePush(ledger, one)
      let later: Promise<{ id: string; state: string }[]> = Promise.resolve([])
      const earlier = await ledger.transaction(async sql => {
        const changed = await finishRecalls(sql, [one])
        await settlePush(ledger, two)
        later = finishRecalls(ledger, [two])
        await untilWaits(ledger, later)
        return changed
      })
      expect(earlier).toEqual([{ id: one, state: 'done' }])
      const rest = await later
      expect(new Set(rest.map(({ id }) => id))).toEqual(new Set([two, both]))
      expect((await readRecalls(ledger, [both])).map(recall => recall?.state)).toEqual(['done'])
    } finally {
      await ledger.close()
    }
  })

  it('close every recall, whoever takes back what for whom, and in whatever order', async () => {
    const ledger = await openLedger(url(), { connections: 10 })
    const links = fc.array(fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 })
    try {
      await fc.assert(
        fc.asyncProperty(links, fc.nat({ max: 4 }), async (linking, pauses) => {
          const owners = await admitLinked(
            ledger,
            6,
            linking.map(places => [...new Set(places)]),
          )
          await Promise.all(
            owners.pushes.map(async (id, place) => {
              for (let n = 0; n < (place * pauses) % 5; n++) await new Promise(resolve => setImmediate(resolve))
              await settlePush(ledger, id)
              await finishRecalls(ledger, [id])
            }),
          )
          const all = await readRecalls(ledger, [...owners.pushes, ...owners.linking])
          expect(all.map(recall => recall?.state)).toEqual(all.map(() => 'done'))
        }),
        { numRuns: soak ? 1000 : 60 },
      )
    } finally {
      await ledger.close()
    }
  })

  it('are made up for by sweep, whatever was left between two of them', async () => {
    const ledger = await openLedger(url(), { connections: 4 })
    try {
      const [one, two, both] = await linkedRecalls(ledger)
      await settlePush(ledger, one)
      await settlePush(ledger, two)
      await finishRecalls(ledger, [one])
      await finishRecalls(ledger, [two])
      await ledger.query("update recall set state = 'running', settled_at = null where id = $1::text", [both])
      const left = await leftUnfinished(ledger, 10)
      expect(left).toEqual([both])
      expect(await finishRecalls(ledger, left)).toEqual([{ id: both, state: 'done' }])
      expect(await leftUnfinished(ledger, 10)).toEqual([])
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

async function settlePush(ledger: Ledger, recallId: string): Promise<void> {
  await ledger.query("update work set state = 'done', result = 'accepted' where recall_id = $1::text", [recallId])
}

/** Two recalls of a push each, and one of both, which has the other two do it. */
async function linkedRecalls(ledger: Ledger): Promise<[string, string, string]> {
  const { pushes, linking } = await admitLinked(ledger, 2, [[0, 1]])
  return [pushes[0] ?? '', pushes[1] ?? '', linking[0] ?? '']
}

/** `pushes` recalls of one push each, and for each list in `linking` one that has those recalls do its pushes. */
async function admitLinked(
  ledger: Ledger,
  pushes: number,
  linking: readonly (readonly number[])[],
): Promise<{ readonly pushes: string[]; readonly linking: string[] }> {
  const planned = () => recallOf({ app: 'tasks', operation: 'revoke', ladder: ['revoke'], batches: [], giveUpHours: 1 })
  const own = Array.from({ length: pushes }, planned)
  const admit = (recalls: readonly ReturnType<typeof planned>[]) =>
    admitRecalls(
      ledger,
      recalls.map(recall => ({ ...recall, entry: makeEntry(admissionOf(recall), null) })),
    )
  await admit(own)
  const rows = await ledger.query<{ id: number; handle: string }>(
    'select id, handle from recall_target where recall_id in (select json_array_elements_text($1::text::json))',
    [JSON.stringify(own.map(({ id }) => id))],
  )
  const lastOf = new Map(rows.map(({ id, handle }) => [handle, id]))
  const others = linking.map(places => ({
    ...planned(),
    targets: places.flatMap(place => {
      const other = own[place]
      const last = lastOf.get(other?.targets[0]?.handle ?? '') ?? null
      return (other?.targets ?? []).map(target => ({ ...target, linkedId: last, lastRecallTargetId: last }))
    }),
  }))
  await admit(others)
  return { pushes: own.map(({ id }) => id), linking: others.map(({ id }) => id) }
}
