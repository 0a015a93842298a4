/** The demo project at Google, its service account as the console hands it out, and what has been asked. Plain JSON. */
import { randomBytes } from 'node:crypto'
import { makeRsaKey } from '../../rsa-key.ts'

export interface FcmState {
  readonly projectId: string
  readonly keyId: string
  readonly email: string
  readonly privateKey: string
  readonly publicKey: string
  /** Access tokens that were given out. */
  readonly accessTokens: { [token: string]: { readonly endsAtMs: number; calls: number } }
  /** By phone: what FCM stores for one that is offline, newest last, each with its collapse key. */
  readonly stored: { [phone: string]: { readonly key: string; readonly collapseKey: string | null }[] }
  /** By phone: when its app was woken in the background. */
  readonly woken: { [phone: string]: number[] }
  logins: number
  sends: number
}

export function createFcmState(makeKey = makeRsaKey): FcmState {
  const { privateKey, publicKey } = makeKey()
  const projectId = `unpush-demo-${randomBytes(3).toString('hex')}`
  return {
    projectId,
    keyId: randomBytes(20).toString('hex'),
    email: `unpush@${projectId}.iam.gserviceaccount.com`,
    privateKey,
    publicKey,
    accessTokens: {},
    stored: {},
    woken: {},
    logins: 0,
    sends: 0,
  }
}
