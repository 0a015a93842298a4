/**
 * Moderation API (https://docs.moderationapi.com/review-queues/webhooks): `modapi-signature` = hex of HMAC-SHA-256 over the
 * raw body. Delivers what moderators do in a review queue. A 200 within 5 s, else up to five tries.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { matchesHex, sha256Of } from '../digests.ts'
import { idOf, itemsOf, membersOf, textOf, timeOf, wordOf } from '../reading.ts'
import { received, type Source, verdictOf } from '../source.ts'

const secret = once(() => z.strictObject({ secret: z.string().check(z.minLength(1)) }))

export const moderationApi: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'moderation-api',
  tier: 'B',
  get secret() {
    return secret()
  },
  bareSecret: 'secret',
  members: new Set(['type', 'timestamp', 'item', 'id', 'flagged', 'labels', 'label', 'metaType', 'action', 'key']),
  verify({ body, headers }, { secret: key }) {
    if (!matchesHex(headers['modapi-signature'], createHmac('sha256', key).update(body).digest())) return null
    return { json: body, key: sha256Of(body).toString('hex'), timestamp: null }
  },
  read(document, { arrivedAt }) {
    const event = membersOf(document)
    const item = membersOf(event?.['item'])
    if (event === null || item === null) return [{ unreadable: 'item is missing' }]
    const content = idOf(item['id'])
    if (content === null) return [{ unreadable: 'item.id is not an id' }]
    const kind = textOf(item['metaType'])
    const said = {
      content,
      type: kind === null ? null : { id: kind, name: null },
      labels: itemsOf(item['labels']).flatMap(one => {
        const label = membersOf(one)
        return label === null || label['flagged'] === false ? [] : (textOf(label['label']) ?? [])
      }),
      occurredAt: timeOf(event['timestamp'], arrivedAt),
    }
    const key = textOf(membersOf(event['action'])?.['key'])
    if (key !== null) return [verdictOf({ ...said, action: key, authority: 'human' })]
    const type = wordOf(event['type'])
    if (type === 'queue_item_action') return [{ unreadable: 'action.key is missing' }]
    // what is put into a queue waits for people
    return type === 'queue_item_new' && item['flagged'] === true ? [verdictOf({ ...said, decision: 'review' })] : []
  },
  acknowledgement: received,
}
