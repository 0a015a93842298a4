/** Where a page may send requests: what its policy names, and nothing that somebody else writes into it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectOrigins } from '../shared/public-config.ts'
import { useRuntime } from '../shared/runtime.ts'
import { startService } from './support/service.ts'

let served: { readonly [path: string]: string | null } = {}
let asked = 0
const server = createServer((request, response) => {
  asked += 1
  const body = served[request.url ?? '']
  response.statusCode = body === undefined || body === null ? 503 : 200
  response.end(body ?? '')
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

let realms = 0
/** An issuer of its own, whose document this is. */
const issuerWith = (document: string | null) => {
  const issuer = `${origin}/realm-${realms++}`
  served = {
    [`${new URL(issuer).pathname}/.well-known/openid-configuration`]: document?.replace('ISSUER', issuer) ?? null,
  }
  return { issuer, clientId: 'c', audience: 'a', scope: 'openid' }
}
const originsOf = (document: string | null, apiBases = {}) => connectOrigins({ apiBases, oidc: issuerWith(document) })

it('is the other functions’ origins and what the issuer names, each once', async () => {
  expect(await connectOrigins({ apiBases: {}, oidc: null })).toEqual([])
  const bases = {
    '/v1/messages': 'https://m.example.com',
    '/v1/metrics': 'https://m.example.com',
    '/v1/stop': 'https://s.example.com',
  }
  const document = JSON.stringify({
    issuer: 'ISSUER',
    authorization_endpoint: 'https://login.example.com/authorize',
    token_endpoint: 'https://token.example.com:8443/token',
    userinfo_endpoint: `${origin}/me`,
    jwks_uri: 'https://keys.example.com/keys',
  })
  expect(await originsOf(document, bases)).toEqual([
    'https://m.example.com',
    'https://s.example.com',
    origin,
    'https://login.example.com',
    'https://token.example.com:8443',
  ])
})

it('is asked for once in a while, and the issuer’s own where it does not answer', async () => {
  const oidc = issuerWith(null)
  expect(await connectOrigins({ apiBases: {}, oidc })).toEqual([origin])
  const path = `${new URL(oidc.issuer).pathname}/.well-known/openid-configuration`
  served = { [path]: JSON.stringify({ issuer: oidc.issuer, token_endpoint: 'https://token.example.com/' }) }
  const before = asked
  for (let n = 0; n < 5; n++)
    expect(await connectOrigins({ apiBases: {}, oidc })).toEqual([origin, 'https://token.example.com'])
  expect(asked - before).toBe(1)
})

it('is never more than origins, whatever the document says', async () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      "https://a.example;script-src 'unsafe-inline'",
      'https://a.example *',
      'http://a.example',
      'javascript:alert(1)',
      'https://u:p@a.example/',
      'data:,x',
      "'unsafe-eval'",
      '*',
    ),
    fc.webUrl({ validSchemes: ['http', 'https', 'ftp'] }),
    fc.anything({ withBigInt: false }),
  )
  await fc.assert(
    fc.asyncProperty(hostile, fc.boolean(), async (value, mine) => {
      const issuer = mine ? 'ISSUER' : 'https://other.example.com'
      const found = await originsOf(JSON.stringify({ issuer, token_endpoint: value, authorization_endpoint: value }))
      for (const one of found) expect(one).toMatch(/^https:\/\/[a-z0-9.-]+(:\d+)?$|^http:\/\/127\.0\.0\.1:\d+$/)
      if (!mine) expect(found).toEqual([origin])
    }),
    { numRuns: 100 },
  )
  for (const text of ['[]', 'null', 'x', '{"issuer":1}']) expect(await originsOf(text)).toEqual([origin])
})

it('stands in the policy of the console, with the functions that have origins of their own', async () => {
  const document = JSON.stringify({ issuer: 'ISSUER', authorization_endpoint: 'https://login.example.com/authorize' })
  const { issuer } = issuerWith(document)
  const oidc = { issuer, audience: 'a', clientId: 'c' }
  const service = await startService({
    secrets: demo => ({ ...demo, 'unpush/access': { ...(demo['unpush/access'] as object), oidc } }),
  })
  try {
    const { runtime } = service.gateway
    const apiBases = { '/v1/messages': 'https://m.example.com' }
    useRuntime({ ...runtime, config: { ...runtime.config, apiBases } })
    expect((await service.call('GET', '/config.json', undefined, { role: null })).body.apiBases).toEqual(apiBases)
    const { headers } = await service.call('GET', '/', undefined, { role: null })
    const policy = (headers.get('content-security-policy') ?? '').split('; ')
    expect(policy).toContain(`connect-src 'self' https://m.example.com ${origin} https://login.example.com`)
  } finally {
    await service.close()
  }
})
