/** A flood at one endpoint: its verdicts wait, none is dropped, and nobody else's waits with them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { actOnVerdicts } from '../../shared/moderation/act.ts'
import { makeEndpoints, type Moderated, startModerated } from './moderated-service.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpush-limits-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const endpoints = makeEndpoints()
const flooded = 'standard-webhooks'
const other = 'getstream'

async function withService(recallsPerHour: number | null, work: (service: Moderated) => Promise<void>): Promise<void> {
  const limits = { requestsPerMinute: null, recallsPerHour, devicesPerHour: 1 }
  const service = await startModerated(
    `pglite:${join(folder, 'ledger')}`,
    endpoints,
    {},
    { 'unpush/policy': { limits } },
  )
  try {
    await work(service)
  } finally {
    await service.close()
  }
}

const push = async (service: Moderated, content: string, notifyId: number) => {
  const tokens = service.sandbox.harmonyTokens().slice(0, 3)
  service.sandbox.pushHarmony({ notifyId, tokens, title: 't', body: 'b' })
  const body = { id: `m-${notifyId}`, contents: [content], targets: [{ app: 'news-harmony', notifyId, tokens }] }
  expect((await service.call('POST', '/v1/messages', body)).status).toBe(201)
}

it('waits for its turn, however long that takes, and is done then', async () => {
  const flood = 6
  await withService(3, async service => {
    for (let n = 0; n < flood; n++) {
      await push(service, `flood:${n}`, 700 + n)
      expect((await service.say(flooded, { content: `flood:${n}`, verdict: 'block' })).status).toBe(200)
    }
    const states = (await service.verdicts()).map(({ state }) => state)
    expect(states.filter(state => state === 'recalled')).toHaveLength(3)
    const waiting = (await service.verdicts()).filter(({ state }) => state !== 'recalled')
    for (const verdict of waiting) {
      expect(['waiting', 'held']).toContain(verdict.state)
      expect(verdict['detail']).toMatch(/^Over limits\.recallsPerHour, which is 3 for endpoint:/)
    }
    // another endpoint is not over anything, and what it could not do at once is not kept from being done
    await push(service, 'other:1', 801)
    const { ledger } = service.gateway.runtime
    expect((await service.say(other, { content: 'other:2', verdict: 'block' })).status).toBe(200)
    await ledger.query(`update verdict set content = 'other:1', ordered_at = ordered_at - interval '1 hour',
      received_at = received_at - interval '1 hour' where content = 'other:2'`)
    await actOnVerdicts(service.gateway.runtime, null)
    expect((await service.verdicts('content=other:1')).map(({ state }) => state)).toEqual(['recalled'])
    expect((await service.verdicts()).filter(({ state }) => state === 'recalled')).toHaveLength(4)

    // two days later, with messages that were registered meanwhile: those came too late for it
    await ledger.query(`update verdict set received_at = received_at - interval '2 days'`)
    await ledger.query(`update message set created_at = created_at - interval '2 days'`)
    await push(service, String(waiting[0]?.['content']), 899)
  })
  await withService(null, async service => {
    await actOnVerdicts(service.gateway.runtime, null)
    const states = (await service.verdicts()).map(({ state }) => state)
    expect(states).toEqual(states.map(() => 'recalled'))
    expect(states).toHaveLength(flood + 1)
    const recalled = (await service.recalls()).length
    expect(recalled).toBe(flood + 1)
    expect((await service.call('GET', '/v1/messages/m-899')).body.recall ?? null).toBeNull()
    const [left] = await service.gateway.runtime.ledger.query('select count(*) as queued from verdict where queued')
    expect(left).toEqual({ queued: 0 })
    await actOnVerdicts(service.gateway.runtime, null)
    expect((await service.recalls()).length).toBe(recalled)
  })
})
