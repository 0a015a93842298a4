/** Both clouds' secrets managers, through stand-ins that verify signatures: the same suite, since both must behave alike. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as z from 'zod/mini'
import type { CloudApi } from '../../shared/config.ts'
import { createLog } from '../../shared/log.ts'
import { awsSecretsManagerSource } from '../../shared/secrets/aws-secrets-manager.ts'
import { openSecrets, readRequired } from '../../shared/secrets/secrets.ts'
import { isSecretName, type SecretSource } from '../../shared/secrets/source.ts'
import { ssmName, tencentSsmSource } from '../../shared/secrets/tencent-ssm.ts'
import { type SecretManager, startSecretsManager, startTencentSsm } from '../support/cloud/secret-managers.ts'

const name = 'unpush/apps/news-android'
const schema = z.strictObject({ key: z.string() })
const minute = 60_000

interface Subject {
  readonly cloud: string
  readonly start: typeof startTencentSsm
  readonly open: (api: CloudApi) => SecretSource
  /** Of environment variables: id, key, token. */
  readonly variables: readonly [string, string, string]
  readonly region: string
  readonly named: (secret: string) => string
  readonly denied: string
}

const subjects: readonly Subject[] = [
  {
    cloud: 'tencent-ssm',
    start: startTencentSsm,
    open: tencentSsmSource,
    variables: ['TENCENTCLOUD_SECRETID', 'TENCENTCLOUD_SECRETKEY', 'TENCENTCLOUD_SESSIONTOKEN'],
    region: 'ap-guangzhou',
    named: ssmName,
    denied: 'UnauthorizedOperation',
  },
  {
    cloud: 'aws-secrets-manager',
    start: startSecretsManager,
    open: awsSecretsManagerSource,
    variables: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
    region: 'ap-southeast-1',
    named: secret => secret,
    denied: 'AccessDeniedException',
  },
]

describe.each(subjects)('$cloud', ({ cloud, start, open, variables, region, named, denied }) => {
  const role = () => ({
    id: `AK${randomBytes(8).toString('hex')}`,
    key: randomBytes(16).toString('hex'),
    token: 'tokenA',
  })
  const first = role()
  const second = { ...role(), token: 'tokenB' }
  const keyring = { [first.id]: first, [second.id]: second }
  const allowed = new Set([name, 'unpush/access', 'unpush/policy'].map(named))
  let manager: SecretManager
  const use = ({ id, key, token }: typeof first) => {
    for (const [index, value] of [id, key, token].entries()) vi.stubEnv(variables[index] ?? '', value)
  }
  beforeEach(async () => {
    manager = await start({ keyring, may: (_id, asked) => allowed.has(asked) })
    use(first)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await manager.close()
    if (manager.refused.length > 0) throw new Error(`refused by the stand-in: ${manager.refused.join()}`)
  })
  const source = (api: Partial<CloudApi> = {}) => open({ region, endpoint: manager.origin, ...api })
  const failure = (secret = name, api: Partial<CloudApi> = {}) =>
    source(api)
      .fetch(secret)
      .then(String, (error: unknown) => error as Error & { kind: string })

  it('has the text under the name of that cloud', async () => {
    manager.secrets.set(named(name), '{"key":"größe 密钥"}')
    expect(await source().fetch(name)).toBe('{"key":"größe 密钥"}')
    expect(manager.asked).toEqual([named(name)])
  })

  it('has what was stored as bytes', async () => {
    manager.secrets.set(named(name), Buffer.from('{"key":"密钥"}'))
    expect(await source().fetch(name)).toBe('{"key":"密钥"}')
  })

  it('says null where there is none', async () => {
    expect(await source().fetch(name)).toBeNull()
    await expect(readRequired(openSecrets(source()), name, schema)).rejects.toMatchObject({
      kind: 'missing',
      message: `secret ${name}: there is no such secret`,
    })
  })

  it('signs with the credentials of the moment', async () => {
    manager.secrets.set(named(name), '{"key":"a"}')
    const opened = source()
    expect(await opened.fetch(name)).toBe('{"key":"a"}')
    use(second)
    expect(await opened.fetch(name)).toBe('{"key":"a"}')
  })

  it.each<[string, string, () => ReturnType<typeof failure>]>([
    ['a secret of others', `${cloud} refuses it to the function's role (${denied})`, () => failure('unpush/ledger')],
    ['no region', `${cloud} needs`, () => failure(name, { region: null })],
    [
      'no credentials',
      `${cloud} needs the credentials of a role`,
      () => {
        vi.stubEnv(variables[1], '')
        return failure()
      },
    ],
    [
      'nobody there',
      `${cloud} does not answer with it (ECONNREFUSED)`,
      () => failure(name, { endpoint: 'http://127.0.0.1:1' }),
    ],
    [
      'an outage',
      `${cloud} does not answer with it (HTTP 503)`,
      () => {
        manager.fail = () => ({ status: 503, body: 'down' })
        return failure()
      },
    ],
    [
      'a garbled reply',
      `${cloud} does not answer with it (`,
      () => {
        manager.fail = () => ({ status: 200, body: '{"Response":{"Secr' })
        return failure()
      },
    ],
    [
      'a connection that is cut',
      `${cloud} does not answer with it (ECONNRESET)`,
      () => {
        manager.fail = () => 'cut'
        return failure()
      },
    ],
  ])('ends with %s in one line that the cached copy bridges', async (_what, words, fail) => {
    manager.secrets.set(named(name), '{"key":"canary-of-the-secret"}')
    manager.secrets.set(named('unpush/ledger'), '{"key":"canary-of-the-ledger"}')
    const error = await fail()
    expect(error).toMatchObject({ kind: 'unavailable' })
    const { message } = error as Error
    expect(message).toContain(words)
    expect(message).toMatch(/^secret unpush\/[a-z/-]+: [^\n]+$/)
    for (const secret of ['canary', first.key, first.token]) expect(String(error)).not.toContain(secret)
  })

  it('does not bridge what was disabled or is about to be deleted', async () => {
    const body =
      cloud === 'tencent-ssm'
        ? '{"Response":{"Error":{"Code":"ResourceUnavailable.ResourceDisabled","Message":""},"RequestId":"r"}}'
        : '{"__type":"InvalidRequestException","Message":"marked for deletion"}'
    manager.fail = () => ({ status: cloud === 'tencent-ssm' ? 200 : 400, body })
    expect(await failure()).toMatchObject({ kind: 'missing', message: expect.stringMatching(/about to be deleted/) })
  })

  it('waits three seconds, and no longer', async () => {
    manager.fail = () => 'hang'
    const startedAt = Date.now()
    expect(await failure()).toMatchObject({ kind: 'unavailable' })
    expect(Date.now() - startedAt).toBeGreaterThan(2900)
    // and what slow cores take
    expect(Date.now() - startedAt).toBeLessThan(20_000)
  })

  it('is asked on a miss only, rotates, and is bridged for an hour while it is down', async () => {
    let nowMs = 1_000_000_000_000
    const lines: string[] = []
    const log = createLog({ stream: { write: line => lines.push(line) } })
    const secrets = openSecrets(source(), { now: () => nowMs, log })
    const read = () => secrets.read(name, schema)
    manager.secrets.set(named(name), '{"key":"one"}')
    await Promise.all([read(), read(), read()])
    expect(manager.asked).toHaveLength(1)
    manager.secrets.set(named(name), '{"key":"two"}')
    nowMs += 4 * minute
    expect(await read()).toEqual({ key: 'one' })
    // a vendor refused the credential
    expect(await secrets.refetch(name)).toBe(true)
    expect(await read()).toEqual({ key: 'two' })
    manager.fail = () => ({ status: 500, body: '' })
    nowMs += 30 * minute
    expect(await read()).toEqual({ key: 'two' })
    expect(lines.join('')).toContain('cached copy served')
    nowMs += 31 * minute
    await expect(read()).rejects.toMatchObject({ kind: 'unavailable' })
    manager.fail = null
    manager.secrets.set(named(name), '{"key":"three"}')
    nowMs += 5_000
    expect(await read()).toEqual({ key: 'three' })
  })

  it.each([
    ['{"key":canary}', 'is not valid JSON'],
    ['{"kex":"canary-1"}', 'member ke'],
    ['', 'is not valid JSON'],
  ])('names what is malformed in %j, and never its value', async (text, words) => {
    manager.secrets.set(named(name), text)
    const error = await openSecrets(source())
      .read(name, schema)
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ kind: 'malformed', message: expect.stringContaining(words) })
    expect(String(error)).not.toContain('canary')
  })
})

it('every name of ours is one of Tencent’s, and no two become one', () => {
  const id = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  const single = fc.constantFrom('apps', 'access', 'ledger', 'policy', 'audit-key', 'audit-mac')
  const written = fc.oneof(
    single.map(kind => `unpush/${kind}`),
    fc.tuple(fc.constantFrom('apps', 'webhooks', 'subscribers'), id).map(([kind, own]) => `unpush/${kind}/${own}`),
  )
  fc.assert(
    fc.property(written, written, (one, other) => {
      expect(isSecretName(one)).toBe(true)
      expect(ssmName(one)).toMatch(/^[A-Za-z0-9_-]{1,128}$/)
      expect(ssmName(one) === ssmName(other)).toBe(one === other)
    }),
    { numRuns: 2000 },
  )
})
