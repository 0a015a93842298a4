/** The vendor request that a unit of work makes next, and what it draws on: told without a ledger, before it is begun. */
import type { Wish } from '../ledger/begin-attempts.ts'
import type { ClaimedWork, WorkStep } from '../ledger/claim-work.ts'
import type { Operation } from '../operation.ts'
import type { Fare, Outcome, Provider, Purpose } from '../providers/provider.ts'
import { addressingOf, isWhole } from './addressing.ts'
import { hasLeft, readAudience } from './audience.ts'
import { madeByVendor } from './view-handle.ts'
import type { App } from './apps.ts'
import { harmless, type StepResult, type WorkState } from './decision.ts'

/** What tells it: a unit that was claimed, or one that is about to be admitted. */
export type Asking = Pick<
  ClaimedWork,
  'app' | 'names' | 'audience' | 'operation' | 'step' | 'superseded' | 'devices' | 'overlay' | 'record' | 'recordAgeMs'
> & { readonly tokens: object | null; readonly calledOff?: boolean }

export interface Request {
  readonly kind: 'ask'
  readonly app: App
  readonly request: Operation | 'status'
  readonly fares: readonly Fare[]
  readonly budget: string
  /** It sends something: the vendor must be asked what became of it before it is repeated. */
  readonly sends: boolean
  readonly purpose: Purpose
}

/** A record younger than this is not asked for again. */
const freshRecordMs = 60_000
const unasked: Outcome = { kind: 'accepted', vendor: { code: null, message: null, requestId: null, httpStatus: null } }

/** told: no vendor need be asked to know. `app`: an error where its credentials cannot be had, null where it is gone. */
export function nextRequest(
  work: Asking,
  app: App | Error | null,
): Request | { readonly kind: 'told'; readonly result: StepResult } {
  if (work.calledOff === true) return { kind: 'told', result: { kind: 'called_off', record: null } }
  if (app === null || app instanceof Error) {
    if (work.superseded) return { kind: 'told', result: { kind: 'superseded', record: null } }
    const detail =
      app === null
        ? `The app ${work.app} is gone from unpush/apps.`
        : `The credentials of ${work.app} cannot be used now. The log says why.`
    return { kind: 'told', result: { kind: 'locked', detail, record: work.record } }
  }
  const { provider, credentials } = app
  // a stop by the vendor's own id names this push and no newer one
  if (work.superseded && !(work.operation === 'stop' && madeByVendor(provider, work.names)))
    return { kind: 'told', result: { kind: 'superseded', record: null } }
  const audience = readAudience(work.audience)
  const way = addressingOf(provider, work.operation, { audience })
  if (way !== null && !isWhole(way) && work.tokens === null)
    return { kind: 'told', result: { kind: 'gone', what: 'tokens', record: null } }
  if (
    work.operation === 'overlay' &&
    work.step !== 'confirm' &&
    work.step !== 'sent' &&
    work.step !== 'look' &&
    work.overlay === null
  )
    return { kind: 'told', result: { kind: 'gone', what: 'text', record: null } }
  const asked = requestOf(work)
  if (work.step === 'sent' && provider.status === undefined)
    return { kind: 'told', result: { kind: 'untold', record: work.record } }
  const needsRecord =
    provider.capabilities.operations[asked === 'status' ? work.operation : asked]?.needsRecord ?? false
  if (work.step === 'read' && work.record !== null && (work.recordAgeMs ?? Infinity) < freshRecordMs) {
    const reading = { outcome: unasked, record: work.record }
    return { kind: 'told', result: { kind: 'read', reading, record: work.record } }
  }
  const request = needsRecord && work.record === null ? 'status' : asked
  if (hasLeft(work.audience) && request !== 'status' && namesAudience(provider, request, work))
    return { kind: 'told', result: { kind: 'gone', what: 'audience', record: work.record } }
  return {
    kind: 'ask',
    app,
    request,
    fares: provider.fare(request, work.devices ?? 0, credentials, audience),
    budget: provider.budget(credentials),
    sends: request !== 'status' && provider.capabilities.operations[request]?.repeatable === false,
    purpose: purposeOf(request, work.step, needsRecord),
  }
}

/** `renewed`: the same call again, with a credential that was read anew. */
export function wishOf(
  work: Pick<ClaimedWork, 'id' | 'fence' | 'recallTargetId' | 'app'>,
  nth: number,
  { request, sends, budget, fares, purpose }: Request,
  renewed: boolean,
): Wish {
  return {
    workId: work.id,
    fence: work.fence,
    nth,
    recallTargetId: work.recallTargetId,
    app: work.app,
    step: request,
    sends,
    renewed,
    budget,
    fares,
    purpose,
  }
}

/** The request of a step. */
export function requestOf({ step, operation }: Pick<WorkState, 'step' | 'operation'>): 'status' | Operation {
  if (step === 'meanwhile') return harmless
  return step === 'act' ? operation : 'status'
}

function namesAudience(provider: Provider, request: Operation, { audience }: Pick<Asking, 'audience'>): boolean {
  return addressingOf(provider, request, { audience: readAudience(audience) })?.by === 'audience'
}

function purposeOf(wanted: Operation | 'status', step: WorkStep, needsRecord: boolean): Purpose {
  if (wanted !== 'status') return 'act'
  if (step === 'confirm' || step === 'prove' || step === 'look') return 'proof'
  // it cannot be sent, or sent again, before the vendor was asked
  return needsRecord || step === 'sent' ? 'overlay' : 'look'
}
