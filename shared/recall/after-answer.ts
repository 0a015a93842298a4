/** What an answer leaves of a unit of work: what the ledger is told of it, and the unit as it goes on. Pure. */
import type { ClaimedWork } from '../ledger/claim-work.ts'
import type { Settlement, WorkChange } from '../ledger/settle-work.ts'
import type { Taken } from './attempt.ts'
import type { Decision } from './decision.ts'

/** What a settlement says of the call, whatever is decided then. */
type Called = Omit<Settlement, keyof Decision>

export function calledOf(work: ClaimedWork, nth: number, taken: Taken, leaseMs: number): Called {
  return {
    workId: work.id,
    fence: work.fence,
    recallTargetId: work.recallTargetId,
    app: work.app,
    handle: work.handle,
    attempt: attemptOf(nth, taken),
    progress: taken.pass?.progress ?? null,
    record: taken.record,
    hold: taken.hold,
    leaseMs,
  }
}

/** Where some devices were answered, one that had no answer is no failure of the vendor. */
function attemptOf(nth: number, { outcome, pass }: Taken): Settlement['attempt'] {
  const answered = pass !== null && pass.progress.accepted + pass.progress.rejected > 0
  if (answered && outcome?.kind !== 'auth') return { nth, outcome: 'partial', vendor: pass.reply }
  return outcome === null ? null : { nth, outcome: outcome.kind, vendor: outcome.vendor }
}

/** The unit with the devices that are left of it. */
export function narrowed(work: ClaimedWork, { pass }: Taken): ClaimedWork {
  if (pass === null) return work
  const answered = pass.progress.accepted + pass.progress.rejected > 0
  return { ...work, tokens: pass.left, devices: pass.left.count, failures: answered ? 0 : work.failures }
}

/** The settlement of an answer that changes nothing of the unit. */
export function stayed({ step, operation, ladder, confirmations, failures }: ClaimedWork, called: Called): Settlement {
  const change = { kind: 'continue', step, operation, ladder } as const
  return { ...called, change, confirmations, failures, vendor: null, warnings: [], notices: [], assessed: null }
}

/** The unit after a step that another follows at once. */
export function goingOn(
  work: ClaimedWork,
  { step, operation, ladder }: Extract<WorkChange, { kind: 'continue' }>,
  { confirmations, failures }: Decision,
  taken: Taken,
): ClaimedWork {
  return {
    ...work,
    step,
    operation,
    ladder,
    confirmations,
    failures,
    record: taken.record ?? work.record,
    // after an act, a look back must be a real one
    recordAgeMs: taken.record !== null ? 0 : taken.result.kind === 'acted' ? null : work.recordAgeMs,
  }
}
