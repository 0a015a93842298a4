/** The stand-in of Getui refuses what the documents refuse, with their codes, and does on phones what they say. */
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { noStrike } from '../../sandbox/faults.ts'
import { createFleet, type Fleet } from '../../sandbox/fleet.ts'
import { honestSwitches } from '../../sandbox/running-vendors.ts'
import { standIn } from '../../sandbox/vendors/getui/index.ts'
import type { GetuiState } from '../../sandbox/vendors/getui/state.ts'
import type { GetuiSwitches } from '../../sandbox/vendors/getui/switches.ts'
import { titlesOf } from './world.ts'

const clock = { nowMs: 1_795_000_000_000 }
let state: GetuiState
let fleet: Fleet
let switches: GetuiSwitches
let running: ReturnType<typeof standIn.start>
beforeEach(() => {
  clock.nowMs = 1_795_000_000_000
  state = standIn.createState()
  fleet = createFleet(standIn.phones)
  switches = honestSwitches(standIn) as GetuiSwitches
  running = standIn.start({ state, switches, fleet, now: () => clock.nowMs })
})

function call(
  method: string,
  path: string,
  body: object | string | null = null,
  more: { token?: string; app?: string } = {},
) {
  const { token = '', app = state.appId } = more
  const headers = { ...(token !== '' && { token }), ...(body !== null && { 'content-type': 'application/json' }) }
  const written = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body)
  const request = {
    method,
    path: `/v2/${app}${path}`,
    query: new URLSearchParams(),
    headers,
    body: Buffer.from(written),
  }
  const judgement = running.judge(request, noStrike)
  judgement.act()
  return { ...judgement, reply: judgement.text.startsWith('{') ? JSON.parse(judgement.text) : {} }
}

function logIn(change: object = {}) {
  const timestamp = String(clock.nowMs)
  const sign = createHash('sha256').update(`${state.appKey}${timestamp}${state.masterSecret}`).digest('hex')
  return call('POST', '/auth', { sign, timestamp, appkey: state.appKey, ...change })
}
const token = (): string => logIn().reply.data.token
const ask = (method: string, path: string, body: object | string | null = null) =>
  call(method, path, body, { token: token() })
const codeOf = ({ httpStatus, reply }: ReturnType<typeof call>) => [httpStatus, reply.code]

const push = (more: object = {}): string => {
  const given = { app: 'news-getui', title: 'old', content: 'c', group: 'all', kind: 'list', notifyId: 7, ...more }
  return String(running.send(given).answer['taskId'])
}
const phone = (group: string) => {
  const found = fleet.ofGroup(group).find(({ online }) => online)
  if (found === undefined) throw new Error(`nobody is online in ${group}`)
  return found
}
let requests = 0
const recall = (taskId: string, more: object = {}) => ({
  request_id: `request-${(requests += 1)}`.padEnd(12, 'x'),
  audience: { cid: [phone('getui-android').token] },
  push_message: { revoke: { old_task_id: taskId, force: false } },
  push_channel: { android: { ups: { revoke: { old_task_id: taskId } } } },
  ...more,
})

describe('a login', () => {
  it('gives a token for a day', () => {
    const { reply } = logIn()
    expect(reply).toMatchObject({ code: 0, data: { expire_time: String(clock.nowMs + 86_400_000) } })
    expect(reply.data.token).toMatch(/^[0-9a-f]{64}$/)
    expect(codeOf(call('DELETE', `/task/${push()}`, null, { token: reply.data.token }))).toEqual([200, 0])
    clock.nowMs += 86_400_000
    expect(codeOf(call('DELETE', `/task/${push()}`, null, { token: reply.data.token }))).toEqual([401, 10001])
    expect(codeOf(call('DELETE', `/task/${push()}`))).toEqual([401, 10001])
  })
  it.each([
    [{ sign: 'x' }],
    [{ sign: 'A'.repeat(64) }],
    [{ timestamp: '1795000000001' }],
    [{ timestamp: 1_795_000_000_000 }],
    [{ timestamp: '1794000000000' }],
    [{ appkey: 'x' }],
  ])('with %j is refused', change => {
    expect(codeOf(logIn(change))).toEqual([400, 20001])
    expect(state.logins).toBe(0)
  })
})

describe('a task', () => {
  it('is stopped where it is a list or for all', () => {
    for (const kind of ['list', 'all']) expect(codeOf(ask('DELETE', `/task/${push({ kind })}`))).toEqual([200, 0])
    expect(codeOf(ask('DELETE', '/task/RASL_0000_00000000'))).toEqual([400, 20001])
    const { reply } = ask('POST', '/push/single/cid', recall(push()))
    expect(codeOf(ask('DELETE', `/task/${Object.keys(reply.data)[0]}`))).toEqual([400, 20001])
    expect(state.stops).toBe(2)
  })
  it('that is scheduled has a record, and can be deleted until a minute before its time', () => {
    const taskId = push({ scheduleSeconds: 600 })
    const path = `/task/schedule/${taskId}`
    const result = () => ask('GET', path).reply.data[taskId].send_result
    expect(result()).toBe('do_not_send')
    clock.nowMs += 541_000
    expect(codeOf(ask('DELETE', path))).toEqual([200, 22002])
    clock.nowMs += 100_000
    expect([result(), codeOf(ask('DELETE', path))]).toEqual(['send_success', [200, 22001]])
    expect(titlesOf(phone('getui-android'))).toEqual(['old'])
    const other = push({ scheduleSeconds: 600, title: 'never' })
    expect(codeOf(ask('DELETE', `/task/schedule/${other}`))).toEqual([200, 0])
    expect(ask('GET', `/task/schedule/${other}`).reply.data[other].send_result).toBe('has_delete')
    clock.nowMs += 700_000
    running.tick?.()
    expect(titlesOf(phone('getui-android'))).toEqual(['old'])
    // the two paths are two things
    expect(codeOf(ask('GET', `/task/schedule/${push()}`))).toEqual([200, 22002])
    expect(codeOf(ask('GET', `/task/${other}`))).toEqual([405, 405])
  })
})

describe('a recall', () => {
  it('takes one push away, and with force everything where the task is not found', () => {
    const taskId = push()
    push({ notifyId: 8, title: 'other' })
    const { reply } = ask('POST', '/push/single/cid', recall(taskId))
    expect(Object.values(reply.data)).toEqual([{ [String(phone('getui-android').token)]: 'successed_online' }])
    expect(titlesOf(phone('getui-android'))).toEqual(['other'])
    const unknown = 'RASL_0000_00000000'
    ask('POST', '/push/single/cid', recall(unknown))
    expect(titlesOf(phone('getui-android'))).toEqual(['other'])
    ask(
      'POST',
      '/push/single/cid',
      recall(unknown, { push_message: { revoke: { old_task_id: unknown, force: true } } }),
    )
    expect(titlesOf(phone('getui-android'))).toEqual([])
  })
  it('is obeyed by the phone maker where its own block says so', () => {
    const taskId = push()
    const audience = { cid: [phone('getui-xiaomi').token] }
    ask('POST', '/push/single/cid', recall(taskId, { audience, push_channel: undefined }))
    expect(titlesOf(phone('getui-xiaomi'))).toEqual(['old'])
    ask('POST', '/push/single/cid', recall(taskId, { audience }))
    expect(titlesOf(phone('getui-xiaomi'))).toEqual([])
  })
  it('leaves alone what was sent under the same key since', () => {
    const taskId = push()
    push({ title: 'newer' })
    ask('POST', '/push/single/cid', recall(taskId))
    expect(titlesOf(phone('getui-android'))).toEqual(['newer'])
  })
  it('is dropped where its request id was taken before', () => {
    const body = recall(push())
    for (const _ of [1, 2]) expect(codeOf(ask('POST', '/push/single/cid', body))).toEqual([200, 0])
    expect(state.revokes).toBe(1)
    switches.repeats = 'refused'
    expect(codeOf(ask('POST', '/push/single/cid', body))).toEqual([400, 20001])
  })
  it.each<[string, object]>([
    ['no request id', { request_id: undefined }],
    ['a short request id', { request_id: 'short' }],
    ['a long request id', { request_id: 'x'.repeat(33) }],
    ['no audience', { audience: undefined }],
    ['two devices', { audience: { cid: ['a', 'b'] } }],
    ['an unknown device', { audience: { cid: ['nobody'] } }],
    ['a device and an alias', { audience: { cid: ['a'], alias: ['b'] } }],
    ['no message', { push_message: undefined }],
    ['an empty message', { push_message: {} }],
    ['no task', { push_message: { revoke: { force: false } } }],
    ['force as text', { push_message: { revoke: { old_task_id: 'RASL_0000_0000', force: 'false' } } }],
    ['a strategy', { settings: { strategy: { default: 1 } } }],
    ['a ttl of too long', { settings: { ttl: 259_200_001 } }],
    ['an unknown member', { force: true }],
  ])('with %s is refused', (_, change) => {
    expect(codeOf(ask('POST', '/push/single/cid', recall(push(), change)))).toEqual([400, 20001])
    expect(state.revokes).toBe(0)
  })
})

describe('a batch', () => {
  const batch = (count: number, change: (index: number) => object = () => ({})) => ({
    is_async: false,
    msg_list: Array.from({ length: count }, (_, index) => recall('RASL_0000_00000000', change(index))),
  })
  it('holds 200 messages at most, each with its own request id', () => {
    expect(codeOf(ask('POST', '/push/single/batch/cid', batch(200)))).toEqual([200, 0])
    expect(codeOf(ask('POST', '/push/single/batch/cid', batch(201)))).toEqual([400, 20001])
    expect(
      codeOf(
        ask(
          'POST',
          '/push/single/batch/cid',
          batch(2, () => ({ request_id: 'request-same' })),
        ),
      ),
    ).toEqual([400, 20001])
    expect(codeOf(ask('POST', '/push/single/batch/cid', '{'))).toEqual([200, 1])
  })
  it('leaves out a device that is not known, or fails whole', () => {
    const stranger = (index: number) => (index === 0 ? { audience: { cid: ['nobody'] } } : {})
    const { reply } = ask('POST', '/push/single/batch/cid', batch(3, stranger))
    expect(Object.keys(reply.data)).toHaveLength(2)
    switches.strangers = 'whole-batch'
    expect(codeOf(ask('POST', '/push/single/batch/cid', batch(3, stranger)))).toEqual([400, 20001])
  })
})

describe('a push to many', () => {
  it('is one task, five times a minute', () => {
    const taskId = push({ kind: 'all' })
    for (const n of [1, 2, 3, 4, 5]) {
      const { reply } = ask('POST', '/push/all', recall(taskId, { audience: 'all' }))
      expect(reply.data.taskid, `${n}`).toMatch(/^RASA_/)
    }
    expect(codeOf(ask('POST', '/push/all', recall(taskId, { audience: 'all' })))).toEqual([403, 30014])
    expect(titlesOf(phone('getui-android'))).toEqual([])
    clock.nowMs += 60_000
    const tag = { tag: [{ key: 'custom_tag', values: ['news'], opt_type: 'and' }] }
    expect(codeOf(ask('POST', '/push/tag', recall(taskId, { audience: tag })))).toEqual([200, 0])
    expect(codeOf(ask('POST', '/push/all', recall(taskId, { audience: tag })))).toEqual([400, 20001])
  })
})

it('answers what is not there as Getui does', () => {
  expect(codeOf(ask('POST', '/push/everybody', {}))).toEqual([404, 404])
  expect(codeOf(ask('GET', '/push/all'))).toEqual([405, 405])
  expect(codeOf(call('POST', '/auth', {}, { app: 'another' }))).toEqual([400, 20001])
  switches.otherHost = true
  expect(codeOf(ask('DELETE', `/task/${push()}`))).toEqual([200, 301])
  switches.otherHost = false
  switches.quotaUsedUp = true
  expect(codeOf(ask('POST', '/push/single/cid', recall(push())))).toEqual([403, 30010])
})
