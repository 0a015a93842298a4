/** Recalls as an admission makes them, for tests that begin at the ledger. */
import { makeEntry } from '../../shared/audit/entries.ts'
import { newId } from '../../shared/ids.ts'
import { admissionOf, type NewRecall, type NewRecallTarget } from '../../shared/ledger/new-recall.ts'
import { admitRecalls } from '../../shared/ledger/admit-recall.ts'
import type { Sql } from '../../shared/ledger/sql.ts'
import type { Operation } from '../../shared/operation.ts'

export interface Planned {
  /** The fake app that takes tokens, or the one that takes tasks. */
  readonly app: 'app' | 'tasks'
  readonly operation: Operation
  /** The operation first. */
  readonly ladder: readonly Operation[]
  /** Tokens of each batch; a task has none. */
  readonly batches: readonly number[]
  readonly giveUpHours: number
  /** A real vendor's, in place of the fake app's. */
  readonly as?: { readonly app: string; readonly provider: string; readonly handle: string }
  /** One that is registered, with what is sealed of it. */
  readonly targetId?: number | null
}

let handles = 0

/** Admits the revoke of one handle of the fake app, with as many batches of one token each. Resolves with its id. */
export async function admitBatches(ledger: Sql, batches: number): Promise<string> {
  const each = Array.from({ length: batches }, () => 1)
  return admitPlanned(ledger, { app: 'app', operation: 'revoke', ladder: ['revoke'], batches: each, giveUpHours: 1 })
}

/** Admits a recall of one fresh handle; `key` signs its entry. Resolves with its id. */
export async function admitPlanned(ledger: Sql, planned: Planned, key: Buffer | null = null): Promise<string> {
  const [id = ''] = await admitAll(ledger, [planned], key)
  return id
}

/** Admits a recall of each, in one statement. Resolves with their ids. */
export async function admitAll(ledger: Sql, planned: readonly Planned[], key: Buffer | null = null): Promise<string[]> {
  const recalls = planned.map(recallOf).map(recall => ({ ...recall, entry: makeEntry(admissionOf(recall), key) }))
  await admitRecalls(ledger, recalls)
  return recalls.map(({ id }) => id)
}

export function recallOf(planned: Planned): Omit<NewRecall, 'entry'> {
  const overlays = planned.ladder.includes('overlay')
  return {
    id: newId('rcl'),
    operation: planned.operation,
    reason: 'test',
    ticket: null,
    requestedBy: 'key:test',
    person: null,
    owner: 'key:test',
    reach: null,
    outside: 0,
    causedBy: [],
    subject: {},
    measure: { reach: { devices: 0, basis: 'exact' }, bound: '', line: null, payer: null, approval: null },
    overlay: overlays ? { title: 'n', body: 'n', url: null, forceCollapse: false, options: {} } : null,
    fallback: true,
    giveUpHours: planned.giveUpHours,
    expiry: false,
    messageIds: [],
    targets: [targetOf(planned)],
    key: null,
  }
}

function targetOf({ app, operation, ladder, batches, as, targetId = null }: Planned): NewRecallTarget {
  const handle = as?.handle ?? `planned-${++handles}`
  const tasks = app === 'tasks'
  return {
    targetId,
    app: as?.app ?? app,
    provider: as?.provider ?? (tasks ? 'fake-tasks' : 'fake-tokens'),
    handle,
    audience: null,
    audienceSize: null,
    batches: batches.map((count, seq) => ({
      seq,
      tokens: JSON.stringify(Array.from({ length: count }, (_, index) => `${handle}-${seq}-${index}`)),
      count,
    })),
    addressing: tasks ? 'task' : 'tokens',
    tokensDigest: null,
    plan: {
      requested: operation,
      ladder,
      steps: {},
      refusal: ladder.length === 0 ? 'it can reach nobody' : null,
      audienceSize: null,
    },
    linkedId: null,
    lastRecallTargetId: null,
    firstStep: tasks ? 'read' : 'act',
  }
}
