/** The stand-in of Push Kit refuses what the documents refuse, with their codes. */
import { constants, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { foreignTokens } from '../../sandbox/vendors/huawei/phones.ts'
import type { Judgement } from '../../sandbox/vendors/judgement.ts'
import { createWorld, type JwtChanges, signJwt, type World } from './world.ts'

let world: World
let token: string
let good: { notifyId: number; token: string[] }
beforeEach(() => {
  world = createWorld()
  token = world.phone('phone').token ?? ''
  good = { notifyId: 1_234_567, token: [token] }
})
const revoke = (body: object | string = good, options: Parameters<World['callPushKit']>[2] = {}) =>
  world.callPushKit(world.revokePath, body, options)
const other = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

describe('the JWT', () => {
  const nowSeconds = 1_795_000_000
  it('is PS256 with a salt of 32 bytes', () => {
    expect(revoke()).toMatchObject({ code: '80000000', httpStatus: 200 })
    expect(JSON.parse(revoke().text)).toMatchObject({ code: '80000000', msg: 'Success', requestId: expect.any(String) })
  })
  const wrong: readonly [what: string, changes: JwtChanges, code: string][] = [
    ['the largest salt, as Node signs by itself', { saltLength: constants.RSA_PSS_SALTLEN_MAX_SIGN }, '80200001'],
    ['no salt', { saltLength: 0 }, '80200001'],
    ['another key', { key: other.privateKey }, '80200001'],
    ['RS256', { header: { alg: 'RS256' } }, '80200001'],
    ['none', { header: { alg: 'none' } }, '80200001'],
    ['another kid', { header: { kid: 'x' } }, '80200001'],
    ['another typ', { header: { typ: 'at+jwt' } }, '80200001'],
    ['another iss', { payload: { iss: 'x' } }, '80200001'],
    ['another aud', { payload: { aud: 'https://push-api.cloud.huawei.com' } }, '80200001'],
    ['a list of aud', { payload: { aud: ['https://oauth-login.cloud.huawei.com/oauth2/v3/token'] } }, '80200001'],
    ['no exp', { payload: { exp: undefined } }, '80200001'],
    ['no iat', { payload: { iat: undefined } }, '80200001'],
    ['exp as text', { payload: { exp: String(nowSeconds + 60) } }, '80200001'],
    ['iat in the future', { payload: { iat: nowSeconds + 61, exp: nowSeconds + 3600 } }, '80200001'],
    ['expired', { payload: { iat: nowSeconds - 3600, exp: nowSeconds } }, '80200005'],
    ['longer than a day', { payload: { exp: nowSeconds + 86_401 } }, '80300036'],
  ]
  it.each(wrong)('is refused: %s', (_what, jwt, code) => {
    expect(revoke(good, { jwt })).toMatchObject({ code, httpStatus: 200 })
  })
  it('may live a whole day', () => {
    expect(revoke(good, { jwt: { payload: { exp: nowSeconds + 86_400 } } }).code).toBe('80000000')
  })
  it('is a bearer token with one blank, and nothing else', () => {
    const jwt = signJwt(world.pushKitState, world.now())
    for (const authorization of [
      '',
      jwt,
      `Bearer  ${jwt}`,
      `bearer ${jwt}`,
      `Bearer ${jwt}.x`,
      'Bearer a.b.c',
      `Bearer ${jwt} `,
    ]) {
      expect(revoke(good, { headers: { authorization } }).code).toBe('80200001')
    }
  })
  it('is refused with any bit of it turned', () => {
    const jwt = signJwt(world.pushKitState, world.now())
    fc.assert(
      fc.property(fc.nat(jwt.length - 1), fc.nat(5), (at, bit) => {
        const flipped = Buffer.from(jwt)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        const text = flipped.toString('latin1')
        expect(revoke(good, { headers: { authorization: `Bearer ${text}` } }).code).toBe('80200001')
      }),
      { numRuns: 150 },
    )
  })
})

describe('messages:revoke', () => {
  const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `t${index}`)
  const cases: readonly [what: string, body: () => object | string, code: string][] = [
    ['no JSON', () => '{', '80100001'],
    ['a list', () => '[]', '80100001'],
    ['no notifyId', () => ({ token: [token] }), '80100003'],
    ['notifyId -1', () => ({ ...good, notifyId: -1 }), '80100003'],
    ['notifyId as text', () => ({ ...good, notifyId: '1234567' }), '80100003'],
    ['notifyId 1.5', () => ({ ...good, notifyId: 1.5 }), '80100003'],
    ['notifyId 2147483648', () => ({ ...good, notifyId: 2_147_483_648 }), '80100003'],
    ['notifyId 0', () => ({ ...good, notifyId: 0 }), '80000000'],
    ['notifyId 2147483647', () => ({ ...good, notifyId: 2_147_483_647 }), '80000000'],
    ['no tokens', () => ({ notifyId: 1 }), '80300010'],
    ['an empty list', () => ({ ...good, token: [] }), '80300010'],
    ['1,001 tokens', () => ({ ...good, token: many(1001) }), '80300010'],
    ['one token as text', () => ({ ...good, token }), '80100003'],
    ['a number as token', () => ({ ...good, token: [token, 1] }), '80100003'],
    ['a long body', () => ({ ...good, more: 'x'.repeat(4096) }), '80300008'],
    ['unknown tokens', () => ({ ...good, token: many(3) }), '80300007'],
    ['an unknown one among good ones', () => ({ ...good, token: [token, 'pushToken3'] }), '80100020'],
  ]
  it.each(cases)('%s', (_what, body, code) => {
    expect(revoke(body()).code).toBe(code)
  })
  it('is about 115,000 bytes with 1,000 tokens, and takes them', () => {
    const tokens = world.fleet.ofGroup('phone').flatMap(phone => phone.token ?? [])
    const body = { ...good, token: tokens.slice(0, 1000) }
    expect(JSON.stringify(body).length).toBeGreaterThan(115_000)
    expect(revoke(body)).toMatchObject({ code: '80000000', tokens: 1000 })
  })
  it('names the bad tokens in JSON inside msg, with the blanks of the documents', () => {
    expect(JSON.parse(revoke({ ...good, token: [token, 'a', 'b'] }).text).msg).toBe(
      '{"illegalTokens":{" tokenFormatError ":["a","b"]},"success":1,"failure":2}',
    )
    expect(JSON.parse(revoke({ ...good, token: ['a'] }).text).msg).toBe(
      '{"failure":1,"illegalTokens":{" tokenFormatError ":["a"]}}',
    )
  })
  it('knows tokens of another app', () => {
    const [foreign = ''] = foreignTokens
    expect(revoke({ ...good, token: [foreign] }).code).toBe('80300028')
    expect(revoke({ ...good, token: [foreign, token] }).code).toBe('80300017')
  })
  it.each([undefined, '', '1', '7', '00', 'alert'])('push-type %s is refused, in the words of the documents', type => {
    const headers = type === undefined ? { 'push-type': '' } : { 'push-type': type }
    expect(JSON.parse(revoke(good, { headers }).text)).toMatchObject({
      code: '80100003',
      msg: 'Illegal payload, The header does not contain valid push-type',
    })
  })
  it('takes push-type 2 and JSON with a charset', () => {
    expect(
      revoke(good, { headers: { 'push-type': '2', 'content-type': 'application/json; charset=UTF-8' } }).code,
    ).toBe('80000000')
    expect(revoke(good, { headers: { 'content-type': 'text/plain' } }).code).toBe('80100001')
  })
  it('is at v1 under the Client ID of the app', () => {
    const at = (path: string) => world.callPushKit(path, good)
    expect(at(`/v1/${world.pushKitState.projectId}/messages:revoke`).code).toBe('80300002')
    expect(at(`/v3/${world.pushKitState.clientId}/messages:revoke`).httpStatus).toBe(404)
    expect(at(`/v1/${world.pushKitState.clientId}/messages:send`).httpStatus).toBe(404)
    expect(at('/v1//messages:revoke').httpStatus).toBe(404)
  })
})

describe('messages:send', () => {
  const notification = { category: 'MARKETING', title: 'n', body: 'b', clickAction: { actionType: 0 }, notifyId: 7 }
  const send = (changes: object = {}, rest: object = {}, path = world.sendPath): Judgement =>
    world.callPushKit(path, {
      payload: { notification: { ...notification, ...changes } },
      target: { token: [token] },
      ...rest,
    })
  it.each([
    ['as the documents print it', {}, {}, '80000000'],
    ['no category', { category: undefined }, {}, '80100003'],
    ['no title', { title: '' }, {}, '80100003'],
    ['no clickAction', { clickAction: undefined }, {}, '80100003'],
    ['an odd actionType', { clickAction: { actionType: 3 } }, {}, '80100003'],
    ['notifyId as text', { notifyId: '7' }, {}, '80100003'],
    ['notifyId -1: one is made', { notifyId: -1 }, {}, '80000000'],
    ['badge 100', { badge: { addNum: 100 } }, {}, '80100003'],
    ['ttl of 16 days', {}, { pushOptions: { ttl: 1_382_400 } }, '80100004'],
    ['ttl as text', {}, { pushOptions: { ttl: '86400s' } }, '80100004'],
    ['a long biTag', {}, { pushOptions: { biTag: 'x'.repeat(65) } }, '80100003'],
    ['collapseKey 101', {}, { pushOptions: { collapseKey: 101 } }, '80100003'],
    ['tokens in the place of revoke', {}, { target: undefined, token: ['x'] }, '80300010'],
    ['a long body', { body: 'x'.repeat(4000) }, {}, '80300008'],
    [
      'a test message to eleven',
      {},
      { pushOptions: { testMessage: true }, target: { token: Array.from({ length: 11 }, (_, n) => `t${n}`) } },
      '80300030',
    ],
  ])('%s', (_what, changes, rest, code) => {
    expect(send(changes, rest).code).toBe(code)
  })
  it('takes the categories of HarmonyOS, and none that only Huawei’s Android phones know', () => {
    for (const category of ['MARKETING', 'IM', 'WORK', 'SUBSCRIPTION', 'DEVICE_REMINDER'])
      expect(send({ category }).code, category).toBe('80000000')
    for (const category of ['TODO', 'LOCATION', 'SOCIAL', 'RECOMMEND', 'SERVICE', 'PLAY_VOICE', 'marketing', 'no such'])
      expect(send({ category }).code, category).toBe('80100003')
  })
  it('is at v3 under the project, and 80100000 is its partial success', () => {
    expect(send({}, {}, `/v3/${world.pushKitState.clientId}/messages:send`).code).toBe('80200001')
    expect(send({}, { target: { token: [token, 'x'] } }).code).toBe('80100000')
  })
})

describe('switches', () => {
  it('rejects so many tokens of a call', () => {
    const struck = { failure: null, acceptedButNothing: false, rejectTokens: 1 }
    const tokens = world.fleet
      .ofGroup('pc')
      .flatMap(phone => phone.token ?? [])
      .slice(0, 3)
    world.pushKit.push({ notifyId: 7, tokens, title: 't', body: 'b' })
    expect(revoke({ notifyId: 7, token: tokens }, { struck }).code).toBe('80100020')
    expect(
      world.fleet
        .ofGroup('pc')
        .slice(0, 3)
        .map(({ mark }) => mark),
    ).toEqual(['shown', 'removed', 'removed'])
  })
  it('answers 200 to everything, or by code, and codes as numbers', () => {
    world.switches.pushKit.numericCodes = true
    const refusal = () => {
      const { httpStatus, text } = revoke(good, { jwt: { payload: { iss: 'x' } } })
      return [httpStatus, JSON.parse(text).code]
    }
    expect(refusal()).toEqual([200, 80200001])
    world.switches.pushKit.everythingHttp200 = false
    expect(refusal()).toEqual([401, 80200001])
    expect(revoke({ ...good, notifyId: -1 }).httpStatus).toBe(400)
  })
  it('limits devices a second with a 503 that is no JSON', () => {
    world.switches.pushKit.tokensPerSecond = 100
    const tokens = world.fleet
      .ofGroup('phone')
      .flatMap(phone => phone.token ?? [])
      .slice(0, 150)
    expect(revoke({ notifyId: 7, token: tokens }).code).toBe('80000000')
    expect(revoke({ notifyId: 7, token: [token] })).toMatchObject({ httpStatus: 503, contentType: 'text/html' })
    world.clock.nowMs += 400
    expect(revoke({ notifyId: 7, token: [token] }).httpStatus).toBe(503)
    world.clock.nowMs += 200
    expect(revoke({ notifyId: 7, token: [token] }).code).toBe('80000000')
  })
})
