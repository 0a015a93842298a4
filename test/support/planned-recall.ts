/** Recalls as an admission makes them, for tests that begin at the ledger. */
import { newId } from '../../shared/ids.ts'
import { admitRecalls, type NewRecall } from '../../shared/ledger/admit-recall.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'

let handles = 0

/** Admits the revoke of one handle of the fake app, with as many batches of one token each. Resolves with its id. */
export async function admitBatches(ledger: Ledger, batches: number): Promise<string> {
  const recall = plannedRecall(batches)
  await admitRecalls(ledger, [recall])
  return recall.id
}

function plannedRecall(batches: number): NewRecall {
  const handle = `planned-${++handles}`
  const tokens = Array.from({ length: batches }, (_, seq) => ({
    seq,
    tokens: JSON.stringify([`${handle}-${seq}`]),
    count: 1,
  }))
  return {
    id: newId('rcl'),
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
      {
        targetId: null,
        app: 'app',
        provider: 'fake-tokens',
        handle,
        audience: null,
        audienceSize: null,
        batches: tokens,
        addressing: 'tokens',
        tokensDigest: null,
        plan: { requested: 'revoke', ladder: ['revoke'], steps: {}, refusal: null, audienceSize: null },
        linkedId: null,
        lastRecallTargetId: null,
        firstStep: 'act',
      },
    ],
    key: null,
  }
}
