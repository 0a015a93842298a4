/**
 * Claim, lease and fence, reduced to what can go wrong: two workers, two units of one recall, a vendor that may or may not
 * do what it is asked and may or may not be heard, deaths anywhere, time that passes when it likes. Pure.
 *
 * Attempts are bounded: on the last one nothing fails any more, so that "can still finish" keeps its meaning.
 */
export const workers = [0, 1] as const
export const units = [0, 1] as const

export type Worker = (typeof workers)[number]
export type Unit = (typeof units)[number]

/** Where a worker is with a unit. yes and no: the vendor has decided · doubt: nobody heard how · settled: rolls up next. */
export type Phase = 'claimed' | 'begun' | 'asked' | 'yes' | 'no' | 'doubt' | 'settled'

export interface Hold {
  readonly phase: Phase
  readonly fence: number
}

export interface Row {
  readonly state: 'ready' | 'running' | 'accepted' | 'failed'
  readonly fence: number
  readonly leased: boolean
  /** The vendor did it, whoever knows. */
  readonly did: boolean
  /** Who claimed last: nobody else may write. Not in the ledger; it judges the fence. */
  readonly claimant: Worker | null
  readonly holds: readonly [Hold | null, Hold | null]
}

export interface State {
  readonly rows: readonly [Row, Row]
  readonly recallEnded: boolean
}

export type Action =
  | {
      readonly kind: 'claim' | 'begin' | 'ask' | 'do' | 'deny' | 'mishear' | 'settle' | 'finish'
      readonly worker: Worker
      readonly unit: Unit
    }
  | { readonly kind: 'die'; readonly worker: Worker }
  | { readonly kind: 'lapse'; readonly unit: Unit }
  | { readonly kind: 'sweep' }

/** What the ledger does; the tests take each away in turn to see that the model notices. */
export interface Rules {
  readonly mostAttempts: number
  /** A write counts only under the fence of the last claim. */
  readonly fenced: boolean
  /** Work whose lease ran out is claimed again. */
  readonly reclaimed: boolean
  /** What nobody heard is tried again, not taken for done. */
  readonly doubted: boolean
  /** sweep rolls up what was settled by a worker that died before it could. */
  readonly repaired: boolean
}

export const rules: Rules = { mostAttempts: 3, fenced: true, reclaimed: true, doubted: true, repaired: true }

const fresh: Row = { state: 'ready', fence: 0, leased: false, did: false, claimant: null, holds: [null, null] }
export const start: State = { rows: [fresh, fresh], recallEnded: false }

export const actions: readonly Action[] = [
  ...workers.flatMap(worker =>
    units.flatMap(unit =>
      (['claim', 'begin', 'ask', 'do', 'deny', 'mishear', 'settle', 'finish'] as const).map(kind => ({
        kind,
        worker,
        unit,
      })),
    ),
  ),
  ...workers.map(worker => ({ kind: 'die', worker }) as const),
  ...units.map(unit => ({ kind: 'lapse', unit }) as const),
  { kind: 'sweep' },
]

export const isOver = (row: Row) => row.state === 'accepted' || row.state === 'failed'
export const isClaimable = (row: Row, { mostAttempts, reclaimed }: Rules) =>
  row.fence < mostAttempts && (row.state === 'ready' || (reclaimed && row.state === 'running' && !row.leased))
/** The worker's claim is the last one, and the row still waits for it. */
export const isCurrent = (row: Row, hold: Hold, { fenced }: Rules) =>
  row.state === 'running' && (!fenced || hold.fence === row.fence)
const isLastAttempt = (row: Row, hold: Hold | null, { mostAttempts }: Rules) =>
  hold !== null && row.state === 'running' && hold.fence === row.fence && row.fence === mostAttempts

/** The state after it, or null where it cannot happen. */
export function apply(state: State, action: Action, by: Rules): State | null {
  switch (action.kind) {
    case 'sweep':
      return by.repaired && !state.recallEnded && state.rows.every(isOver) ? { ...state, recallEnded: true } : null
    case 'lapse': {
      const row = state.rows[action.unit]
      if (row.state !== 'running' || !row.leased || row.fence === by.mostAttempts) return null
      return withRow(state, action.unit, { ...row, leased: false })
    }
    case 'die': {
      const { worker } = action
      if (state.rows.every(({ holds }) => holds[worker] === null)) return null
      if (state.rows.some(row => isLastAttempt(row, row.holds[worker], by))) return null
      const [first, second] = state.rows
      return { ...state, rows: [withHold(first, worker, null), withHold(second, worker, null)] }
    }
    default:
      return work(state, action.kind, action.worker, action.unit, by)
  }
}

type Step = Exclude<Action['kind'], 'sweep' | 'lapse' | 'die'>

function work(state: State, kind: Step, worker: Worker, unit: Unit, by: Rules): State | null {
  const row = state.rows[unit]
  const hold = row.holds[worker]
  const go = (phase: Phase, changed: Partial<Row> = {}) =>
    hold === null ? null : withRow(state, unit, withHold({ ...row, ...changed }, worker, { ...hold, phase }))
  const leave = (changed: Partial<Row> = {}) => withRow(state, unit, withHold({ ...row, ...changed }, worker, null))
  if (kind === 'claim') {
    if (hold !== null || !isClaimable(row, by)) return null
    const fence = row.fence + 1
    const claimed: Row = { ...row, state: 'running', fence, leased: true, claimant: worker }
    return withRow(state, unit, withHold(claimed, worker, { phase: 'claimed', fence }))
  }
  if (hold === null) return null
  switch (kind) {
    case 'begin':
      if (hold.phase !== 'claimed') return null
      return isCurrent(row, hold, by) ? go('begun') : leave()
    case 'ask':
      return hold.phase === 'begun' ? go('asked') : null
    case 'do':
      return hold.phase === 'asked' ? go('yes', { did: true }) : null
    case 'deny':
      return hold.phase === 'asked' ? go('no') : null
    case 'mishear':
      if (isLastAttempt(row, hold, by)) return null
      return hold.phase === 'asked' || hold.phase === 'yes' || hold.phase === 'no' ? go('doubt') : null
    case 'settle':
      if (hold.phase !== 'yes' && hold.phase !== 'no' && hold.phase !== 'doubt') return null
      if (!isCurrent(row, hold, by)) return leave()
      if (hold.phase === 'no') return go('settled', { state: 'failed', leased: false })
      if (hold.phase === 'yes' || !by.doubted) return go('settled', { state: 'accepted', leased: false })
      return leave({ state: 'ready', leased: false })
    case 'finish':
      if (hold.phase !== 'settled') return null
      return { ...leave(), recallEnded: state.recallEnded || state.rows.every(isOver) }
  }
}

/** What a step must never do; null where it did not. */
export function fault(before: State, action: Action, after: State): string | null {
  for (const unit of units) {
    const [was, is] = [before.rows[unit], after.rows[unit]]
    if (is.state === 'accepted' && !is.did) return 'done without a yes of the vendor'
    if (isOver(was) && is.state !== was.state) return 'an end was changed'
    const written = is.state !== was.state && action.kind === 'settle'
    if (written && was.claimant !== action.worker) return 'a zombie wrote'
  }
  return after.recallEnded && !after.rows.every(isOver) ? 'a recall ended before its work' : null
}

export const isFinished = (state: State) => state.recallEnded && state.rows.every(isOver)

function withRow(state: State, unit: Unit, row: Row): State {
  const [first, second] = state.rows
  return { ...state, rows: unit === 0 ? [row, second] : [first, row] }
}

function withHold(row: Row, worker: Worker, hold: Hold | null): Row {
  const [first, second] = row.holds
  return { ...row, holds: worker === 0 ? [hold, second] : [first, hold] }
}
