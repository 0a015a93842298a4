/** What is done once the vendor's record is known, or an operation turned out impossible: the strongest that is left. Pure. */
import type { KeptReply } from '../ledger/settle-work.ts'
import type { Operation } from '../operation.ts'
import type { VendorRecord } from '../providers/provider.ts'
import { capitalised, type Notice } from '../sentences.ts'
import {
  accepted,
  act,
  assessedOf,
  type Decision,
  isAccepted,
  quiet,
  refused,
  told,
  type VendorView,
  type WorkState,
} from './decision.ts'

/** With the record at hand the first operation may turn out impossible: then the next one is. */
export function startWith(work: WorkState, vendor: VendorView, record: VendorRecord | null, kept: KeptReply): Decision {
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
export function shows(operation: Operation, vendor: VendorView, record: VendorRecord | null): boolean {
  const capability = vendor.capability(operation)
  return capability?.repeatable === true && capability.confirmedBy.includes(record?.status ?? '')
}

/** Down the ladder, past what the record rules out. */
export function fall(
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

/** Its operation needs no record of the vendor. */
export function canActUnread(work: WorkState, vendor: VendorView): boolean {
  return !(vendor.capability(work.operation)?.needsRecord ?? false)
}
