/**
 * Queries of Tencent Cloud Infinite's audits: text https://cloud.tencent.com/document/product/1534/108718 (2025-11-14), video
 * …/460/46926, audio …/1533/108915, documents …/460/59383. Signed as COS requests are: …/436/7778.
 */
import { createHash, createHmac } from 'node:crypto'
import type { TencentCiPull } from '../pull-credentials.ts'
import type { Pull } from '../pull-sources.ts'
import { judged, mostReplyBytes, type States } from '../pulled.ts'
import { meaningOf, numberOf } from '../reading.ts'
import { verdictOf } from '../source.ts'
import { tencentCiDecisions } from '../sources/tencent-ci.ts'
import { readElements } from '../xml.ts'

/** By the first two letters of a job's id, as the pages' samples and the SDKs' have them. */
const kinds: { readonly [prefix: string]: string } = {
  st: 'text',
  si: 'image',
  av: 'video',
  sa: 'audio',
  sd: 'document',
  sh: 'webpage',
}
const validSeconds = 600
/** Words of `State`. */
const states: States = {
  success: 'done',
  failed: 'failed',
  submitted: 'undecided',
  snapshoting: 'undecided',
  snapshotting: 'undecided',
  auditing: 'undecided',
}

export const pullTencentCi: Pull<TencentCiPull> = async (job, credentials, { send, timeoutMs, nowMs }) => {
  const kind = kinds[job.slice(0, 2)]
  if (kind === undefined) return { kind: 'unknown', detail: 'The job id has no kind that could be asked for.' }
  const { bucket, region, endpoint } = credentials
  const host = `${bucket}.ci.${region}.myqcloud.com`
  const path = `/${kind}/auditing/${job}`
  const received = await send({
    method: 'GET',
    url: `${endpoint ?? `https://${host}`}${path}`,
    headers: { host, authorization: authorize(path, host, credentials, Math.floor(nowMs / 1000)) },
    body: '',
    timeoutMs,
    mostReplyBytes,
  })
  if ('failure' in received) return { kind: 'failed', detail: received.detail }
  if (received.status === 404) return { kind: 'unknown', detail: 'The vendor has no such job.' }
  if (received.status !== 200) return { kind: 'failed', detail: `The vendor answered ${received.status}.` }
  const details = readElements(received.text, 'Response/JobsDetail')
  const [first] = details ?? []
  if (first === undefined) return { kind: 'unreadable', detail: 'the vendor’s answer is not XML with JobsDetail' }
  if ((first.get('JobId') ?? job) !== job)
    return { kind: 'unreadable', detail: 'the vendor’s answer is about another job' }
  const grade = numberOf(first.get('Result')) ?? numberOf(first.get('Suggestion'))
  const decision = tencentCiDecisions[grade ?? -1]
  const label = first.get('Label')
  const verdict =
    decision === undefined
      ? null
      : verdictOf({ content: first.get('DataId') ?? job, decision, labels: label === undefined ? [] : [label] })
  return judged(meaningOf(states, first.get('State')), verdict, 'the vendor’s answer has no State or no Result')
}

/** https://cloud.tencent.com/document/product/436/7778: method, path, no parameters, the host. */
function authorize(path: string, host: string, { secretId, secretKey }: TencentCiPull, now: number): string {
  const time = `${now - 60};${now + validSeconds}`
  const hmac = (key: string, text: string) => createHmac('sha1', key).update(text).digest('hex')
  const request = `get\n${path}\n\nhost=${encodeURIComponent(host)}\n`
  const signed = `sha1\n${time}\n${createHash('sha1').update(request).digest('hex')}\n`
  const signature = hmac(hmac(secretKey, time), signed)
  return [
    'q-sign-algorithm=sha1',
    `q-ak=${secretId}`,
    `q-sign-time=${time}`,
    `q-key-time=${time}`,
    'q-header-list=host',
    'q-url-param-list=',
    `q-signature=${signature}`,
  ].join('&')
}
