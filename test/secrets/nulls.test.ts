/** Members that a secret's document may leave out may be null, and that is the same. (Apps' own: test/providers/contract-documents.ts.) */
import { describe, expect, it } from 'vitest'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import { createApiKey } from '../../shared/access/api-key.ts'
import { endpointsOf } from '../../shared/moderation/endpoint.ts'
import { allSources } from '../../shared/moderation/sources.ts'
import { accessSchema } from '../../shared/secrets/access-document.ts'
import { policySchema } from '../../shared/secrets/documents.ts'
import { subscriberSchema } from '../../shared/webhooks/subscribers.ts'
import { changed, keyOf, pathsIn } from '../moderation/genuine.ts'

const sources = await allSources()
const endpointSchema = endpointsOf(sources)

interface Schema {
  safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown }
}

const pulls: { readonly [source: string]: object } = {
  'tencent-ci': { secretId: 's', secretKey: 'k', bucket: 'news-1250000000', region: 'ap-guangzhou' },
  'huawei-moderation': { accessKeyId: 's', secretAccessKey: 'k', projectId: '0123456789abcdef', region: 'cn-north-4' },
}
const overlay = { title: 't', body: 'b', url: 'https://example.com', forceCollapse: true, options: {} }

const documents: readonly (readonly [name: string, schema: Schema, document: object])[] = [
  [
    'unpush/access',
    accessSchema(),
    {
      keys: [
        {
          id: 'ops',
          sha256: createApiKey().sha256,
          role: 'operator',
          apps: ['*'],
          person: 'p',
          owner: 'o',
          expiresAt: '2027-01-01T00:00:00Z',
        },
      ],
      oidc: {
        issuer: 'https://id.example.com',
        audience: 'a',
        clientId: 'c',
        scope: 's',
        jwksUri: 'https://id.example.com/keys',
        roleClaim: 'r',
        personClaim: 'p',
      },
    },
  ],
  [
    'unpush/policy',
    policySchema(),
    {
      approvalTtlMinutes: 5,
      assumeAudience: 5,
      expireAction: 'stop',
      minExpiryMinutes: 5,
      giveUpHours: 5,
      tokenRetentionDays: 5,
      breakGlass: 'off',
    },
  ],
  [
    'unpush/subscribers/crm',
    subscriberSchema(),
    {
      url: 'https://example.com',
      format: 'standard',
      secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      events: ['recall.completed'],
      apps: ['news-android'],
    },
  ],
  ...sources.map(({ name }) => {
    const secret = { ...publishedSecret(makeSignerSecret(name)), ...(name in pulls && { pull: pulls[name] }) }
    const document = {
      source: name,
      secret: name === 'aliyun-green' ? { ...secret, algorithm: 'sm3' } : secret,
      policy: { block: 'revoke', review: 'stop', pass: 'none', actions: { remove: 'stop' } },
      overlay,
      contentPrefix: 'p:',
      approvalAbove: 5,
      apps: ['news-android'],
      types: ['article'],
      authority: 'machine',
      appealOf: ['e_other'],
    }
    return [`unpush/webhooks/${name}`, endpointSchema, document] as const
  }),
]

// functions compare by what they answer, which other tests look at
const comparable = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) => (part instanceof Map ? [...part] : part))

describe.each(documents)('%s', (_name, schema, document) => {
  it('takes null where it takes nothing', () => {
    expect(schema.safeParse(document).success).toBe(true)
    let optional = 0
    for (const path of pathsIn(document).filter(one => typeof one.at(-1) === 'string')) {
      const without = schema.safeParse(changed(document, path, () => undefined))
      if (!without.success) continue
      optional += 1
      const withNull = schema.safeParse(changed(document, path, () => null))
      expect([withNull.success, comparable(withNull.data)], keyOf(path)).toEqual([true, comparable(without.data)])
    }
    expect(optional).toBeGreaterThan(0)
  })
})
