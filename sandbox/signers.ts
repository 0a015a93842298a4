/**
 * Validly signed deliveries, as each moderation system sends them: for `npm run sign`, and for tests, which is why nothing
 * here is shared with what verifies them.
 */
import { createHash, createHmac, randomBytes, randomUUID, sign as signRsa } from 'node:crypto'

/** One version of an endpoint's `secret`; where that is a public key, its private one. */
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
  /** Goes into the URL as `?key=`, where the source signs nothing. */
  readonly urlKey?: string
}

/** Where a delivery is sent. */
export function urlOf(endpoint: string, { urlKey }: SignedDelivery): string {
  return urlKey === undefined ? endpoint : `${endpoint}?key=${encodeURIComponent(urlKey)}`
}

export interface Signer {
  /** Members of the secret that it needs. */
  readonly members: readonly string[]
  /** The JSON text of a delivery that says this. */
  write(said: Said): string
  /** Signs any text, well-formed or not. `timestamp`, where the source signs one: Unix seconds, by default now. */
  sign(text: string | Buffer, secret: SignerSecret, timestamp?: string): SignedDelivery
}

const moderators = { block: 'remove', review: 'flag', pass: 'keep' } as const
const grades = { pass: 0, review: 1, block: 2 } as const

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`
const seconds = () => String(Math.floor(Date.now() / 1000))
const sha256 = (...parts: (string | Buffer)[]) => hex('sha256', ...parts)

function hmac(key: string, ...parts: (string | Buffer)[]): string {
  return createHmac('sha256', key)
    .update(Buffer.concat(parts.map(part => Buffer.from(part))))
    .digest('hex')
}

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
  'netease-yidun': {
    members: ['secretId', 'businessId', 'secretKey', 'signatureMethod'],
    write: ({ content, verdict, label = '100' }) =>
      JSON.stringify({
        antispam: {
          taskId: randomUUID(),
          dataId: content,
          suggestion: grades[verdict],
          labels: [{ label }],
          resultType: 1,
          censorSource: 2,
          censorRound: 0,
        },
      }),
    sign(text, { secretId = '', businessId = '', secretKey = '', signatureMethod = 'MD5' }) {
      const data = Buffer.from(text)
      const before = `businessId${businessId}callbackData`
      const after = `secretId${secretId}signatureMethod${signatureMethod}${secretKey}`
      const signature = hex(signatureMethod.toLowerCase(), before, data, after)
      const ids = `secretId=${escape(secretId)}&businessId=${escape(businessId)}&signatureMethod=${signatureMethod}`
      return { headers: form, body: Buffer.from(`${ids}&callbackData=${escape(data)}&signature=${signature}`) }
    },
  },
  ishumei: {
    members: ['accessKey'],
    write: ({ content, verdict, label = 'politics' }) =>
      JSON.stringify({
        code: 1100,
        message: '成功',
        requestId: randomUUID(),
        btId: content,
        riskLevel: { block: 'REJECT', review: 'REVIEW', pass: 'PASS' }[verdict],
        riskLabel1: label,
      }),
    sign(text, { accessKey = '' }) {
      const [, quoted, digits = ''] =
        /"btId"\s*:\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+)(?![.\deE]))/.exec(text.toString()) ?? []
      const checksum = sha256(accessKey, quoted === undefined ? digits : String(JSON.parse(quoted)), text)
      return { headers: json, body: Buffer.from(JSON.stringify({ checksum, result: text.toString() })) }
    },
  },
  'tencent-ci': {
    members: ['urlSecret'],
    write: ({ content, verdict, label = 'Ads' }) =>
      JSON.stringify({
        EventName: 'ReviewText',
        JobsDetail: {
          JobId: `st${randomUUID()}`,
          DataId: content,
          State: 'Success',
          Label: label,
          Result: { pass: 0, block: 1, review: 2 }[verdict],
        },
      }),
    sign: (text, { urlSecret = '' }) => ({
      headers: { ...json, 'x-ci-content-version': 'Detail' },
      body: Buffer.from(text),
      urlKey: urlSecret,
    }),
  },
  'huawei-moderation': {
    members: ['seed', 'urlSecret'],
    write: ({ content, verdict }) =>
      JSON.stringify({
        create_time: new Date().toISOString(),
        job_id: content,
        request_id: randomUUID(),
        status: 'succeeded',
        result: { suggestion: verdict },
      }),
    sign(text, { seed = '', urlSecret = '' }) {
      const { create_time: time, job_id: job, request_id: request } = JSON.parse(text.toString())
      const signature = hmac(seed, `${time}${job}${request}${seed}`)
      return { headers: { ...json, 'x-auth-signature': signature }, body: Buffer.from(text), urlKey: urlSecret }
    },
  },
  getstream: {
    members: ['apiSecret'],
    write: ({ content, verdict }) =>
      JSON.stringify({
        type: 'moderation_check.completed',
        entity_id: content,
        entity_type: 'stream:chat:v1:message',
        recommended_action: moderators[verdict],
        created_at: new Date().toISOString(),
        custom: {},
      }),
    sign: (text, { apiSecret = '' }) => ({
      headers: { ...json, 'x-signature': hmac(apiSecret, text) },
      body: Buffer.from(text),
    }),
  },
  'moderation-api': {
    members: ['secret'],
    write: ({ content, verdict, label = 'SPAM' }) =>
      JSON.stringify({
        id: `evt_${randomUUID()}`,
        type: 'QUEUE_ITEM_ACTION',
        timestamp: Date.now(),
        item: { id: content, flagged: true, labels: [{ label, score: 0.97, flagged: true }] },
        action: { id: `act_${randomUUID()}`, key: moderators[verdict] },
      }),
    sign: (text, { secret = '' }) => ({
      headers: { ...json, 'modapi-signature': hmac(secret, text) },
      body: Buffer.from(text),
    }),
  },
  sightengine: {
    members: ['secret'],
    write: ({ content, verdict }) =>
      JSON.stringify({
        status: 'success',
        media: { id: `med_${randomUUID()}`, uri: content },
        data: { status: 'finished' },
        // its workflows know two words
        summary: { action: verdict === 'block' ? 'reject' : 'accept' },
      }),
    sign(text, { secret = '' }, timestamp = seconds()) {
      const signature = `t=${timestamp},v1=${hmac(secret, `${timestamp}.`, text)}`
      return { headers: { ...json, 'sightengine-signature': signature }, body: Buffer.from(text) }
    },
  },
  'roost-coop': {
    members: ['privateKey'],
    write: ({ content, verdict, label = 'Spam' }) =>
      JSON.stringify({
        item: { id: content, typeId: 'article' },
        action: { id: moderators[verdict] },
        policies: [{ id: randomUUID(), name: label, penalty: 'MEDIUM' }],
        rules: [],
      }),
    sign(text, { privateKey = '' }) {
      const body = Buffer.from(text)
      return { headers: { ...json, 'coop-signature': signRsa('sha256', body, privateKey).toString('base64') }, body }
    },
  },
}
