/**
 * Push Kit's credential: a JWT signed with the service account's key, sent as it is and exchanged for nothing.
 * https://developer.huawei.com/consumer/cn/doc/harmonyos-guides/push-jwt-token
 */
import { readPrivateKey } from '../../pem.ts'

export interface ServiceAccount {
  readonly key_id: string
  readonly private_key: string
  readonly sub_account: string
}

/** Fixed by the page, whatever region or endpoint is called. */
const audience = 'https://oauth-login.cloud.huawei.com/oauth2/v3/token'
const lifetimeSeconds = 3600
/** Ours may be ahead of the vendor's clock, which refuses what was issued in its future. */
const backSeconds = 60
/** Vendor clocks differ, and a request may wait on its way. */
const renewAheadMs = 300_000

interface Signed {
  readonly jwt: string
  readonly issuedAtMs: number
}

/** Per account object, so that a key leaves the memory with the secret it came in. */
const ready = new WeakMap<ServiceAccount, Signed>()
const underWay = new WeakMap<ServiceAccount, Promise<Signed>>()

/** A JWT good for at least five minutes. `renew` makes a new one whatever is cached. Signs once for all who ask at once. */
export async function jwtOf(account: ServiceAccount, nowMs: number, renew: boolean): Promise<string> {
  const known = renew ? undefined : ready.get(account)
  if (known !== undefined) {
    const ageMs = nowMs - known.issuedAtMs
    // A clock set back makes it a token from the future, which the vendor refuses.
    if (ageMs >= 0 && ageMs < lifetimeSeconds * 1000 - renewAheadMs) return known.jwt
  }
  const running = underWay.get(account) ?? start(account, nowMs)
  return (await running).jwt
}

/** Forgotten when it settles: a rejection is never kept. */
function start(account: ServiceAccount, nowMs: number): Promise<Signed> {
  const signing = sign(account, nowMs).finally(() => underWay.delete(account))
  underWay.set(account, signing)
  return signing
}

async function sign(account: ServiceAccount, nowMs: number): Promise<Signed> {
  const iat = Math.floor(nowMs / 1000) - backSeconds
  const claims = { aud: audience, iss: account.sub_account, exp: iat + lifetimeSeconds, iat }
  const read = readPrivateKey(account.private_key)
  if ('fault' in read) throw new Error(`the private key ${read.fault}`)
  // plans and answers need this vendor and sign nothing
  const { signJwt } = await import('../wire/jwt.ts')
  const jwt = await signJwt({ kid: account.key_id, typ: 'JWT', alg: 'PS256' }, claims, read.key)
  const signed = { jwt, issuedAtMs: iat * 1000 }
  ready.set(account, signed)
  return signed
}
