/**
 * The provider token: a JWT of our own making, shared by all instances, since APNs counts how often a key's token changes.
 * https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns
 */
import { onceEach } from '../../once.ts'
import { readPrivateKey } from '../../pem.ts'
import type { Login, LoginCall, Session } from '../provider.ts'
import type { ApnsCredentials } from './credentials.ts'
import { leastMintMs } from './reasons.ts'

/** Tokens made in the same half hour say the same time: a report from the live service has it count those as one. */
const gridSeconds = 1800
/** Ours may be ahead of Apple's clock, which refuses what was issued in its future. */
const backSeconds = 60
/** Apple refuses one that is older than an hour. */
const freshSeconds = 3000

const keyOf = onceEach(({ privateKey }: ApnsCredentials) => {
  const read = readPrivateKey(privateKey)
  if ('fault' in read) throw new Error(`the private key ${read.fault}`)
  return read.key
})
/** The same for every spelling of the key. */
const writtenKey = onceEach((credentials: ApnsCredentials) =>
  keyOf(credentials).export({ format: 'der', type: 'pkcs8' }).toString('base64'),
)

export const apnsLogin: Login<ApnsCredentials> = {
  id: ({ teamId, keyId }) => `apns:${teamId}/${keyId}`,
  secret: writtenKey,
  leastIntervalMs: leastMintMs,
  open: async call => ({ session: await mint(call) }),
}

async function mint({ credentials, now }: LoginCall<ApnsCredentials>): Promise<Session> {
  const { teamId, keyId } = credentials
  const seconds = Math.floor(now() / 1000) - backSeconds
  const iat = seconds - (seconds % gridSeconds)
  // plans and answers need this vendor and sign nothing
  const { signJwt } = await import('../wire/jwt.ts')
  const value = await signJwt({ alg: 'ES256', kid: keyId }, { iss: teamId, iat }, keyOf(credentials))
  // by then a new one may be made
  return { value, freshUntilMs: Math.max((iat + freshSeconds) * 1000, now() + leastMintMs) }
}
