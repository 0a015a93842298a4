/** Plans in one form, whether they come from the call for plans, from a dry run, or from what the vendors' documents say. */
import type { Effect } from '../../shared/providers/provider.ts'
import type { AppCapabilities, AskedOperation, DryRun, Message, Operation } from './answers.ts'
import { channelName } from './names.ts'
import type { Reach } from './numbers.ts'
import { reachIn, reachOfMessage } from './reach.ts'
import { saidText, sentencesOf } from './sentences.ts'
import { me } from './session.ts'

export interface PlanView {
  readonly operation: AskedOperation
  /** Channels by what people will see, each by its name; in the order of the targets. */
  readonly channels: { readonly [E in Effect]: readonly string[] }
  readonly reach: Reach
  readonly approval: ApprovalLine | null
  readonly warnings: readonly string[]
  /** `news-android: revoke → stop` where a weaker one is done at once. */
  readonly weaker: readonly { readonly app: string; readonly operation: Operation | null }[]
  /** Why none of it can be done; null: something can. */
  readonly refusal: string | null
  readonly digest: string | null
  readonly check: string | null
  readonly targets: number
  /** Another recall that has one of the pushes. */
  readonly running: { readonly id: string | null; readonly operation: AskedOperation } | null
  readonly outside: number
  /** What may be done at once while it waits for another person. */
  readonly meanwhile: 'stop' | null
  /** What the vendor's records said of each push, where they were read. */
  readonly records: readonly {
    readonly app: string
    readonly record: { readonly status: string | null; readonly asOf: string }
  }[]
}

export interface ApprovalLine {
  readonly needed: number
  readonly above: number | null
  readonly because: 'reach' | 'hour' | 'nobody' | 'growth'
}

type Effects = readonly { readonly channel: string; readonly effect: Effect }[]

/** Nothing is claimed of an effect that only a newer service knows. */
function known(effect: Effect): Effect {
  return ['removed', 'replaced', 'stopped'].includes(effect) ? effect : 'none'
}

function grouped(
  targets: readonly { readonly provider: string | null; readonly effects: Effects }[],
): PlanView['channels'] {
  const ways = (effect: Effect) => [
    ...new Set(
      targets.flatMap(({ provider, effects }) =>
        effects.filter(one => known(one.effect) === effect).map(({ channel }) => channelName(provider, channel)),
      ),
    ),
  ]
  return { removed: ways('removed'), replaced: ways('replaced'), stopped: ways('stopped'), none: ways('none') }
}

/** A dry run, also one that stands in a plan or in a problem. */
export function viewDryRun(operation: AskedOperation, run: DryRun): PlanView {
  const { targets } = run
  const told = reachIn(run)
  return {
    operation,
    channels: grouped(targets),
    reach: told ?? {
      devices: run.devices,
      basis: targets.some(({ devices }) => devices === null) ? 'assumed' : 'stated',
    },
    approval: run.approvalNeeded ? (run.approval ?? { needed: 1, above: null, because: 'reach' }) : null,
    warnings: [...new Set(targets.flatMap(({ warnings, notices }) => sentencesOf(warnings, notices)))],
    weaker: targets.flatMap(({ app, requested, operation: done }) =>
      done === requested ? [] : [{ app, operation: done }],
    ),
    refusal:
      targets.length > 0 && targets.every(({ ladder }) => ladder.length === 0)
        ? (sentencesOf(targets[0]?.warnings ?? [], targets[0]?.notices)[0] ?? '')
        : null,
    digest: run.digest ?? null,
    check: run.check ?? null,
    targets: targets.length,
    running: targets.find(({ running }) => running !== null)?.running ?? null,
    outside: run.outside,
    meanwhile: run.meanwhile ?? null,
    records: targets.flatMap(({ app, record }) => (record === null || record === undefined ? [] : [{ app, record }])),
  }
}

/** Without a call for plans: what the vendors' documents say of the apps of a message. */
export function viewDocumented(
  operation: Operation,
  message: Message,
  capabilities: readonly AppCapabilities[],
): PlanView {
  const targets = message.targets.map(({ app, provider }) => {
    const offered = capabilities.find(one => one.app === app)?.operations?.find(one => one.operation === operation)
    return { app, provider, offered, effects: offered?.supported === true ? offered.effects : [] }
  })
  const reach = reachOfMessage(message)
  const line = me.value?.policy?.approvalAbove?.[operation] ?? null
  const unable = targets.filter(({ offered }) => offered?.supported === false)
  return {
    operation,
    channels: grouped(targets),
    reach,
    approval:
      line !== null && reach.devices !== null && reach.devices > line
        ? { needed: 1, above: line, because: 'reach' }
        : null,
    warnings: [...new Set(targets.flatMap(({ offered }) => sentencesOf(offered?.warnings ?? [], offered?.notices)))],
    weaker: unable.map(({ app }) => ({ app, operation: null })),
    refusal:
      targets.length > 0 && unable.length === targets.length
        ? saidText(unable[0]?.offered?.refusal ?? '', unable[0]?.offered?.notices)
        : null,
    digest: null,
    check: null,
    targets: targets.length,
    running: null,
    outside: 0,
    meanwhile: null,
    records: [],
  }
}

/** Over the line from which the digits are typed; a reach that is only assumed, or an overlay to everybody, always is. */
export function isLarge(plan: Pick<PlanView, 'reach'>, toEverybody: boolean): boolean {
  const policy = me.value?.policy
  const line =
    policy === undefined || policy === null || policy.confirmAbove === undefined ? 100_000 : policy.confirmAbove
  if (line === null) return false
  return plan.reach.basis === 'assumed' || toEverybody || plan.reach.devices === null || plan.reach.devices >= line
}
