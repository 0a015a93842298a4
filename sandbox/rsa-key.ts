import { generateKeyPairSync } from 'node:crypto'

/** Both in PEM: PKCS#8 and SPKI. */
export interface RsaKey {
  readonly privateKey: string
  readonly publicKey: string
}

/** Takes a tenth of a second of a core; real ones have 4096 bits, and take seconds. */
export function makeRsaKey(): RsaKey {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
}
