import { expect, it } from 'vitest'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { createLog } from '../../shared/log.ts'
import { sweep } from '../../shared/recall/sweep.ts'
import { defaultPolicy } from '../../shared/secrets/documents.ts'
import type { TimerContext } from '../../shared/serve.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitBatches } from '../support/planned-recall.ts'

describeOnLedgers('sweep', ledger => {
  it('finishes a recall whose last worker died between its work and the roll-up', async () => {
    const id = await admitBatches(ledger(), 2)
    await ledger().query("update work set state = 'done', result = 'accepted', accepted = devices")
    const invocation = { requestId: 'r', coldStart: false, remainingMs: () => 60_000, platform: 'scf' } as const
    // nothing is left to drain: this is about what no work row leads to
    const drainer = { run: async () => {}, idle: async () => {} }
    const policy = async () => defaultPolicy
    const context = { policy, ledger: ledger(), drainer, invocation, log: createLog({ level: 'silent' }) }
    await sweep(context as unknown as TimerContext)
    const [recall] = await readRecalls(ledger(), [id])
    expect(recall?.state).toBe('done')
    expect(recall?.settledAt).toBeInstanceOf(Date)
  })
})
