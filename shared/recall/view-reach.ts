/** How many devices a message went to or a recall is about, and how that is known. Pure. */
import type { StoredMessage, StoredTarget } from '../ledger/messages.ts'
import type { Reach } from '../ledger/new-recall.ts'
import type { StoredRecall } from '../ledger/recalls.ts'
import type { Provider } from '../providers/provider.ts'
import { takesTokens } from './addressing.ts'
import { sumOf } from './approval.ts'
import { taskReach } from './task-reach.ts'

type Providers = ReadonlyMap<string, Provider>

/** `assumed`: devices of a push of which nobody said how many; null: the policy cannot be read, and nothing is assumed. */
export function reachOfMessage({ targets }: StoredMessage, providers: Providers, assumed: number | null): Reach | null {
  const reaches = targets.map(target => reachOfTarget(target, providers, assumed))
  const known = reaches.filter(reach => reach !== null)
  return known.length < reaches.length ? null : sumOf(known)
}

/** Null: it is a push of which nothing is known, and nothing is assumed. */
export function reachOfTarget(target: StoredTarget, providers: Providers, assumed: number | null): Reach | null {
  if (!isTask(target.provider, providers)) return { devices: target.devices + target.waiting, basis: 'exact' }
  const { audienceSize, figures } = target
  return taskReach({ vendorDevices: figures?.figures.devices ?? null, audienceSize }, assumed)
}

/** Of what can be taken back, as it was measured when it was asked for. Null: one of it was not measured. */
export function reachOfRecall({ state, approval, targets, rest }: StoredRecall, providers: Providers): Reach | null {
  // its work is not made yet
  if (state === 'pending_approval' && approval !== null) return { devices: approval.reach, basis: approval.basis }
  const reaches: (Reach | null)[] = [
    ...targets
      .filter(({ plan }) => plan.refusal === null)
      .map(({ provider, plan, tally }): Reach | null => {
        if (!isTask(provider, providers)) return { devices: tally.total ?? 0, basis: 'exact' }
        const devices = plan.reach?.task ?? plan.audienceSize
        const basis = plan.reach?.basis ?? (plan.audienceSize === null ? 'assumed' : 'stated')
        return devices === null ? null : { devices, basis }
      }),
    ...rest.map(({ provider, tally, tasks }): Reach | null => {
      if (!isTask(provider, providers)) return { devices: tally.total ?? 0, basis: 'exact' }
      if (tasks.unmeasured) return null
      return { devices: tasks.devices, basis: tasks.assumed ? 'assumed' : tasks.stated ? 'stated' : 'vendor' }
    }),
  ]
  const known = reaches.filter(reach => reach !== null)
  return known.length < reaches.length ? null : sumOf(known)
}

function isTask(provider: string, providers: Providers): boolean {
  const found = providers.get(provider)
  return found !== undefined && !takesTokens(found)
}
