/** Two roll-ups of one recall at the same moment, as two instances make them that each settled the last unit of a push. */
import { expect, it } from 'vitest'
import { makeEntry } from '../../shared/audit/entries.ts'
import { admissionOf } from '../../shared/ledger/new-recall.ts'
import { admitRecalls } from '../../shared/ledger/admit-recall.ts'
import { finishRecalls } from '../../shared/ledger/finish-recalls.ts'
import { openLedger } from '../../shared/ledger/open.ts'
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
})
