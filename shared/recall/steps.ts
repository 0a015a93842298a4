/**
 * What one vendor answer makes of a unit of work. Pure: no clock, no ledger, no vendor.
 *
 * The asymmetry that decides every tie: a recall sent twice costs quota, a recall lost leaves harmful text on phones. So
 * whatever is not certain is tried again, except an overlay, which sends: there the vendor is asked first.
 */
import type { ClaimedWork, WorkStep } from '../ledger/claim-work.ts'
import type { KeptReply, WorkChange } from '../ledger/settle-work.ts'
import type {
  Assessment,
  Operation,
  OperationCapability,
  Outcome,
  Rejection,
  StatusReading,
  VendorRecord,
} from '../providers/provider.ts'

/** The part of a unit of work that decides. */
export type WorkState = Pick<
  ClaimedWork,
  'operation' | 'ladder' | 'step' | 'confirmations' | 'failures' | 'unsettled' | 'devices' | 'record' | 'remainingMs'
>

/** What the decision needs to know of the vendor. */
export interface VendorView {
  readonly capability: (operation: Operation) => OperationCapability | undefined
  readonly canReadStatus: boolean
  /** With the newest record. */
  readonly assess: (operation: Operation, record: VendorRecord | null) => Assessment
}

export type StepResult =
  /** The act itself was answered. */
  | { readonly kind: 'acted'; readonly outcome: Outcome; readonly record: VendorRecord | null }
  /** The status was asked for. */
  | { readonly kind: 'read'; readonly reading: StatusReading; readonly record: VendorRecord | null }
  /** No budget for the call; nothing was sent. */
  | {
      readonly kind: 'dry'
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
      readonly record: VendorRecord | null
    }
  /** The push tokens, or the text of the overlay, were deleted; nothing was sent. */
  | { readonly kind: 'gone'; readonly what: 'tokens' | 'text'; readonly record: VendorRecord | null }
  /** The credential could not be had; nothing was sent. */
  | { readonly kind: 'locked'; readonly detail: string; readonly record: VendorRecord | null }

export interface Decision {
  readonly change: WorkChange
  readonly confirmations: number
  readonly failures: number
  /** Null keeps what is shown. */
  readonly vendor: KeptReply | null
  readonly warnings: readonly string[]
}

/** How long after a vendor's yes its own record may still lag, and how often it is looked at. */
const confirmDelaysMs = [1000, 3000]
const credentialRetryMs = 60_000
const pauses = {
  vendor: 'The vendor fails more often than it answers: calls pause, and one after another is tried.',
  credential: 'The vendor does not take the credential: calls pause until it takes one.',
} as const

const unrecorded =
  'What came of sending it could not be recorded twice, and the vendor shows no sign of it: it is not sent a third time.'

/** Full jitter: everywhere between 0 and 2 s · 2^n, at most five minutes. `chance` is 0..1. */
export function backOffMs(failures: number, chance: number): number {
  return Math.floor(chance * Math.min(300_000, 2000 * 2 ** Math.min(failures, 20)))
}

/** The request to make next. */
export function requestOf(step: WorkStep): 'status' | 'act' {
  return step === 'act' ? 'act' : 'status'
}

export function decide(work: WorkState, result: StepResult, vendor: VendorView, chance: number): Decision {
  const decision = judge(work, result, vendor, chance)
  // What would be tried only after the end is over now.
  if (decision.change.kind === 'later' && decision.change.delayMs >= work.remainingMs) {
    if (work.step === 'confirm') return confirmedByWord(work, null, 'its status was not read in time')
    return { ...decision, change: ended(work, 'expired') }
  }
  return decision
}

function judge(work: WorkState, result: StepResult, vendor: VendorView, chance: number): Decision {
  switch (result.kind) {
    case 'locked':
      return later(work, work.step, credentialRetryMs, { by: 'credential', detail: result.detail })
    case 'open':
      return later(work, work.step, result.waitMs, { by: result.cause, detail: pauses[result.cause] })
    case 'gone':
      return {
        ...quiet(work),
        change: ended(work, 'failed'),
        warnings: [
          result.what === 'tokens'
            ? 'Push tokens were deleted (tokenRetentionDays) before the vendor was asked: nothing was sent for them.'
            : 'The text of the overlay was deleted (textRetentionDays) before the vendor was asked: nothing was sent.',
        ],
      }
    case 'dry':
      if (work.step === 'confirm')
        return confirmedByWord(work, null, 'its status was not read: the query budget is used up')
      if (work.step === 'read' && canActUnread(work, vendor)) return act(work, [])
      return later(work, work.step, result.waitMs, {
        by: result.quota ? 'quota' : 'rate',
        detail: `The budget "${result.lane}" is used up for now.`,
      })
    case 'read':
      return afterReading(work, result.reading, vendor, chance)
    case 'acted':
      return afterActing(work, result.outcome, result.record, vendor, chance)
  }
}

function afterActing(
  work: WorkState,
  outcome: Outcome,
  record: VendorRecord | null,
  vendor: VendorView,
  chance: number,
): Decision {
  const kept: KeptReply = { ...outcome.vendor, status: null }
  const denied = ['refused', 'too_late', 'unsupported'].includes(outcome.kind)
  if (denied && work.record?.scheduled === true && work.failures === 0) {
    // It may have gone out between the look and the cancel: look again, once.
    return { ...quiet(work), failures: 1, change: goOn(work, 'read'), vendor: kept }
  }
  switch (outcome.kind) {
    case 'accepted':
    case 'already_done': {
      const provable = vendor.canReadStatus && (vendor.capability(work.operation)?.confirmedBy.length ?? 0) > 0
      if (!provable) return { ...quiet(work), change: accepted(work), vendor: kept }
      return { ...quiet(work), change: goOn(work, 'confirm'), vendor: kept }
    }
    case 'partial': {
      const rejected = sum(outcome.rejected)
      const total = work.devices ?? rejected + outcome.unknown
      const yes = total - rejected - outcome.unknown
      const counts = { accepted: yes, rejected, unknown: outcome.unknown, rejections: outcome.rejected }
      const result = yes === total ? 'accepted' : yes > 0 || outcome.unknown > 0 ? 'partial' : 'failed'
      return { ...quiet(work), change: { kind: 'final', result, ...counts }, vendor: kept }
    }
    case 'unsupported':
      return fall(work, vendor, record, kept, outcome.vendor.code ?? 'unsupported')
    case 'refused':
    case 'not_found':
    case 'too_late':
      return { ...quiet(work), change: refused(work, outcome.vendor.code ?? outcome.kind), vendor: kept }
    case 'throttled':
    case 'auth':
    case 'unknown':
      return { ...postpone(work, outcome, chance, stepAfterDoubt(work, outcome, vendor)), vendor: kept }
  }
}

/** An overlay without an answer may be out: ask before repeating. */
function stepAfterDoubt(work: WorkState, outcome: Outcome, vendor: VendorView): WorkStep {
  const repeatable = vendor.capability(work.operation)?.repeatable ?? true
  return outcome.kind === 'unknown' && !repeatable ? 'sent' : 'act'
}

function afterReading(
  work: WorkState,
  { outcome, record }: StatusReading,
  vendor: VendorView,
  chance: number,
): Decision {
  const status = outcome.kind === 'accepted' ? (record?.status ?? null) : null
  const kept: KeptReply = { ...outcome.vendor, status }
  const proof = vendor.capability(work.operation)?.confirmedBy ?? []
  const proven = status !== null && proof.includes(status)
  switch (work.step) {
    case 'read': {
      if (outcome.kind === 'accepted') return startWith(work, vendor, record, kept)
      if (outcome.kind === 'not_found')
        return { ...quiet(work), change: refused(work, outcome.vendor.code ?? 'not_found'), vendor: kept }
      if (outcome.kind !== 'auth' && canActUnread(work, vendor)) return act(work, [])
      return { ...postpone(work, outcome, chance, 'read'), vendor: kept }
    }
    case 'sent': {
      // a push that was overlaid before proves nothing of this overlay
      const before = work.record?.status ?? ''
      if (proven && !proof.includes(before)) return { ...quiet(work), change: accepted(work), vendor: kept }
      if (outcome.kind === 'accepted' && work.unsettled > 1)
        return { ...quiet(work), change: ended(work, 'failed'), vendor: kept, warnings: [unrecorded] }
      if (outcome.kind === 'accepted') return act(work, [])
      if (outcome.kind === 'not_found')
        return { ...quiet(work), change: refused(work, outcome.vendor.code ?? 'not_found'), vendor: kept }
      return { ...postpone(work, outcome, chance, 'sent'), vendor: kept }
    }
    case 'confirm': {
      if (proven) return { ...quiet(work), change: accepted(work), vendor: kept }
      const delayMs = confirmDelaysMs[work.confirmations]
      if (delayMs !== undefined) {
        return { ...later(work, 'confirm', delayMs, null), confirmations: work.confirmations + 1 }
      }
      if (outcome.kind !== 'accepted') return confirmedByWord(work, null, 'its status could not be read')
      if (work.operation === 'revoke') {
        return fall(work, vendor, record, kept, `its record still says ${status ?? 'nothing'}`)
      }
      return confirmedByWord(work, kept, `its record still says ${status ?? 'nothing'}`)
    }
    case 'act':
      return act(work, [])
  }
}

/** With the record at hand the first operation may turn out impossible: then the next one is. */
function startWith(work: WorkState, vendor: VendorView, record: VendorRecord | null, kept: KeptReply): Decision {
  const capability = vendor.capability(work.operation)
  if (capability?.repeatable === true && capability.confirmedBy.includes(record?.status ?? '')) {
    const warnings = [`The vendor's record says ${record?.status ?? ''} already: nothing was left to do.`]
    return { ...quiet(work), change: accepted(work), vendor: kept, warnings }
  }
  const { refusal } = vendor.assess(work.operation, record)
  if (refusal !== null) return fall(work, vendor, record, kept, refusal)
  return { ...act(work, []), vendor: kept }
}

/** Down the ladder, past what the record rules out. */
function fall(
  work: WorkState,
  vendor: VendorView,
  record: VendorRecord | null,
  kept: KeptReply,
  why: string,
): Decision {
  const rest = work.ladder.slice(1).filter(operation => vendor.assess(operation, record).refusal === null)
  const [next] = rest
  const reason = `${capitalised(work.operation)} was not possible: ${why.replace(/\.$/, '')}.`
  if (next === undefined) {
    return { ...quiet(work), change: refused(work, kept.code ?? 'unsupported'), vendor: kept, warnings: [reason] }
  }
  const needsRecord = vendor.canReadStatus && (vendor.capability(next)?.needsRecord ?? false) && record === null
  return {
    change: { kind: 'continue', step: needsRecord ? 'read' : 'act', operation: next, ladder: rest },
    confirmations: 0,
    failures: 0,
    vendor: kept,
    warnings: [`${reason} ${capitalised(next)} is done instead.`],
  }
}

function canActUnread(work: WorkState, vendor: VendorView): boolean {
  return !(vendor.capability(work.operation)?.needsRecord ?? false)
}

/** The vendor said yes and nothing proves or disproves it. */
function confirmedByWord(work: WorkState, vendor: KeptReply | null, why: string): Decision {
  const warnings = [`The vendor accepted the ${work.operation}; ${why}.`]
  return { ...quiet(work), change: accepted(work), vendor, warnings }
}

function postpone(
  work: WorkState,
  outcome: Outcome & { readonly kind: string },
  chance: number,
  step: WorkStep,
): Decision {
  const failures = work.failures + 1
  const code = outcome.vendor.code ?? (outcome.vendor.httpStatus === null ? null : `HTTP ${outcome.vendor.httpStatus}`)
  const said = code === null ? '' : ` (${code})`
  const guess = backOffMs(work.failures, chance)
  if (outcome.kind === 'throttled') {
    const delayMs = Math.max(outcome.retryAfterMs ?? 0, guess)
    const blocked = { by: outcome.quota ? 'quota' : 'rate', detail: `The vendor asks for less${said}.` } as const
    return { ...later(work, step, delayMs, blocked), failures }
  }
  if (outcome.kind === 'auth') {
    const blocked = { by: 'credential', detail: `The vendor does not take the credential${said}.` } as const
    return { ...later(work, step, credentialRetryMs, blocked), failures }
  }
  const reason = outcome.kind === 'unknown' || outcome.kind === 'refused' ? outcome.reason : outcome.kind
  return { ...later(work, step, guess, { by: 'vendor', detail: `No usable answer${said}: ${reason}.` }), failures }
}

function quiet(work: WorkState): Omit<Decision, 'change'> {
  return { confirmations: work.confirmations, failures: 0, vendor: null, warnings: [] }
}

function act(work: WorkState, warnings: readonly string[]): Decision {
  return { ...quiet(work), failures: work.failures, change: goOn(work, 'act'), warnings }
}

function goOn(work: WorkState, step: WorkStep): WorkChange {
  return { kind: 'continue', step, operation: work.operation, ladder: work.ladder }
}

function later(
  work: WorkState,
  step: WorkStep,
  delayMs: number,
  blocked: Extract<WorkChange, { kind: 'later' }>['blocked'],
): Decision {
  return { ...quiet(work), failures: work.failures, change: { kind: 'later', step, delayMs, blocked } }
}

function accepted(work: WorkState): WorkChange {
  return { kind: 'final', result: 'accepted', accepted: work.devices ?? 0, rejected: 0, unknown: 0, rejections: [] }
}

function refused(work: WorkState, reason: string): WorkChange {
  const rejected = work.devices ?? 0
  const rejections: Rejection[] = rejected === 0 ? [] : [{ reason, count: rejected }]
  return { kind: 'final', result: 'failed', accepted: 0, rejected, unknown: 0, rejections }
}

function ended(work: WorkState, result: 'expired' | 'failed'): WorkChange {
  return { kind: 'final', result, accepted: 0, rejected: 0, unknown: work.devices ?? 0, rejections: [] }
}

function sum(rejections: readonly Rejection[]): number {
  return rejections.reduce((total, { count }) => total + count, 0)
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
