/**
 * Validly signed deliveries, as each moderation system sends them: for `npm run sign`, and for tests, which is why nothing
 * here is shared with what verifies them.
 */
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'

/** One version of an endpoint's `secret`. */
export interface SignerSecret {
  readonly [member: string]: string
}

export interface Said {
  readonly content: string
  readonly verdict: 'block' | 'review' | 'pass'
  readonly label?: string
}

export interface SignedDelivery {
  readonly headers: { readonly [name: string]: string }
  readonly body: Buffer
}

export interface Signer {
  /** Members of the secret that it needs. */
  readonly members: readonly string[]
  /** The JSON text of a delivery that says this. */
  write(said: Said): string
  /** Signs any text, well-formed or not. `timestamp`, where the source signs one: Unix seconds, by default now. */
  sign(text: string | Buffer, secret: SignerSecret, timestamp?: string): SignedDelivery
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`
const seconds = () => String(Math.floor(Date.now() / 1000))
const sha256 = (...parts: (string | Buffer)[]) => hex('sha256', ...parts)

function hex(algorithm: string, ...parts: (string | Buffer)[]): string {
  return createHash(algorithm)
    .update(Buffer.concat(parts.map(part => Buffer.from(part))))
    .digest('hex')
}

/** As java.net.URLEncoder and most others write it; bytes that are no UTF-8 too. */
function escape(text: string | Buffer): string {
  return [...Buffer.from(text)]
    .map(byte => {
      const sign = String.fromCharCode(byte)
      if (/[A-Za-z0-9._*-]/.test(sign)) return sign
      return sign === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

export const signers: { readonly [source: string]: Signer } = {
  'standard-webhooks': {
    members: ['secret'],
    write: ({ content, verdict, label }) =>
      JSON.stringify({ type: 'moderation.verdict', data: { content, verdict, labels: label ? [label] : [] } }),
    sign(text, { secret = '' }, timestamp = seconds()) {
      const id = `msg_${randomBytes(12).toString('hex')}`
      const body = Buffer.from(text)
      const digest = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
        .update(Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]))
        .digest('base64')
      const signed = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${digest}` }
      return { headers: { ...json, ...signed }, body }
    },
  },
  'aliyun-green': {
    members: ['uid', 'seed'],
    write: ({ content, verdict, label = 'ad' }) =>
      JSON.stringify({
        scanResult: {
          code: 200,
          msg: 'OK',
          dataId: content,
          taskId: `txt${randomUUID()}`,
          results: [{ scene: 'antispam', label, suggestion: verdict, rate: 99.91 }],
        },
      }),
    sign(text, { uid = '', seed = '', algorithm = 'sha256' }) {
      const checksum = hex(algorithm, uid, seed, text)
      return { headers: form, body: Buffer.from(`checksum=${checksum}&content=${escape(text)}`) }
    },
  },
  'tencent-ams': {
    members: ['seed'],
    write: ({ content, verdict, label = 'Ad' }) =>
      JSON.stringify({
        Code: 0,
        DataId: content,
        BizType: 'push_policy',
        Status: 'FINISH',
        TaskId: `task-${randomUUID()}`,
        Suggestion: capital(verdict),
        Label: label,
      }),
    sign: (text, { seed = '' }) => ({
      headers: { ...json, 'x-signature': sha256(seed, text) },
      body: Buffer.from(text),
    }),
  },
}
