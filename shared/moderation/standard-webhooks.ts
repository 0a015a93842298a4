/**
 * Standard Webhooks, for any moderation system of one's own
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md), holding
 * `{"type":"moderation.verdict","data":{"content","verdict","labels","reason","by","round"}}`.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { matchesText } from './digests.ts'
import { authorities, received, type Source, verdictOf } from './source.ts'

const prefix = 'whsec_'
const secretText = once(() =>
  z.string().check(
    z.refine(text => {
      const bytes = Buffer.from(text.slice(prefix.length), 'base64')
      const whole = text === `${prefix}${bytes.toString('base64')}`
      return whole && bytes.length >= 24 && bytes.length <= 64
    }, 'must be whsec_ and the base64 of 24 to 64 bytes'),
  ),
)

/** What the body holds. */
export const verdictEvent = once(() =>
  z.looseObject({
    type: z.literal('moderation.verdict'),
    timestamp: z.optional(z.iso.datetime({ offset: true })),
    data: z.looseObject({
      content: z.string(),
      verdict: z.enum(['block', 'review', 'pass']),
      labels: z.optional(z.array(z.string())),
      reason: z.optional(z.string()),
      by: z.optional(z.enum(authorities)),
      round: z.optional(z.int().check(z.minimum(0), z.maximum(1_000_000))),
    }),
  }),
)

export const standardWebhooks: Source<{ readonly secret: string }> = {
  name: 'standard-webhooks',
  tier: 'A',
  secret: z.strictObject({ secret: secretText() }),
  bareSecret: 'secret',
  verify({ body, headers }, { secret }) {
    const id = headers['webhook-id'] ?? ''
    const timestamp = headers['webhook-timestamp'] ?? ''
    const given = (headers['webhook-signature'] ?? '').split(' ')
    // a header sent twice arrives with a comma where none can be
    if (!/^[\x21-\x2b\x2d-\x7e]{1,255}$/.test(id)) return null
    if (!given.every(text => /^v\d+[a-z]?,[A-Za-z0-9+/]+={0,2}$/.test(text))) return null
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
    const matches = given.filter(text => matchesText(text, `v1,${digest}`))
    return matches.length > 0 ? { json: body, key: id, timestamp } : null
  },
  read(document, { timestamp }) {
    const parsed = verdictEvent().safeParse(document)
    if (!parsed.success) return []
    const { content, verdict, labels = [], reason = null, by = 'machine', round = 0 } = parsed.data.data
    const occurredAt = new Date(parsed.data.timestamp ?? Number(timestamp) * 1000)
    return [verdictOf({ content, decision: verdict, labels, reason, authority: by, round, occurredAt })]
  },
  acknowledgement: received,
}
