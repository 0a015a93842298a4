/**
 * Sightengine (https://sightengine.com/docs/callback-signature, …/receive-video-moderation-callbacks):
 * `Sightengine-Signature: t=<unix seconds>,v1=<hex>`, HMAC-SHA-256 over time, a dot and the raw body. The verdict is that of
 * a workflow; without one there are only scores, and nothing to act on.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { matchesHex, sha256Of } from '../digests.ts'
import { idOf, isAbsent, membersOf, wordOf } from '../reading.ts'
import { received, type Source, verdictOf } from '../source.ts'

const secret = once(() => z.strictObject({ secret: z.string().check(z.minLength(1)) }))

export const sightengine: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'sightengine',
  tier: 'A',
  get secret() {
    return secret()
  },
  bareSecret: 'secret',
  members: new Set(['media', 'id', 'uri', 'data', 'status', 'summary', 'action']),
  verify({ body, headers }, { secret: key }) {
    const [, timestamp = '', given] =
      /^t=(\d{1,20}),v1=([0-9a-f]{64})$/.exec(headers['sightengine-signature'] ?? '') ?? []
    if (!matchesHex(given, createHmac('sha256', key).update(`${timestamp}.`).update(body).digest())) return null
    // a repeated try is signed anew: what it says is what makes it the same
    return { json: body, key: sha256Of(body).toString('hex'), timestamp }
  },
  read(document, { timestamp }) {
    const callback = membersOf(document)
    const media = membersOf(callback?.['media'])
    const data = membersOf(callback?.['data'])
    if (callback === null || media === null) return [{ unreadable: 'media is missing' }]
    // without a workflow there is none
    const found = isAbsent(callback['summary']) ? data?.['summary'] : callback['summary']
    const said = membersOf(found)?.['action']
    if (isAbsent(callback['data']) ? isAbsent(found) : data !== null && isAbsent(found)) return []
    if (membersOf(found) !== null && isAbsent(said)) return []
    const action = wordOf(said)
    if (action !== 'reject' && action !== 'accept') {
      return [{ unreadable: 'summary.action is not accept or reject' }]
    }
    // what was seen so far can be enough to reject, and never to accept
    if (action === 'accept' && wordOf(data?.['status']) !== 'finished') return []
    const occurredAt = new Date(Number(timestamp) * 1000)
    const decision = action === 'reject' ? 'block' : 'pass'
    return [verdictOf({ content: idOf(media['uri']) ?? idOf(media['id']), decision, occurredAt })]
  },
  acknowledgement: received,
}
