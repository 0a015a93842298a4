/** What a browser has to know before anybody has signed in: `GET /config.json`. Anybody may read it. */
import type { Runtime } from './runtime.ts'
import { accessSchema } from './secrets/access-document.ts'
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
    apiBases: {},
    environment: config.environment,
    version: config.version,
    local: config.platform === 'local',
  }
}
