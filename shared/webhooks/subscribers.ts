/** The documents behind `unpush/subscribers/<id>` (contract §3): who hears of what, and how. */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { canonicalJson } from '../canonical-json.ts'
import { optional } from '../members.ts'
import { once } from '../once.ts'
import { id, subscribersSchema } from '../secrets/documents.ts'
import { type Secrets, SecretError } from '../secrets/secrets.ts'
import { eventTypes } from './events.ts'
import { isSigningSecret } from './signature.ts'

const oneOrTwo = (secret: z.ZodMiniType<string>) =>
  z.pipe(
    z.pipe(
      z.unknown(),
      z.transform((given: unknown) => (Array.isArray(given) ? (given as unknown[]) : [given])),
    ),
    z.array(secret).check(z.minLength(1), z.maxLength(2)),
  )

const signingSecret = once(() =>
  z.string().check(z.refine(isSigningSecret, 'must be whsec_ and the base64 of 24 to 64 bytes')),
)
const robotSecret = once(() => z.string().check(z.minLength(1), z.maxLength(256)))

export const subscriberSchema = once(() => {
  const members = {
    // where it may point is checked when it is used, against what it resolves to then
    url: z.string().check(z.minLength(1), z.maxLength(2048)),
    events: z.array(z.enum(eventTypes)).check(z.minLength(1)),
    // an empty list would hear of nothing and look like a subscriber
    apps: optional(z.array(id()).check(z.minLength(1))),
  }
  return z.discriminatedUnion('format', [
    z.strictObject({ ...members, format: z.literal('standard'), secret: oneOrTwo(signingSecret()) }),
    z.strictObject({ ...members, format: z.literal('feishu'), secret: oneOrTwo(robotSecret()) }),
    z.strictObject({ ...members, format: z.literal('dingtalk'), secret: oneOrTwo(robotSecret()) }),
    // its key is in its URL
    z.strictObject({ ...members, format: z.literal('wecom'), secret: z.optional(z.unknown()) }),
  ])
})
export type Subscriber = z.output<ReturnType<typeof subscriberSchema>>
export type Format = Subscriber['format']

export interface ReadSubscribers {
  readonly found: ReadonlyMap<string, Subscriber>
  /** They exist, and what they want cannot be read now. */
  readonly unreadable: readonly { readonly id: string; readonly error: SecretError }[]
}

/** Rejects with SecretError where not even the list can be read. Without a list there are no subscribers. */
export async function readSubscribers(secrets: Secrets): Promise<ReadSubscribers> {
  const { subscribers: ids } = (await secrets.read('unpush/subscribers', subscribersSchema())) ?? { subscribers: [] }
  const found = new Map<string, Subscriber>()
  const unreadable: { id: string; error: SecretError }[] = []
  await Promise.all(
    ids.map(async id => {
      try {
        const subscriber = await secrets.read(`unpush/subscribers/${id}`, subscriberSchema())
        if (subscriber !== null) found.set(id, subscriber)
      } catch (error) {
        if (!(error instanceof SecretError)) throw error
        unreadable.push({ id, error })
      }
    }),
  )
  return { found, unreadable }
}

export function digestOf(subscriber: Subscriber): string {
  return createHash('sha256').update(canonicalJson(subscriber)).digest('hex')
}
