/**
 * Tokens on their way from intake to work: kept, sealed slice by slice. Sealing happens beside whatever needs it
 * (an intake, a recall once it is admitted, `sweep`), for a bounded time, and what fails is put off, never thrown.
 */
import { bounds } from '../bounds.ts'
import { keepTokens } from '../ledger/keep-tokens.ts'
import {
  joinLeft,
  leftToJoin,
  sealSlice,
  setAside,
  type Slice,
  sliceTokens,
  waitingTargets,
} from '../ledger/sealing.ts'
import type { StoredRecall } from '../ledger/recalls.ts'
import { addTokens, type Intake, intoParts, type Waiting } from '../ledger/token-intake.ts'
import { type TokenLines } from '../ledger/tokens.ts'
import { whyUnreachable } from '../ledger/unreachable.ts'
import type { Runtime } from '../runtime.ts'

type Sealing = Pick<Runtime, 'ledger' | 'log' | 'policy'>
type Draining = Sealing & Pick<Runtime, 'drainer'>

/** With so much waiting, the request that brings more seals a slice itself: the larger the target, the more hashes a slice reads. */
const enoughTokens = { least: 20_000, most: 500_000, ofSealed: 1 / 4 } as const
const enoughPieces = 8000
/** What is sealed as it comes, in a statement of well under a second: to compare a token with so many takes less than to write it down until it is sealed. */
const atOnce = { least: 5000, most: 2 * sliceTokens, comparedEach: 50 } as const
/** So much may wait while another request seals, so that taking in and sealing go on side by side. */
const farAhead = bounds.unsealedTokensPerTarget.value / 8
/** An intake seals no longer than this. */
const intakeMs = 1000
/** And this where so much waits that the next ones would be refused: who sends faster than is sealed is slowed down first. */
const crowdedMs = 5000
const crowded = bounds.unsealedTokensPerTarget.value / 2
/** Another process seals the target: look again then. */
const busyMs = 50
/** Of a target in one turn, where others wait. */
const turnMs = 500
const targetsAtOnce = 1000
/** Targets whose slices are sealed side by side: of a function's four connections one is left to those who work on them. */
const sideBySide = 3

/**
 * Takes tokens for a target in: seals them, or keeps them until they are sealed, and where too many wait already, seals some before. Null:
 * they are sealed. Throws as `keepTokens` does.
 */
export async function takeTokens(context: Sealing, intake: Intake, lines: TokenLines): Promise<Waiting | null> {
  if (await sealAtOnce(context, intake, lines)) return null
  const kept = await addTokens(context.ledger, intake, lines)
  if (!('over' in kept)) return kept
  // a sender who is refused brings nothing that would have it sealed
  await sealTargets(context, [intake.targetId], Date.now() + crowdedMs)
  return keepTokens(context.ledger, intake, lines)
}

/** False: they have to be kept. Rejects where the ledger is away, which is not waited for twice. */
async function sealAtOnce(
  { ledger, policy }: Sealing,
  { targetId, partSeed, devices }: Intake,
  lines: TokenLines,
): Promise<boolean> {
  const { least, most, comparedEach } = atOnce
  if (lines.count < least || lines.count > most || devices > lines.count * comparedEach) return false
  try {
    const { state } = await sealSlice(ledger, targetId, (await policy()).giveUpHours, intoParts(lines, partSeed, 0))
    return state === 'sealed'
  } catch (error) {
    if (whyUnreachable(error) !== null) throw error
    // what is wrong shows again, and is told of, where they are kept or sealed
    return false
  }
}

/** After an intake for a target that nobody takes back: slices, while enough waits for them. Never rejects. */
export async function sealAsTheyCome(context: Sealing, targetId: number, waiting: Waiting): Promise<void> {
  const { least, most, ofSealed } = enoughTokens
  const enough = Math.min(most, Math.max(least, waiting.sealed * ofSealed))
  let { tokens, pieces } = waiting
  const until = Date.now() + (tokens > crowded ? crowdedMs : intakeMs)
  while ((tokens >= enough || pieces >= enoughPieces) && Date.now() < until) {
    const slice = await trySlice(context, targetId)
    // another request does it, and this one waits for it only where far more comes than is sealed
    if (slice.state === 'busy' && tokens > Math.max(farAhead, 2 * enough)) await pause(busyMs)
    else if (slice.state !== 'sealed') return
    pieces -= slice.taken === 0 ? 0 : Math.ceil((pieces * slice.taken) / tokens)
    tokens -= slice.taken
  }
}

/**
 * Seals all that waits for these targets, some side by side, in turns, until `until` (epoch). `onJoined` hears of each slice
 * of a recall, be it that it brought no work: the recall may have waited for nothing else. Resolves with true where nothing
 * is left to wait for. Never rejects.
 */
export async function sealTargets(
  context: Sealing,
  targetIds: readonly number[],
  until: number,
  onJoined: () => void = () => {},
): Promise<boolean> {
  let left = targetIds
  let allSealed = true
  while (left.length > 0 && Date.now() < until) {
    const again: number[] = []
    let sealed = false
    const turn = left.values()
    const worker = async () => {
      for (const targetId of turn) {
        if (Date.now() >= until) {
          again.push(targetId)
          continue
        }
        const { state, more, joined } = await trySlice(context, targetId)
        if (joined !== null) onJoined()
        if (state === 'busy' || (state === 'sealed' && more)) again.push(targetId)
        sealed ||= state === 'sealed'
        allSealed &&= state !== 'aside'
      }
    }
    await Promise.all(Array.from({ length: Math.min(sideBySide, left.length) }, worker))
    left = again
    if (!sealed && left.length > 0) await pause(Math.min(busyMs, Math.max(0, until - Date.now())))
  }
  return allSealed && left.length === 0
}

/**
 * Seals what waits for the targets of a recall, and has each slice worked on while the next is sealed. Resolves with
 * the recall, where that came with its end. Rejects where the ledger is away.
 */
export async function sealAndDrain(
  context: Draining,
  recallId: string,
  targetIds: readonly number[],
  until: number,
): Promise<StoredRecall | null> {
  let draining: Promise<unknown> = Promise.resolve()
  let ended = null as StoredRecall | null
  let asked = false
  const runAfter = async (before: Promise<unknown>) => {
    await before
    asked = false
    // what has ended waited for all that was to be sealed, and what joined meanwhile has ended with it
    ended ??= await context.drainer.run(recallId, until, Infinity, { ended: true })
  }
  const drain = () => {
    context.drainer.look(recallId)
    if (asked) return
    asked = true
    draining = runAfter(draining)
    // it is awaited once all is sealed, and must not end the process before
    draining.catch(() => {})
  }
  await sealTargets(context, targetIds, until, drain)
  await draining
  return ended
}

/**
 * The sealing of `sweep`: all that waits, those being taken back first, each target for a moment and then the next, until
 * `untilMs` (epoch) or until nothing waits. Resolves with the units of work that came to recalls; somebody has to do them.
 * What is wrong with a target is logged and put off; rejects only where the ledger is away.
 */
export async function sealWaiting(context: Sealing, untilMs: number): Promise<number> {
  const { ledger } = context
  const { giveUpHours } = await context.policy()
  let work = 0
  for (const targetId of await leftToJoin(ledger, targetsAtOnce)) {
    if (Date.now() >= untilMs) return work
    work += (await guarded(context, targetId, () => joinLeft(ledger, targetId, giveUpHours)))?.work ?? 0
  }
  for (let sealed = true; sealed; ) {
    sealed = false
    for (const targetId of await waitingTargets(ledger, targetsAtOnce)) {
      const turn = Math.min(untilMs, Date.now() + turnMs)
      do {
        if (Date.now() >= untilMs) return work
        const { state, more, joined } = await trySlice(context, targetId)
        work += joined?.work ?? 0
        sealed ||= state === 'sealed'
        if (state !== 'sealed' || !more) break
      } while (Date.now() < turn)
    }
  }
  return work
}

/** One slice. A failure sets the target aside for a while and is told of in the log. */
async function trySlice(context: Sealing, targetId: number): Promise<Slice> {
  const failed: Slice = { state: 'aside', taken: 0, more: true, joined: null }
  return (
    (await guarded(context, targetId, async () =>
      sealSlice(context.ledger, targetId, (await context.policy()).giveUpHours),
    )) ?? failed
  )
}

async function guarded<Result>(
  { ledger, log }: Sealing,
  targetId: number,
  body: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await body()
  } catch (error) {
    try {
      const failures = await setAside(ledger, targetId)
      log.error('target set aside: its push tokens could not be sealed', { target_id: targetId, failures, error })
    } catch {
      // then it is the ledger, and no fault of this target
      log.error('push tokens could not be sealed', { target_id: targetId, error })
    }
    return null
  }
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
