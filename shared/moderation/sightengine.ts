/**
 * Sightengine (https://sightengine.com/docs/callback-signature, …/receive-video-moderation-callbacks):
 * `Sightengine-Signature: t=<unix seconds>,v1=<hex>`, HMAC-SHA-256 over time, a dot and the raw body. The verdict is that of
 * a workflow; without one there are only scores, and nothing to act on.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { matchesHex, sha256Of } from './digests.ts'
import { received, type Source, verdictOf } from './source.ts'

const secret = once(() => z.strictObject({ secret: z.string().check(z.minLength(1)) }))
const summary = once(() => z.optional(z.looseObject({ action: z.enum(['accept', 'reject']) })))
const callback = once(() =>
  z.looseObject({
    media: z.looseObject({ id: z.optional(z.string()), uri: z.optional(z.string()) }),
    data: z.looseObject({ status: z.string(), summary: summary() }),
    summary: summary(),
  }),
)

export const sightengine: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'sightengine',
  tier: 'A',
  get secret() {
    return secret()
  },
  bareSecret: 'secret',
  verify({ body, headers }, { secret: key }) {
    const [, timestamp = '', given] =
      /^t=(\d{1,20}),v1=([0-9a-f]{64})$/.exec(headers['sightengine-signature'] ?? '') ?? []
    if (!matchesHex(given, createHmac('sha256', key).update(`${timestamp}.`).update(body).digest())) return null
    // a repeated try is signed anew: what it says is what makes it the same
    return { json: body, key: sha256Of(body).toString('hex'), timestamp }
  },
  read(document, { timestamp }) {
    const parsed = callback().safeParse(document)
    if (!parsed.success) return []
    const { media, data } = parsed.data
    const action = (parsed.data.summary ?? data.summary)?.action
    // what was seen so far can be enough to reject, and never to accept
    if (action === undefined || (action === 'accept' && data.status !== 'finished')) return []
    const occurredAt = new Date(Number(timestamp) * 1000)
    const decision = action === 'reject' ? 'block' : 'pass'
    return [verdictOf({ content: media.uri ?? media.id ?? null, decision, occurredAt })]
  },
  acknowledgement: received,
}
