/**
 * GetStream moderation (https://getstream.io/moderation/docs/api/webhooks): `X-Signature` = hex of HMAC-SHA-256 over the
 * body as it is before compression, under the app's API secret. Delivers actions: what the check recommends, and what
 * moderators do, of messages and of users. Its variants over SQS and SNS are not signed so, and do not come here.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { matchesHex, sha256Of } from '../digests.ts'
import { idOf, isAbsent, type Members, meaningOf, membersOf, textOf, timeOf, wordOf } from '../reading.ts'
import { type Authority, type Decision, type Reading, received, type Source, verdictOf } from '../source.ts'

const secret = once(() => z.strictObject({ apiSecret: z.string().check(z.minLength(1)) }))

/** Actions that are verdicts too, whatever the policy says of them. */
const decisions: { readonly [action: string]: Decision } = {
  keep: 'pass',
  flag: 'review',
  mark_reviewed: 'pass',
  restore: 'pass',
}
const maxInflatedBytes = 4 * 1024 * 1024

export const getstream: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'getstream',
  tier: 'B',
  get secret() {
    return secret()
  },
  bareSecret: 'apiSecret',
  members: new Set([
    'type',
    'entity_id',
    'entity_type',
    'recommended_action',
    'created_at',
    'review_queue_item',
    'action',
  ]),
  verify({ body, headers }, { apiSecret }) {
    const json = inflate(body)
    if (json === null) return null
    if (!matchesHex(headers['x-signature'], createHmac('sha256', apiSecret).update(json).digest())) return null
    return { json, key: sha256Of(json).toString('hex'), timestamp: null }
  },
  read(document, { arrivedAt }) {
    const event = membersOf(document)
    const type = wordOf(event?.['type'])
    if (event === null || type === '') return [{ unreadable: 'type is missing' }]
    if (type === 'moderation_check.completed') {
      const at = timeOf(event['created_at'], arrivedAt)
      return saying(event, event['recommended_action'], at, 'machine', 'recommended_action')
    }
    // more flags for what waits already, and events about other things
    if (isAbsent(event['action'])) {
      return isAbsent(event['recommended_action'])
        ? []
        : [{ unreadable: 'it recommends an action, and its type is another' }]
    }
    const action = membersOf(event['action'])
    if (action === null) return [{ unreadable: 'action is not an object' }]
    if (type !== 'review_queue_item.updated') return [{ unreadable: 'it tells of an action, and its type is another' }]
    const item = membersOf(event['review_queue_item'])
    if (item === null) return [{ unreadable: 'review_queue_item is missing' }]
    return saying(item, action['type'], timeOf(action['created_at'], arrivedAt), 'human', 'action.type')
  },
  acknowledgement: received,
}

function saying(entity: Members, said: unknown, occurredAt: Date | null, authority: Authority, where: string): Reading {
  const content = idOf(entity['entity_id'])
  const action = textOf(said)
  if (content === null) return [{ unreadable: 'entity_id is not an id' }]
  if (action === null) return [{ unreadable: `${where} is missing` }]
  const kind = textOf(entity['entity_type'])
  const decision = meaningOf(decisions, action) ?? null
  return [
    verdictOf({
      content,
      action,
      decision,
      authority,
      occurredAt,
      type: kind === null ? null : { id: kind, name: null },
    }),
  ]
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
