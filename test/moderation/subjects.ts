/** The sources under test: where in a delivery the signature stands. */
import { type SignedDelivery, type SignerSecret, signers } from '../../sandbox/signers.ts'
import { endpointsOf } from '../../shared/moderation/endpoint.ts'
import type { Endpoint } from '../../shared/moderation/endpoint.ts'
import { openDelivery } from '../../shared/moderation/open-delivery.ts'
import type { Verdict } from '../../shared/moderation/source.ts'
import { allSources } from '../../shared/moderation/sources.ts'

const sources = await allSources()
const endpointSchema = endpointsOf(sources)

export type Envelope =
  | { readonly kind: 'header'; readonly signature: string }
  /** A form or a JSON object that holds the signature beside the signed JSON text. */
  | { readonly kind: 'form' | 'json'; readonly signature: string; readonly content: string }

export interface Subject {
  readonly name: string
  readonly envelope: Envelope
  /** Bytes before the signed text in a plain SHA-256; null: it cannot be extended. */
  readonly hashedBefore: ((secret: SignerSecret) => number) | null
}

const header = (signature: string): Envelope => ({ kind: 'header', signature })

export const subjects: readonly Subject[] = [
  {
    name: 'standard-webhooks',
    envelope: header('webhook-signature'),
    hashedBefore: null,
  },
  {
    name: 'aliyun-green',
    envelope: { kind: 'form', signature: 'checksum', content: 'content' },
    hashedBefore: ({ uid = '', seed = '' }) => uid.length + seed.length,
  },
  {
    name: 'tencent-ams',
    envelope: header('x-signature'),
    hashedBefore: ({ seed = '' }) => seed.length,
  },
  {
    name: 'netease-yidun',
    envelope: { kind: 'form', signature: 'signature', content: 'callbackData' },
    hashedBefore: null,
  },
  {
    name: 'ishumei',
    envelope: { kind: 'json', signature: 'checksum', content: 'result' },
    // the content id of the negatives stands between
    hashedBefore: ({ accessKey = '' }) => accessKey.length + 'article:42'.length,
  },
  {
    name: 'getstream',
    envelope: header('x-signature'),
    hashedBefore: null,
  },
  {
    name: 'moderation-api',
    envelope: header('modapi-signature'),
    hashedBefore: null,
  },
  {
    name: 'sightengine',
    envelope: header('sightengine-signature'),
    hashedBefore: null,
  },
  {
    name: 'roost-coop',
    envelope: header('coop-signature'),
    hashedBefore: null,
  },
]

export const policy = { block: 'revoke', review: 'none', pass: 'none', actions: { remove: 'revoke' } }

export function endpointOf(source: string, secret: unknown, more: object = {}): Endpoint {
  return endpointSchema.parse({ source, secret, policy, ...more })
}

export function signerOf(name: string) {
  const signer = signers[name]
  if (signer === undefined) throw new Error(`no signer for ${name}`)
  return signer
}

export interface Opened {
  readonly key: string
  readonly verdicts: readonly Verdict[]
  readonly unreadable: readonly string[]
  readonly job: object | null
}

/** Null: refused. */
export function open(endpoint: Endpoint, sent: SignedDelivery, nowMs = Date.now()): Opened | null {
  const { headers, body, urlKey = null } = sent
  const opened = openDelivery(endpoint, { body, headers, urlKey }, nowMs)
  if ('refused' in opened) return null
  const { key, said, job } = opened
  return {
    key,
    job,
    verdicts: said.flatMap(one => ('unreadable' in one ? [] : [one])),
    unreadable: said.flatMap(one => ('unreadable' in one ? [one.unreadable] : [])),
  }
}

export const actingSources = sources.filter(({ tier }) => tier !== 'C').map(({ name }) => name)
