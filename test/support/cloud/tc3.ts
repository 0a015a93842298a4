/**
 * Verifies TC3-HMAC-SHA256 from the API's own description (https://cloud.tencent.com/document/api/583/33846): it starts
 * from what arrived on the wire, and shares nothing with whoever signed.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { Arrived, Keyring } from './stand-in.ts'

const shape =
  /^TC3-HMAC-SHA256 Credential=([^/\s]+)\/(\d{4}-\d{2}-\d{2})\/([a-z]+)\/tc3_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
const toleratedSeconds = 300

/** Null: genuine; otherwise the code and message that the API refuses with. */
export function refuseTc3(
  { method, url, headers, body }: Arrived,
  service: string,
  keyring: Keyring,
): { code: string; message: string } | null {
  const no = (reason: string, message: string) => ({ code: `AuthFailure.${reason}`, message })
  const found = shape.exec(headers.authorization ?? '')
  if (found === null) return no('InvalidAuthorization', 'The Authorization header is not one of TC3-HMAC-SHA256.')
  const [, id = '', date = '', scopeService = '', signedNames = '', signature = ''] = found
  const owner = keyring[id]
  if (owner === undefined) return no('SecretIdNotFound', 'The SecretId is not found.')
  if (owner.token !== undefined && headers['x-tc-token'] !== owner.token)
    return no('TokenFailure', 'The token is wrong.')
  if (scopeService !== service) return no('SignatureFailure', `The scope is of ${scopeService}, not of ${service}.`)
  const seconds = Number(headers['x-tc-timestamp'])
  if (!Number.isInteger(seconds)) return no('SignatureFailure', 'X-TC-Timestamp is not a number of seconds.')
  if (Math.abs(Date.now() / 1000 - seconds) > toleratedSeconds) return no('SignatureExpire', 'The signature expired.')
  const day = new Date(seconds * 1000).toJSON().split('T')[0]
  if (day !== date) return no('SignatureFailure', `The date ${date} of the credential is not that of the timestamp.`)
  const names = signedNames.split(';')
  if (!names.includes('host') || !names.includes('content-type')) {
    return no('SignatureFailure', 'host and content-type must be signed.')
  }

  const [path = '/', query = ''] = url.split('?', 2)
  let text = `${method}\n${path}\n${query}\n`
  for (const name of names) text += `${name}:${String(headers[name]).trim().toLowerCase()}\n`
  text += `\n${signedNames}\n${hash('sha256', body, 'hex')}`
  const statement = `TC3-HMAC-SHA256\n${seconds}\n${date}/${service}/tc3_request\n${hash('sha256', text, 'hex')}`
  let secret: Buffer = Buffer.from(`TC3${owner.key}`)
  for (const part of [date, service, 'tc3_request', statement])
    secret = createHmac('sha256', secret).update(part).digest()
  return timingSafeEqual(secret, Buffer.from(signature, 'hex'))
    ? null
    : no('SignatureFailure', 'The signature that was calculated is not the one that was given.')
}
