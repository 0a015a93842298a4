/** What is read before any statement: ids, cursors, times, encodings, names. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService()
  await service.call('POST', '/v1/messages', { id: 'a' })
  await service.call('POST', '/v1/messages', { id: 'b' })
})
afterAll(() => service.close())

const call = (...given: Parameters<Service['call']>) => service.call(...given)

describe('an id in a path', () => {
  const routes = [
    ['GET', '/v1/messages/*', 'message'],
    ['PATCH', '/v1/messages/*', 'message'],
    ['POST', '/v1/messages/*/tokens', 'message'],
    ['GET', '/v1/recalls/*', 'recall'],
    ['POST', '/v1/recalls/*/cancel', 'recall'],
    ['POST', '/v1/recalls/*/retry', 'recall'],
    ['POST', '/v1/deliveries/*/replay', 'delivery'],
    ['POST', '/v1/webhooks/*', 'endpoint'],
  ] as const
  const never = ['%00', 'a%00b', '%F0%9F%98%80', 'x'.repeat(4000), '%20', 'a%2Fb', "'", 'rcl_0', 'dlv_0', 'msg_%00']

  it.each(routes)('%s %s names nothing where it has another form', async (method, path, kind) => {
    for (const id of never) {
      const reply = await call(method, path.replace('*', id), method === 'GET' ? undefined : {})
      expect([id, reply.status], reply.text).toEqual([id, 404])
      const named = ['rcl_0', 'dlv_0'].includes(id) && kind === 'message'
      if (!named) expect(reply.body.detail).toBe(`There is no such ${kind}.`)
    }
  })

  it('reaches no statement where it has another form', async () => {
    const asked = vi.spyOn(service.gateway.runtime.ledger, 'query')
    const marked = ['%00', '%20', '%E2%80%AE', '%2F', '%F0%9F%98%80'].map(odd => `door${odd}`)
    for (const [method, path] of routes) {
      for (const id of marked) await call(method, path.replace('*', id), method === 'GET' ? undefined : {})
    }
    const odd = asked.mock.calls.filter(([, parameters]) => JSON.stringify(parameters ?? []).includes('door'))
    expect(odd).toEqual([])
    // what has the form of an id is asked for
    await call('GET', '/v1/messages/door')
    expect(JSON.stringify(asked.mock.calls)).toContain('door')
    asked.mockRestore()
  })

  it('is looked at after the key', async () => {
    expect((await call('GET', '/v1/messages/%00', undefined, { role: null })).status).toBe(401)
    expect((await call('GET', '/v1/messages/%00', undefined, { role: 'sender' })).status).toBe(403)
  })
})

describe('a cursor', () => {
  const written = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const at = '2026-11-28T08:00:00.000000Z'

  it('is taken as a list gave it', async () => {
    const first = await call('GET', '/v1/messages?limit=1')
    const second = await call('GET', `/v1/messages?limit=1&cursor=${first.body.nextCursor}`)
    expect([first.body.items[0].id, second.body.items[0].id, second.body.nextCursor]).toEqual(['b', 'a', null])
  })

  it.each([
    ['a time that only Date.parse takes', written(['1', 'x'])],
    ['a time without microseconds', written(['2026-11-28T08:00:00Z', 'x'])],
    ['a day that is none', written(['2026-02-31T08:00:00.000000Z', 'x'])],
    ['the year 0', written(['0000-01-01T00:00:00.000000Z', 'x'])],
    ['an id of another form', written([at, 'x y'])],
    ['a third item', written([at, 'x', 1])],
    ['an object', written({ 0: at, 1: 'x' })],
    ['blanks between', Buffer.from(`["${at}", "x"]`).toString('base64url')],
    ['base64 with its padding', `${written([at, 'xx'])}=`],
    ['noise', 'x'],
    ['U+0000', written([at, '\0'])],
  ])('that holds %s is refused', async (_what, cursor) => {
    for (const list of ['messages', 'recalls', 'verdicts', 'deliveries']) {
      const reply = await call('GET', `/v1/${list}?cursor=${cursor}`)
      expect([list, reply.status], reply.text).toEqual([list, 400])
      expect(reply.body.errors).toEqual([{ path: '/cursor', message: 'is not one that this list gave' }])
    }
  })

  it('of another list is refused', async () => {
    const { nextCursor } = (await call('GET', '/v1/messages?limit=1')).body
    for (const list of ['recalls', 'verdicts', 'deliveries']) {
      expect((await call('GET', `/v1/${list}?cursor=${nextCursor}`)).status).toBe(400)
    }
    expect((await call('GET', `/v1/audit?cursor=${nextCursor}`, undefined, { role: 'admin' })).status).toBe(400)
  })
})

describe('a time', () => {
  it.each(['2026-11-28T08:00:00+08:00', '2026-11-28T08:00:00%2B08:00', '2026-11-28T08:00:00Z', '0001-01-01T00:00:00Z'])(
    '%s is taken',
    async time => {
      for (const list of ['messages', 'recalls', 'verdicts', 'deliveries']) {
        const reply = await call('GET', `/v1/${list}?from=${time}&to=${time}`)
        expect([list, reply.status], reply.text).toEqual([list, 200])
      }
      expect((await call('GET', `/v1/audit?from=${time}`, undefined, { role: 'admin' })).status).toBe(200)
    },
  )

  it.each([
    '0000-06-01T00:00:00Z',
    '0001-01-01T00:00:00%2B08:00',
    '9999-12-31T23:59:59-01:00',
    '2026-02-30T00:00:00Z',
    '2026-11-28 08:00:00Z',
    '2026-11-28T08:00:00  08:00',
    `2026-11-28T08:00:00.${'0'.repeat(40)}Z`,
    '1',
    '+010000-01-01T00:00:00Z',
  ])('%s is refused, wherever it stands', async time => {
    for (const list of ['messages', 'recalls', 'verdicts', 'deliveries', 'audit']) {
      const reply = await call('GET', `/v1/${list}?to=${time}`, undefined, {
        role: list === 'audit' ? 'admin' : 'viewer',
      })
      expect([list, reply.status], reply.text).toEqual([list, 400])
      expect(reply.body.errors[0].path).toBe('/to')
    }
    const expiresAt = decodeURIComponent(time)
    expect((await call('POST', '/v1/messages', { expiresAt })).body.errors[0].path).toBe('/expiresAt')
    expect((await call('PATCH', '/v1/messages/a', { expiresAt })).body.errors[0].path).toBe('/expiresAt')
  })

  it('may lie as far ahead as there are years', async () => {
    const reply = await call('POST', '/v1/messages', { expiresAt: '9999-12-31T23:59:59+00:00' })
    expect([reply.status, reply.body.expiresAt]).toEqual([201, '9999-12-31T23:59:59.000Z'])
  })
})

describe('a body', () => {
  const target = { app: 'news-harmony', notifyId: 7, tokens: ['pushToken1'] }

  it.each(['gzip', 'br', 'GZIP', 'identity, gzip'])('with Content-Encoding: %s gets 415 in words', async encoding => {
    for (const [path, type] of [
      ['/v1/revoke', 'application/json'],
      ['/v1/messages/a/tokens?app=news-harmony', 'application/x-ndjson'],
    ] as const) {
      const reply = await call('POST', path, undefined, {
        raw: new Uint8Array(gzipSync('"a"')),
        headers: { 'content-encoding': encoding, 'content-type': type },
      })
      expect([reply.status, reply.body.detail]).toEqual([415, 'Send the body uncompressed, without Content-Encoding.'])
    }
  })

  it('with Content-Encoding: identity is read', async () => {
    const headers = { 'content-encoding': 'identity' }
    expect((await call('POST', '/v1/messages', { id: 'c' }, { headers })).status).toBe(201)
  })

  it.each([
    ['/v1/revoke', '{"message":"a","reason":"r","message":"b"}', '/message'],
    ['/v1/stop', '{"target":{"app":"x","app":"y"},"reason":"r"}', '/target/app'],
    ['/v1/messages', '{"contents":["a"],"contents":["b"]}', '/contents'],
    ['/v1/messages', '{"targets":[{"app":"x"},{"app":"y","app":"z"}]}', '/targets/1/app'],
  ])('to %s that gives a member twice is refused: %s', async (path, raw, member) => {
    const reply = await call('POST', path, undefined, { raw })
    expect(reply.status).toBe(400)
    expect(reply.body.errors).toEqual([{ path: member, message: 'is given more than once' }])
  })

  it('has no name of a member repeated that may be a push token', async () => {
    const tokens = [
      'pushToken1',
      'f'.repeat(25),
      'abcdef0123456789abcdef0123456789',
      '8611111111111111111',
      'a b'.repeat(9),
    ]
    for (const name of tokens) {
      for (const body of [
        { [name]: 1 },
        { target: { ...target, [name]: 1 } },
        { targets: [{ app: 'x', [name]: { [name]: '\0' } }] },
      ]) {
        for (const path of ['/v1/revoke', '/v1/messages', '/v1/messages/a/tokens', '/v1/recalls/x/cancel']) {
          const reply = await call('POST', path, { ...body, reason: 'r' })
          expect(reply.status).toBeGreaterThanOrEqual(400)
          expect(reply.text).not.toContain(name)
        }
      }
      const query = encodeURIComponent(name)
      for (const path of [`/v1/messages?${query}=1`, `/v1/recalls?${query}=1&${query}=2`, `/v1/status?${query}=%00`]) {
        const reply = await call('GET', path)
        expect(reply.status).toBe(400)
        expect(reply.text).not.toContain(name)
      }
    }
    expect(service.logged.join('')).not.toMatch(new RegExp(tokens.join('|')))
    const named = await call('POST', '/v1/revoke', { message: 'a', reason: 'r', mesage: 'b' })
    expect(named.body.errors).toEqual([{ path: '/mesage', message: 'is not a member known here' }])
  })
})

it('one idempotency key is one at every spelling of a path', async () => {
  const body = { target: { app: 'news-harmony', notifyId: 8, tokens: ['t'] }, reason: 'r' }
  const headers = { 'idempotency-key': 'one' }
  const first = await call('POST', '/v1/revoke', body, { headers })
  const again = await call('POST', '/v1/revoke/', body, { headers })
  expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([
    first.status,
    first.text,
    'true',
  ])
  expect((await call('POST', '/v1/revoke/', { ...body, reason: 's' }, { headers })).status).toBe(422)
})
