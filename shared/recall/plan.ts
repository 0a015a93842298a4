/** What would be done to each target, before anything is. Pure. */
import type { StoredPlan, Reach } from '../ledger/new-recall.ts'
import { type AskedOperation, askedOperations } from '../asked-operation.ts'
import type { InputError } from '../errors.ts'
import { audienceGone, capitalised, type Notice, sentenceOf } from '../sentences.ts'
import type { Operation } from '../operation.ts'
import type { Assessment, Credentials, Names, OverlayContent, Provider, VendorRecord } from '../providers/provider.ts'
import { addressingOf, isWhole } from './addressing.ts'
import { hasLeft, readAudience } from './audience.ts'
import { madeByVendor, namesOf } from './view-handle.ts'

/** The new text of an overlay, as the request gives it. */
export interface Overlay extends Omit<OverlayContent, 'options'> {
  /** By provider name. */
  readonly options: { readonly [provider: string]: OverlayContent['options'] }
}

export interface PlanInput {
  readonly operation: AskedOperation
  readonly fallback: boolean
  readonly overlay: Overlay | null
  readonly app: string
  readonly handle: string
  /** Null: the handle tells them. */
  readonly names: Names | null
  /** As `keptAudience` wrote it. */
  readonly audience: string | null
  readonly audienceSize: number | null
  readonly provider: Provider
  /** Null: they could not be read just now; what depends on them is tried. */
  readonly credentials: Credentials | null
  readonly record: VendorRecord | null
  /** Another message was registered under its key since. */
  readonly superseded: boolean
  /** The app showed everybody this very overlay within the span in which its vendor refuses repeats. */
  readonly overlaidAlike: boolean
  /** Some push tokens are left alone. */
  readonly excepts: boolean
  /** It was never registered, and no push token came with it. */
  readonly withoutDevices?: boolean
  /** `YYYY-MM-DD`: what a vendor has retired by then counts no more where there is a choice. */
  readonly today: string
}

export interface TargetPlan extends StoredPlan {
  /** Members of the request's overlay that this target cannot go with. */
  readonly invalid: readonly InputError[]
  /** Its overlay goes to everybody. */
  readonly toEverybody: boolean
}

const superseded = { code: 'superseded', params: {} } as const satisfies Notice

/** revoke → overlay (where its content was given) → stop: the strongest first. */
export function ladderOf(operation: Operation, fallback: boolean, overlayGiven: boolean): Operation[] {
  const strongestFirst: Operation[] = ['revoke', 'overlay', 'stop']
  const below = strongestFirst.slice(strongestFirst.indexOf(operation))
  return below.filter(step => step === operation || (fallback && (step !== 'overlay' || overlayGiven)))
}

/** Of a correction: revoke before overlay, or after it where overlaying reaches what revoking leaves on screens. */
function rungsOf(input: PlanInput): readonly [Operation, ...Operation[]] {
  const { operation, fallback, overlay } = input
  if (operation === 'correct')
    return overlayReachesFurther(input) ? ['overlay', 'revoke', 'stop'] : ['revoke', 'overlay', 'stop']
  const [, ...below] = ladderOf(operation, fallback, overlay !== null)
  return [operation, ...below]
}

export function planTarget(input: PlanInput): TargetPlan {
  const { provider, credentials } = input
  const rungs = rungsOf(input)
  const [preferred] = rungs
  const correction = input.operation === 'correct'
  const ladder: Operation[] = []
  const steps: { -readonly [O in keyof StoredPlan['steps']]: StoredPlan['steps'][O] } = {}
  const refusals: string[] = []
  const notices: Notice[] = []
  const remarks: string[] = []
  const refusedRepeats: string[] = []
  let invalid: readonly InputError[] = []
  let toEverybody = false
  if (input.superseded) {
    notices.push(superseded)
    refusals.push(sentenceOf(superseded))
  }
  for (const step of rungs) {
    // which of the two is chosen is no falling back
    if (correction && !input.fallback && (step === 'stop' || ladder.length > 0)) break
    // the key names another push now; a stop by the vendor's own task id would still name this one
    if (input.superseded && (step !== 'stop' || !madeByVendor(provider, input.names))) continue
    const whole = input.excepts ? leavesNobodyOut(input, step) : null
    if (whole !== null) {
      if (!refusals.includes(whole)) refusals.push(whole)
      continue
    }
    const none = provider[step] === undefined ? `${provider.name} offers no ${step}.` : null
    if (credentials === null) {
      if (none !== null) {
        refusals.push(none)
        continue
      }
      ladder.push(step)
      steps[step] = {
        effects: [],
        warnings: [`The credentials of ${input.app} could not be read; they are asked for again.`],
      }
      continue
    }
    const assessment = assessed(input, credentials, step)
    const refusal = assessment.refusal ?? none ?? missingName(input, step) ?? nobodyNamed(input, step)
    if (refusal !== null) {
      refusals.push(refusal)
      continue
    }
    if (assessment.invalid.length > 0) {
      // Asked for, it is told of: where it is invalid for every target, the caller mends it first.
      if (step === preferred) invalid = assessment.invalid
      refusals.push(`${assessment.invalid.map(({ path, message }) => `overlay${path} ${message}`).join('; ')}.`)
      continue
    }
    const repeated = step === 'overlay' ? repeatedOverlay(input, assessment.toEverybody) : null
    if (repeated !== null) notices.push(repeated)
    if (repeated?.params.certain === true) {
      refusals.push(sentenceOf(repeated))
      refusedRepeats.push(sentenceOf(repeated))
      continue
    }
    if (repeated !== null) remarks.push(sentenceOf(repeated))
    if (step === 'overlay') toEverybody = assessment.toEverybody
    ladder.push(step)
    steps[step] = { effects: assessment.effects, warnings: assessment.warnings }
  }
  const [first] = ladder
  if (first !== undefined && first !== preferred) {
    remarks.unshift(`${refusals.join(' ')} ${capitalised(first)} is done instead of ${preferred}.`)
  }
  // of a weaker operation that is not even tried, nothing else tells
  if (first === preferred) remarks.push(...refusedRepeats)
  return {
    // a correction takes the one of the two that can be done
    requested: correction && (first === 'revoke' || first === 'overlay') ? first : preferred,
    ladder,
    steps,
    refusal: first === undefined ? refusals.join(' ') || `Nothing can be done with ${preferred} here.` : null,
    audienceSize: input.audienceSize,
    ...(remarks.length === 0 ? {} : { remarks }),
    ...(notices.length === 0 ? {} : { notices }),
    invalid,
    toEverybody,
  }
}

/** Why nobody can be left out of an operation; null: its vendor is told which devices are meant, or does not offer it. */
function leavesNobodyOut({ provider, audience }: PlanInput, step: Operation): string | null {
  const way = addressingOf(provider, step, { audience: readAudience(audience) })
  if (way === null || !isWhole(way)) return null
  return `${provider.name} takes back the whole push: no device can be left out of it (exceptTokens).`
}

/** Why the operation cannot name the push, or its devices: the target has nothing that it goes by. Null: it can. */
function missingName(input: PlanInput, step: Operation): string | null {
  const { provider, handle, names: kept, withoutDevices = false } = input
  const needs = provider.capabilities.operations[step]?.needs
  const names = namesOf(provider, handle, kept)
  const missing =
    needs !== undefined && !needs.some(member => names[member] !== undefined)
      ? needs.join(' or ')
      : withoutDevices && namesDevices(input, step)
        ? 'tokens'
        : null
  return missing === null ? null : `${provider.name} needs ${missing} for ${step}: this target was registered without.`
}

/** Why it cannot be told for whom it is: whom the push went to has left. Null: it can, or need not. */
function nobodyNamed({ provider, audience }: PlanInput, step: Operation): string | null {
  if (!hasLeft(audience)) return null
  return addressingOf(provider, step, { audience: readAudience(audience) })?.by === 'audience' ? audienceGone : null
}

function namesDevices({ provider, audience }: PlanInput, step: Operation): boolean {
  const way = addressingOf(provider, step, { audience: readAudience(audience) })
  return way !== null && !isWhole(way)
}

function assessed(input: PlanInput, credentials: Credentials, step: Operation): Assessment {
  const { provider, handle, record, overlay } = input
  const audience = readAudience(input.audience)
  const names = namesOf(provider, handle, input.names)
  return provider.assess(step, { credentials, names, audience, record, overlay: overlayFor(provider.name, overlay) })
}

/** On more of the ways to phones the old text is replaced by an overlay than removed by a revoke, as the vendor's documents stand. */
function overlayReachesFurther(input: PlanInput): boolean {
  return waysCleared(input, 'overlay') > waysCleared(input, 'revoke')
}

/** On so many ways to phones the old text goes, or is replaced. */
function waysCleared(input: PlanInput, step: 'revoke' | 'overlay'): number {
  const { provider, credentials, today } = input
  const rows = provider[step] === undefined ? [] : (provider.capabilities.operations[step]?.channels ?? [])
  const cleared = rows.filter(
    ({ effect, since = today, until = today }) =>
      (effect === 'removed' || effect === 'replaced') && since <= today && today <= until,
  )
  if (credentials === null) return cleared.length
  const { refusal, effects } = assessed(input, credentials, step)
  if (refusal !== null) return 0
  return effects.filter(({ channel, effect }) => cleared.some(row => row.channel === channel && row.effect === effect))
    .length
}

/** The plan of a target for which nothing can be done, whatever its vendor offers. */
export function refusedPlan(
  { operation }: Pick<PlanInput, 'operation'>,
  { audienceSize }: Pick<PlanInput, 'audienceSize'>,
  refusal: string,
): TargetPlan {
  const requested = operation === 'correct' ? 'revoke' : operation
  return { requested, ladder: [], steps: {}, refusal, audienceSize, invalid: [], toEverybody: false }
}

/** What is kept with the recall. `task`: of a push that its vendor addresses as a whole; null: its tokens are counted. */
export function storedPlan({ invalid: _, toEverybody: __, ...plan }: TargetPlan, task: Reach | null): StoredPlan {
  return { ...plan, reach: task === null ? { task } : { task: task.devices, basis: task.basis } }
}

/** The same words were shown a short while ago: the vendor refuses them, or would if this push went to everybody. */
function repeatedOverlay({ overlaidAlike, audience, record, provider }: PlanInput, toEverybody: boolean) {
  const unknown = audience === null && record === null
  const windowMs = provider.capabilities.identicalOverlayWindowMs
  if (!overlaidAlike || windowMs === null || !(toEverybody || unknown)) return null
  const params = { windowSeconds: windowMs / 1000, certain: toEverybody }
  return { code: 'identical_overlay', params } as const satisfies Notice
}

/** What the plan says of its operation, in sentences: why it is not the one that was asked, and what it will not do. */
export function plannedWarnings(plan: StoredPlan, operation: Operation | null): string[] {
  return [
    ...(plan.refusal === null ? [] : [plan.refusal]),
    ...(plan.remarks ?? []),
    ...(operation === null ? [] : (plan.steps[operation]?.warnings ?? [])),
  ]
}

/**
 * The plan of a target of whose `devices` the push tokens of `gone` were deleted; `unsealed`: further ones have come since.
 * What ends the whole push, as `wholeOf` tells, is done all the same.
 */
export function withoutTokens(
  plan: TargetPlan,
  { devices, gone, unsealed }: { readonly devices: number; readonly gone: number; readonly unsealed: boolean },
  wholeOf: (operation: Operation) => boolean,
): TargetPlan {
  if (gone === 0) return plan
  const deleted = 'deleted when their time was over (tokenRetentionDays)'
  if (gone === devices && !unsealed) {
    const refusal = `The push tokens of all ${devices} devices were ${deleted}: the vendor can no longer be told which devices are meant.`
    const ladder = plan.ladder.filter(wholeOf)
    const [first] = ladder
    if (first === undefined) return { ...plan, ladder, steps: {}, refusal }
    const instead = `${refusal} ${capitalised(first)} is done instead of ${plan.requested}.`
    return { ...plan, ladder, remarks: [instead, ...(plan.remarks ?? [])] }
  }
  const warning = `The push tokens of ${gone} of ${devices} devices were ${deleted}: those are not taken back.`
  const steps = Object.fromEntries(
    Object.entries(plan.steps).map(([operation, step]) => [
      operation,
      wholeOf(operation as Operation) ? step : { ...step, warnings: [warning, ...step.warnings] },
    ]),
  )
  return { ...plan, steps }
}

export function overlayFor(provider: string, overlay: Overlay | null): OverlayContent | null {
  return overlay === null ? null : { ...overlay, options: overlay.options[provider] ?? {} }
}

export function isAskedOperation(text: string): text is AskedOperation {
  return (askedOperations as readonly string[]).includes(text)
}
