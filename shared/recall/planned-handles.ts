/** What is asked, and what the vendors can do of it: facts and a plan for every handle that is meant. Changes nothing. */
import type { Principal } from '../access/access.ts'
import { Problem } from '../errors.ts'
import { appsOverlaidAlike, type HandleFacts, type PriorRecall } from '../ledger/facts.ts'
import type { Operation, Provider } from '../providers/provider.ts'
import type { Runtime } from '../runtime.ts'
import { SecretError } from '../secrets/secrets.ts'
import { type Overlay, planTarget, type TargetPlan, withoutTokens } from './plan.ts'
import type { NamedSubject } from './subject.ts'

/** What is asked, whoever asks. */
export interface Wanted {
  readonly operation: Operation
  readonly overlay: Overlay | null
  readonly fallback: boolean
  readonly again: boolean
  readonly supersede: boolean
  /**
   * Nobody asks: the time of the message is over. It goes behind whatever somebody asked for, and what took a push back
   * before, or is about to, is enough.
   */
  readonly atItsEnd?: boolean
  readonly named: NamedSubject
}

/** What admitting takes: a request has it, and so has a verdict. */
export type Admission = Runtime & { readonly principal: Pick<Principal, 'id' | 'person' | 'reaches'> }

/** Facts of the subject. What waits to be sealed is not waited for: it joins once it is sealed. */
export async function gather(
  context: Admission,
  named: NamedSubject,
): Promise<{ messageIds: readonly string[]; handles: readonly HandleFacts[] }> {
  const { principal } = context
  const facts = await context.facts(named.subject)
  if ('message' in named.subject && facts.messageIds.length === 0)
    throw new Problem('not-found', `There is no message ${named.subject.message}.`)
  if ('content' in named.subject && facts.messageIds.length === 0)
    throw new Problem('not-found', `No message carries the content ${named.subject.content}.`)
  const outside = facts.handles.find(handle => !principal.reaches(handle.app))
  if (outside !== undefined)
    throw new Problem('forbidden', `This key does not reach the app ${outside.app}, through which it was pushed.`)
  const { target } = named
  if (target?.tokens?.length === 0 && facts.handles.every(handle => handle.targetId === null)) {
    throw noTokens()
  }
  const handles = facts.handles.map(handle =>
    target === null
      ? handle
      : {
          ...handle,
          provider: target.provider,
          audience: target.audience ?? handle.audience,
          audienceSize: target.audienceSize ?? handle.audienceSize,
        },
  )
  return { messageIds: facts.messageIds, handles }
}

export interface Planned {
  readonly handle: HandleFacts
  readonly provider: Provider
  readonly plan: TargetPlan
}

export async function planHandles(
  context: Runtime,
  wanted: Wanted,
  handles: readonly HandleFacts[],
): Promise<Planned[]> {
  const windowMs = Math.max(
    0,
    ...[...context.providers.values()].map(provider => provider.capabilities.identicalOverlayWindowMs ?? 0),
  )
  const overlaid =
    wanted.overlay === null || windowMs === 0
      ? new Set<string>()
      : await appsOverlaidAlike(context.ledger, wanted.overlay, windowMs)
  const planned: Planned[] = []
  for (const handle of handles) {
    const app = await context.apps.find(handle.app).catch((error: unknown) => {
      if (error instanceof SecretError) return null
      throw error
    })
    const provider = app?.provider ?? context.providers.get(handle.provider ?? '')
    if (provider === undefined)
      throw new Problem(
        'unavailable',
        `The credentials of ${handle.app} cannot be read, and nothing else tells its vendor.`,
      )
    const planable = planTarget({
      operation: wanted.operation,
      fallback: wanted.fallback,
      overlay: wanted.overlay,
      app: handle.app,
      handle: handle.handle,
      audience: handle.audience,
      audienceSize: handle.audienceSize,
      provider,
      credentials: app?.credentials ?? null,
      record: handle.record,
      overlaidAlike: overlaid.has(handle.app),
    })
    const named = provider.capabilities.addressing === 'tokens' && broughtTokens(wanted.named) === null
    const target = named ? withoutTokens(planable, handle) : planable
    if (target.ladder[0] === 'overlay' && target.toEverybody) overlaid.add(handle.app)
    planned.push({ handle, provider, plan: target })
  }
  const errors = [
    ...new Map(planned.flatMap(({ plan }) => plan.invalid).map(error => [error.path, error])).values(),
  ].map(({ path, message }) => ({
    path: `/overlay${path}`,
    message,
  }))
  const [first] = errors
  if (first !== undefined) throw new Problem('invalid-request', `${first.path} ${first.message}.`, { errors })
  return planned
}

export function refuseImpossible(planned: readonly Planned[], links: ReadonlyMap<HandleFacts, PriorRecall>): void {
  if (planned.length === 0 || links.size > 0 || planned.some(({ plan }) => plan.ladder.length > 0)) return
  const [first] = planned
  throw new Problem('unsupported', first?.plan.refusal ?? 'No target can do what was asked.', {
    members: {
      targets: planned.map(({ handle, plan }) => ({ app: handle.app, handle: handle.handle, reason: plan.refusal })),
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
