/** One vendor request of a unit of work, from its budgets to its answer. */
import { skewSentence } from '../clock-skew.ts'
import type { Grant, Wish } from '../ledger/begin-attempts.ts'
import type { ClaimedWork } from '../ledger/claim-work.ts'
import type { Settlement } from '../ledger/settle-work.ts'
import type { Log } from '../log.ts'
import type { Outcome, Session } from '../providers/provider.ts'
import { createTally } from '../tally.ts'
import type { Act, Pass } from './act.ts'
import type { App } from './apps.ts'
import type { StepResult } from './decision.ts'
import { nextRequest, type Request, wishOf } from './next-request.ts'
import type { Had } from './sessions.ts'
import type { Turn, Turned } from './turns.ts'

export interface Taken {
  readonly result: StepResult
  /** Null: no vendor was called. */
  readonly outcome: Outcome | null
  /** What was answered of a unit before the outcome, which is of the devices that are left. */
  readonly pass: Pass | null
  readonly record: ClaimedWork['record']
  readonly hold: Settlement['hold']
}

/**
 * `app`: an error where its credentials cannot be had, null where it is gone. `renew`: the repeat after a refused credential.
 * `granted`: it has begun already. `mayBegin`: whether there is time for a further request of the unit.
 */
export type Attempt = (
  work: ClaimedWork,
  nth: number,
  app: App | Error | null,
  renew: boolean,
  granted: Grant | null,
  mayBegin: () => boolean,
) => Promise<Taken>

/** `open`: a session of the app's vendor, another one than the refused. */
export function createAttempt(
  log: Log,
  turn: (turn: Turn) => Promise<Turned>,
  act: Act,
  open: (app: App, refused: Session | null) => Promise<Had>,
  now: () => number,
): Attempt {
  // what is wrong with a secret is wrong for every unit
  const told = createTally(log)

  /** By app, where the credential was refused: so far our clock was ahead. */
  const clocks = new Map<string, number>()
  /**
   * By app, the session that its vendor refused last. The repeat may have no budget to begin, and whatever is asked next, by this
   * unit or another, must not be asked with it again.
   */
  const refused = new Map<string, { readonly session: Session; readonly atMs: number }>()
  const noteSession = (app: string, session: Session | null, kind: Outcome['kind'], begunMs: number) => {
    if (session === null) return
    const last = refused.get(app)
    if (kind === 'auth') refused.set(app, { session, atMs: now() })
    // a young one is asked with again where the vendor allows no other, and may be taken then
    else if (last !== undefined && last.session.value === session.value && begunMs >= last.atMs) refused.delete(app)
  }
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

  return async (work, nth, app, renew, granted, mayBegin) => {
    const next = nextRequest(work, app)
    if (next.kind === 'told') {
      if (app instanceof Error)
        told.note(app.message, 'credentials cannot be had', { app: work.app, error: app }, 'error')
      return { result: next.result, outcome: null, pass: null, record: null, hold: null }
    }
    const { request, fares, budget } = next
    const grant = granted ?? (await begin(wishOf(work, nth, next, renew)))
    if (grant.kind !== 'granted') {
      const result = refusal(work, next, grant, clocks.get(work.app) ?? 0)
      return { result, outcome: null, pass: null, record: null, hold: null }
    }
    const had = await open(next.app, refused.get(work.app)?.session ?? null)
    if ('outcome' in had) {
      const { outcome } = had
      if (outcome.kind === 'auth') noteSkew(work.app, outcome.clockAheadMs ?? 0)
      const result: StepResult =
        request === 'status'
          ? { kind: 'read', reading: { outcome, record: null }, record: work.record }
          : { kind: 'acted', outcome, record: work.record }
      return { result, outcome, pass: null, record: null, hold: holdOf(outcome, budget, fares) }
    }
    const { session } = had
    const begunMs = now()
    const { reading, pass } = await act(work, next, { renew, session, mayBegin })
    if (reading === null)
      return { result: { kind: 'rest', record: work.record }, outcome: null, pass, record: null, hold: null }
    const { outcome } = reading
    noteSession(work.app, session, outcome.kind, begunMs)
    if (outcome.kind === 'auth') noteSkew(work.app, outcome.clockAheadMs ?? 0)
    else clocks.delete(work.app)
    const hold = holdOf(outcome, budget, fares)
    if (request === 'status') {
      const record = outcome.kind === 'accepted' ? reading.record : null
      return { result: { kind: 'read', reading, record: record ?? work.record }, outcome, pass, record, hold }
    }
    return { result: { kind: 'acted', outcome, record: work.record }, outcome, pass, record: null, hold }
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
