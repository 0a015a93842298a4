/**
 * Claims work, calls vendors, records what they say. One drainer serves a whole process: a request asks it to work on its
 * recall for a while, `sweep` asks it to work on everything. Whatever it leaves is found by the next one, anywhere.
 */
import { randomUUID } from 'node:crypto'
import { coalesce } from '../coalesce.ts'
import type { Send } from '../http.ts'
import { beginAttempts, type Grant, type Wish } from '../ledger/begin-attempts.ts'
import { claimWork, nextDue, type ClaimedWork } from '../ledger/claim-work.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { settleWork, type Settlement } from '../ledger/settle-work.ts'
import type { Sql } from '../ledger/sql.ts'
import type { SealedBatch } from '../ledger/tokens.ts'
import type { Log } from '../log.ts'
import type { Call, Outcome, Provider, VendorTarget } from '../providers/provider.ts'
import type { App, Apps } from './apps.ts'
import { overlayFor } from './plan.ts'
import { decide, requestOf, type StepResult, type VendorView } from './steps.ts'

export interface DrainOptions {
  readonly sql: Sql
  readonly apps: Apps
  readonly send: Send
  readonly log: Log
  readonly now: () => number
  readonly chance: () => number
  /** Milliseconds a vendor gets to answer. */
  readonly vendorTimeoutMs: number
  /** Vendor requests at once. */
  readonly inFlight: number
  /** Called when a recall came to its end. */
  readonly onSettled?: () => void
}

export interface Drainer {
  /**
   * Works on one recall, or (null) on all, until `untilMs` (epoch): resolves earlier when nothing is left that can be
   * done by then, or only after more than `patienceMs` of waiting. Requests still out at that moment are not waited
   * for; they settle later, or their lease runs out. `inHand`: the batches that this recall was admitted with.
   */
  run(recallId: string | null, untilMs: number, patienceMs?: number, inHand?: readonly SealedBatch[]): Promise<void>
  /** Resolves when no vendor request is out. */
  idle(): Promise<void>
}

/** A record younger than this is not asked for again. */
const freshRecordMs = 60_000
/** So much of what the lanes will do next is held at hand: longer than a claim takes, and soon over when the time is up. */
const aheadMs = 150
/** Less than this before the end no new work is claimed. */
const lastClaimMs = 100

export function createDrainer(options: DrainOptions): Drainer {
  const { sql, apps, send, log, now, chance, vendorTimeoutMs } = options
  const owner = randomUUID()
  const leaseMs = vendorTimeoutMs * 2 + 10_000
  const begin = coalesce<Wish, Grant>(wishes => beginAttempts(sql, wishes), 512)
  const settle = coalesce<Settlement, boolean>(settlements => settleWork(sql, settlements), 512)
  const finish = coalesce<string, string | null>(async ids => {
    const changed = new Map((await finishRecalls(sql, [...new Set(ids)])).map(({ id, state }) => [id, state]))
    return ids.map(id => changed.get(id) ?? null)
  }, 256)

  interface Interest {
    readonly recallId: string | null
    readonly inHand: readonly SealedBatch[]
    /** Work may be claimable that nobody has looked for yet. */
    look: boolean
    settled: boolean
    wake: () => void
  }
  const interests = new Set<Interest>()
  /** Claimed work, by recall. */
  const held = new Map<string, number>()
  /** Claims whose work is not settled yet, by push. */
  const unsettled = new Map<number, Set<string>>()
  let heldInAll = 0
  let free = options.inFlight
  /** Milliseconds a vendor took lately. */
  let callMs = vendorTimeoutMs
  const queue: (() => void)[] = []
  let more = false
  let claiming: Promise<void> | null = null
  const out = new Set<Promise<void>>()

  const wake = (recallId: string) => {
    for (const interest of interests) {
      // whoever has not looked yet waits for room, and any end of work makes some
      if (interest.recallId === null || interest.recallId === recallId || more || interest.look) interest.wake()
    }
  }
  const hold = (recallId: string, by: 1 | -1) => {
    heldInAll += by
    const count = (held.get(recallId) ?? 0) + by
    if (count === 0) held.delete(recallId)
    else held.set(recallId, count)
  }
  const take = (work: ClaimedWork) => {
    const push = work.recallTargetId
    unsettled.set(push, (unsettled.get(push) ?? new Set()).add(claimOf(work)))
  }
  /** True: it was the last of its push here. */
  const settleHere = (work: ClaimedWork): boolean => {
    const push = work.recallTargetId
    const left = unsettled.get(push)
    if (left?.delete(claimOf(work)) !== true || left.size > 0) return false
    return unsettled.delete(push)
  }
  /** Units to hold at most: one for each lane, and so many behind it that it never waits for a claim. */
  const most = () => {
    const ahead = options.inFlight * Math.min(3, Math.max(1, aheadMs / callMs))
    return options.inFlight + Math.round(ahead)
  }
  const hasRoom = () => heldInAll <= most() - options.inFlight / 2
  /** At most `inFlight` vendor calls at once; what is claimed beyond that waits here, so that a lane never runs dry. */
  const inFlight = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (free > 0) free -= 1
    else await new Promise<void>(resolve => queue.push(resolve))
    const startedAt = performance.now()
    try {
      return await call()
    } finally {
      callMs += (performance.now() - startedAt - callMs) / 8
      const next = queue.shift()
      if (next === undefined) free += 1
      else next()
    }
  }

  /** One claim at a time for the whole process, for everything anyone is interested in. */
  const claim = (): Promise<void> => {
    claiming ??= (async () => {
      // requests that arrive in the same turn share the claim
      await new Promise(resolve => setImmediate(resolve))
      claiming = null
      const limit = Math.min(options.inFlight, most() - heldInAll)
      // a claim under way when this one was asked for may have taken the room: all stay as they are and look again
      if (limit <= 0) return
      const inHand = new Map<string, readonly SealedBatch[]>()
      const ids = [...interests].map(interest => {
        interest.look = false
        if (interest.recallId !== null && interest.inHand.length > 0) inHand.set(interest.recallId, interest.inHand)
        return interest.recallId
      })
      const recallIds = ids.includes(null) ? null : ids.filter(id => id !== null)
      const rows = await claimWork(sql, { owner, limit, leaseMs, recallIds, inHand })
      more = rows.length === limit
      for (const work of rows) {
        hold(work.recallId, 1)
        take(work)
        const task = perform(work)
          .catch((error: unknown) =>
            log.error('work failed inside', { recall_id: work.recallId, work_id: work.id, error }),
          )
          .finally(() => {
            out.delete(task)
            hold(work.recallId, -1)
            settleHere(work)
            wake(work.recallId)
          })
        out.add(task)
      }
    })()
    return claiming
  }

  const perform = async (claimed: ClaimedWork): Promise<void> => {
    let work = claimed
    let renew = false
    for (let nth = 1; ; nth++) {
      const app = await apps
        .find(work.app)
        .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
      const taken = await attempt(work, nth, app, renew)
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
      // A roll-up before the last unit of a push finds it open. Of several processes one comes to its last after all others,
      // be it that it finds it settled by another.
      if (settleHere(work) && (!kept || change.kind === 'final')) await rollUp(work.recallId)
      return
    }
  }

  const rollUp = async (recallId: string): Promise<void> => {
    const state = await finish(recallId)
    if (state === null || state === 'running') return
    log.info('recall settled', { recall_id: recallId, state })
    options.onSettled?.()
    for (const interest of interests) if (interest.recallId === recallId) interest.settled = true
  }

  interface Taken {
    readonly result: StepResult
    /** Null: no vendor was called. */
    readonly outcome: Outcome | null
    readonly record: ClaimedWork['record']
    readonly hold: Settlement['hold']
  }

  const attempt = async (work: ClaimedWork, nth: number, app: App | Error | null, renew: boolean): Promise<Taken> => {
    const nothing = { outcome: null, record: null, hold: null }
    if (app === null || app instanceof Error) {
      const detail = app === null ? `The app ${work.app} is gone from unpush/apps.` : app.message
      return { ...nothing, result: { kind: 'locked', detail, record: work.record } }
    }
    const { provider, credentials } = app
    if (provider.capabilities.addressing === 'tokens' && work.tokens === null)
      return { ...nothing, result: { kind: 'gone', record: null } }
    const needsRecord = provider.capabilities.operations[work.operation]?.needsRecord ?? false
    if (work.step === 'read' && work.record !== null && (work.recordAgeMs ?? Infinity) < freshRecordMs) {
      const outcome: Outcome = {
        kind: 'accepted',
        vendor: { code: null, message: null, requestId: null, httpStatus: null },
      }
      return { ...nothing, result: { kind: 'read', reading: { outcome, record: work.record }, record: work.record } }
    }
    const wanted =
      requestOf(work.step) === 'status' || (needsRecord && work.record === null) ? 'status' : work.operation
    const fares = provider.fare(wanted, work.devices ?? 0, credentials)
    const budget = provider.budget(credentials)
    const grant = await begin({
      workId: work.id,
      fence: work.fence,
      nth,
      recallTargetId: work.recallTargetId,
      app: work.app,
      step: wanted,
      sends: wanted !== 'status' && provider.capabilities.operations[work.operation]?.repeatable === false,
      renewed: renew,
      budget,
      fares,
      mayUseReserve: needsRecord,
    })
    if (grant.kind === 'open') {
      return { ...nothing, result: { kind: 'open', cause: grant.cause, waitMs: grant.waitMs, record: work.record } }
    }
    if (grant.kind !== 'granted') {
      // what a lost lease is told makes no difference: its settlement changes nothing
      const { lane, waitMs } = grant.kind === 'dry' ? grant : { lane: '', waitMs: 0 }
      const quota = fares.some(fare => fare.lane.name === lane && fare.lane.kind === 'window')
      return { ...nothing, result: { kind: 'dry', lane, waitMs, quota, record: work.record } }
    }
    const target: VendorTarget = { handle: work.handle, tokens: work.tokens, record: work.record }
    const call: Call = { credentials, send, timeoutMs: vendorTimeoutMs, renew, now }
    if (wanted === 'status') {
      const reading = (await inFlight(async () => provider.status?.(target, call))) ?? noMethod(provider, wanted)
      const record = reading.outcome.kind === 'accepted' ? reading.record : null
      const hold = holdOf(reading.outcome, budget, fares)
      return {
        result: { kind: 'read', reading, record: record ?? work.record },
        outcome: reading.outcome,
        record,
        hold,
      }
    }
    const outcome = await inFlight(() => actOn(provider, work, target, call))
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

  return {
    run: async (recallId, untilMs, patienceMs = Infinity, inHand = []) => {
      const interest: Interest = { recallId, inHand, look: true, settled: false, wake: () => {} }
      interests.add(interest)
      try {
        while (!interest.settled && untilMs - now() > lastClaimMs) {
          if ((interest.look || more) && hasRoom()) {
            await claim()
            continue
          }
          if ((recallId === null ? heldInAll : (held.get(recallId) ?? 0)) > 0 || more || interest.look) {
            await wokenOr(interest, untilMs - now())
            continue
          }
          const dueMs = await nextDue(sql, recallId === null ? null : [recallId])
          if (dueMs === null) {
            if (recallId !== null) await finish(recallId)
            return
          }
          if (dueMs > patienceMs || now() + dueMs > untilMs - lastClaimMs) return
          await wokenOr(interest, Math.max(5, Math.min(dueMs, 250)))
          interest.look = true
        }
      } finally {
        interests.delete(interest)
      }
    },
    idle: async () => {
      while (out.size > 0) await Promise.race(out)
    },
  }
}

/** A unit may be claimed anew while its zombie is still out. */
function claimOf({ id, fence }: ClaimedWork): string {
  return `${id} ${fence}`
}

async function actOn(provider: Provider, work: ClaimedWork, target: VendorTarget, call: Call): Promise<Outcome> {
  switch (work.operation) {
    case 'stop':
      return (await provider.stop?.(target, call)) ?? noMethod(provider, 'stop').outcome
    case 'revoke':
      return (await provider.revoke?.(target, call)) ?? noMethod(provider, 'revoke').outcome
    case 'overlay': {
      const content = overlayFor(provider.name, work.overlay)
      if (content === null) return noMethod(provider, 'overlay').outcome
      return (await provider.overlay?.(target, content, call)) ?? noMethod(provider, 'overlay').outcome
    }
  }
}

/** A deploy may have taken a method away from work that was planned with it. */
function noMethod(provider: Provider, step: string): { outcome: Outcome; record: null } {
  const message = `${provider.name} offers no ${step}`
  return {
    outcome: { kind: 'unsupported', vendor: { code: null, message, requestId: null, httpStatus: null } },
    record: null,
  }
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
    assess: (operation, record) =>
      provider.assess(operation, {
        credentials,
        handle: work.handle,
        audience: work.audience,
        record,
        overlay: overlayFor(provider.name, work.overlay),
      }),
  }
}

function wokenOr(interest: { wake: () => void }, ms: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, Math.max(0, ms))
    interest.wake = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}
