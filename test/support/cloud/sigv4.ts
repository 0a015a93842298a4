/**
 * Verifies AWS Signature Version 4 from its own description
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html): it starts from what
 * arrived on the wire, and shares nothing with whoever signed.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { Arrived, Keyring } from './stand-in.ts'

const toleratedMs = 300_000

/** Null: genuine; otherwise the type and message that AWS refuses with. `id` is whose key signed. */
export function refuseSigV4(
  { method, url, headers, body }: Arrived,
  service: string,
  region: string,
  keyring: Keyring,
): { type: string; message: string } | null {
  const wrong = (message: string) => ({ type: 'InvalidSignatureException', message })
  const written = headers.authorization ?? ''
  if (!written.startsWith('AWS4-HMAC-SHA256 ')) {
    return { type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' }
  }
  const members = new Map(
    written
      .slice('AWS4-HMAC-SHA256 '.length)
      .split(/,\s*/)
      .map(member => [member.slice(0, member.indexOf('=')), member.slice(member.indexOf('=') + 1)]),
  )
  const [id = '', day = '', ...scope] = (members.get('Credential') ?? '').split('/')
  const owner = keyring[id]
  const refused = { type: 'UnrecognizedClientException', message: 'The security token included is invalid.' }
  if (owner === undefined) return refused
  if (owner.token !== undefined && headers['x-amz-security-token'] !== owner.token) return refused
  if (scope.join('/') !== `${region}/${service}/aws4_request`) {
    return wrong('Credential should be scoped to the right region and service.')
  }
  const time = String(headers['x-amz-date'])
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time)?.slice(1).map(Number)
  if (parts === undefined) return wrong('X-Amz-Date is not in the basic format of ISO 8601.')
  const [year = 0, month = 0, ...rest] = parts
  const at = Date.UTC(year, month - 1, ...rest)
  if (!time.startsWith(`${day}T`)) return wrong('The date of the credential is not that of X-Amz-Date.')
  if (Math.abs(Date.now() - at) > toleratedMs) return wrong('Signature expired.')
  const names = (members.get('SignedHeaders') ?? '').split(';')
  const must = ['host', ...Object.keys(headers).filter(name => name.startsWith('x-amz-'))]
  const unsigned = must.filter(name => !names.includes(name))
  if (unsigned.length > 0 || [...names].sort().join() !== names.join()) return wrong(`Not signed: ${unsigned.join()}.`)

  const [path = '/', query = ''] = url.split('?', 2)
  const canonical =
    `${method}\n${escapePath(path)}\n${query}\n` +
    names.map(name => `${name}:${String(headers[name]).trim()}\n`).join('') +
    `\n${names.join(';')}\n${hash('sha256', body, 'hex')}`
  const statement = `AWS4-HMAC-SHA256\n${time}\n${day}/${scope.join('/')}\n${hash('sha256', canonical, 'hex')}`
  const mac = (secret: Buffer, text: string): Buffer => createHmac('sha256', secret).update(text).digest()
  const ofDay = mac(Buffer.from(`AWS4${owner.key}`), day)
  const ofService = mac(mac(ofDay, region), service)
  const expected = mac(mac(ofService, 'aws4_request'), statement)
  const given = Buffer.from(members.get('Signature') ?? '', 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
    ? null
    : wrong('The request signature we calculated does not match the signature you provided.')
}

/** Every octet but the unreserved ones and the slash, also of what is escaped already. */
function escapePath(path: string): string {
  return [...Buffer.from(path)]
    .map(octet => String.fromCharCode(octet))
    .map(character =>
      /[A-Za-z0-9/._~-]/.test(character)
        ? character
        : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
}
