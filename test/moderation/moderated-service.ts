/** The whole service with an endpoint for every source, and deliveries to it. */
import { randomBytes } from 'node:crypto'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import { type Said, type SignedDelivery, type SignerSecret, urlOf } from '../../sandbox/signers.ts'
import { keysOf } from '../support/rsa-keys.ts'
import { type Reply, type Service, startService } from '../support/service.ts'
import { policy, signerOf, subjects } from './subjects.ts'

export interface Moderated extends Service {
  /** By source: the endpoint's id and secret. */
  readonly endpoints: { readonly [source: string]: { readonly id: string; readonly secret: SignerSecret } }
  deliver(source: string, delivery: SignedDelivery): Promise<Reply>
  /** Signs what is said, and sends it. */
  say(source: string, said: Said): Promise<Reply>
  /** Signs and sends a verdict of the generic form. */
  judge(data: object, timestamp?: string): Promise<Reply>
  /** A push to every Android phone, registered under this content. */
  push(content: string, pushId: string): Promise<Reply>
  verdicts(query?: string): Promise<Shown[]>
  recalls(): Promise<{ readonly id: string; readonly [member: string]: unknown }[]>
}

export interface Shown {
  readonly id: string
  readonly state: string
  readonly recalls: readonly string[]
  readonly [member: string]: unknown
}

/** Sources that sign no verdict have endpoints too. */
const unsigned = ['tencent-ci', 'huawei-moderation']

export function makeEndpoints(): Moderated['endpoints'] {
  const makeKey = keysOf('endpoints')
  const names = [...subjects.map(({ name }) => name), ...unsigned]
  return Object.fromEntries(
    names.map(name => [name, { id: `e_${randomBytes(16).toString('hex')}`, secret: makeSignerSecret(name, makeKey) }]),
  )
}

export async function startModerated(
  ledgerUrl = 'pglite:memory',
  endpoints = makeEndpoints(),
  more: { readonly [source: string]: object } = {},
  others: { readonly [name: string]: object } = {},
  localSubscribers = false,
): Promise<Moderated> {
  const secrets = Object.entries(endpoints).map(([source, { id, secret }]) => {
    return [`unpush/webhooks/${id}`, { source, secret: publishedSecret(secret), policy, ...more[source] }]
  })
  const service = await startService({
    ledgerUrl,
    secrets: { ...Object.fromEntries(secrets), ...others },
    localSubscribers,
  })
  const deliver = (source: string, delivery: SignedDelivery) =>
    service.call('POST', urlOf(`/v1/webhooks/${endpoints[source]?.id}`, delivery), undefined, {
      role: null,
      headers: delivery.headers,
      raw: new Uint8Array(delivery.body),
    })
  return {
    ...service,
    endpoints,
    deliver,
    say: (source, said) => {
      const signer = signerOf(source)
      return deliver(source, signer.sign(signer.write(said), endpoints[source]?.secret ?? {}))
    },
    judge: (data, timestamp) => {
      const text = JSON.stringify({ type: 'moderation.verdict', ...(timestamp && { timestamp }), data })
      const source = 'standard-webhooks'
      return deliver(source, signerOf(source).sign(text, endpoints[source]?.secret ?? {}))
    },
    push: (content, pushId) => {
      service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
      const targets = [{ app: 'news-android', pushId, audience: 'all' }]
      return service.call('POST', '/v1/messages', { id: `m-${pushId}`, contents: [content], targets })
    },
    verdicts: async (query = '') => (await service.call('GET', `/v1/verdicts?limit=200&${query}`)).body.items,
    recalls: async () => (await service.call('GET', '/v1/recalls?limit=200')).body.items,
  }
}
