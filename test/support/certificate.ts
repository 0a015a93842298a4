/** Certificates made here, so that tests of https need neither a key in the tree nor a tool beside Node. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

export interface Certificate {
  /** PEM, both. */
  readonly key: string
  readonly certificate: string
}

const tags = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, time: 0x18, sequence: 0x30, set: 0x31 }
const oids = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
}

/** For DNS names and IPv4 addresses, for an hour (RFC 5280), signed by itself. */
export function makeCertificate(...names: string[]): Certificate {
  return issue(names, newKeys(), null)
}

export interface Authority extends Certificate {
  /** A certificate of its making. */
  issue(...names: string[]): Certificate
}

export function makeAuthority(): Authority {
  const keys = newKeys()
  return { ...issue([], keys, null), issue: (...names) => issue(names, newKeys(), keys) }
}

type Keys = ReturnType<typeof newKeys>

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

/** `by`: whose signature it carries; null: its own. Who signs for others is called so. */
function issue(names: readonly string[], { publicKey, privateKey }: Keys, by: Keys | null): Certificate {
  const algorithm = der(tags.sequence, der(tags.oid, Buffer.from(oids.ecdsaWithSha256, 'hex')))
  const called = (text: string) =>
    der(tags.sequence, der(tags.set, der(tags.sequence, oid(oids.commonName), der(tags.utf8, Buffer.from(text)))))
  const validity = der(tags.sequence, time(Date.now() - 60_000), time(Date.now() + 3_600_000))
  const altNames = der(
    tags.sequence,
    ...names.map(text =>
      isIPv4(text) ? der(0x87, Buffer.from(text.split('.').map(Number))) : der(0x82, Buffer.from(text)),
    ),
  )
  const authority = der(tags.sequence, ...(by === null ? [der(0x01, Buffer.from([0xff]))] : []))
  const extensions = der(
    0xa3,
    der(
      tags.sequence,
      ...(names.length === 0 ? [] : [extension(oids.subjectAltName, altNames)]),
      extension(oids.basicConstraints, authority),
    ),
  )
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(8)])
  const content = der(
    tags.sequence,
    der(0xa0, der(tags.integer, Buffer.from([0x02]))),
    der(tags.integer, serial),
    algorithm,
    called('test'),
    validity,
    called(by === null ? 'test' : 'test server'),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  )
  const signature = der(tags.bits, Buffer.from([0x00]), sign('sha256', content, (by ?? { privateKey }).privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem(der(tags.sequence, content, algorithm, signature)),
  }
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const size =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function oid(hex: string): Buffer {
  return der(tags.oid, Buffer.from(hex, 'hex'))
}

function extension(id: string, value: Buffer): Buffer {
  return der(tags.sequence, oid(id), der(tags.octets, value))
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)
  return der(tags.time, Buffer.from(`${digits}Z`))
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
