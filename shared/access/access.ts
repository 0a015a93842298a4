/**
 * Who asks, and what they may do.
 */
import { timingSafeEqual } from 'node:crypto'
import { Problem } from '../errors.ts'
import { type Right, type Role, rightsOf } from '../functions.ts'
import type { Access, AccessKey } from '../secrets/documents.ts'
import { hashApiKey } from './api-key.ts'
import type { RefusalReason } from './refusals.ts'

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

export function bearerKey(authorization: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1]
}

/**
 * The owner of the API key in an `Authorization` header, as received.
 *
 * Throws `unauthorized` (401). An expired key gets the answer of an unknown one, and takes as long.
 */
export function authenticate(authorization: string | undefined, access: Access, now: Date): Principal {
  const key = bearerKey(authorization)
  if (key === undefined) throw unauthorized('Send the API key as "Authorization: Bearer <key>".', { why: 'missing' })
  const digest = hashApiKey(key)
  let found: AccessKey | null = null
  let expired: AccessKey | null = null
  // No early end: how long it takes must not tell which key came near.
  for (const candidate of access.keys) {
    const same = timingSafeEqual(digest, candidate.digest)
    const live = candidate.expiresAt === null || now < candidate.expiresAt
    if (same && live) found = candidate
    if (same && !live) expired = candidate
  }
  if (found === null) {
    const refusal: Refusal = expired === null ? { why: 'unknown' } : { why: 'expired', key: expired.id }
    throw unauthorized('The API key is not known here, or has expired.', refusal)
  }
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

/** Why a credential was refused: the `cause` of the problem, for the log. */
export interface Refusal {
  readonly why: Extract<RefusalReason, 'missing' | 'unknown' | 'expired'>
  /** Its id. */
  readonly key?: string
}

function unauthorized(detail: string, refusal: Refusal): Problem {
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': 'Bearer' }, cause: refusal })
}
