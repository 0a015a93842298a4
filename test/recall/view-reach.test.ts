/** How many devices a message and a recall are for, as lists and pages show it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.closeWhole())

const push = (pushId: string) => {
  service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
  return { app: 'news-android', pushId }
}
const wait = { headers: { prefer: 'wait=10' } }

it('is the weakest of what its targets are known by, from the message to its plan and its recall', async () => {
  const tokens = service.sandbox.harmonyTokens().slice(0, 30)
  const exact = { app: 'news-harmony', notifyId: 1, tokens: [...tokens, tokens[0]] }
  const stated = { ...push('61001'), audience: 'all', audienceSize: 1_200 }
  const assumed = push('61002')
  const cases = [
    [[exact], { devices: 30, basis: 'exact' }],
    [[{ ...exact, notifyId: 2 }, stated], { devices: 1_230, basis: 'stated' }],
    [[{ ...exact, notifyId: 3 }, assumed], { devices: 1_000_030, basis: 'assumed' }],
  ] as const
  for (const [n, [targets, reach]] of cases.entries()) {
    const id = `reach-${n}`
    expect((await service.call('POST', '/v1/messages', { id, targets })).status).toBe(201)
    const shown = (await service.call('GET', `/v1/messages/${id}`)).body
    expect(shown.reach).toEqual(reach)
    expect(shown.targets[0].reach).toEqual({ devices: 30, basis: 'exact' })
    expect((await service.call('GET', `/v1/messages?q=${id}`)).body.items[0].reach).toEqual(reach)
    const plan = await service.call('POST', '/v1/revoke', { message: id, dryRun: true })
    expect(plan.body.reach).toEqual(reach)
    const recall = (await service.call('POST', '/v1/revoke', { message: id, reason: 'r' }, wait)).body
    expect((await service.call('GET', `/v1/recalls/${recall.id}`)).body.reach).toEqual(reach)
  }
})

it('counts neither what cannot be done, nor what is not made ready yet twice', async () => {
  await service.call('POST', '/v1/messages', {
    id: 'late',
    targets: [{ app: 'news-harmony', notifyId: 9, tokens: [] }],
  })
  expect((await service.call('GET', '/v1/messages/late')).body.reach).toEqual({ devices: 0, basis: 'exact' })
  const tokens = service.sandbox.harmonyTokens().slice(0, 5)
  await service.call('POST', '/v1/messages/late/tokens', { app: 'news-harmony', tokens })
  const { reach, targets } = (await service.call('GET', '/v1/messages/late')).body
  expect([reach, targets[0].reach]).toEqual([reach, { devices: 5, basis: 'exact' }])
  const overlay = { title: 't', body: 'b' }
  const body = { content: 'both', overlay, reason: 'r', fallback: false }
  await service.call('POST', '/v1/messages', {
    id: 'both',
    contents: ['both'],
    targets: [push('61003'), { app: 'news-harmony', notifyId: 11, tokens }],
  })
  const stop = (await service.call('POST', '/v1/stop', { ...body, overlay: undefined }, wait)).body
  // Push Kit offers no stop
  expect(stop.reach).toEqual({ devices: 1_000_000, basis: 'assumed' })
})
