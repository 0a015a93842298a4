/** Access tokens at the API: what is one is taken for who holds it, and nothing else ever is. */
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { base64url, CompactEncrypt, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { verifyToken } from '../../shared/access/verify-token.ts'
import { type Issuer, newIssuerKey, startIssuer } from '../support/issuer.ts'
import { type Reply, type Service, startService } from '../support/service.ts'

let issuer: Issuer
let service: Service
beforeAll(async () => {
  issuer = await startIssuer()
  issuer.keys.push(newIssuerKey('RS256', 'rsa'), newIssuerKey('PS256', 'pss'))
  service = await startService({
    secrets: demo => ({ ...demo, 'unpush/access': { ...(demo['unpush/access'] as object), oidc: issuer.oidc } }),
  })
})
afterAll(async () => {
  await service.closeWhole()
  await issuer.close()
})

const ask = (token: string, path = '/v1/recalls'): Promise<Reply> =>
  service.call('GET', path, undefined, { role: null, headers: { authorization: `Bearer ${token}` } })

const now = () => Math.floor(Date.now() / 1000)
const encode = (value: unknown) => base64url.encode(typeof value === 'string' ? value : JSON.stringify(value))
/** Signed over exactly these texts, whatever they are. */
async function signText(header: string, payload: string): Promise<string> {
  const { createSign } = await import('node:crypto')
  const text = `${encode(header)}.${encode(payload)}`
  const signature = createSign('sha256').update(text).sign({ key: issuer.key.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}
const claims = () => ({
  iss: issuer.url,
  aud: issuer.oidc['audience'] ?? '',
  sub: 'u-1',
  iat: now(),
  exp: now() + 60,
  unpush_roles: ['admin', 'operator'],
})
const header = () => ({ alg: 'ES256', kid: issuer.key.kid, typ: 'at+jwt' })

describe('an access token', () => {
  it.each([0, 1, 2])('signed by a key of the issuer is taken (%i)', async nth => {
    const reply = await ask(await issuer.token({}, {}, issuer.keys[nth]))
    expect(reply.status, reply.text).toBe(200)
  })
  it.each([undefined, 'JWT', 'jwt', 'AT+JWT', 'application/at+jwt', 'Application/JWT'])(
    'of typ %s is taken',
    async typ => {
      expect((await ask(await issuer.token({}, { typ }))).status).toBe(200)
    },
  )
  it.each<[string, () => object]>([
    ['a list of audiences with ours', () => ({ aud: ['https://other.test', issuer.oidc['audience']] })],
    ['half a minute too late', () => ({ exp: now() - 25 })],
    ['half a minute early', () => ({ iat: now() + 25, nbf: now() + 25 })],
    ['a role among many that are not ours', () => ({ unpush_roles: ['offline_access', 7, null, ['admin'], 'viewer'] })],
    ['one role as a text', () => ({ unpush_roles: 'viewer' })],
  ])('with %s is taken', async (_what, make) => {
    const reply = await ask(await issuer.token({ ...make() }))
    expect(reply.status, reply.text).toBe(200)
  })
  it('is its subject and its person in the trail, and pays and owns as that', async () => {
    const pushId = '7100001'
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
    const token = await issuer.token({ sub: 'ada|1', unpush_roles: ['operator', 'admin'], preferred_username: 'ada' })
    const headers = { authorization: `Bearer ${token}`, prefer: 'wait=10' }
    const body = { target: { app: 'news-android', pushId }, reason: 'wrong link' }
    const { status, body: recall } = await service.call('POST', '/v1/revoke', body, { role: null, headers })
    expect([status, recall.requestedBy, recall.person]).toEqual([202, 'oidc:ada|1', 'ada'])
    const trail = await ask(token, `/v1/audit?q=${recall.id}`)
    expect(trail.body.items.at(-1)).toMatchObject({ actor: 'oidc:ada|1', person: 'ada', object: recall.id })
  })
})

describe('a hostile token', () => {
  const hmac = (secret: string | Buffer, alg: string) => {
    const text = `${encode({ ...header(), alg })}.${encode(claims())}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const publicPem = () => issuer.key.publicKey.export({ type: 'spki', format: 'pem' }) as string
  const without = (claim: string) => issuer.token({ [claim]: undefined })
  const attacker = newIssuerKey()
  const kinds: readonly (readonly [string, () => Promise<string> | string, fault: string | undefined])[] = [
    ['alg none', () => new UnsecuredJWT(claims()).encode(), 'alg'],
    [
      'alg None with a signature',
      async () => `${encode({ ...header(), alg: 'None' })}.${encode(claims())}.AAAA`,
      'alg',
    ],
    ['no alg', () => signText(JSON.stringify({ kid: issuer.key.kid }), JSON.stringify(claims())), 'form'],
    ['HS256 with the public key as its secret', () => hmac(publicPem(), 'HS256'), 'alg'],
    ['HS256 with the key id as its secret', () => hmac(issuer.key.kid, 'HS256'), 'alg'],
    ['ES256 with an HMAC for a signature', () => hmac(publicPem(), 'ES256'), 'signature'],
    [
      'RS256 named for a key of ES256',
      () => issuer.token({}, { alg: 'RS256' }, { ...newIssuerKey('RS256'), kid: issuer.key.kid }),
      'key',
    ],
    ['RS256 by the key for PS256', () => issuer.token({}, {}, { ...nth(2), alg: 'RS256' }), 'key'],
    [
      'RS384',
      async () => new SignJWT(claims()).setProtectedHeader({ alg: 'RS384', kid: 'rsa' }).sign(nth(1).privateKey),
      'alg',
    ],
    ['an unknown key', () => issuer.token({}, {}, attacker), 'key'],
    [
      'a stranger’s key under a known id',
      () => issuer.token({}, {}, { ...attacker, kid: issuer.key.kid }),
      'signature',
    ],
    [
      'another payload under the signature',
      async () => {
        const [head, , signature] = (await issuer.token()).split('.')
        return `${head}.${encode({ ...claims(), sub: 'root' })}.${signature}`
      },
      'signature',
    ],
    ['no signature', async () => (await issuer.token()).replace(/[^.]*$/, ''), 'signature'],
    [
      'a signature of zeros',
      async () => (await issuer.token()).replace(/[^.]*$/, Buffer.alloc(64).toString('base64url')),
      'signature',
    ],
    [
      'a signature in DER',
      async () => {
        const { createSign } = await import('node:crypto')
        const text = `${encode(header())}.${encode(claims())}`
        return `${text}.${createSign('sha256').update(text).sign(issuer.key.privateKey).toString('base64url')}`
      },
      'signature',
    ],
    ['another issuer', () => issuer.token({ iss: 'https://evil.test' }), 'iss'],
    ['the issuer with a slash', () => issuer.token({ iss: `${issuer.url}/` }), 'iss'],
    ['a list of issuers', () => issuer.token({ iss: [issuer.url] }), 'iss'],
    ['another audience', () => issuer.token({ aud: 'console' }), 'aud'],
    ['a list of audiences without ours', () => issuer.token({ aud: ['console', 'https://unpush.test/api/'] }), 'aud'],
    ['an empty list of audiences', () => issuer.token({ aud: [] }), 'aud'],
    ['a list in the list of audiences', () => issuer.token({ aud: [[issuer.oidc['audience']]] }), 'aud'],
    ['an object for an audience', () => issuer.token({ aud: { [issuer.oidc['audience'] ?? '']: true } }), 'aud'],
    ['expired', () => issuer.token({ exp: now() - 31 }), 'exp'],
    [
      'expired by an issuer whose clock is five minutes behind',
      () => issuer.token({ iat: now() - 300, exp: now() - 240 }),
      'exp',
    ],
    ['exp as a text', () => issuer.token({ exp: String(now() + 60) }), 'exp'],
    [
      'exp beyond all numbers',
      () => signText(JSON.stringify(header()), JSON.stringify(claims()).replace(/"exp":\d+/, '"exp":1e999')),
      undefined,
    ],
    ['exp null', () => issuer.token({ exp: null }), 'exp'],
    ['not before', () => issuer.token({ nbf: now() + 40 }), 'nbf'],
    ['nbf as a text', () => issuer.token({ nbf: 'now' }), 'nbf'],
    ['issued ahead', () => issuer.token({ iat: now() + 40 }), 'iat'],
    [
      'issued by an issuer whose clock is five minutes ahead',
      () => issuer.token({ iat: now() + 300, exp: now() + 360 }),
      'iat',
    ],
    ['iat as a text', () => issuer.token({ iat: String(now()) }), 'iat'],
    ...['iss', 'aud', 'exp', 'iat', 'sub'].map(claim => [`no ${claim}`, () => without(claim), claim] as const),
    ['an empty sub', () => issuer.token({ sub: '' }), 'sub'],
    ['a list for a sub', () => issuer.token({ sub: ['u-1'] }), 'sub'],
    ['a number for a sub', () => issuer.token({ sub: 7 }), 'sub'],
    ['a sub of 256 characters', () => issuer.token({ sub: 's'.repeat(256) }), 'sub'],
    ['a sub with a line end', () => issuer.token({ sub: 'u-1\nkey:ops' }), 'sub'],
    ['a sub with characters nobody sees', () => issuer.token({ sub: 'u-1\u200b' }), 'sub'],
    ['typ id_token', () => issuer.token({}, { typ: 'id_token+jwt' }), 'typ'],
    ['typ logout+jwt', () => issuer.token({}, { typ: 'logout+jwt' }), 'typ'],
    ['typ dpop+jwt', () => issuer.token({}, { typ: 'dpop+jwt' }), 'typ'],
    ['typ that begins well', () => issuer.token({}, { typ: 'at+jwt+x' }), 'typ'],
    ['a list for a typ', () => issuer.token({}, { typ: ['at+jwt'] }), 'typ'],
    [
      'an ID token',
      () => issuer.token({ aud: issuer.oidc['clientId'], nonce: 'n', at_hash: 'h' }, { typ: 'JWT' }),
      'aud',
    ],
    ['an ID token for the API’s audience', () => issuer.token({ at_hash: 'h' }, { typ: 'JWT' }), 'id-token'],
    ['an ID token as Keycloak writes it', () => issuer.token({ typ: 'ID' }, { typ: 'JWT' }), 'id-token'],
    ['a refresh token as Keycloak writes it', () => issuer.token({ typ: 'Refresh' }, { typ: 'JWT' }), 'id-token'],
    ['an ID token as Cognito writes it', () => issuer.token({ token_use: 'id' }, { typ: 'JWT' }), 'id-token'],
    ['a kid that is a path', () => issuer.token({}, {}, { ...attacker, kid: '../../../../dev/null' }), 'key'],
    ['a kid that is SQL', () => issuer.token({}, {}, { ...attacker, kid: "' or 1=1 --" }), 'key'],
    ['a kid that every object has', () => issuer.token({}, {}, { ...attacker, kid: '__proto__' }), 'key'],
    ['a list for a kid', () => issuer.token({}, { kid: [issuer.key.kid] }, attacker), undefined],
    ['a kid of 8,000 characters', () => issuer.token({}, {}, { ...attacker, kid: 'k'.repeat(8000) }), 'key'],
    ['jwk', () => issuer.token({}, { jwk: attacker.publicKey.export({ format: 'jwk' }) }, attacker), 'header'],
    ['jku', () => issuer.token({}, { jku: `${lure}/keys` }, attacker), 'header'],
    ['x5u', () => issuer.token({}, { x5u: `${lure}/chain.pem` }, attacker), 'header'],
    ['x5c', () => issuer.token({}, { x5c: ['AAAA'] }, attacker), 'header'],
    ['jku under a good signature', () => issuer.token({}, { jku: `${lure}/keys` }), 'header'],
    [
      'crit',
      () => signText(JSON.stringify({ ...header(), crit: ['exp'], exp: 1 }), JSON.stringify(claims())),
      'header',
    ],
    ['an empty crit', () => signText(JSON.stringify({ ...header(), crit: [] }), JSON.stringify(claims())), 'header'],
    [
      'b64 false',
      async () => {
        const text = `${encode({ ...header(), b64: false, crit: ['b64'] })}.${encode(claims())}`
        return `${text}.AAAA`
      },
      'header',
    ],
    ['zip', () => issuer.token({}, { zip: 'DEF' }), 'header'],
    ['a payload of 64 KB', () => issuer.token({ filler: 'f'.repeat(65_536) }), undefined],
    ['a payload as large as headers may be', () => issuer.token({ filler: 'f'.repeat(11_900) }), undefined],
    [
      'a token in a token',
      async () => {
        const inner = await issuer.token()
        return new SignJWT({ ...claims(), sub: undefined, token: inner } as object as Record<string, unknown>)
          .setProtectedHeader({ ...header(), cty: 'JWT' })
          .sign(issuer.key.privateKey)
      },
      'sub',
    ],
    [
      'a token for a payload',
      async () => signText(JSON.stringify({ ...header(), cty: 'JWT' }), await issuer.token()),
      'form',
    ],
    [
      'an encrypted one',
      async () => {
        const secret = Buffer.alloc(32, 7)
        return new CompactEncrypt(Buffer.from(await issuer.token()))
          .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
          .encrypt(secret)
      },
      'form',
    ],
    [
      'sub twice',
      () => signText(JSON.stringify(header()), JSON.stringify(claims()).replace('{', '{"sub":"root",')),
      'form',
    ],
    [
      'sub twice, once in an escape',
      () => signText(JSON.stringify(header()), JSON.stringify(claims()).replace('{', '{"s\\u0075b":"root",')),
      'form',
    ],
    [
      'alg twice',
      () => signText(JSON.stringify(header()).replace('{', '{"alg":"none",'), JSON.stringify(claims())),
      'form',
    ],
    ['a payload that is a list', () => signText(JSON.stringify(header()), JSON.stringify([claims()])), 'form'],
    ['a payload that is null', () => signText(JSON.stringify(header()), 'null'), 'form'],
    ['a payload that is no JSON', () => signText(JSON.stringify(header()), 'sub=u-1'), 'form'],
    [
      'a payload as deep as it goes',
      () => signText(JSON.stringify(header()), `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`),
      'form',
    ],
    [
      'a payload that is not UTF-8',
      async () => {
        const { createSign } = await import('node:crypto')
        const bytes = Buffer.from(JSON.stringify(claims()).replace('u-1', 'u-é'), 'latin1')
        const text = `${encode(header())}.${bytes.toString('base64url')}`
        return `${text}.${createSign('sha256').update(text).sign({ key: issuer.key.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
      },
      'form',
    ],
    [
      'base64 instead of base64url',
      async () =>
        (await issuer.token())
          .split('.')
          .map(part => `${part}=`)
          .join('.'),
      'form',
    ],
    ['two parts', async () => (await issuer.token()).split('.').slice(0, 2).join('.'), 'form'],
    ['four parts', async () => `${await issuer.token()}.AAAA`, 'form'],
    ['dots alone', () => '..', 'form'],
    ['a token with a key behind it', async () => `${await issuer.token({ exp: now() - 99 })},unpush_x`, 'form'],
  ]
  const nth = (index: number) => issuer.keys[index] ?? attacker
  let lured = 0
  let lure = ''
  const trap = createServer((_request, response) => {
    lured += 1
    response.end(JSON.stringify({ keys: [{ ...attacker.publicKey.export({ format: 'jwk' }), kid: attacker.kid }] }))
  })
  beforeAll(async () => {
    await new Promise<void>(resolve => trap.listen(0, '127.0.0.1', resolve))
    lure = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise(resolve => trap.close(resolve)))

  it.each(kinds)('is refused: %s', async (_what, make, fault) => {
    const token = await make()
    const before = service.logged.length
    const reply = await ask(token)
    // Node's own server takes no header of more than 16 KB
    if (token.length > 15_000) return expect([401, 431]).toContain(reply.status)
    expect(reply.status, reply.text).toBe(401)
    expect(reply.body).toMatchObject({ type: 'https://unpush.dev/problems/unauthorized', status: 401 })
    expect(reply.body.detail).toMatch(/^The access token .*\.$/)
    expect(reply.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    // the log says why, once a minute for each reason, and never the token
    const lines = service.logged.map(line => JSON.parse(line)).filter(({ why }) => why === 'token')
    if (fault !== undefined) expect(lines.map(line => line.fault)).toContain(fault)
    for (const line of service.logged.slice(before)) expect(line).not.toContain(token.slice(-40))
    return undefined
  })
  it('is refused by its length before anything of it is read', async () => {
    const keys = () => Promise.reject(new Error('asked for a key'))
    const token = await issuer.token({ filler: 'f'.repeat(65_536) })
    const parts = { issuer: issuer.url, audience: issuer.oidc['audience'] ?? '' }
    await expect(verifyToken(token, parts, keys)).rejects.toMatchObject({ fault: 'size' })
  })
  it('never has its address asked for keys', () => expect(lured).toBe(0))
  it('leaves the valid ones as they were', async () => {
    expect((await ask(await issuer.token())).status).toBe(200)
    expect(kinds.length).toBeGreaterThan(60)
  })
})

describe('claims that open nothing', () => {
  it.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['empty', []],
    ['an object', { admin: true }],
    ['a number', 1],
    ['true', true],
    ['a list in a list', [['admin']]],
    ['several in one text', 'viewer operator admin'],
    ['of another case', ['Admin', 'OPERATOR']],
    ['with spaces', [' admin', 'admin ']],
    ['what every object has', ['__proto__', 'constructor', 'toString']],
    ['no app', ['viewer:', 'admin:']],
    ['a star in the middle', ['viewer:ne*ws']],
    ['an app that is none', ['viewer:News', 'viewer:a b', 'viewer:../x', 'viewer:*a', 'viewer:**']],
    ['more colons', ['viewer:news-android:x', ':viewer']],
  ])('roles that are %s: 403, and a line that says so', async (_what, roles) => {
    const sub = `r-${JSON.stringify(roles)}`.replace(/[^\x21-\x7e]/g, '.').slice(0, 90)
    const reply = await ask(await issuer.token({ unpush_roles: roles, sub }))
    expect([reply.status, reply.body.type]).toEqual([403, 'https://unpush.dev/problems/forbidden'])
    const lines = service.logged
      .map(line => JSON.parse(line))
      .filter(({ actor, fault }) => actor === `oidc:${sub}` && fault)
    expect(lines).toHaveLength(1)
    expect(lines[0].fault).toMatch(/roleClaim/)
  })
  it.each<[string, unknown]>([
    ['missing', undefined],
    ['empty', ''],
    ['blank', '  '],
    ['a list', ['li.wei']],
    ['a number', 7],
    ['an object', { name: 'li.wei' }],
    ['with a space that nobody sees', 'li.wei '],
    ['with a character that nobody sees', 'li\u200b.wei'],
    ['with a line end', 'li\nwei'],
    ['with half a character', 'li\ud83d'],
    ['very long', 'l'.repeat(256)],
  ])('a person that is %s is none', async (_what, name) => {
    const id = `p${Math.random().toString(36).slice(2)}`
    const token = await issuer.token({ unpush_roles: ['operator'], preferred_username: name, sub: id })
    const headers = { authorization: `Bearer ${token}` }
    const made = await service.call('POST', '/v1/messages', { id, contents: ['c'] }, { role: null, headers })
    expect(made.status, made.text).toBe(201)
    const trail = await ask(await issuer.token({ unpush_roles: ['admin'] }), `/v1/audit?q=${id}`)
    expect(trail.body.items[0]).toMatchObject({ actor: `oidc:${id}`, person: null })
  })
})

describe('roles within apps', () => {
  it('reach what begins so, each for itself', async () => {
    const roles = ['operator:news-android', 'viewer:news-*']
    const capabilities = await ask(await issuer.token({ unpush_roles: roles }), '/v1/capabilities')
    expect(capabilities.body.items.map(({ app }: { app: string }) => app).sort()).toEqual(
      ['news-android', 'news-harmony', 'news-ios'].sort(),
    )
    const headers = { authorization: `Bearer ${await issuer.token({ unpush_roles: roles })}` }
    const dryRun = (app: string) =>
      service.call('POST', '/v1/stop', { target: { app, pushId: '4711' }, dryRun: true }, { role: null, headers })
    expect((await dryRun('news-android')).status).toBe(200)
    expect((await dryRun('news-ios')).status).toBe(403)
    // a viewer there, a sender elsewhere: neither makes the other more
    const mixed = await issuer.token({ unpush_roles: ['sender:news-ios', 'viewer:other-*'] })
    expect((await ask(mixed, '/v1/capabilities')).body.items).toEqual([])
    expect((await ask(mixed, '/v1/status?app=news-ios&pushId=4711')).status).toBe(404)
  })
})

describe('who signs in without a person', () => {
  it('can be paused by the subject, and nobody else is', async () => {
    const headers = (token: string) => ({ authorization: `Bearer ${token}`, prefer: 'wait=0' })
    const tokenOf = (sub: string) => issuer.token({ sub, unpush_roles: ['operator'], preferred_username: undefined })
    let pushId = 6_600_000
    const revoke = async (sub: string) => {
      const target = { app: 'news-android', pushId: String(++pushId) }
      const body = { target, reason: 'r' }
      return service.call('POST', '/v1/revoke', body, { role: null, headers: headers(await tokenOf(sub)) })
    }
    const admin = headers(await issuer.token({ unpush_roles: ['admin'] }))
    const pause = { key: 'oidc:leaked', reason: 'drill' }
    const made = await service.call('POST', '/v1/pauses', pause, { role: null, headers: admin })
    expect([made.status, made.body.key]).toEqual([201, 'oidc:leaked'])
    const refused = await revoke('leaked')
    expect([refused.status, refused.body.pause]).toEqual([403, made.body.id])
    for (const other of ['leaked2', 'oidc:leaked', 'key']) expect((await revoke(other)).status, other).toBe(202)
    // what routes beside recalls know of pauses is two seconds old at most
    const { now: real } = Date
    vi.spyOn(Date, 'now').mockImplementation(() => real() + 2100)
    const send = await service.call(
      'POST',
      '/v1/messages',
      { title: 'x' },
      { role: null, headers: headers(await tokenOf('leaked')) },
    )
    expect([send.status, send.body.pause]).toEqual([403, made.body.id])
    vi.restoreAllMocks()
    const lifted = await service.call('DELETE', `/v1/pauses/${made.body.id}`, undefined, { role: null, headers: admin })
    expect(lifted.status).toBe(204)
    expect((await revoke('leaked')).status).toBe(202)
    for (const key of ['oidc:', 'oidc:a\nb', 'other:x', 'a b'])
      expect(
        (await service.call('POST', '/v1/pauses', { key, reason: 'r' }, { role: null, headers: admin })).status,
        key,
      ).toBe(400)
  })
})
