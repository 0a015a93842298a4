/** The sources under test: secrets made anew, and where in a delivery the signature stands. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { type SignedDelivery, type SignerSecret, signers } from '../../sandbox/signers.ts'
import { type Endpoint, endpointSchema } from '../../shared/moderation/endpoint.ts'
import { openDelivery, type Opened } from '../../shared/moderation/open-delivery.ts'
import { sources } from '../../shared/moderation/sources.ts'

export type Envelope =
  | { readonly kind: 'header'; readonly signature: string }
  /** A form or a JSON object that holds the signature beside the signed JSON text. */
  | { readonly kind: 'form' | 'json'; readonly signature: string; readonly content: string }

export interface Subject {
  readonly name: string
  readonly makeSecret: () => SignerSecret
  /** What of it the endpoint's document holds; by default all. */
  readonly published?: (secret: SignerSecret) => SignerSecret
  readonly envelope: Envelope
  /** Bytes before the signed text in a plain SHA-256; null: it cannot be extended. */
  readonly hashedBefore: ((secret: SignerSecret) => number) | null
}

const random = (prefix = '') => `${prefix}${randomBytes(9).toString('hex')}`
const header = (signature: string): Envelope => ({ kind: 'header', signature })

export const subjects: readonly Subject[] = [
  {
    name: 'standard-webhooks',
    makeSecret: () => ({ secret: `whsec_${randomBytes(32).toString('base64')}` }),
    envelope: header('webhook-signature'),
    hashedBefore: null,
  },
  {
    name: 'aliyun-green',
    makeSecret: () => ({ uid: random(), seed: random('seed_') }),
    envelope: { kind: 'form', signature: 'checksum', content: 'content' },
    hashedBefore: ({ uid = '', seed = '' }) => uid.length + seed.length,
  },
  {
    name: 'tencent-ams',
    makeSecret: () => ({ seed: random() }),
    envelope: header('x-signature'),
    hashedBefore: ({ seed = '' }) => seed.length,
  },
  {
    name: 'netease-yidun',
    makeSecret: () => ({ secretId: random(), businessId: random(), secretKey: random() }),
    envelope: { kind: 'form', signature: 'signature', content: 'callbackData' },
    hashedBefore: null,
  },
  {
    name: 'ishumei',
    makeSecret: () => ({ accessKey: random() }),
    envelope: { kind: 'json', signature: 'checksum', content: 'result' },
    // the content id of the negatives stands between
    hashedBefore: ({ accessKey = '' }) => accessKey.length + 'article:42'.length,
  },
  {
    name: 'getstream',
    makeSecret: () => ({ apiSecret: random() }),
    envelope: header('x-signature'),
    hashedBefore: null,
  },
  {
    name: 'moderation-api',
    makeSecret: () => ({ secret: random() }),
    envelope: header('modapi-signature'),
    hashedBefore: null,
  },
  {
    name: 'sightengine',
    makeSecret: () => ({ secret: random('casec_') }),
    envelope: header('sightengine-signature'),
    hashedBefore: null,
  },
  {
    name: 'roost-coop',
    makeSecret: () => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      return {
        publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
    },
    published: ({ publicKey = '' }) => ({ publicKey }),
    envelope: header('coop-signature'),
    hashedBefore: null,
  },
]

export const policy = { block: 'revoke', review: 'none', pass: 'none', actions: { remove: 'revoke' } }

export function endpointOf(source: string, secret: unknown, more: object = {}): Endpoint {
  return endpointSchema().parse({ source, secret, policy, ...more })
}

/** The endpoint's `secret` for what the signer has. */
export function documentOf({ published }: Subject, secret: SignerSecret): SignerSecret {
  return published === undefined ? secret : published(secret)
}

export function signerOf(name: string) {
  const signer = signers[name]
  if (signer === undefined) throw new Error(`no signer for ${name}`)
  return signer
}

export function open(endpoint: Endpoint, { headers, body }: SignedDelivery, nowMs = Date.now()): Opened | null {
  return openDelivery(endpoint, { body, headers }, nowMs)
}

export const actingSources = sources.filter(({ tier }) => tier !== 'C').map(({ name }) => name)
