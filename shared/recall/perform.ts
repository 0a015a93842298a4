/**
 * One unit of work from its claim to its end, or back to the queue: step by step it draws on budgets, has the attempt
 * written, calls the vendor and has the ledger record what that made of it.
 */
import type { Send } from '../http.ts'
import type { Grant } from '../ledger/begin-attempts.ts'
import type { ClaimedWork } from '../ledger/claim-work.ts'
import type { Log } from '../log.ts'
import type { Session } from '../providers/provider.ts'
import type { Act } from './act.ts'
import { calledOf, goingOn, narrowed, stayed } from './after-answer.ts'
import type { App, Apps } from './apps.ts'
import { createAttempt } from './attempt.ts'
import { nextRequest, wishOf } from './next-request.ts'
import type { Had } from './sessions.ts'
import type { Slots } from './slots.ts'
import { decide } from './steps.ts'
import type { Turn, Turned } from './turns.ts'
import { viewOf } from './vendor-view.ts'

export interface PerformOptions {
  readonly apps: Apps
  readonly send: Send
  readonly log: Log
  readonly now: () => number
  readonly chance: () => number
  /** Milliseconds a vendor gets to answer. */
  readonly vendorTimeoutMs: number
}

export interface Ended {
  /** The unit has come to its end: settled here, or lost to another that settles it. */
  readonly ended: boolean
  /** As `Turned` has it. */
  readonly rolledUp: Turned['rolledUp']
}

/** `granted`: its first request has begun already. */
export type Perform = (work: ClaimedWork, granted?: Grant | null) => Promise<Ended>

/** `begun`: units that have begun and have no answer yet, whether they wait for a slot or have one. */
export function createPerform(
  options: PerformOptions,
  turn: (turn: Turn) => Promise<Turned>,
  begun: Slots,
  act: Act,
  open: (app: App, refused: Session | null) => Promise<Had>,
  leaseMs: number,
): Perform {
  const { apps, log, now, chance } = options
  const attempt = createAttempt(log, turn, act, open, now)
  const find = (app: string): Promise<App | Error | null> =>
    apps.find(app).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))

  return async (claimed, given = null) => {
    let work = claimed
    let renew = false
    let granted = given
    // half of the lease is left for what is out by then
    let beginUntilMs = now() + leaseMs / 2
    const mayBegin = () => now() < beginUntilMs
    for (let nth = 1; ; ) {
      let app = await find(work.app)
      const taken = await begun.run(async () => {
        const first = await attempt(work, nth, app, renew, granted, mayBegin)
        if (first.outcome?.kind !== 'auth' || renew) return first
        // A refused credential is worth one fresh look and one repeat, right away: in the same turn, so that no others are
        // refused meanwhile.
        renew = true
        await apps.renew(work.app).catch(() => false)
        app = await find(work.app)
        const called = calledOf(work, nth, first, leaseMs)
        work = narrowed(work, first)
        const next = nextRequest(work, app)
        const wish = next.kind !== 'ask' || next.sends ? null : wishOf(work, nth + 1, next, renew)
        const { grant } = await turn({ settlement: stayed(work, called), wish, ends: null })
        beginUntilMs = now() + leaseMs / 2
        nth += wish !== null && grant === null ? 2 : 1
        return attempt(work, nth, app, renew, grant, mayBegin)
      })
      granted = null
      const called = calledOf(work, nth, taken, leaseMs)
      const before = work
      work = narrowed(work, taken)
      const decision = decide(work, taken.result, viewOf(app, work), chance())
      const { change } = decision
      const further = change.kind === 'continue' ? goingOn(work, change, decision, taken) : null
      const next = further === null ? null : nextRequest(further, app)
      // what it goes on with begins in the same round trip
      const wish = further === null || next?.kind !== 'ask' || next.sends ? null : wishOf(further, nth + 1, next, renew)
      const { kept, calledOff, grant, rolledUp } = await turn({
        settlement: { ...called, ...decision },
        wish,
        ends: change.kind === 'final' ? work : null,
      })
      if (taken.outcome !== null) {
        log.info('vendor answered', {
          recall_id: work.recallId,
          work_id: work.id,
          fence: work.fence,
          app: work.app,
          vendor: work.provider,
          operation: work.operation,
          step: work.step,
          outcome: taken.outcome.kind,
          vendor_code: taken.outcome.vendor.code,
          vendor_request_id: taken.outcome.vendor.requestId,
          tokens: before.devices,
        })
      }
      if (!kept) log.warn('fence_lost', { recall_id: work.recallId, work_id: work.id, fence: work.fence })
      if (!kept || further === null)
        return { ended: !kept || calledOff || change.kind === 'final' || change.kind === 'fall', rolledUp }
      beginUntilMs = now() + leaseMs / 2
      work = further
      granted = grant
      // where it is not known whether it began, the number is not given to another
      nth += wish !== null && grant === null ? 2 : 1
    }
  }
}
