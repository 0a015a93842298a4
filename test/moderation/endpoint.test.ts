/** What an endpoint's document may say, and in which words it is refused. */
import { describe, expect, it } from 'vitest'
import { readEndpoint } from '../../shared/moderation/read-endpoint.ts'
import { type SecretSource } from '../../shared/secrets/source.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'

const ams = { source: 'tencent-ams', secret: { seed: 'abc' }, policy: { block: 'revoke' } }
const overlay = { title: '该内容已撤回', body: ' ' }

function read(document: unknown) {
  const documents: { readonly [name: string]: unknown } = {
    'unpush/webhooks': { webhooks: ['e_1'] },
    'unpush/webhooks/e_1': document,
  }
  const source: SecretSource = { name: 'test', fetch: async name => JSON.stringify(documents[name]) }
  return readEndpoint(openSecrets(source), 'e_1')
}

describe('an endpoint', () => {
  it('has a policy: what is not named in it does nothing', async () => {
    const endpoint = await read({ ...ams, policy: { block: 'stop', actions: { remove: 'revoke', warn: 'none' } } })
    const decided = (decision: 'block' | 'review' | 'pass') => endpoint?.operationFor({ decision, action: null })
    expect([decided('block'), decided('review'), decided('pass')]).toEqual(['stop', null, null])
    const named = (action: string) => endpoint?.operationFor({ decision: null, action })
    expect([named('remove'), named('warn'), named('approve'), named('constructor')]).toEqual([
      'revoke',
      null,
      null,
      null,
    ])
  })
  it('keeps its own threshold for approval, which is never by default', async () => {
    expect((await read(ams))?.approvalAbove).toBeNull()
    expect((await read({ ...ams, approvalAbove: 5000 }))?.approvalAbove).toBe(5000)
  })
  it('of a source that signs no verdict never acts, whatever its policy says', async () => {
    for (const secret of [undefined, {}, { urlSecret: 'k'.repeat(22) }]) {
      const endpoint = await read({ ...ams, source: 'tencent-ci', secret })
      expect(endpoint?.operationFor({ decision: 'block', action: null })).toBeNull()
    }
  })
  it('takes an overlay as contract and recalls have it', async () => {
    const endpoint = await read({ ...ams, policy: { block: 'overlay' }, overlay })
    expect(endpoint?.overlay).toEqual({ ...overlay, url: null, forceCollapse: false, options: {} })
  })
  it('reaches all apps, claims no appeal and outranks nobody else, unless its document says so', async () => {
    expect(await read(ams)).toMatchObject({ apps: null, authority: 'human', appealOf: [] })
    const more = { apps: ['news-android'], authority: 'appeal', appealOf: ['e_other'] }
    expect(await read({ ...ams, ...more })).toMatchObject(more)
    expect(await read({ ...ams, apps: [] })).toMatchObject({ apps: [] })
  })
  it('counts what carries content, or exactly the types that it names', async () => {
    const type = (id: string, name: string | null = null) => ({ id, name })
    const standard = await read(ams)
    for (const kind of [null, type('article'), type('stream:chat:v1:message'), type('3f9a', 'Comment')])
      expect(standard?.counts(kind), kind?.id).toBe(true)
    for (const kind of ['user', 'stream:user', 'stream:v1:user_profile', 'user-profile', 'UserAccount', 'PROFILE'])
      expect(standard?.counts(type(kind)), kind).toBe(false)
    expect(standard?.counts(type('3f9a', 'User profile'))).toBe(false)
    const named = await read({ ...ams, types: ['article', 'user'] })
    expect(['article', 'user', 'comment'].map(kind => named?.counts(type(kind)))).toEqual([true, true, false])
    expect(named?.counts(type('3f9a', 'article'))).toBe(true)
    expect(named?.counts(null)).toBe(true)
  })
  it.each([
    ['an app that is none', { ...ams, apps: ['News'] }, /member apps\.0 must match/],
    ['an authority that is none', { ...ams, authority: 'judge' }, /member authority must be "machine"/],
    ['an endpoint that is none', { ...ams, appealOf: ['../x'] }, /member appealOf\.0 must match/],
    ['an empty type', { ...ams, types: [''] }, /member types\.0 must not be empty/],
    [
      'a URL secret that can be guessed',
      { ...ams, source: 'tencent-ci', secret: { urlSecret: 'k'.repeat(21) } },
      /secret\.0\.urlSecret must have at least 22 characters/,
    ],
    [
      'a signature method that is not pinned',
      { ...ams, source: 'netease-yidun', secret: { secretId: 's', businessId: 'b', secretKey: 'k' } },
      /secret\.0\.signatureMethod is required/,
    ],
    ['an unknown source', { ...ams, source: 'nobody' }, /must be .*"tencent-ams"/],
    ['no secret', { ...ams, secret: {} }, /member secret\.0\.seed is required/],
    [
      'an unknown member of the secret',
      { ...ams, secret: { seed: 'a', salt: 'b' } },
      /secret\.0\.salt is not a member/,
    ],
    ['a secret of the wrong type', { ...ams, secret: 7 }, /secret\.0 must be an object/],
    ['three secrets', { ...ams, secret: { seed: ['a', 'b', 'c'] } }, /member secret must have at most 2 items/],
    ['an empty list', { ...ams, secret: [] }, /member secret must not be empty/],
    ['no policy', { source: 'tencent-ams', secret: { seed: 'a' } }, /member policy is required/],
    ['an operation that is none', { ...ams, policy: { block: 'delete' } }, /policy\.block must be "stop"/],
    ['a pass that does something', { ...ams, policy: { pass: 'revoke' } }, /policy\.pass must be "none"/],
    ['an overlay without content', { ...ams, policy: { block: 'overlay' } }, /member overlay is required where/],
    ['an unknown member', { ...ams, prefix: 'a' }, /member prefix is not a member known here/],
    [
      'a secret that is too short',
      { ...ams, source: 'standard-webhooks', secret: 'whsec_AAAA' },
      /secret\.0\.secret must be whsec_ and the base64 of 24 to 64 bytes/,
    ],
    [
      'an algorithm that is not tested',
      { ...ams, source: 'aliyun-green', secret: { uid: '1', seed: 's', algorithm: 'md5' } },
      /algorithm must be "sha256" or "sm3"/,
    ],
    [
      'half a pull',
      { ...ams, source: 'tencent-ci', secret: { pull: { secretId: 'a', secretKey: 'b', region: 'ap-guangzhou' } } },
      /secret\.0\.pull\.bucket/,
    ],
    [
      'a pull from an address in the clear',
      {
        ...ams,
        source: 'tencent-ci',
        secret: {
          pull: {
            secretId: 'a',
            secretKey: 'b',
            bucket: 'b-1250000000',
            region: 'r1',
            endpoint: 'http://ci.example.com',
          },
        },
      },
      /secret\.0\.pull\.endpoint must be https/,
    ],
    [
      'a public key that is none',
      { ...ams, source: 'roost-coop', secret: { publicKey: 'ssh-rsa AAAA' } },
      /publicKey must be an RSA public key as PEM/,
    ],
  ])('is refused in one line with %s', async (_what, document, line) => {
    await expect(read(document)).rejects.toThrow(line)
    await expect(read(document)).rejects.toThrow(/^secret unpush\/webhooks\/e_1: .*$/)
  })
})
