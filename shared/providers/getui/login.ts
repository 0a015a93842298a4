/** A token for a day, against a signed request: https://docs.getui.com/getui/server/rest_v2/token. */
import { createHash } from 'node:crypto'
import type { NotReceived, Received } from '../../http.ts'
import type { Login, LoginCall, Outcome, Session } from '../provider.ts'
import { outcomeByStatus, isObject, throttled } from '../wire/reply.ts'
import type { GetuiCredentials } from './credentials.ts'
import { anotherHost, baseOf, jsonType, readGetui, saysYes } from './replies.ts'

/** A request may wait on its way, and the margin is nobody's loss: a token lives a day. */
const renewAheadMs = 1_800_000
const longestMs = 86_400_000
/** Samples have 64 hex digits. It becomes a header. */
const tokenForm = /^[\w.-]{8,512}$/
const expiryForm = /^\d{13}$/

export const getuiLogin: Login<GetuiCredentials> = {
  id: ({ appId, endpoint }) => ['getui', appId, ...(endpoint === undefined ? [] : [endpoint])].join(':'),
  secret: ({ appKey, masterSecret }) => `${appKey} ${masterSecret}`,
  // 100 a minute, for all instances together
  leastIntervalMs: 600,
  open,
}

async function open(
  call: LoginCall<GetuiCredentials>,
): Promise<{ readonly session: Session } | { readonly outcome: Outcome }> {
  const { credentials, send, timeoutMs, now } = call
  const { appKey, masterSecret } = credentials
  const timestamp = String(now())
  const sign = signOf(appKey, timestamp, masterSecret)
  const received = await send({
    method: 'POST',
    url: `${baseOf(credentials)}/auth`,
    headers: jsonType,
    body: JSON.stringify({ sign, timestamp, appkey: appKey }),
    timeoutMs,
  })
  return readLogin(received, [appKey, masterSecret, sign], now())
}

/** Hex, of plain concatenation. */
export function signOf(appKey: string, timestamp: string, masterSecret: string): string {
  return createHash('sha256').update(`${appKey}${timestamp}${masterSecret}`).digest('hex')
}

function readLogin(
  received: Received | NotReceived,
  secrets: readonly string[],
  nowMs: number,
): { readonly session: Session } | { readonly outcome: Outcome } {
  const { reply, vendor } = readGetui(received, { secrets })
  if ('failure' in received) return { outcome: outcomeByStatus(received, vendor, nowMs) }
  if (saysYes(received, reply)) {
    const data = isObject(reply['data']) ? reply['data'] : {}
    const { token, expire_time: expiry } = data
    const expiresAtMs = expiryForm.test(String(expiry)) && typeof expiry !== 'object' ? Number(expiry) : null
    if (typeof token !== 'string' || !tokenForm.test(token) || expiresAtMs === null)
      return { outcome: { kind: 'unknown', reason: 'the reply carries no token', vendor } }
    // clocks differ: one that is over by ours was made this moment all the same
    const goodMs = Math.min(Math.max(expiresAtMs - nowMs, 60_000), longestMs)
    return { session: { value: token, freshUntilMs: nowMs + Math.max(goodMs - renewAheadMs, goodMs / 2) } }
  }
  if (received.status >= 500) return { outcome: outcomeByStatus(received, vendor, nowMs) }
  if (vendor.code === '10003' || vendor.code === '10005') return { outcome: throttled(received, vendor, nowMs, false) }
  // whatever it is, the app is not taken
  if (vendor.code !== null && vendor.code !== '0')
    return { outcome: { kind: 'auth', vendor, ...(vendor.code === '301' && { advice: anotherHost }) } }
  return { outcome: outcomeByStatus(received, vendor, nowMs) }
}
