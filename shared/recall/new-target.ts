/** A target of a recall as it is admitted. */
import type { HandleFacts, PriorRecall } from '../ledger/facts.ts'
import type { NewRecallTarget } from '../ledger/new-recall.ts'
import { digestTokens, type SealedBatch } from '../ledger/tokens.ts'
import type { Policy } from '../secrets/documents.ts'
import { takesTokens } from './addressing.ts'
import { storedPlan } from './plan.ts'
import type { Planned } from './planned-handles.ts'

export interface Making {
  readonly brought: readonly string[] | null
  readonly inHand: readonly SealedBatch[]
  readonly links: ReadonlyMap<HandleFacts, PriorRecall>
  readonly policy: Policy
}

export function newTarget(
  { handle, plan, provider }: Planned,
  { brought, inHand, links, policy }: Making,
): NewRecallTarget {
  const addressing = addressingOf(provider)
  return {
    targetId: brought === null ? handle.targetId : null,
    app: handle.app,
    provider: provider?.name ?? handle.provider ?? 'unknown',
    handle: handle.handle,
    audience: handle.audience,
    audienceSize: handle.audienceSize,
    batches: inHand,
    addressing,
    tokensDigest: brought === null ? null : digestTokens(brought),
    plan: storedPlan(plan, addressing === 'task' ? (handle.audienceSize ?? policy.assumeAudience) : null),
    linkedId: links.get(handle)?.recallTargetId ?? null,
    lastRecallTargetId: handle.lastRecallTargetId,
    firstStep: provider?.status === undefined ? 'act' : 'read',
  }
}

function addressingOf(provider: Planned['provider']): 'task' | 'tokens' {
  return provider !== null && takesTokens(provider) ? 'tokens' : 'task'
}
