/** The stand-ins are as strict as the documents: what a real vendor would refuse, they refuse. */
import { constants, createHmac, createPrivateKey, randomInt, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFleet } from '../../sandbox/fleet.ts'
import { createSandbox } from '../../sandbox/sandbox.ts'
import { createPushKit, createPushKitState } from '../../sandbox/vendors/push-kit.ts'
import { createTpns, createTpnsState } from '../../sandbox/vendors/tpns.ts'

const now = () => 1_700_000_000_000

describe('TPNS', () => {
  const state = createTpnsState()
  const tpns = createTpns(state, createFleet(), now)
  const app = state.apps['news-android']
  const { pushId, collapseId } = tpns.push({ app: 'news-android', title: 't', content: 'c', audience: 'all' })

  const judge = (path: string, body: string, change: { [name: string]: string } = {}) => {
    const timestamp = String(now() / 1000)
    const hex = createHmac('sha256', app.secretKey)
      .update(timestamp + app.accessId + body)
      .digest('hex')
    const headers = {
      accessid: app.accessId,
      timestamp,
      sign: Buffer.from(hex).toString('base64'),
      'content-type': 'application/json',
      ...change,
    }
    return tpns.judge(path, headers, Buffer.from(body), 'POST')
  }
  const query = (body: object) => judge('/v3/statistics/get_push_record', JSON.stringify(body))

  it('takes a right signature and no other', () => {
    expect(query({ pushId }).code).toBe('0')
    const right = createHmac('sha256', app.secretKey).update(`${now() / 1000}${app.accessId}{}`)
    expect(judge('/v3/push/stop_push_msg', '{}', { sign: right.digest('base64') }).code).toBe('1008003')
    expect(judge('/v3/push/stop_push_msg', '{}', { timestamp: String(now() / 1000 - 301) }).code).toBe('1008003')
    expect(judge('/v3/push/stop_push_msg', '{}', { accessid: '1' }).status).toBe(403)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 87 }), fc.integer({ min: 0, max: 7 }), (index, bit) => {
        const hex = createHmac('sha256', app.secretKey)
          .update(`${now() / 1000}${app.accessId}{}`)
          .digest('hex')
        const flipped = Buffer.from(Buffer.from(hex).toString('base64'))
        flipped[index] = (flipped[index] ?? 0) ^ (1 << bit)
        expect(judge('/v3/push/stop_push_msg', '{}', { sign: flipped.toString('latin1') }).code).toBe('1008003')
      }),
    )
  })
  it.each([
    ['{"a"', '1008001'],
    ['{}', '1008002'],
    [JSON.stringify({ pushId: Number(pushId) }), '1008007'],
    ['{"pushId":"1"}', '1008015'],
  ])('answers %s with %s', (body, code) => {
    expect(judge('/v3/push/stop_push_msg', body).code).toBe(code)
  })
  it('overlays only under a collapse id it made, once a second, and not the same twice an hour', () => {
    const push = {
      audience_type: 'all',
      platform: 'android',
      message_type: 'notify',
      message: { title: 'n', content: 'n', android: {} },
      collapse_id: collapseId + 1,
    }
    expect(judge('/v3/push/app', JSON.stringify(push)).code).toBe('1008007')
    expect(judge('/v3/push/app', JSON.stringify({ ...push, collapse_id: collapseId })).code).toBe('1008028')
    expect(judge('/v3/push/app', JSON.stringify({ ...push, collapse_id: '0001' })).code).toBe('1008028')
  })
  it('counts 200 queries an hour', () => {
    let code = '0'
    for (let i = 0; i < 201; i++) ({ code } = query({ pushId }))
    expect(code).toBe('1008028')
  })
})

describe('Push Kit', () => {
  const state = createPushKitState()
  const phones = createFleet()
  const kit = createPushKit(state, phones, now)
  const token = phones.find(phone => phone.model === 'phone')?.token ?? ''
  const path = `/v1/${state.clientId}/messages:revoke`

  const jwt = (payload: object = {}, header: object = {}, saltLength: number = constants.RSA_PSS_SALTLEN_DIGEST) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const iat = now() / 1000
    const aud = 'https://oauth-login.cloud.huawei.com/oauth2/v3/token'
    const input = `${part({ kid: state.keyId, typ: 'JWT', alg: 'PS256', ...header })}.${part({ aud, iss: state.subAccount, iat, exp: iat + 3600, ...payload })}`
    const key = { key: createPrivateKey(state.privateKey), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
  }
  const judge = (body: unknown, bearer = jwt(), type: string | undefined = '0') =>
    kit.judge(
      path,
      { authorization: `Bearer ${bearer}`, ...(type === undefined ? {} : { 'push-type': type }) },
      Buffer.from(JSON.stringify(body)),
      'POST',
    )
  const good = { notifyId: 1, token: [token] }

  it('takes PS256 with a salt of 32 bytes and refuses what is near', () => {
    expect(judge(good).code).toBe('80000000')
    expect(judge(good, jwt({}, {}, constants.RSA_PSS_SALTLEN_MAX_SIGN)).code).toBe('80200001')
    expect(judge(good, jwt({}, { alg: 'RS256' })).code).toBe('80200001')
    expect(judge(good, jwt({ iss: 'x' })).code).toBe('80200001')
    expect(judge(good, jwt({ aud: 'x' })).code).toBe('80200001')
    expect(judge(good, jwt({ exp: now() / 1000 - 1, iat: now() / 1000 - 3600 })).code).toBe('80200005')
    expect(judge(good, jwt({ exp: now() / 1000 + 86_401 })).code).toBe('80300036')
  })
  it.each([
    ['no notifyId', { token: [token] }, '80100003'],
    ['notifyId -1', { ...good, notifyId: -1 }, '80100003'],
    ['notifyId as text', { ...good, notifyId: '1' }, '80100003'],
    ['notifyId 2147483648', { ...good, notifyId: 2_147_483_648 }, '80100003'],
    ['no token', { ...good, token: [] }, '80300010'],
    ['1,001 tokens', { ...good, token: Array.from({ length: 1001 }, (_, i) => `t${i}`) }, '80300010'],
    ['a long body', { ...good, extra: 'x'.repeat(4100) }, '80300008'],
    ['unknown tokens', { ...good, token: ['x'] }, '80300007'],
    ['some unknown tokens', { ...good, token: [token, 'x'] }, '80100020'],
    ['notifyId 0', { ...good, notifyId: 0 }, '80000000'],
  ])('answers %s with its code', (_what, body, code) => {
    expect(judge(body).code).toBe(code)
  })
  it('wants push-type 0 or 2, and the app-level client id', () => {
    expect(kit.judge(path, { authorization: `Bearer ${jwt()}` }, Buffer.from(JSON.stringify(good)), 'POST').code).toBe(
      '80100003',
    )
    expect(judge(good, jwt(), '7').code).toBe('80100003')
    expect(
      kit.judge(
        '/v1/1/messages:revoke',
        { authorization: `Bearer ${jwt()}`, 'push-type': '0' },
        Buffer.from(JSON.stringify(good)),
        'POST',
      ).code,
    ).toBe('80300002')
  })
})

it('is the same world after a restart', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }), steps => {
      const sandbox = createSandbox()
      const tokens = sandbox.harmonyTokens().slice(0, 40)
      for (const step of steps) {
        if (step === 0) sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all' })
        else if (step === 1) sandbox.pushHarmony({ notifyId: randomInt(5), tokens, title: 't', body: 'b' })
        else Object.assign(sandbox.phones[step * 7] ?? {}, { online: step % 2 === 0 })
      }
      const kept = JSON.parse(JSON.stringify(sandbox.snapshot()))
      const again = createSandbox({ snapshot: kept })
      expect(JSON.parse(JSON.stringify(again.snapshot()))).toEqual(kept)
      sandbox.close()
      again.close()
    }),
    { numRuns: 6 },
  )
})
