/**
 * Queries of Huawei Cloud's moderation jobs: audio https://support.huaweicloud.com/api-moderation/moderation_03_0083.html,
 * video …/moderation_03_0072.html. Signed with SDK-HMAC-SHA256: https://support.huaweicloud.com/devg-apisign/api-sign-algorithm.html.
 */
import { createHash, createHmac } from 'node:crypto'
import type { HuaweiPull } from '../pull-credentials.ts'
import type { Pull } from '../pull-sources.ts'
import { judged, mostReplyBytes, type States } from '../pulled.ts'
import { idOf, meaningOf, membersOf } from '../reading.ts'
import { decisionWords, verdictOf } from '../source.ts'
import { readStrictJson } from '../strict-json.ts'

/** Words of `status`. */
const states: States = {
  succeeded: 'done',
  failed: 'failed',
  created: 'undecided',
  running: 'undecided',
  pending: 'undecided',
}

const read = new Set(['job_id', 'status', 'result', 'suggestion'])

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
      mostReplyBytes,
    })
    if ('failure' in received) return { kind: 'failed', detail: received.detail }
    // a job of another kind: the next one is asked for
    if (received.status === 404 || received.status === 400) continue
    if (received.status !== 200) return { kind: 'failed', detail: `The vendor answered ${received.status}.` }
    const answer = membersOf(readStrictJson(Buffer.from(received.text), read)?.value)
    if (answer === null) return { kind: 'unreadable', detail: 'the vendor’s answer is not a JSON object' }
    if ((idOf(answer['job_id']) ?? job) !== job)
      return { kind: 'unreadable', detail: 'the vendor’s answer is about another job' }
    const decision = meaningOf(decisionWords, membersOf(answer['result'])?.['suggestion'])
    const verdict = decision === undefined ? null : verdictOf({ content: job, decision })
    return judged(meaningOf(states, answer['status']), verdict, 'the vendor’s answer has no status or no result')
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
