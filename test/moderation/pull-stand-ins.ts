/**
 * Query APIs of moderation systems on this machine. Each verifies the signature from its own description, starting from what
 * arrived, and shares nothing with whoever signed.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { type Arrived, standIn, type StandIn } from '../support/cloud/stand-in.ts'

export interface Job {
  /** As the vendor's own page has it: `Success`, `Auditing`, … or `succeeded`, `running`, … */
  readonly state: string
  readonly verdict: 'pass' | 'block' | 'review'
  readonly dataId?: string
}

export interface QueryApi extends StandIn {
  readonly jobs: Map<string, Job>
  /** Job and time of each question whose signature was right, oldest first. */
  readonly asked: { readonly job: string; readonly at: number }[]
  /** What was wrong with the others. */
  readonly refused: string[]
  /** Answers in place of the job's; null: the connection is cut. */
  faulty: ((job: string) => { status: number; body: string } | null) | undefined
  readonly pull: object
}

const hex = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex')
const hmac = (algorithm: string, key: string, text: string) => createHmac(algorithm, key).update(text).digest('hex')
const random = () => randomBytes(12).toString('hex')

interface Kind {
  /** Null: the signature is right. */
  readonly wrong: (arrived: Arrived) => string | null
  readonly path: RegExp
  readonly answer: (id: string, job: Job) => string
  readonly pull: object
}

async function start({ wrong, path, answer, pull }: Kind): Promise<QueryApi> {
  const jobs = new Map<string, Job>()
  const asked: { job: string; at: number }[] = []
  const refused: string[] = []
  const api: { faulty: QueryApi['faulty'] } = { faulty: undefined }
  const server = await standIn(async arrived => {
    const problem = arrived.method !== 'GET' || arrived.body.length > 0 ? 'no plain GET' : wrong(arrived)
    if (problem !== null) {
      refused.push(problem)
      return { status: 403, body: '' }
    }
    const id = path.exec(arrived.url)?.[1]
    if (id === undefined) return { status: 404, body: '' }
    asked.push({ job: id, at: Date.now() })
    if (api.faulty !== undefined) return api.faulty(id)
    const job = jobs.get(id)
    return job === undefined ? { status: 404, body: '' } : { status: 200, body: answer(id, job) }
  })
  return Object.assign(api, { ...server, jobs, asked, refused, pull: { ...pull, endpoint: server.origin } })
}

/** https://cloud.tencent.com/document/product/436/7778 */
export function startTencentCi(): Promise<QueryApi> {
  const [secretId, secretKey, bucket] = [`AKID${random()}`, random(), 'news-1250000000']
  const host = `${bucket}.ci.ap-guangzhou.myqcloud.com`
  return start({
    pull: { secretId, secretKey, bucket, region: 'ap-guangzhou' },
    path: /^\/(?:text|image|video|audio|document|webpage)\/auditing\/([0-9a-z-]+)$/,
    wrong: ({ url, headers }) => {
      const given = new URLSearchParams((headers.authorization ?? '').replaceAll('+', '%2B'))
      const time = given.get('q-key-time') ?? ''
      const [from = 0, to = 0] = time.split(';').map(Number)
      const now = Date.now() / 1000
      if (given.get('q-sign-algorithm') !== 'sha1' || given.get('q-ak') !== secretId) return 'whose key?'
      if (given.get('q-sign-time') !== time || !(from <= now && now <= to) || to - from > 3600) return 'time'
      if (given.get('q-header-list') !== 'host' || headers.host !== host) return 'host'
      const key = hmac('sha1', secretKey, time)
      const request = ['get', decodeURIComponent(url), '', `host=${host}`, ''].join('\n')
      const text = ['sha1', time, hex('sha1', request), ''].join('\n')
      return given.get('q-signature') === hmac('sha1', key, text) ? null : 'signature'
    },
    // as https://cloud.tencent.com/document/product/1534/108718 has it, with a section whose label is not the job's
    answer: (id, { state, verdict, dataId }) =>
      `<?xml version="1.0"?>\n<Response>\n<JobsDetail>\n<Code>Success</Code><JobId>${id}</JobId><State>${state}</State>` +
      `<DataId>${dataId ?? ''}</DataId><Result>${{ pass: 0, block: 1, review: 2 }[verdict]}</Result><Label>Ads &amp; more</Label>` +
      '<Section><Label>Normal</Label><Result>0</Result></Section></JobsDetail>\n<RequestId>x</RequestId></Response>',
  })
}

/** https://support.huaweicloud.com/devg-apisign/api-sign-algorithm.html */
export function startHuawei(): Promise<QueryApi> {
  const [accessKeyId, secretAccessKey, projectId] = [random(), random(), random()]
  const host = 'moderation.cn-north-4.myhuaweicloud.com'
  return start({
    pull: { accessKeyId, secretAccessKey, projectId, region: 'cn-north-4' },
    path: new RegExp(`^/v3/${projectId}/moderation/audio/jobs/([0-9a-z-]+)$`),
    wrong: ({ url, headers }) => {
      const given = /^SDK-HMAC-SHA256 Access=(\w+), SignedHeaders=host;x-sdk-date, Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      )
      const date = String(headers['x-sdk-date'])
      const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
      if (given?.[1] !== accessKeyId) return 'whose key?'
      if (!(Math.abs(Date.now() - at) < 900_000)) return 'time'
      if (headers.host !== host) return 'host'
      const canonical = `GET\n${url}/\n\nhost:${host}\nx-sdk-date:${date}\n\nhost;x-sdk-date\n${hex('sha256', '')}`
      const text = `SDK-HMAC-SHA256\n${date}\n${hex('sha256', canonical)}`
      return given[2] === hmac('sha256', secretAccessKey, text) ? null : 'signature'
    },
    answer: (id, { state, verdict }) =>
      JSON.stringify({
        job_id: id,
        status: state,
        ...(state === 'succeeded' && { result: { suggestion: verdict, details: [] } }),
        request_id: random(),
      }),
  })
}
