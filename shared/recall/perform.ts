/**
 * One unit of work from its claim to its end, or back to the queue: step by step it draws on budgets, has the attempt
 * written, calls the vendor and has the ledger record what that made of it.
 */
import { skewSentence } from '../clock-skew.ts'
import type { Send } from '../http.ts'
import type { Grant, Wish } from '../ledger/begin-attempts.ts'
import type { ClaimedWork } from '../ledger/claim-work.ts'
import type { Settlement, WorkChange } from '../ledger/settle-work.ts'
import type { Log } from '../log.ts'
import type { Outcome, Session } from '../providers/provider.ts'
import type { Had } from './sessions.ts'
import { createTally } from '../tally.ts'
import type { App, Apps } from './apps.ts'
import type { Act, Pass } from './act.ts'
import { addressingOf, isWhole } from './addressing.ts'
import { readAudience } from './audience.ts'
import type { Slots } from './slots.ts'
import { nextRequest, type Request, wishOf } from './next-request.ts'
import { overlayFor } from './plan.ts'
import { decide, type Decision, type StepResult, type VendorView } from './steps.ts'
import type { Turn, Turned } from './turns.ts'
import { namesOf, tellsStatus } from './view-handle.ts'

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

interface Taken {
  readonly result: StepResult
  /** Null: no vendor was called. */
  readonly outcome: Outcome | null
  /** What was answered of a unit before the outcome, which is of the devices that are left. */
  readonly pass: Pass | null
  /** What the vendor was asked with. */
  readonly session: Session | null
  readonly record: ClaimedWork['record']
  readonly hold: Settlement['hold']
}

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
  // what is wrong with a secret is wrong for every unit
  const told = createTally(log)

  /** By app, where the credential was refused: so far our clock was ahead. */
  const clocks = new Map<string, number>()
  const noteSkew = (app: string, aheadMs: number) => {
    clocks.set(app, aheadMs)
    const skew = skewSentence(aheadMs, "the vendor's")
    if (skew !== null)
      told.note(`clock ${app}`, 'credential refused, and clocks differ', { app, detail: skew }, 'error')
  }

  const begin = async (wish: Wish): Promise<Grant> => {
    const { grant } = await turn({ settlement: null, wish, ends: null })
    return grant ?? { kind: 'lost' }
  }

  const attempt = async (
    work: ClaimedWork,
    nth: number,
    app: App | Error | null,
    renew: boolean,
    granted: Grant | null,
    mayBegin: () => boolean,
    used: Session | null,
  ): Promise<Taken> => {
    const next = nextRequest(work, app)
    if (next.kind === 'told') {
      if (app instanceof Error)
        told.note(app.message, 'credentials cannot be had', { app: work.app, error: app }, 'error')
      return { result: next.result, outcome: null, pass: null, session: used, record: null, hold: null }
    }
    const { request, fares, budget } = next
    const grant = granted ?? (await begin(wishOf(work, nth, next, renew)))
    if (grant.kind !== 'granted') {
      const result = refusal(work, next, grant, clocks.get(work.app) ?? 0)
      return { result, outcome: null, pass: null, session: used, record: null, hold: null }
    }
    const had = await open(next.app, renew ? used : null)
    if ('outcome' in had) {
      const { outcome } = had
      const result: StepResult =
        request === 'status'
          ? { kind: 'read', reading: { outcome, record: null }, record: work.record }
          : { kind: 'acted', outcome, record: work.record }
      return { result, outcome, session: used, pass: null, record: null, hold: holdOf(outcome, budget, fares) }
    }
    const { session } = had
    const { reading, pass } = await act(work, next, { renew, session, mayBegin })
    if (reading === null)
      return { result: { kind: 'rest', record: work.record }, outcome: null, pass, session, record: null, hold: null }
    const { outcome } = reading
    if (outcome.kind === 'auth') noteSkew(work.app, outcome.clockAheadMs ?? 0)
    else clocks.delete(work.app)
    const hold = holdOf(outcome, budget, fares)
    if (request === 'status') {
      const record = outcome.kind === 'accepted' ? reading.record : null
      return { result: { kind: 'read', reading, record: record ?? work.record }, outcome, pass, session, record, hold }
    }
    return { result: { kind: 'acted', outcome, record: work.record }, outcome, pass, session, record: null, hold }
  }

  /** What a settlement says of the call, whatever is decided then. */
  const calledOf = (work: ClaimedWork, nth: number, taken: Taken) => ({
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
  })

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
        const first = await attempt(work, nth, app, renew, granted, mayBegin, null)
        if (first.outcome?.kind !== 'auth' || renew) return first
        // A refused credential is worth one fresh look and one repeat, right away: in the same turn, so that no others are
        // refused meanwhile.
        renew = true
        await apps.renew(work.app).catch(() => false)
        app = await find(work.app)
        const called = calledOf(work, nth, first)
        work = narrowed(work, first)
        const next = nextRequest(work, app)
        const wish = next.kind !== 'ask' || next.sends ? null : wishOf(work, nth + 1, next, renew)
        const { grant } = await turn({ settlement: stayed(work, called), wish, ends: null })
        beginUntilMs = now() + leaseMs / 2
        nth += wish !== null && grant === null ? 2 : 1
        return attempt(work, nth, app, renew, grant, mayBegin, first.session)
      })
      granted = null
      const called = calledOf(work, nth, taken)
      const before = work
      work = narrowed(work, taken)
      const decision = decide(work, taken.result, viewOf(app, work), chance())
      const { change } = decision
      const further = change.kind === 'continue' ? goingOn(work, change, decision, taken) : null
      const next = further === null ? null : nextRequest(further, app)
      // what it goes on with begins in the same round trip
      const wish = further === null || next?.kind !== 'ask' || next.sends ? null : wishOf(further, nth + 1, next, renew)
      const { kept, grant, rolledUp } = await turn({
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
        return { ended: !kept || change.kind === 'final' || change.kind === 'fall', rolledUp }
      beginUntilMs = now() + leaseMs / 2
      work = further
      granted = grant
      // where it is not known whether it began, the number is not given to another
      nth += wish !== null && grant === null ? 2 : 1
    }
  }
}

/** Where some devices were answered, one that had no answer is no failure of the vendor. */
function attemptOf(nth: number, { outcome, pass }: Taken): Settlement['attempt'] {
  const answered = pass !== null && pass.progress.accepted + pass.progress.rejected > 0
  if (answered && outcome?.kind !== 'auth') return { nth, outcome: 'partial', vendor: pass.reply }
  return outcome === null ? null : { nth, outcome: outcome.kind, vendor: outcome.vendor }
}

/** The unit with the devices that are left of it. */
function narrowed(work: ClaimedWork, { pass }: Taken): ClaimedWork {
  if (pass === null) return work
  const answered = pass.progress.accepted + pass.progress.rejected > 0
  return { ...work, tokens: pass.left, devices: pass.left.count, failures: answered ? 0 : work.failures }
}

/** The settlement of an answer that changes nothing of the unit. */
function stayed(
  { step, operation, ladder, confirmations, failures }: ClaimedWork,
  called: Pick<
    Settlement,
    'workId' | 'fence' | 'recallTargetId' | 'app' | 'handle' | 'attempt' | 'progress' | 'record' | 'hold' | 'leaseMs'
  >,
): Settlement {
  const change = { kind: 'continue', step, operation, ladder } as const
  return { ...called, change, confirmations, failures, vendor: null, warnings: [], notices: [], assessed: null }
}

/** The unit after a step that another follows at once. */
function goingOn(
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

/** What it means that a request may not begin. A lost lease is told anything: its settlement changes nothing. */
function refusal(
  { record }: ClaimedWork,
  { fares }: Request,
  grant: Exclude<Grant, { kind: 'granted' }>,
  clockAheadMs: number,
): StepResult {
  if (grant.kind === 'open') return { kind: 'open', cause: grant.cause, waitMs: grant.waitMs, clockAheadMs, record }
  const { lane, waitMs } = grant.kind === 'used_up' ? grant : { lane: '', waitMs: 0 }
  const quota = fares.some(fare => fare.lane.name === lane && fare.lane.kind === 'window')
  return { kind: 'used_up', lane, waitMs, quota, record }
}

/** The vendor named a time: it holds for every instance. */
function holdOf(outcome: Outcome, budget: string, fares: readonly { lane: { name: string } }[]): Settlement['hold'] {
  if (outcome.kind !== 'throttled' || outcome.retryAfterMs === null || outcome.of === 'token') return null
  return { budget, lanes: fares.map(({ lane }) => lane.name), ms: outcome.retryAfterMs }
}

function viewOf(app: App | Error | null, work: ClaimedWork): VendorView {
  if (app === null || app instanceof Error) {
    return {
      capability: () => undefined,
      canReadStatus: false,
      isWhole: () => false,
      assess: () => ({ refusal: null, invalid: [], effects: [], toEverybody: false, warnings: [] }),
    }
  }
  const { provider, credentials } = app
  return {
    capability: operation => provider.capabilities.operations[operation],
    canReadStatus: tellsStatus(provider, namesOf(provider, work.handle, work.names)),
    isWhole: operation => {
      const way = addressingOf(provider, operation, { audience: readAudience(work.audience) })
      return way !== null && isWhole(way)
    },
    assess: (operation, record, acted = false) => {
      const assessment = provider.assess(operation, {
        credentials,
        names: namesOf(provider, work.handle, work.names),
        audience: readAudience(work.audience),
        record,
        acted,
        overlay: overlayFor(provider.name, work.overlay),
      })
      if (operation !== 'overlay' || work.overlay !== null) return assessment
      return {
        ...assessment,
        refusal: assessment.refusal ?? 'The text of the overlay was deleted (textRetentionDays).',
      }
    },
  }
}
