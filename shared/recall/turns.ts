/**
 * What units of work ask of the ledger, all that is asked in one moment in one round trip: settlements, then attempts that
 * begin, then the roll-up of what they ended, then the recall that somebody waits for. Statements of their own each, sent
 * together: one that did it all would lock rows of work before buckets and after them.
 */
import { coalesce, runTogether } from '../coalesce.ts'
import { beginAttempts, type Grant, type Wish } from '../ledger/begin-attempts.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { readRecalls, type StoredRecall } from '../ledger/recalls.ts'
import { noteTrouble, openNextRungs, type Settled, settleWork, type Settlement } from '../ledger/settle-work.ts'
import { isOutage, type Ledger, type Sql } from '../ledger/sql.ts'
import type { Log } from '../log.ts'
import { withoutReply } from './without-reply.ts'

export interface Turn {
  readonly settlement: Settlement | null
  /** Begins after the settlement, and not where the lease turned out to be lost. Never one that sends: its mark has to stay. */
  readonly wish: Wish | null
  /** The unit has come to its end with this settlement. */
  readonly ends: { readonly recallId: string; readonly recallTargetId: number } | null
}

export interface Turned {
  /** False where the lease was lost; then nothing of the unit changed. */
  readonly kept: boolean
  /** It was to go on, and has ended with the settlement: its recall was cancelled, or its handle taken over. */
  readonly calledOff: boolean
  /** Null: nothing was wished. */
  readonly grant: Grant | null
  /** What the roll-up made of the recall: a state, or null where nothing changed. Undefined: it was not rolled up. */
  readonly rolledUp: string | null | undefined
}

/** What a turn may do for the ends that it holds. */
export interface Ends {
  /** Whether these are the last units of a push that are out here: a roll-up before that finds it unfinished. */
  readonly last: (recallTargetId: number, units: number) => boolean
  /** Whether somebody waits for the end of the recall, and these are the last of its units that are out here. */
  readonly wanted: (recallId: string, units: number) => boolean
  readonly read: (recall: StoredRecall) => void
}

/** A unit that has to wait for the turn of others, waits for a second one at most. */
const turnsAtOnce = 2

type TurnLedger = Pick<Ledger, 'query' | 'together'>

/** Rejects where the ledger is away: then the lease runs out. What it refuses of a settlement is settled without it. */
export function createTurns(ledger: TurnLedger, log: Log, ends: Ends): (turn: Turn) => Promise<Turned> {
  const noted = new WeakSet<Settlement>()
  const together = coalesce<Turn, Turned | { readonly failed: unknown }>(
    turns => take(ledger, turns, noted, ends),
    512,
    turnsAtOnce,
  )
  return async turn => {
    const turned = await together(turn)
    if (!('failed' in turned)) return turned
    const { settlement } = turn
    if (settlement === null || isOutage(turned.failed)) throw turned.failed
    const { code = null, name = null } = turned.failed as { code?: unknown; name?: unknown }
    // never the error itself: it may repeat the reply
    log.error('a reply could not be kept', {
      app: settlement.app,
      work_id: settlement.workId,
      fence: settlement.fence,
      error_code: code ?? name,
    })
    const bare = withoutReply(settlement)
    noted.add(bare)
    const again = await together({ ...turn, settlement: bare, wish: null })
    if ('failed' in again) throw again.failed
    return again
  }
}

async function take(
  ledger: TurnLedger,
  turns: readonly Turn[],
  noted: WeakSet<Settlement>,
  ends: Ends,
): Promise<(Turned | { readonly failed: unknown })[]> {
  const settlements = turns.flatMap(({ settlement }) => (settlement === null ? [] : [settlement]))
  const wishes = turns.flatMap(({ wish }) => (wish === null ? [] : [wish]))
  const ended = turns.flatMap(turn => (turn.ends === null ? [] : [turn.ends]))
  const pushes = countBy(ended.map(({ recallTargetId }) => recallTargetId))
  const rolled = new Set(
    ended.filter(end => ends.last(end.recallTargetId, pushes.get(end.recallTargetId) ?? 0)).map(end => end.recallId),
  )
  const units = countBy(ended.map(({ recallId }) => recallId))
  const wanted = [...rolled].filter(recallId => ends.wanted(recallId, units.get(recallId) ?? 0))
  // breakers count what failed before its work can be claimed again; those of a statement that failed come again, each alone
  const fresh = settlements.filter(settlement => !noted.has(settlement))
  await noteTrouble(ledger, fresh)
  for (const settlement of fresh) noted.add(settlement)
  const ask = <Input, Output>(
    inputs: readonly Input[],
    run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  ): Promise<PromiseSettledResult<Output>[]> => (inputs.length === 0 ? Promise.resolve([]) : runTogether(inputs, run))

  const fallen = [
    ...new Set(settlements.flatMap(({ change, recallTargetId }) => (change.kind === 'fall' ? [recallTargetId] : []))),
  ]
  const [settled, granted, states, recalls] = await ledger.together(sql => {
    let whole = true
    const settling = ask(settlements, async some => {
      if (some.length < settlements.length) whole = false
      return settleWork(sql, some)
    })
    const opening = fallen.length === 0 ? null : openNextRungs(sql, fallen)
    // a rung that nobody opened is found by sweep
    opening?.catch(() => {})
    return Promise.all([
      settling,
      ask(wishes, some => beginAttempts(sql, some)),
      ask([...rolled], some => statesOf(sql, some)).then(async results => {
        await settling
        // a unit that settled after this look is looked for by the process that settled it
        return whole ? results : []
      }),
      ask(wanted, some => readRecalls(sql, some)),
    ])
  })
  const settledOf = inOrderOf(settlements, settled)
  const grantOf = inOrderOf(wishes, granted)
  const stateOf = inOrderOf([...rolled], states)
  for (const recall of recalls) if (recall.status === 'fulfilled' && recall.value !== null) ends.read(recall.value)
  return turns.map(({ settlement, wish, ends: end }) => {
    const kept = settlement === null ? null : settledOf.get(settlement)
    const grant = wish === null ? null : grantOf.get(wish)
    if (kept?.status === 'rejected') return { failed: kept.reason }
    if (grant?.status === 'rejected') {
      // what was settled is settled: the wish alone comes again
      if (settlement === null) return { failed: grant.reason }
      return { ...keptOf(kept?.value), grant: null, rolledUp: undefined }
    }
    const state = end === null ? undefined : stateOf.get(end.recallId)
    return {
      ...keptOf(kept?.value),
      grant: grant?.value ?? null,
      rolledUp: state?.status === 'fulfilled' ? state.value : undefined,
    }
  })
}

/** `settled` undefined: nothing was. */
function keptOf(settled: Settled | undefined): Pick<Turned, 'kept' | 'calledOff'> {
  return { kept: settled !== 'lost', calledOff: settled === 'called_off' }
}

async function statesOf(sql: Sql, recallIds: readonly string[]): Promise<(string | null)[]> {
  const changed = new Map((await finishRecalls(sql, recallIds)).map(({ id, state }) => [id, state]))
  return recallIds.map(id => changed.get(id) ?? null)
}

function countBy<Key>(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

function inOrderOf<Input, Output>(inputs: readonly Input[], outputs: readonly Output[]): Map<Input, Output> {
  return new Map(inputs.flatMap((input, index) => (outputs[index] === undefined ? [] : [[input, outputs[index]]])))
}
