/** From what is asked to a recall in the ledger, whoever asks: a request, a verdict, the end of a message's time. */
import { firstOperations } from '../asked-operation.ts'
import { linkTo } from '../base-path.ts'
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { Problem } from '../errors.ts'
import { newId } from '../ids.ts'
import { admissionOf, askedBy, type Measure, type NewRecall, type NewRecallTarget } from '../ledger/new-recall.ts'
import { admitExcepting, admitRecall, admitWithin, isOverHour } from '../ledger/admit-recall.ts'
import type { HandleFacts, PriorRecall, SubjectFacts } from '../ledger/facts.ts'
import { sameHold } from '../ledger/holds.ts'
import { leavesAlone } from '../ledger/exceptions.ts'
import type { KnownPause } from '../ledger/pauses.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { keepAnew } from '../ledger/keep-anew.ts'
import { keepTokens } from '../ledger/keep-tokens.ts'
import { takeOverHandles, yieldHandles } from '../ledger/cancel-recall.ts'
import { showText } from '../ledger/recalls.ts'
import { defaultPolicy, type Policy } from '../secrets/documents.ts'
import { intakeOf } from '../ledger/token-intake.ts'
import { madeByVendor } from './view-handle.ts'
import { linesOf, type SealedBatch, sealInHand } from '../ledger/tokens.ts'
import { measureOf, stillShown } from './approval.ts'
import { newTarget } from './new-target.ts'
import type { NamedSubject } from './subject.ts'
import type { stopAhead } from './stop-ahead.ts'
import { taskReach } from './task-reach.ts'
import type { Booking } from './drain.ts'
import { firstWishes, unitsOf } from './first-requests.ts'
import { paused } from './paused.ts'
import { batchOf, broughtTokens, digestOfBrought } from './brought.ts'
import { gather, unsealedOf } from './gather.ts'
import { impossibility, planHandles } from './planned-handles.ts'
import type { Admission, Wanted } from './wanted.ts'

/**
 * new: admitted now; `inHand` are the batches of its only push, where the tokens came with the request · known: a recall
 * that does just this is there already. `unsealed`: targets of which push tokens wait to be sealed; they join as that is done,
 * by whoever asked while there is time, and by `sweep`.
 */
export type Admitted = {
  readonly recallId: string
  readonly messageIds: readonly string[]
  readonly unsealed: readonly number[]
} & (
  | {
      readonly kind: 'new'
      readonly work: number
      readonly inHand: readonly SealedBatch[]
      /** All its work is being done here already. */
      readonly taken: boolean
      /** The stop that goes ahead of it while it waits. */
      readonly meanwhile: string | null
    }
  | { readonly kind: 'known'; readonly outside: number }
)

/** What the handles of a subject are in already, and what that means for a new recall. */
interface Met {
  /** An earlier recall does, or did, just this for the handle. */
  readonly links: ReadonlyMap<HandleFacts, PriorRecall>
  /** Handles that this recall takes over: what other recalls have not asked of a vendor yet ends there. */
  readonly takeOvers: readonly PriorRecall[]
  /** Recall targets that let go of their handle and keep their work: they do the same for other devices. */
  readonly yields: readonly number[]
  /** Why nothing can be done about a handle now, whatever its vendor offers. */
  readonly obstacles: ReadonlyMap<HandleFacts, Problem>
  /** Targets of running recalls that the tokens of this request wait at. */
  readonly unsealed: readonly number[]
}

export interface AtHand {
  /** What `gather` gave a moment ago. */
  readonly facts?: SubjectFacts
  /** Of a request that may have a stop go ahead of it: verdicts and timers have none. */
  readonly stopAhead?: typeof stopAhead
  /** Has room for units that are done here as soon as they are admitted. */
  readonly book?: (units: number) => Promise<Booking | null>
}

/** Throws Problems, and unique violations where somebody else admitted meanwhile: look again, and try again. */
export async function admit(
  context: Admission,
  wanted: Wanted,
  reason: string,
  ticket: string | null,
  key: NewRecall['key'],
  atHand: AtHand = {},
): Promise<Admitted> {
  const { ledger, caller, log } = context
  const { operation, named } = wanted
  const { messageIds, handles: found, outside, pauses } = atHand.facts ?? (await gather(context, named, wanted.hold))
  const handles = wanted.atItsEnd === true ? standing(found) : found
  const stopped = pauses.find(({ kind }) => kind !== 'app')
  if (stopped !== undefined) throw paused(stopped)
  const policy = await policyFor(context, wanted)
  const brought = broughtTokens(named)
  const met = await meetPriors(context, wanted, handles, pauses, brought)
  const { links, takeOvers, yields, obstacles } = met
  const unsealed = [...unsealedOf(handles), ...met.unsealed]
  // one that only did this is not enough to hold what comes
  const known =
    wanted.hold !== true
      ? sameRecall(wanted, handles, links)
      : wanted.again
        ? null
        : await sameHold(
            ledger,
            { operation, overlay: wanted.overlay, subject: named.shown, exceptions: named.exceptions },
            caller,
          )
  if (known !== null) return { kind: 'known', recallId: known, messageIds, unsealed, outside }
  const planned = await planHandles(context, wanted, handles, obstacles)
  const impossible = impossibility(planned, links, obstacles, wanted.byPerson === true ? caller : null)
  // with nobody to tell, or more to come, the recall itself says that nothing could be done
  const goesOn = wanted.atItsEnd === true || wanted.hold === true
  if (impossible !== null && !(goesOn && impossible.slug === 'unsupported')) throw impossible
  const inHand = brought === null ? [] : sealInHand(brought, batchOf(named))
  const making = { named, brought, inHand, links, policy }
  const targets = planned.map(one => newTarget(one, making))
  const measured = (overHour: boolean) =>
    measureOf(caller, wanted, planned, handle => links.has(handle), policy, overHour)
  const measure = measured(false)
  if (wanted.expect !== undefined && !stillShown(wanted.expect, measure.bound, measure.reach.devices))
    throw new PlanChanged()
  const asked: Omit<NewRecall, 'entry'> = {
    id: newId('rcl'),
    operation,
    reason,
    ticket,
    ...askedBy(caller),
    outside,
    origin: context.origin ?? null,
    causedBy: context.causes ?? [],
    subject: named.shown,
    overlay: wanted.overlay,
    fallback: wanted.fallback,
    giveUpHours: policy.giveUpHours,
    policyDigest: createHash('sha256').update(canonicalJson(policy)).digest('hex'),
    expiry: wanted.atItsEnd ?? false,
    // what is in the way of the others now may not be in a minute
    measure,
    endsAll: obstacles.size === 0 && planned.every(({ provider }) => provider !== null),
    hold: wanted.hold ?? false,
    // a bare handle takes back what went out under it, not the whole message
    messageIds: named.target === null ? messageIds : [],
    targets,
    key,
  }
  const waits = ({ approval }: Measure) => approval !== null && !approval.broken
  const whole = async (taken: Measure): Promise<NewRecall> => {
    const it = { ...asked, measure: taken }
    return { ...it, entry: await context.signEntry(admissionOf(it)) }
  }
  let meanwhile: string | null = null
  /** The stop that goes ahead of it while it waits: one, or none. */
  const ahead = async (recall: NewRecall): Promise<NewRecall[]> => {
    if (!waits(recall.measure) || wanted.meanwhile !== true || atHand.stopAhead === undefined) return []
    const free = handles.filter(handle => !links.has(handle))
    const stop = await atHand.stopAhead(context, wanted, recall, free, making)
    meanwhile = stop?.id ?? null
    return stop === null ? [] : [stop]
  }
  const supplanted = [...new Set(takeOvers.map(prior => prior.recallId))]
  const supplant = async (recall: NewRecall) => {
    const entries = await Promise.all(
      supplanted.map(object =>
        context.signEntry({ by: caller, action: 'recall.superseded', object, request: { supersededBy: recall.id } }),
      ),
    )
    const stop = await ahead(recall)
    return ledger.transaction(async sql => {
      await takeOverHandles(
        sql,
        takeOvers.map(prior => prior.recallTargetId),
        recall.id,
        entries,
      )
      await yieldHandles(sql, yields)
      const [admitted] = await admitWithin(sql, [recall, ...stop], named.exceptions)
      return admitted ?? { work: 0, leased: [] }
    })
  }
  const giveBack = await context.limits.permitRecall(caller, devicesOf(targets, handles, policy))
  const alone = takeOvers.length + yields.length === 0
  const excepts = named.exceptions !== undefined
  const booking =
    alone && !excepts && !waits(measure) ? ((await atHand.book?.(unitsOf(targets, handles))) ?? null) : null
  const place = async (taken: Measure) => {
    const recall = await whole(taken)
    if (!alone) return supplant(recall)
    if (excepts || (waits(taken) && wanted.meanwhile === true)) {
      const [admitted] = await admitExcepting(ledger, [recall, ...(await ahead(recall))], named.exceptions)
      return admitted ?? { work: 0, leased: [] }
    }
    if (booking === null || booking.units === 0 || waits(taken)) return admitRecall(ledger, recall)
    const { owner, leaseMs, units } = booking
    const wishes = await firstWishes(context.apps, recall, wanted.overlay, handles, units)
    return admitRecall(ledger, { ...recall, lease: { owner, leaseMs, units, wishes } })
  }
  const left = handles.flatMap(handle => (handle.left && handle.targetId !== null ? [handle.targetId] : []))
  if (left.length > 0) await keepAnew(ledger, left)
  const { work, leased } = await place(measure)
    .catch((error: unknown) => {
      if (!isOverHour(error)) throw error
      return place(measured(true))
    })
    .catch((error: unknown) => {
      booking?.cancel()
      giveBack()
      throw error
    })
  booking?.take(leased)
  context.sealer.soon()
  if (supplanted.length > 0) await finishRecalls(ledger, supplanted)
  log.info('recall admitted', { recall_id: asked.id, operation, actor: caller.id, targets: targets.length, work })
  return {
    kind: 'new',
    recallId: asked.id,
    messageIds,
    unsealed,
    work,
    inHand,
    meanwhile,
    taken: work === leased.length,
  }
}

/** Where nobody can tell what the policy is, nothing is begun but what never has a line of its own. Rejects with SecretError. */
async function policyFor(context: Admission, { operation, atItsEnd }: Wanted): Promise<Policy> {
  const reading = context.policy()
  if (operation !== 'stop' && atItsEnd !== true) return reading
  return reading.catch((error: unknown) => {
    context.log.warn('the policy cannot be read: its defaults hold for this stop', { error })
    return defaultPolicy
  })
}

/** Of a message whose time is over, what newer messages have not replaced on screens already. */
function standing(handles: readonly HandleFacts[]): readonly HandleFacts[] {
  const left = handles.filter(({ superseded }) => superseded === null)
  return left.length > 0 ? left : handles
}

/** Devices that work is begun for; of a push whose number nobody knows, what the policy assumes. */
function devicesOf(
  targets: readonly NewRecallTarget[],
  handles: readonly HandleFacts[],
  { assumeAudience }: Policy,
): number {
  const counts = targets.map(({ addressing, batches, audienceSize, linkedId, plan }, index) => {
    if (linkedId !== null || plan.ladder.length === 0) return 0
    if (addressing === 'task')
      return taskReach({ vendorDevices: handles[index]?.vendorDevices ?? null, audienceSize }, assumeAudience).devices
    if (batches.length > 0) return batches.reduce((sum, { count }) => sum + count, 0)
    const handle = handles[index]
    return handle === undefined ? 0 : handle.devices - handle.gone + handle.waiting
  })
  return counts.reduce((a, b) => a + b, 0)
}

async function meetPriors(
  context: Admission,
  wanted: Wanted,
  handles: readonly HandleFacts[],
  pauses: readonly KnownPause[],
  brought: readonly string[] | null,
): Promise<Met> {
  const links = new Map<HandleFacts, PriorRecall>()
  const takeOvers: PriorRecall[] = []
  const yields: number[] = []
  const unsealed: number[] = []
  const obstacles = new Map<HandleFacts, Problem>()
  const meet = (handle: HandleFacts, problem: Problem) => {
    if (wanted.allOrNothing === true) throw problem
    obstacles.set(handle, problem)
  }
  const showing = await recallsShowing(context, wanted, handles)
  for (const handle of handles) {
    const { prior } = handle
    const pause = pauses.find(({ kind, subject }) => kind === 'app' && subject === handle.app)
    if (pause !== undefined) {
      meet(handle, paused(pause))
      continue
    }
    // no earlier recall stands in the way of one that can do nothing
    if (prior === null || handle.superseded !== null) continue
    if (prior.state === 'pending_approval' && (wanted.atItsEnd === true || wanted.breakGlass === true)) {
      // neither waits for a recall that itself waits; what was asked for goes on to wait, unless it would undo this
      if (wanted.atItsEnd === true && !firstOperations(prior.operation).includes('overlay'))
        yields.push(prior.recallTargetId)
      else takeOvers.push(prior)
      continue
    }
    if (prior.superseded) {
      if (prior.active) yields.push(prior.recallTargetId)
      continue
    }
    const same = prior.operation === wanted.operation
    // who asks for it again wants all of it
    if (prior.calledOff && same) {
      if (prior.active) yields.push(prior.recallTargetId)
      continue
    }
    const does = covers(prior, handle, digestOfBrought(wanted.named, handle))
    // at its end, what took it back before is enough, whomever that left alone
    const other = !same || wanted.atItsEnd === true ? null : await otherwise(context, prior, wanted, showing)
    const alike = other === null
    if (wanted.atItsEnd === true && !prior.calledOff && (prior.active || isDone(prior)) && does)
      links.set(handle, prior)
    else if (prior.active && (!same || (!alike && wanted.byPerson === true))) {
      if (wanted.supersede) takeOvers.push(prior)
      else meet(handle, inTheWay(prior, other))
    } else if (prior.active && does && alike) links.set(handle, prior)
    else if (prior.active && brought !== null && alike) {
      await context.limits.permitRecall(context.caller, brought.length)
      await keepTokens(context.ledger, await intakeOf(context.ledger, prior.targetId), linesOf(brought))
      unsealed.push(prior.targetId)
      links.set(handle, prior)
    } else if (prior.active) yields.push(prior.recallTargetId)
    // under a key something else may have been pushed since
    else if (
      !wanted.again &&
      prior.recent &&
      same &&
      isDone(prior) &&
      does &&
      alike &&
      (await isTheVendors(context, handle))
    )
      links.set(handle, prior)
  }
  return { links, takeOvers, yields, obstacles, unsealed }
}

/**
 * The recall that does all of this already. Null: none does, or it does more than the caller may see, and a recall of his own
 * is linked to it.
 */
function sameRecall(
  wanted: Wanted,
  handles: readonly HandleFacts[],
  links: ReadonlyMap<HandleFacts, PriorRecall>,
): string | null {
  if (handles.length === 0 || links.size < handles.length) return null
  const recalls = new Map([...links.values()].map(prior => [prior.recallId, prior.visible]))
  const [first] = recalls
  if (first === undefined || (recalls.size > 1 && wanted.atItsEnd !== true)) return null
  const [recallId, visible] = first
  return visible ? recallId : null
}

async function isTheVendors({ vendors }: Admission, { provider, names }: HandleFacts): Promise<boolean> {
  const found = await vendors.find(provider ?? '')
  return found !== null && madeByVendor(found, names)
}

/** True when the earlier recall's devices are all that this request names. */
function covers(prior: PriorRecall, handle: HandleFacts, brought: string | null): boolean {
  if (brought !== null) return prior.tokensDigest === brought
  return prior.tokensDigest === null && (handle.targetId === null || prior.targetId === handle.targetId)
}

/** What a recall of the same operation does otherwise than this one would; null: nothing. */
async function otherwise(
  context: Admission,
  prior: PriorRecall,
  { named }: Wanted,
  showing: ReadonlySet<string> | null,
): Promise<string | null> {
  if (!(await leavesTheSame(context, prior, named))) return 'with other exceptTokens'
  return showing?.has(prior.recallId) === false ? 'with another new text' : null
}

/** Earlier recalls that show the new text of this one. Null: none need to. */
async function recallsShowing(
  { ledger }: Admission,
  { operation, overlay, byPerson }: Wanted,
  handles: readonly HandleFacts[],
): Promise<ReadonlySet<string> | null> {
  // to a verdict it is enough that the old text goes; a person who sends another text wants to see that one
  if (byPerson !== true || overlay === null || !firstOperations(operation).includes('overlay')) return null
  const priors = handles.flatMap(({ prior }) => (prior?.operation === operation ? prior.recallId : []))
  return priors.length === 0 ? null : showText(ledger, priors, overlay)
}

/** True where the earlier recall leaves just those push tokens alone that this request names, or neither leaves any. */
async function leavesTheSame(
  { ledger }: Admission,
  { recallId, excepts }: PriorRecall,
  { exceptions }: NamedSubject,
): Promise<boolean> {
  if (exceptions === undefined || !excepts) return excepts === (exceptions !== undefined)
  return leavesAlone(ledger, recallId, exceptions)
}

function isDone(prior: PriorRecall): boolean {
  return prior.state === 'done' || prior.state === 'partial'
}

/** The plan is no longer the one that the request expects. */
export class PlanChanged extends Error {
  constructor() {
    super('The plan is another one by now than the one that was shown: look at the new one first.')
  }
}

/**
 * It is named to who may see it; that it is there, everybody learns who asks for the same push. `other`: what a recall of the
 * same operation does otherwise.
 */
function inTheWay({ recallId, operation, visible }: PriorRecall, other: string | null): Problem {
  const name = visible ? ` ${recallId}` : ''
  const which = other === null ? operation : `${operation}, ${other}`
  return new Problem(
    'conflict',
    `This push is in another recall${name} (${which}) already. Wait for it, cancel it, or send "supersede": true.`,
    visible ? { members: { recall: recallId, links: { recall: linkTo(`/v1/recalls/${recallId}`) } } } : {},
  )
}
