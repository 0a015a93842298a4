/** A recall as it is asked for, before it is in the ledger: whole, with a plan for each target, and what of it is signed. */
import { createHash } from 'node:crypto'
import type { Grant } from '../access/access.ts'
import type { Caller } from '../access/grant.ts'
import { batchBounds } from '../bounds.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { AskedOperation } from '../asked-operation.ts'
import type { Operation } from '../operation.ts'
import type { Names } from '../providers/provider.ts'
import type { Notice } from '../sentences.ts'
import type { AskedEntry, AuditDetail, SignedEntry } from './audit.ts'
import type { UnitWish } from './begin-attempts.ts'
import type { WorkStep } from './claim-work.ts'
import type { SealedBatch } from './tokens.ts'

/** What the plan says of one target; kept with it and read back for the answer. */
export interface StoredPlan {
  readonly requested: Operation
  /** Strongest first; empty where nothing can be done. */
  readonly ladder: readonly Operation[]
  readonly steps: {
    readonly [O in Operation]?: { readonly effects: readonly object[]; readonly warnings: readonly string[] }
  }
  /** Why nothing can be done. */
  readonly refusal: string | null
  /** The size the sender stated. */
  readonly audienceSize: number | null
  /** What holds for the plan as a whole: why something weaker is done than was asked. */
  readonly remarks?: readonly string[]
  /** Codes of what the plan's sentences say. */
  readonly notices?: readonly Notice[]
  /** How many devices it counts as for the line of an approval; `task`: of a push that the vendor addresses as a whole. */
  readonly reach?: {
    readonly task: number | null
    /** How that is known. Absent, in plans of before: by `audienceSize`, where that is there. */
    readonly basis?: Reach['basis']
  }
  /** How its work begins. */
  readonly step?: WorkStep
}

export interface NewRecallTarget {
  /** Null: a bare handle; the target is made now, with these batches. */
  readonly targetId: number | null
  readonly app: string
  readonly provider: string
  readonly handle: string
  /** Absent or null: the handle tells them. */
  readonly names?: Names | null
  /** The key that its sender chose, of a target that is made now. */
  readonly senderKey?: string | null
  /** Tokens that fit one request of its vendor; absent: as many as a batch may have. */
  readonly batch?: number
  readonly audience: string | null
  readonly audienceSize: number | null
  readonly batches: readonly SealedBatch[]
  readonly addressing: 'task' | 'tokens'
  readonly tokensDigest: string | null
  readonly plan: StoredPlan
  /** Another recall's target that is on its way already. */
  readonly linkedId: number | null
  readonly firstStep: WorkStep
  /** `HandleFacts.lastRecallTargetId` that the plan was made on. */
  readonly lastRecallTargetId: number | null
}

/** Who made a recall start or grow without asking for it, and by what. */
export interface Cause {
  readonly actor: string
  readonly person: string | null
  readonly by: 'content' | 'target' | 'tokens' | 'expiry' | 'verdict'
  /** Its id. */
  readonly verdict?: string
}

export interface NewRecall {
  readonly id: string
  readonly operation: AskedOperation
  readonly reason: string
  readonly ticket: string | null
  readonly requestedBy: string
  readonly person: string | null
  readonly owner: string
  /** The apps that its requester reached; null: all. Nothing beyond them ever joins it. */
  readonly reach: Grant
  /** Targets of the subject beyond that reach. */
  readonly outside: number
  readonly causedBy: readonly Cause[]
  readonly subject: object
  readonly overlay: object | null
  readonly fallback: boolean
  readonly giveUpHours: number
  /** SHA-256 of the policy it was admitted under, for the audit trail: whoever may change the policy may change the rules. */
  readonly policyDigest?: string
  /** As `admissionOf` asks for it. */
  readonly entry: SignedEntry
  /** It waits behind recalls that somebody asked for, and is refused where its message is not due any more. */
  readonly expiry: boolean
  /** Of an expiry: nothing of its message is left for another run. */
  readonly endsAll?: boolean
  /** What it is measured by. */
  readonly measure: Measure
  /** `https://…` of the request that it came of, for links in what people are told; null: of none. */
  readonly origin?: string | null
  /** Of a stop: the recall that it goes ahead of while that waits for others. It takes no handle from it. */
  readonly aheadOf?: string
  /** It takes in what is registered under its content or message until it gives up. */
  readonly hold?: boolean
  readonly messageIds: readonly string[]
  readonly targets: readonly NewRecallTarget[]
  /** The caller's idempotency key, bound to this recall in the same statement. */
  readonly key: {
    readonly principal: string
    readonly path: string
    readonly key: string
    readonly digest: string
  } | null
  /** Its first units are somebody's already, who does them at once. */
  readonly lease?: Lease
}

/** How many devices a recall is for, and what that means. */
export interface Measure {
  readonly reach: Reach
  /** SHA-256 of operation, targets and new text, in hex. */
  readonly bound: string
  /** From how many devices on it takes another person; null: any number needs none. */
  readonly line: number | null
  /** Whose hour it counts to; null: nobody's. */
  readonly payer: string | null
  /** Null: it runs at once, since nobody else has to agree. */
  readonly approval: NewApproval | null
}

/** How many devices, and how that is known: counted, told by the vendor, stated by the sender, assumed by the policy. */
export interface Reach {
  readonly devices: number
  readonly basis: 'exact' | 'vendor' | 'stated' | 'assumed'
}

export interface NewApproval {
  readonly needed: number
  readonly above: number
  readonly because: 'reach' | 'hour' | 'nobody'
  readonly digest: string
  readonly ttlMinutes: number
  /** It runs at once all the same, and is to be reviewed. */
  readonly broken: boolean
}

export interface Lease {
  readonly owner: string
  readonly leaseMs: number
  /** At most so many units, in their order. Those of an app whose breaker is open stay for whoever claims them later. */
  readonly units: number
  /** First requests that begin with the admission, of units that are certain to be among those. */
  readonly wishes: readonly UnitWish[]
}

/** Who asks for it, and as whose it is seen. */
export function askedBy({
  id,
  person,
  owner,
  grant,
}: Caller): Pick<NewRecall, 'requestedBy' | 'person' | 'owner' | 'reach'> {
  return { requestedBy: id, person, owner, reach: grant }
}

/** What is to be signed of a recall before it is admitted. */
export function admissionOf(recall: Omit<NewRecall, 'entry'>): AskedEntry {
  const by = { id: recall.requestedBy, person: recall.person }
  return { by, action: 'recall.admitted', object: recall.id, request: admissionDetail(recall) }
}

/** What the audit trail says of an admission. An overlay is notification text: only its digest is told. */
export function admissionDetail(recall: Omit<NewRecall, 'entry'>): AuditDetail {
  return {
    operation: recall.operation,
    subject: recall.subject,
    reason: recall.reason,
    ticket: recall.ticket ?? undefined,
    fallback: recall.fallback,
    hold: recall.hold === true ? true : undefined,
    apps: [...new Set(recall.targets.map(({ app }) => app))],
    targets: recall.targets.length,
    causedBy: recall.causedBy.length === 0 ? undefined : recall.causedBy,
    overlay:
      recall.overlay === null ? undefined : createHash('sha256').update(canonicalJson(recall.overlay)).digest('hex'),
    policy: recall.policyDigest,
    approval: recall.measure.approval ?? undefined,
    aheadOf: recall.aheadOf,
  }
}

/** The operation itself stands first in the ladder; an empty one marks a target for which nothing can be done. */
export function targetRow(
  recallId: string,
  target: Omit<NewRecallTarget, 'batches' | 'tokensDigest' | 'linkedId' | 'lastRecallTargetId'> &
    Partial<NewRecallTarget>,
  position: number,
): object {
  return {
    recall_id: recallId,
    position,
    target_id: target.targetId,
    app: target.app,
    provider: target.provider,
    handle: target.handle,
    names: target.names ?? null,
    sender_key: target.senderKey ?? null,
    batch: target.batch ?? batchBounds.tokens,
    audience: target.audience,
    audience_size: target.audienceSize,
    addressing: target.addressing,
    tokens_digest: target.tokensDigest,
    linked_id: target.linkedId,
    last_id: target.lastRecallTargetId,
    // what its work is made of when it was waited for
    plan: { ...target.plan, step: target.firstStep },
    requested: target.plan.requested,
    step: target.firstStep,
    operation: target.plan.ladder[0] ?? target.plan.requested,
    ladder: target.plan.ladder.join(','),
  }
}
