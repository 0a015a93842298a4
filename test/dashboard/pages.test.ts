import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { html } from '../../dashboard/page/html.ts'
import { createShelf } from '../../dashboard/page/shelf.ts'
import { main_handler } from '../../functions/dashboard.ts'
import { useRuntime } from '../../shared/runtime.ts'

interface Answer {
  readonly statusCode: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** As a Function URL calls it, in an instance that has opened nothing yet. */
async function get(path: string, headers: object = {}, query: object = {}): Promise<Answer> {
  const event = { httpMethod: 'GET', path, headers, queryString: query, body: '', isBase64Encoded: false }
  return (await main_handler({ ...event, requestContext: { sourceIp: '127.0.0.1' } }, {})) as Answer
}

beforeEach(() => useRuntime(null))
afterEach(() => vi.unstubAllEnvs())

it('/docs needs nothing from elsewhere, no script, and no style but the one that its policy names', async () => {
  const { statusCode, headers, body } = await get('/docs')
  expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  const [, style = ''] = /<style>([^]*?)<\/style>/.exec(body) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
  )
  expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' })
  expect(body).not.toMatch(/<script|style="|\son\w+=|src="(?!data:)/)
  expect([...body.matchAll(/href="([^"]*)"/g)].filter(([, href = '']) => !/^([/#]|data:)/.test(href))).toEqual([])
})

describe('the console', () => {
  it('comes with a policy that lets nothing in from elsewhere and no text be markup', async () => {
    const { statusCode, headers, body } = await get('/')
    expect([statusCode, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-store',
    ])
    const policy = headers['content-security-policy'] ?? ''
    expect(policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    )
    expect(policy).not.toContain('*')
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
    })
    expect(body).not.toMatch(
      /<script(?! type="module" src="\/assets\/console-[A-Z0-9]{8}\.js"><\/script>)|<style|style="|\son\w+=/,
    )
    // whoever has no script still learns what this is
    expect(body).toMatch(/<noscript>[^]*Take back a push that should not have gone out[^]*<\/noscript>/)
  })
  it('has files that may be kept for ever, packed where that is taken and passes', async () => {
    const { body } = await get('/')
    const files = [...body.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, file = '']) => file)
    expect(files.length).toBe(4)
    for (const file of files) {
      const plain = await get(file)
      expect([plain.statusCode, plain.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
      expect(plain.headers['content-type']).toMatch(/^text\/(javascript|css); charset=utf-8$/)
      const packed = await get(file, { 'accept-encoding': 'br, gzip' })
      expect(packed.headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(Buffer.from(packed.body, 'base64')).toString()).toBe(plain.body)
      vi.stubEnv('TENCENTCLOUD_RUNENV', 'SCF')
      expect((await get(file, { 'accept-encoding': 'gzip' })).body).toBe(plain.body)
      vi.unstubAllEnvs()
    }
    for (const none of ['console-AAAAAAAA.js', 'constructor', '..%2fpackage.json', 'style.css'])
      expect((await get(`/assets/${none}`)).statusCode, none).toBe(404)
  })
})

describe.each(['/', '/docs'])('the page %s', path => {
  it('links to what is there only', async () => {
    const { body } = await get(path)
    const inside = [...body.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    expect(inside.filter(id => !body.includes(`id="${id}"`))).toEqual([])
    expect(body.match(/\bid="([^"]+)"/g)?.length ?? 0).toBe(new Set(body.match(/\bid="([^"]+)"/g)).size)
  })
  it('speaks the language that is asked for, else the one that the browser likes best', async () => {
    const languageOf = async (...call: Parameters<typeof get>) => (await get(...call)).headers['content-language']
    expect(await languageOf(path)).toBe('en')
    expect(await languageOf(path, { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' })).toBe('zh-CN')
    expect(await languageOf(path, { 'accept-language': 'de, en;q=0.7, zh;q=0.8' })).toBe('zh-CN')
    expect(await languageOf(path, { 'accept-language': 'zh;q=0' })).toBe('en')
    expect(await languageOf(path, { 'accept-language': 'zh' }, { lang: 'en' })).toBe('en')
    expect(await languageOf(path, {}, { lang: '"><script>' })).toBe('en')
    expect((await get(path, {}, { lang: 'zh' })).body).toContain('厂商已受理')
  })
  it('tells of the sandbox on this machine only, and asks for TLS elsewhere only', async () => {
    const here = await get(path)
    expect([here.body.includes('/_sandbox'), 'strict-transport-security' in here.headers]).toEqual([true, false])
    vi.stubEnv('TENCENTCLOUD_RUNENV', 'SCF')
    const there = await get(path)
    expect([there.body.includes('/_sandbox'), 'strict-transport-security' in there.headers]).toEqual([false, true])
  })
})

describe('what is the same for everybody', () => {
  it.each(['/docs', '/openapi.json'])('%s is not sent again to whoever has it', async path => {
    const { headers, body } = await get(path)
    expect(headers['cache-control']).toBe('no-cache')
    expect(headers['etag']).toMatch(/^"[\w-]{22}"$/)
    for (const sent of [headers['etag'], `W/${headers['etag']}`, `"other", ${headers['etag']}`]) {
      const again = await get(path, { 'if-none-match': sent })
      expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', headers['etag']])
    }
    const other = await get(path, { 'if-none-match': '"other"' })
    expect([other.statusCode, other.body]).toEqual([200, body])
    if (path !== '/openapi.json')
      expect((await get(path, {}, { lang: 'zh' })).headers['etag']).not.toBe(headers['etag'])
  })
  it('is made once, however many ask at once, and again where making it failed', async () => {
    const shelf = createShelf()
    let made = 0
    const make = async () => {
      made += 1
      if (made === 1) throw new Error('not yet')
      return { status: 200, headers: {}, body: 'page' }
    }
    const ask = () => shelf.take({ headers: {} }, 'a', make)
    await expect(Promise.all([ask(), ask()])).rejects.toThrow('not yet')
    const pages = await Promise.all(Array.from({ length: 50 }, ask))
    expect([made, new Set(pages).size, await ask()]).toEqual([2, 1, pages[0]])
  })
})

describe('while nothing can be opened', () => {
  it.each(['file:nowhere/secrets.json', 'not a source'])('all but /readyz answers (SECRETS=%s)', async source => {
    vi.stubEnv('SECRETS', source)
    vi.stubEnv('LEDGER_URL', 'postgres://somebody:pa55word@ledger.invalid/unpush')
    const logged = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const statuses = await Promise.all(['/', '/docs', '/openapi.json', '/livez'].map(path => get(path)))
    const ready = await get('/readyz')
    // lines go out together, a moment later
    await vi.waitFor(() => expect(logged).toHaveBeenCalled(), 60_000)
    logged.mockRestore()
    expect(statuses.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200])
    expect(statuses.at(-1)?.body).toBe('{"status":"ok"}')
    expect([ready.statusCode, ready.headers['content-type']]).toEqual([503, 'application/json; charset=utf-8'])
    expect(JSON.parse(ready.body).status).toBe('not-ready')
    expect(ready.body).not.toMatch(/pa55word|ledger\.invalid|secrets\.json/)
  })
})

describe('html', () => {
  it('escapes text and keeps what is HTML already', () => {
    expect(html`<p class="${`a"'<&>`}">${[html`<b>${1}</b>`, null, '<i>']}</p>`.html).toBe(
      '<p class="a&quot;&#39;&lt;&amp;&gt;"><b>1</b>&lt;i&gt;</p>',
    )
  })
})
