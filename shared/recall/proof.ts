/** What the vendor's record makes of a unit of work: it lets it begin, proves what was done, or has to be waited for. Pure. */
import type { KeptReply } from '../ledger/settle-work.ts'
import type { Outcome, StatusReading, VendorRecord } from '../providers/provider.ts'
import type { Notice } from '../sentences.ts'
import {
  accepted,
  act,
  assessedOf,
  type Decision,
  ended,
  goOn,
  harmless,
  later,
  quiet,
  refused,
  told,
  type VendorView,
  type WorkState,
} from './decision.ts'
import { canActUnread, fall, startWith } from './ladder.ts'
import { postpone } from './postpone.ts'

/** How long after a vendor's yes its own record may still lag, and how often it is looked at. */
const confirmDelaysMs = [1000, 3000]
/** A proof that must wait longer than this has something harmless done meanwhile. */
export const patienceMs = 5000

const unrecorded =
  'What came of sending it could not be recorded twice, and the vendor shows no sign of it: it is not sent a third time.'

const saidBefore = (status: string) =>
  `The vendor accepted the overlay. Its record said ${status} already, of an earlier one, and does not show this one apart.`

/** The record was asked for: what its answer, or that there is none, makes of the step. */
export function afterReading(
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

/**
 * The proof has to wait, and waiting proves nothing. What is weaker and harmless goes out meanwhile, once, where the caller
 * lets it. Not for an overlay: the vendor ends the old push to send it, and a stop could only hide that it did.
 */
export function waitForProof(work: WorkState, vendor: VendorView, wait: Decision): Decision {
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
export function unconfirmed(
  work: WorkState,
  vendor: KeptReply | null,
  because: Extract<Notice, { code: 'unconfirmed' }>['params']['because'],
): Decision {
  const status = because === 'record' ? (vendor?.status ?? null) : null
  const notice = { code: 'unconfirmed', params: { operation: work.operation, because, status } } as const
  const counts = { accepted: 0, rejected: 0, unknown: work.devices ?? 0, rejections: [] }
  return { ...quiet(work), ...told([notice]), change: { kind: 'final', result: 'partial', ...counts }, vendor }
}
