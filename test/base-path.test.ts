/** A path before `/v1`: what comes in under it, and the links that lead back. */
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { withoutBasePath } from '../shared/base-path.ts'
import { readBasePath, readConfig } from '../shared/config.ts'
import { functions } from '../shared/functions.ts'
import { platformHandler } from '../shared/platform/envelope.ts'
import type { ApiRequest } from '../shared/platform/request.ts'
import { dialects } from './platform/dialects.ts'
import { type Service, startService } from './support/service.ts'
import { makeSecret, type Receiver, startReceiver, verify } from './webhooks/receiver.ts'

const variable = 'UNPUSH_BASE_PATH'
const base = '/push/api.v2'

describe('UNPUSH_BASE_PATH', () => {
  it('is a path, with slashes at its ends or without', () => {
    for (const written of ['push/api', '/push/api', 'push/api/', '/push/api/'])
      expect([readConfig({ [variable]: written }).basePath, readBasePath({ [variable]: written })]).toEqual([
        '/push/api',
        '/push/api',
      ])
    for (const none of ['', '/', undefined]) expect(readConfig({ [variable]: none }).basePath).toBe('')
    // what is no path stops the service, and not the page that says so
    expect(readBasePath({ [variable]: '/a b' })).toBe('')
  })

  it('is taken off where it stands, and nothing else is', () => {
    const segment = fc.stringMatching(/^[a-z0-9._~-]{1,8}$/)
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 3 }), fc.array(segment, { maxLength: 3 }), (before, after) => {
        const own = before.map(part => `/${part}`).join('')
        const path = after.map(part => `/${part}`).join('')
        expect(withoutBasePath(`${own}${path}`, own)).toBe(path || (own === '' ? '' : '/'))
        if (own !== '') expect(withoutBasePath(`${own}x${path}`, own)).toBe(`${own}x${path}`)
      }),
    )
    expect(withoutBasePath('/v1/revoke', '/push')).toBe('/v1/revoke')
  })
})

describe.each(Object.entries(dialects))('an event of %s', (_, encode) => {
  afterEach(() => vi.unstubAllEnvs())
  it('comes in under the base path, and without it', async () => {
    vi.stubEnv(variable, base)
    const seen: Pick<ApiRequest, 'path' | 'query'>[] = []
    const handler = platformHandler({
      request: async request => {
        seen.push(request)
        return { status: 200, headers: {}, body: '' }
      },
    })
    const paths = [`${base}/v1/recalls/rcl_1?limit=2`, '/v1/recalls/rcl_1?limit=2', base, `${base}/`, `${base}x/v1`]
    for (const url of paths)
      await handler(encode({ method: 'GET', url, headers: {}, body: Buffer.alloc(0), sourceIp: '127.0.0.1' }), {})
    expect(seen.map(({ path }) => path)).toEqual(['/v1/recalls/rcl_1', '/v1/recalls/rcl_1', '/', '/', `${base}x/v1`])
    expect(seen[0]?.query.get('limit')).toBe('2')
  })
})

describe('a service behind a base path', () => {
  let service: Service
  let receiver: Receiver
  const secret = makeSecret()
  beforeAll(async () => {
    vi.stubEnv(variable, base)
    receiver = await startReceiver()
    const subscriber = { url: receiver.url, secret, events: ['recall.accepted'], format: 'standard' }
    service = await startService({ localSubscribers: true, secrets: { 'unpush/subscribers/console': subscriber } })
    await service.gateway.fire('sweep')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await service.close()
    await receiver.close()
  })
  const get = (path: string) => service.call('GET', path, undefined, { role: 'admin' })

  it('has each of its routes under it, and none elsewhere', async () => {
    for (const { routes } of Object.values(functions)) {
      for (const { method, path } of routes) {
        const asked = path.replaceAll(/\{\w+\}/g, 'x')
        const [under, elsewhere] = [`${base}${asked}`, `/other${asked}`].map(url =>
          service.call(method, url, method === 'GET' ? undefined : {}, { role: 'admin' }),
        )
        // it may be refused for anything but its path
        expect((await under)?.text, `${method} ${path}`).not.toContain('There is nothing at this path')
        expect((await elsewhere)?.status, `${method} /other${path}`).toBe(404)
      }
    }
  })

  it('leads back under it: Location, links, events', async () => {
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all', pushId: '77' })
    const target = { app: 'news-android', pushId: '77' }
    const message = await service.call('POST', `${base}/v1/messages`, { id: 'm-77', targets: [target] })
    expect([message.status, message.headers.get('location')]).toEqual([201, `${base}/v1/messages/m-77`])
    const recall = await service.call('POST', `${base}/v1/revoke`, { message: 'm-77', reason: 'r' })
    const self = `${base}/v1/recalls/${recall.body.id}`
    expect([recall.status, recall.headers.get('location'), recall.body.links]).toEqual([202, self, { self }])
    expect((await get(self)).body.links).toEqual({ self })
    expect((await get(`${base}/v1/messages/m-77`)).body.recall.links).toEqual({ self })
    const clash = await service.call('POST', `${base}/v1/stop`, { target, reason: 'r' })
    if (clash.status === 409) expect(clash.body.links).toEqual({ recall: self })
    await expect.poll(() => receiver.taken.length).toBeGreaterThan(0)
    const [taken] = receiver.taken
    expect(verify(secret, taken ?? { headers: {}, body: '' }).data.links).toEqual({
      self,
      page: `${service.url}${base}/#/recalls/${recall.body.id}`,
    })
  })

  it('has pages whose links stay under it', async () => {
    for (const page of ['/', '/docs']) {
      const { status, text } = await get(`${base}${page}`)
      expect(status).toBe(200)
      const links = [...text.matchAll(/href="(?!#|data:|https:)([^"]*)"/g)].map(([, href]) => href ?? '')
      expect(links.length).toBeGreaterThan(3)
      // the sandbox is the local gateway's own
      expect(links.filter(href => !href.startsWith(`${base}/`) && href !== '/_sandbox')).toEqual([])
      for (const href of new Set(links)) expect((await get(href)).status, href).toBe(200)
    }
    expect((await get(`${base}/openapi.json`)).body.servers).toEqual([{ url: base }])
  })
})
