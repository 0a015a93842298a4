/**
 * One unit of work from its claim to its end, or back to the queue: step by step it draws on budgets, has the attempt
 * written, calls the vendor and has the ledger record what that made of it.
 */
import { skewSentence } from '../clock-skew.ts'
import { coalesce } from '../coalesce.ts'
import type { Send } from '../http.ts'
import { beginAttempts, type Grant, type Wish } from '../ledger/begin-attempts.ts'
import type { ClaimedWork, WorkStep } from '../ledger/claim-work.ts'
import type { Settlement } from '../ledger/settle-work.ts'
import type { Sql } from '../ledger/sql.ts'
import type { Log } from '../log.ts'
import type { Call, Operation, Outcome, Purpose, VendorTarget } from '../providers/provider.ts'
import { createTally } from '../tally.ts'
import type { App, Apps } from './apps.ts'
import { askVendor } from './ask-vendor.ts'
import type { Lanes } from './lanes.ts'
import { overlayFor } from './plan.ts'
import { createSettle } from './settle.ts'
import { decide, requestOf, type StepResult, type VendorView } from './steps.ts'

export interface PerformOptions {
  readonly sql: Sql
  readonly apps: Apps
  readonly send: Send
  readonly log: Log
  readonly now: () => number
  readonly chance: () => number
  /** Milliseconds a vendor gets to answer. */
  readonly vendorTimeoutMs: number
}

/** Resolves with true where the unit has come to its end: settled here, or lost to another that settles it. */
export type Perform = (work: ClaimedWork) => Promise<boolean>

/** A record younger than this is not asked for again. */
const freshRecordMs = 60_000

interface Taken {
  readonly result: StepResult
  /** Null: no vendor was called. */
  readonly outcome: Outcome | null
  readonly record: ClaimedWork['record']
  readonly hold: Settlement['hold']
}

/** `places`: who has begun and has no answer yet, waiting for one of the `lanes` or on it. */
export function createPerform(options: PerformOptions, places: Lanes, lanes: Lanes, leaseMs: number): Perform {
  const { sql, apps, send, log, now, chance, vendorTimeoutMs } = options
  const begin = coalesce<Wish, Grant>(wishes => beginAttempts(sql, wishes), 512)
  const settle = createSettle(sql, log)
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

  const attempt = async (work: ClaimedWork, nth: number, app: App | Error | null, renew: boolean): Promise<Taken> => {
    const nothing = { outcome: null, record: null, hold: null }
    if (work.superseded) return { ...nothing, result: { kind: 'superseded', record: null } }
    if (app === null || app instanceof Error) {
      if (app !== null) told.note(app.message, 'credentials cannot be had', { app: work.app, error: app }, 'error')
      const detail =
        app === null
          ? `The app ${work.app} is gone from unpush/apps.`
          : `The credentials of ${work.app} cannot be used now. The log says why.`
      return { ...nothing, result: { kind: 'locked', detail, record: work.record } }
    }
    const { provider, credentials } = app
    if (provider.capabilities.addressing === 'tokens' && work.tokens === null)
      return { ...nothing, result: { kind: 'gone', what: 'tokens', record: null } }
    if (work.operation === 'overlay' && work.step !== 'confirm' && work.step !== 'sent' && work.overlay === null)
      return { ...nothing, result: { kind: 'gone', what: 'text', record: null } }
    const request = requestOf(work)
    const needsRecord =
      provider.capabilities.operations[request === 'status' ? work.operation : request]?.needsRecord ?? false
    if (work.step === 'read' && work.record !== null && (work.recordAgeMs ?? Infinity) < freshRecordMs) {
      const outcome: Outcome = {
        kind: 'accepted',
        vendor: { code: null, message: null, requestId: null, httpStatus: null },
      }
      return { ...nothing, result: { kind: 'read', reading: { outcome, record: work.record }, record: work.record } }
    }
    const wanted = needsRecord && work.record === null ? 'status' : request
    const sends = wanted !== 'status' && provider.capabilities.operations[wanted]?.repeatable === false
    const fares = provider.fare(wanted, work.devices ?? 0, credentials)
    const budget = provider.budget(credentials)
    const grant = await begin({
      workId: work.id,
      fence: work.fence,
      nth,
      recallTargetId: work.recallTargetId,
      app: work.app,
      step: wanted,
      sends,
      renewed: renew,
      budget,
      fares,
      purpose: purposeOf(wanted, work.step, needsRecord),
    })
    if (grant.kind === 'open') {
      const clockAheadMs = clocks.get(work.app) ?? 0
      const { cause, waitMs } = grant
      return { ...nothing, result: { kind: 'open', cause, waitMs, clockAheadMs, record: work.record } }
    }
    if (grant.kind !== 'granted') {
      // what a lost lease is told makes no difference: its settlement changes nothing
      const { lane, waitMs } = grant.kind === 'dry' ? grant : { lane: '', waitMs: 0 }
      const quota = fares.some(fare => fare.lane.name === lane && fare.lane.kind === 'window')
      return { ...nothing, result: { kind: 'dry', lane, waitMs, quota, record: work.record } }
    }
    const target: VendorTarget = { handle: work.handle, tokens: work.tokens, record: work.record }
    const sendOnce: Send = sending => send({ ...sending, once: true })
    const call: Call = { credentials, send: sends ? sendOnce : send, timeoutMs: vendorTimeoutMs, renew, now }
    const content = overlayFor(provider.name, work.overlay)
    const reading = await lanes.run(() => askVendor(provider, wanted, target, content, call, log))
    const { outcome } = reading
    if (outcome.kind === 'auth') noteSkew(work.app, outcome.clockAheadMs ?? 0)
    else clocks.delete(work.app)
    if (wanted === 'status') {
      const record = outcome.kind === 'accepted' ? reading.record : null
      const result = { kind: 'read', reading, record: record ?? work.record } as const
      return { result, outcome, record, hold: holdOf(outcome, budget, fares) }
    }
    return {
      result: { kind: 'acted', outcome, record: work.record },
      outcome,
      record: null,
      hold: holdOf(outcome, budget, fares),
    }
  }

  const recordOf = (work: ClaimedWork, nth: number, taken: Taken) => ({
    workId: work.id,
    fence: work.fence,
    recallTargetId: work.recallTargetId,
    app: work.app,
    handle: work.handle,
    attempt: taken.outcome === null ? null : { nth, outcome: taken.outcome.kind, vendor: taken.outcome.vendor },
    record: taken.record,
    hold: taken.hold,
    leaseMs,
  })

  return async claimed => {
    let work = claimed
    let renew = false
    for (let nth = 1; ; nth++) {
      const app = await apps
        .find(work.app)
        .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
      const taken = await places.run(() => attempt(work, nth, app, renew))
      const decision = decide(work, taken.result, viewOf(app, work), chance())
      // A refused credential is worth one fresh look and one repeat, right away.
      const refused = taken.outcome?.kind === 'auth'
      if (refused && !renew) {
        renew = true
        await apps.renew(work.app).catch(() => false)
        await settle({
          ...recordOf(work, nth, taken),
          change: { kind: 'continue', step: work.step, operation: work.operation, ladder: work.ladder },
          confirmations: work.confirmations,
          failures: work.failures,
          vendor: null,
          warnings: [],
          notices: [],
          assessed: null,
        })
        continue
      }
      const { change } = decision
      const kept = await settle({ ...recordOf(work, nth, taken), ...decision })
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
          tokens: work.devices,
        })
      }
      if (!kept) {
        log.warn('fence_lost', { recall_id: work.recallId, work_id: work.id, fence: work.fence })
      } else if (change.kind === 'continue') {
        work = {
          ...work,
          step: change.step,
          operation: change.operation,
          ladder: change.ladder,
          confirmations: decision.confirmations,
          failures: decision.failures,
          record: taken.record ?? work.record,
          // after an act, a look back must be a real one
          recordAgeMs: taken.record !== null ? 0 : taken.result.kind === 'acted' ? null : work.recordAgeMs,
        }
        continue
      }
      return !kept || change.kind === 'final'
    }
  }
}

function purposeOf(wanted: Operation | 'status', step: WorkStep, needsRecord: boolean): Purpose {
  if (wanted !== 'status') return 'act'
  if (step === 'confirm' || step === 'prove') return 'proof'
  // it cannot be sent, or sent again, before the vendor was asked
  return needsRecord || step === 'sent' ? 'overlay' : 'look'
}

/** The vendor named a time: it holds for every instance. */
function holdOf(outcome: Outcome, budget: string, fares: readonly { lane: { name: string } }[]): Settlement['hold'] {
  if (outcome.kind !== 'throttled' || outcome.retryAfterMs === null) return null
  return { budget, lanes: fares.map(({ lane }) => lane.name), ms: outcome.retryAfterMs }
}

function viewOf(app: App | Error | null, work: ClaimedWork): VendorView {
  if (app === null || app instanceof Error) {
    return {
      capability: () => undefined,
      canReadStatus: false,
      assess: () => ({ refusal: null, invalid: [], effects: [], toEverybody: false, warnings: [] }),
    }
  }
  const { provider, credentials } = app
  return {
    capability: operation => provider.capabilities.operations[operation],
    canReadStatus: provider.status !== undefined,
    assess: (operation, record, acted = false) => {
      const assessment = provider.assess(operation, {
        credentials,
        handle: work.handle,
        audience: work.audience,
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
