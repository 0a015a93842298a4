/** The sandbox's own API over HTTP: loopback names only, JSON only, no token in any view. */
import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callersOf, type Running, startSandbox } from './world.ts'

let running: Running
beforeAll(async () => {
  running = await startSandbox()
})
afterAll(() => running.close())

// JSON.parse gives any: tests look into answers member by member
const jsonOf = async (reply: Response) => JSON.parse(await reply.text())
const get = async (path: string) => jsonOf(await fetch(running.url + path))
const send = (method: string, path: string, body: unknown, headers: { [name: string]: string } = {}) =>
  fetch(running.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** fetch sets Host by itself. */
function withHost(host: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(running.url + path, { headers: { host } }, reply => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
      .once('error', reject)
      .end()
  })
}

describe('who may ask', () => {
  it.each([
    ['127.0.0.1:8787', 200],
    ['localhost', 200],
    ['[::1]:1', 200],
    ['example.com', 403],
    ['127.0.0.1.example.com', 403],
    ['localhost@example.com', 403],
    ['127.0.0.2', 403],
  ])('Host: %s gets %i', async (host, status) => {
    for (const path of ['/_sandbox', '/_sandbox/state', '/_sandbox/calls']) {
      expect(await withHost(host, path), path).toBe(status)
    }
  })
  it('leaves other paths to others', async () => {
    expect((await fetch(`${running.url}/_sandboxes`)).status).toBe(404)
    expect((await fetch(`${running.url}/v1/revoke`)).status).toBe(404)
  })
  it('takes no forms', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
      const reply = await send('POST', '/_sandbox/push', '{"app":"news-ios","title":"t","content":"c"}', {
        'content-type': type,
      })
      expect(reply.status).toBe(415)
    }
  })
  it.each([
    ['POST', '/_sandbox/state', 405, 'GET'],
    ['DELETE', '/_sandbox/phones/tpns-1', 405, 'GET, POST'],
    ['PUT', '/_sandbox/switches', 405, 'GET, PATCH'],
    ['GET', '/_sandbox/push', 405, 'POST'],
    ['GET', '/_sandbox/nothing', 404, null],
    ['GET', '/_sandbox/../package.json', 404, null],
    ['GET', '/_sandbox/phones/tpns-999', 404, null],
  ])('%s %s gets %i', async (method, path, status, allow) => {
    const reply = await fetch(running.url + path, { method })
    expect([reply.status, reply.headers.get('allow')]).toEqual([status, allow])
  })
})

describe('pages', () => {
  const folder = new URL('../../sandbox/page/', import.meta.url)
  const own = readdirSync(folder).flatMap(name => (name.endsWith('.html') ? [] : [`/${name}`]))
  it.each(['', '/', '/docs', '/tokens.css', ...own])('/_sandbox%s runs nothing foreign', async path => {
    const reply = await fetch(`${running.url}/_sandbox${path}`)
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; .*frame-ancestors 'none'/,
    )
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
    const text = await reply.text()
    expect(text).not.toMatch(/(src|href|from|url\()\s*=?\s*["']?(https?:)?\/\//)
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|style="|onclick=/)
  })
})

describe('phones', () => {
  it('are counted, and shown without a token', async () => {
    running.sandbox.reset()
    const state = await get('/_sandbox/state')
    expect(state.groups.map(({ name, total }: { name: string; total: number }) => [name, total])).toEqual([
      ['tpns', 60],
      ['xiaomi', 45],
      ['meizu', 15],
      ['huawei', 60],
      ['huawei-emui9', 20],
      ['oppo', 50],
      ['vivo', 50],
      ['apns', 60],
      ['phone', 1900],
      ['tablet', 260],
      ['pc', 100],
      ['watch-5.1.0', 90],
      ['watch-5.0.5', 50],
      ['tv-5.1.1', 60],
      ['tv-5.1.0', 40],
    ])
    expect(state.totals).toEqual({ none: 2860 })
    const everything = JSON.stringify([
      state,
      await get('/_sandbox/phones?app=news-harmony&limit=500'),
      await get('/_sandbox/phones/phone-1'),
      await get('/_sandbox/calls'),
    ])
    expect(running.sandbox.harmonyTokens().some(token => everything.includes(token))).toBe(false)
  })
  it('are listed by group, mark and whether they are online', async () => {
    expect(await get('/_sandbox/phones?group=watch-5.0.5&online=false&limit=2&offset=1')).toMatchObject({
      total: 8,
      items: [{ id: 'watch-5.0.5-12' }, { id: 'watch-5.0.5-18' }],
    })
    expect((await get('/_sandbox/phones?mark=shown')).total).toBe(0)
    expect((await fetch(`${running.url}/_sandbox/phones?limit=x`)).status).toBe(400)
  })
  it('are used: offline, online, tapped, swiped, the app killed', async () => {
    const body = { app: 'news-android', title: 't', content: 'c' }
    const { pushId } = await jsonOf(await send('POST', '/_sandbox/push', body))
    const use = async (body: unknown, id = 'oppo-1') => jsonOf(await send('POST', `/_sandbox/phones/${id}`, body))
    expect(await use({ online: false })).toMatchObject({
      online: false,
      badge: 1,
      notices: [{ key: pushId, state: 'shown' }],
    })
    expect(await use({ online: true }, 'oppo-6')).toMatchObject({ online: true, queued: 0, mark: 'shown' })
    expect(await use({ click: pushId })).toMatchObject({ mark: 'clicked', notices: [{ state: 'clicked' }] })
    expect(await use({ click: pushId })).toMatchObject({ status: 409 })
    expect(await use({ clear: pushId }, 'oppo-2')).toMatchObject({ mark: 'cleared' })
    expect(await use({ app: 'killed' }, 'apns-1')).toMatchObject({ alive: false })
    for (const body of [{}, { online: true, click: 'x' }, { online: 'yes' }, { battery: 1 }, [], '{']) {
      expect((await send('POST', '/_sandbox/phones/oppo-1', body)).status, JSON.stringify(body)).toBe(400)
    }
  })
})

describe('pushes', () => {
  it('answer with the handle, and with a body that takes them back', async () => {
    const pushed = await jsonOf(await send('POST', '/_sandbox/push', { app: 'news-ios', title: 't', content: 'c' }))
    expect(pushed).toMatchObject({
      app: 'news-ios',
      pushId: expect.stringMatching(/^\d{19}$/),
      collapseId: expect.any(Number),
    })
    expect(await get(pushed.recall)).toEqual({
      target: { app: 'news-ios', pushId: pushed.pushId },
      reason: 'wrong link',
    })
  })
  it('go to one group of HarmonyOS devices', async () => {
    const body = { app: 'news-harmony', group: 'tv-5.1.0', title: 't', content: 'c', badge: null }
    const pushed = await jsonOf(await send('POST', '/_sandbox/push', body))
    expect(pushed.tokens).toEqual(running.sandbox.harmonyTokens('tv-5.1.0'))
    const recall = await get(`${pushed.recall}&operation=overlay`)
    expect(recall.target).toEqual({ app: 'news-harmony', notifyId: pushed.notifyId, tokens: pushed.tokens })
    expect(recall.overlay.title).toMatch(/更正/)
    expect((await get('/_sandbox/phones/tv-5.1.0-1')).mark).toBe('shown')
    expect((await get('/_sandbox/phones/tv-5.1.1-1')).mark).toBe('none')
  })
  it.each([
    ['no app', { title: 't', content: 'c' }, '/app'],
    ['an unknown app', { app: 'x', title: 't', content: 'c' }, '/app'],
    ['no title', { app: 'news-ios', content: 'c' }, '/title'],
    ['another member', { app: 'news-ios', title: 't', content: 'c', notifyId: 1 }, '/notifyId'],
    ['a group that is none', { app: 'news-harmony', title: 't', content: 'c', group: 'oppo' }, '/group'],
    ['notifyId out of range', { app: 'news-harmony', title: 't', content: 'c', notifyId: 2 ** 31 }, '/notifyId'],
  ])('name what is wrong: %s', async (_what, body, path) => {
    const reply = await send('POST', '/_sandbox/push', body)
    expect(reply.status).toBe(400)
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect((await jsonOf(reply)).errors[0].path).toBe(path)
  })
})

describe('switches', () => {
  it('are read and set, one by one', async () => {
    const set = await jsonOf(await send('PATCH', '/_sandbox/switches', { tpns: { revokeRetired: true } }))
    expect(set.tpns).toMatchObject({ revokeRetired: true, pushIdField: 'either' })
    expect(running.sandbox.switches.tpns.revokeRetired).toBe(true)
    expect(await get('/_sandbox/switches')).toEqual(set)
    expect((await send('POST', '/_sandbox/reset', {})).status).toBe(200)
    expect(running.sandbox.switches.tpns.revokeRetired).toBe(false)
  })
  it.each([
    { tpns: { revokeRetired: 'yes' } },
    { tpns: { nothing: true } },
    { pushKit: { share: 2 } },
    { pushKit: { tokensPerSecond: 0 } },
    { fcm: {} },
  ])('refuse %j whole', async body => {
    expect((await send('PATCH', '/_sandbox/switches', body)).status).toBe(400)
    expect(running.sandbox.switches.pushKit.share).toBe(1)
  })
})

describe('calls', () => {
  it('are written down without secrets and tokens, 200 at most', async () => {
    const call = callersOf(running)
    const tokens = running.sandbox.harmonyTokens('pc').slice(0, 3)
    await call.revoke(5, tokens)
    await call.tpns('news-android', '/v3/push/stop_push_msg', { pushId: '1' })
    await fetch(`${running.url}/_sandbox/tpns/v3/push/app`, { method: 'POST', body: '{}' })
    const { items } = await get('/_sandbox/calls')
    expect(items.slice(0, 3)).toMatchObject([
      { vendor: 'tpns', path: '/v3/push/app', code: '403', httpStatus: 403, tokens: null },
      { vendor: 'tpns', path: '/v3/push/stop_push_msg', code: '1008015', httpStatus: 200 },
      { vendor: 'pushKit', path: '/v1/109012345/messages:revoke', code: '80000000', tokens: 3, fault: null },
    ])
    running.sandbox.switches.tpns.latencyMs = 0
    for (let i = 0; i < 210; i++) await fetch(`${running.url}/_sandbox/tpns/x`)
    const kept = (await get('/_sandbox/calls')).items
    expect([kept.length, kept[0].number - kept[199].number]).toEqual([200, 199])
    expect(JSON.stringify(kept)).not.toContain(tokens[0])
  })
  it('over 4 MiB get a 413', async () => {
    const reply = await fetch(`${running.url}/_sandbox/pushkit/v1/1/messages:revoke`, {
      method: 'POST',
      body: 'x'.repeat(5_000_000),
    })
    expect(reply.status).toBe(413)
  })
})

it('streams everything once, then what has changed', async () => {
  const ending = new AbortController()
  const reply = await fetch(`${running.url}/_sandbox/events`, { signal: ending.signal })
  expect(reply.headers.get('content-type')).toBe('text/event-stream')
  const events: { [part: string]: { counts: { [mark: string]: number } } }[] = []
  const reading = (async () => {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of reply.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true })
      const whole = text.split('\n\n')
      text = whole.pop() ?? ''
      for (const event of whole) events.push(JSON.parse(event.slice(event.indexOf('data: ') + 6)))
    }
  })().catch(() => {})
  await expect.poll(() => events.length).toBe(1)
  expect(Object.keys(events[0] ?? {}).length).toBe(17)
  running.sandbox.pushTpns({ app: 'news-ios', title: 'streamed', content: 'c', audience: 'all' })
  running.sandbox.pushTpns({ app: 'news-ios', title: 'streamed too', content: 'c', audience: 'all' })
  await expect.poll(() => events.length).toBe(2)
  expect(Object.keys(events[1] ?? {})).toEqual(['group:apns'])
  expect(events[1]?.['group:apns']?.counts).toMatchObject({ shown: 50, queued: 10 })
  ending.abort()
  await reading
})
