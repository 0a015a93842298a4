import { Problem } from '../errors.ts'
import type { KnownPause } from '../ledger/pauses.ts'

/** What stands where a pause is in the way. It is named, so that whoever meets it knows whom to ask. */
export function paused({ id, kind, subject, reason }: KnownPause): Problem {
  return new Problem('forbidden', `The ${kind} ${subject} is paused (${id}): ${reason}`, { members: { pause: id } })
}
