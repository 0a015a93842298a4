/** What a recall would touch, as the ledger knows it. Changes nothing. */
import { Problem } from '../errors.ts'
import { countExceptions } from '../ledger/exceptions.ts'
import { factsOf, type HandleFacts, type SubjectFacts } from '../ledger/facts.ts'
import { bringsAudience, nobodyYet } from './brought.ts'
import type { NamedSubject } from './subject.ts'
import type { Admission } from './wanted.ts'

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

/** The devices of each handle without those that are left alone, as far as their tokens are sealed. */
async function leftAlone(
  { ledger }: Admission,
  { exceptions }: NamedSubject,
  handles: readonly HandleFacts[],
): Promise<readonly HandleFacts[]> {
  if (exceptions === undefined) return handles
  const ids = handles.flatMap(({ targetId }) => targetId ?? [])
  const counts = await countExceptions(ledger, ids, exceptions)
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

/** Targets of which push tokens wait to be sealed. */
export function unsealedOf(handles: readonly HandleFacts[]): number[] {
  return handles.flatMap(({ targetId, unsealed }) => (unsealed && targetId !== null ? [targetId] : []))
}

function noTokens(): Problem {
  const errors = [
    { path: '/target/tokens', message: 'must hold at least one push token: this handle was never registered' },
  ]
  return new Problem('invalid-request', '/target/tokens must hold at least one push token.', { errors })
}
