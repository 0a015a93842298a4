import { describe, expect, it } from 'vitest'
import { apns } from '../../../shared/providers/apns/index.ts'
import { ask, content, document, freshCredentials, nowMs, pem, readToken, sessionOf, token } from './app.ts'

const common = {
  'content-type': 'application/json',
  'apns-topic': 'com.example.app',
  'apns-expiration': '1795086400',
}

describe("the documents' literal request", () => {
  it('overlay: an alert under the same collapse id, silent', async () => {
    const { sending, session } = await ask('overlay')
    expect(sending).toMatchObject({
      method: 'POST',
      url: `https://api.push.apple.com/3/device/${token}`,
      body: '{"aps":{"alert":{"title":"Withdrawn","body":"See the app."},"interruption-level":"passive"}}',
    })
    expect(sending?.headers).toEqual({
      ...common,
      authorization: `bearer ${session.value}`,
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-collapse-id': 'rc-8f2c',
    })
  })

  it('revoke by a background push: no collapse id, no alert, priority 5', async () => {
    const { sending, session } = await ask('revoke')
    expect(sending?.body).toBe(
      '{"aps":{"content-available":1},"unpush":{"v":1,"op":"remove","id":"rc-8f2c","ts":1795000000}}',
    )
    expect(sending?.headers).toEqual({
      ...common,
      authorization: `bearer ${session.value}`,
      'apns-push-type': 'background',
      'apns-priority': '5',
    })
  })

  it('revoke by the extension: a note that takes the place of the old one', async () => {
    const { sending } = await ask('revoke', { credentials: freshCredentials({ removal: 'extension' }) })
    expect(sending?.body).toBe(
      '{"aps":{"alert":{"title":"Withdrawn"},"mutable-content":1,"interruption-level":"passive"},"unpush":{"v":1,"op":"remove","id":"rc-8f2c","ts":1795000000}}',
    )
    expect(sending?.headers).toMatchObject({
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-collapse-id': 'rc-8f2c',
    })
  })

  it('goes to the sandbox, or to the endpoint, in a session of the key and its token', async () => {
    const sandbox = await ask('revoke', { credentials: freshCredentials({ environment: 'sandbox' }) })
    expect(sandbox.sending?.url).toBe(`https://api.sandbox.push.apple.com/3/device/${token}`)
    const own = await ask('revoke', { credentials: freshCredentials({ endpoint: 'http://127.0.0.1:8000/' }) })
    expect(own.sending?.url).toBe(`http://127.0.0.1:8000/3/device/${token}`)
    const later = await sessionOf(freshCredentials(), nowMs + 3_600_000)
    const names = [sandbox, own, await ask('revoke'), await ask('revoke', { call: { session: later } })].map(
      ({ sending }) => sending?.session,
    )
    expect(names.every(name => name?.startsWith('DEF123GHIJ/ABC123DEFG/'))).toBe(true)
    expect([new Set(names).size, names[1] === names[2]]).toEqual([3, true])
  })

  it('carries a collapse id of any script as its bytes', async () => {
    const { sending } = await ask('overlay', { collapseId: '订单' })
    expect(Buffer.from(sending?.headers['apns-collapse-id'] ?? '', 'latin1').toString()).toBe('订单')
  })

  it('has options by their names at Apple, and a link where the app can read it', async () => {
    const options = { sound: 'default', badge: 0, subtitle: 's', 'thread-id': 't', 'interruption-level': 'active' }
    const { sending } = await ask('overlay', { content: { ...content, url: 'app://page', options } })
    expect(JSON.parse(String(sending?.body))).toEqual({
      aps: {
        alert: { title: 'Withdrawn', body: 'See the app.', subtitle: 's' },
        sound: 'default',
        badge: 0,
        'thread-id': 't',
        'interruption-level': 'active',
      },
      url: 'app://page',
    })
  })

  it.each(['', 'abc', '00ff/../../4', 'g'.repeat(64), `${token}0`, '00FF 00FF'])(
    'is never made for a token that is none: %j',
    async bad => {
      const { outcome, sent } = await ask('overlay', { named: { by: 'token', token: bad } })
      expect(outcome).toMatchObject({ kind: 'partial', rejected: [{ reason: 'BadDeviceToken', count: 1 }], unknown: 0 })
      expect(sent).toHaveLength(0)
    },
  )

  it('is never made for what is no token, nor without removal', async () => {
    expect(await ask('overlay', { named: { by: 'task' } })).toMatchObject({ outcome: { kind: 'refused' }, sent: [] })
    const without = await ask('revoke', { credentials: freshCredentials({ removal: undefined }) })
    expect(without).toMatchObject({ outcome: { kind: 'refused' }, sent: [] })
  })
})

describe('the provider token', () => {
  const login = apns.login
  it('is ES256 of the key, says team and key and a time on a half hour, and nothing else', async () => {
    const { value, freshUntilMs } = await sessionOf(freshCredentials())
    expect(readToken(value)).toEqual({
      header: { alg: 'ES256', kid: 'ABC123DEFG' },
      claims: { iss: 'DEF123GHIJ', iat: 1_794_999_600 },
    })
    expect(freshUntilMs).toBe((1_794_999_600 + 3000) * 1000)
  })

  it('is never older than an hour while it is fresh, and is fresh until the next may be made', async () => {
    for (let offset = 0; offset <= 3600; offset += 60) {
      const atMs = nowMs + offset * 1000
      const { value, freshUntilMs } = await sessionOf(freshCredentials(), atMs)
      const { iat } = readToken(value).claims
      expect(iat % 1800).toBe(0)
      expect(iat).toBeLessThanOrEqual(atMs / 1000 - 60)
      expect(freshUntilMs - atMs).toBeGreaterThanOrEqual(1_200_000)
      expect(freshUntilMs / 1000 - iat).toBeLessThan(3600 - 300)
    }
    expect(login?.leastIntervalMs).toBe(1_200_000)
  })

  it('is one for all apps of a key, however that is written', () => {
    const one = freshCredentials()
    const other = freshCredentials({ topic: 'com.example.other', privateKey: pem.replaceAll('\n', '\\n') })
    expect([login?.id(other), login?.secret(other)]).toEqual([login?.id(one), login?.secret(one)])
    expect(login?.id(freshCredentials({ keyId: 'ABC123DEFH' }))).not.toBe(login?.id(one))
    expect(`${login?.id(one)} ${apns.budget(one)}`).not.toContain(document.privateKey.slice(30, 60))
  })
})

describe('what is said before', () => {
  const facts = (change: object = {}, overlay: typeof content | null = null) => ({
    credentials: freshCredentials(change),
    names: { collapseId: 'rc' },
    audience: null,
    record: null,
    overlay,
  })
  it('names no stop, and no revoke without the recipe', () => {
    expect(apns.assess('stop', facts()).refusal).toMatch(/no stop/)
    expect(apns.assess('revoke', facts({ removal: undefined })).refusal).toMatch(/removal recipe/)
  })
  it('has the effect that the recipe has', () => {
    expect(apns.assess('revoke', facts()).effects).toEqual([{ channel: 'apns', effect: 'removed' }])
    expect(apns.assess('revoke', facts({ removal: 'extension' })).effects).toEqual([
      { channel: 'apns', effect: 'replaced' },
    ])
    expect(apns.assess('overlay', facts()).effects).toEqual([{ channel: 'apns', effect: 'replaced' }])
  })
  it('finds what is wrong with a text before it is sent', () => {
    const invalid = (change: Partial<typeof content>) =>
      apns.assess('overlay', facts({}, { ...content, ...change })).invalid.map(({ path }) => path)
    expect(invalid({})).toEqual([])
    expect(invalid({ options: { alert: 1, 'content-available': 1 } })).toEqual([
      '/options/apns/alert',
      '/options/apns/content-available',
    ])
    expect(invalid({ body: 'x'.repeat(4096) })).toEqual([''])
    expect(invalid({ body: '字'.repeat(1400) })).toEqual([''])
  })
})

it('the harmless call that proves the key names no device', async () => {
  const { send, sent } = await import('../fake-send.ts').then(({ fakeSend, received }) =>
    fakeSend(received('{"reason":"BadDeviceToken"}', 400)),
  )
  const credentials = freshCredentials({ removal: undefined })
  const session = await sessionOf(credentials)
  const call = { credentials, send, timeoutMs: 1000, renew: false, now: () => nowMs, key: 'k', session }
  expect(await apns.check?.ask(call)).toMatchObject({ kind: 'partial' })
  expect(sent[0]?.url).toBe('https://api.push.apple.com/3/device/00000000')
})

it('budgets count devices', () => {
  const lane = { name: 'requests', kind: 'rate', perSecond: 500, burst: 500 }
  expect(apns.fare('revoke', 500, freshCredentials())).toEqual([{ lane, cost: 500 }])
  expect(apns.fare('overlay', 7, freshCredentials({ ratePerSecond: 2000 }))).toEqual([
    { lane: { ...lane, perSecond: 2000, burst: 2000 }, cost: 7 },
  ])
  expect(apns.fare('status', 0, freshCredentials())).toEqual([])
})
