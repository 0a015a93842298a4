/**
 * Huawei Cloud Content Moderation v3: header `X-Auth-Signature` = HMAC-SHA-256 under the seed over creation time, job id,
 * request id and seed (the SDK's CreateRequest.Seed). It covers no verdict, so that whoever saw one delivery can write any
 * other for the same job. Hex is assumed: the SDK names no encoding. Repeated unless a 200 comes within 3 s.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { matchesHex, sha256Of } from './digests.ts'
import { huaweiPull } from './pull-credentials.ts'
import { received, type Source, verdictOf } from './source.ts'
import { readStrictJson } from './strict-json.ts'

const secret = once(() => z.strictObject({ seed: z.string().check(z.minLength(1)), pull: z.optional(huaweiPull()) }))
const job = once(() => z.looseObject({ create_time: z.string(), job_id: z.string(), request_id: z.string() }))
const finished = once(() =>
  z.looseObject({
    job_id: z.string(),
    result: z.looseObject({ suggestion: z.enum(['block', 'review', 'pass']) }),
  }),
)

export const huaweiModeration: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'huawei-moderation',
  tier: 'C',
  get secret() {
    return secret()
  },
  verify({ body, headers }, { seed }) {
    const parsed = job().safeParse(readStrictJson(body))
    if (!parsed.success) return null
    const { create_time: createdAt, job_id: jobId, request_id: requestId } = parsed.data
    const digest = createHmac('sha256', seed).update(`${createdAt}${jobId}${requestId}${seed}`).digest()
    if (!matchesHex(headers['x-auth-signature'], digest)) return null
    return { json: body, key: sha256Of(body).toString('hex'), timestamp: null }
  },
  read(document) {
    const parsed = finished().safeParse(document)
    if (!parsed.success) return []
    return [verdictOf({ content: parsed.data.job_id, decision: parsed.data.result.suggestion })]
  },
  jobs: {
    pattern: '^[0-9a-zA-Z-]{8,64}$',
    named(document) {
      const parsed = job().safeParse(document)
      return parsed.success ? { job: parsed.data.job_id, content: parsed.data.job_id } : null
    },
  },
  acknowledgement: received,
}
