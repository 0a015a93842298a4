/** https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns */
import { createPublicKey, verify } from 'node:crypto'
import { decodePart } from '../jwt-part.ts'
import { Refusal } from './refusal.ts'
import type { ApnsState } from './state.ts'

const lifetimeSeconds = 3600
const updateMs = 1_200_000
/** How far clocks may differ is not documented. */
const skewSeconds = 60

/** `authorization` is the header as it came. Counts updates. Throws Refusal. */
export function authorise(authorization: string, state: ApnsState, countsBytes: boolean, nowMs: number): void {
  if (authorization === '') throw new Refusal('MissingProviderToken')
  const [, head = '', payload = '', signature = ''] = /^bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization) ?? []
  const { alg, kid } = decodePart(head)
  const { iss, iat, ...others } = decodePart(payload)
  const bytes = Buffer.from(signature, 'base64url')
  const key = { key: createPublicKey(state.publicKey), dsaEncoding: 'ieee-p1363' } as const
  const isOurs = alg === 'ES256' && kid === state.keyId && iss === state.teamId && Object.keys(others).length === 0
  if (!isOurs || bytes.length !== 64 || !verify('sha256', Buffer.from(`${head}.${payload}`), key, bytes)) {
    throw new Refusal('InvalidProviderToken')
  }
  const now = nowMs / 1000
  if (typeof iat !== 'number' || !Number.isInteger(iat) || iat > now + skewSeconds) {
    throw new Refusal('InvalidProviderToken')
  }
  if (now - iat > lifetimeSeconds) throw new Refusal('ExpiredProviderToken')
  const { provider } = state
  const isSame = countsBytes ? provider.bytes === signature : provider.issuedAt === iat
  if (isSame || (iat < provider.issuedAt && !countsBytes)) return
  if (provider.updates > 0 && nowMs - provider.atMs < updateMs) throw new Refusal('TooManyProviderTokenUpdates')
  state.provider = { issuedAt: iat, bytes: signature, atMs: nowMs, updates: provider.updates + 1 }
}
