/** What is asked, and what the vendors can do of it: facts and a plan for every handle that is meant. Changes nothing. */
import type { Caller } from '../access/grant.ts'
import { batchBounds } from '../bounds.ts'
import { Problem } from '../errors.ts'
import type { Cause } from '../ledger/new-recall.ts'
import { countExceptions } from '../ledger/exceptions.ts'
import type { joinRecall } from '../ledger/grow-recall.ts'
import { appsOverlaidAlike, factsOf, type HandleFacts, type PriorRecall, type SubjectFacts } from '../ledger/facts.ts'
import type { StoredTarget } from '../ledger/messages.ts'
import { digestTokens } from '../ledger/tokens.ts'
import type { AskedOperation } from '../asked-operation.ts'
import type { Operation } from '../operation.ts'
import type { Provider } from '../providers/provider.ts'
import type { Runtime } from '../runtime.ts'
import {
  type Overlay,
  type PlanInput,
  planTarget,
  refusedPlan,
  storedPlan,
  type TargetPlan,
  withoutTokens,
} from './plan.ts'
import { addressingOf, beginsWhole, isWhole, takesAudience } from './addressing.ts'
import { readAudience } from './audience.ts'
import type { NamedSubject } from './subject.ts'
import { newerNamed } from './superseded.ts'
import { namesOf, tellsStatus } from './view-handle.ts'
import { taskReach } from './task-reach.ts'

/** What is asked, whoever asks. */
export interface Wanted {
  readonly operation: AskedOperation
  readonly overlay: Overlay | null
  readonly fallback: boolean
  readonly again: boolean
  readonly supersede: boolean
  /**
   * Nobody asks: the time of the message is over. It goes behind whatever somebody asked for, and what took a push back
   * before, or is about to, is enough.
   */
  readonly atItsEnd?: boolean
  /** A person asks, and reads why nothing can be done: messages that he may see are named there. */
  readonly byPerson?: boolean
  /** What stands in the way of one handle refuses all of it; without, that handle fails and the others go on. */
  readonly allOrNothing?: boolean
  /** The line of an endpoint, in place of the policy's; null: it has none. */
  readonly line?: number | null
  /** What is registered under its content or message until it gives up is taken in: neither need be known yet. */
  readonly hold?: boolean
  /** It begins at once, whatever line it is over, and is reviewed afterwards. */
  readonly breakGlass?: boolean
  /** While it waits for others, a stop goes ahead of it. */
  readonly meanwhile?: boolean
  /** The digest of the plan that was shown: another plan is refused. */
  readonly expect?: string
  readonly named: NamedSubject
}

/** What admitting takes: a request has it, and so has a verdict. */
export type Admission = Runtime & {
  readonly caller: Caller
  /** `https://…` of the request that it comes of. */
  readonly origin?: string | null
  /** Who made it start, where that is somebody else than the caller. */
  readonly causes?: readonly Cause[]
}

/**
 * What a recall would touch, as far as the caller reaches it. What waits to be sealed is not waited for: it joins once it is
 * sealed.
 */
export async function gather(context: Admission, named: NamedSubject, hold = false): Promise<SubjectFacts> {
  const facts = await factsOf(context.ledger, { subject: named.subject, caller: context.caller })
  if ('messages' in named.subject) refuseUnknown(named.subject.messages, facts)
  if (hold) return { ...facts, handles: await leftAlone(context, named, facts.handles) }
  if (facts.messageIds.length === 0 && facts.outside > 0) {
    throw new Problem('forbidden', 'Nothing that this names was pushed through an app that this key reaches.', {
      members: { outside: facts.outside },
    })
  }
  if ('message' in named.subject && facts.messageIds.length === 0)
    throw new Problem('not-found', `There is no message ${named.subject.message}.`)
  if ('content' in named.subject && facts.messageIds.length === 0)
    throw new Problem('not-found', `No message carries the content ${named.subject.content}.`)
  const { target } = named
  if (target?.tokens?.length === 0 && facts.handles.every(handle => handle.targetId === null)) {
    throw noTokens()
  }
  const known = await leftAlone(context, named, facts.handles)
  const handles = known.map(handle =>
    target === null
      ? handle
      : {
          ...handle,
          ...(bringsAudience(target, handle) && nobodyYet),
          provider: target.provider,
          names: target.names ?? handle.names,
          audience: target.audience ?? handle.audience,
          audienceSize: target.audienceSize ?? handle.audienceSize,
        },
  )
  return { ...facts, handles }
}

/** Another audience than was registered: it is taken back as tokens are that a bare handle brings, by a target of its own. */
function bringsAudience({ opened, audience }: NonNullable<NamedSubject['target']>, handle: HandleFacts): boolean {
  return audience !== null && audience !== handle.audience && takesAudience(opened.provider)
}

const nobodyYet = { targetId: null, devices: 0, gone: 0, left: false, unsealed: false, waiting: 0 } as const

/** The devices of each handle without those that are left alone, as far as their tokens are sealed. */
async function leftAlone(
  { ledger }: Admission,
  { exceptTokens = [] }: NamedSubject,
  handles: readonly HandleFacts[],
): Promise<readonly HandleFacts[]> {
  if (exceptTokens.length === 0) return handles
  const ids = handles.flatMap(({ targetId }) => targetId ?? [])
  const counts = await countExceptions(ledger, ids, exceptTokens)
  return handles.map(handle => ({ ...handle, devices: handle.devices - (counts.get(handle.targetId ?? 0) ?? 0) }))
}

/** One that is not there may be another one mistyped: nothing is begun before the list is right. Throws not-found. */
function refuseUnknown(asked: readonly string[], { messageIds, beyond }: SubjectFacts): void {
  const known = new Set([...messageIds, ...beyond])
  const unknown = asked.filter(id => !known.has(id))
  if (unknown.length === 0) return
  const named = unknown.slice(0, mostNamed).join(', ')
  const more = unknown.length > mostNamed ? ` and ${unknown.length - mostNamed} more` : ''
  throw new Problem('not-found', `There is no message ${named}${more}.`, {
    errors: unknown.map(id => ({ path: `/messages/${asked.indexOf(id)}`, message: `there is no message ${id}` })),
    members: { messages: unknown },
  })
}

/** In one sentence; `messages` has all. */
const mostNamed = 10

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
    excepts: named.exceptTokens !== undefined,
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

/** Targets of which push tokens wait to be sealed. */
export function unsealedOf(handles: readonly HandleFacts[]): number[] {
  return handles.flatMap(({ targetId, unsealed }) => (unsealed && targetId !== null ? [targetId] : []))
}

/** Tokens that came with a bare handle; null: those registered for it are meant. */
export function broughtTokens({ target }: NamedSubject): readonly string[] | null {
  return target?.tokens?.length ? target.tokens : null
}

function noTokens(): Problem {
  const errors = [
    { path: '/target/tokens', message: 'must hold at least one push token: this handle was never registered' },
  ]
  return new Problem('invalid-request', '/target/tokens must hold at least one push token.', { errors })
}

/** What tells the devices that a bare handle brought from others; null: those registered for it are meant. */
export function digestOfBrought(named: NamedSubject, { targetId, names }: HandleFacts): string | null {
  const tokens = broughtTokens(named)
  if (tokens !== null) return digestTokens(tokens)
  const { target } = named
  if (target === null || targetId !== null || target.audience === null || !takesAudience(target.opened.provider))
    return null
  const { handles } = target.opened.provider
  // members that belong to the audience stand beside the names of the push
  const others = Object.entries(names ?? {}).filter(([name]) => !handles.some(({ member }) => member === name))
  return digestTokens([target.audience, ...others.map(([name, value]) => `${name} ${value}`)])
}

/** Tokens that fit one request for the bare handle. */
export function batchOf({ target }: NamedSubject): number {
  return target?.batch ?? batchBounds.tokens
}
