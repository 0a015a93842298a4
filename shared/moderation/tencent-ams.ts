/**
 * Tencent Cloud audio and video moderation (AMS, VM): header `X-Signature` = hex of SHA-256 over seed and raw body, where
 * the task was made with a `Seed` (https://www.tencentcloud.com/document/product/1139/46101). A plain hash, so that it can
 * be extended: what is appended is never JSON, and the receiver takes nothing else.
 */
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { matchesHex, sha256Of } from './digests.ts'
import { type Decision, received, type Source, verdictOf } from './source.ts'

const secret = once(() => z.strictObject({ seed: z.string().check(z.minLength(1)) }))
const task = once(() =>
  z.looseObject({
    DataId: z.optional(z.string()),
    Status: z.optional(z.string()),
    Suggestion: z.enum(['Block', 'Review', 'Pass']),
    Label: z.optional(z.string()),
  }),
)
const decisions: { readonly [suggestion: string]: Decision } = { Block: 'block', Review: 'review', Pass: 'pass' }

export const tencentAms: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'tencent-ams',
  tier: 'B',
  get secret() {
    return secret()
  },
  verify({ body, headers }, { seed }) {
    if (!matchesHex(headers['x-signature'], sha256Of(seed, body))) return null
    return { json: body, key: sha256Of(body).toString('hex'), timestamp: null }
  },
  read(document) {
    const parsed = task().safeParse(document)
    // what is still being listened to has no verdict yet
    if (!parsed.success || (parsed.data.Status ?? 'FINISH') !== 'FINISH') return []
    const { DataId: content = null, Suggestion: suggestion, Label: label } = parsed.data
    return [verdictOf({ content, decision: decisions[suggestion] ?? null, labels: label ? [label] : [] })]
  },
  acknowledgement: received,
}
