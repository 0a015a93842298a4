/** `unpush/policy` cannot be read: nobody can tell where a line is, so nothing that may have one begins. Stop, and the end of a message, stay. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  // a member that is none: half of a policy holds for nothing
  service = await startService({ secrets: { 'unpush/policy': { approvalAbov: 5 } } })
})
afterAll(() => service.closeWhole())

const ledger = () => service.gateway.runtime.ledger
const recalls = () => ledger().query<{ operation: string; state: string }>('select operation, state from recall')
let next = 81_000
function task() {
  const pushId = String(next++)
  service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
  return { app: 'news-android', pushId }
}

it.each([
  ['revoke', {}],
  ['revoke', { dryRun: true }],
  ['revoke', { breakGlass: true, ticket: 'INC-7' }],
  ['revoke', { meanwhile: 'stop' }],
  ['overlay', { overlay: { title: 't', body: 'b' } }],
  ['corrections', { overlay: { title: 't', body: 'b' } }],
])('%s is 503, and nothing is admitted: %j', async (operation, more) => {
  const { status, body } = await service.call('POST', `/v1/${operation}`, { target: task(), reason: 'r', ...more })
  expect([status, body.type]).toEqual([503, 'https://unpush.dev/problems/unavailable'])
  // the answer says nothing of the secret
  expect(JSON.stringify(body)).not.toMatch(/approvalAbov|unpush\/policy/)
  expect(await recalls()).toEqual([])
})

it('stop is possible', async () => {
  const { status, body } = await service.call('POST', '/v1/stop', { target: task(), reason: 'r' })
  expect([status, body.state, body.approval]).toEqual([202, 'done', null])
})

it('a message whose time is over is stopped', async () => {
  const target = task()
  expect((await service.call('POST', '/v1/messages', { id: 'over', targets: [target] })).status).toBe(201)
  await ledger().query(`update message set expires_at = now() - interval '1 minute' where id = 'over'`)
  await service.call('POST', '/_local/timers/expire')
  await vi.waitFor(
    async () => {
      await service.call('POST', '/_local/timers/sweep')
      expect((await recalls()).map(({ operation, state }) => `${operation} ${state}`)).toEqual([
        'stop done',
        'stop done',
      ])
    },
    { timeout: 120_000, interval: 500 },
  )
})
