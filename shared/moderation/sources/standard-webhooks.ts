/**
 * Standard Webhooks, for any moderation system of one's own
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md), holding
 * `{"type":"moderation.verdict","data":{"content","verdict","labels","reason","by","round"}}`. Svix, which wrote the
 * specification, sends the headers as `svix-id`, `svix-timestamp`, `svix-signature`.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { matchesText } from '../digests.ts'
import { idOf, meaningOf, membersOf, roundOf, textOf, textsOf, timeOf, wordOf } from '../reading.ts'
import { authorities, type Authority, decisionWords, received, type Source, verdictOf } from '../source.ts'

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

/** What the body is documented to hold. What is read is less strict: see `reading.ts`. */
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

const byWord: { readonly [word: string]: Authority } = { machine: 'machine', human: 'human', appeal: 'appeal' }

const secret = once(() => z.strictObject({ secret: secretText() }))

export const standardWebhooks: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'standard-webhooks',
  tier: 'A',
  get secret() {
    return secret()
  },
  bareSecret: 'secret',
  members: new Set(['type', 'timestamp', 'data', 'content', 'verdict', 'labels', 'reason', 'by', 'round']),
  verify({ body, headers }, { secret: written }) {
    // one spelling or the other, never a mixture of both
    const spelling = headers['webhook-signature'] === undefined ? 'svix' : 'webhook'
    const other = spelling === 'svix' ? 'webhook' : 'svix'
    if (['id', 'timestamp', 'signature'].some(name => headers[`${other}-${name}`] !== undefined)) return null
    const id = headers[`${spelling}-id`] ?? ''
    const timestamp = headers[`${spelling}-timestamp`] ?? ''
    const given = (headers[`${spelling}-signature`] ?? '').split(' ')
    // a header sent twice arrives with a comma where none can be
    if (!/^[\x21-\x2b\x2d-\x7e]{1,255}$/.test(id)) return null
    if (!given.every(text => /^v\d+[a-z]?,[A-Za-z0-9+/]+={0,2}$/.test(text))) return null
    const key = Buffer.from(written.slice(prefix.length), 'base64')
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
    const matches = given.filter(text => matchesText(text, `v1,${digest}`))
    return matches.length > 0 ? { json: body, key: id, timestamp } : null
  },
  read(document, { timestamp, arrivedAt }) {
    const event = membersOf(document)
    const type = wordOf(event?.['type'])
    if (event === null || type === '') return [{ unreadable: 'type is missing' }]
    const data = membersOf(event['data'])
    const content = idOf(data?.['content'])
    const decision = meaningOf(decisionWords, data?.['verdict'])
    // other events of the same sender; what holds a verdict was meant as one
    if (type !== 'moderation.verdict') {
      return decision === undefined ? [] : [{ unreadable: 'it holds a verdict, and its type is another' }]
    }
    if (data === null || content === null) return [{ unreadable: 'data.content is not an id' }]
    if (decision === undefined) return [{ unreadable: 'data.verdict is not block, review or pass' }]
    return [
      verdictOf({
        content,
        decision,
        labels: textsOf(data['labels']),
        reason: textOf(data['reason']),
        authority: meaningOf(byWord, data['by']) ?? 'machine',
        round: roundOf(data['round']),
        occurredAt: timeOf(event['timestamp'], arrivedAt) ?? new Date(Number(timestamp) * 1000),
      }),
    ]
  },
  acknowledgement: received,
}
