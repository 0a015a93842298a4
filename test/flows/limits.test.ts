import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { type FunctionEntry, functions, type Role } from '../../shared/functions.ts'
import { type Reply, type Service, startService } from '../support/service.ts'

interface Key {
  readonly key: string
  readonly document: object
}

function keyOf(id: string, role: Role | Role[], more: object = {}): Key {
  const { key } = createApiKey()
  const sha256 = createHash('sha256').update(key).digest('hex')
  return { key, document: { id, sha256, role, apps: ['*'], ...more } }
}

/** Enough rights for every route. */
const everything: Role[] = ['operator', 'approver', 'admin']
const routes = Object.values(functions)
  .flatMap(({ routes }: FunctionEntry) => routes)
  .filter(({ right }) => right !== null)
const ofEach = routes.map(({ method, path }) => keyOf(`all-${method}-${path.replaceAll(/\W/g, '-')}`, everything))

const keys = {
  li1: keyOf('li1', 'operator', { person: 'li.wei' }),
  li2: keyOf('li2', everything, { person: 'li.wei', owner: 'somebody-else' }),
  backend1: keyOf('backend1', 'operator', { owner: 'backend' }),
  backend2: keyOf('backend2', 'operator', { owner: 'backend' }),
  recaller: keyOf('recaller', 'operator'),
  retrier: keyOf('retrier', 'operator'),
  wide: keyOf('wide', 'operator'),
  searcher: keyOf('searcher', 'viewer'),
}

let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: {
      'unpush/access': { keys: [...Object.values(keys), ...ofEach].map(({ document }) => document) },
      'unpush/policy': { limits: { requestsPerMinute: 12, recallsPerHour: 4, devicesPerHour: 10 } },
    },
  })
})
afterAll(() => service.close())

const call = (key: Key | undefined, method: string, path: string, body?: unknown, headers = {}): Promise<Reply> =>
  service.call(method, path, body, { role: null, headers: { authorization: `Bearer ${key?.key}`, ...headers } })

let handles = 1_000
const revoke = (key: Key, devices = 1, headers = {}): Promise<Reply> => {
  const notifyId = handles++
  const tokens = Array.from({ length: devices }, (_, i) => `t-${notifyId}-${i}`)
  const body = { target: { app: 'news-harmony', notifyId, tokens }, reason: 'too many' }
  return call(key, 'POST', '/v1/revoke', body, headers)
}

function expectTooMany(reply: Reply, limit: string): void {
  expect([reply.status, reply.headers.get('content-type')]).toEqual([429, 'application/problem+json; charset=utf-8'])
  expect(reply.body).toMatchObject({ type: 'https://unpush.dev/problems/too-many-requests', status: 429, bound: limit })
  expect(reply.body.detail).toContain(limit)
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
}

describe('limits.requestsPerMinute', () => {
  it.each(routes.map((route, index) => [`${route.method} ${route.path}`, route, index] as const))(
    'holds at %s',
    async (_name, { method, path }, index) => {
      const key = ofEach[index]
      const url = path.replaceAll(/\{\w+\}/g, 'nothing-there')
      const replies: Reply[] = []
      for (let i = 0; i < 13; i++) replies.push(await call(key, method, url, method === 'GET' ? undefined : {}))
      const statuses = replies.map(({ status }) => status)
      const first = statuses.indexOf(429)
      expect(first).toBeGreaterThan(0)
      // whatever is over comes after whatever was not, and what was not is answered for what it is
      expect(statuses.slice(0, first).every(status => status < 500 && status !== 429)).toBe(true)
      for (const reply of replies.slice(first)) expectTooMany(reply, 'limits.requestsPerMinute')
    },
  )

  it('is of one person, whatever key they hold', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 14; i++)
      statuses.push((await call(i % 2 === 0 ? keys.li1 : keys.li2, 'GET', '/v1/recalls')).status)
    expect(statuses.filter(status => status === 200)).toHaveLength(12)
    // of each kind: who has read too much can still recall
    expect((await revoke(keys.li1)).status).toBe(202)
  })

  it('counts a search as ten', async () => {
    expect((await call(keys.searcher, 'GET', '/v1/messages?q=sale')).status).toBe(200)
    expectTooMany(await call(keys.searcher, 'GET', '/v1/messages?q=sale'), 'limits.requestsPerMinute')
    expect((await call(keys.searcher, 'GET', '/v1/messages')).status).toBe(200)
  })
})

describe('limits.recallsPerHour', () => {
  it('is of one owner, and burns no idempotency key', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await revoke(i % 2 === 0 ? keys.backend1 : keys.backend2)).status)
    expect(statuses).toEqual([202, 202, 202, 202])
    expectTooMany(await revoke(keys.backend2, 1, { 'idempotency-key': 'once' }), 'limits.recallsPerHour')
    const answers = await service.gateway.runtime.ledger.query("select from answer where key = 'once'")
    expect(answers).toEqual([])
  })

  it('does not count what was not admitted: plans, repeats, refusals', async () => {
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: '77' })
    const body = { target: { app: 'news-android', pushId: '77', audience: 'all', audienceSize: 2 }, reason: 'once' }
    expect((await call(keys.recaller, 'POST', '/v1/revoke', body)).status).toBe(202)
    expect((await call(keys.recaller, 'POST', '/v1/revoke', body)).body.deduplicated).toBe(true)
    expect((await call(keys.recaller, 'POST', '/v1/revoke', { ...body, dryRun: true })).status).toBe(200)
    expect((await call(keys.recaller, 'POST', '/v1/revoke', { message: 'none', reason: 'x' })).status).toBe(404)
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await revoke(keys.recaller)).status)
    expect(statuses).toEqual([202, 202, 202, 429])
  })

  it('counts a retry as the recall that it is, and not where nothing is left to try', async () => {
    const body = {
      target: { app: 'news-android', pushId: '404404', audience: 'all', audienceSize: 1 },
      reason: 'unknown there',
    }
    const recall = await call(keys.retrier, 'POST', '/v1/revoke', body, { prefer: 'wait=10' })
    expect([recall.status, recall.body.state]).toEqual([202, 'failed'])
    const done = await revoke(keys.retrier, 1, { prefer: 'wait=10' })
    const retry = (reply: Reply) => call(keys.retrier, 'POST', `/v1/recalls/${reply.body.id}/retry`)
    const statuses: number[] = []
    for (const reply of [recall, recall, recall]) statuses.push((await retry(reply)).status)
    expect(statuses).toEqual([202, 202, 429])
    expect(done.status).toBe(202)
  })
})

describe('limits.devicesPerHour', () => {
  it('adds up, and refuses what is over it alone', async () => {
    expect((await revoke(keys.wide, 7)).status).toBe(202)
    expectTooMany(await revoke(keys.wide, 4), 'limits.devicesPerHour')
    expect((await revoke(keys.wide, 3)).status).toBe(202)
    const alone = await revoke(keys.wide, 11)
    expectTooMany(alone, 'limits.devicesPerHour')
    expect(alone.body.detail).toContain('11 devices')
    // what was refused gave its permit back: two of four recalls are left
    expect(
      (await call(keys.wide, 'POST', '/v1/stop', { target: { app: 'news-android', pushId: '1' }, reason: 'x' })).status,
    ).toBe(429)
  })
})
