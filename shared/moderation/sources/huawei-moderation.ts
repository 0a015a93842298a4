/**
 * Huawei Cloud Content Moderation v3: header `X-Auth-Signature` = HMAC-SHA-256 under the seed over creation time, job id,
 * request id and seed (the SDK's CreateRequest.Seed). It covers no verdict, so that whoever saw one delivery can write any
 * other for the same job. Hex is assumed: the SDK names no encoding. Repeated unless a 200 comes within 3 s.
 */
import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { optional } from '../../members.ts'
import { once } from '../../once.ts'
import { matchesHex, sha256Of } from '../digests.ts'
import { huaweiPull } from '../pull-credentials.ts'
import { idOf, meaningOf, membersOf } from '../reading.ts'
import { decisionWords, received, type Source, verdictOf } from '../source.ts'
import { readStrictJson } from '../strict-json.ts'
import { bringsUrlSecret, urlSecret } from '../url-secret.ts'

const secret = once(() =>
  z.strictObject({ seed: z.string().check(z.minLength(1)), urlSecret: urlSecret(), pull: optional(huaweiPull()) }),
)
const signed = new Set(['create_time', 'job_id', 'request_id'])

export const huaweiModeration: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'huawei-moderation',
  tier: 'C',
  get secret() {
    return secret()
  },
  members: new Set(['job_id', 'result', 'suggestion']),
  verify(delivery, { seed, urlSecret }) {
    const { body, headers } = delivery
    if (!bringsUrlSecret(delivery, urlSecret)) return null
    const job = membersOf(readStrictJson(body, signed)?.value)
    const [createdAt, jobId, requestId] = [...signed].map(name => idOf(job?.[name]))
    if (!createdAt || !jobId || !requestId) return null
    const digest = createHmac('sha256', seed).update(`${createdAt}${jobId}${requestId}${seed}`).digest()
    if (!matchesHex(headers['x-auth-signature'], digest)) return null
    return { json: body, key: sha256Of(body).toString('hex'), timestamp: null }
  },
  read(document) {
    const job = membersOf(document)
    const result = membersOf(job?.['result'])
    // the job failed, or goes on
    if (result === null) return []
    const decision = meaningOf(decisionWords, result['suggestion'])
    if (decision === undefined) return [{ unreadable: 'result.suggestion is not block, review or pass' }]
    return [verdictOf({ content: idOf(job?.['job_id']), decision })]
  },
  jobs: {
    pattern: '^[0-9a-zA-Z-]{8,64}$',
    named(document) {
      const job = idOf(membersOf(document)?.['job_id'])
      return job === null ? null : { job, content: job }
    },
  },
  acknowledgement: received,
}
