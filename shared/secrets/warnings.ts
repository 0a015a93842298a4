/** What the documents lack, or lay open: told by `/readyz` and by the log. */
import type { Check } from '../ledger/looks.ts'
import { type Access, accessSchema } from './access-document.ts'
import { policySchema, webhooksSchema } from './documents.ts'
import type { Secrets } from './secrets.ts'

async function endpointsWarning(secrets: Secrets): Promise<string | null> {
  const list = await secrets.read('unpush/webhooks', webhooksSchema())
  return list === null ? 'There is no secret unpush/webhooks: no moderation endpoint is known.' : null
}

export function accessWarning({ oidc }: Access): string | null {
  if (oidc === undefined) return null
  const warnings: string[] = []
  if (oidc.roleClaim === undefined)
    warnings.push('oidc in unpush/access names no roleClaim, so that who signs in may do nothing.')
  if (oidc.audience === oidc.clientId) {
    warnings.push(
      'audience and clientId of oidc in unpush/access are the same, so that an ID token may pass for an access token.',
    )
  }
  return warnings.length === 0 ? null : warnings.join(' ')
}

/** Each by the name of its check; none of them makes the deployment not ready. */
export interface SecretWarnings {
  readonly policy: Check
  readonly signIn: Check
  readonly endpoints: Check
}

/** Never rejects. */
export async function secretWarnings(secrets: Secrets): Promise<SecretWarnings> {
  const [policy, signIn, endpoints] = await Promise.all([
    warningOf(async () => {
      await secrets.read('unpush/policy', policySchema())
      return null
    }, 'The secret unpush/policy cannot be read: no revoke and no overlay is admitted; a stop is.'),
    warningOf(async () => {
      const access = await secrets.read('unpush/access', accessSchema())
      return access === null ? null : accessWarning(access)
    }, null),
    warningOf(
      () => endpointsWarning(secrets),
      'The secret unpush/webhooks cannot be read: moderation endpoints cannot be used.',
    ),
  ])
  return { policy, signIn, endpoints }
}

async function warningOf(look: () => Promise<string | null>, unreadable: string | null): Promise<Check> {
  return { ok: true, detail: await look().catch(() => unreadable) }
}

/** For who deploys, and need not be allowed to read what the functions read. Never rejects. */
export async function deployWarnings(secrets: Secrets): Promise<string[]> {
  const warning = await endpointsWarning(secrets).catch(() => null)
  return warning === null ? [] : [warning]
}
