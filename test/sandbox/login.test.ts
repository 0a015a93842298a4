/** Signing in at the sandbox's issuer, as a browser does it: authorization code, PKCE, and the access token at the API. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { issuerMount, sandboxOidc } from '../../sandbox/issuer.ts'
import { type Service, startService } from '../support/service.ts'

let origin = ''
let service: Service
beforeAll(async () => {
  // it warns of what is meant for one machine alone
  for (const method of ['info', 'warn'] as const) vi.spyOn(console, method).mockReturnValue()
  service = await startService({
    secrets: demo => ({
      ...demo,
      'unpush/access': {
        ...(demo['unpush/access'] as object),
        oidc: sandboxOidc(new URL((demo['unpush/apps/news-android'] as { endpoint: string }).endpoint).origin),
      },
    }),
  })
  origin = service.url
})
afterAll(async () => {
  await service.closeWhole()
  vi.restoreAllMocks()
})

const verifier = randomBytes(32).toString('base64url')

/** Every page that the issuer showed. */
const seen: { readonly text: string; readonly policy: string }[] = []

/** Follows redirects with its cookies until it stands before a form, or is sent back. */
function browser() {
  const cookies = new Map<string, string>()
  const visit = async (address: string, form?: object): Promise<{ url: string; text: string }> => {
    const reply = await fetch(new URL(address, origin), {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams({ ...form }) }),
    })
    for (const cookie of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const to = reply.headers.get('location')
    if (to === null) {
      const text = await reply.text()
      seen.push({ text, policy: reply.headers.get('content-security-policy') ?? '' })
      return { url: address, text }
    }
    const next = new URL(to, origin)
    return next.pathname === '/' ? { url: next.href, text: '' } : visit(next.href)
  }
  return visit
}

async function signIn(login: string): Promise<{ access_token?: string; id_token?: string; error?: string }> {
  const { body } = await service.call('GET', '/config.json', undefined, { role: null })
  const discovery = await fetch(`${body.oidc.issuer}/.well-known/openid-configuration`)
  const endpoints = (await discovery.json()) as { [name: string]: string }
  expect(endpoints['issuer']).toBe(`${origin}${issuerMount}`)
  const visit = browser()
  const query = new URLSearchParams({
    client_id: body.oidc.clientId,
    redirect_uri: `${origin}/`,
    response_type: 'code',
    scope: body.oidc.scope,
    state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  let at = await visit(`${endpoints['authorization_endpoint']}?${query.toString()}`)
  for (const form of [{ prompt: 'login', login, password: 'any' }, { prompt: 'consent' }]) {
    const action = /<form[^>]*action="([^"]+)"/.exec(at.text)?.[1]
    if (action !== undefined) at = await visit(action, form)
  }
  const back = new URL(at.url, origin).searchParams
  const code = back.get('code')
  if (code === null) return { error: back.get('error') ?? at.text.slice(0, 500) }
  expect(back.get('state')).toBe('s')
  const reply = await fetch(endpoints['token_endpoint'] ?? '', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: `${origin}/`,
      client_id: body.oidc.clientId,
      code_verifier: verifier,
    }),
  })
  return (await reply.json()) as { access_token?: string }
}

const ask = (token: string | undefined, path = '/v1/recalls') =>
  service.call('GET', path, undefined, { role: null, headers: { authorization: `Bearer ${token}` } })

it('gives an operator a token that takes a push back under their name, and an ID token that does nothing', async () => {
  const signed = await signIn('li.wei')
  expect(signed.error).toBeUndefined()
  const pushId = '7300001'
  service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
  const headers = { authorization: `Bearer ${signed.access_token}`, prefer: 'wait=10' }
  const asked = { target: { app: 'news-android', pushId }, reason: 'wrong link' }
  const { status, body } = await service.call('POST', '/v1/revoke', asked, { role: null, headers })
  expect([status, body.requestedBy, body.person]).toEqual([202, 'oidc:li.wei', 'li.wei'])
  expect((await ask(signed.id_token)).status).toBe(401)
  expect((await ask(signed.access_token, '/v1/audit')).status).toBe(403)
})

it('gives others what their role allows', async () => {
  const { access_token: token } = await signIn('zhao.min')
  expect((await ask(token)).status).toBe(200)
  const headers = { authorization: `Bearer ${token}` }
  expect((await service.call('POST', '/v1/revoke', {}, { role: null, headers })).status).toBe(403)
})

it('knows nobody else', async () => {
  const { access_token: token, error } = await signIn('mallory')
  expect(token).toBeUndefined()
  expect(error).toBeTypeOf('string')
})

it('asks nothing of another site on any page, of errors neither', async () => {
  seen.splice(0)
  await signIn('li.wei')
  await browser()(`${issuerMount}/auth?client_id=nobody`)
  await browser()(`${issuerMount}/session/end`)
  expect(seen.length).toBeGreaterThan(3)
  for (const { text, policy } of seen) {
    expect(text).toContain('<html')
    expect(text.match(/(url\(|src=|<link[^>]*href=)\s*["']?(https?:)?\/\/[^)"' ]*/g) ?? []).toEqual([])
    expect(policy).toMatch(/^default-src 'none'/)
  }
})
