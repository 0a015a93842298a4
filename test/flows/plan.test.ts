/** Plans for readers: what each operation would do to a message, without the right to do it (contract §4.2). */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { conforms, document } from '../dashboard/document.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: demo => {
      const { overlayCategory: _, ...harmony } = demo['unpush/apps/news-harmony'] as { overlayCategory?: string }
      const policy = { approvalAbove: { revoke: 10, overlay: 1 }, assumeAudience: 5000 }
      return { ...demo, 'unpush/apps/news-harmony': harmony, 'unpush/policy': policy }
    },
  })
})
afterAll(() => service.closeWhole())

const as = (role: 'viewer' | 'operator' | 'sender', method: string, path: string, body?: object) =>
  service.call(method, path, body, { role })

/** A message of a TPNS push whose audience nobody stated, and of three HarmonyOS devices. */
async function registered(id: string, notifyId: number): Promise<void> {
  const { sandbox } = service
  const tokens = sandbox.harmonyTokens().slice(0, 3)
  const pushId = String(notifyId)
  sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
  sandbox.pushHarmony({ notifyId, tokens, title: 't', body: 'b' })
  const targets = [
    { app: 'news-android', pushId },
    { app: 'news-harmony', notifyId, tokens },
  ]
  expect((await as('operator', 'POST', '/v1/messages', { id, targets })).status).toBe(201)
}

it('shows a viewer what all three would do, and calls no vendor', async () => {
  await registered('m1', 71_001)
  const { status, body } = await as('viewer', 'GET', '/v1/messages/m1/plan')
  expect(status).toBe(200)
  expect(conforms(document.components.schemas['MessagePlan'] ?? {}, body)).toEqual([])
  expect(Object.keys(body.plans)).toEqual(['stop', 'revoke', 'overlay'])
  expect(body.plans.revoke).toMatchObject({
    approvalNeeded: true,
    approval: { above: 10, because: 'reach' },
    reach: { devices: 5003, basis: 'assumed' },
    targets: [
      {
        app: 'news-android',
        message: 'm1',
        reach: { devices: 5000, basis: 'assumed' },
        assumedDevices: 5000,
        record: null,
      },
      { app: 'news-harmony', message: 'm1', reach: { devices: 3, basis: 'exact' }, assumedDevices: null, devices: 3 },
    ],
  })
  expect(body.plans.stop).toMatchObject({ approvalNeeded: false, approval: null })
  // Push Kit has no stop
  expect(body.plans.stop.targets[1]).toMatchObject({ ladder: [], operation: null })
  const rows = await service.gateway.runtime.ledger.query('select from attempt_begun limit 1')
  expect(rows).toEqual([])
})

it('answers the digest that a dry run would, which the operation then takes', async () => {
  await registered('m2', 71_002)
  const { plans } = (await as('viewer', 'GET', '/v1/messages/m2/plan')).body
  const dry = await as('operator', 'POST', '/v1/revoke', { message: 'm2', dryRun: true })
  expect([plans.revoke.digest, plans.revoke.check]).toEqual([dry.body.digest, dry.body.check])
  const wrong = await as('operator', 'POST', '/v1/revoke', { message: 'm2', reason: 'r', expect: plans.stop.digest })
  expect(wrong.status).toBe(409)
  expect(wrong.body.plan.digest).toBe(plans.revoke.digest)
  const asked = await as('operator', 'POST', '/v1/stop', { message: 'm2', reason: 'r', expect: plans.stop.digest })
  expect(asked.status).toBe(202)
})

it('says of an overlay what its text is still to bring, and shows the record that was read', async () => {
  await registered('m3', 71_003)
  expect((await as('viewer', 'GET', '/v1/status?app=news-android&pushId=71003')).status).toBe(200)
  const { plans } = (await as('viewer', 'GET', '/v1/messages/m3/plan')).body
  expect(plans.overlay).toMatchObject({ approvalNeeded: true, approval: { above: 1 }, digest: null, check: null })
  expect(plans.overlay.needs.map(({ path }: { path: string }) => path)).toEqual(
    expect.arrayContaining(['/overlay/title', '/overlay/body', '/overlay/options/huawei/category']),
  )
  expect(plans.overlay.targets[0]).toMatchObject({
    operation: 'overlay',
    record: { status: expect.stringMatching(/^PUSH_/), scheduled: false, asOf: expect.stringMatching(/Z$/) },
  })
})

it('is 404 for a message that is not there, and 403 for who only sends', async () => {
  expect((await as('viewer', 'GET', '/v1/messages/nothing/plan')).status).toBe(404)
  await registered('m4', 71_004)
  expect((await as('sender', 'GET', '/v1/messages/m4/plan')).status).toBe(403)
})
