/** The issuer's keys: asked for seldom, shared, and there while the issuer is not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openTokens, type Tokens } from '../../shared/access/tokens.ts'
import { createSend } from '../../shared/http.ts'
import type { Ledger, Sql } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { accessSchema, type Oidc } from '../../shared/secrets/access-document.ts'
import { makeCertificate } from '../support/certificate.ts'
import { takeEngine } from '../support/engines.ts'
import { type Issuer, newIssuerKey, startIssuer } from '../support/issuer.ts'

let ledger: Ledger
let issuer: Issuer
beforeAll(async () => {
  ledger = await takeEngine()
})
afterAll(() => ledger.close())
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  issuer = await startIssuer()
})
afterEach(async () => {
  vi.useRealTimers()
  await issuer.close()
})

const oidcOf = (members: object = {}): Oidc => {
  const { oidc } = accessSchema().parse({ keys: [], oidc: { ...issuer.oidc, ...members } })
  if (oidc === undefined) throw new Error('there is no oidc')
  return oidc
}

interface Instance {
  readonly tokens: Tokens
  /** Statements about the keys. */
  readonly statements: string[]
  readonly logged: { readonly [name: string]: unknown }[]
}

/** As another process would be: nothing kept but what is in the ledger. */
function start(sql: Sql = ledger): Instance {
  const statements: string[] = []
  const logged: { readonly [name: string]: unknown }[] = []
  const counting: Sql = {
    ...sql,
    query: (text: string, values?: never[]) => {
      if (text.includes('issuer_keys')) statements.push(text)
      return sql.query(text, values)
    },
  }
  const log = createLog({ stream: { write: line => logged.push(JSON.parse(line)) } })
  return { tokens: openTokens({ sql: counting, send: createSend(), log }), statements, logged }
}

const looks = ({ statements }: Instance) => statements.filter(text => text.includes('select'))
/** In the ledger's time, which no test can set: what happened there was so much earlier. */
const ledgerAgo = (ms: number) =>
  ledger.query(
    `update issuer_keys set fetched_at = fetched_at - $1::text::float8 * interval '1 ms',
       tried_at = tried_at - $1::text::float8 * interval '1 ms'`,
    [ms],
  )
/** For everybody. */
const pass = async (ms: number) => {
  vi.setSystemTime(Date.now() + ms)
  await ledgerAgo(ms)
}
const second = 1000
const minute = 60 * second

describe.each(['an address of its keys', 'discovery'])('with %s', way => {
  const oidc = () => oidcOf(way === 'discovery' ? {} : { jwksUri: `${issuer.url}/keys` })

  it('asks once for all who come at once, and keeps what it heard for the next instance', async () => {
    const first = start()
    const all = await Promise.all(Array.from({ length: 50 }, () => issuer.token()))
    await Promise.all(all.map(token => first.tokens.read(token, oidc())))
    expect([issuer.fetches, looks(first).length]).toEqual([1, 1])
    issuer.answer = 'nothing'
    const next = start()
    expect(await next.tokens.read(await issuer.token({ sub: 'next' }), oidc())).toMatchObject({ sub: 'next' })
    expect([issuer.fetches, next.statements.length]).toEqual([1, 1])
  })

  it('asks no more than once in 30 s, whatever 10,000 tokens name', async () => {
    const instance = start()
    await instance.tokens.read(await issuer.token(), oidc())
    await pass(31 * second)
    const stranger = newIssuerKey()
    const body = (await issuer.token({}, {}, stranger)).split('.').slice(1).join('.')
    const [fetches, seen] = [issuer.fetches, looks(instance).length]
    const flood = async (count: number) => {
      const refused = await Promise.allSettled(
        Array.from({ length: count }, (_, n) => {
          const head = Buffer.from(JSON.stringify({ alg: 'ES256', kid: `unknown-${n}`, typ: 'at+jwt' }))
          return instance.tokens.read(`${head.toString('base64url')}.${body}`, oidc())
        }),
      )
      expect(refused.every(one => one.status === 'rejected' && one.reason.fault === 'key')).toBe(true)
    }
    for (let n = 0; n < 5; n++) await flood(2000)
    expect([issuer.fetches - fetches, looks(instance).length - seen]).toEqual([1, 1])
    // nor where it is away
    issuer.answer = { status: 503, body: 'away' }
    for (let n = 0; n < 4; n++) {
      await pass(31 * second)
      await flood(50)
    }
    expect(looks(instance).length - seen).toBe(5)
    expect(instance.logged.filter(({ fault }) => typeof fault === 'string')).toHaveLength(4)
    expect((await instance.tokens.read(await issuer.token(), oidc())).sub).toBe('u-1')
  })

  it('takes a new key within 60 s, and one that was taken back no longer after ten minutes', async () => {
    const instance = start()
    await instance.tokens.read(await issuer.token(), oidc())
    const fresh = newIssuerKey('RS256')
    issuer.keys.push(fresh)
    let waitedMs = 0
    const isTaken = async () =>
      instance.tokens.read(await issuer.token({}, {}, fresh), oidc()).then(
        () => true,
        () => false,
      )
    while (!(await isTaken())) {
      await pass(second)
      waitedMs += second
    }
    expect(waitedMs).toBeLessThanOrEqual(60 * second)
    expect((await instance.tokens.read(await issuer.token(), oidc())).sub).toBe('u-1')
    issuer.keys.shift()
    await pass(10 * minute)
    await expect(issuer.token().then(token => instance.tokens.read(token, oidc()))).rejects.toMatchObject({
      fault: 'key',
    })
    expect(await isTaken()).toBe(true)
  })

  it('lets valid tokens pass while the issuer is away, for instances that start then too', async () => {
    const instance = start()
    await instance.tokens.read(await issuer.token(), oidc())
    issuer.answer = { status: 503, body: '' }
    for (let n = 0; n < 20; n++) {
      await pass(minute)
      for (const one of [instance, start()])
        expect((await one.tokens.read(await issuer.token(), oidc())).sub).toBe('u-1')
    }
    // not for ever: who holds the issuer's name for a day holds its old keys
    await pass(24 * 60 * minute)
    const token = await issuer.token()
    for (const one of [instance, start()])
      await expect(one.tokens.read(token, oidc())).rejects.toMatchObject({ name: 'IssuerUnavailable' })
  })

  it('cannot tell, rather than refuses, where no key was ever had', async () => {
    issuer.answer = { status: 500, body: '' }
    const instance = start()
    const token = await issuer.token()
    for (let n = 0; n < 3; n++)
      await expect(instance.tokens.read(token, oidc())).rejects.toMatchObject({ name: 'IssuerUnavailable' })
    expect(instance.logged.filter(({ fault }) => typeof fault === 'string')).toHaveLength(1)
    issuer.answer = null
    await pass(30 * second)
    expect((await instance.tokens.read(await issuer.token(), oidc())).sub).toBe('u-1')
  })
})

describe('instances beside each other', () => {
  it('ask once between them', async () => {
    const instances = Array.from({ length: 4 }, () => start())
    const [first] = instances
    await first?.tokens.read(await issuer.token(), oidcOf())
    for (const one of instances) await one.tokens.read(await issuer.token(), oidcOf())
    await pass(31 * second)
    const before = issuer.fetches
    const unknown = await issuer.token({}, {}, newIssuerKey())
    await Promise.allSettled(instances.map(one => one.tokens.read(unknown, oidcOf())))
    expect(issuer.fetches - before).toBe(1)
    // and what one of them fetched the others have at their next look
    const fresh = newIssuerKey()
    issuer.keys.push(fresh)
    await pass(31 * second)
    const token = await issuer.token({}, {}, fresh)
    await first?.tokens.read(token, oidcOf())
    issuer.answer = 'nothing'
    for (const one of instances) await one.tokens.read(token, oidcOf())
  })

  it('keep the keys of two issuers apart', async () => {
    const other = await startIssuer()
    try {
      const instance = start()
      await instance.tokens.read(await issuer.token(), oidcOf())
      await instance.tokens.read(await other.token(), oidcOf({ issuer: other.url }))
      const forged = await issuer.token({ iss: other.url }, {}, { ...issuer.key, kid: other.key.kid })
      await expect(instance.tokens.read(forged, oidcOf({ issuer: other.url }))).rejects.toMatchObject({
        fault: 'signature',
      })
      await expect(instance.tokens.read(await issuer.token(), oidcOf({ issuer: other.url }))).rejects.toMatchObject({
        name: 'TokenRefused',
      })
    } finally {
      await other.close()
    }
  })
})

describe('an issuer that is not to be trusted with an answer', () => {
  const keySet = (keys: unknown) => JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys`, keys })
  const hostile: [string, () => Issuer['answer'], RegExp][] = [
    ['redirects', () => ({ status: 302, body: '' }), /answered with 302/],
    ['says nothing', () => 'nothing', /no reply within/],
    ['sends a page', () => ({ status: 200, body: '<html>' }), /no JSON object/],
    ['sends a list', () => ({ status: 200, body: '[]' }), /no JSON object/],
    ['has no keys', () => ({ status: 200, body: keySet([]) }), /no RSA or EC key/],
    ['has keys that are none', () => ({ status: 200, body: keySet({ 0: null }) }), /no RSA or EC key/],
    ['has a shared secret', () => ({ status: 200, body: keySet([{ kty: 'oct', k: 'AAAA' }]) }), /no RSA or EC key/],
    ['sends without end', () => ({ status: 200, body: ' '.repeat(300_000) }), /over 262144 bytes/],
    ['is another', () => ({ status: 200, body: '{"issuer":"https://other.test"}' }), /names another issuer/],
    [
      'has its keys where anybody can change them',
      () => ({ status: 200, body: JSON.stringify({ issuer: issuer.url, jwks_uri: 'http://keys.test/' }) }),
      /is not https/,
    ],
  ]
  it.each(hostile)('%s: one line, and nobody is let in', async (_what, answer, words) => {
    issuer.answer = answer()
    const instance = start()
    await expect(instance.tokens.read(await issuer.token(), oidcOf())).rejects.toMatchObject({
      name: 'IssuerUnavailable',
    })
    expect(instance.logged).toHaveLength(1)
    expect(String(instance.logged[0]?.['fault'])).toMatch(words)
  })
  it('has a certificate that nobody vouches for: one line, and nobody is let in', async () => {
    const secure = await startIssuer({ certificate: makeCertificate('127.0.0.1') })
    try {
      const instance = start()
      const token = await issuer.token({ iss: secure.url }, {}, secure.key)
      await expect(instance.tokens.read(token, oidcOf({ issuer: secure.url }))).rejects.toMatchObject({
        name: 'IssuerUnavailable',
      })
      expect([secure.discoveries, secure.fetches]).toEqual([0, 0])
      expect(String(instance.logged[0]?.['fault'])).toMatch(/does not come: DEPTH_ZERO_SELF_SIGNED_CERT/)
    } finally {
      await secure.close()
    }
  })
  it('keeps no private part of a key in the ledger', async () => {
    const { key } = issuer
    const whole = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: 'ES256' }
    issuer.answer = { status: 200, body: keySet([whole]) }
    const instance = start()
    await instance.tokens.read(await issuer.token(), oidcOf())
    const [row] = await ledger.query<{ keys: string }>(
      `select keys::text as keys from issuer_keys where source = $1::text`,
      [issuer.url],
    )
    expect(Object.keys(JSON.parse(row?.keys ?? '{}').keys[0])).not.toContain('d')
  })
})

it('goes on without the ledger', async () => {
  const away = { ...ledger, query: () => Promise.reject(new Error('away')) } as object as Sql
  const instance = start(away)
  expect((await instance.tokens.read(await issuer.token(), oidcOf())).sub).toBe('u-1')
  issuer.answer = 'nothing'
  expect((await instance.tokens.read(await issuer.token(), oidcOf())).sub).toBe('u-1')
})

it.each<[string, object, RegExp]>([
  ['issuer in the clear', { issuer: 'http://id.example.com' }, /issuer/],
  ['issuer that is no address', { issuer: 'id.example.com' }, /issuer/],
  ['issuer with a query', { issuer: 'https://id.example.com/?tenant=1' }, /issuer/],
  ['issuer with a password', { issuer: 'https://a:b@id.example.com' }, /issuer/],
  ['no audience', { audience: undefined }, /audience/],
  ['an empty audience', { audience: '' }, /audience/],
  ['a list of audiences', { audience: ['a'] }, /audience/],
  ['no clientId', { clientId: undefined }, /clientId/],
  ['jwksUri in the clear', { jwksUri: 'http://id.example.com/keys' }, /jwksUri/],
  ['jwksUri on a disk', { jwksUri: 'file:///keys' }, /jwksUri/],
  ['an empty roleClaim', { roleClaim: '' }, /roleClaim/],
  ['a list of personClaims', { personClaim: ['a'] }, /personClaim/],
  ['a member that is not there', { algorithms: ['none'] }, /oidc/],
])('takes no document with %s', (_what, members, member) => {
  const whole = { issuer: 'https://id.example.com', audience: 'a', clientId: 'c', ...members }
  const result = accessSchema().safeParse({ keys: [], oidc: JSON.parse(JSON.stringify(whole)) })
  expect(result.success).toBe(false)
  expect(result.error?.issues.map(({ path }) => path.join('.')).join()).toMatch(member)
})
