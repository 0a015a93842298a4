/** What a vendor's answer can make of a unit of work: what decides, what came, and the changes that there are. Pure. */
import type { ClaimedWork, WorkStep } from '../ledger/claim-work.ts'
import type { Assessed, BlockedBy, Settlement, WorkChange } from '../ledger/settle-work.ts'
import type { Operation } from '../operation.ts'
import type {
  Assessment,
  OperationCapability,
  Outcome,
  Rejection,
  StatusReading,
  VendorRecord,
} from '../providers/provider.ts'
import { type Notice, sentenceOf } from '../sentences.ts'

/** The part of a unit of work that decides. */
export type WorkState = Pick<
  ClaimedWork,
  'operation' | 'ladder' | 'step' | 'confirmations' | 'failures' | 'unsettled' | 'devices' | 'record' | 'remainingMs'
>

/** What the decision needs to know of the vendor. */
export interface VendorView {
  readonly capability: (operation: Operation) => OperationCapability | undefined
  readonly canReadStatus: boolean
  /** One request of the operation is for the whole push. */
  readonly isWhole: (operation: Operation) => boolean
  /** With the newest record; `acted`: it was read after the operation. */
  readonly assess: (operation: Operation, record: VendorRecord | null, acted?: boolean) => Assessment
}

export type StepResult =
  /** The act itself was answered. */
  | { readonly kind: 'acted'; readonly outcome: Outcome; readonly record: VendorRecord | null }
  /** The status was asked for. */
  | { readonly kind: 'read'; readonly reading: StatusReading; readonly record: VendorRecord | null }
  /** No budget for the call; nothing was sent. */
  | {
      readonly kind: 'used_up'
      readonly lane: string
      readonly waitMs: number
      readonly quota: boolean
      readonly record: VendorRecord | null
    }
  /** So much fails at this vendor, or its credential does, that nobody calls it for a while; nothing was sent. */
  | {
      readonly kind: 'open'
      readonly cause: 'vendor' | 'credential'
      readonly waitMs: number
      /** At the last refusal that this process saw. */
      readonly clockAheadMs: number
      readonly record: VendorRecord | null
    }
  /** The push tokens, whom an audience names, or the text of the overlay were deleted; nothing was sent. */
  | { readonly kind: 'gone'; readonly what: 'tokens' | 'audience' | 'text'; readonly record: VendorRecord | null }
  /** The key of the push was used again: nothing was sent, since it would take back the newer one. */
  | { readonly kind: 'superseded'; readonly record: null }
  /** Its recall was cancelled, or its handle taken over; nothing was sent. */
  | { readonly kind: 'called_off'; readonly record: null }
  /** There was no time to begin with what is left of the unit. */
  | { readonly kind: 'rest'; readonly record: VendorRecord | null }
  /** Whether it was sent before is not known, and no record tells; nothing was sent. */
  | { readonly kind: 'untold'; readonly record: VendorRecord | null }
  /** The credential could not be had; nothing was sent. */
  | { readonly kind: 'locked'; readonly detail: string; readonly record: VendorRecord | null }

/** What is settled of a unit once the call is known. */
export type Decision = Pick<
  Settlement,
  'change' | 'confirmations' | 'failures' | 'vendor' | 'warnings' | 'notices' | 'assessed'
>

/** Ends what has not reached a phone yet, and takes nothing from whatever was done before. */
export const harmless = 'stop'

export const textGone =
  'The text of the overlay was deleted (textRetentionDays) before the vendor was asked: nothing was sent.'

/** The vendor said yes, and its record is still to show it. */
export function isAccepted({ step }: WorkState): boolean {
  return step === 'confirm' || step === 'meanwhile' || step === 'prove'
}

/** Nothing to tell of it; the calls in a row that failed are over. Keeps what is shown. */
export function quiet(work: WorkState): Omit<Decision, 'change'> {
  return { confirmations: work.confirmations, failures: 0, vendor: null, warnings: [], notices: [], assessed: null }
}

/** The operation itself is next. */
export function act(work: WorkState, warnings: readonly string[]): Decision {
  return { ...quiet(work), failures: work.failures, change: goOn(work, 'act'), warnings }
}

/** The next request follows at once. */
export function goOn(work: WorkState, step: WorkStep): WorkChange {
  return { kind: 'continue', step, operation: work.operation, ladder: work.ladder }
}

/** Again after so many milliseconds. `blocked`: what it waits for, as people are shown it. */
export function later(
  work: WorkState,
  step: WorkStep,
  delayMs: number,
  blocked: { readonly by: BlockedBy; readonly detail: string } | null,
): Decision {
  return { ...quiet(work), failures: work.failures, change: { kind: 'later', step, delayMs, blocked } }
}

/** The vendor took it for all devices. */
export function accepted(work: WorkState): Extract<WorkChange, { kind: 'final' }> {
  return { kind: 'final', result: 'accepted', accepted: work.devices ?? 0, rejected: 0, unknown: 0, rejections: [] }
}

/** The vendor took it for none; `reason`: its code. */
export function refused(work: WorkState, reason: string): WorkChange {
  const rejected = work.devices ?? 0
  const rejections: Rejection[] = rejected === 0 ? [] : [{ reason, count: rejected }]
  return { kind: 'final', result: 'failed', accepted: 0, rejected, unknown: 0, rejections }
}

/** It ends without an answer for its devices. */
export function ended(work: WorkState, result: 'expired' | 'failed' | 'cancelled'): WorkChange {
  return { kind: 'final', result, accepted: 0, rejected: 0, unknown: work.devices ?? 0, rejections: [] }
}

/** Each with its sentence. */
export function told(notices: readonly Notice[]): Pick<Decision, 'notices' | 'warnings'> {
  return { notices, warnings: notices.map(sentenceOf) }
}

/** For the answer: what the operation does, as the record shows. */
export function assessedOf(operation: Operation, { effects, warnings }: Assessment): Assessed {
  return { operation, effects, warnings }
}
