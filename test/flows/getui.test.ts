/** A push that went through Getui: its task is stopped and recalled, its notification replaced, on one login for all. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resetFleet } from '../../sandbox/fleet.ts'
import { honestSwitches } from '../../sandbox/running-vendors.ts'
import { standIn } from '../../sandbox/vendors/getui/index.ts'
import type { GetuiState } from '../../sandbox/vendors/getui/state.ts'
import { keepDiscovered } from '../../shared/ledger/discoveries.ts'
import { getui } from '../../shared/providers/getui/index.ts'
import { batchSizeOf } from '../../shared/recall/addressing.ts'
import { titlesOf } from '../sandbox/world.ts'
import { usualStandIns } from '../support/sandbox.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
let state: GetuiState
beforeAll(async () => {
  const own: typeof standIn = {
    ...standIn,
    createState: () => (state = standIn.createState()),
    start: parts => {
      const started = standIn.start(parts)
      // the tests share one budget
      const secrets = (endpoint: string) => ({ [app]: { ...started.secrets(endpoint)[app], ratePerSecond: 1000 } })
      return { ...started, secrets }
    },
  }
  service = await startService({ standIns: [...usualStandIns, own] })
})
afterAll(() => service.closeWhole())
beforeEach(() => {
  Object.assign(switches(), honestSwitches(standIn), { latencyMs: 0 })
  Object.assign(state, { logins: 0, stops: 0, deletes: 0, revokes: 0, overlays: 0, requests: 0 })
  state.tasks.length = 0
  state.broadcasts.length = 0
  resetFleet(service.sandbox.fleet)
})

const app = 'news-getui'
const waiting = { headers: { prefer: 'wait=20' } }
const overlay = { title: 'right', body: 'b' }
const switches = () => service.sandbox.switches['getui'] as { [name: string]: unknown }
const phones = () => service.sandbox.fleet.ofApp(app)
const online = (model: string) => phones().filter(phone => phone.online && phone.model === model)
const cids = () => phones().flatMap(({ token }) => token ?? [])
const strangers = (count: number) => Array.from({ length: count }, () => randomBytes(16).toString('hex'))
const push = (more: object = {}): string => {
  const { answer } = service.sandbox.running(standIn).send({
    app,
    title: 'wrong',
    content: 'c',
    notifyId: 4711,
    apnsCollapseId: 'promo',
    group: 'all',
    kind: 'list',
    ...more,
  } as never)
  service.sandbox.changed()
  return String(answer['taskId'])
}
const ask = async (operation: string, target: object, more: object = {}) =>
  (await service.call('POST', `/v1/${operation}`, { target: { app, ...target }, reason: 'wrong', ...more }, waiting))
    .body

describe('a revoke', () => {
  it('takes it off the devices of the channels that can', async () => {
    const recall = await ask('revoke', { taskId: push(), notifyId: 4711, tokens: cids() })
    expect(recall).toMatchObject({ state: 'done', devices: { total: 40, accepted: 40 } })
    expect(state).toMatchObject({ revokes: 40, stops: 0, overlays: 0 })
    for (const model of ['getui-android', 'getui-xiaomi'])
      for (const phone of online(model)) expect(titlesOf(phone), phone.id).toEqual([])
    for (const model of ['getui-huawei', 'getui-iphone'])
      for (const phone of online(model)) expect(titlesOf(phone), phone.id).toEqual(['wrong'])
  })
  it('of an unknown task takes nothing else away, since it never forces', async () => {
    push()
    await ask('revoke', { taskId: 'RASL_0109_3ed7bcb9904a2d8208261d0c78a1e999', tokens: cids(), notifyId: 1 })
    for (const phone of online('getui-android')) expect(titlesOf(phone)).toEqual(['wrong'])
  })
  it('of a push to everybody is one push to everybody', async () => {
    const recall = await ask('revoke', { taskId: push({ kind: 'all' }), audience: 'all', audienceSize: 40 })
    expect(recall).toMatchObject({ state: 'done', targets: [{ operation: 'revoke' }] })
    expect(state.revokes).toBe(1)
    for (const phone of online('getui-android')) expect(titlesOf(phone)).toEqual([])
  })
  it('of 1,000 devices that is not in the package ends in exactly one stop', async () => {
    Object.assign(switches(), { noRevoke: true })
    const recall = await ask('revoke', { taskId: push(), tokens: [...cids(), ...strangers(960)] })
    expect(recall).toMatchObject({ state: 'partial', targets: [{ operation: 'stop' }] })
    expect(state).toMatchObject({ stops: 1, revokes: 0, deletes: 0 })
  })
  it('that another host would take is asked for nowhere else, and says what to mend', async () => {
    Object.assign(switches(), { otherHost: true })
    const recall = await ask('revoke', { taskId: push(), tokens: cids() }, { fallback: false })
    expect(recall).toMatchObject({ state: 'failed', targets: [{ vendor: { code: '301' } }] })
    expect(recall.targets[0].notices).toContainEqual({ code: 'getui_host', params: {} })
    expect(recall.targets[0].warnings.join(' ')).toMatch(/set it as the endpoint/)
    const { body } = await service.call('POST', '/v1/health/check')
    const { credential } = body.apps.find((one: { app: string }) => one.app === app)
    expect(credential).toMatchObject({ ok: false, code: '301', notices: [{ code: 'getui_host', params: {} }] })
  })
  it('costs the devices that are none of the app, whichever way Getui says so, and no other ones', async () => {
    for (const how of ['left-out', 'whole-batch']) {
      Object.assign(switches(), { strangers: how })
      state.revokes = 0
      const all = cids()
      const recall = await ask('revoke', {
        taskId: push(),
        tokens: [...all.slice(0, 9), ...strangers(1), ...all.slice(9)],
      })
      const counts = how === 'left-out' ? { rejected: 0, unknown: 1 } : { rejected: 1, unknown: 0 }
      expect(recall, how).toMatchObject({ state: 'partial', devices: { total: 41, accepted: 40, ...counts } })
      expect(state.revokes, how).toBe(40)
    }
  })
  it('counts apart who has not been seen for long', async () => {
    Object.assign(switches(), { inactive: 3 })
    const recall = await ask('revoke', { taskId: push(), tokens: cids() })
    expect(recall).toMatchObject({ devices: { accepted: 37, rejected: 3 } })
    expect(recall.targets[0].rejected).toEqual([{ reason: 'successed_ignore', count: 3 }])
  })
  it('whose answer was lost is asked for again under the same request ids', async () => {
    for (const repeats of ['success', 'refused']) {
      Object.assign(switches(), { failure: 'reset', calls: 1, only: 'push/', worksBeforeFailing: true, repeats })
      state.revokes = 0
      const recall = await ask('revoke', { taskId: push(), tokens: cids() })
      expect(recall, repeats).toMatchObject({ state: 'done', devices: { accepted: 40 } })
      expect(state.revokes, repeats).toBe(40)
    }
  })
})

describe('a stop', () => {
  it('ends what Getui still stores, and what was handed to phone makers stays', async () => {
    const recall = await ask('stop', { taskId: push() })
    expect(recall).toMatchObject({ state: 'done', targets: [{ operation: 'stop', state: 'done' }] })
    expect(recall.targets[0].warnings.join(' ')).not.toMatch(/record/)
    expect(state).toMatchObject({ stops: 1, deletes: 0 })
    const queued = (model: string) =>
      phones().filter(({ pending, model: of }) => of === model && pending.length > 0).length
    expect(queued('getui-android')).toBe(0)
    expect(queued('getui-huawei')).toBeGreaterThan(0)
  })
  it('of what waits for its time deletes it, and its record proves that', async () => {
    for (const olderRecord of [false, true]) {
      Object.assign(switches(), { olderRecord })
      const taskId = push({ scheduleSeconds: 600 })
      const { body } = await service.call('GET', `/v1/status?app=${app}&taskId=${taskId}`)
      expect(body).toMatchObject({ provider: 'getui', status: 'do_not_send' })
      const recall = await ask('revoke', { taskId, tokens: cids() })
      expect(recall, `${olderRecord}`).toMatchObject({ targets: [{ operation: 'stop' }] })
      expect(state.tasks.at(-1)).toMatchObject({ deleted: true, sentTo: 0 })
    }
    expect(state).toMatchObject({ deletes: 2, stops: 0, revokes: 0 })
  })
  it('of what is due within a minute ends its delivery, since Getui deletes it no more', async () => {
    const taskId = push({ scheduleSeconds: 40 })
    const recall = await ask('revoke', { taskId, tokens: cids() })
    expect(recall).toMatchObject({ state: 'partial', targets: [{ operation: 'stop' }] })
    expect(recall.targets[0].warnings.join(' ')).toMatch(/within a minute/)
    expect(state).toMatchObject({ deletes: 0, stops: 1, revokes: 0 })
    expect(state.tasks.at(-1)).toMatchObject({ stopped: true, sentTo: 0 })
  })
  it('that Getui only says it has done is no success where the record tells', async () => {
    const taskId = push({ scheduleSeconds: 600 })
    Object.assign(switches(), { acceptedButNothing: true, only: 'schedule' })
    const recall = await ask('stop', { taskId })
    expect(recall.state).not.toBe('done')
    expect(state.deletes).toBe(0)
  })
  it('of a push to one device is refused in the plan, and an unknown one fails', async () => {
    expect(await ask('stop', { taskId: 'RASS_0109_3ed7bcb9904a2d82' })).toMatchObject({ status: 422 })
    expect((await ask('stop', { taskId: 'RASL_0109_3ed7bcb9904a2d82' })).state).toBe('failed')
  })
})

describe('an overlay', () => {
  it('takes the place of the old one under the key of its sender', async () => {
    push()
    const target = { notifyId: 4711, apnsCollapseId: 'promo', tokens: cids() }
    const recall = await ask('overlay', target, { overlay })
    expect(recall).toMatchObject({ state: 'done', devices: { total: 40, accepted: 40 } })
    expect(recall.targets[0]).toMatchObject({ notifyId: 4711, apnsCollapseId: 'promo', handle: '4711' })
    for (const phone of phones().filter(one => one.online)) expect(titlesOf(phone), phone.id).toEqual(['right'])
  })
  it('leaves iPhones as they are where nobody states their name of it', async () => {
    push()
    await ask('overlay', { notifyId: 4711, tokens: cids() }, { overlay })
    for (const phone of online('getui-iphone')) expect(titlesOf(phone)).toEqual(['wrong'])
    for (const phone of online('getui-huawei')) expect(titlesOf(phone)).toEqual(['right'])
  })
  it('whose answer was lost is shown once', async () => {
    push()
    Object.assign(switches(), { failure: 'reset', calls: 1, only: 'push/', worksBeforeFailing: true })
    const recall = await ask('overlay', { notifyId: 4711, tokens: cids() }, { overlay })
    expect(recall).toMatchObject({ state: 'done' })
    expect(state.overlays).toBe(40)
  })
  it('is refused in the plan without the key', async () => {
    expect(await ask('overlay', { taskId: push(), tokens: cids() }, { overlay, fallback: false })).toMatchObject({
      status: 422,
    })
  })
})

describe('the login', () => {
  it('is one for all, and renewed once when it is refused', async () => {
    const many = [...cids(), ...strangers(960)]
    // of those before, none is left
    for (const token of Object.keys(state.tokens)) delete state.tokens[token]
    const recall = await ask('revoke', { taskId: push(), tokens: many })
    expect(recall).toMatchObject({ devices: { total: 1000, accepted: 40, unknown: 960 } })
    expect(state.logins).toBe(1)
  })
  it('is asked for again where the token was good for a few calls, and nothing is lost', async () => {
    Object.assign(switches(), { callsPerToken: 3 })
    const recall = await ask('revoke', { taskId: push(), tokens: cids() })
    expect(recall).toMatchObject({ state: 'done', devices: { accepted: 40 } })
  })
})

it('an answer about a target can be sent back as it is, by whichever name it is known', async () => {
  push()
  const { targets } = await ask('overlay', { notifyId: 4711, tokens: cids() }, { overlay })
  const [{ notifyId, handle }] = targets
  expect([notifyId, handle]).toEqual([4711, '4711'])
  const again = await ask('overlay', { notifyId, handle, tokens: cids() }, { overlay, again: true })
  expect(again).toMatchObject({ state: 'done' })
  expect(await ask('overlay', { handle, tokens: cids() }, { overlay, again: true })).toMatchObject({ state: 'done' })
})

describe('a push that is registered after it was listed', () => {
  const listed = async () => {
    const { ledger } = service.gateway.runtime
    const taskId = push()
    const record = { status: 'send_success', scheduled: false, detail: {} }
    const message = `listed-${taskId}`
    const found = { id: message, handle: taskId, title: null, body: null, sentAt: null, audience: null, record }
    await keepDiscovered(ledger, app, 'getui', batchSizeOf(getui), [found])
    return { taskId, message }
  }
  const register = (taskId: string, tokens: readonly string[]) =>
    service.call('POST', '/v1/messages', { targets: [{ app, taskId, tokens }] }, { role: 'sender' })

  it('keeps the devices that came with it, and is taken back from them', async () => {
    const { taskId } = await listed()
    const { status, body } = await register(taskId, [...cids(), ...strangers(300), ...cids()])
    expect([status, body.source]).toEqual([201, 'registered'])
    const recall = (await service.call('POST', '/v1/revoke', { message: body.id, reason: 'wrong' }, waiting)).body
    expect(recall.devices).toMatchObject({ total: 340, accepted: 40 })
    const largest = await service.gateway.runtime.ledger.query(
      'select max(b.count) as count from token_batch b join target t on t.id = b.target_id where t.handle = $1::text',
      [taskId],
    )
    expect(largest).toEqual([{ count: 200 }])
  })

  it('takes the place of an older push under the same key of its sender', async () => {
    const older = await service.call(
      'POST',
      '/v1/messages',
      { targets: [{ app, taskId: push(), notifyId: 990, tokens: cids() }] },
      { role: 'sender' },
    )
    const { taskId } = await listed()
    const target = { app, taskId, notifyId: 990, tokens: cids() }
    const newer = await service.call('POST', '/v1/messages', { targets: [target] }, { role: 'sender' })
    expect([newer.status, newer.body.targets.length]).toEqual([201, 1])
    const { body } = await service.call('GET', `/v1/messages/${older.body.id}`)
    expect(body.targets[0].superseded).toMatchObject({ message: newer.body.id, shown: newer.body.id })
  })

  it('lets them join the recall that took it back before', async () => {
    const { taskId, message } = await listed()
    const before = (await service.call('POST', '/v1/revoke', { message, reason: 'wrong' }, waiting)).body
    expect(before.targets[0].warnings.join(' ')).toMatch(/No push token has come/)
    const { body } = await register(taskId, cids())
    expect(body.recall.id).toBe(before.id)
    await service.gateway.fire('sweep')
    const after = (await service.call('GET', `/v1/recalls/${before.id}`)).body
    expect(after).toMatchObject({ state: 'done', devices: { total: 40, accepted: 40 } })
  })
})
