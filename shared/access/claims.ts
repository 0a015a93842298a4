/** What the claims of an access token make of who holds it: `roleClaim` and `personClaim` of `unpush/access`. */
import { type Role, rightsOf } from '../functions.ts'
import type { Oidc } from '../secrets/access-document.ts'
import type { Grant, HeldRole } from './access.ts'
import type { Claims } from './token-refused.ts'

/** `<role>` or `<role>:<app>`, where the app may end in `*`. */
export interface NamedRole {
  readonly role: Role
  /** Null: all apps. */
  readonly app: string | null
}

/** Of a claim that is one text or a list. What names no role of ours opens nothing: issuers put other roles there too. */
export function rolesIn(claim: unknown): NamedRole[] {
  const texts: unknown[] = Array.isArray(claim) ? claim : [claim]
  return texts.flatMap(text => (typeof text === 'string' ? roleIn(text) : []))
}

function roleIn(text: string): NamedRole[] {
  const [, name = '', app] = /^([a-z]+)(?::([a-z0-9][a-z0-9_-]{0,62}\*?|\*))?$/.exec(text) ?? []
  return isRole(name) ? [{ role: name, app: app === undefined || app === '*' ? null : app }] : []
}

function isRole(name: string): name is Role {
  return Object.hasOwn(rightsOf, name)
}

/**
 * The person that a claim names, or null. What people cannot tell apart must not count as two of them: no text that begins or
 * ends with a space, or has characters in it that nobody sees.
 */
export function personIn(claim: unknown): string | null {
  if (typeof claim !== 'string' || claim.length > 255) return null
  return /^[^\s\p{Cc}\p{Cf}\p{Cs}](?:[^\p{Cc}\p{Cf}\p{Cs}]*[^\s\p{Cc}\p{Cf}\p{Cs}])?$/u.test(claim) ? claim : null
}

/** `appNames`: which apps there are; asked only where a role names several by their beginning. */
export async function heldRoles(
  roles: readonly NamedRole[],
  appNames: () => Promise<readonly string[]>,
): Promise<HeldRole[]> {
  const names = roles.some(({ app }) => app?.endsWith('*') === true) ? await appNames() : []
  return roles.map(({ role, app }) => ({ role, grant: grantOf(app, names) }))
}

function grantOf(app: string | null, names: readonly string[]): Grant {
  if (app === null) return null
  return app.endsWith('*') ? names.filter(name => name.startsWith(app.slice(0, -1))) : [app]
}

/** What is wrong with the claims that `oidc` names, for the log: a line for each, without a value of them. */
export function claimFaults(claims: Claims, { roleClaim, personClaim }: Oidc): string[] {
  const own = (name: string) => (Object.hasOwn(claims, name) ? claims[name] : undefined)
  const faults: string[] = []
  if (roleClaim !== undefined && rolesIn(own(roleClaim)).length === 0) {
    faults.push(
      own(roleClaim) === undefined
        ? `has no claim ${roleClaim} (roleClaim): it may do nothing`
        : `has in its claim ${roleClaim} (roleClaim) no role of Unpush: it may do nothing`,
    )
  }
  if (personClaim !== undefined && personIn(own(personClaim)) === null) {
    faults.push(
      own(personClaim) === undefined
        ? `has no claim ${personClaim} (personClaim): it stands for no person`
        : `has in its claim ${personClaim} (personClaim) no text that names a person: it stands for none`,
    )
  }
  return faults
}

/** Null where `oidc` names no such claim, and where the token has none: never what an object inherits. */
export function claimNamed(claims: Claims, name: string | undefined): unknown {
  return name !== undefined && Object.hasOwn(claims, name) ? claims[name] : null
}
