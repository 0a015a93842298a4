/** Moderation systems of the sandbox: an endpoint for each source, and deliveries signed in its stead. */
import { Problem } from '../shared/errors.ts'
import { allSources } from '../shared/moderation/sources.ts'
import type { RsaKey } from './rsa-key.ts'
import { curlOf } from './sign.ts'
import { makeSignerSecret, publishedSecret } from './signer-secrets.ts'
import { type Said, type SignedDelivery, type SignerSecret, signers, urlOf } from './signers.ts'

const sources = await allSources()

export interface Delivered {
  /** What the endpoint answered. */
  readonly status: number
  readonly answer: string
  /** The same delivery for a terminal. */
  readonly curl: string
}

export interface Moderators {
  readonly list: readonly { readonly source: string; readonly endpoint: string; readonly tier: string }[]
  /** `unpush/webhooks/<endpoint>` of each. */
  secrets(): { readonly [name: string]: unknown }
  /** Sends a verdict as the source would. Throws Problem where the source is none of them. */
  deliver(origin: string, source: string, said: Said): Promise<Delivered>
}

const policy = { block: 'revoke', review: 'none', pass: 'none', actions: { remove: 'revoke' } }
const endpointOf = (source: string): string => `demo-${source}`

/** By source. */
export type ModeratorSecrets = { readonly [source: string]: SignerSecret }

export function createModeratorSecrets(makeKey: () => RsaKey): ModeratorSecrets {
  return Object.fromEntries(sources.map(({ name }) => [name, makeSignerSecret(name, makeKey)]))
}

export function createModerators(secrets: ModeratorSecrets): Moderators {
  return {
    list: sources.map(({ name, tier }) => ({ source: name, endpoint: endpointOf(name), tier })),
    secrets: () =>
      Object.fromEntries(
        Object.entries(secrets).map(([source, secret]) => [
          `unpush/webhooks/${endpointOf(source)}`,
          { source, secret: publishedSecret(secret), policy },
        ]),
      ),
    deliver: async (origin, source, said) => {
      const secret = secrets[source]
      const signer = signers[source]
      if (secret === undefined || signer === undefined) throw new Problem('not-found', 'There is no such source.')
      const delivery: SignedDelivery = signer.sign(signer.write(said), secret)
      const url = urlOf(`${origin}/v1/webhooks/${endpointOf(source)}`, delivery)
      const { headers, body } = delivery
      const reply = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
      return { status: reply.status, answer: await reply.text(), curl: curlOf(url, delivery) }
    },
  }
}
