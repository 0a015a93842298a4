/** The sources under test: secrets made anew, and where in a delivery the signature stands. */
import { randomBytes } from 'node:crypto'
import type { SignedDelivery, SignerSecret } from '../../sandbox/signers.ts'
import { signers } from '../../sandbox/signers.ts'
import { type Endpoint, endpointSchema } from '../../shared/moderation/endpoint.ts'
import { openDelivery, type Opened } from '../../shared/moderation/open-delivery.ts'
import { sources } from '../../shared/moderation/sources.ts'

export interface Subject {
  readonly name: string
  readonly makeSecret: () => SignerSecret
  /** A header, or else a parameter of a form. */
  readonly signature: { readonly header: string } | { readonly parameter: string }
  /** Of the form, where there is one: the parameter that holds the JSON. */
  readonly content?: string
  /** What stands before the signed text in a plain SHA-256, as far as its length goes; null: it cannot be extended. */
  readonly hashedBefore: ((secret: SignerSecret) => number) | null
}

const random = (prefix = '') => `${prefix}${randomBytes(9).toString('hex')}`

export const subjects: readonly Subject[] = [
  {
    name: 'standard-webhooks',
    makeSecret: () => ({ secret: `whsec_${randomBytes(32).toString('base64')}` }),
    signature: { header: 'webhook-signature' },
    hashedBefore: null,
  },
  {
    name: 'aliyun-green',
    makeSecret: () => ({ uid: random(), seed: random('seed_') }),
    signature: { parameter: 'checksum' },
    content: 'content',
    hashedBefore: ({ uid = '', seed = '' }) => uid.length + seed.length,
  },
  {
    name: 'tencent-ams',
    makeSecret: () => ({ seed: random() }),
    signature: { header: 'x-signature' },
    hashedBefore: ({ seed = '' }) => seed.length,
  },
]

export const policy = { block: 'revoke', review: 'none', pass: 'none' }

export function endpointOf(source: string, secret: unknown, more: object = {}): Endpoint {
  return endpointSchema.parse({ source, secret, policy, ...more })
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
