/** A message that went through OneSignal is known by two names: one stops it whole, one overlays it on devices. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resetFleet } from '../../sandbox/fleet.ts'
import { honestSwitches } from '../../sandbox/running-vendors.ts'
import { standIn } from '../../sandbox/vendors/onesignal/index.ts'
import type { OneSignalState } from '../../sandbox/vendors/onesignal/state.ts'
import { titlesOf } from '../sandbox/world.ts'
import { usualStandIns } from '../support/sandbox.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
let state: OneSignalState
beforeAll(async () => {
  const own = { ...standIn, createState: () => (state = standIn.createState()) }
  service = await startService({ standIns: [...usualStandIns, own] })
})
afterAll(() => service.closeWhole())
beforeEach(() => {
  Object.assign(switches(), honestSwitches(standIn), { latencyMs: 0 })
  Object.assign(state, { creates: 0, cancels: 0 })
  state.messages.length = 0
  state.views.length = 0
  resetFleet(service.sandbox.fleet)
})

const app = 'news-onesignal'
const waiting = { headers: { prefer: 'wait=20' } }
const overlay = { title: 'right', body: 'b' }
const switches = () => service.sandbox.switches['onesignal'] as { [name: string]: unknown }
const phones = () => service.sandbox.fleet.ofApp(app)
const tokens = () => phones().flatMap(({ token }) => token ?? [])
const push = (more: object = {}): string => {
  const { answer } = service.sandbox.running(standIn).send({
    app,
    title: 'wrong',
    content: 'c',
    collapseId: 'promo',
    group: 'all',
    delivery: 'last-active',
    ...more,
  } as never)
  service.sandbox.changed()
  return String(answer['messageId'])
}
const ask = async (operation: string, target: object, more: object = {}) =>
  (await service.call('POST', `/v1/${operation}`, { target: { app, ...target }, reason: 'wrong', ...more }, waiting))
    .body

describe('a stop', () => {
  it('needs no device, and is proven by the record', async () => {
    const messageId = push()
    const recall = await ask('stop', { messageId })
    expect(recall).toMatchObject({ state: 'done', targets: [{ messageId, operation: 'stop', state: 'done' }] })
    expect(state.cancels).toBe(1)
    expect(state.messages[0]?.canceled).toBe(true)
    const { body } = await service.call('GET', `/v1/status?app=${app}&messageId=${messageId}`)
    expect(body).toMatchObject({ provider: 'onesignal', messageId, status: 'CANCELED' })
  })
  it('that OneSignal only says it has done is no success', async () => {
    const messageId = push()
    Object.assign(switches(), { acceptedButNothing: true, only: 'notifications' })
    const soon = { headers: { prefer: 'wait=2' } }
    const body = { target: { app, messageId }, reason: 'wrong' }
    expect((await service.call('POST', '/v1/stop', body, soon)).body.state).toBe('running')
  })
  it('comes too late for what has gone out, also where no word says so', async () => {
    for (const vague of [false, true]) {
      Object.assign(switches(), { vague })
      const recall = await ask('stop', { messageId: push({ delivery: 'at-once' }) })
      expect(recall.state).toBe('failed')
      expect(recall.targets[0]).toMatchObject({ state: 'failed' })
    }
    expect(state.cancels).toBe(0)
  })
  it('whose answer was lost was done once', async () => {
    const messageId = push()
    Object.assign(switches(), { failure: 'reset', calls: 1, only: messageId, worksBeforeFailing: true })
    const recall = await ask('stop', { messageId })
    expect(recall.state).toBe('done')
    expect(state.cancels).toBeLessThanOrEqual(1)
  })
  it('is what is left of a revoke, which OneSignal does not offer', async () => {
    const recall = await ask('revoke', { messageId: push() })
    // something weaker than what was asked
    expect(recall).toMatchObject({ state: 'partial', targets: [{ operation: 'stop', state: 'partial' }] })
    expect(state.cancels).toBe(1)
  })
  it('of a message that nobody made fails', async () => {
    expect((await ask('stop', { messageId: randomUUID() })).state).toBe('failed')
  })
})

describe('an overlay', () => {
  it('takes the place of the old one on named devices, and asks for no record', async () => {
    push()
    const recall = await ask('overlay', { collapseId: 'promo', tokens: tokens() }, { overlay })
    expect(recall).toMatchObject({ state: 'done', devices: { total: 40, accepted: 40 } })
    expect(recall.targets[0]).toMatchObject({ collapseId: 'promo', handle: 'promo', operation: 'overlay' })
    expect(state).toMatchObject({ creates: 1, views: [] })
    for (const phone of phones().filter(({ online }) => online))
      expect(titlesOf(phone)).toEqual(phone.model === 'onesignal-safari' ? ['right', 'wrong'] : ['right'])
  })
  it('counts who does not get it, each once', async () => {
    push()
    const strangers = [randomUUID(), randomUUID(), 'no-uuid']
    const all = [...strangers, ...tokens(), ...strangers]
    const recall = await ask('overlay', { collapseId: 'promo', tokens: all }, { overlay })
    expect(recall).toMatchObject({ state: 'partial', devices: { total: 43, accepted: 40, rejected: 3, unknown: 0 } })
    expect(recall.targets[0].rejected).toEqual(
      expect.arrayContaining([
        { reason: 'invalid_player_ids', count: 2 },
        { reason: 'NOT_A_UUID', count: 1 },
      ]),
    )
    expect(JSON.stringify(recall)).not.toContain(strangers[0])
  })
  it('whose answer was lost is asked for again under the same key, and shown once', async () => {
    push()
    Object.assign(switches(), { failure: 'reset', calls: 1, only: 'notifications', worksBeforeFailing: true })
    const recall = await ask('overlay', { collapseId: 'promo', tokens: tokens() }, { overlay })
    expect(recall).toMatchObject({ state: 'done', devices: { accepted: 40 } })
    expect(state.creates).toBe(1)
  })
  it('without devices is refused in words that say what to add, or falls to a stop', async () => {
    const messageId = push()
    const target = { messageId, collapseId: 'promo' }
    const refused = await ask('overlay', target, { overlay, fallback: false })
    expect(refused).toMatchObject({ status: 422, detail: expect.stringMatching(/needs tokens for overlay/) })
    expect(await ask('overlay', { collapseId: 'promo' }, { overlay })).toMatchObject({ status: 400 })
    const fallen = await ask('overlay', target, { overlay })
    expect(fallen).toMatchObject({ state: 'partial', targets: [{ operation: 'stop' }] })
    expect(state).toMatchObject({ creates: 0, cancels: 1 })
  })
})

it('a target without the name that an operation goes by is refused in the plan', async () => {
  expect(await ask('stop', { collapseId: 'promo', tokens: tokens() })).toMatchObject({ status: 422 })
  expect(await ask('overlay', { messageId: push(), tokens: tokens() }, { overlay, fallback: false })).toMatchObject({
    status: 422,
  })
  expect(await service.call('GET', `/v1/status?app=${app}&collapseId=promo`)).toMatchObject({ status: 400 })
})

it('a registered message has both names: its stop takes one, its overlay the other', async () => {
  const messageId = push()
  const target = { app, messageId, collapseId: 'promo', tokens: tokens() }
  const registered = await service.call('POST', '/v1/messages', { id: 'm1', targets: [target] }, { role: 'sender' })
  expect(registered.status).toBe(201)
  const by = async (operation: string, more: object = {}) =>
    (await service.call('POST', `/v1/${operation}`, { message: 'm1', reason: 'wrong', ...more }, waiting)).body
  expect(await by('stop')).toMatchObject({
    state: 'done',
    targets: [{ messageId, collapseId: 'promo', handle: messageId }],
  })
  expect(await by('overlay', { overlay })).toMatchObject({ state: 'done', devices: { accepted: 40 } })
  expect(state).toMatchObject({ cancels: 1, creates: 1 })
})
