/** What the vendors can do of what is asked: a plan for every handle that is meant. Changes nothing. */
import type { Caller } from '../access/grant.ts'
import { Problem } from '../errors.ts'
import { appsOverlaidAlike, type HandleFacts, type PriorRecall } from '../ledger/facts.ts'
import type { joinRecall } from '../ledger/grow-recall.ts'
import type { StoredTarget } from '../ledger/messages.ts'
import type { Operation } from '../operation.ts'
import type { Provider } from '../providers/provider.ts'
import type { Runtime } from '../runtime.ts'
import { addressingOf, beginsWhole, isWhole } from './addressing.ts'
import { readAudience } from './audience.ts'
import { broughtTokens } from './brought.ts'
import { type PlanInput, planTarget, refusedPlan, storedPlan, type TargetPlan, withoutTokens } from './plan.ts'
import { newerNamed } from './superseded.ts'
import { taskReach } from './task-reach.ts'
import { namesOf, tellsStatus } from './view-handle.ts'
import type { Wanted } from './wanted.ts'

export interface Planned {
  readonly handle: HandleFacts
  /** Null: no vendor here goes by that name (any more). */
  readonly provider: Provider | null
  readonly plan: TargetPlan
}

/**
 * A plan for each handle, whatever is wrong with the others: what can never be done is a refusal of that handle, so is what
 * stands in its way (`obstacles`), and what cannot be told now is tried. Rejects with invalid-request where the overlay is invalid for all of them.
 */
export async function planHandles(
  context: Runtime,
  wanted: Wanted,
  handles: readonly HandleFacts[],
  obstacles: ReadonlyMap<HandleFacts, Problem> = new Map(),
): Promise<Planned[]> {
  const windowMs = wanted.overlay === null ? 0 : await overlayWindowOf(context, handles)
  const overlaid =
    wanted.overlay === null || windowMs === 0
      ? new Set<string>()
      : await appsOverlaidAlike(context.ledger, wanted.overlay, windowMs)
  const planned: Planned[] = []
  for (const handle of handles) {
    const obstacle = obstacles.get(handle)
    const { provider, plan } =
      obstacle === undefined
        ? await planHandle(context, planningOf(wanted, handle), handle, overlaid)
        : {
            provider: await context.vendors.find(handle.provider ?? ''),
            plan: refusedPlan(wanted, handle, obstacle.message),
          }
    const audience = readAudience(handle.audience)
    const wholeOf = (operation: Operation) => {
      const way = provider === null ? null : addressingOf(provider, operation, { audience })
      return way !== null && isWhole(way)
    }
    const named =
      provider !== null && !beginsWhole(provider, plan.ladder, { audience }) && broughtTokens(wanted.named) === null
    const whole = named && handle.superseded === null ? withoutTokens(plan, handle, wholeOf) : plan
    if (whole.ladder[0] === 'overlay' && whole.toEverybody) overlaid.add(handle.app)
    planned.push({ handle, provider, plan: whole })
  }
  if (planned.length > 0 && planned.every(({ plan }) => plan.invalid.length > 0)) throw invalidOverlay(planned)
  return planned
}

/** Milliseconds; the longest of the vendors of these handles. 0: none has such a window. */
async function overlayWindowOf({ apps, vendors }: Runtime, handles: readonly HandleFacts[]): Promise<number> {
  const found = await Promise.all(
    handles.map(async ({ app, provider }) => {
      if (provider !== null) return vendors.find(provider)
      // of a bare handle only the app's credentials tell; planning says what is wrong with them
      return (await apps.find(app).catch(() => null))?.provider ?? null
    }),
  )
  return Math.max(0, ...found.map(vendor => vendor?.capabilities.identicalOverlayWindowMs ?? 0))
}

/** `excepts`, `withoutDevices`: as of `PlanInput`. */
type Planning = Pick<Wanted, 'operation' | 'overlay' | 'fallback'> & Pick<PlanInput, 'excepts' | 'withoutDevices'>

function planningOf(wanted: Wanted, { targetId }: HandleFacts): Planning {
  const { named } = wanted
  const isBare = named.target !== null && targetId === null
  return {
    ...wanted,
    excepts: named.exceptions !== undefined,
    withoutDevices: isBare && broughtTokens(named) === null,
  }
}

/** What the vendors can do of what is asked about one handle, with its tokens left aside. */
async function planHandle(
  context: Runtime,
  { operation, fallback, overlay, excepts, withoutDevices = false }: Planning,
  handle: Pick<
    HandleFacts,
    'app' | 'provider' | 'handle' | 'names' | 'audience' | 'audienceSize' | 'record' | 'superseded'
  >,
  overlaid: ReadonlySet<string>,
): Promise<{ readonly provider: Provider | null; readonly plan: TargetPlan }> {
  const app = await context.apps.find(handle.app).catch((error: unknown) => {
    context.log.warn('planned without the credentials', { app: handle.app, error })
    return null
  })
  const provider = app?.provider ?? (await context.vendors.find(handle.provider ?? ''))
  if (provider === null) {
    const why = `The vendor of ${handle.app} is not known here${handle.provider === null ? ': its credentials cannot be read' : ''}.`
    return { provider: null, plan: refusedPlan({ operation }, handle, why) }
  }
  const input = {
    operation,
    fallback,
    overlay,
    app: handle.app,
    handle: handle.handle,
    names: handle.names,
    audience: handle.audience,
    audienceSize: handle.audienceSize,
    provider,
    credentials: app?.credentials ?? null,
    record: handle.record,
    superseded: handle.superseded !== null,
    overlaidAlike: overlaid.has(handle.app),
    excepts,
    withoutDevices,
    today: new Date().toISOString().slice(0, 10),
  }
  return { provider, plan: planOrTry(context, input) }
}

/** A target that comes when its message is being taken back already, as `joinRecall` takes it. */
export async function planLate(
  context: Runtime,
  wanted: Planning,
  target: Pick<StoredTarget, 'id' | 'app' | 'provider' | 'handle' | 'names' | 'audience' | 'audienceSize' | 'figures'>,
  { assumeAudience }: { readonly assumeAudience: number },
): Promise<Parameters<typeof joinRecall>[2][number]> {
  const { app, handle, names, audience, audienceSize } = target
  const facts = {
    app,
    handle,
    names,
    audience,
    audienceSize,
    provider: target.provider,
    record: null,
    superseded: null,
  }
  const { provider, plan } = await planHandle(context, wanted, facts, new Set())
  const whole = provider === null || beginsWhole(provider, plan.ladder, { audience: readAudience(audience) })
  const addressing = whole ? 'task' : 'tokens'
  const size = { vendorDevices: target.figures?.figures.devices ?? null, audienceSize }
  const task = whole ? taskReach(size, assumeAudience) : null
  return {
    targetId: target.id,
    app,
    provider: provider?.name ?? target.provider,
    handle,
    names,
    audience,
    audienceSize,
    addressing,
    plan: storedPlan(plan, task),
    firstStep: provider !== null && tellsStatus(provider, namesOf(provider, handle, names)) ? 'read' : 'act',
  }
}

/** A vendor's own rules that fail over this handle must not fail the others: it is tried as if nothing were known of it. */
function planOrTry({ log }: Runtime, input: PlanInput): TargetPlan {
  try {
    return planTarget(input)
  } catch (error) {
    log.error('a target could not be assessed', { app: input.app, vendor: input.provider.name, error })
    return planTarget({ ...input, credentials: null, record: null })
  }
}

function invalidOverlay(planned: readonly Planned[]): Problem {
  const members = planned.flatMap(({ plan }) => plan.invalid)
  const errors = [...new Map(members.map(({ path, message }) => [path, message]))].map(([path, message]) => ({
    path: `/overlay${path}`,
    message,
  }))
  const [first] = errors
  return new Problem('invalid-request', `${first?.path} ${first?.message}.`, { errors })
}

/** Of so many targets a refusal says why. */
const mostTold = 100

/**
 * Why nothing new would be done; null: something would, or others do it already. What stands in the way (409, 403) and what
 * cannot be told now (503) may pass; that no target can do anything of it (422) does not. `reader`: who is told, with the names
 * that he may know; null: it is kept, and others read it.
 */
export function impossibility(
  planned: readonly Planned[],
  links: ReadonlyMap<HandleFacts, PriorRecall> = new Map(),
  obstacles: ReadonlyMap<HandleFacts, Problem> = new Map(),
  reader: Caller | null = null,
): Problem | null {
  const unlinked = planned.filter(({ handle }) => !links.has(handle))
  if (unlinked.some(({ plan }) => plan.ladder.length > 0)) return null
  const [obstacle] = unlinked.flatMap(({ handle }) => obstacles.get(handle) ?? [])
  if (obstacle !== undefined) return obstacle
  const unknown = unlinked.find(({ provider }) => provider === null)
  if (unknown !== undefined) return new Problem('unavailable', unknown.plan.refusal ?? 'The vendor is not known here.')
  const [first] = unlinked
  if (first === undefined || links.size > 0) return null
  const why = ({ handle, plan }: Planned) =>
    [
      plan.refusal ?? 'No target can do what was asked.',
      ...(reader === null ? [] : newerNamed(handle.superseded, reader)),
    ].join(' ')
  return new Problem('unsupported', why(first), {
    members: {
      targets: planned.slice(0, mostTold).map(one => ({
        app: one.handle.app,
        handle: one.handle.handle,
        provider: one.provider?.name ?? null,
        reason: why(one),
      })),
    },
  })
}
