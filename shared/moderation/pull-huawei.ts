/**
 * Queries of Huawei Cloud's moderation jobs: audio https://support.huaweicloud.com/api-moderation/moderation_03_0083.html,
 * video …/moderation_03_0072.html. Signed with SDK-HMAC-SHA256: https://support.huaweicloud.com/devg-apisign/api-sign-algorithm.html.
 */
import { createHash, createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../once.ts'
import type { HuaweiPull } from './pull-credentials.ts'
import type { Pull } from './pull-sources.ts'
import { verdictOf } from './source.ts'
import { readStrictJson } from './strict-json.ts'

const reply = once(() =>
  z.looseObject({
    job_id: z.string(),
    status: z.string(),
    result: z.optional(z.looseObject({ suggestion: z.enum(['block', 'review', 'pass']) })),
  }),
)

export const pullHuawei: Pull<HuaweiPull> = async (job, credentials, { send, timeoutMs, nowMs }) => {
  const host = `moderation.${credentials.region}.myhuaweicloud.com`
  for (const kind of credentials.kinds) {
    const path = `/v3/${credentials.projectId}/moderation/${kind}/jobs/${job}`
    const received = await send({
      method: 'GET',
      url: `${credentials.endpoint ?? `https://${host}`}${path}`,
      headers: authorize(path, host, credentials, new Date(nowMs)),
      body: '',
      timeoutMs,
    })
    if ('failure' in received) return { kind: 'failed', detail: received.detail }
    // a job of another kind: the next one is asked for
    if (received.status === 404 || received.status === 400) continue
    if (received.status !== 200) return { kind: 'failed', detail: `The vendor answered ${received.status}.` }
    const read = reply().safeParse(readStrictJson(Buffer.from(received.text)))
    if (!read.success || read.data.job_id !== job)
      return { kind: 'failed', detail: 'The vendor’s answer cannot be read, or is about another job.' }
    const { status, result } = read.data
    if (status === 'failed') return { kind: 'unknown', detail: 'The job failed at the vendor.' }
    if (status !== 'succeeded') return { kind: 'open' }
    if (result === undefined) return { kind: 'failed', detail: 'The vendor’s answer has no result.' }
    return { kind: 'decided', verdicts: [verdictOf({ content: job, decision: result.suggestion })] }
  }
  return { kind: 'unknown', detail: 'The vendor has no such job.' }
}

function authorize(path: string, host: string, { accessKeyId, secretAccessKey }: HuaweiPull, now: Date) {
  const date = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  // the path of the canonical request ends with a slash, whatever that of the request does
  const request = `GET\n${path}/\n\nhost:${host}\nx-sdk-date:${date}\n\nhost;x-sdk-date\n${sha256('')}`
  const signature = createHmac('sha256', secretAccessKey)
    .update(`SDK-HMAC-SHA256\n${date}\n${sha256(request)}`)
    .digest('hex')
  return {
    host,
    'x-sdk-date': date,
    authorization: `SDK-HMAC-SHA256 Access=${accessKeyId}, SignedHeaders=host;x-sdk-date, Signature=${signature}`,
  }
}
