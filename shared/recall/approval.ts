/** When a recall takes another person: how many devices it reaches, the line of what it may come to, and its digest. Pure. */
import { createHash } from 'node:crypto'
import type { Caller } from '../access/grant.ts'
import { canonicalJson } from '../canonical-json.ts'
import { identityOf } from '../ledger/approvals.ts'
import type { HandleFacts } from '../ledger/facts.ts'
import type { Measure, NewApproval, Reach } from '../ledger/new-recall.ts'
import { digestTokens, uniqueOf } from '../ledger/tokens.ts'
import type { Policy } from '../secrets/documents.ts'
import { beginsWhole } from './addressing.ts'
import { readAudience } from './audience.ts'
import type { TargetPlan } from './plan.ts'
import { taskReach } from './task-reach.ts'
import { broughtTokens } from './brought.ts'
import type { Planned } from './planned-handles.ts'
import type { Wanted } from './wanted.ts'

/** An approval, or what was shown of a plan, holds for so many times the devices that were shown. */
const slack = 1.25

const weakestFirst: readonly Reach['basis'][] = ['assumed', 'stated', 'vendor', 'exact']

/** Devices of one target. `linked`: another recall does it. */
export function reachOf(
  { handle, provider, plan }: Planned,
  brought: readonly string[] | null,
  { assumeAudience }: Pick<Policy, 'assumeAudience'>,
  linked = false,
): Reach {
  if (plan.ladder.length === 0 || linked) return { devices: 0, basis: 'exact' }
  if (provider === null || beginsWhole(provider, plan.ladder, { audience: readAudience(handle.audience) }))
    return taskReach(handle, assumeAudience)
  if (brought !== null) return { devices: uniqueOf(brought).length, basis: 'exact' }
  return { devices: handle.devices - handle.gone + handle.waiting, basis: 'exact' }
}

/** Of several the weakest basis counts. */
export function sumOf(reaches: readonly Reach[]): Reach {
  const devices = reaches.reduce((sum, reach) => sum + reach.devices, 0)
  const basis = weakestFirst.find(word => reaches.some(reach => reach.basis === word)) ?? 'exact'
  return { devices, basis }
}

/**
 * The devices above which it takes another person: the lowest line of all that the targets may come to. Null: any number
 * takes none.
 */
export function lineOf(
  plans: readonly Pick<TargetPlan, 'ladder'>[],
  { approvalAbove }: Pick<Policy, 'approvalAbove'>,
): number | null {
  const rungs = new Set(plans.flatMap(({ ladder }) => ladder))
  const lines = [...rungs].map(rung => approvalAbove[rung]).filter(line => line !== null)
  return lines.length === 0 ? null : Math.min(...lines)
}

/** SHA-256, in hex, of what is compared exactly: operation, new text, and each target with what may become of it. */
export function boundOf({ operation, overlay, fallback, named }: Wanted, planned: readonly Planned[]): string {
  const brought = broughtTokens(named)
  const tokens = brought === null ? null : digestTokens(brought)
  const targets = planned
    .map(({ handle, provider, plan }) => ({
      app: handle.app,
      provider: provider?.name ?? handle.provider,
      handle: handle.handle,
      message: handle.messageId,
      audience: handle.audience,
      tokens,
      ladder: plan.ladder,
    }))
    .sort((a, b) => (`${a.app} ${a.handle}` < `${b.app} ${b.handle}` ? -1 : 1))
  const bound = {
    operation,
    overlay,
    fallback,
    targets,
    ...(named.exceptions === undefined ? {} : { exceptTokens: digestTokens(named.exceptions.devices) }),
  }
  return createHash('sha256').update(canonicalJson(bound)).digest('hex')
}

export function digestOf(bound: string, reach: number): string {
  return `${bound}-${reach}`
}

/** Four digits that stand for a digest, to be typed by who acts on it. */
export function checkOf(digest: string): string {
  const head = createHash('sha256').update(digest).digest().readUInt32BE(0)
  return String(head % 10_000).padStart(4, '0')
}

/** Whether a plan is still what somebody was shown: everything alike, and at most 1.25 times the devices. */
export function stillShown(expected: string, bound: string, reach: number): boolean {
  const [, shownBound, shown] = /^([0-9a-f]{64})-(\d{1,15})$/.exec(expected) ?? []
  return shownBound === bound && reach <= Number(shown) * slack
}

/** Whose hour a recall counts to: the person, whatever key they hold; else the owner of the key. Null: a timer's or an endpoint's. */
export function payerOf({ id, person, owner }: Caller): string | null {
  if (isMachine(id)) return null
  return person === null ? owner : `person:${identityOf(person)}`
}

function isMachine(id: string): boolean {
  return id.startsWith('timer:') || id.startsWith('endpoint:')
}

/** What a recall is measured by, and whom it waits for. `overHour`: the hour of its payer is over the line with it. */
export function measureOf(
  caller: Caller,
  wanted: Wanted,
  planned: readonly Planned[],
  linked: (handle: HandleFacts) => boolean,
  policy: Policy,
  overHour: boolean,
): Measure {
  const brought = broughtTokens(wanted.named)
  const reach = sumOf(planned.map(one => reachOf(one, brought, policy, linked(one.handle))))
  const plans = planned.filter(({ handle }) => !linked(handle)).map(({ plan }) => plan)
  const line = wanted.atItsEnd === true ? null : wanted.line === undefined ? lineOf(plans, policy) : wanted.line
  const bound = boundOf(wanted, planned)
  const payer = payerOf(caller)
  const over = line !== null && (reach.devices > line || overHour)
  if (!over) return { reach, bound, line, payer, approval: null }
  const alone = caller.person === null && !isMachine(caller.id)
  const approval: NewApproval = {
    needed: alone ? 2 : 1,
    above: line,
    because: reach.devices <= line ? 'hour' : alone ? 'nobody' : 'reach',
    digest: digestOf(bound, reach.devices),
    ttlMinutes: policy.approvalTtlMinutes,
    broken: wanted.breakGlass === true,
  }
  return { reach, bound, line, payer, approval }
}
