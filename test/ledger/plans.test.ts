/** Statements of the embedded ledger, planned while it is empty: they find their rows however much comes later. */
import { expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import { createLog } from '../../shared/log.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { takeEngine } from '../support/engines.ts'
import { fakeApps, fakeProvider, yes } from '../support/fake-provider.ts'
import { admitBatches } from '../support/planned-recall.ts'

it('read no whole table of work, recalls or tokens for a recall', async () => {
  const ledger = await takeEngine()
  try {
    const { provider } = fakeProvider({ addressing: 'tokens', answer: () => yes })
    const drainer = createDrainer({
      sql: ledger,
      apps: fakeApps(provider),
      send,
      log: createLog({ level: 'silent' }),
      now: Date.now,
      chance: () => 1,
      vendorTimeoutMs: 60_000,
      inFlight: 8,
    })
    const read = async () => {
      await ledger.query('select pg_stat_force_next_flush()')
      return ledger.query<{ name: string; rows: number }>(
        `select relname as name, seq_tup_read as rows from pg_stat_user_tables
         where relname in ('work', 'recall', 'recall_target', 'target', 'token_batch') order by 1`,
      )
    }
    const recall = async (batches: number) => drainer.run(await admitBatches(ledger, batches), Date.now() + 60_000)
    // the plans are made here
    await recall(3)
    await recall(40)
    const before = await read()
    expect(before).toHaveLength(5)
    await recall(40)
    expect(await read()).toEqual(before)
  } finally {
    await ledger.close()
  }
})
