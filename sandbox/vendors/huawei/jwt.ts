/** The JWT of a service account: https://developer.huawei.com/consumer/cn/doc/harmonyos-guides/push-jwt-token. */
import { constants, type KeyObject, verify } from 'node:crypto'
import { decodePart } from '../jwt-part.ts'
import { Refusal } from './refusal.ts'

const audience = 'https://oauth-login.cloud.huawei.com/oauth2/v3/token'
const longestSeconds = 86_400
/** "Keep the clock in sync": how far it may be off is not documented. */
const skewSeconds = 60
/** PS256 is a salt as long as the digest, and no other. */
const saltLength = 32

export interface Account {
  readonly keyId: string
  readonly subAccount: string
  readonly publicKey: KeyObject
}

/** `authorization` is the header as it came. Throws Refusal. */
export function authorise(authorization: string, { keyId, subAccount, publicKey }: Account, nowMs: number): void {
  const jwt = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization)
  const [, head = '', payload = '', signature = ''] = jwt ?? []
  const { alg, kid, typ } = decodePart(head)
  const { iss, aud, exp, iat } = decodePart(payload)
  if (alg !== 'PS256' || typ !== 'JWT' || kid !== keyId) throw new Refusal(80200001)
  const key = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  const bytes = Buffer.from(signature, 'base64url')
  // bits after the last byte would make two texts of one signature
  const canonical = bytes.toString('base64url') === signature
  if (!canonical || !verify('sha256', Buffer.from(`${head}.${payload}`), key, bytes)) throw new Refusal(80200001)
  const now = nowMs / 1000
  if (iss !== subAccount || aud !== audience || !isTime(exp) || !isTime(iat) || iat > now + skewSeconds) {
    throw new Refusal(80200001)
  }
  if (exp - iat > longestSeconds) throw new Refusal(80300036)
  if (exp <= now) throw new Refusal(80200005)
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
