/** The stand-in of FCM refuses what the documents refuse, in Google's words, and does on phones what the SDKs do. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { noStrike } from '../../sandbox/faults.ts'
import { createFleet, type Fleet } from '../../sandbox/fleet.ts'
import { goOffline, goOnline, type Phone } from '../../sandbox/phone.ts'
import { honestSwitches } from '../../sandbox/running-vendors.ts'
import { standIn } from '../../sandbox/vendors/fcm/index.ts'
import type { FcmState } from '../../sandbox/vendors/fcm/state.ts'
import type { FcmSwitches } from '../../sandbox/vendors/fcm/switches.ts'
import { titlesOf } from './world.ts'

/** Making a key takes a while. */
const made = standIn.createState()
const clock = { nowMs: 1_795_000_000_000 }
const seconds = () => Math.floor(clock.nowMs / 1000)
let state: FcmState
let fleet: Fleet
let switches: FcmSwitches
let running: ReturnType<typeof standIn.start>
beforeEach(() => {
  clock.nowMs = 1_795_000_000_000
  state = structuredClone(made)
  fleet = createFleet(standIn.phones)
  switches = honestSwitches(standIn) as FcmSwitches
  running = standIn.start({ state, switches, fleet, now: () => clock.nowMs })
})

const form = 'application/x-www-form-urlencoded'
const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

function call(path: string, body: string, headers: { [name: string]: string }, method = 'POST') {
  const judgement = running.judge(
    { method, path, query: new URLSearchParams(), headers, body: Buffer.from(body) },
    noStrike,
  )
  judgement.act()
  return { ...judgement, reply: judgement.text.startsWith('{') ? JSON.parse(judgement.text) : {} }
}

interface Changes {
  readonly header?: object
  readonly claims?: object
  readonly key?: string
  readonly grant?: string
  readonly contentType?: string
}

function logIn({ header = {}, claims = {}, key = state.privateKey, ...rest }: Changes = {}) {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iat = seconds()
  const own = {
    iss: state.email,
    scope: 'https://www.googleapis.com/auth/firebase.messaging',
    aud: 'https://oauth2.googleapis.com/token',
    iat,
    exp: iat + 3600,
  }
  const input = `${part({ alg: 'RS256', typ: 'JWT', kid: state.keyId, ...header })}.${part({ ...own, ...claims })}`
  const assertion = `${input}.${sign('sha256', Buffer.from(input), createPrivateKey(key)).toString('base64url')}`
  const body = new URLSearchParams({ grant_type: rest.grant ?? grant, assertion }).toString()
  return call('/token', body, { 'content-type': rest.contentType ?? form })
}

function send(message: object, more: { authorization?: string; project?: string; rest?: object; type?: string } = {}) {
  const { authorization = `Bearer ${logIn().reply.access_token}`, project = state.projectId } = more
  const headers = { authorization, 'content-type': more.type ?? 'application/json' }
  return call(`/v1/projects/${project}/messages:send`, JSON.stringify({ message, ...more.rest }), headers)
}

const phone = (group: string, online = true): Phone => {
  const found = fleet.ofGroup(group).find(one => one.online === online && one.alive)
  if (found === undefined) throw new Error(`no such phone in ${group}`)
  return found
}
const tokenOf = ({ token }: Phone) => token ?? ''

const overlay = (tag: string) => ({
  android: { priority: 'HIGH', ttl: '86400s', notification: { tag, title: 'new', body: 'b' } },
  apns: {
    headers: {
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-collapse-id': tag,
      'apns-expiration': '1795086400',
    },
    payload: { aps: { alert: { title: 'new', body: 'b' } } },
  },
  webpush: { headers: { TTL: '86400' }, notification: { title: 'new', body: 'b', tag } },
})
const removal = (id: string) => ({
  data: { unpush_v: '1', unpush_op: 'remove', unpush_id: id, unpush_ts: '1795000000' },
  android: { priority: 'HIGH', ttl: '86400s' },
  apns: {
    headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
    payload: { aps: { 'content-available': 1 }, unpush: { v: 1, op: 'remove', id, ts: 1_795_000_000 } },
  },
  webpush: { headers: { TTL: '86400' }, notification: { title: 'Updated', tag: id, silent: true } },
})

describe('the login', () => {
  it('gives an access token, which is counted', () => {
    expect(logIn()).toMatchObject({ httpStatus: 200, reply: { expires_in: 3599, token_type: 'Bearer' } })
    expect(state.logins).toBe(1)
  })
  const other = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey
  it.each<[string, Changes, string]>([
    ['another key', { key: other }, 'invalid_grant'],
    ['another algorithm', { header: { alg: 'PS256' } }, 'invalid_grant'],
    ['another kid', { header: { kid: 'x' } }, 'invalid_grant'],
    ['another account', { claims: { iss: 'x@y' } }, 'invalid_grant'],
    ['another audience', { claims: { aud: 'https://accounts.google.com/o/oauth2/token' } }, 'invalid_grant'],
    ['more than an hour', { claims: { exp: 1_795_003_601 } }, 'invalid_grant'],
    ['an end that is past', { claims: { iat: 1_794_990_000, exp: 1_794_993_600 } }, 'invalid_grant'],
    ['a beginning in the future', { claims: { iat: 1_795_000_060, exp: 1_795_003_600 } }, 'invalid_grant'],
    ['times as text', { claims: { iat: '1795000000' } }, 'invalid_grant'],
    ['another scope', { claims: { scope: 'https://www.googleapis.com/auth/drive' } }, 'invalid_scope'],
    ['another grant', { grant: 'password' }, 'unsupported_grant_type'],
    ['JSON', { contentType: 'application/json' }, 'invalid_request'],
  ])('is refused: %s', (_, changes, error) => {
    expect(logIn(changes)).toMatchObject({ httpStatus: 400, said: 'no', reply: { error } })
    expect(state.logins).toBe(0)
  })
})

describe('messages:send', () => {
  const good = () => ({ token: tokenOf(phone('fcm-android')), ...overlay('t') })

  it('names the message', () => {
    expect(send(good())).toMatchObject({ httpStatus: 200, tokens: 1 })
    expect(send(good()).reply.name).toMatch(new RegExp(`^projects/${state.projectId}/messages/0:\\d+%31bd1c96$`))
  })
  it('wants an access token that it gave, until it ends or was used up', () => {
    const authorization = `Bearer ${logIn().reply.access_token}`
    expect(send(good(), { authorization }).httpStatus).toBe(200)
    for (const wrong of ['', 'Bearer x', authorization.replace('Bearer', 'bearer'), `${authorization}x`])
      expect(send(good(), { authorization: wrong })).toMatchObject({ httpStatus: 401, code: 'UNAUTHENTICATED' })
    switches.callsPerAccessToken = 2
    expect(send(good(), { authorization }).httpStatus).toBe(200)
    expect(send(good(), { authorization }).httpStatus).toBe(401)
    switches.callsPerAccessToken = null
    clock.nowMs += 3_599_000
    expect(send(good(), { authorization }).httpStatus).toBe(401)
  })
  it('is for its own project, by an account that may send', () => {
    expect(send(good(), { project: 'another' })).toMatchObject({ httpStatus: 403, code: 'PERMISSION_DENIED' })
    switches.mayNotSend = true
    expect(send(good())).toMatchObject({ httpStatus: 403, code: 'PERMISSION_DENIED' })
  })
  it.each([
    ['/v1/projects//messages:send', 'POST'],
    ['/v1/projects/%E0%A4%A/messages:send', 'GET'],
    ['/v1/projects/x/messages', 'POST'],
    ['/batch', 'POST'],
    ['/token', 'GET'],
  ])('is nowhere else: %s', (path, method) => {
    expect(call(path, '{}', { 'content-type': 'application/json' }, method).httpStatus).toBe(404)
  })

  const wrong: readonly [what: string, change: object, field: string | null][] = [
    ['two targets', { topic: 'news' }, null],
    ['no target', { token: undefined }, null],
    ['an empty token', { token: '' }, 'message.token'],
    ['an unknown member', { tokens: [] }, 'message'],
    ['data of numbers', { data: { n: 1 } }, 'message.data[0].value'],
    ['data with a name of FCM’s', { data: { google_x: '1' } }, null],
    ['a life in numbers', { android: { ttl: 60 } }, 'message.android.ttl'],
    ['a life of five weeks', { android: { ttl: '3000000s' } }, 'message.android.ttl'],
    ['another priority', { android: { priority: 'high' } }, 'message.android.priority'],
    ['a collapse key that is no text', { android: { collapse_key: 1 } }, 'message.android.collapse_key'],
    ['a tag that is no text', { android: { notification: { tag: 1 } } }, 'message.android.notification.tag'],
    ['headers of numbers', { apns: { headers: { 'apns-priority': 5 } } }, 'message.apns.headers[0].value'],
    [
      'a silent push at once',
      {
        apns: {
          headers: { 'apns-push-type': 'background', 'apns-priority': '10' },
          payload: { aps: { 'content-available': 1 } },
        },
      },
      null,
    ],
    ['a silent push of no type', { apns: { payload: { aps: { 'content-available': 1 } } } }, null],
    ['a long collapse id', { apns: { headers: { 'apns-collapse-id': 'x'.repeat(65) } } }, 'message.apns.headers'],
    ['a Topic that is none', { webpush: { headers: { Topic: 'abcde' } } }, 'message.webpush.headers'],
    ['a link without https', { webpush: { fcm_options: { link: 'app://x' } } }, 'message.webpush.fcm_options.link'],
    ['5 KB', { data: { a: 'x'.repeat(5000) } }, null],
  ]
  it.each(wrong)('refuses %s', (_, change, field) => {
    const { httpStatus, reply } = send({ ...good(), ...change })
    expect(httpStatus).toBe(400)
    expect(reply.error.status).toBe('INVALID_ARGUMENT')
    const violations = reply.error.details.flatMap((one: { fieldViolations?: { field: string }[] }) =>
      (one.fieldViolations ?? []).map(violation => violation.field),
    )
    expect(violations).toEqual(field === null ? [] : [field])
  })
  it('refuses what is no JSON, or does not say that it is', () => {
    expect(send(good(), { type: 'text/plain' }).httpStatus).toBe(400)
  })
  it.each([
    ['dead-1', 404, 'UNREGISTERED'],
    ['other-1', 403, 'SENDER_ID_MISMATCH'],
    ['apnsauth-1', 401, 'THIRD_PARTY_AUTH_ERROR'],
    ['bad-1', 400, 'INVALID_ARGUMENT'],
    ['nobody', 400, 'INVALID_ARGUMENT'],
  ])('says of the token %s: %i %s', (token, httpStatus, errorCode) => {
    const { reply, ...judgement } = send({ ...good(), token })
    expect(judgement).toMatchObject({ httpStatus, said: 'no', tokens: 1 })
    expect(reply.error.details).toEqual([{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }])
  })
  it('counts what one device gets in a minute', () => {
    switches.perDeviceMinute = 2
    expect([1, 2, 3].map(() => send(good()).httpStatus)).toEqual([200, 200, 429])
    clock.nowMs += 60_000
    expect(send(good()).httpStatus).toBe(200)
  })
  it('only checks where it is told so', () => {
    const own = phone('fcm-android')
    const { httpStatus, reply } = send({ token: tokenOf(own), ...overlay('t') }, { rest: { validate_only: true } })
    expect(httpStatus).toBe(200)
    expect(reply.name).toContain('fake_message_id')
    expect(titlesOf(own)).toEqual([])
  })
})

describe('on phones', () => {
  const pushed = (group: string, collapseKey?: string) =>
    running.send({
      app: 'news-fcm',
      title: 'old',
      content: 'c',
      tag: 't',
      group,
      ...(collapseKey && { collapseKey }),
    } as never)

  it.each(['fcm-android', 'fcm-android-old', 'fcm-iphone', 'fcm-web'])(
    '%s: an overlay under the tag replaces',
    group => {
      pushed(group)
      const own = phone(group)
      send({ token: tokenOf(own), ...overlay('t') })
      expect(titlesOf(own)).toEqual(['new'])
      send({ token: tokenOf(own), ...overlay('another') })
      expect(titlesOf(own)).toEqual(['new', 'new'])
    },
  )
  it.each<[string, readonly string[]]>([
    ['fcm-android', []],
    ['fcm-android-old', ['old']],
    ['fcm-iphone', []],
    ['fcm-web', ['Updated']],
  ])('%s: after the removal it shows %j', (group, titles) => {
    pushed(group)
    const own = phone(group)
    expect(send({ token: tokenOf(own), ...removal('t') }).httpStatus).toBe(200)
    expect(titlesOf(own)).toEqual(titles)
  })
  it('iPhones are woken three times an hour', () => {
    const own = phone('fcm-iphone')
    for (const _ of [1, 2, 3]) send({ token: tokenOf(own), ...removal('x') })
    pushed('fcm-iphone')
    send({ token: tokenOf(own), ...removal('t') })
    expect(titlesOf(own)).toEqual(['old'])
    clock.nowMs += 3_600_000
    send({ token: tokenOf(own), ...removal('t') })
    expect(titlesOf(own)).toEqual([])
  })
  it('a data message takes the place of what is stored under its collapse key, and of nothing else', () => {
    const stop = (key: string) => ({
      data: { unpush_v: '1', unpush_op: 'stop', unpush_id: key, unpush_ts: '1' },
      android: { collapse_key: key },
    })
    for (const [key, titles] of [
      ['promo', []],
      ['another', ['old']],
    ] as const) {
      const own = phone('fcm-android-old', false)
      pushed('fcm-android-old', 'promo')
      send({ token: tokenOf(own), ...stop(key) })
      goOnline(own, clock.nowMs)
      expect(titlesOf(own)).toEqual(titles)
      goOffline(own)
    }
    const online = phone('fcm-android')
    pushed('fcm-android', 'promo')
    send({ token: tokenOf(online), ...stop('promo') })
    expect(titlesOf(online)).toEqual(['old'])
  })
  it('a topic reaches all that have subscribed, and no others', () => {
    pushed('all')
    expect(send({ topic: 'beta', ...overlay('t') })).toMatchObject({ httpStatus: 200, tokens: null })
    const online = fleet.phones.filter(one => one.online)
    for (const one of online) expect(titlesOf(one)).toEqual([one.tags.includes('beta') ? 'new' : 'old'])
    expect(online.some(one => one.tags.includes('beta'))).toBe(true)
  })
})
