/**
 * What one vendor answer makes of a unit of work. Pure: no clock, no ledger, no vendor.
 *
 * The asymmetry that decides every tie: a recall sent twice costs quota, a recall lost leaves harmful text on phones. So
 * whatever is not certain is tried again, except an overlay, which sends: there the vendor is asked first.
 */
import { skewSentence } from '../clock-skew.ts'
import type { ClaimedWork, WorkStep } from '../ledger/claim-work.ts'
import type { Assessed, BlockedBy, KeptReply, WorkChange } from '../ledger/settle-work.ts'
import { type Notice, sentenceOf } from '../sentences.ts'
import type { Operation } from '../operation.ts'
import type {
  Assessment,
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
  /** The push tokens, or the text of the overlay, were deleted; nothing was sent. */
  | { readonly kind: 'gone'; readonly what: 'tokens' | 'text'; readonly record: VendorRecord | null }
  /** The key of the push was used again: nothing was sent, since it would take back the newer one. */
  | { readonly kind: 'superseded'; readonly record: null }
  /** There was no time to begin with what is left of the unit. */
  | { readonly kind: 'rest'; readonly record: VendorRecord | null }
  /** Whether it was sent before is not known, and no record tells; nothing was sent. */
  | { readonly kind: 'untold'; readonly record: VendorRecord | null }
  /** The credential could not be had; nothing was sent. */
  | { readonly kind: 'locked'; readonly detail: string; readonly record: VendorRecord | null }

export interface Decision {
  readonly change: WorkChange
  readonly confirmations: number
  readonly failures: number
  /** Null keeps what is shown. */
  readonly vendor: KeptReply | null
  readonly warnings: readonly string[]
  /** Codes of those warnings that have one. */
  readonly notices: readonly Notice[]
  /** What the operation does, now that the vendor's record is known; null keeps what is shown. */
  readonly assessed: Assessed | null
}

/** How long after a vendor's yes its own record may still lag, and how often it is looked at. */
const confirmDelaysMs = [1000, 3000]
/** A proof that must wait longer than this has something harmless done meanwhile. */
const patienceMs = 5000
/** So often the weaker operation is tried while a proof waits. */
const meanwhileTries = 3
const credentialRetryMs = 60_000
const pauses = {
  vendor: 'The vendor fails more often than it answers: calls pause, and one after another is tried.',
  credential: 'The vendor does not take the credential: calls pause until it takes one.',
} as const

const unrecorded =
  'What came of sending it could not be recorded twice, and the vendor shows no sign of it: it is not sent a third time.'

const maybeOut =
  'The vendor gave no answer to it, keeps no record that tells, and would show a repeat: whether it was sent is not known.'

const saidBefore = (status: string) =>
  `The vendor accepted the overlay. Its record said ${status} already, of an earlier one, and does not show this one apart.`

/** Full jitter: everywhere between 0 and 2 s · 2^n, at most `mostMs`. `chance` is 0..1. */
export function backOffMs(failures: number, chance: number, mostMs = 300_000): number {
  return Math.floor(chance * Math.min(mostMs, 2000 * 2 ** Math.min(failures, 20)))
}

/** The request to make next. */
export function requestOf({ step, operation }: Pick<WorkState, 'step' | 'operation'>): 'status' | Operation {
  if (step === 'meanwhile') return harmless
  return step === 'act' ? operation : 'status'
}

/** Ends what has not reached a phone yet, and takes nothing from whatever was done before. */
const harmless = 'stop'

export function decide(work: WorkState, result: StepResult, vendor: VendorView, chance: number): Decision {
  const decision = judge(work, result, vendor, chance)
  // What would be tried only after the end is over now.
  if (decision.change.kind === 'later' && decision.change.delayMs >= work.remainingMs) {
    if (isAccepted(work)) return unconfirmed(work, decision.vendor, result.kind === 'used_up' ? 'budget' : 'unreadable')
    return { ...decision, change: ended(work, 'expired') }
  }
  return decision
}

function judge(work: WorkState, result: StepResult, vendor: VendorView, chance: number): Decision {
  switch (result.kind) {
    case 'rest':
      return { ...quiet(work), failures: work.failures, change: goOn(work, work.step) }
    case 'untold':
      return untold(work, null)
    case 'locked':
      return later(work, work.step, credentialRetryMs, { by: 'credential', detail: result.detail })
    case 'open': {
      const skew = result.cause === 'credential' ? skewSentence(result.clockAheadMs, "the vendor's") : null
      const detail = skew === null ? pauses[result.cause] : `${pauses[result.cause]} ${capitalised(skew)}.`
      return later(work, work.step, result.waitMs, { by: result.cause, detail })
    }
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
    case 'superseded': {
      const notice = { code: 'superseded', params: {} } as const
      return { ...quiet(work), change: ended(work, 'cancelled'), warnings: [sentenceOf(notice)], notices: [notice] }
    }
    case 'used_up': {
      if (work.step === 'read' && canActUnread(work, vendor)) return act(work, [])
      const blocked = {
        by: result.quota ? 'quota' : 'rate',
        detail: `The budget "${result.lane}" is used up for now.`,
      } as const
      const wait = later(work, work.step, result.waitMs, blocked)
      return result.waitMs < patienceMs ? wait : waitForProof(work, vendor, wait)
    }
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
  if (work.step === 'meanwhile') return afterMeanwhile(work, outcome, chance)
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
      return fall(work, vendor, record, kept, outcome.vendor.code ?? 'unsupported', outcome.because)
    case 'refused':
      if (outcome.look === true && vendor.canReadStatus)
        return { ...quiet(work), change: goOn(work, 'look'), vendor: kept }
      return { ...quiet(work), change: refused(work, outcome.vendor.code ?? outcome.kind), vendor: kept }
    case 'not_found':
    case 'too_late':
      return { ...quiet(work), change: refused(work, outcome.vendor.code ?? outcome.kind), vendor: kept }
    case 'unknown':
      // it may be out, a repeat would be seen, and nothing tells
      if (!isRepeatable(work, vendor) && !vendor.canReadStatus) return untold(work, kept)
      return { ...postpone(work, outcome, chance, stepAfterDoubt(work, outcome, vendor)), vendor: kept }
    case 'throttled':
    case 'auth':
      return { ...postpone(work, outcome, chance, stepAfterDoubt(work, outcome, vendor)), vendor: kept }
  }
}

/** Whatever became of it, the proof of the operation itself is still to come. */
function afterMeanwhile(work: WorkState, outcome: Outcome, chance: number): Decision {
  const again = ['throttled', 'auth', 'unknown'].includes(outcome.kind) && work.failures + 1 < meanwhileTries
  if (again) return postpone(work, outcome, chance, 'meanwhile')
  const taken = outcome.kind === 'accepted' || outcome.kind === 'already_done'
  const params = { operation: work.operation, sent: harmless } as const
  return { ...quiet(work), ...told(taken ? [{ code: 'sent_meanwhile', params }] : []), change: goOn(work, 'prove') }
}

/** An overlay without an answer may be out: ask before repeating. */
function stepAfterDoubt(work: WorkState, outcome: Outcome, vendor: VendorView): WorkStep {
  return outcome.kind === 'unknown' && !isRepeatable(work, vendor) ? 'sent' : 'act'
}

function isRepeatable({ operation }: WorkState, vendor: VendorView): boolean {
  return vendor.capability(operation)?.repeatable ?? true
}

function untold(work: WorkState, vendor: KeptReply | null): Decision {
  const counts = { accepted: 0, rejected: 0, unknown: work.devices ?? 0, rejections: [] }
  return { ...quiet(work), change: { kind: 'final', result: 'partial', ...counts }, vendor, warnings: [maybeOut] }
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
    // a unit that acts, or acts meanwhile, asks for the record only where it cannot act without
    case 'act':
    case 'meanwhile':
    case 'read': {
      if (outcome.kind === 'accepted') return startWith(work, vendor, record, kept)
      if (outcome.kind !== 'auth' && canActUnread(work, vendor)) return act(work, [])
      if (outcome.kind === 'not_found')
        return { ...quiet(work), change: refused(work, outcome.vendor.code ?? 'not_found'), vendor: kept }
      return { ...postpone(work, outcome, chance, 'read'), vendor: kept }
    }
    case 'sent': {
      // a push that was overlaid before proves nothing of this overlay
      const before = work.record?.status ?? ''
      if (proven && !proof.includes(before)) return confirmed(work, vendor, record, kept)
      if (outcome.kind === 'accepted' && work.unsettled > 1)
        return { ...quiet(work), change: ended(work, 'failed'), vendor: kept, warnings: [unrecorded] }
      if (outcome.kind === 'accepted') return act(work, [])
      if (outcome.kind === 'not_found')
        return { ...quiet(work), change: refused(work, outcome.vendor.code ?? 'not_found'), vendor: kept }
      return { ...postpone(work, outcome, chance, 'sent'), vendor: kept }
    }
    case 'look': {
      if (proven) return confirmed(work, vendor, record, kept)
      if (outcome.kind === 'throttled' || outcome.kind === 'auth' || outcome.kind === 'unknown')
        return postpone(work, outcome, chance, 'look')
      const over = status !== null && (vendor.capability(work.operation)?.overBy ?? []).includes(status)
      const why = over ? 'too_late' : outcome.kind === 'not_found' ? 'not_found' : 'refused'
      // the reply that is shown stays the no itself
      return { ...quiet(work), change: refused(work, why), vendor: null }
    }
    case 'confirm':
    case 'prove': {
      // of an overlay that came before this one, the record tells neither from the other
      if (proven && work.operation === 'overlay' && proof.includes(work.record?.status ?? ''))
        return { ...confirmed(work, vendor, record, kept), warnings: [saidBefore(status)] }
      if (proven) return confirmed(work, vendor, record, kept)
      if (outcome.kind === 'throttled' || outcome.kind === 'auth') {
        const wait = postpone(work, outcome, chance, work.step)
        return outcome.kind === 'auth' || delayOf(wait) < patienceMs ? wait : waitForProof(work, vendor, wait)
      }
      if (hasNoRecord(work, outcome, record, vendor)) return { ...quiet(work), change: accepted(work) }
      const delayMs = work.step === 'confirm' ? confirmDelaysMs[work.confirmations] : undefined
      if (delayMs !== undefined) {
        return { ...later(work, 'confirm', delayMs, null), confirmations: work.confirmations + 1 }
      }
      // a record that was there before is hidden, not absent
      if (outcome.kind === 'not_found' && work.record === null) {
        const notice = { code: 'unrecorded', params: { operation: work.operation } } as const
        return { ...quiet(work), ...told([notice]), change: accepted(work) }
      }
      if (outcome.kind !== 'accepted') return waitForProof(work, vendor, postpone(work, outcome, chance, work.step))
      if (work.operation === 'revoke') {
        return fall(work, vendor, record, kept, `its record still says ${status ?? 'nothing'}`)
      }
      return unconfirmed(work, kept, 'record')
    }
  }
}

/**
 * The vendor keeps records of scheduled pushes alone, and this was none when it was looked at first: its yes is all there is. One
 * that was scheduled, and is not any more without being proven, has gone out.
 */
function hasNoRecord(work: WorkState, outcome: Outcome, record: VendorRecord | null, vendor: VendorView): boolean {
  if (vendor.capability(work.operation)?.provesScheduled !== true || work.confirmations > 0) return false
  const told = outcome.kind === 'not_found' || (outcome.kind === 'accepted' && record?.scheduled === false)
  return told && work.record?.scheduled !== true
}

/** The vendor said yes, and its record is still to show it. */
function isAccepted({ step }: WorkState): boolean {
  return step === 'confirm' || step === 'meanwhile' || step === 'prove'
}

/**
 * The proof has to wait, and waiting proves nothing. What is weaker and harmless goes out meanwhile, once, where the caller
 * lets it. Not for an overlay: the vendor ends the old push to send it, and a stop could only hide that it did.
 */
function waitForProof(work: WorkState, vendor: VendorView, wait: Decision): Decision {
  const capability = vendor.capability(harmless)
  const possible =
    work.step === 'confirm' &&
    work.operation === 'revoke' &&
    work.ladder.includes(harmless) &&
    capability?.repeatable === true &&
    !capability.needsRecord &&
    vendor.assess(harmless, work.record).refusal === null
  return possible ? { ...quiet(work), change: goOn(work, 'meanwhile') } : wait
}

function delayOf({ change }: Decision): number {
  return change.kind === 'later' ? change.delayMs : 0
}

/** The vendor's record shows it. */
function confirmed(work: WorkState, vendor: VendorView, record: VendorRecord | null, kept: KeptReply): Decision {
  return {
    ...quiet(work),
    change: accepted(work),
    vendor: kept,
    assessed: assessedOf(work.operation, vendor.assess(work.operation, record, true)),
  }
}

/** The vendor accepted it, and its record did not show it: some of what was asked may be done, and nobody can tell. */
function unconfirmed(
  work: WorkState,
  vendor: KeptReply | null,
  because: Extract<Notice, { code: 'unconfirmed' }>['params']['because'],
): Decision {
  const status = because === 'record' ? (vendor?.status ?? null) : null
  const notice = { code: 'unconfirmed', params: { operation: work.operation, because, status } } as const
  const counts = { accepted: 0, rejected: 0, unknown: work.devices ?? 0, rejections: [] }
  return { ...quiet(work), ...told([notice]), change: { kind: 'final', result: 'partial', ...counts }, vendor }
}

/** Each with its sentence. */
function told(notices: readonly Notice[]): Pick<Decision, 'notices' | 'warnings'> {
  return { notices, warnings: notices.map(sentenceOf) }
}

function assessedOf(operation: Operation, { effects, warnings }: Assessment): Assessed {
  return { operation, effects, warnings }
}

/** With the record at hand the first operation may turn out impossible: then the next one is. */
function startWith(work: WorkState, vendor: VendorView, record: VendorRecord | null, kept: KeptReply): Decision {
  const assessment = vendor.assess(work.operation, record)
  const assessed = assessedOf(work.operation, assessment)
  if (shows(work.operation, vendor, record)) {
    const warnings = [`The vendor's record says ${record?.status ?? ''} already: nothing was left to do.`]
    return { ...quiet(work), change: accepted(work), vendor: kept, warnings, assessed }
  }
  if (assessment.refusal !== null) return fall(work, vendor, record, kept, assessment.refusal)
  return { ...act(work, []), vendor: kept, assessed }
}

/** The record proves the operation, whoever asked for it. An overlay that was sent before proves nothing of this one. */
function shows(operation: Operation, vendor: VendorView, record: VendorRecord | null): boolean {
  const capability = vendor.capability(operation)
  return capability?.repeatable === true && capability.confirmedBy.includes(record?.status ?? '')
}

/** Down the ladder, past what the record rules out. */
function fall(
  work: WorkState,
  vendor: VendorView,
  record: VendorRecord | null,
  kept: KeptReply,
  why: string,
  because?: Notice,
): Decision {
  // what is done to the whole push is not followed by what names devices
  const rest = work.ladder
    .slice(1)
    .filter(operation => vendor.assess(operation, record).refusal === null)
    .filter(operation => work.devices !== null || vendor.isWhole(operation) || !vendor.isWhole(work.operation))
  const [next] = rest
  const reason = `${capitalised(work.operation)} was not possible: ${why.replace(/\.$/, '')}.`
  const { warnings, notices } = told(because === undefined ? [] : [because])
  if (next === undefined) {
    const change = refused(work, kept.code ?? 'unsupported')
    return { ...quiet(work), change, vendor: kept, warnings: [reason, ...warnings], notices }
  }
  const saying = { vendor: kept, warnings: [`${reason} ${capitalised(next)} is done instead.`, ...warnings], notices }
  // sent while the proof was waited for, or by somebody before
  if (isAccepted(work) && shows(next, vendor, record)) {
    const assessed = assessedOf(next, vendor.assess(next, record, true))
    return { ...quiet(work), ...saying, change: { ...accepted(work), operation: next, ladder: rest }, assessed }
  }
  const needsRecord = vendor.canReadStatus && (vendor.capability(next)?.needsRecord ?? false) && record === null
  const step = needsRecord ? 'read' : 'act'
  const falls = !vendor.isWhole(work.operation) && vendor.isWhole(next)
  return {
    ...saying,
    change: { kind: falls ? 'fall' : 'continue', step, operation: next, ladder: rest },
    confirmations: 0,
    failures: 0,
    assessed: assessedOf(next, vendor.assess(next, record)),
  }
}

function canActUnread(work: WorkState, vendor: VendorView): boolean {
  return !(vendor.capability(work.operation)?.needsRecord ?? false)
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
  // each look for a proof takes a query from a small budget: later on they are up to an hour apart
  const guess = backOffMs(work.failures, chance, isAccepted(work) ? 3_600_000 : 300_000)
  if (outcome.kind === 'throttled') {
    const delayMs = Math.max(outcome.retryAfterMs ?? 0, guess)
    const blocked = { by: outcome.quota ? 'quota' : 'rate', detail: `The vendor asks for less${said}.` } as const
    return { ...later(work, step, delayMs, blocked), failures }
  }
  if (outcome.kind === 'auth') {
    const skew = skewSentence(outcome.clockAheadMs ?? 0, "the vendor's")
    const and = skew === null ? '' : `, and ${skew}`
    const blocked = { by: 'credential', detail: `The vendor does not take the credential${said}${and}.` } as const
    return { ...later(work, step, credentialRetryMs, blocked), failures }
  }
  const reason = outcome.kind === 'unknown' || outcome.kind === 'refused' ? outcome.reason : outcome.kind
  return { ...later(work, step, guess, { by: 'vendor', detail: `No usable answer${said}: ${reason}.` }), failures }
}

function quiet(work: WorkState): Omit<Decision, 'change'> {
  return { confirmations: work.confirmations, failures: 0, vendor: null, warnings: [], notices: [], assessed: null }
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
  blocked: { readonly by: BlockedBy; readonly detail: string } | null,
): Decision {
  return { ...quiet(work), failures: work.failures, change: { kind: 'later', step, delayMs, blocked } }
}

function accepted(work: WorkState): Extract<WorkChange, { kind: 'final' }> {
  return { kind: 'final', result: 'accepted', accepted: work.devices ?? 0, rejected: 0, unknown: 0, rejections: [] }
}

function refused(work: WorkState, reason: string): WorkChange {
  const rejected = work.devices ?? 0
  const rejections: Rejection[] = rejected === 0 ? [] : [{ reason, count: rejected }]
  return { kind: 'final', result: 'failed', accepted: 0, rejected, unknown: 0, rejections }
}

function ended(work: WorkState, result: 'expired' | 'failed' | 'cancelled'): WorkChange {
  return { kind: 'final', result, accepted: 0, rejected: 0, unknown: work.devices ?? 0, rejections: [] }
}

function sum(rejections: readonly Rejection[]): number {
  return rejections.reduce((total, { count }) => total + count, 0)
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
