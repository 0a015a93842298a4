/** An issuer of access tokens on this machine: keys of every algorithm, its two documents, and a count of who asks. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type JWTPayload, SignJWT } from 'jose'
import type { Certificate } from './certificate.ts'

export type Algorithm = 'ES256' | 'RS256' | 'PS256'

export interface IssuerKey {
  readonly kid: string
  readonly alg: Algorithm
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface Issuer {
  readonly url: string
  /** The member `oidc` of `unpush/access`. */
  readonly oidc: { readonly [member: string]: string }
  readonly key: IssuerKey
  /** Published; what is added or taken out counts at the next fetch. */
  readonly keys: IssuerKey[]
  /** Of the key set. */
  fetches: number
  /** Of the discovery document. */
  discoveries: number
  /** Null: as it should; else what every request is answered with. */
  answer: { readonly status: number; readonly body: string } | 'nothing' | null
  /** A valid access token for a minute; claims and header members replace those, undefined ones take them away. */
  token(claims?: { [claim: string]: unknown }, header?: { [member: string]: unknown }, key?: IssuerKey): Promise<string>
  close(): Promise<void>
}

export function newIssuerKey(alg: Algorithm = 'ES256', kid: string = randomUUID()): IssuerKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { kid, alg, ...pair }
}

export async function startIssuer({ certificate }: { certificate?: Certificate } = {}): Promise<Issuer> {
  const keys = [newIssuerKey()]
  let url = ''
  const handle: Parameters<typeof createServer>[1] = (request, response) => {
    if (issuer.answer === 'nothing') return
    const documents: { [path: string]: () => unknown } = {
      '/.well-known/openid-configuration': () => {
        issuer.discoveries += 1
        return { issuer: url, jwks_uri: `${url}/keys` }
      },
      '/keys': () => {
        issuer.fetches += 1
        return {
          keys: keys.map(({ kid, alg, publicKey }) => ({
            ...publicKey.export({ format: 'jwk' }),
            kid,
            alg,
            use: 'sig',
          })),
        }
      },
    }
    const document = documents[request.url ?? '']?.()
    const { status, body } = issuer.answer ?? {
      status: document === undefined ? 404 : 200,
      body: JSON.stringify(document ?? {}),
    }
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(body)
  }
  const server: Server =
    certificate === undefined
      ? createServer(handle)
      : createSecureServer({ key: certificate.key, cert: certificate.certificate }, handle)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [key = newIssuerKey()] = keys
  const issuer: Issuer = {
    url,
    oidc: {
      issuer: url,
      audience: 'https://unpush.test/api',
      clientId: 'console',
      roleClaim: 'unpush_roles',
      personClaim: 'preferred_username',
    },
    key,
    keys,
    fetches: 0,
    discoveries: 0,
    answer: null,
    token: (claims = {}, header = {}, by = key) => signToken(issuer, claims, header, by),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return issuer
}

function signToken(
  { oidc }: Issuer,
  claims: { [claim: string]: unknown },
  header: { [member: string]: unknown },
  { kid, alg, privateKey }: IssuerKey,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const payload: JWTPayload = {
    iss: oidc['issuer'] ?? '',
    aud: oidc['audience'] ?? '',
    sub: 'u-1',
    iat: now,
    exp: now + 60,
    unpush_roles: ['viewer'],
    preferred_username: 'li.wei',
    ...claims,
  }
  const members = { alg, kid, typ: 'at+jwt', ...header }
  return new SignJWT(given(payload)).setProtectedHeader(given(members)).sign(privateKey)
}

function given<Members extends object>(members: Members): Members {
  // oxlint-disable-next-line no-unsafe-type-assertion -- every member of a token may be missing in a test
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members
}
