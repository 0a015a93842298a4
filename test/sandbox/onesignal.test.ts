/** The stand-in of OneSignal refuses what the documents refuse, in its words, and sends, holds and cancels as they say. */
import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { noStrike, type Strike } from '../../sandbox/faults.ts'
import { createFleet, type Fleet } from '../../sandbox/fleet.ts'
import { goOnline, type Phone } from '../../sandbox/phone.ts'
import { honestSwitches } from '../../sandbox/running-vendors.ts'
import { standIn } from '../../sandbox/vendors/onesignal/index.ts'
import type { OneSignalState } from '../../sandbox/vendors/onesignal/state.ts'
import type { OneSignalSwitches } from '../../sandbox/vendors/onesignal/switches.ts'
import { titlesOf } from './world.ts'

const clock = { nowMs: 1_795_000_000_000 }
let state: OneSignalState
let fleet: Fleet
let switches: OneSignalSwitches
let running: ReturnType<typeof standIn.start>
beforeEach(() => {
  clock.nowMs = 1_795_000_000_000
  state = standIn.createState()
  fleet = createFleet(standIn.phones)
  switches = honestSwitches(standIn) as OneSignalSwitches
  running = standIn.start({ state, switches, fleet, now: () => clock.nowMs })
})

interface Asked {
  readonly authorization?: string
  readonly query?: object
  readonly body?: string
  readonly type?: string
  readonly struck?: Partial<Strike>
  readonly pretends?: boolean
}

function call(method: string, path: string, asked: Asked = {}) {
  const { authorization = `Key ${state.apiKey}`, query = {}, body = '', type = 'application/json' } = asked
  const headers = { ...(authorization !== '' && { authorization }), ...(body !== '' && { 'content-type': type }) }
  const request = {
    method,
    path,
    query: new URLSearchParams({ ...query }),
    headers,
    body: Buffer.from(body),
  }
  const judgement = running.judge(request, { ...noStrike, ...asked.struck })
  if (asked.pretends === true) judgement.pretend()
  else judgement.act()
  return { ...judgement, reply: judgement.text.startsWith('{') ? JSON.parse(judgement.text) : {} }
}

const ofApp = () => ({ query: { app_id: state.appId } })
const cancel = (id: string, more: Asked = {}) => call('DELETE', `/notifications/${id}`, { ...ofApp(), ...more })
const view = (id: string, more: Asked = {}) => call('GET', `/notifications/${id}`, { ...ofApp(), ...more })
const tokens = (group?: string) =>
  (group === undefined ? fleet.phones : fleet.ofGroup(group)).flatMap(({ token }) => token ?? [])
const good = (change: object = {}) => ({
  app_id: state.appId,
  include_subscription_ids: tokens(),
  target_channel: 'push',
  headings: { en: 'new' },
  contents: { en: 'b' },
  collapse_id: 'promo',
  web_push_topic: 'promo',
  idempotency_key: randomUUID(),
  ...change,
})
const create = (change: object = {}, more: Asked = {}) =>
  call('POST', '/notifications', { query: { c: 'push' }, body: JSON.stringify(good(change)), ...more })
const pushed = (more: object = {}) =>
  String(
    running.send({
      app: 'news-onesignal',
      title: 'old',
      content: 'c',
      collapseId: 'promo',
      group: 'all',
      delivery: 'at-once',
      ...more,
    } as never).answer['messageId'],
  )
const phone = (group: string, online = true): Phone => {
  const found = fleet.ofGroup(group).find(one => one.online === online)
  if (found === undefined) throw new Error(`no such phone in ${group}`)
  return found
}

describe('who asks', () => {
  it.each([
    ['', 401],
    ['Key nobody', 403],
    ['Bearer x', 403],
    ['Basic x', 403],
  ])('by "%s" is refused with %i, or with 400', (authorization, httpStatus) => {
    const id = pushed({ delivery: 'last-active' })
    expect(cancel(id, { authorization })).toMatchObject({ httpStatus, said: 'no' })
    switches.badKeyIs400 = true
    for (const answered of [cancel(id, { authorization }), view(id, { authorization }), create({}, { authorization })])
      expect(answered).toMatchObject({ httpStatus: 400, reply: { errors: [expect.stringMatching(/API key/)] } })
    expect(state.cancels + state.creates).toBe(0)
  })
  it.each([
    ['PUT', '/notifications'],
    ['GET', '/notifications'],
    ['POST', '/notifications/x'],
    ['DELETE', '/notifications/x/y'],
    ['GET', '/apps'],
  ])('%s %s is nowhere', (method, path) => {
    expect(call(method, path).httpStatus).toBe(404)
  })
  it('is told off where the app was disabled', () => {
    switches.appDisabled = true
    expect(create()).toMatchObject({ httpStatus: 429, headers: { 'retry-after': '900' } })
  })
})

describe('a cancel', () => {
  it('ends what is held, shows it in the record, and is refused the second time', () => {
    const id = pushed({ delivery: 'last-active' })
    const offline = phone('onesignal-android', false)
    expect(view(id).reply).toMatchObject({ id, canceled: false, completed_at: null })
    expect(cancel(id)).toMatchObject({ httpStatus: 200, said: 'yes', reply: { success: true } })
    expect(view(id).reply).toMatchObject({ canceled: true })
    goOnline(offline, clock.nowMs)
    expect(titlesOf(offline)).toEqual([])
    expect(titlesOf(phone('onesignal-android'))).toEqual(['old'])
    expect(cancel(id)).toMatchObject({
      httpStatus: 400,
      reply: { errors: [expect.stringMatching(/already.*canceled/)] },
    })
  })
  it('is too late for what was handed over, and takes nothing from it', () => {
    const id = pushed()
    const offline = phone('onesignal-iphone', false)
    expect(cancel(id).reply.errors[0]).toBe('Notification has already been sent to all recipients')
    expect(view(id).reply).toMatchObject({ canceled: false, remaining: 0, completed_at: clock.nowMs / 1000 })
    goOnline(offline, clock.nowMs)
    expect(titlesOf(offline)).toEqual(['old'])
  })
  it('of a message that waits, or goes out little by little, leaves the rest without it', () => {
    const waiting = pushed({ sendAfterSeconds: 60 })
    expect(view(waiting).reply).toMatchObject({
      remaining: 40,
      send_after: clock.nowMs / 1000 + 60,
      completed_at: null,
    })
    cancel(waiting)
    clock.nowMs += 61_000
    running.tick?.()
    expect(fleet.phones.flatMap(titlesOf)).toEqual([])
    const slow = pushed({ perSecond: 10 })
    clock.nowMs += 1000
    running.tick?.()
    expect(view(slow).reply).toMatchObject({ remaining: 30, successful: 10 })
    cancel(slow)
    clock.nowMs += 9000
    expect(running.tick?.()).toBe(false)
    expect(view(slow).reply).toMatchObject({ remaining: 30 })
  })
  it('of an older message ends nothing of a newer one under the same collapse id', () => {
    const old = pushed({ delivery: 'last-active' })
    pushed({ title: 'newer', delivery: 'last-active' })
    cancel(old)
    const offline = phone('onesignal-android', false)
    goOnline(offline, clock.nowMs)
    expect(titlesOf(offline)).toContain('newer')
  })
  it('does not know other apps, other messages, and what is older than a month', () => {
    const id = pushed({ delivery: 'last-active' })
    expect(cancel(id, { query: {} }).httpStatus).toBe(400)
    expect(cancel(id, { query: { app_id: randomUUID() } }).httpStatus).toBe(400)
    expect(cancel(randomUUID())).toMatchObject({ httpStatus: 404, reply: { errors: ['Notification not found'] } })
    expect(cancel('x').httpStatus).toBe(404)
    clock.nowMs += 30 * 24 * 3_600_000
    expect(view(id).httpStatus).toBe(404)
  })
  it('says no as its switches have it: without a reason, or as an object', () => {
    const id = pushed()
    Object.assign(switches, { vague: true, errorsAs: 'objects' })
    expect(cancel(id).reply.errors).toEqual([{ code: 'error-400', title: 'Bad Request' }])
  })
  it('that is only pretended changes the record where that lies, too', () => {
    const id = pushed({ delivery: 'last-active' })
    cancel(id, { pretends: true })
    expect(view(id).reply.canceled).toBe(false)
    switches.recordLies = true
    cancel(id, { pretends: true })
    expect(view(id).reply.canceled).toBe(true)
  })
})

it('a view is one a second, counted over ten', () => {
  const id = pushed()
  const statuses = Array.from({ length: 11 }, () => view(id).httpStatus)
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429])
  clock.nowMs += 10_000
  expect(view(id).httpStatus).toBe(200)
})

describe('a message', () => {
  it('replaces under its collapse id, in browsers under its topic, and in Safari nothing', () => {
    pushed()
    const { reply } = create()
    expect(reply).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), external_id: null })
    for (const group of ['onesignal-android', 'onesignal-iphone', 'onesignal-web'])
      expect(titlesOf(phone(group))).toEqual(['new'])
    expect(titlesOf(phone('onesignal-safari'))).toEqual(['new', 'old'])
    create({ collapse_id: 'other', headings: { en: 'third' } })
    expect(titlesOf(phone('onesignal-android'))).toEqual(['third', 'new'])
    expect(titlesOf(phone('onesignal-web'))).toEqual(['third'])
  })
  it('with the key of an earlier one is answered again, and not sent', () => {
    const key = randomUUID()
    const first = create({ idempotency_key: key })
    const second = create({ idempotency_key: key, headings: { en: 'again' } })
    expect(second.text).toBe(first.text)
    expect(second.headers).toEqual({ 'idempotent-replayed': 'true' })
    expect(state.creates).toBe(1)
    expect(titlesOf(phone('onesignal-android'))).toEqual(['new'])
    clock.nowMs += 30 * 24 * 3_600_000
    expect(create({ idempotency_key: key }).headers).toEqual({})
    expect(state.creates).toBe(2)
  })
  it('names the subscriptions that do not get it', () => {
    const stranger = randomUUID()
    const some = create({ include_subscription_ids: [...tokens('onesignal-web'), stranger] })
    expect(some).toMatchObject({ said: 'partly', tokens: 7, reply: { errors: { invalid_player_ids: [stranger] } } })
    const none = create({ include_subscription_ids: [stranger] })
    expect(none).toMatchObject({ httpStatus: 200, said: 'no' })
    expect(none.reply).toEqual({ id: '', errors: ['All included players are not subscribed'] })
    const struck = create({}, { struck: { rejectTokens: 3 } })
    expect(struck.reply.errors.invalid_player_ids).toEqual(tokens().slice(0, 3))
  })
  it.each<[string, object]>([
    ['another app', { app_id: randomUUID() }],
    ['no app', { app_id: undefined }],
    ['an unknown member', { tag: 'x' }],
    ['two kinds of recipients', { included_segments: ['All'] }],
    ['no recipients', { include_subscription_ids: undefined }],
    ['an empty list', { include_subscription_ids: [] }],
    ['numbers', { include_subscription_ids: [1] }],
    ['what is no UUID', { include_subscription_ids: ['T1'] }],
    ['more than 20,000', { include_subscription_ids: Array.from({ length: 20_001 }, () => randomUUID()) }],
    ['another channel', { target_channel: 'email' }],
    ['no English', { contents: { zh: '新' } }],
    ['no content', { contents: undefined }],
    ['headings that are no texts', { headings: { en: 7 } }],
    ['a long collapse id', { collapse_id: 'x'.repeat(65) }],
    ['a topic that is no text', { web_push_topic: 7 }],
    ['a priority of another kind', { priority: 'high' }],
    ['a life of five weeks', { ttl: 3_000_000 }],
    ['a key that is no UUID', { idempotency_key: 'x' }],
  ])('is refused: %s', (_, change) => {
    expect(create(change)).toMatchObject({ httpStatus: 400, said: 'no', reply: { errors: [expect.any(String)] } })
    expect(state.creates).toBe(0)
  })
  it('is refused where it is no JSON, or does not say so', () => {
    expect(create({}, { type: 'text/plain' }).httpStatus).toBe(400)
    expect(call('POST', '/notifications', { body: '{' }).httpStatus).toBe(400)
  })
})
