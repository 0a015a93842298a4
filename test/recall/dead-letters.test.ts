/** Work that ended without reaching anybody: it is shown, and a retry takes up exactly that. */
import { expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { cancelRecall } from '../../shared/ledger/cancel-recall.ts'
import { readRecalls, type StoredRecall } from '../../shared/ledger/recalls.ts'
import { finishRecalls } from '../../shared/ledger/finish-recalls.ts'
import { retryRecall } from '../../shared/ledger/retry-recall.ts'
import { createLog } from '../../shared/log.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { viewRecall } from '../../shared/recall/view.ts'
import type { Outcome } from '../../shared/providers/provider.ts'
import { fakeApps, fakeProvider, noReply, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitPlanned } from '../support/planned-recall.ts'
import { entryOf, tester } from '../support/append-audit.ts'

/** By the batch's number. */
const replies: readonly Outcome[] = [
  yes,
  { kind: 'refused', vendor: { ...noReply, code: '1' }, reason: 'no' },
  { kind: 'unknown', vendor: noReply, reason: 'timeout' },
  { kind: 'partial', vendor: noReply, rejected: [{ reason: 'bad', count: 1 }], unknown: 1 },
  { kind: 'partial', vendor: noReply, rejected: [{ reason: 'bad', count: 1 }], unknown: 0 },
]

describeOnLedgers('dead letters', ledger => {
  it('are shown with the recall, and a retry asks for these alone', async () => {
    let answers = replies
    const { provider, calls } = fakeProvider({
      addressing: 'tokens',
      answer: ({ tokens }) => answers[Number(tokens[0]?.split('-')[2])] ?? yes,
    })
    const drainer = createDrainer({
      sql: ledger(),
      apps: fakeApps(provider),
      send,
      log: createLog({ level: 'silent' }),
      now: Date.now,
      chance: () => 1,
      vendorTimeoutMs: 1000,
      inFlight: 8,
    })
    const id = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: [2, 2, 2, 2, 2],
      giveUpHours: 0.0003,
    })
    await drainer.run(id, Date.now() + 5000)
    const before = await read(ledger(), id)
    expect(before.state).toBe('partial')
    expect(before.targets[0]?.dead).toEqual({ failed: 1, expired: 1, unknown: 1 })
    const providers = new Map([[provider.name, provider]])
    expect(
      viewRecall(before, {
        providers,
        mayDecide: () => false,
        assumeAudience: null,
        rateOf: () => null,
        now: new Date(),
        caller: { owner: 'key:test', grant: null },
      }),
    ).toMatchObject({
      state: 'partial',
      devices: { total: 10, accepted: 3, rejected: 4, unknown: 3, pending: 0 },
      targets: [
        {
          warnings: [
            '3 requests ended with no device known to be reached (1 refused, 1 given up, 1 with an unknown outcome); a retry of this recall tries exactly those again.',
          ],
        },
      ],
    })
    const asked = calls.length
    answers = []
    // two at once are one
    const retried = await Promise.all([
      retryRecall(ledger(), id, 1, tester, entryOf('recall.retried', id)),
      retryRecall(ledger(), id, 1, tester, entryOf('recall.retried', id)),
    ])
    expect(retried.sort((a, b) => a - b)).toEqual([0, 3])
    await drainer.run(id, Date.now() + 5000)
    const again = calls.slice(asked).map(({ tokens }) => Number(tokens[0]?.split('-')[2]))
    expect(again.sort((a, b) => a - b)).toEqual([1, 2, 3])
    const after = await read(ledger(), id)
    expect([after.state, after.targets[0]?.tally.accepted, after.targets[0]?.tally.rejected]).toEqual(['partial', 9, 1])
    expect(after.targets[0]?.dead).toEqual({ failed: 0, expired: 0, unknown: 0 })
    expect(await retryRecall(ledger(), id, 1, tester, entryOf('recall.retried', id))).toBe(0)
  })

  it('are none where part of a request was answered before its recall was cancelled: those devices are not asked again', async () => {
    const sql = ledger()
    const cancelled = { app: 'app', operation: 'revoke', ladder: ['revoke'], batches: [2], giveUpHours: 1 } as const
    const [begun, untouched] = [await admitPlanned(sql, cancelled), await admitPlanned(sql, cancelled)]
    // as a vendor that takes one device a request leaves it: one has its yes, the other is throttled
    await sql.query(`update work set accepted = 1, tokens_left = '["other"]' where recall_id = $1::text`, [begun])
    for (const id of [begun, untouched]) {
      expect(await cancelRecall(sql, id, tester, entryOf('recall.cancelled', id))).toBe(true)
      await finishRecalls(sql, [id])
    }
    expect((await read(sql, begun)).targets[0]?.tally).toMatchObject({ accepted: 1, unknown: 1 })
    const retried = [begun, untouched].map(id => retryRecall(sql, id, 1, tester, entryOf('recall.retried', id)))
    expect(await Promise.all(retried)).toEqual([0, 1])
    expect((await read(sql, begun)).targets[0]?.tally).toMatchObject({ accepted: 1, unknown: 1 })
  })
})

async function read(ledger: Ledger, id: string): Promise<StoredRecall> {
  const [recall] = await readRecalls(ledger, [id])
  if (recall === null || recall === undefined) throw new Error('the recall is gone')
  return recall
}
