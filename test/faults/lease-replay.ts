/** A walk through the model, step by step in the ledger's own statements: what they answer and leave must be the same. */
import { beginAttempts } from '../../shared/ledger/begin-attempts.ts'
import { claimWork } from '../../shared/ledger/claim-work.ts'
import { finishRecalls, leftUnfinished } from '../../shared/ledger/finish-recalls.ts'
import { settleWork, type WorkChange } from '../../shared/ledger/settle-work.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { nothingElse } from '../support/fake-provider.ts'
import { admitBatches } from '../support/planned-recall.ts'
import {
  type Action,
  actions,
  apply,
  type Hold,
  isCurrent,
  rules,
  start,
  type State,
  type Unit,
  units,
} from './lease-model.ts'

const leaseMs = 3_600_000

interface Planned {
  readonly recallId: string
  /** Ids of the work rows, by unit. */
  readonly work: readonly number[]
}

/** Takes the step that `pick` points at, again and again. Resolves with how many; rejects where the two part. */
export async function replay(ledger: Ledger, picks: readonly number[]): Promise<number> {
  const planned = await plan(ledger)
  let state = start
  const way: string[] = []
  for (const pick of picks) {
    const possible = actions.filter(action => apply(state, action, rules) !== null || isIdle(state, action))
    const action = possible[pick % possible.length]
    if (action === undefined) break
    const next = apply(state, action, rules) ?? state
    way.push(JSON.stringify(action))
    const expected = JSON.stringify([answerOf(state, action, next), shown(next)])
    const found = JSON.stringify([await take(ledger, planned, state, action), await look(ledger, planned)])
    if (expected !== found)
      throw new Error(`after ${way.join(' ')}\nthe model says ${expected}\nthe ledger    ${found}`)
    state = next
  }
  return way.length
}

/** Claims and sweeps that find nothing are steps too: they must change nothing. */
function isIdle(state: State, action: Action): boolean {
  if (action.kind === 'sweep') return true
  return (
    action.kind === 'claim' && state.rows[action.unit].holds[action.worker] === null && !isExhausted(state, action.unit)
  )
}

/** The model ends its attempts, the ledger does not. */
function isExhausted({ rows }: State, unit: Unit): boolean {
  return rows[unit].fence === rules.mostAttempts
}

/** What a worker is told: the fence it claimed under, whether it may begin, whether its write counted. */
function answerOf(state: State, action: Action, next: State): number | boolean | null {
  switch (action.kind) {
    case 'claim':
      return next === state ? null : next.rows[action.unit].fence
    case 'begin':
    case 'settle': {
      const row = state.rows[action.unit]
      return isCurrent(row, holdOf(state, action), rules)
    }
    default:
      return null
  }
}

async function take(ledger: Ledger, planned: Planned, state: State, action: Action): Promise<number | boolean | null> {
  const { recallId } = planned
  switch (action.kind) {
    case 'claim': {
      // the other unit stands aside: the model claims one, the ledger whatever is due
      const other = planned.work[1 - action.unit] ?? 0
      await ledger.query("update work set run_at = 'infinity' where id = $1::text::bigint", [other])
      const claim = { owner: `worker-${action.worker}`, limit: 2, leaseMs, recallIds: [recallId] }
      const [claimed] = await claimWork(ledger, claim)
      await ledger.query('update work set run_at = now() where id = $1::text::bigint', [other])
      return claimed?.fence ?? null
    }
    case 'begin': {
      const wish = { workId: planned.work[action.unit] ?? 0, fence: holdOf(state, action).fence, step: 'revoke' }
      const rest = { nth: 1, recallTargetId: 1, app: 'app', sends: false, renewed: false, budget: 'model' }
      const [grant] = await beginAttempts(ledger, [{ ...wish, ...rest, fares: [], purpose: 'act' }])
      return grant?.kind === 'granted'
    }
    case 'settle': {
      const { fence, phase } = holdOf(state, action)
      const record = { workId: planned.work[action.unit] ?? 0, fence, app: 'app', handle: 'model', attempt: null }
      const rest = { ...nothingElse, recallTargetId: 1, leaseMs }
      const [settled] = await settleWork(ledger, [{ ...record, ...rest, change: changeOf(phase) }])
      return settled !== 'lost'
    }
    case 'finish':
      await finishRecalls(ledger, [recallId])
      return null
    case 'lapse':
      await ledger.query("update work set lease_until = now() - interval '1 second' where id = $1::text::bigint", [
        planned.work[action.unit] ?? 0,
      ])
      return null
    case 'sweep':
      await finishRecalls(ledger, await leftUnfinished(ledger, 1000))
      return null
    case 'ask':
    case 'do':
    case 'deny':
    case 'mishear':
    case 'die':
      return null
    default:
      return action satisfies never
  }
}

function changeOf(phase: Hold['phase']): WorkChange {
  if (phase === 'doubt') return { kind: 'later', step: 'act', delayMs: 0, blocked: null }
  const yes = phase === 'yes'
  const counts = { accepted: yes ? 1 : 0, rejected: yes ? 0 : 1, unknown: 0, rejections: [] }
  return { kind: 'final', result: yes ? 'accepted' : 'failed', ...counts }
}

function holdOf(state: State, action: Extract<Action, { worker: unknown; unit: unknown }>): Hold {
  const hold = state.rows[action.unit].holds[action.worker]
  if (hold === null) throw new Error('the model let a worker act on what it does not hold')
  return hold
}

function shown({ rows, recallEnded }: State): object {
  return { rows: rows.map(({ state, fence, leased }) => ({ state, fence, leased })), recallEnded }
}

async function look(ledger: Ledger, { recallId }: Planned): Promise<object> {
  const rows = await ledger.query<{ state: string; fence: number; leased: boolean; ended: boolean }>(
    `select coalesce(w.result, w.state) as state, w.fence, coalesce(w.lease_until > clock_timestamp(), false) as leased,
       r.state <> 'running' as ended
     from work w join recall r on r.id = w.recall_id where r.id = $1::text order by w.id`,
    [recallId],
  )
  return {
    rows: rows.map(({ state, fence, leased }) => ({ state, fence, leased })),
    recallEnded: rows.some(({ ended }) => ended),
  }
}

async function plan(ledger: Ledger): Promise<Planned> {
  const recallId = await admitBatches(ledger, units.length)
  const rows = await ledger.query<{ id: number }>('select id from work where recall_id = $1::text order by id', [
    recallId,
  ])
  return { recallId, work: rows.map(({ id }) => id) }
}
