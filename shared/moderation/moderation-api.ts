/**
 * Moderation API (https://docs.moderationapi.com/review-queues/webhooks): `modapi-signature` = hex of HMAC-SHA-256 over the
 * raw body. Delivers what moderators do in a review queue. A 200 within 5 s, else up to five tries.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { matchesHex, sha256Of } from './digests.ts'
import { received, type Source, verdictOf } from './source.ts'

const secret = once(() => z.strictObject({ secret: z.string().check(z.minLength(1)) }))
const event = once(() =>
  z.looseObject({
    type: z.string(),
    /** Milliseconds. */
    timestamp: z.optional(z.number().check(z.minimum(0), z.maximum(8e15))),
    item: z.looseObject({
      id: z.string(),
      flagged: z.optional(z.boolean()),
      labels: z.optional(z.array(z.looseObject({ label: z.string(), flagged: z.optional(z.boolean()) }))),
    }),
    action: z.optional(z.nullable(z.looseObject({ key: z.optional(z.nullable(z.string())) }))),
  }),
)

export const moderationApi: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'moderation-api',
  tier: 'B',
  get secret() {
    return secret()
  },
  bareSecret: 'secret',
  verify({ body, headers }, { secret: key }) {
    if (!matchesHex(headers['modapi-signature'], createHmac('sha256', key).update(body).digest())) return null
    return { json: body, key: sha256Of(body).toString('hex'), timestamp: null }
  },
  read(document) {
    const parsed = event().safeParse(document)
    if (!parsed.success) return []
    const { type, timestamp, item, action } = parsed.data
    const said = {
      content: item.id,
      labels: (item.labels ?? []).flatMap(({ label, flagged }) => (flagged === false ? [] : [label])),
      occurredAt: timestamp === undefined ? null : new Date(timestamp),
    }
    const key = action?.key
    if (typeof key === 'string') return [verdictOf({ ...said, action: key, authority: 'human' })]
    // what is put into a queue waits for people
    return type === 'QUEUE_ITEM_NEW' && item.flagged === true ? [verdictOf({ ...said, decision: 'review' })] : []
  },
  acknowledgement: received,
}
