/** A plan before anything is done: per target what people will see, how many they are, and what must be agreed to. */
import { handleOf, isByTokens } from './handle.ts'
import type { Plan, PlannedTarget } from '../answers.ts'
import type { Say } from './language.ts'
import { basisOf, effectsOf, operationOf, outsideLines, reachOf, warningLines } from './recall.ts'
import { columnsOf, padEnd, padStart, plain, wrap } from './text.ts'

export function planLines(plan: Plan, say: Say, columns: number | null): string[] {
  return [
    ...targets(plan, say, columns),
    ...warningLines(plan.targets, say),
    ...plan.targets.flatMap(({ app, running }) =>
      running === null || running === undefined
        ? []
        : [`! ${say('alreadyRunning', { app: plain(app), recall: running.id ?? '–' })}`],
    ),
    ...outsideLines(plan.outside, say),
    reachLine(plan, say),
    ...approvalLines(plan, say),
  ]
}

/** One line per target where it fits; where it does not, effects stand below. */
function targets({ targets }: Plan, say: Say, columns: number | null): string[] {
  const rows = targets.map(target => ({
    app: plain(target.app),
    push: plain(handleOf(target)),
    operation: operationOf(target, say),
    effects:
      effectsOf(target.effects, target.provider, say) || (target.operation === null ? say('nothingPossible') : ''),
    reach: devicesOf(target, say),
  }))
  const widest = (pick: (row: (typeof rows)[number]) => string) => Math.max(0, ...rows.map(row => columnsOf(pick(row))))
  const [apps, pushes, operations, reaches] = [
    widest(row => row.app),
    widest(row => row.push),
    widest(row => row.operation),
    widest(row => row.reach),
  ]
  const head = apps + pushes + operations + reaches + 8
  const room = (columns ?? 120) - head - 2
  return rows.flatMap(({ app, push, operation, effects, reach }) => {
    const before = `  ${padEnd(app, apps)}  ${padEnd(push, pushes)}  ${padEnd(operation, operations)}  ${padStart(reach, reaches)}`
    if (columnsOf(effects) <= room) return [`${before}  ${effects}`.trimEnd()]
    const narrow = columns !== null && head > columns
    const first = narrow ? [`  ${app} ${push}`, `    ${operation}  ${reach}`] : [before]
    return [...first, ...wrap(effects, Math.max(20, (columns ?? 120) - 4)).map(line => `    ${line}`)].map(line =>
      line.trimEnd(),
    )
  })
}

function devicesOf(target: PlannedTarget, say: Say): string {
  const { reach, devices } = target
  if (reach !== undefined && reach !== null) return reachOf(reach.devices, reach.basis, say)
  if (devices === undefined || devices === null) return say('notKnown')
  // a vendor that addresses tasks counts no devices: the number is whoever's estimate
  return reachOf(devices, isByTokens(target) ? 'exact' : null, say)
}

function reachLine(plan: Plan, say: Say): string {
  const reach = reachIn(plan)
  if (reach === null) return say('reachUnknown')
  return say('reachIs', {
    devices: reachOf(reach.devices, reach.basis, say),
    basis: reach.basis === null ? say('estimate') : basisOf(reach.basis, say),
  })
}

/** Null: the service does not tell. A service of before says a number without its basis. */
export function reachIn({ reach, devices }: Plan): { readonly devices: number; readonly basis: string | null } | null {
  if (reach !== undefined) return reach
  return devices === null ? null : { devices, basis: null }
}

function approvalLines({ approvalNeeded, approval, meanwhile }: Plan, say: Say): string[] {
  if (!approvalNeeded) return []
  const { needed = 1, above = null } = approval ?? {}
  const line =
    above === null ? say('needsApproval', { needed }) : say('needsApprovalAbove', { needed, above: say.number(above) })
  return [`! ${line}`, ...(meanwhile === 'stop' ? [`  ${say('meanwhileOffer')}`] : [])]
}

/**
 * Whether four digits are asked for: the reach is `confirmAbove` or more, or only assumed, or an overlay may go to everybody.
 * `confirmAbove` null: the policy wants none for a number.
 */
export function isLarge(plan: Plan, confirmAbove: number | null): boolean {
  const reach = reachIn(plan)
  if (reach === null || reach.basis === 'assumed') return true
  if (confirmAbove !== null && reach.devices >= confirmAbove) return true
  return plan.targets.some(target => target.operation === 'overlay' && mayReachEverybody(target))
}

/** Push tokens name who is meant; a task goes to whoever the vendor's record says. */
function mayReachEverybody(target: PlannedTarget): boolean {
  if (isByTokens(target)) return false
  const { audience, record } = target
  const known = record?.audience ?? audience ?? null
  return known === null || known === 'all'
}
