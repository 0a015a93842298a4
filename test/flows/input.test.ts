/** What bad input gets: a 4xx that names the member, never a 5xx, never a partial effect. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'

let service: Service

beforeAll(async () => {
  service = await startService()
  service.sandbox.pushTpns({ app: 'news-android', title: 'x', content: 'x', audience: 'all', pushId: '1' })
})
afterAll(() => service.close())

const tokens = ['pushToken1']
const harmony = { app: 'news-harmony', notifyId: 7, tokens }
const reason = 'r'

interface Bad {
  readonly what: string
  readonly path?: string
  readonly body: unknown
  readonly status?: number
  readonly error?: string
}

const bad: readonly Bad[] = [
  { what: 'none of message, content, target', body: { reason }, error: '/target' },
  { what: 'two of them', body: { message: 'a', content: 'b', reason }, error: '/content' },
  { what: 'an unknown app', body: { target: { app: 'nope', pushId: '1' }, reason }, status: 404 },
  { what: 'an unknown message', body: { message: 'nope', reason }, status: 404 },
  { what: 'an unknown content', body: { content: 'nope', reason }, status: 404 },
  {
    what: "another vendor's members",
    body: { target: { app: 'news-android', notifyId: 1, tokens }, reason },
    error: '/target/notifyId',
  },
  {
    what: 'a push id on Push Kit',
    body: { target: { app: 'news-harmony', pushId: '1' }, reason },
    error: '/target/pushId',
  },
  { what: 'notifyId below range', body: { target: { ...harmony, notifyId: -1 }, reason }, error: '/target/notifyId' },
  {
    what: 'notifyId above range',
    body: { target: { ...harmony, notifyId: 2_147_483_648 }, reason },
    error: '/target/notifyId',
  },
  { what: 'a fractional notifyId', body: { target: { ...harmony, notifyId: 1.5 }, reason }, error: '/target/notifyId' },
  { what: 'notifyId as text', body: { target: { ...harmony, notifyId: '7' }, reason }, error: '/target/notifyId' },
  { what: 'no tokens', body: { target: { ...harmony, tokens: [] }, reason }, error: '/target/tokens' },
  {
    what: 'tokens that are no strings',
    body: { target: { ...harmony, tokens: [1] }, reason },
    error: '/target/tokens/0',
  },
  { what: 'an empty token', body: { target: { ...harmony, tokens: [''] }, reason }, error: '/target/tokens/0' },
  { what: 'an empty push id', body: { target: { app: 'news-android', pushId: '' }, reason }, error: '/target/pushId' },
  {
    what: 'a push id as a number that is not digits alone',
    body: { target: { app: 'news-android', pushId: -43_214_535 }, reason },
    error: '/target/pushId',
  },
  { what: 'an unknown member', body: { target: harmony, reason, colour: 'red' }, error: '/colour' },
  { what: 'no reason', body: { target: harmony }, error: '/reason' },
  { what: 'an empty reason', body: { target: harmony, reason: '' }, error: '/reason' },
  { what: 'a reason of 501 characters', body: { target: harmony, reason: 'x'.repeat(501) }, error: '/reason' },
  { what: 'half a surrogate pair', body: { target: harmony, reason: '\ud800' } },
  { what: 'U+0000', body: { target: harmony, reason: 'a\u0000b' } },
  {
    what: 'an overlay without a body',
    path: '/v1/overlay',
    body: { target: harmony, reason, overlay: { title: 't' } },
    error: '/overlay/body',
  },
  { what: 'no overlay', path: '/v1/overlay', body: { target: harmony, reason }, error: '/overlay' },
  {
    what: 'options of a vendor that is not here',
    path: '/v1/overlay',
    body: { target: harmony, reason, overlay: { title: 't', body: 'b', options: { pigeon: {} } } },
    error: '/overlay/options/pigeon',
  },
  {
    what: 'a message over 4 KB',
    path: '/v1/overlay',
    body: { target: harmony, reason, overlay: { title: 't', body: '长'.repeat(2000) } },
  },
  {
    what: 'an overlay in a stop',
    path: '/v1/stop',
    body: { target: { app: 'news-android', pushId: '1' }, reason, overlay: { title: 't', body: 'b' } },
    error: '/overlay',
  },
  { what: 'stop where no target can', path: '/v1/stop', body: { target: harmony, reason }, status: 422 },
  {
    what: 'a single-token audience',
    body: { target: { app: 'news-android', pushId: '1', audience: 'token' }, reason },
    status: 422,
  },
  {
    what: 'an unknown audience',
    body: { target: { app: 'news-android', pushId: '1', audience: 'everyone' }, reason },
    error: '/target/audience',
  },
  {
    what: 'an expiry in the past',
    path: '/v1/messages',
    body: { expiresAt: '2020-01-01T00:00:00Z' },
    error: '/expiresAt',
  },
  { what: 'an expiry that is no time', path: '/v1/messages', body: { expiresAt: 'tomorrow' }, error: '/expiresAt' },
  { what: 'an id with a blank', path: '/v1/messages', body: { id: 'a b' }, error: '/id' },
  { what: 'the same target twice', path: '/v1/messages', body: { targets: [harmony, harmony] }, error: '/targets/1' },
  {
    what: 'an unknown app in a message',
    path: '/v1/messages',
    body: { targets: [{ app: 'nope', pushId: '1' }] },
    error: '/targets/0/app',
  },
]

describe('a body with', () => {
  it.each(bad)('$what', async ({ path = '/v1/revoke', body, status = 400, error }) => {
    const reply = await service.call('POST', path, body)
    expect(reply.status, reply.text).toBe(status)
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(reply.body).toMatchObject({
      status,
      type: expect.stringMatching(/^https:\/\/unpush\.dev\/problems\//),
      requestId: expect.any(String),
      detail: expect.any(String),
    })
    if (error !== undefined) expect(reply.body.errors.map((item: { path: string }) => item.path)).toContain(error)
    expect(reply.text).not.toContain('pushToken1')
  })
})

describe('a push id that is written as a number', () => {
  const send = (path: string, raw: string, headers = {}) => service.call('POST', path, undefined, { raw, headers })
  const asked = (pushId: string) => `{"target":{"app":"news-android","pushId":${pushId}},"reason":"r"}`
  const key = (name: string) => ({ 'idempotency-key': name })
  // a double makes the same of both
  const [one, other] = ['9007199254740992', '9007199254740993'] as const

  it('is the same push, and another body', async () => {
    for (const pushId of [one, other])
      service.sandbox.pushTpns({ app: 'news-android', title: 'x', content: 'x', audience: 'all', pushId })
    const first = await send('/v1/revoke', asked(other), key('digits'))
    expect([first.status, first.body.subject]).toEqual([
      202,
      { target: { app: 'news-android', pushId: other, handle: other }, title: null },
    ])
    const again = await send('/v1/revoke', asked(`"${other}"`))
    expect([again.status, again.body.deduplicated, again.body.id]).toEqual([200, true, first.body.id])
    const replay = await send('/v1/revoke', asked(other), key('digits'))
    expect([replay.status, replay.text, replay.headers.get('idempotent-replayed')]).toEqual([202, first.text, 'true'])
    for (const different of [`"${other}"`, one]) {
      expect((await send('/v1/revoke', asked(different), key('digits'))).status, different).toBe(422)
    }
    expect((await send('/v1/revoke', asked(one))).body.id).not.toBe(first.body.id)
    const refused = await send('/v1/revoke', asked('1e3'))
    expect(refused.body).toMatchObject({
      status: 400,
      errors: [{ path: '/target/pushId', message: 'must be written in digits alone, as a string or as a number' }],
    })
    expect((await send('/v1/revoke', asked('007'))).body.detail).toMatch(/not valid JSON: line 1/)
  })

  it('is that of a registered message, whose body is another where it has other digits', async () => {
    const message = (pushId: string) => `{"id":"digits","targets":[{"app":"news-android","pushId":${pushId}}]}`
    const made = await send('/v1/messages', message('18014398509481985'))
    expect([made.status, made.body.targets[0].pushId]).toEqual([201, '18014398509481985'])
    const statuses = async (...ids: string[]) =>
      Promise.all(ids.map(async id => (await send('/v1/messages', message(id))).status))
    expect(await statuses('18014398509481985', '18014398509481984', '"18014398509481985"')).toEqual([200, 409, 409])
  })
})

describe('a request', () => {
  it.each([
    ['unreadable JSON', '{"a":', 400],
    ['trailing bytes', '{} x', 400],
    ['an array', '[]', 400],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 400],
    ['more than 4 MiB', ' '.repeat(4 * 1024 * 1024 + 1), 413],
    ['more than the platform takes', ' '.repeat(7 * 1024 * 1024), 413],
  ] as const)('with %s', async (_what, raw, status) => {
    const reply = await service.call('POST', '/v1/revoke', undefined, { raw })
    expect(reply.status).toBe(status)
    expect(reply.body.status).toBe(reply.status)
  })

  it('of the wrong content type gets 415', async () => {
    const reply = await service.call('POST', '/v1/revoke', undefined, {
      raw: 'a=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(reply.status).toBe(415)
  })

  it.each([
    ['DELETE', '/v1/revoke', 'POST'],
    ['PUT', '/v1/messages', 'POST, GET'],
    ['POST', '/v1/status', 'GET'],
    ['POST', '/', 'GET'],
  ])('%s %s gets 405 with Allow', async (method, path, allow) => {
    const reply = await service.call(method, path)
    expect(reply.status).toBe(405)
    expect(reply.headers.get('allow')).toBe(allow)
  })

  it('HEAD is answered wherever GET is, without a body', async () => {
    for (const path of ['/livez', '/v1/recalls', '/']) {
      const [got, head] = [await service.call('GET', path), await service.call('HEAD', path)]
      expect([path, head.status]).toEqual([path, got.status])
      expect(head.headers.get('content-type')).toBe(got.headers.get('content-type'))
    }
    expect((await service.call('HEAD', '/v1/revoke')).status).toBe(405)
  })

  it('without a key, with a wrong one, or one of a role that may not', async () => {
    const body = { target: harmony, reason }
    const none = await service.call('POST', '/v1/revoke', body, { role: null })
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    const wrong = await service.call('POST', '/v1/revoke', body, {
      role: null,
      headers: { authorization: 'Bearer unpush_nope' },
    })
    expect(wrong.status).toBe(401)
    for (const role of ['sender', 'viewer', 'approver', 'admin'] as const) {
      expect((await service.call('POST', '/v1/revoke', body, { role })).status, role).toBe(403)
    }
    expect((await service.call('GET', '/v1/messages', undefined, { role: 'sender' })).status).toBe(403)
    expect((await service.call('POST', '/v1/messages', {}, { role: 'viewer' })).status).toBe(403)
  })

  it('with a bad query or a bad key', async () => {
    for (const path of [
      '/v1/messages?limit=0',
      '/v1/messages?limit=201',
      '/v1/messages?colour=red',
      '/v1/messages?limit=1&limit=2',
      '/v1/recalls?cursor=x',
      '/v1/recalls?state=odd',
      '/v1/status?app=news-android',
      '/v1/messages?q=%00',
    ]) {
      expect((await service.call('GET', path)).status, path).toBe(400)
    }
    for (const key of ['a b', 'x'.repeat(256)]) {
      expect(
        (await service.call('POST', '/v1/revoke', { target: harmony, reason }, { headers: { 'idempotency-key': key } }))
          .status,
      ).toBe(400)
    }
  })
})

it('never makes a 5xx of anything', async () => {
  const json = fc.jsonValue({ maxDepth: 3 })
  const member = fc.oneof(
    json,
    fc.constant(harmony),
    fc.constant({ app: 'news-android', pushId: '1' }),
    fc.constant('1'),
    fc.string(),
  )
  const body = fc.record(
    {
      message: member,
      content: member,
      target: member,
      reason: member,
      overlay: member,
      fallback: member,
      dryRun: member,
      again: member,
      ticket: member,
      id: member,
      targets: fc.array(member, { maxLength: 2 }),
      contents: member,
      expiresAt: member,
    },
    { requiredKeys: [] },
  )
  const path = fc.constantFrom(
    '/v1/revoke',
    '/v1/stop',
    '/v1/overlay',
    '/v1/messages',
    '/v1/messages/x/tokens',
    '/v1/recalls/x/cancel',
  )
  await fc.assert(
    fc.asyncProperty(path, body, async (where, what) => {
      const reply = await service.call('POST', where, what)
      expect(reply.status).toBeLessThan(500)
    }),
    { numRuns: 150 },
  )
})
