/** Who asks, and what they may do: `GET /v1/me`. */
import type { Principal } from './access/access.ts'
import { reaches } from './access/grant.ts'
import { type Right, rightsOf, type Role } from './functions.ts'
import type { ApiResponse } from './platform/request.ts'
import type { Provider } from './providers/provider.ts'
import { findReadable } from './recall/apps.ts'
import type { Policy } from './secrets/documents.ts'
import { SecretError } from './secrets/secrets.ts'
import { json, type SignedContext } from './serve.ts'

export interface Me {
  /** `key:<id>` or `oidc:<sub>`. */
  readonly id: string
  /** Null: the key or the token names none. */
  readonly person: string | null
  readonly roles: readonly Role[]
  /** What the roles allow, in some app at least. */
  readonly rights: readonly Right[]
  readonly apps: readonly MyApp[]
  /** Every app there is, and every one that will be: an empty list does not say that. */
  readonly allApps: boolean
  readonly expiresAt: string | null
  /** Null: it cannot be read now. */
  readonly policy: Pick<
    Policy,
    'approvalAbove' | 'approvalTtlMinutes' | 'minExpiryMinutes' | 'confirmAbove' | 'assumeAudience' | 'breakGlass'
  > | null
}

export interface MyApp {
  readonly id: string
  /** Null: its credentials cannot be read now. */
  readonly provider: string | null
  readonly platform: ReturnType<Provider['platform']> | null
  /** Those within this app: a token may hold other roles for another one. */
  readonly rights: readonly Right[]
}

export async function me(context: SignedContext): Promise<ApiResponse> {
  const { principal, apps } = context
  const rights = heldRights(principal)
  const names = (await apps.names()).filter(name => rights.some(right => principal.reaches(name, right)))
  const found: Me = {
    id: principal.id,
    person: principal.person,
    roles: principal.roles,
    rights,
    apps: await Promise.all(
      names.map(async id => {
        const app = await findReadable(context, id)
        return {
          id,
          provider: app?.provider.name ?? null,
          platform: app?.provider.platform(app.credentials) ?? null,
          rights: rights.filter(right => reaches(principal.grantFor(right), id)),
        }
      }),
    ),
    allApps: principal.grantFor('self') === null,
    expiresAt: principal.expiresAt?.toISOString() ?? null,
    policy: await linesOf(context),
  }
  return json(200, found)
}

function heldRights(principal: Principal): Right[] {
  return [...new Set(Object.values(rightsOf).flat())].filter(right => principal.may(right))
}

async function linesOf(context: SignedContext): Promise<Me['policy']> {
  try {
    const { approvalAbove, approvalTtlMinutes, minExpiryMinutes, confirmAbove, assumeAudience, breakGlass } =
      await context.policy()
    return { approvalAbove, approvalTtlMinutes, minExpiryMinutes, confirmAbove, assumeAudience, breakGlass }
  } catch (error) {
    // who one is can be told all the same
    if (error instanceof SecretError) return null
    throw error
  }
}
