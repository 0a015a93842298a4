import { Problem } from '../errors.ts'
import type { KnownPause } from '../ledger/pauses.ts'

/** Of somebody by his id (`key:ops`, `oidc:…`) or his person. */
export function isPaused(
  { kind, subject }: Pick<KnownPause, 'kind' | 'subject'>,
  id: string,
  person: string | null,
): boolean {
  if (kind === 'person') return subject === person
  // who signs in has no key
  return `${kind}:${subject}` === id || (kind === 'key' && subject.startsWith('oidc:') && subject === id)
}

/** What stands where a pause is in the way. It is named, so that whoever meets it knows whom to ask. */
export function paused({ id, kind, subject, reason }: KnownPause): Problem {
  return new Problem('forbidden', `The ${kind} ${subject} is paused (${id}): ${reason}`, { members: { pause: id } })
}
