/** Who may see and change what. Statements ask the same of the ledger: `within_grant` and `visible_to` in schema.sql. */
import type { Grant, Principal } from './access.ts'

/** Who asks: what statements need to know of a principal. */
export interface Caller {
  /** For the record: `key:ops`, `endpoint:e_own`, `timer:expire`. */
  readonly id: string
  readonly person: string | null
  /** Whose messages, recalls and idempotency keys are his: `Principal.owner`. */
  readonly owner: string
  /** The apps within which he has the right that he uses now. */
  readonly grant: Grant
}

export function callerOf(principal: Principal, right: Parameters<Principal['grantFor']>[0]): Caller {
  const { id, person, owner } = principal
  return { id, person, owner, grant: principal.grantFor(right) }
}

export function reaches(grant: Grant, app: string): boolean {
  return grant === null || grant.includes(app)
}

/** Whether all of something lies within a grant. What belongs to no app lies within none but the grant of all. */
export function withinGrant(apps: readonly string[], grant: Grant): boolean {
  return grant === null || (apps.length > 0 && apps.every(app => grant.includes(app)))
}

/** As statements take it: `read_grant($1::text::json)` in schema.sql. */
export function grantText(grant: Grant): string {
  return JSON.stringify(grant ?? '*')
}

/** What a message or a recall says of who may see it. */
export interface Owned {
  readonly apps: readonly string[]
  readonly owner: string
  /** The apps that its owner reached when he made it; null: all. */
  readonly reach: Grant
}

export function visibleTo({ apps, owner, reach }: Owned, caller: Pick<Caller, 'owner' | 'grant'>): boolean {
  if (apps.length > 0 || caller.grant === null) return withinGrant(apps, caller.grant)
  return owner === caller.owner || (reach !== null && withinGrant(reach, caller.grant))
}
