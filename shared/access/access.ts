/**
 * Who asks, and what they may do.
 */
import { timingSafeEqual } from 'node:crypto'
import { Problem } from '../errors.ts'
import { type Right, type Role, rightsOf } from '../functions.ts'
import type { Access, AccessKey } from '../secrets/documents.ts'
import { hashApiKey } from './api-key.ts'

/** Apps, by name; null: all of them. An empty list reaches nothing, and never everything. */
export type Grant = readonly string[] | null

export interface Principal {
  /** `key:<id>`: what records and the audit trail call the actor. */
  readonly id: string
  /** The human behind the key. Null: not stated, so the key cannot stand for a second person. */
  readonly person: string | null
  /** Who owns what this key registers and the idempotency keys it uses: several keys may, so that one can be rotated. */
  readonly owner: string
  readonly roles: readonly Role[]
  readonly apps: '*' | ReadonlySet<string>
  may(right: Right): boolean
  reaches(app: string): boolean
  /** The apps within which it has this right: what statements take as the caller's grant. */
  grantFor(right: Right): Grant
}

/**
 * The owner of the API key in an `Authorization` header, as received.
 *
 * Throws `unauthorized` (401). An expired key gets the answer of an unknown one, and takes as long.
 */
export function authenticate(authorization: string | undefined, access: Access, now: Date): Principal {
  const key = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1]
  if (key === undefined) throw unauthorized('Send the API key as "Authorization: Bearer <key>".')
  const digest = hashApiKey(key)
  let found: AccessKey | null = null
  // No early end: how long it takes must not tell which key came near.
  for (const candidate of access.keys) {
    const same = timingSafeEqual(digest, candidate.digest)
    const live = candidate.expiresAt === null || now < candidate.expiresAt
    if (same && live) found = candidate
  }
  if (found === null) throw unauthorized('The API key is not known here, or has expired.')
  return principalOf(found)
}

function principalOf({ id, person, owner, roles, apps }: AccessKey): Principal {
  const rights = new Set(roles.flatMap(role => rightsOf[role]))
  return {
    id: `key:${id}`,
    person,
    owner: `key:${owner}`,
    roles,
    apps,
    may: right => rights.has(right),
    reaches: app => apps === '*' || apps.has(app),
    grantFor: right => (!rights.has(right) ? [] : apps === '*' ? null : [...apps]),
  }
}

function unauthorized(detail: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': 'Bearer' } })
}
