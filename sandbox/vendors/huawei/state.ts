/** The demo app at Push Kit, its key as AppGallery Connect gives it out, and what has been asked of it. Plain JSON. */
import { makeRsaKey } from '../../rsa-key.ts'

export interface PushKitState {
  readonly clientId: string
  readonly projectId: string
  readonly keyId: string
  readonly subAccount: string
  readonly privateKey: string
  readonly publicKey: string
  /** Devices that may still be asked for, and when that was so. */
  readonly budget: { tokens: number; atMs: number }
  requests: number
}

export function createPushKitState(makeKey = makeRsaKey): PushKitState {
  const { privateKey, publicKey } = makeKey()
  // the file as downloaded holds its base64 on one long line
  const [first = '', ...rest] = privateKey.trim().split('\n')
  return {
    clientId: '109012345',
    projectId: '388421841222000001',
    keyId: 'KEYID0001',
    subAccount: '100000001',
    privateKey: `${first}\n${rest.slice(0, -1).join('')}\n${rest.at(-1) ?? ''}\n`,
    publicKey,
    budget: { tokens: 0, atMs: 0 },
    requests: 0,
  }
}
