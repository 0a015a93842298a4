/** What a page asks for again and again, and what a page on another host may read of it. */
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { functions, type Route } from '../../shared/functions.ts'
import { newId } from '../../shared/ids.ts'
import { useRuntime } from '../../shared/runtime.ts'
import { type Reply, type Service, startService } from '../support/service.ts'

let service: Service
const ids: { [kind: string]: string } = {}
beforeAll(async () => {
  service = await startService()
  const { ledger } = service.gateway.runtime
  service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: '71001' })
  await service.call('POST', '/v1/messages', { id: 'm', targets: [{ app: 'news-android', pushId: '71001' }] })
  const asked = { message: 'm', reason: 'r' }
  const recall = await service.call('POST', '/v1/revoke', asked, { headers: { prefer: 'wait=10' } })
  const [verdict, delivery] = [newId('vrd'), `dlv_${randomBytes(16).toString('hex')}`]
  await ledger.query(
    `insert into verdict (id, endpoint, source, tier, labels, authority, round, ordered_at, outranks)
     values ($1::text, 'e', 's', 'A', '[]', 1, 0, now(), '{e}')`,
    [verdict],
  )
  await ledger.query(
    `insert into delivery (id, subscriber, type, apps, data, state)
     values ($1::text, 'gone', 'recall.completed', '{news-android}', '{}', 'failed')`,
    [delivery],
  )
  Object.assign(ids, { message: 'm', recall: recall.body.id, verdict, delivery })
})
afterAll(() => service.close())

const routes: readonly Route[] = Object.values(functions).flatMap(entry => [...entry.routes])
const polled = routes.filter(({ method, right }) => method === 'GET' && right !== null)
/** What a route is not whole without. */
const queries: { readonly [path: string]: string } = {
  '/v1/status': '?app=news-android&pushId=71001',
  '/v1/holds': '?message=m',
}

const read = ({ path, ids: kinds = {}, right }: Route, headers: { [name: string]: string } = {}): Promise<Reply> =>
  service.call(
    'GET',
    path.replace(/\{(\w+)\}/g, (_, name: string) => ids[kinds[name] ?? ''] ?? '') + (queries[path] ?? ''),
    undefined,
    { role: right === 'audit' || right === 'pause' ? 'admin' : 'operator', headers },
  )

describe('what is polled', () => {
  it.each(polled.map(route => [route.path, route] as const))(
    '%s is not sent again where it is known',
    async (_, route) => {
      // a vendor may have been asked for the first
      await read(route)
      const first = await read(route)
      const etag = first.headers.get('etag') ?? ''
      expect([first.status, etag, first.headers.get('cache-control')], first.text).toEqual([
        200,
        expect.stringMatching(/^W\/"[\w-]{22}"$/),
        'no-store',
      ])
      for (const known of [etag, etag.slice(2), `"x", ${etag}`, '*']) {
        const again = await read(route, { 'if-none-match': known })
        expect([again.status, again.text, again.headers.get('etag'), again.headers.get('content-type')], known).toEqual(
          [304, '', etag, null],
        )
        expect(again.headers.get('x-request-id')).toMatch(/^req_/)
      }
      const other = await read(route, { 'if-none-match': 'W/"another"' })
      expect([other.status, other.headers.get('etag')]).toEqual([200, etag])
    },
  )

  it('is sent where it has changed', async () => {
    const lists = polled.filter(({ path }) => path === '/v1/messages' || path === '/v1/summary')
    const before = await Promise.all(lists.map(route => read(route)))
    await service.call('POST', '/v1/messages', { id: `new-${randomBytes(4).toString('hex')}` })
    await service.gateway.runtime.ledger.query(
      `insert into subscriber (id, events, digest, disabled_at) values ('off', '{}', 'd', now())`,
    )
    for (const [n, route] of lists.entries()) {
      const after = await read(route, { 'if-none-match': before[n]?.headers.get('etag') ?? '' })
      expect(after.status, route.path).toBe(200)
    }
  })

  it('says nothing of tags to who may not read it, nor of what is not there', async () => {
    const headers = { 'if-none-match': '*' }
    expect((await service.call('GET', '/v1/messages', undefined, { role: null, headers })).status).toBe(401)
    expect((await service.call('GET', '/v1/messages/none', undefined, { headers })).status).toBe(404)
  })
})

describe('a page on another host', () => {
  const origin = 'https://console.example.com'
  const allow = (dashboardOrigin: string | null) => {
    const { runtime } = service.gateway
    useRuntime({ ...runtime, config: { ...runtime.config, dashboardOrigin } })
  }
  afterEach(() => useRuntime(service.gateway.runtime))
  const listOf = (headers: Headers, name: string) =>
    (headers.get(`access-control-${name}`) ?? '')
      .split(',')
      .flatMap(word => (word === '' ? [] : [word.trim().toLowerCase()]))

  it('may send what it needs and read what it is told, at every function', async () => {
    allow(origin)
    for (const { prefixes, routes: own } of Object.values(functions)) {
      const [first] = own as readonly Route[]
      if (first === undefined || prefixes[0] === '/') continue
      const at = first.path.replace('{endpoint}', 'e')
      const asked = await service.call('OPTIONS', at, undefined, { role: null, headers: { origin } })
      expect([asked.status, asked.headers.get('access-control-allow-origin')], at).toEqual([204, origin])
      expect(listOf(asked.headers, 'allow-headers'), at).toEqual(
        expect.arrayContaining(['authorization', 'content-type', 'idempotency-key', 'prefer', 'if-none-match']),
      )
      const allowed = listOf(asked.headers, 'allow-methods')
      expect(allowed, at).toEqual(expect.arrayContaining(own.map(({ method }) => method.toLowerCase())))
      // also where it is refused: why and until when
      for (const headers of [{ origin }, { origin, authorization: 'Bearer none' }]) {
        const answer = await service.call(first.method, at, undefined, { headers })
        expect(answer.headers.get('access-control-allow-origin'), at).toBe(origin)
        expect(listOf(answer.headers, 'expose-headers'), at).toEqual([
          'etag',
          'location',
          'retry-after',
          'x-request-id',
          'idempotent-replayed',
          'www-authenticate',
        ])
      }
    }
  })

  it('is allowed nothing where another one is configured, or none', async () => {
    for (const configured of ['https://other.example.com', null]) {
      allow(configured)
      for (const method of ['OPTIONS', 'GET']) {
        const { headers } = await service.call(method, '/v1/messages', undefined, { headers: { origin } })
        expect([...headers.keys()].filter(name => name.startsWith('access-control-'))).toEqual([])
      }
    }
  })

  it('hears of a 304, too', async () => {
    allow(origin)
    const { headers, status } = await service.call('GET', '/v1/messages', undefined, {
      headers: { origin, 'if-none-match': '*' },
    })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([304, origin])
  })
})
