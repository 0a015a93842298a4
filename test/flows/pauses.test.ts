/** The kill switch: who or what is paused admits nothing, and takes nothing else along. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Moderated, startModerated } from '../moderation/moderated-service.ts'

let service: Moderated
beforeAll(async () => {
  const { now } = Date
  vi.spyOn(Date, 'now').mockImplementation(() => now() + laterMs)
  service = await startModerated('pglite:memory', undefined, {}, { 'unpush/apps/idle': { provider: 'nobody' } })
})
afterAll(async () => {
  await service.close()
  vi.restoreAllMocks()
})

let numbers = 7_700_000
const wait = { headers: { prefer: 'wait=10' } }
const pause = async (body: object): Promise<string> => {
  const { status, body: made } = await service.call(
    'POST',
    '/v1/pauses',
    { reason: 'drill', ...body },
    { role: 'admin' },
  )
  expect(status).toBe(201)
  return made.id
}
const lift = async (id: string) => {
  expect((await service.call('DELETE', `/v1/pauses/${id}`, undefined, { role: 'admin' })).status).toBe(204)
}
/** What other routes see of pauses is up to two seconds old: so much later it is all of a sudden. */
let laterMs = 0
const noticed = () => void (laterMs += 2100)

async function push(app: 'news-android' | 'news-harmony'): Promise<object> {
  await service.gateway.runtime.ledger.query('delete from bucket')
  const key = numbers++
  if (app === 'news-android') {
    service.sandbox.pushTpns({ app, title: 't', content: 'b', audience: 'all', pushId: String(key) })
    return { app, pushId: String(key), audience: 'all' }
  }
  const tokens = service.sandbox.harmonyTokens('phone').slice(0, 2)
  service.sandbox.pushHarmony({ notifyId: key, tokens, title: 't', body: 'b' })
  return { app, notifyId: key, tokens }
}
const revoke = (body: object) => service.call('POST', '/v1/revoke', { reason: 'r', ...body }, wait)

it.each([
  ['key', { key: 'operator' }],
  ['person', { person: 'li.wei' }],
])('stops a %s at once, and lets it read', async (kind, body) => {
  const target = await push('news-android')
  const id = await pause(body)
  const refused = await revoke({ target })
  expect([refused.status, refused.body.pause]).toEqual([403, id])
  expect(refused.body.detail).toBe(`The ${kind} ${Object.values(body)[0]} is paused (${id}): drill`)
  // a plan calls no vendor and admits nothing
  expect((await revoke({ target, dryRun: true })).status).toBe(200)
  noticed()
  for (const [method, path, sent] of [
    ['POST', '/v1/messages', { title: 'x' }],
    ['POST', '/v1/recalls/rcl_00000000000000000000000000/cancel', undefined],
    ['POST', '/v1/recalls/rcl_00000000000000000000000000/retry', undefined],
    ['POST', '/v1/deliveries/dlv_00000000000000000000000000000000/replay', undefined],
  ] as const) {
    const reply = await service.call(method, path, sent)
    expect([path, reply.status, reply.body.pause]).toEqual([path, 403, id])
  }
  expect((await service.call('GET', '/v1/recalls')).status).toBe(200)
  expect((await service.call('POST', '/v1/messages', { title: 'x' }, { role: 'sender' })).status).toBe(201)
  await lift(id)
  expect((await revoke({ target })).body.state).toBe('done')
  noticed()
})

it('leaves a paused app out, and takes the others back', async () => {
  const targets = [await push('news-android'), await push('news-harmony')]
  await service.call('POST', '/v1/messages', { id: 'mixed', targets })
  await service.call('POST', '/v1/messages', { id: 'alone', targets: [await push('news-android')] })
  const id = await pause({ app: 'news-android' })
  const { status, body } = await revoke({ message: 'mixed' })
  expect([status, body.state]).toEqual([202, 'partial'])
  expect(body.targets.map(({ state }: { state: string }) => state)).toEqual(['failed', 'done'])
  expect(body.targets[0].warnings[0]).toBe(`The app news-android is paused (${id}): drill`)
  const alone = await revoke({ message: 'alone' })
  expect([alone.status, alone.body.pause]).toEqual([403, id])
  await lift(id)
  expect((await revoke({ message: 'alone' })).body.state).toBe('done')
})

it('has verdicts of a paused endpoint wait, and act once it is lifted', async () => {
  const endpoint = service.endpoints['standard-webhooks']?.id
  const id = await pause({ endpoint })
  await service.call('POST', '/v1/messages', {
    id: 'judged',
    contents: ['judged:1'],
    targets: [await push('news-android')],
  })
  // acknowledged all the same
  expect((await service.judge({ content: 'judged:1', verdict: 'block' })).status).toBe(200)
  await service.gateway.fire('sweep')
  expect(await service.verdicts('content=judged:1')).toMatchObject([{ state: 'held', recalls: [] }])
  await lift(id)
  await service.gateway.fire('sweep')
  expect(await service.verdicts('content=judged:1')).toMatchObject([{ state: 'recalled', messages: 1 }])
})

it('has the end of a message wait while its app is paused', async () => {
  const { ledger } = service.gateway.runtime
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  await service.call('POST', '/v1/messages', { id: 'ending', expiresAt, targets: [await push('news-android')] })
  await ledger.query(`update message set expires_at = now() where id = 'ending'`)
  const id = await pause({ app: 'news-android' })
  await service.gateway.fire('expire')
  expect((await service.call('GET', '/v1/messages/ending')).body.recall).toBe(null)
  await lift(id)
  await ledger.query('update message set expiry_held_until = null')
  await service.gateway.fire('expire')
  const { recall } = (await service.call('GET', '/v1/messages/ending')).body
  const { body } = await service.call('GET', `/v1/recalls/${recall.id}`)
  expect(body).toMatchObject({ requestedBy: 'timer:expire', causedBy: [{ actor: 'key:operator', by: 'expiry' }] })
})

it('is set once, listed, and written in the trail', async () => {
  const id = await pause({ app: 'idle' })
  const again = await service.call('POST', '/v1/pauses', { app: 'idle', reason: 'twice' }, { role: 'admin' })
  expect([again.status, again.body.id, again.body.reason]).toEqual([200, id, 'drill'])
  const { body } = await service.call('GET', '/v1/pauses', undefined, { role: 'admin' })
  expect(body.items).toMatchObject([
    { id, app: 'idle', reason: 'drill', pausedBy: 'key:admin', pausedByPerson: 'chen.jie' },
  ])
  await lift(id)
  expect((await service.call('DELETE', `/v1/pauses/${id}`, undefined, { role: 'admin' })).status).toBe(404)
  const trail = await service.call('GET', `/v1/audit?q=${id}`, undefined, { role: 'admin' })
  expect(trail.body.items.map(({ action, actor }: { action: string; actor: string }) => [action, actor])).toEqual([
    ['pause.lifted', 'key:admin'],
    ['pause.set', 'key:admin'],
  ])
  for (const role of ['operator', 'viewer', 'sender', 'approver'] as const)
    expect((await service.call('POST', '/v1/pauses', { app: 'idle', reason: 'x' }, { role })).status).toBe(403)
  for (const body of [{ reason: 'none' }, { app: 'idle', key: 'operator', reason: 'two' }, { app: 'idle' }])
    expect((await service.call('POST', '/v1/pauses', body, { role: 'admin' })).status).toBe(400)
})
