/**
 * The access token of a Google service account: a signed assertion is exchanged for it.
 * https://developers.google.com/identity/protocols/oauth2/service-account
 */
import type { NotReceived, Received } from '../../http.ts'
import { onceEach } from '../../once.ts'
import { readPrivateKey } from '../../pem.ts'
import { masked } from '../wire/masking.ts'
import { httpStatusOf, outcomeByStatus, readObject, textOf } from '../wire/reply.ts'
import type { Login, LoginCall, Outcome, Session, VendorReply } from '../provider.ts'
import type { FcmCredentials } from './credentials.ts'

type Account = FcmCredentials['serviceAccount']

const address = 'https://oauth2.googleapis.com'
/** Signed as it is, whatever endpoint is called. */
const audience = `${address}/token`
const scope = 'https://www.googleapis.com/auth/firebase.messaging'
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** Google takes no longer one. */
const lifetimeSeconds = 3600
/** Ours may be ahead of Google's clock, which refuses what was issued in its future. */
const backSeconds = 60
/** A request may wait on its way. */
const renewAheadMs = 300_000
/** RFC 6750 §2.1: it becomes a header. */
const accessToken = /^[\w.~+/=-]{1,8192}$/
const errorName = /^[a-z_]{1,64}$/

const keyOf = onceEach((account: Account) => {
  const read = readPrivateKey(account.private_key)
  if ('fault' in read) throw new Error(`the private key ${read.fault}`)
  return read.key
})
/** The same for every spelling of the key. */
const writtenKey = onceEach((account: Account) =>
  keyOf(account).export({ type: 'pkcs8', format: 'der' }).toString('base64'),
)

export const fcmLogin: Login<FcmCredentials> = {
  id: ({ serviceAccount, endpoint }) =>
    ['fcm', serviceAccount.client_email, ...(endpoint === undefined ? [] : [endpoint])].join(':'),
  secret: ({ serviceAccount }) => writtenKey(serviceAccount),
  // Google names no limit, and many tokens at once are good
  leastIntervalMs: 0,
  open,
}

async function open({
  credentials: { serviceAccount, endpoint },
  send,
  timeoutMs,
  now,
}: LoginCall<FcmCredentials>): Promise<{ readonly session: Session } | { readonly outcome: Outcome }> {
  const assertion = await assertionOf(serviceAccount, now())
  const received = await send({
    method: 'POST',
    url: `${endpoint ?? address}/token`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: grantType, assertion }).toString(),
    timeoutMs,
  })
  return readToken(received, assertion, now())
}

async function assertionOf(account: Account, nowMs: number): Promise<string> {
  const iat = Math.floor(nowMs / 1000) - backSeconds
  const { client_email: iss, private_key_id: kid } = account
  const claims = { iss, scope, aud: audience, iat, exp: iat + lifetimeSeconds }
  // plans and answers need this vendor and sign nothing
  const { signJwt } = await import('../wire/jwt.ts')
  return signJwt({ alg: 'RS256', typ: 'JWT', ...(kid !== undefined && { kid }) }, claims, keyOf(account))
}

function readToken(
  received: Received | NotReceived,
  assertion: string,
  nowMs: number,
): { readonly session: Session } | { readonly outcome: Outcome } {
  const reply = readObject(received) ?? {}
  const { access_token: value, expires_in: seconds, token_type: type, error } = reply
  const code = typeof error === 'string' && errorName.test(error) ? error : null
  const vendor: VendorReply = {
    code,
    message: masked(textOf(reply['error_description']), { secrets: [assertion] }),
    requestId: null,
    httpStatus: httpStatusOf(received),
  }
  if ('failure' in received) return { outcome: outcomeByStatus(received, vendor, nowMs) }
  const { status } = received
  const isYes = status === 200 && error === undefined && typeof type === 'string' && type.toLowerCase() === 'bearer'
  const isToken = typeof value === 'string' && accessToken.test(value)
  if (isYes && isToken && typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds > 0) {
    const goodMs = seconds * 1000
    return { session: { value, freshUntilMs: nowMs + Math.max(goodMs - renewAheadMs, goodMs / 2) } }
  }
  if (status < 300) return { outcome: { kind: 'unknown', reason: 'the reply carries no access token', vendor } }
  // a wrong clock, a key that was deleted, an account that is gone: whatever it is, the account is not taken
  if (status < 500 && status !== 429 && code !== null) return { outcome: { kind: 'auth', vendor } }
  if (status >= 500) return { outcome: { kind: 'unknown', reason: `HTTP ${status}`, vendor } }
  return { outcome: outcomeByStatus(received, vendor, nowMs) }
}
