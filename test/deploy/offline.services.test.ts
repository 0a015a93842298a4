/** The whole API as AWS would run it, through serverless-offline, on PostgreSQL, secrets from a stand-in of the manager. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDemoKeys, demoAccess, type DemoKeys } from '../../sandbox/demo.ts'
import { createTestSandbox, type TestSandbox } from '../support/sandbox.ts'
import { type FunctionEntry, functions } from '../../shared/functions.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Offline, startOffline } from '../support/offline.ts'
import { showing } from '../support/service.ts'

const entries: [string, FunctionEntry][] = Object.entries(functions)

describeOnPostgres('the API behind serverless-offline', ledgerUrl => {
  let offline: Offline
  let sandbox: TestSandbox
  let keys: DemoKeys
  const vendors = createServer((request, response) => {
    void sandbox.handle(request, response)
  })
  beforeAll(async () => {
    sandbox = createTestSandbox()
    sandbox.switches.tpns.latencyMs = 0
    sandbox.switches.pushKit.latencyMs = 0
    keys = createDemoKeys()
    await new Promise<void>(resolve => vendors.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(vendors.address() as AddressInfo).port}`
    // endpoints of moderation systems have no part in this
    const apps = Object.fromEntries(
      Object.entries(sandbox.secrets(origin)).filter(([name]) => name.startsWith('unpush/apps/')),
    )
    offline = await startOffline(() => ({
      ...apps,
      'unpush/apps': { apps: Object.keys(apps).map(name => name.slice('unpush/apps/'.length)) },
      'unpush/access': demoAccess(keys),
      'unpush/ledger': { url: ledgerUrl() },
    }))
  })
  afterAll(async () => {
    await offline.close()
    sandbox.close()
    vendors.closeAllConnections()
    await new Promise(resolve => vendors.close(resolve))
  })

  const call = async (method: string, path: string, body?: unknown, headers: { [name: string]: string } = {}) => {
    const raw = typeof body === 'string'
    const reply = await fetch(offline.url + path, {
      method,
      headers: {
        authorization: `Bearer ${keys.operator}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    })
    const text = await reply.text()
    // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers member by member
    const parsed: any = text.startsWith('{') ? JSON.parse(text) : text
    return { status: reply.status, headers: reply.headers, body: parsed }
  }

  it('answers at every route of the table, and nowhere without a key', async () => {
    for (const [name, { routes }] of entries) {
      for (const { method, path, right } of routes) {
        const at = path.replaceAll(/\{\w+\}/g, 'none')
        const { status, headers } = await call(method, at, method === 'GET' ? undefined : {}, { authorization: '' })
        if (right === null) expect(status, `${name} ${method} ${at}`).toBeLessThan(500)
        else
          expect([status, headers.get('content-type')], `${name} ${at}`).toEqual([
            401,
            'application/problem+json; charset=utf-8',
          ])
      }
    }
  })

  it('says what is not there, and what a path does not take', async () => {
    expect((await call('GET', '/v1/nothing')).status).toBe(404)
    expect((await call('DELETE', '/nothing/at/all')).status).toBe(404)
    const { status, headers } = await call('DELETE', '/v1/revoke')
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
    expect((await call('GET', '/v1/recalls?limit=1&limit=2')).status).toBe(400)
  })

  it('registers a message, takes tokens as lines, and takes it back at both vendors', async () => {
    const tokens = sandbox.harmonyTokens()
    sandbox.pushHarmony({ notifyId: 7, tokens, title: '标题', body: '正文' })
    expect(showing(sandbox, 'phone', '7')).toBeGreaterThan(0)
    const { pushId } = sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all' })
    const targets = [
      { app: 'news-android', pushId },
      { app: 'news-harmony', notifyId: 7, tokens: [] },
    ]
    const registered = await call('POST', '/v1/messages', { id: 'a:b', title: '标题', targets })
    expect(registered.status, JSON.stringify(registered.body)).toBe(201)
    const lines = tokens.map(token => JSON.stringify(token)).join('\n')
    const added = await call('POST', '/v1/messages/a%3Ab/tokens?app=news-harmony&notifyId=7', lines, {
      'content-type': 'application/x-ndjson',
    })
    expect(added.body).toEqual({ received: tokens.length })
    expect((await call('GET', '/v1/messages/a%3Ab')).body).toMatchObject({ id: 'a:b', title: '标题' })
    const body = { message: 'a:b', reason: 'wrong link' }
    const key = { 'idempotency-key': 'k1', prefer: 'wait=15' }
    const recalled = await call('POST', '/v1/revoke', body, key)
    expect(recalled.status, JSON.stringify(recalled.body)).toBe(202)
    expect(recalled.body).toMatchObject({ state: 'done' })
    const replayed = await call('POST', '/v1/revoke', body, key)
    expect(replayed.body).toEqual(recalled.body)
    expect(replayed.headers.get('idempotent-replayed')).toBe('true')
    expect(showing(sandbox, 'phone', '7')).toBe(0)
    expect((await call('GET', `/v1/recalls/${recalled.body.id}`)).body.id).toBe(recalled.body.id)
    expect((await call('GET', `/v1/status?app=news-android&pushId=${pushId}`)).status).toBe(200)
    expect((await call('GET', '/v1/capabilities')).status).toBe(200)
    expect((await call('POST', `/v1/recalls/${recalled.body.id}/cancel`)).status).toBe(409)
    expect((await call('POST', `/v1/recalls/${recalled.body.id}/retry`)).status).toBe(409)
  })

  it('kicks sweep, which finishes what the request did not wait for', async () => {
    const { pushId } = sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all' })
    const target = { app: 'news-android', pushId }
    const { status, body } = await call('POST', '/v1/stop', { target, reason: 'r' }, { prefer: 'wait=0' })
    expect(status, JSON.stringify(body)).toBe(202)
    expect(body.state).toBe('running')
    // no timer runs here
    await expect
      .poll(async () => (await call('GET', `/v1/recalls/${body.id}`)).body.state, { interval: 200 })
      .toBe('done')
    // a sweep outlives the drain: it says so when its deliveries and pulls have ended as well
    await expect.poll(() => offline.output(), { interval: 200 }).toContain('"msg":"swept"')
    expect((await call('GET', '/readyz')).body).toMatchObject({ status: 'ready' })
  })

  it('overlays', async () => {
    const { pushId } = sandbox.pushTpns({ app: 'news-ios', title: 't', content: 'b', audience: 'all' })
    const overlay = { title: '更正', body: '正文' }
    // of one whose reach nobody states a second person would have to approve
    const asked = { target: { app: 'news-ios', pushId, audienceSize: 60 }, overlay, reason: 'r' }
    const { status, body } = await call('POST', '/v1/overlay', asked, { prefer: 'wait=15' })
    expect([status, body.state], JSON.stringify(body)).toEqual([202, 'done'])
  })

  it('let every function read its own secrets and no others, with no wrong signature', () => {
    expect(offline.manager.refused).toEqual([])
    expect(offline.denied).toEqual([])
    expect(offline.output()).not.toContain('kick failed')
    // timers do not fire here, and only sweep is kicked
    const called = entries.filter(([name, { routes }]) => routes.length > 0 || name === 'sweep')
    for (const [name] of called) expect(offline.asked.get(name), name).toContain('unpush/ledger')
    for (const name of ['capabilities', 'status']) expect(offline.asked.get(name)).not.toContain('unpush/audit-mac')
    expect(offline.asked.get('dashboard')).toEqual(
      new Set(['unpush/ledger-public', 'unpush/ledger', 'unpush/access', 'unpush/policy', 'unpush/webhooks']),
    )
    for (const key of Object.values(keys)) expect(offline.output()).not.toContain(key)
  })
})
