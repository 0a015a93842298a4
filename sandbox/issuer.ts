/**
 * Who signs people in, in the sandbox: a real OpenID provider, so that signing in is tried for real (authorization code and PKCE).
 * Its people are those of the demo keys; any password will do. Loaded when the first of them comes.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { demoPeople } from './demo.ts'

export const issuerMount = '/_sandbox/issuer'
const audience = 'unpush-sandbox'
const clientId = 'unpush-console'

/** The member `oidc` of `unpush/access`. */
export function sandboxOidc(origin: string): { readonly [member: string]: string } {
  return {
    issuer: `${origin}${issuerMount}`,
    audience,
    clientId,
    scope: 'openid',
    roleClaim: 'unpush_roles',
    personClaim: 'person',
  }
}

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Answers everything below its mount of `origin`. */
export function createIssuer(origin: () => string): Handle {
  const made = new Map<string, Promise<Handle>>()
  return async (request, response) => {
    const at = origin()
    const handle = made.get(at) ?? open(at)
    made.set(at, handle)
    // as Express does it: what the path is without its mount, and what it was
    Object.assign(request, { originalUrl: request.url })
    request.url = (request.url ?? '').slice(issuerMount.length) || '/'
    await (await handle)(request, response)
  }
}

async function open(origin: string): Promise<Handle> {
  const { default: Provider } = await import('oidc-provider')
  const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ format: 'jwk' })
  const provider = new Provider(`${origin}${issuerMount}`, {
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${origin}/`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    jwks: { keys: [{ ...key, kid: 'sandbox', alg: 'ES256', use: 'sig' }] },
    clientAuthMethods: ['none'],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    clientBasedCORS: () => true,
    findAccount: (_context: unknown, sub: string) =>
      Object.values(demoPeople).includes(sub) ? { accountId: sub, claims: () => ({ sub }) } : undefined,
    extraTokenClaims: (_context: unknown, { accountId = '' }: { accountId?: string }) => ({
      person: accountId,
      unpush_roles: Object.entries(demoPeople).flatMap(([role, person]) => (person === accountId ? [role] : [])),
    }),
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => `urn:${audience}`,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience,
          scope: 'openid',
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    ttl: { Session: 3600, Grant: 3600, Interaction: 600, AuthorizationCode: 60, IdToken: 600, AccessToken: 600 },
  })
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Koa's middleware, which is async, and not Express's
  provider.use(withoutFonts)
  return provider.callback()
}

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** The library's own pages ask another site for a font: nobody outside hears who signs in here, and offline nothing waits. */
async function withoutFonts(
  context: { body: unknown; set(header: string, value: string): void },
  next: () => Promise<void>,
): Promise<void> {
  await next()
  if (typeof context.body !== 'string') return
  context.body = context.body.replaceAll(/@import url\(https?:[^()]*\);?/g, '')
  context.set('content-security-policy', policy)
}
