/** The demo app at Apple, its key as the developer portal gives it out, and what has been asked of it. Plain JSON. */
import { generateKeyPairSync } from 'node:crypto'

export interface ApnsState {
  readonly teamId: string
  readonly keyId: string
  readonly topic: string
  readonly privateKey: string
  readonly publicKey: string
  /** The newest provider token that was taken, and how many there were. */
  provider: { issuedAt: number; bytes: string; atMs: number; updates: number }
  requests: number
  /** Times of the background pushes that ran, by device. */
  readonly ran: { [token: string]: number[] }
}

export function createApnsState(): ApnsState {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return {
    teamId: 'DEF123GHIJ',
    keyId: 'ABC123DEFG',
    topic: 'com.example.news',
    privateKey,
    publicKey,
    provider: { issuedAt: 0, bytes: '', atMs: 0, updates: 0 },
    requests: 0,
    ran: {},
  }
}
