/** Deliveries that must be refused: each kind made from a genuine one, and most of the later ones even signed. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { SignedDelivery, SignerSecret } from '../../sandbox/signers.ts'
import { extend } from './length-extension.ts'
import { type Subject, signerOf } from './subjects.ts'

type Negative = readonly [kind: string, delivery: SignedDelivery]

/** `json` is what `genuine` says; `other` the secret of somebody else. */
export function negativesOf(
  subject: Subject,
  json: string,
  genuine: SignedDelivery,
  secret: SignerSecret,
  other: SignerSecret,
): Negative[] {
  const signer = signerOf(subject.name)
  const signature = readSignature(subject, genuine)
  const signed = (text: string | Buffer) => signer.sign(text, secret)
  const withSignature = (value: string | null) => writeSignature(subject, genuine, value)
  const withBody = (body: Buffer) => ({ ...genuine, body })
  const otherDigest = (algorithm: string) => createHash(algorithm).update(genuine.body).digest('hex')
  const negatives: Negative[] = [
    ['no signature', withSignature(null)],
    ['an empty signature', withSignature('')],
    ['a doubled signature', withSignature(`${signature}, ${signature}`)],
    ['a signature twice without a blank', withSignature(`${signature},${signature}`)],
    ['upper-case hex', withSignature(signature.toUpperCase())],
    ['a signature without its end', withSignature(signature.slice(0, -1))],
    ['a signature without its beginning', withSignature(signature.slice(1))],
    ['a signature with something behind', withSignature(`${signature}0`)],
    ['a signature in blanks', withSignature(`\t${signature}`)],
    ['a signature with a word before', withSignature(`sha256=${signature}`)],
    ['a signature as a number', withSignature(`0x${signature}`)],
    ['a signature of zeros', withSignature('0'.repeat(64))],
    ['a signature with NUL', withSignature(`${signature}\0`)],
    ['MD5', withSignature(otherDigest('md5'))],
    ['SHA-1', withSignature(otherDigest('sha1'))],
    ['SHA-512', withSignature(otherDigest('sha512'))],
    ['a hash without a secret', withSignature(otherDigest('sha256'))],
    ['the secret of somebody else', signer.sign(json, other)],
    ['an empty secret', signer.sign(json, Object.fromEntries(Object.keys(secret).map(name => [name, ''])))],
    ['the signature of another delivery', withSignature(readSignature(subject, signed(`${json} `)))],
    ['no body', withBody(Buffer.alloc(0))],
    ['a body without its end', withBody(genuine.body.subarray(0, -1))],
    ['a body with a byte behind', withBody(Buffer.concat([genuine.body, Buffer.from('\n')]))],
    ['a body with a byte before', withBody(Buffer.concat([Buffer.from(' '), genuine.body]))],
    ['a body twice', withBody(Buffer.concat([genuine.body, genuine.body]))],
    ['a bomb under the genuine signature', withBody(gzipSync(Buffer.alloc(50 * 1024 * 1024)))],
    ['JSON written anew', carrying(subject, genuine, JSON.stringify(JSON.parse(json), null, 1))],
    ['another content id', carrying(subject, genuine, json.replace('article', 'artikel'))],
    ['signed: nothing', signed('')],
    ['signed: no JSON', signed('block')],
    ['signed: JSON and more', signed(`${json} {}`)],
    ['signed: half a JSON', signed(json.slice(0, -1))],
    ['signed: a byte order mark', signed(`\ufeff${json}`)],
    ['signed: bytes that are no UTF-8', signed(Buffer.from(json.replace('}', ',"x":"\xff"}'), 'latin1'))],
    ['signed: a repeated member', signed(json.replace('{', '{"type":"x","type":"y",'))],
    ['signed: a repeated member, escaped', signed(json.replace('{', '{"z":1,"\\u007a":2,'))],
    ['signed: __proto__', signed(json.replace('{', '{"__proto__":{},'))],
    ['signed: half of a surrogate pair', signed(json.replace('{', '{"x":"\\ud800",'))],
    ['signed: deep nesting', signed('['.repeat(5000) + ']'.repeat(5000))],
    ['signed: a number beyond all', signed(json.replace('{', '{"x":1e999,'))],
  ]
  return [...negatives, ...extensions(subject, genuine, secret, signature), ...formNegatives(subject, genuine)].filter(
    // a kind that this source cannot tell from a genuine delivery is none: its base64 has its own upper case
    ([, delivery]) => !(delivery.body.equals(genuine.body) && readSignature(subject, delivery) === signature),
  )
}

function extensions(subject: Subject, genuine: SignedDelivery, secret: SignerSecret, digest: string): Negative[] {
  if (subject.hashedBefore === null) return []
  const text = Buffer.from(readContent(subject, genuine))
  return ['{"DataId":"victim","Suggestion":"Block"}', '', ' ', '}'].map(appended => {
    const forged = extend(digest, text, subject.hashedBefore?.(secret) ?? 0, appended)
    return [
      `a length extension by "${appended}"`,
      writeSignature(subject, carrying(subject, genuine, forged.text), forged.digest),
    ] as const
  })
}

function formNegatives(subject: Subject, genuine: SignedDelivery): Negative[] {
  if (subject.content === undefined) return []
  const body = genuine.body.toString()
  const changed = (text: string) => ({ ...genuine, body: Buffer.from(text) })
  return [
    ['a parameter more', changed(`${body}&a=b`)],
    ['an empty parameter more', changed(`${body}&`)],
    ['a parameter twice', changed(`${body}&${body.split('&')[0]}`)],
    ['a parameter in capitals', changed(body.replace(subject.content, subject.content.toUpperCase()))],
    ['a parameter without a value', changed(body.replace(/=[^&]*$/, ''))],
    ['a parameter with two', changed(body.replace('=', '=='))],
    ['a parameter named by escapes', changed(body.replace('c', '%63'))],
    ['lower-case escapes', changed(body.replace(/%7B/, '%7b'))],
    ['half an escape', changed(`${body}%7`)],
    ['bytes beyond ASCII that are not escaped', changed(`${body}é`)],
    ['bytes that are no UTF-8', changed(`${body}%FF`)],
    ['semicolons between parameters', changed(body.replace('&', ';'))],
  ]
}

export function readSignature(subject: Subject, { headers, body }: SignedDelivery): string {
  const { signature } = subject
  if ('header' in signature) return headers[signature.header] ?? ''
  return new URLSearchParams(body.toString()).get(signature.parameter) ?? ''
}

function writeSignature(subject: Subject, delivery: SignedDelivery, value: string | null): SignedDelivery {
  const { signature } = subject
  if ('header' in signature) {
    const { [signature.header]: _, ...headers } = delivery.headers
    return { ...delivery, headers: value === null ? headers : { ...headers, [signature.header]: value } }
  }
  const pairs = delivery.body.toString().split('&')
  const kept = pairs.flatMap(pair => {
    if (!pair.startsWith(`${signature.parameter}=`)) return [pair]
    return value === null ? [] : [`${signature.parameter}=${encodeURIComponent(value)}`]
  })
  return { ...delivery, body: Buffer.from(kept.join('&')) }
}

function readContent(subject: Subject, { body }: SignedDelivery): string | Buffer {
  return subject.content === undefined ? body : (new URLSearchParams(body.toString()).get(subject.content) ?? '')
}

/** The same delivery with another JSON text under the old signature. */
function carrying(subject: Subject, delivery: SignedDelivery, json: string | Buffer): SignedDelivery {
  if (subject.content === undefined) return { ...delivery, body: Buffer.from(json) }
  const escaped = [...Buffer.from(json)].map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
  const pairs = delivery.body.toString().split('&')
  const name = subject.content
  const body = pairs.map(pair => (pair.startsWith(`${name}=`) ? `${name}=${escaped}` : pair)).join('&')
  return { ...delivery, body: Buffer.from(body) }
}
