/** Which endpoints there are. Their ids come from URLs that anybody can call: only those on the list are looked for. */
import { webhooksSchema } from '../secrets/documents.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { ZodMiniType } from 'zod/mini'

/** As `unpush/webhooks` lists them; where there is no list, none. Rejects with SecretError. */
export async function endpointNames(secrets: Secrets): Promise<readonly string[]> {
  return (await secrets.read('unpush/webhooks', webhooksSchema()))?.webhooks ?? []
}

/** Null: the list does not name it, or there is no such secret. Rejects with SecretError. */
export async function findEndpoint<Found>(
  secrets: Secrets,
  name: string,
  schema: ZodMiniType<Found>,
): Promise<Found | null> {
  if (!(await endpointNames(secrets)).includes(name)) return null
  return secrets.read(`unpush/webhooks/${name}`, schema)
}
