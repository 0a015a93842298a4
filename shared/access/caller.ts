/** Who calls, by the credential of a request; what is wrong with credentials leaves a line in the log. */
import { Problem } from '../errors.ts'
import type { Route } from '../functions.ts'
import { send } from '../http.ts'
import type { Sql } from '../ledger/sql.ts'
import type { ApiRequest } from '../platform/request.ts'
import type { Runtime } from '../runtime.ts'
import { type Access, accessSchema, type Oidc } from '../secrets/access-document.ts'
import { readRequired } from '../secrets/secrets.ts'
import { accessWarning } from '../secrets/warnings.ts'
import { authenticate, bearerKey, makePrincipal, type Principal, type Refusal, unauthorized } from './access.ts'
import { isGenerated } from './api-key.ts'
import { claimFaults, claimNamed, heldRoles, personIn, rolesIn } from './claims.ts'
import { noteRefusal } from './refusals.ts'
import { TokenRefused } from './token-refused.ts'
import { openTokens, type Tokens } from './tokens.ts'

type Needed = Pick<Runtime, 'secrets' | 'apps' | 'ledger' | 'log' | 'tally' | 'notices'>

/** By ledger, of which a process has one. No member of the runtime: timers and pages, which ask nobody who they are, would hold it too. */
const opened = new WeakMap<Sql, Tokens>()

function tokensOf({ ledger, log }: Needed): Tokens {
  const tokens = opened.get(ledger) ?? openTokens({ sql: ledger, send, log })
  opened.set(ledger, tokens)
  return tokens
}

/** Throws `unauthorized`, and SecretError and IssuerUnavailable where nobody can be known now. */
export async function callerOf(shared: Needed, request: ApiRequest, route: Route): Promise<Principal> {
  const { secrets, tally, notices } = shared
  const access = await readRequired(secrets, 'unpush/access', accessSchema())
  const warning = accessWarning(access)
  if (warning !== null) notices.warn(warning)
  try {
    return await knownCaller(shared, request.headers['authorization'], access)
  } catch (error) {
    if (error instanceof Problem && error.slug === 'unauthorized') {
      // oxlint-disable-next-line no-unsafe-type-assertion -- `unauthorized` takes nothing else
      const { why, ...more } = error.cause as Refusal
      noteRefusal(tally, request, why, { route: route.path, ...more })
    }
    throw error
  }
}

async function knownCaller(shared: Needed, authorization: string | undefined, access: Access): Promise<Principal> {
  const bearer = bearerKey(authorization) ?? ''
  try {
    const principal = authenticate(authorization, access, new Date())
    if (!isGenerated(bearer)) shared.notices.note('weak-key', principal.id, weakKey(principal.id))
    return principal
  } catch (error) {
    // keys first: any text may be one, and a token never is one by chance
    if (access.oidc === undefined || !bearer.includes('.')) throw error
    return holderOf(shared, bearer, access.oidc)
  }
}

async function holderOf(shared: Needed, token: string, oidc: Oidc): Promise<Principal> {
  const { apps, tally } = shared
  try {
    const claims = await tokensOf(shared).read(token, oidc)
    const id = `oidc:${claims.sub}`
    for (const fault of claimFaults(claims, oidc)) {
      tally.note(`claim ${id} ${fault}`, 'a claim of an access token cannot be used', { actor: id, fault })
    }
    return makePrincipal(
      {
        id,
        owner: id,
        person: personIn(claimNamed(claims, oidc.personClaim)),
        expiresAt: dateOf(claims.exp),
      },
      await heldRoles(rolesIn(claimNamed(claims, oidc.roleClaim)), () => apps.names()),
    )
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    throw unauthorized(error.message, { why: 'token', fault: error.fault }, 'Bearer error="invalid_token"')
  }
}

/** Null: after the last day that there is. */
function dateOf(seconds: number): Date | null {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 ? null : date
}

function weakKey(id: string): string {
  return `${id} is not of the form unpush_ and 43 characters: make a new one, it may be guessed`
}
