import { expect, it } from 'vitest'
import { newId } from '../../shared/ids.ts'
import { admitRecalls } from '../../shared/ledger/admit-recall.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { sealInHand } from '../../shared/ledger/tokens.ts'
import { createLog } from '../../shared/log.ts'
import { sweep } from '../../shared/recall/sweep.ts'
import type { TimerContext } from '../../shared/serve.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

describeOnLedgers('sweep', ledger => {
  it('finishes a recall whose last worker died between its work and the roll-up', async () => {
    const id = newId('rcl')
    const target = { app: 'app', provider: 'fake-tokens', handle: '1', audience: null, audienceSize: null }
    const plan = { requested: 'revoke', ladder: ['revoke'], steps: {}, refusal: null, audienceSize: null } as const
    const links = { targetId: null, linkedId: null, lastRecallTargetId: null, tokensDigest: null }
    await admitRecalls(ledger(), [
      {
        id,
        operation: 'revoke',
        reason: 'test',
        ticket: null,
        requestedBy: 'key:test',
        person: null,
        subject: {},
        overlay: null,
        fallback: true,
        giveUpHours: 1,
        messageIds: [],
        targets: [
          { ...target, ...links, batches: sealInHand(['a', 'b']), addressing: 'tokens', plan, firstStep: 'act' },
        ],
        key: null,
      },
    ])
    await ledger().query("update work set state = 'done', result = 'accepted', accepted = devices")
    const invocation = { requestId: 'r', coldStart: false, remainingMs: () => 60_000, platform: 'scf' } as const
    // nothing is left to drain: this is about what no work row leads to
    const drainer = { run: async () => {}, idle: async () => {} }
    const context = { ledger: ledger(), drainer, invocation, log: createLog({ level: 'silent' }) }
    await sweep(context as unknown as TimerContext)
    const [recall] = await readRecalls(ledger(), [id])
    expect(recall?.state).toBe('done')
    expect(recall?.settledAt).toBeInstanceOf(Date)
  })
})
