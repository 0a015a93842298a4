/** Authorization code and PKCE (RFC 7636) by oauth4webapi. A file of its own: see oidc.ts. */
import * as oauth from 'oauth4webapi'
import type { PublicConfig } from './answers.ts'

export type Issuer = NonNullable<PublicConfig['oidc']>

export interface Flow {
  /** Where to go. */
  begin(issuer: Issuer, way: string, silent: boolean): Promise<string>
  finish(
    issuer: Issuer,
    answered: URL,
  ): Promise<
    { readonly way: string } & (
      | { readonly token: string; readonly expiresAt: number | null }
      | { readonly denied: string; readonly silent: boolean }
    )
  >
}

const place = 'unpush.sign-in'

interface Kept {
  readonly verifier: string
  readonly state: string
  readonly nonce: string
  readonly way: string
  readonly silent: boolean
}

/** http is for an issuer on this machine alone. */
function optionsOf({ issuer }: Issuer): { readonly [oauth.allowInsecureRequests]?: boolean } {
  const { protocol, hostname } = new URL(issuer)
  const local = protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  return local ? { [oauth.allowInsecureRequests]: true } : {}
}

async function discover(issuer: Issuer): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer.issuer)
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, optionsOf(issuer)))
}

function isAddress(text: string): boolean {
  try {
    return new URL(text).protocol !== ''
  } catch {
    return false
  }
}

const home = (): string => `${location.origin}${location.pathname}`

async function begin(issuer: Issuer, way: string, silent: boolean): Promise<string> {
  const server = await discover(issuer)
  if (server.authorization_endpoint === undefined) throw new Error('the issuer signs nobody in')
  const kept: Kept = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    way,
    silent,
  }
  sessionStorage.setItem(place, JSON.stringify(kept))
  const to = new URL(server.authorization_endpoint)
  const parameters = {
    client_id: issuer.clientId,
    redirect_uri: home(),
    response_type: 'code',
    scope: issuer.scope,
    code_challenge: await oauth.calculatePKCECodeChallenge(kept.verifier),
    code_challenge_method: 'S256',
    state: kept.state,
    nonce: kept.nonce,
    // some issuers want to know whom the token is for by the one name, some by the other
    audience: issuer.audience,
    ...(isAddress(issuer.audience) ? { resource: issuer.audience } : {}),
    ...(silent ? { prompt: 'none' } : {}),
  }
  for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value)
  return to.href
}

async function finish(issuer: Issuer, answered: URL): ReturnType<Flow['finish']> {
  const text = sessionStorage.getItem(place)
  sessionStorage.removeItem(place)
  if (text === null) throw new Error('nobody began to sign in here')
  const kept = JSON.parse(text) as Kept
  const { way } = kept
  const server = await discover(issuer)
  const client: oauth.Client = { client_id: issuer.clientId }
  let parameters: URLSearchParams
  try {
    parameters = oauth.validateAuthResponse(server, client, answered, kept.state)
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) return { way, denied: error.error, silent: kept.silent }
    throw error
  }
  const reply = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    home(),
    kept.verifier,
    {
      ...optionsOf(issuer),
      ...(isAddress(issuer.audience) ? { additionalParameters: { resource: issuer.audience } } : {}),
    },
  )
  const result = await oauth.processAuthorizationCodeResponse(server, client, reply, { expectedNonce: kept.nonce })
  return {
    way,
    token: result.access_token,
    expiresAt: result.expires_in === undefined ? null : Date.now() + result.expires_in * 1000,
  }
}

export const flow: Flow = { begin, finish }
