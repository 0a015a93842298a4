/**
 * Calls of Tencent Cloud's API 3.0, signed with TC3-HMAC-SHA256 (https://cloud.tencent.com/document/api/583/33846) by
 * `@tencent-sdk/capi`: the one place that knows that package.
 *
 * It takes 34 ms to load, so it is loaded at the first call; in a bundle it is a file of its own beside `index.js`.
 */
import type { CloudCredentials } from '../config.ts'
import { closeIdle } from '../kept-connections.ts'

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
  const { Capi } = await import('@tencent-sdk/capi')
  await untilDatesAgree()
  await closeKept()
  const at = endpoint === null ? null : new URL(endpoint)
  // one for each call: options of a call stay with the instance, credentials among them
  const capi = new Capi({
    serviceType: service,
    region,
    secretId: credentials.id,
    secretKey: credentials.key,
    ...(credentials.token === null ? {} : { token: credentials.token }),
    ...(at === null ? {} : { protocol: at.protocol.slice(0, -1), host: at.host }),
    // both are off by default: SHA1 signatures, and names rewritten at every depth
    isV3: true,
    isPascalCase: false,
    timeout: timeoutMs,
  })
  try {
    // one argument: a second one would drop isV3 and the version
    return replyOf(await capi.request({ ...data, action, version }))
  } catch (error) {
    return { ok: false, code: 'unreached', message: reasonOf(error) }
  }
}

/**
 * Calls are minutes apart, and the package keeps connections in Node's own agents: one that died while this function was
 * frozen would fail the next call.
 */
async function closeKept(): Promise<void> {
  const agents = await Promise.all([import('node:https'), import('node:http')])
  for (const { globalAgent } of agents) closeIdle(globalAgent)
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

const strange = 'the reply is not one of the API'

function replyOf(body: unknown): TencentReply {
  const reply = objectOf(objectOf(body)['Response'])
  const error = objectOf(reply['Error'])
  if (typeof error['Code'] === 'string')
    return { ok: false, code: error['Code'], message: typeof error['Message'] === 'string' ? error['Message'] : '' }
  if (typeof reply['RequestId'] === 'string') return { ok: true, reply }
  return { ok: false, code: 'unreached', message: strange }
}

function objectOf(value: unknown): { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** `ECONNREFUSED`, `ETIMEDOUT`, an HTTP status; the error itself carries the request along. */
function reasonOf(error: unknown): string {
  const { code, response } = (error ?? {}) as { code?: unknown; response?: { statusCode?: unknown } }
  if (code === 'ERR_BODY_PARSE_FAILURE') return strange
  if (typeof response?.statusCode === 'number') return `HTTP ${response.statusCode}`
  return typeof code === 'string' ? code : 'no reply'
}
