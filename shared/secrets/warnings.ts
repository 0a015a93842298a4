/** What the documents ask for and this version does not do, and what they lack: told by `/readyz` and by the log. */
import * as z from 'zod/mini'
import type { Check } from '../ledger/looks.ts'
import { once } from '../once.ts'
import { type Access, accessSchema } from './access-document.ts'
import { policySchema, webhooksSchema } from './documents.ts'
import type { Secrets } from './secrets.ts'

/** Nothing waits for approval, and no console asks for a number, until there is one. */
const unenforcedMembers = ['approvalAbove', 'approvalTtlMinutes', 'breakGlass', 'confirmAbove'] as const

/** Members of the policy that somebody wrote, and meant; defaults and nulls ask for nothing. */
const unenforcedPolicy = once(() =>
  z.pipe(
    z.looseObject({}),
    z.transform(document =>
      unenforcedMembers.filter(name => {
        const value: unknown = document[name]
        const asked = typeof value === 'object' && value !== null ? Object.values(value) : [value]
        return asked.some(one => one !== null && one !== undefined)
      }),
    ),
  ),
)

/** Null: nothing. Rejects with SecretError. */
export async function policyWarning(secrets: Secrets): Promise<string | null> {
  // the whole document first: one that is wrong holds for nothing
  if ((await secrets.read('unpush/policy', policySchema())) === null) return null
  const members = (await secrets.read('unpush/policy', unenforcedPolicy())) ?? []
  if (members.length === 0) return null
  return `unpush/policy sets ${members.join(', ')}: not enforced by this version, nothing waits for another person.`
}

async function endpointsWarning(secrets: Secrets): Promise<string | null> {
  const list = await secrets.read('unpush/webhooks', webhooksSchema())
  return list === null ? 'There is no secret unpush/webhooks: no moderation endpoint is known.' : null
}

export function accessWarning({ oidc }: Access): string | null {
  if (oidc === undefined) return null
  const warnings: string[] = []
  if (oidc.roleClaim === undefined) warnings.push('oidc names no roleClaim, so that who signs in may do nothing')
  if (oidc.audience === oidc.clientId) {
    warnings.push('audience and clientId of oidc are the same, so that an ID token may pass for an access token')
  }
  return warnings.length === 0 ? null : `unpush/access: ${warnings.join('; ')}.`
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
    warningOf(() => policyWarning(secrets), 'The secret unpush/policy cannot be read: recalls that need it wait.'),
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
  const looks = await Promise.all([policyWarning, endpointsWarning].map(look => look(secrets).catch(() => null)))
  return looks.flatMap(warning => (warning === null ? [] : [warning]))
}
