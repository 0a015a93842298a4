/** Why an access token is refused, in words for who sent it and for the log. */

/** What the issuer says of who holds the token; whatever else it says is read by name. */
export interface Claims {
  readonly sub: string
  /** Seconds since 1970. */
  readonly exp: number
  readonly [claim: string]: unknown
}

const sentences = {
  size: 'is longer than any that is taken',
  form: 'is not one signed JWT whose members each stand there once',
  header: 'has a key, the address of one or an extension in its header',
  typ: 'is of another type than at+jwt or JWT',
  alg: 'is not signed with ES256, RS256 or PS256',
  key: 'is signed with a key that its issuer does not publish',
  signature: 'has a signature that is not of its issuer',
  iss: 'is of another issuer',
  aud: 'is for another audience',
  exp: 'has expired, or does not say when it does',
  nbf: 'does not hold yet: its nbf is ahead of the clock here',
  iat: 'does not say when it was issued, or names a time ahead of the clock here',
  sub: 'does not say whose it is',
  'id-token': 'is an ID token, or another that no API takes: send the access token',
} as const

export type TokenFault = keyof typeof sentences

export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly fault: TokenFault

  constructor(fault: TokenFault) {
    super(`The access token ${sentences[fault]}.`)
    this.fault = fault
  }
}
