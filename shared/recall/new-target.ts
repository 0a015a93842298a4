/** A target of a recall as it is admitted. */
import type { HandleFacts, PriorRecall } from '../ledger/facts.ts'
import type { NewRecallTarget } from '../ledger/new-recall.ts'
import type { SealedBatch } from '../ledger/tokens.ts'
import type { Policy } from '../secrets/documents.ts'
import { batchBounds } from '../bounds.ts'
import { readAudience } from './audience.ts'
import { batchSizeOf, beginsWhole } from './addressing.ts'
import { namesOf, senderKeyOf, tellsStatus } from './view-handle.ts'
import { storedPlan } from './plan.ts'
import { taskReach } from './task-reach.ts'
import { digestOfBrought } from './brought.ts'
import type { Planned } from './planned-handles.ts'
import type { NamedSubject } from './subject.ts'

export interface Making {
  readonly named: NamedSubject
  readonly brought: readonly string[] | null
  readonly inHand: readonly SealedBatch[]
  readonly links: ReadonlyMap<HandleFacts, PriorRecall>
  readonly policy: Policy
}

export function newTarget(
  { handle, plan, provider }: Planned,
  { named, brought, inHand, links, policy }: Making,
): NewRecallTarget {
  const audience = readAudience(handle.audience)
  const addressing = provider === null || beginsWhole(provider, plan.ladder, { audience }) ? 'task' : 'tokens'
  const names = provider === null ? {} : namesOf(provider, handle.handle, handle.names)
  const senderKey = provider === null ? null : senderKeyOf(provider, names)
  return {
    targetId: brought === null ? handle.targetId : null,
    app: handle.app,
    provider: provider?.name ?? handle.provider ?? 'unknown',
    handle: handle.handle,
    names: handle.names,
    senderKey: handle.targetId === null ? senderKey : null,
    batch: provider === null ? batchBounds.tokens : batchSizeOf(provider),
    audience: handle.audience,
    audienceSize: handle.audienceSize,
    batches: inHand,
    addressing,
    tokensDigest: digestOfBrought(named, handle),
    plan: storedPlan(plan, addressing === 'task' ? taskReach(handle, policy.assumeAudience) : null),
    linkedId: links.get(handle)?.recallTargetId ?? null,
    lastRecallTargetId: handle.lastRecallTargetId,
    firstStep: provider !== null && tellsStatus(provider, names) ? 'read' : 'act',
  }
}
