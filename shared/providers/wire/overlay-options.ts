/** `overlay.options.<provider>`: what a caller may add to an overlay, by lists of member names. */
import { pointer } from '../../errors.ts'
import { isObject, type JsonObject } from './reply.ts'

export interface MemberFault {
  /** A JSON pointer below `/overlay`. */
  readonly path: string
  /** What it must be, without a subject: `must be an object`. */
  readonly message: string
}

/** A fault for each member that is not known, or one where the value is no object at all. Undefined is fine. */
export function checkMembers(value: unknown, known: readonly string[], path: string): MemberFault[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path, message: 'must be an object' }]
  return Object.keys(value)
    .filter(member => !known.includes(member))
    .map(member => ({
      path: `${path}${pointer([member])}`,
      message: `is not taken here; known are ${known.join(', ')}`,
    }))
}

/** The known members of an object; nothing of anything else. */
export function pickMembers(value: unknown, known: readonly string[]): JsonObject {
  if (!isObject(value)) return {}
  return Object.fromEntries(Object.entries(value).filter(([member]) => known.includes(member)))
}
