/**
 * Calls of AWS, signed with Signature Version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html): two calls do not need an
 * SDK that weighs more than all of Unpush.
 */
import { createHash, createHmac } from 'node:crypto'
import { compareClocks, skewSentence } from '../clock-skew.ts'
import type { CloudCredentials } from '../config.ts'
import { send } from '../http.ts'

export interface AwsCall {
  /** `secretsmanager`, `lambda`. */
  readonly service: string
  /** Of unreserved characters and `/`, so that nobody has anything to escape; no query. */
  readonly path: string
  /** Lower-case names; `host` and what the signature needs are added. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  readonly region: string
  readonly credentials: CloudCredentials
  /** An origin that stands in for the real API; null: the real one. */
  readonly endpoint: string | null
  readonly timeoutMs: number
}

export type AwsReply =
  | { readonly ok: true; readonly status: number; readonly text: string }
  /** `code` is AWS's (`ResourceNotFoundException`, …), or `unreached` where no reply came that could be read. */
  | {
      readonly ok: false
      readonly code: string
      readonly message: string
      /** That our clock is ahead of AWS's, or behind, where it is: signatures are dated. */
      readonly skew: string | null
    }

/** Sends one POST. Never rejects. */
export async function callAws(call: AwsCall): Promise<AwsReply> {
  const url = `${call.endpoint ?? `https://${call.service}.${call.region}.amazonaws.com`}${call.path}`
  const headers = sign(call, url, new Date())
  const clocks = compareClocks(send, Date.now)
  const received = await clocks.send({ method: 'POST', url, headers, body: call.body, timeoutMs: call.timeoutMs })
  if ('failure' in received) return { ok: false, code: 'unreached', message: received.detail, skew: null }
  const { status, text } = received
  if (status >= 200 && status < 300) return { ok: true, status, text }
  // `__type` may carry a namespace before `#`, the header a URL after `:`
  const { __type: type, message, Message: words = message } = membersOf(text)
  const named = type ?? received.headers['x-amzn-errortype']?.split(':')[0]
  const code = typeof named === 'string' ? (named.split('#').at(-1) ?? named) : null
  const skew = skewSentence(clocks.aheadMs(), "AWS's")
  if (code === null) return { ok: false, code: 'unreached', message: `HTTP ${status}`, skew }
  return { ok: false, code, message: typeof words === 'string' ? words : '', skew }
}

function sign(call: AwsCall, url: string, at: Date): { [name: string]: string } {
  const { service, path, body, region, credentials } = call
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`
  const headers: { [name: string]: string } = {
    ...call.headers,
    host: new URL(url).host,
    'x-amz-date': time,
    ...(credentials.token === null ? {} : { 'x-amz-security-token': credentials.token }),
  }
  const names = Object.keys(headers).sort()
  const canonical = [
    'POST',
    path,
    '',
    ...names.map(name => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    sha256(body),
  ].join('\n')
  const keyed = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const key = scope.split('/').reduce<string | Buffer>(keyed, `AWS4${credentials.key}`)
  const signature = keyed(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex')
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credentials.id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return headers
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function membersOf(text: string): { readonly [member: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
