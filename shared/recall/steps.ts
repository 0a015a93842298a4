/**
 * What one vendor answer makes of a unit of work. Pure: no clock, no ledger, no vendor.
 *
 * The asymmetry that decides every tie: a recall sent twice costs quota, a recall lost leaves harmful text on phones. So
 * whatever is not certain is tried again, except an overlay, which sends: there the vendor is asked first.
 */
import { skewSentence } from '../clock-skew.ts'
import type { WorkStep } from '../ledger/claim-work.ts'
import type { KeptReply } from '../ledger/settle-work.ts'
import type { Outcome, Rejection, VendorRecord } from '../providers/provider.ts'
import { audienceGone, capitalised, sentenceOf } from '../sentences.ts'
import {
  accepted,
  act,
  type Decision,
  ended,
  goOn,
  harmless,
  isAccepted,
  later,
  quiet,
  refused,
  type StepResult,
  textGone,
  told,
  type VendorView,
  type WorkState,
} from './decision.ts'
import { canActUnread, fall } from './ladder.ts'
import { credentialRetryMs, postpone } from './postpone.ts'
import { afterReading, patienceMs, unconfirmed, waitForProof } from './proof.ts'

/** So often the weaker operation is tried while a proof waits. */
const meanwhileTries = 3
const pauses = {
  vendor: 'The vendor fails more often than it answers: calls pause, and one after another is tried.',
  credential: 'The vendor does not take the credential: calls pause until it takes one.',
} as const

const nothingSaid: KeptReply = { code: null, message: null, requestId: null, httpStatus: null, status: null }

const maybeOut =
  'The vendor gave no answer to it, keeps no record that tells, and would show a repeat: whether it was sent is not known.'

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
      // what ends the whole push needs nobody's name
      if (result.what === 'audience')
        return { ...fall(work, vendor, result.record, nothingSaid, audienceGone), vendor: null }
      return {
        ...quiet(work),
        change: ended(work, 'failed'),
        warnings: [
          result.what === 'tokens'
            ? 'Push tokens were deleted (tokenRetentionDays) before the vendor was asked: nothing was sent for them.'
            : textGone,
        ],
      }
    case 'superseded': {
      const notice = { code: 'superseded', params: {} } as const
      return { ...quiet(work), change: ended(work, 'cancelled'), warnings: [sentenceOf(notice)], notices: [notice] }
    }
    case 'called_off':
      return { ...quiet(work), change: ended(work, 'cancelled') }
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
  const denied = ['refused', 'too_late', 'unsupported', 'not_found'].includes(outcome.kind)
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
      return {
        ...quiet(work),
        // one device was asked for, and it is not the device that was refused: of the others nothing is known
        change: isOneByOne(work, vendor) ? ended(work, 'failed') : refused(work, outcome.vendor.code ?? outcome.kind),
        vendor: kept,
        warnings: outcome.advice === undefined ? [] : [outcome.advice],
      }
    case 'not_found':
    case 'too_late':
      return { ...quiet(work), change: refused(work, outcome.vendor.code ?? outcome.kind), vendor: kept }
    case 'unknown':
      // it may be out, a repeat would be seen, and nothing tells
      if (!isRepeatable(work, vendor) && !vendor.canReadStatus) return untold(work, kept)
      return { ...postpone(work, outcome, chance, stepAfterDoubt(work, outcome, vendor)), vendor: kept }
    case 'throttled':
      return { ...postpone(work, outcome, chance, stepAfterDoubt(work, outcome, vendor)), vendor: kept }
    case 'auth': {
      const wait = { ...postpone(work, outcome, chance, stepAfterDoubt(work, outcome, vendor)), vendor: kept }
      // once: it is the same at every try
      return outcome.advice === undefined || work.failures > 0 ? wait : { ...wait, warnings: [outcome.advice] }
    }
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

function isOneByOne({ operation }: WorkState, vendor: VendorView): boolean {
  return vendor.capability(operation)?.addressing.some(({ by }) => by === 'token') ?? false
}

function untold(work: WorkState, vendor: KeptReply | null): Decision {
  const counts = { accepted: 0, rejected: 0, unknown: work.devices ?? 0, rejections: [] }
  return { ...quiet(work), change: { kind: 'final', result: 'partial', ...counts }, vendor, warnings: [maybeOut] }
}

function sum(rejections: readonly Rejection[]): number {
  return rejections.reduce((total, { count }) => total + count, 0)
}
