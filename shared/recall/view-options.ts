import type { Principal } from '../access/access.ts'
import { callerOf } from '../access/grant.ts'
import type { StoredRecall } from '../ledger/recalls.ts'
import { findVendors } from '../providers/provider.ts'
import type { Runtime } from '../runtime.ts'
import { mayDecide } from './deciders.ts'
import type { ViewOptions } from './view.ts'

/** What a view needs besides the rows: only the apps of recalls on their way are looked up, and only vendors that are shown. */
export async function viewOptions(
  runtime: Runtime,
  recalls: readonly StoredRecall[],
  principal: Principal,
): Promise<ViewOptions> {
  const providers = await findVendors(
    runtime.vendors,
    recalls.flatMap(({ targets, rest }) => [...targets, ...rest]),
  )
  const names = new Set(recalls.flatMap(recall => (recall.state === 'running' ? recall.apps : [])))
  const rates = new Map<string, number | null>()
  for (const name of names) {
    const app = await runtime.apps.find(name).catch(() => null)
    const lane = app?.provider.fare('revoke', 1, app.credentials)[0]?.lane
    rates.set(name, lane?.kind === 'rate' ? lane.perSecond : null)
  }
  return {
    providers,
    rateOf: name => rates.get(name) ?? null,
    now: new Date(),
    caller: callerOf(principal, 'read'),
    mayDecide: recall => mayDecide(recall, principal),
    assumeAudience: await runtime.policy().then(
      policy => policy.assumeAudience,
      () => null,
    ),
  }
}
