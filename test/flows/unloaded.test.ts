/** Code that is loaded at its first use, and for once cannot be: nothing that was asked for is lost with it. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type * as daily from '../../shared/app-health/daily.ts'
import type * as doing from '../../shared/moderation/act-on-verdict.ts'
import type * as vendor from '../../shared/providers/tpns/index.ts'
import type * as drain from '../../shared/recall/drain.ts'
import type * as telling from '../../shared/webhooks/deliver.ts'
import { makeEndpoints, type Moderated, startModerated } from '../moderation/moderated-service.ts'
import { makeSecret, type Receiver, startReceiver } from '../webhooks/receiver.ts'

const broken = vi.hoisted(() => new Set<string>())
const loaded = vi.hoisted(() => new Set<string>())
const failsWhile = (part: string) => {
  if (broken.has(part)) throw new Error(`EIO: i/o error, open '${part}.js'`)
}

vi.mock('../../shared/app-health/daily.ts', async load => {
  loaded.add('daily')
  return load<typeof daily>()
})
vi.mock('../../shared/recall/drain.ts', async load => {
  const real = await load<typeof drain>()
  return {
    get createDrainer() {
      failsWhile('drain')
      return real.createDrainer
    },
  }
})
vi.mock('../../shared/moderation/act-on-verdict.ts', async load => {
  const real = await load<typeof doing>()
  return {
    get actOnVerdict() {
      failsWhile('act-on-verdict')
      return real.actOnVerdict
    },
  }
})
vi.mock('../../shared/webhooks/deliver.ts', async load => {
  const real = await load<typeof telling>()
  return {
    get deliver() {
      failsWhile('deliver')
      return real.deliver
    },
  }
})
vi.mock('../../shared/providers/tpns/index.ts', async load => {
  const real = await load<typeof vendor>()
  return {
    get tpns() {
      failsWhile('tpns')
      return real.tpns
    },
  }
})

let service: Moderated
let receiver: Receiver
let tokens: string[]
beforeAll(async () => {
  receiver = await startReceiver()
  const console = {
    url: `${receiver.url}/console`,
    secret: makeSecret(),
    events: ['recall.completed'],
    format: 'standard',
  }
  service = await startModerated(undefined, makeEndpoints(), {}, { 'unpush/subscribers/console': console }, true)
  tokens = service.sandbox.phones.flatMap(({ token }) => token ?? []).slice(0, 3)
})
beforeEach(() => broken.clear())
afterAll(async () => {
  await service.closeWhole()
  await receiver.close()
})

/** Those that the log does not have. */
const unsaid = (...messages: string[]) =>
  messages.filter(message => !service.logged.some(line => JSON.parse(line).msg === message))

let used = 5000
const revoke = (notifyId: number) =>
  service.call('POST', '/v1/revoke', { target: { app: 'news-harmony', notifyId, tokens }, reason: 'r' })
const stateOf = async (id: string) => (await service.call('GET', `/v1/recalls/${id}`)).body.state

// each before anything else loads its part, since what is loaded stays so; this one loads no drainer
it('of a vendor: nothing is admitted, and the next request finds it', async () => {
  const { pushId } = service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all' })
  const asked = { target: { app: 'news-android', pushId }, reason: 'r' }
  broken.add('tpns')
  expect((await service.call('POST', '/v1/stop', asked)).status).toBe(500)
  broken.clear()
  expect((await service.call('GET', '/v1/recalls')).body.items).toEqual([])
  expect((await service.call('POST', '/v1/stop', { ...asked, dryRun: true })).status).toBe(200)
})

it('of the drainer: what is admitted waits for the next one, and the next recall is worked on', async () => {
  broken.add('drain')
  const first = await revoke(used++)
  expect([first.status, first.body.state]).toEqual([202, 'running'])
  await service.gateway.fire('sweep')
  expect(unsaid('a step of sweep failed', 'the drainer cannot be loaded')).toEqual([])
  broken.clear()
  expect((await revoke(used++)).body.state).toBe('done')
  await service.gateway.fire('sweep')
  expect(await stateOf(first.body.id)).toBe('done')
})

it('of what does verdicts: the delivery is taken, and sweep does what it said', async () => {
  broken.add('act-on-verdict')
  await service.push('seen', '7001')
  expect((await service.judge({ content: 'seen', verdict: 'block' })).status).toBe(200)
  expect(unsaid('verdict not done')).toEqual([])
  expect((await service.verdicts('content=seen'))[0]?.recalls).toEqual([])
  broken.clear()
  await service.gateway.fire('sweep')
  expect((await service.verdicts('content=seen'))[0]?.recalls).toHaveLength(1)
})

it('of what tells subscribers: they hear of it at the next run', async () => {
  broken.add('deliver')
  await service.gateway.fire('sweep')
  expect(unsaid('deliveries could not be made')).toEqual([])
  const { body } = await revoke(used++)
  const before = receiver.taken.length
  await service.gateway.fire('sweep')
  expect(receiver.taken).toHaveLength(before)
  broken.clear()
  await service.gateway.fire('sweep')
  expect(receiver.taken.filter(({ body: said }) => said.includes(body.id))).toHaveLength(1)
})

it('of what is made once a day: it is not even loaded before the day is over', async () => {
  const { ledger } = service.gateway.runtime
  await service.gateway.fire('sweep')
  expect(loaded).toEqual(new Set())
  await ledger.query("update finding set at = at - interval '25 hours'")
  await service.gateway.fire('sweep')
  expect(loaded).toEqual(new Set(['daily']))
})
