/**
 * Who asks, and what they may do.
 */
import { timingSafeEqual } from 'node:crypto'
import { Problem } from '../errors.ts'
import { type Right, type Role, rightsOf } from '../functions.ts'
import type { Access, AccessKey } from '../secrets/access-document.ts'
import { hashApiKey } from './api-key.ts'
import type { RefusalReason } from './refusals.ts'
import type { TokenFault } from './token-refused.ts'

/** Apps, by name; null: all of them. An empty list reaches nothing, and never everything. */
export type Grant = readonly string[] | null

export interface Principal {
  /** `key:<id>` or `oidc:<sub>`: what records and the audit trail call the actor. */
  readonly id: string
  /** The human behind the key or the token. Null: not stated, so that it cannot stand for a second one. */
  readonly person: string | null
  /** Who owns what this key registers and the idempotency keys it uses: several keys may, so that one can be rotated. */
  readonly owner: string
  /** Of the key or the token. Null: it does not expire. */
  readonly expiresAt: Date | null
  /** Wherever it holds them: what it may do where, only `grantFor` tells. */
  readonly roles: readonly Role[]
  /** In some app, or in all that it would reach. */
  may(right: Right): boolean
  reaches(app: string, right: Right): boolean
  /** The apps within which it has this right: what statements take as the caller's grant. */
  grantFor(right: Right): Grant
}

/** A role within apps: an access token may hold several, each within apps of its own. */
export interface HeldRole {
  readonly role: Role
  readonly grant: Grant
}

export function makePrincipal(
  who: Pick<Principal, 'id' | 'person' | 'owner' | 'expiresAt'>,
  held: readonly HeldRole[],
): Principal {
  const within = (right: Right) => held.filter(({ role }) => rightsOf[role].includes(right)).map(({ grant }) => grant)
  const grantFor = (right: Right): Grant => {
    const grants = within(right)
    return grants.includes(null) ? null : [...new Set(grants.flatMap(grant => grant ?? []))]
  }
  return {
    ...who,
    roles: [...new Set(held.map(({ role }) => role))],
    may: right => within(right).length > 0,
    reaches: (app, right) => grantFor(right)?.includes(app) ?? true,
    grantFor,
  }
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
  if (key === undefined)
    throw unauthorized('Send the API key or the access token as "Authorization: Bearer <it>".', { why: 'missing' })
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

function principalOf({ id, person, owner, roles, apps, expiresAt }: AccessKey): Principal {
  const grant = apps === '*' ? null : [...apps]
  return makePrincipal(
    { id: `key:${id}`, person, owner: `key:${owner}`, expiresAt },
    roles.map(role => ({ role, grant })),
  )
}

/** Why a credential was refused: the `cause` of the problem, for the log. */
export interface Refusal {
  readonly why: Extract<RefusalReason, 'missing' | 'unknown' | 'expired' | 'token'>
  /** Its id. */
  readonly key?: string
  /** Of a token. */
  readonly fault?: TokenFault
}

/** `challenge`: as RFC 6750 §3 has it. */
export function unauthorized(detail: string, refusal: Refusal, challenge = 'Bearer'): Problem {
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': challenge }, cause: refusal })
}
