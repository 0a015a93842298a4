/** What a browser has to know before anybody has signed in: `GET /config.json`. Anybody may read it. */
import { send } from './http.ts'
import type { Runtime } from './runtime.ts'
import { accessSchema, isSafeUrl } from './secrets/access-document.ts'
import { readRequired } from './secrets/secrets.ts'

export interface PublicConfig {
  /** How people sign in, by authorization code and PKCE (RFC 7636); null: with API keys alone. */
  readonly oidc: {
    readonly issuer: string
    readonly clientId: string
    /** Of the access tokens that are taken: some issuers want it as `resource` (RFC 8707), some as `audience`. */
    readonly audience: string
    readonly scope: string
  } | null
  /** Origins of functions that have one of their own, by the beginning of their paths; what is not there is at this origin. */
  readonly apiBases: { readonly [prefix: string]: string }
  readonly environment: string
  readonly version: string
  /** The service runs on the machine of who asks, beside its sandbox. */
  readonly local: boolean
}

/** Rejects with SecretError: that nobody can sign in must not be told as a fact while the secret cannot be read. */
export async function readPublicConfig({
  config,
  secrets,
}: Pick<Runtime, 'config' | 'secrets'>): Promise<PublicConfig> {
  const { oidc } = await readRequired(secrets, 'unpush/access', accessSchema())
  return {
    oidc:
      oidc === undefined
        ? null
        : { issuer: oidc.issuer, clientId: oidc.clientId, audience: oidc.audience, scope: oidc.scope ?? 'openid' },
    apiBases: config.apiBases,
    environment: config.environment,
    version: config.version,
    local: config.platform === 'local',
  }
}

/** A page is not kept waiting for somebody else's server. */
const discoveryTimeoutMs = 3000
const keptMs = 300_000
/** What a browser asks of an issuer to sign somebody in and out (OpenID Connect Discovery §3, RP-Initiated Logout §2.1). */
const asked = ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'revocation_endpoint'] as const
const known = new Map<string, { readonly atMs: number; readonly origins: readonly string[] }>()

/**
 * Origins that a page at this one may send requests to: `connect-src` of its policy. Those of functions with an origin of their own,
 * and those that the issuer's discovery document names; where that cannot be had, the issuer's own.
 */
export async function connectOrigins({ apiBases, oidc }: Pick<PublicConfig, 'apiBases' | 'oidc'>): Promise<string[]> {
  const issuer = oidc === null ? [] : await issuerOrigins(oidc.issuer)
  return [...new Set([...Object.values(apiBases), ...issuer])]
}

async function issuerOrigins(issuer: string): Promise<readonly string[]> {
  const last = known.get(issuer)
  if (last !== undefined && Date.now() - last.atMs < keptMs) return last.origins
  const own = new URL(issuer).origin
  const reply = await send({
    method: 'GET',
    url: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    headers: { accept: 'application/json' },
    body: '',
    timeoutMs: discoveryTimeoutMs,
    mostReplyBytes: 256 * 1024,
  })
  // asked again at the next page
  if ('failure' in reply || reply.status !== 200) return last?.origins ?? [own]
  const origins = [...new Set([own, ...originsIn(reply.text, issuer)])]
  known.set(issuer, { atMs: Date.now(), origins })
  return origins
}

function originsIn(text: string, issuer: string): string[] {
  try {
    const document: unknown = JSON.parse(text)
    if (typeof document !== 'object' || document === null) return []
    const members: { readonly [name: string]: unknown } = { ...document }
    if (members['issuer'] !== issuer) return []
    return asked.flatMap(name => {
      const url = members[name]
      // it becomes part of a policy: nothing but an origin that a browser may trust
      return typeof url === 'string' && isSafeUrl(url) ? new URL(url).origin : []
    })
  } catch {
    return []
  }
}
