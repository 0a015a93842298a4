/** A vendor's own figure of how many devices a push went to: read within its budget, and what a recall is measured by. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: { 'unpush/policy': { approvalAbove: { stop: null, revoke: 200, overlay: 200 }, assumeAudience: 1_000 } },
  })
})
afterAll(() => service.closeWhole())
beforeEach(async () => {
  service.sandbox.switches.tpns.figures = 'true'
  await service.gateway.runtime.ledger.query('delete from bucket')
})

let pushes = 0
const push = (app: 'news-android' | 'news-ios', more: { perSecond?: number } = {}) => {
  const pushId = String(6_400_000 + pushes++)
  service.sandbox.pushTpns({ app, title: `t${pushes}`, content: 'b', audience: 'all', pushId, ...more })
  return { app, pushId }
}
const discover = async () => {
  await service.gateway.runtime.ledger.query("update discovery set held_until = '-infinity'")
  await service.gateway.fire('discover')
}
const register = async (target: object, id: string) =>
  expect((await service.call('POST', '/v1/messages', { id, targets: [target] })).status).toBe(201)
const message = async (id: string) => (await service.call('GET', `/v1/messages/${id}`)).body
const ask = async (id: string, more: object = {}) =>
  (await service.call('POST', '/v1/revoke', { message: id, reason: 'r', ...more }, { headers: { prefer: 'wait=5' } }))
    .body
const asked = async () =>
  ((await service.call('GET', '/_sandbox/calls')).body.items as { path: string }[]).filter(({ path }) =>
    path.includes('stat_channel'),
  ).length

it('is what a recall is measured by, whatever its sender stated', async () => {
  const target = { ...push('news-android'), audience: 'all', audienceSize: 5 }
  await register(target, 'understated')
  expect((await message('understated')).reach).toEqual({ devices: 5, basis: 'stated' })
  expect((await message('understated')).targets[0].channels).toEqual([])
  expect(await ask('understated', { dryRun: true })).toMatchObject({ approvalNeeded: false })
  await discover()
  const { reach, targets } = await message('understated')
  expect(reach).toEqual({ devices: 300, basis: 'vendor' })
  const channels = targets[0].channels as { channel: string; planned: number; asOf: string }[]
  expect(channels.map(({ channel, planned }) => [channel, planned])).toEqual([
    ['tpns', 60],
    ['xiaomi', 45],
    ['meizu', 15],
    ['huawei', 80],
    ['oppo', 50],
    ['vivo', 50],
  ])
  expect(Date.now() - Date.parse(channels[0]?.asOf ?? '')).toBeLessThan(60_000)
  // the plan that was shown is another one by now, and takes another person
  const plan = await ask('understated', { dryRun: true })
  expect(plan).toMatchObject({ approvalNeeded: true, devices: 300, reach, targets: [{ assumedDevices: null }] })
  const recall = await ask('understated')
  expect(recall).toMatchObject({ state: 'pending_approval', reach, approval: { because: 'reach', reach } })
})

it('stands in the recall with its channels, and a late target is measured by it', async () => {
  const target = push('news-ios')
  await register(target, 'small')
  await discover()
  const recall = await ask('small')
  expect(recall.reach).toEqual({ devices: 60, basis: 'vendor' })
  expect(recall.targets[0]).toMatchObject({ devices: null, channels: [{ channel: 'apns', planned: 60, sent: 60 }] })
  const late = push('news-android')
  await discover()
  await service.call('PATCH', '/v1/messages/small', { targets: [late] })
  const grown = (await service.call('GET', `/v1/recalls/${recall.id}`)).body
  // 360 are over the line of 200: it waits inside
  expect(grown.reach).toEqual({ devices: 360, basis: 'vendor' })
  expect(grown.approval).toMatchObject({ because: 'growth' })
})

it('is asked once the push has gone out whole, and not again for hours', async () => {
  const slow = push('news-android', { perSecond: 1 })
  await register(slow, 'slow')
  const before = await asked()
  await discover()
  expect(await asked()).toBe(before)
  expect((await message('slow')).reach).toEqual({ devices: 1_000, basis: 'assumed' })
  await register(push('news-ios'), 'once')
  for (let n = 0; n < 4; n++) await discover()
  expect(await asked()).toBe(before + 1)
  await service.gateway.runtime.ledger.query("update vendor_record set figures_due = figures_due - interval '6 hours'")
  for (let n = 0; n < 4; n++) await discover()
  const after = await asked()
  expect(after).toBeGreaterThan(before + 1)
  await service.gateway.runtime.ledger.query("update vendor_record set figures_due = figures_due - interval '30 days'")
  await discover()
  expect(await asked()).toBe(after)
})

it.each([
  ['none', { devices: 1_000, basis: 'assumed' }],
  ['garbled', { devices: 1_000, basis: 'assumed' }],
  ['large', { devices: 60_000, basis: 'vendor' }],
] as const)('that is %s is no reason to think it is less', async (lie, reach) => {
  service.sandbox.switches.tpns.figures = lie
  await register(push('news-ios'), `lie-${lie}`)
  await discover()
  expect((await message(`lie-${lie}`)).reach).toEqual(reach)
})

it('takes twelve queries of the hour at most, and none of those that recalls confirm with', async () => {
  const { ledger } = service.gateway.runtime
  await ledger.query("update vendor_record set figures_due = null where app = 'news-ios'")
  await ledger.query(
    `insert into vendor_record (app, handle, record)
     select 'news-ios', (6900000 + n)::text, '{"status":"PUSH_FINISHED","scheduled":false,"detail":{}}' from generate_series(1, 40) n`,
  )
  const before = await asked()
  for (let n = 0; n < 12; n++) {
    await ledger.query("delete from discovery where app <> 'news-ios'")
    await discover()
  }
  const spent = await ledger.query<{ n: number }>(
    `select count(*)::int as n from bucket b, unnest(b.purposes) p where p = 'figures' and b.budget = 'tpns:1600001049'`,
  )
  expect(spent).toEqual([{ n: 12 }])
  expect((await asked()) - before).toBeGreaterThanOrEqual(12)
  service.sandbox.switches.tpns.queriesUsedUp = true
  await ledger.query('delete from bucket')
  const tried = await asked()
  await discover()
  // refused for the hour: one call an app, and no more
  expect((await asked()) - tried).toBeLessThanOrEqual(2)
  service.sandbox.switches.tpns.queriesUsedUp = false
})
