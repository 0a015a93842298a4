/** What of a deployment's documents cannot be used, said where the service is started; the functions say it in their log. */
import { auditKeySchema } from '../shared/audit/digest.ts'
import { auditMacSchema } from '../shared/audit/entries.ts'
import { endpointNames } from '../shared/moderation/find-endpoint.ts'
import { readEndpoint } from '../shared/moderation/read-endpoint.ts'
import type { Runtime } from '../shared/runtime.ts'
import { accessSchema } from '../shared/secrets/access-document.ts'
import { policySchema } from '../shared/secrets/documents.ts'
import { readRequired, SecretError } from '../shared/secrets/secrets.ts'
import { readSubscribers } from '../shared/webhooks/subscribers.ts'

/** A line for each document: its name, the member, and what is wrong with that; never a value. */
export async function secretFaults({ secrets, apps }: Pick<Runtime, 'secrets' | 'apps'>): Promise<string[]> {
  const [names, endpoints] = await Promise.all([apps.names().catch(() => []), endpointNames(secrets).catch(() => [])])
  const looks: (() => Promise<unknown>)[] = [
    () => readRequired(secrets, 'unpush/access', accessSchema()),
    () => secrets.read('unpush/policy', policySchema()),
    () => secrets.read('unpush/audit-key', auditKeySchema()),
    () => secrets.read('unpush/audit-mac', auditMacSchema()),
    () => apps.names(),
    ...names.map(name => () => apps.find(name)),
    () => endpointNames(secrets),
    ...endpoints.map(name => () => readEndpoint(secrets, name)),
  ]
  const [faults, subscribers] = await Promise.all([
    Promise.all(looks.map(look => look().then(() => [], faultOf))),
    readSubscribers(secrets).then(({ unreadable }) => unreadable.map(({ error }) => error.message), faultOf),
  ])
  return [...faults.flat(), ...subscribers]
}

function faultOf(error: unknown): string[] {
  if (error instanceof SecretError) return [error.message]
  throw error
}
