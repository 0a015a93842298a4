/** The stand-in of APNs refuses what Apple's documents refuse, and the provider gets along with it over HTTP/2. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commonSwitches, noStrike } from '../../sandbox/faults.ts'
import { createFleet, type Fleet } from '../../sandbox/fleet.ts'
import { shownOf } from '../../sandbox/phone.ts'
import { honest } from '../../sandbox/switch.ts'
import { standIn } from '../../sandbox/vendors/apns/index.ts'
import { app, foreignToken, goneToken, phones } from '../../sandbox/vendors/apns/phones.ts'
import { createApnsState } from '../../sandbox/vendors/apns/state.ts'
import { createSend } from '../../shared/http.ts'
import { apns } from '../../shared/providers/apns/index.ts'
import type { Outcome } from '../../shared/providers/provider.ts'
import { usualStandIns } from '../support/sandbox.ts'
import { type Running, startSandbox } from './world.ts'

const made = createApnsState()
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

describe('a push', () => {
  let world: ReturnType<typeof start>
  let token = ''
  beforeEach(() => {
    world = start()
    token = world.phone('apns-ipad').token ?? ''
  })

  function start() {
    const clock = { nowMs: 1_795_000_000_000 }
    const fleet = createFleet(phones)
    const state = { ...structuredClone(made) }
    const switches = { ...honest(commonSwitches), ...honest(standIn.switches) }
    const running = standIn.start({ state, switches, fleet, now: () => clock.nowMs })
    return { clock, fleet, state, switches, running, phone: (group: string) => phoneIn(fleet, group) }
  }

  interface Jwt {
    readonly header?: object
    readonly claims?: object
    readonly key?: typeof other
    readonly der?: boolean
  }
  const jwtOf = ({ header = {}, claims = {}, key = createPrivateKey(made.privateKey), der = false }: Jwt = {}) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const iat = Math.floor(world.clock.nowMs / 1000)
    const input = `${part({ alg: 'ES256', kid: made.keyId, ...header })}.${part({ iss: made.teamId, iat, ...claims })}`
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: der ? 'der' : 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }
  const good = (): { [name: string]: string } => ({
    authorization: `bearer ${jwtOf()}`,
    'apns-topic': made.topic,
    'apns-push-type': 'alert',
    'apns-collapse-id': 'rc',
  })
  const alert = { aps: { alert: { title: 't', body: 'b' } } }
  const ask = (
    headers: { [name: string]: string | string[] | undefined } = {},
    body: object | string = alert,
    path = `/3/device/${token}`,
    method = 'POST',
  ) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const request = {
      method,
      path,
      query: new URLSearchParams(),
      headers: { ...good(), ...headers },
      body: Buffer.from(text),
    }
    const judgement = world.running.judge(request, noStrike)
    judgement.act()
    return judgement
  }

  it('is a yes without a body, with an id', () => {
    expect(ask()).toMatchObject({ httpStatus: 200, text: '', said: 'yes', headers: { 'apns-id': expect.any(String) } })
    const id = '6f1c2a52-6d0b-4b35-9a0c-2f5d8f0b7a11'
    expect(ask({ 'apns-id': id }).headers).toEqual({ 'apns-id': id })
  })

  it.each<[string, number, () => ReturnType<typeof ask>]>([
    ['BadPath', 404, () => ask({}, alert, '/3/devices/x')],
    ['MethodNotAllowed', 405, () => ask({}, alert, undefined, 'GET')],
    ['MissingProviderToken', 403, () => ask({ authorization: undefined })],
    ['InvalidProviderToken', 403, () => ask({ authorization: `bearer ${jwtOf({ key: other })}` })],
    ['InvalidProviderToken', 403, () => ask({ authorization: `bearer ${jwtOf({ der: true })}` })],
    ['InvalidProviderToken', 403, () => ask({ authorization: `bearer ${jwtOf({ header: { kid: 'ABC123DEFH' } })}` })],
    ['InvalidProviderToken', 403, () => ask({ authorization: `bearer ${jwtOf({ header: { alg: 'none' } })}` })],
    ['InvalidProviderToken', 403, () => ask({ authorization: `bearer ${jwtOf({ claims: { iss: 'X' } })}` })],
    ['InvalidProviderToken', 403, () => ask({ authorization: `bearer ${jwtOf({ claims: { exp: 2_000_000_000 } })}` })],
    ['InvalidProviderToken', 403, () => ask({ authorization: `bearer ${jwtOf({ claims: { iat: 1_795_000_100 } })}` })],
    ['ExpiredProviderToken', 403, () => ask({ authorization: `bearer ${jwtOf({ claims: { iat: 1_794_996_399 } })}` })],
    ['MissingTopic', 400, () => ask({ 'apns-topic': undefined })],
    ['TopicDisallowed', 400, () => ask({ 'apns-topic': 'com.example.other' })],
    ['InvalidPushType', 400, () => ask({ 'apns-push-type': undefined })],
    ['InvalidPushType', 400, () => ask({ 'apns-push-type': 'loud' })],
    ['BadPriority', 400, () => ask({ 'apns-priority': '7' })],
    ['BadPriority', 400, () => ask({ 'apns-push-type': 'background', 'apns-priority': '10' })],
    ['BadCollapseId', 400, () => ask({ 'apns-collapse-id': 'x'.repeat(65) })],
    ['BadExpirationDate', 400, () => ask({ 'apns-expiration': 'tomorrow' })],
    ['BadMessageId', 400, () => ask({ 'apns-id': '1' })],
    ['DuplicateHeaders', 400, () => ask({ 'apns-collapse-id': ['a', 'b'] })],
    ['PayloadTooLarge', 413, () => ask({}, { aps: { alert: 'x'.repeat(4096) } })],
    ['PayloadEmpty', 400, () => ask({}, '')],
    ['PayloadEmpty', 400, () => ask({}, '{"alert":"x"}')],
    ['MissingDeviceToken', 400, () => ask({}, alert, '/3/device/')],
    ['BadDeviceToken', 400, () => ask({}, alert, '/3/device/00000000')],
    ['BadDeviceToken', 400, () => ask({}, alert, '/3/device/none')],
    ['DeviceTokenNotForTopic', 400, () => ask({}, alert, `/3/device/${foreignToken}`)],
    ['Unregistered', 410, () => ask({}, alert, `/3/device/${goneToken}`)],
  ])('is refused with %s', (reason, status, asked) => {
    const { code, httpStatus, text, said } = asked()
    expect([code, httpStatus, JSON.parse(text).reason, said]).toEqual([reason, status, reason, 'no'])
    expect('timestamp' in JSON.parse(text)).toBe(status === 410)
  })

  it('is throttled where the provider token changes more often than every 20 minutes', () => {
    const asked = () => ask().code
    expect(asked()).toBe('200')
    world.clock.nowMs += 60_000
    expect(asked()).toBe('TooManyProviderTokenUpdates')
    world.clock.nowMs += 1_200_000
    expect([asked(), world.state.provider.updates]).toEqual(['200', 2])
    // the same time in other bytes
    expect(asked()).toBe('200')
    world.switches.countsTokenBytes = true
    expect(asked()).toBe('TooManyProviderTokenUpdates')
  })

  it('takes the place of the one under the same collapse id, shown or stored, and of no other', () => {
    const [online, offline] = [true, false].map(want =>
      world.fleet.ofGroup('apns-ipad').find(one => one.online === want),
    )
    for (const phone of [online, offline]) {
      const path = `/3/device/${phone?.token?.toUpperCase()}`
      for (const title of ['first', 'second']) ask({}, { aps: { alert: { title, body: 'b' } } }, path)
      ask({ 'apns-collapse-id': undefined }, { aps: { alert: 'nameless' } }, path)
    }
    expect(online?.notices.map(({ title, body }) => [title, body])).toEqual([
      ['', 'nameless'],
      ['second', 'b'],
    ])
    expect(offline?.pending).toHaveLength(2)
  })

  it('in the background removes what it names, three times an hour, and wakes no app that was swiped away', () => {
    const removal = (id: string) => ({ aps: { 'content-available': 1 }, unpush: { v: 1, op: 'remove', id, ts: 1 } })
    const silent = { 'apns-push-type': 'background', 'apns-priority': '5', 'apns-collapse-id': undefined }
    const phone = world.fleet.byToken(token)
    if (phone === undefined) throw new Error('no phone')
    for (const id of ['a', 'b', 'c', 'd']) ask({ 'apns-collapse-id': id })
    // other versions, other operations, and what shows something, do nothing
    for (const block of [
      { v: 2, op: 'remove', id: 'a' },
      { v: '1', op: 'remove', id: 'a' },
      { v: 1, op: 'hide', id: 'a' },
    ])
      ask(silent, { aps: { 'content-available': 1 }, unpush: block })
    ask(silent, { ...removal('a'), aps: { 'content-available': 1, sound: 'default' } })
    expect(shownOf(phone, 'a')).toBeDefined()
    for (const id of ['a', 'b', 'c', 'd']) expect(ask(silent, removal(id)).httpStatus).toBe(200)
    expect(['a', 'b', 'c', 'd'].filter(id => shownOf(phone, id) !== undefined)).toEqual(['d'])
    world.clock.nowMs += 3_600_000
    expect(ask(silent, removal('d')).code).toBe('200')
    expect(shownOf(phone, 'd')).toBeUndefined()
    const dead = world.fleet.ofGroup('apns-iphone').find(({ online, alive }) => online && !alive)
    if (dead === undefined) throw new Error('no phone')
    ask({}, alert, `/3/device/${dead.token}`)
    ask(silent, removal('rc'), `/3/device/${dead.token}`)
    expect(shownOf(dead, 'rc')).toBeDefined()
  })
})

describe('the provider over HTTP/2', () => {
  let running: Running | null = null
  afterEach(() => running?.close())

  async function open() {
    running = await startSandbox({ standIns: [...usualStandIns, standIn] })
    const { sandbox, url } = running
    const credentials = apns.credentials.parse(sandbox.secrets(url)[`unpush/apps/${app}`])
    const given = { credentials, send: createSend(), timeoutMs: 20_000, now: Date.now }
    const opened = await apns.login?.open(given)
    if (opened === undefined || !('session' in opened)) throw new Error('no session')
    const call = { ...given, renew: false, key: 'k', session: opened.session }
    const content = { title: 'Correction', body: 'b', url: null, forceCollapse: false, options: {} }
    const [message] = sandbox.running(standIn).demo({ title: 't', body: 'b', round: '1' })
    const { collapseId, tokens } = (message?.target ?? {}) as { collapseId: string; tokens: string[] }
    const act = async (step: 'revoke' | 'overlay', some: readonly string[] = tokens): Promise<Outcome[]> =>
      Promise.all(
        some.map(async token => {
          const request = { names: { collapseId }, named: { by: 'token', token } as const, record: null }
          const outcome = await (step === 'revoke'
            ? apns.revoke?.(request, call)
            : apns.overlay?.(request, content, call))
          if (outcome === undefined) throw new Error(step)
          return outcome
        }),
      )
    const switches = sandbox.switches['apns'] as { [name: string]: unknown }
    return { sandbox, act, tokens, collapseId, switches, state: sandbox.running(standIn) }
  }
  const kindsOf = (outcomes: readonly Outcome[]) => [...new Set(outcomes.map(({ kind }) => kind))]

  it('replaces on every phone, and removes where the app lives', async () => {
    const { sandbox, act, collapseId } = await open()
    expect(kindsOf(await act('overlay'))).toEqual(['accepted'])
    const online = sandbox.fleet.ofApp(app).filter(phone => phone.online)
    expect(online.map(phone => shownOf(phone, collapseId)?.title)).toEqual(online.map(() => 'Correction'))
    expect(kindsOf(await act('revoke'))).toEqual(['accepted'])
    const left = online.filter(phone => shownOf(phone, collapseId) !== undefined)
    expect(left.length).toBeGreaterThan(0)
    expect(left.every(({ alive }) => !alive)).toBe(true)
  })

  it('gets through a limit of one stream after each refusal, and a GOAWAY every ten requests', async () => {
    const { act, tokens, switches } = await open()
    Object.assign(switches, { oneStreamAfterRefusal: true, goawayAfter: 10, streams: 20 })
    const some = tokens.flatMap((token, nth) => (nth % 5 === 0 ? [token, foreignToken] : [token]))
    const outcomes = await act('overlay', some)
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      some.map(token => (token === foreignToken ? 'partial' : 'accepted')),
    )
  })

  it('says which devices are refused, whom it must wait for, and what is wrong with the app', async () => {
    const { act, tokens, switches } = await open()
    const [gone, foreign, none] = await act('revoke', [goneToken, foreignToken, '00000000'])
    expect([gone, foreign, none]).toMatchObject(
      ['Unregistered', 'DeviceTokenNotForTopic', 'BadDeviceToken'].map(reason => ({
        kind: 'partial',
        rejected: [{ reason, count: 1 }],
        unknown: 0,
      })),
    )
    const one = tokens.slice(0, 1)
    for (const [refuses, kind] of [
      ['TooManyRequests', 'throttled'],
      ['ServiceUnavailable', 'throttled'],
      ['ExpiredProviderToken', 'auth'],
      ['TopicDisallowed', 'auth'],
      ['InternalServerError', 'unknown'],
    ]) {
      Object.assign(switches, { refuses, refusals: 1 })
      expect(kindsOf(await act('revoke', one)), refuses).toEqual([kind])
      expect(kindsOf(await act('revoke', one))).toEqual(['accepted'])
    }
    for (const failure of ['html', 'truncated', 'unknownCode', 'nul', 'halfEmoji', 'nested', 'reset', 'http503'])
      for (const worksBeforeFailing of [true, false]) {
        Object.assign(switches, { failure, calls: 1, worksBeforeFailing })
        expect(['accepted', 'partial', 'already_done'], failure).not.toContain(kindsOf(await act('revoke', one))[0])
      }
  })
})

function phoneIn(fleet: Fleet, group: string) {
  const phone = fleet.ofGroup(group).find(one => one.online && one.alive)
  if (phone === undefined) throw new Error(group)
  return phone
}
