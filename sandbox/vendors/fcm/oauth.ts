/** POST /token with a JWT bearer grant: https://developers.google.com/identity/protocols/oauth2/service-account. */
import { type KeyObject, randomBytes, verify } from 'node:crypto'
import { answer, headerOf, type Judgement, type VendorRequest } from '../judgement.ts'
import { decodePart } from '../jwt-part.ts'

const audience = 'https://oauth2.googleapis.com/token'
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const scopes = new Set([
  'https://www.googleapis.com/auth/firebase.messaging',
  'https://www.googleapis.com/auth/cloud-platform',
])
const longestSeconds = 3600
/** How far a clock may be off is not documented. */
const skewSeconds = 30

export interface Account {
  readonly email: string
  readonly keyId: string
  readonly publicKey: KeyObject
}

function no(error: string, error_description: string): Judgement {
  return answer(error, JSON.stringify({ error, error_description }), { httpStatus: 400 })
}

/** `give` books the access token that a good request is answered with. */
export function login(
  { headers, body }: VendorRequest,
  account: Account,
  seconds: number,
  nowMs: number,
  give: (token: string) => void,
): Judgement {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(headerOf(headers, 'content-type'))) {
    return no('invalid_request', 'Bad Request')
  }
  const form = new URLSearchParams(body.toString('utf8'))
  if (form.get('grant_type') !== grantType) {
    return no('unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`)
  }
  const wrong = fault(form.get('assertion') ?? '', account, nowMs / 1000)
  if (wrong !== null) return no(...wrong)
  const token = `ya29.c.${randomBytes(48).toString('base64url')}`
  const text = JSON.stringify({ access_token: token, expires_in: seconds, token_type: 'Bearer' })
  const book = () => give(token)
  return answer('200', text, { act: book, pretend: book })
}

function fault(
  assertion: string,
  { email, keyId, publicKey }: Account,
  now: number,
): readonly [error: string, words: string] | null {
  const [, head = '', payload = '', signature = ''] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(assertion) ?? []
  const { alg, typ, kid } = decodePart(head)
  const { iss, scope, aud, iat, exp } = decodePart(payload)
  if (head === '') return ['invalid_request', 'Bad Request']
  if (iss !== email) return ['invalid_grant', 'Invalid grant: account not found']
  const bytes = Buffer.from(signature, 'base64url')
  const isSigned =
    alg === 'RS256' &&
    (typ === undefined || typ === 'JWT') &&
    (kid === undefined || kid === keyId) &&
    bytes.toString('base64url') === signature &&
    verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, bytes)
  if (!isSigned) return ['invalid_grant', 'Invalid JWT Signature.']
  if (aud !== audience) return ['invalid_grant', 'Invalid JWT: Failed audience check.']
  if (typeof iat !== 'number' || typeof exp !== 'number' || !isSoon(iat, exp, now)) {
    return [
      'invalid_grant',
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
    ]
  }
  if (typeof scope !== 'string' || !scope.split(' ').some(one => scopes.has(one))) {
    return ['invalid_scope', 'Invalid OAuth scope or ID token audience provided.']
  }
  return null
}

function isSoon(iat: number, exp: number, now: number): boolean {
  return exp - iat <= longestSeconds && exp > iat && exp > now && iat <= now + skewSeconds
}
