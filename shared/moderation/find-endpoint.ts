/** Which endpoints there are. Their ids come from URLs that anybody can call: only those on the list are looked for. */
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { webhooksSchema } from '../secrets/documents.ts'
import type { Secrets } from '../secrets/secrets.ts'

/** As `unpush/webhooks` lists them; where there is no list, none. Rejects with SecretError. */
export async function endpointNames(secrets: Secrets): Promise<readonly string[]> {
  return (await secrets.read('unpush/webhooks', webhooksSchema()))?.webhooks ?? []
}

/** Null: the list does not name it, or there is no such secret. Rejects with SecretError. */
export async function findEndpoint<Found>(
  secrets: Secrets,
  name: string,
  schema: z.ZodMiniType<Found>,
): Promise<Found | null> {
  if (!(await endpointNames(secrets)).includes(name)) return null
  return secrets.read(`unpush/webhooks/${name}`, schema)
}

const kindSchema = once(() => z.looseObject({ source: z.string() }))

/** The name of its source, whether there is one of that name or not. Null and rejections as of `findEndpoint`. */
export async function sourceOf(secrets: Secrets, name: string): Promise<string | null> {
  return (await findEndpoint(secrets, name, kindSchema()))?.source ?? null
}
