/** Deliveries that must be refused: each kind made from a genuine one, and most of the later ones even signed. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { SignedDelivery, SignerSecret } from '../../sandbox/signers.ts'
import { extend } from './length-extension.ts'
import { type Envelope, type Subject, signerOf } from './subjects.ts'

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
  const { envelope } = subject
  const signature = readSignature(envelope, genuine)
  const signed = (text: string | Buffer) => signer.sign(text, secret)
  const withSignature = (value: string | null) => writeSignature(envelope, genuine, value)
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
    ...(subject.name !== 'roost-coop' ? [['an empty secret', signer.sign(json, emptied(secret))] as const] : []),
    ['the signature of another delivery', withSignature(readSignature(envelope, signed(`${json} `)))],
    ['no body', withBody(Buffer.alloc(0))],
    ['a body without its end', withBody(genuine.body.subarray(0, -1))],
    ['a body with a byte behind', withBody(Buffer.concat([genuine.body, Buffer.from('\n')]))],
    ['a body with a byte before', withBody(Buffer.concat([Buffer.from(' '), genuine.body]))],
    ['a body twice', withBody(Buffer.concat([genuine.body, genuine.body]))],
    ['a bomb under the genuine signature', withBody(gzipSync(Buffer.alloc(50 * 1024 * 1024)))],
    ['JSON written anew', carrying(envelope, genuine, JSON.stringify(JSON.parse(json), null, 1))],
    ['another content id', carrying(envelope, genuine, json.replace('article', 'artikel'))],
    ['signed: nothing', signed('')],
    ['signed: no JSON', signed('block')],
    ['signed: JSON and more', signed(`${json} {}`)],
    ['signed: half a JSON', signed(json.slice(0, -1))],
    ['signed: a byte order mark', signed(`\ufeff${json}`)],
    ['signed: bytes that are no UTF-8', signed(Buffer.from(json.replace('}', ',"x":"\xff"}'), 'latin1'))],
    ['signed: a repeated member', signed(json.replace('{', '{"type":"x","type":"y",'))],
    ['signed: a repeated member, escaped', signed(json.replace('{', '{"z":1,"\\u007a":2,'))],
    ['signed: a repeated member, deep inside', signed(json.replace('{', '{"x":[{"y":{"z":1,"z":1}}],'))],
    ['signed: a repeated __proto__', signed(json.replace('{', '{"__proto__":1,"__proto__":2,'))],
    ['signed: a control character in a text', signed(json.replace('{', '{"x":"\u0001",'))],
    ['signed: an escape that is none', signed(json.replace('{', '{"x":"\\x41",'))],
    ['signed: half an escape', signed(json.replace('{', '{"x":"\\u12",'))],
    ['signed: a comma too many', signed(json.replace(/}$/, ',}'))],
    ['signed: a number with a zero before', signed(json.replace('{', '{"x":01,'))],
    ['signed: NaN', signed(json.replace('{', '{"x":NaN,'))],
    ['signed: single quotes', signed(json.replace('{', "{'x':1,"))],
    ['signed: a comment', signed(json.replace('{', '{/* x */'))],
    ['signed: brackets that do not match', signed(json.replace('{', '{"x":[1},'))],
    ['signed: brackets without an end', signed('['.repeat(5000))],
  ]
  return [...negatives, ...extensions(subject, genuine, secret, signature), ...formNegatives(envelope, genuine)].filter(
    // a kind that this source cannot tell from a genuine delivery is none: its base64 has its own upper case
    ([, delivery]) => !(delivery.body.equals(genuine.body) && readSignature(envelope, delivery) === signature),
  )
}

/** Signed, and no different for what stands in members that nobody reads. */
export function oddButGenuine(json: string): { readonly [kind: string]: string } {
  const beside = (member: string) => json.replace('{', `{${member},`)
  return {
    'a member named __proto__': beside('"__proto__":{"content":"victim"}'),
    'half of a surrogate pair': beside(String.raw`"x":"\ud83d"`),
    'U+0000': beside(String.raw`"x":"\u0000"`),
    'U+0000 in a name': beside(String.raw`"\u0000":1`),
    'a number beyond all': beside('"x":1e999'),
    'a number of a thousand digits': beside(`"x":${'9'.repeat(1000)}`),
    'deep lists': beside(`"x":${'['.repeat(5000)}${']'.repeat(5000)}`),
    'deep objects': beside(`"x":${'{"y":'.repeat(5000)}1${'}'.repeat(5000)}`),
    'blanks everywhere': JSON.stringify(JSON.parse(json), null, '\t\r\n '),
    'a null beside': beside('"x":null'),
    'names in lists': beside('"x":["type","type"]'),
  }
}

function emptied(secret: SignerSecret): SignerSecret {
  // the method is no secret
  return Object.fromEntries(
    Object.entries(secret).map(([name, value]) => [name, name === 'signatureMethod' ? value : '']),
  )
}

function extensions(subject: Subject, genuine: SignedDelivery, secret: SignerSecret, digest: string): Negative[] {
  const { envelope, hashedBefore } = subject
  if (hashedBefore === null) return []
  const text = Buffer.from(readContent(envelope, genuine))
  return ['{"DataId":"victim","Suggestion":"Block"}', '', ' ', '}'].map(appended => {
    const forged = extend(digest, text, hashedBefore(secret), appended)
    return [
      `a length extension by "${appended}"`,
      carrying(envelope, writeSignature(envelope, genuine, forged.digest), forged.text),
    ] as const
  })
}

function formNegatives(envelope: Envelope, genuine: SignedDelivery): Negative[] {
  if (envelope.kind !== 'form') return []
  const { content } = envelope
  const body = genuine.body.toString()
  const changed = (text: string) => ({ ...genuine, body: Buffer.from(text) })
  const pairs = body.split('&')
  const moved = `${content}x${pairs.find(pair => pair.startsWith(content))?.slice(content.length)}`
  return [
    ['a parameter more', changed(`${body}&a=b`)],
    ['a known parameter more', changed(`${body}&scene=b`)],
    ['an empty parameter more', changed(`${body}&`)],
    ['a parameter twice', changed(`${body}&${pairs[0]}`)],
    ['a parameter less', changed(pairs.slice(1).join('&'))],
    ['a value cut elsewhere', changed(pairs.map(pair => (pair.startsWith(content) ? moved : pair)).join('&'))],
    ['values exchanged', changed(exchanged(pairs))],
    ['a parameter in capitals', changed(body.replace(content, content.toUpperCase()))],
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

function exchanged(pairs: readonly string[]): string {
  const names = pairs.map(pair => pair.split('=')[0])
  const values = pairs.map(pair => pair.split('=')[1])
  return names.map((name, index) => `${name}=${values[(index + 1) % values.length]}`).join('&')
}

export function readSignature(envelope: Envelope, { headers, body }: SignedDelivery): string {
  switch (envelope.kind) {
    case 'header':
      return headers[envelope.signature] ?? ''
    case 'form':
      return new URLSearchParams(body.toString()).get(envelope.signature) ?? ''
    case 'json':
      return String(objectOf(body)[envelope.signature])
    default:
      return envelope satisfies never
  }
}

function writeSignature(envelope: Envelope, delivery: SignedDelivery, value: string | null): SignedDelivery {
  const name = envelope.signature
  if (envelope.kind === 'header') {
    const { [name]: _, ...headers } = delivery.headers
    return { ...delivery, headers: value === null ? headers : { ...headers, [name]: value } }
  }
  return withMember(envelope, delivery, name, value)
}

function readContent(envelope: Envelope, { body }: SignedDelivery): string | Buffer {
  if (envelope.kind === 'header') return body
  return envelope.kind === 'form'
    ? (new URLSearchParams(body.toString()).get(envelope.content) ?? '')
    : String(objectOf(body)[envelope.content])
}

/** The same delivery with another JSON text under the old signature. */
function carrying(envelope: Envelope, delivery: SignedDelivery, json: string | Buffer): SignedDelivery {
  if (envelope.kind === 'header') return { ...delivery, body: Buffer.from(json) }
  return withMember(envelope, delivery, envelope.content, json)
}

/** Null leaves the member out. */
function withMember(
  envelope: Envelope & { readonly kind: 'form' | 'json' },
  delivery: SignedDelivery,
  name: string,
  value: string | Buffer | null,
): SignedDelivery {
  if (envelope.kind === 'json') {
    const { [name]: _, ...others } = objectOf(delivery.body)
    const object = value === null ? others : { ...others, [name]: '\0' }
    // as bytes, since a forger's need not be text
    const [before = '', after] = JSON.stringify(object).split('"\\u0000"')
    const inner = Buffer.from(value ?? '')
      .toString('latin1')
      .split('')
      .map(sign =>
        sign < ' ' ? `\\u00${sign.charCodeAt(0).toString(16).padStart(2, '0')}` : sign.replace(/["\\]/, '\\$&'),
      )
      .join('')
    const body =
      after === undefined
        ? Buffer.from(before)
        : Buffer.concat([Buffer.from(before), Buffer.from(`"${inner}"`, 'latin1'), Buffer.from(after)])
    return { ...delivery, body }
  }
  const escaped = [...Buffer.from(value ?? '')]
    .map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
  const pairs = delivery.body.toString().split('&')
  const kept = pairs.flatMap(pair =>
    pair.startsWith(`${name}=`) ? (value === null ? [] : [`${name}=${escaped}`]) : [pair],
  )
  return { ...delivery, body: Buffer.from(kept.join('&')) }
}

function objectOf(body: Buffer): { readonly [member: string]: unknown } {
  return JSON.parse(body.toString())
}
