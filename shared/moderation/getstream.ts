/**
 * GetStream moderation (https://getstream.io/moderation/docs/api/webhooks): `X-Signature` = hex of HMAC-SHA-256 over the
 * body as it is before compression, under the app's API secret. Delivers actions: what the check recommends, and what
 * moderators do. Its variants over SQS and SNS are not signed so, and do not come here.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { matchesHex, sha256Of } from './digests.ts'
import { type Decision, received, type Source, type Verdict, verdictOf } from './source.ts'

const secret = once(() => z.strictObject({ apiSecret: z.string().check(z.minLength(1)) }))
const time = once(() => z.optional(z.iso.datetime({ offset: true })))
const checked = once(() =>
  z.looseObject({
    type: z.literal('moderation_check.completed'),
    entity_id: z.string(),
    recommended_action: z.string(),
    created_at: time(),
  }),
)
const reviewed = once(() =>
  z.looseObject({
    type: z.literal('review_queue_item.updated'),
    review_queue_item: z.looseObject({ entity_id: z.string() }),
    action: z.looseObject({ type: z.string(), created_at: time() }),
  }),
)

/** Actions that are verdicts too, whatever the policy says of them. */
const decisions: { readonly [action: string]: Decision } = {
  keep: 'pass',
  flag: 'review',
  mark_reviewed: 'pass',
  restore: 'pass',
}
const maxInflatedBytes = 1024 * 1024

export const getstream: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'getstream',
  tier: 'B',
  get secret() {
    return secret()
  },
  bareSecret: 'apiSecret',
  verify({ body, headers }, { apiSecret }) {
    const json = inflate(body)
    if (json === null) return null
    if (!matchesHex(headers['x-signature'], createHmac('sha256', apiSecret).update(json).digest())) return null
    return { json, key: sha256Of(json).toString('hex'), timestamp: null }
  },
  read(document) {
    const check = checked().safeParse(document)
    if (check.success) {
      const { entity_id: content, recommended_action: action, created_at: at } = check.data
      return [saying(content, action, at, 'machine')]
    }
    const review = reviewed().safeParse(document)
    if (!review.success) return []
    const { type: action, created_at: at } = review.data.action
    return [saying(review.data.review_queue_item.entity_id, action, at, 'human')]
  },
  acknowledgement: received,
}

function saying(content: string, action: string, at: string | undefined, authority: Verdict['authority']): Verdict {
  const decision = Object.hasOwn(decisions, action) ? (decisions[action] ?? null) : null
  return verdictOf({ content, action, decision, authority, occurredAt: at === undefined ? null : new Date(at) })
}

/** Null: it is no gzip after all, or a bomb. */
function inflate(body: Buffer): Buffer | null {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body
  try {
    // loaded by the first that is compressed, and by no cold start
    return process.getBuiltinModule('node:zlib').gunzipSync(body, { maxOutputLength: maxInflatedBytes })
  } catch {
    return null
  }
}
