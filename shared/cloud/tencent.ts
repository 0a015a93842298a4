/**
 * Calls of Tencent Cloud's API 3.0, signed with TC3-HMAC-SHA256 (https://cloud.tencent.com/document/api/583/33846) by
 * `@tencent-sdk/capi`. Only its signature is asked for: the HTTP client that it brings along is a third of a zip, and takes
 * longer to load than all else that a cold start does.
 */
import type { CloudCredentials } from '../config.ts'
import { send } from '../http.ts'

export interface TencentCall {
  /** `ssm`, `scf`. */
  readonly service: string
  readonly version: string
  readonly action: string
  /** PascalCase members, as the API's page writes them. */
  readonly data: { readonly [member: string]: unknown }
  readonly region: string
  readonly credentials: CloudCredentials
  /** An origin that stands in for the real API; null: the real one. */
  readonly endpoint: string | null
  readonly timeoutMs: number
}

export type TencentReply =
  | { readonly ok: true; readonly reply: { readonly [member: string]: unknown } }
  /** `code` is Tencent's (`ResourceNotFound`, …), or `unreached` where no reply came that could be read. */
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Never rejects. What went wrong is told without a header or a body: those hold signatures and secrets. */
export async function callTencent(call: TencentCall): Promise<TencentReply> {
  const { service, version, action, data, region, credentials, endpoint, timeoutMs } = call
  const { tencentSign } = await import('./tencent-signature.ts')
  await untilDatesAgree()
  const at = endpoint === null ? null : new URL(endpoint)
  const { url, payload, authorization, timestamp } = tencentSign(data, {
    serviceType: service,
    region,
    secretId: credentials.id,
    secretKey: credentials.key,
    baseHost: 'tencentcloudapi.com',
    ...(at === null ? {} : { protocol: at.protocol.slice(0, -1), host: at.host }),
  })
  const headers = {
    // as it is signed
    'content-type': 'application/json',
    authorization,
    'x-tc-action': action,
    'x-tc-version': version,
    'x-tc-timestamp': String(timestamp),
    'x-tc-region': region,
    ...(credentials.token === null ? {} : { 'x-tc-token': credentials.token }),
  }
  // the same text that the package signed; what creates something is not to be sent twice
  const body = JSON.stringify(payload)
  const received = await send({ method: 'POST', url, headers, body, timeoutMs, once: true })
  if ('failure' in received) return unreached(received.detail)
  if (received.status < 200 || received.status > 299) return unreached(`HTTP ${received.status}`)
  return replyOf(received.text)
}

function unreached(message: string): TencentReply {
  return { ok: false, code: 'unreached', message }
}

/**
 * The package rounds the timestamp up and takes the date as it is: in the last second of a UTC day they are of two
 * days, and the API refuses the signature. Waiting that second out is as fast as trying again after it.
 */
async function untilDatesAgree(): Promise<void> {
  const dayMs = 86_400_000
  for (;;) {
    const leftMs = dayMs - (Date.now() % dayMs)
    if (leftMs >= 1000) return
    await new Promise(resolve => setTimeout(resolve, leftMs))
  }
}

function replyOf(text: string): TencentReply {
  const reply = objectOf(objectOf(parsed(text))['Response'])
  const error = objectOf(reply['Error'])
  if (typeof error['Code'] === 'string')
    return { ok: false, code: error['Code'], message: typeof error['Message'] === 'string' ? error['Message'] : '' }
  if (typeof reply['RequestId'] === 'string') return { ok: true, reply }
  return unreached('the reply is not one of the API')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function objectOf(value: unknown): { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
