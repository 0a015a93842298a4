/**
 * Whether an access token is one (RFC 9068, RFC 8725). Loaded when the first token comes: keys of the API need none of it.
 */
import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { scanJson } from '../json-scan.ts'
import type { Oidc } from '../secrets/access-document.ts'
import { type Claims, TokenRefused } from './token-refused.ts'

/** Pinned: what a token says of itself never chooses how it is checked. */
const algorithms = ['ES256', 'RS256', 'PS256']
/** How far the clocks of issuer and service may be apart. */
const clockToleranceSeconds = 30
/** Tokens that name hundreds of groups have a few thousand. */
const mostCharacters = 16_384
/**
 * A key that a token brings along, or the address of one, is never used; tokens that need to be read in another way than all
 * others are not read.
 */
const refusedParameters = ['jwk', 'jku', 'x5c', 'x5u', 'crit', 'b64', 'zip']
/** Hashes of what came with it: an ID token has them (OpenID Connect Core §3.1.3.6), an access token has none. */
const idTokenClaims = ['at_hash', 'c_hash', 's_hash']

/** `now`: epoch milliseconds. Throws TokenRefused, and what `keys` throws. */
export async function verifyToken(
  token: string,
  { issuer, audience }: Pick<Oidc, 'issuer' | 'audience'>,
  keys: JWTVerifyGetKey,
  now: number = Date.now(),
): Promise<Claims> {
  checkForm(token)
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience,
    algorithms,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'iat', 'sub'],
    currentDate: new Date(now),
  }).catch((error: unknown) => {
    throw refusalOf(error)
  })
  // jose looks at `iat` only where tokens have a greatest age
  if (typeof payload.iat !== 'number' || payload.iat > now / 1000 + clockToleranceSeconds) throw new TokenRefused('iat')
  if (![payload.exp, payload.iat, payload.nbf ?? 0].every(Number.isFinite)) throw new TokenRefused('form')
  // at most 255 characters of ASCII (OpenID Connect Core §2): it becomes a name in the audit trail
  const { sub, exp = 0 } = payload
  if (typeof sub !== 'string' || !/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(sub))
    throw new TokenRefused('sub')
  if (isIdToken(payload)) throw new TokenRefused('id-token')
  return { ...payload, sub, exp }
}

/** What can be seen before any key is looked for. */
function checkForm(token: string): void {
  if (token.length > mostCharacters) throw new TokenRefused('size')
  const parts = token.split('.')
  if (parts.length !== 3 || !parts.every(part => /^[A-Za-z0-9_-]*$/.test(part))) throw new TokenRefused('form')
  const [header = {}] = parts.slice(0, 2).map(readPart)
  if (refusedParameters.some(name => Object.hasOwn(header, name))) throw new TokenRefused('header')
  const { typ } = header
  if (typ === undefined) return
  if (typeof typ !== 'string' || !/^(application\/)?(at\+jwt|jwt)$/i.test(typ)) throw new TokenRefused('typ')
}

/** Of two members of one name one reader takes the first and another the last. */
function readPart(part: string): { readonly [name: string]: unknown } {
  const bytes = Buffer.from(part, 'base64url')
  const text = bytes.toString('utf8')
  if (!Buffer.from(text).equals(bytes)) throw new TokenRefused('form')
  if (scanJson(text, { values: 10_000, depth: 16, members: 1000 }) !== null) throw new TokenRefused('form')
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TokenRefused('form')
    return { ...value }
  } catch {
    throw new TokenRefused('form')
  }
}

/** Keycloak writes into `typ` of the payload what a token is, Cognito into `token_use`. */
function isIdToken(payload: { readonly [claim: string]: unknown }): boolean {
  return (
    idTokenClaims.some(claim => Object.hasOwn(payload, claim)) ||
    payload['token_use'] === 'id' ||
    (typeof payload['typ'] === 'string' && /^(id|refresh|offline|logout)$/i.test(payload['typ']))
  )
}

/** What jose throws, by its code (https://github.com/panva/jose, src/util/errors.ts); what `keys` throws stays as it is. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new TokenRefused('exp')
  if (error instanceof errors.JWTClaimValidationFailed) return new TokenRefused(claimOf(error.claim))
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return new TokenRefused('alg')
  if (error instanceof errors.JWSSignatureVerificationFailed) return new TokenRefused('signature')
  if (error instanceof errors.JOSEError) return new TokenRefused('form')
  // a key that is too short or of another kind than the algorithm: jose throws it as a TypeError
  return error instanceof TypeError ? new TokenRefused('key') : error
}

function claimOf(claim: string): 'iss' | 'aud' | 'exp' | 'nbf' | 'iat' | 'sub' | 'form' {
  switch (claim) {
    case 'iss':
    case 'aud':
    case 'exp':
    case 'nbf':
    case 'iat':
    case 'sub':
      return claim
    default:
      return 'form'
  }
}
