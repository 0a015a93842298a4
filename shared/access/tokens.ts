/** Who holds an access token of the issuer that `unpush/access` names. */
import type { Oidc } from '../secrets/access-document.ts'
import type { IssuerKeys, IssuerParts } from './issuer-keys.ts'
import type { Claims } from './token-refused.ts'

export interface Tokens {
  /** Rejects with TokenRefused, and with IssuerUnavailable. */
  read(token: string, oidc: Oidc): Promise<Claims>
}

/** What a process keeps of its issuer. Nothing of it is loaded or read before the first token. */
export function openTokens(parts: IssuerParts): Tokens {
  let known: { readonly of: string; readonly keys: IssuerKeys } | null = null
  return {
    async read(token, oidc) {
      // loaded together: a token needs both
      const [{ verifyToken }, { openIssuerKeys }] = await Promise.all([
        import('./verify-token.ts'),
        import('./issuer-keys.ts'),
      ])
      const of = JSON.stringify([oidc.issuer, oidc.jwksUri])
      if (known?.of !== of) known = { of, keys: openIssuerKeys(parts, oidc) }
      return verifyToken(token, oidc, known.keys)
    },
  }
}
