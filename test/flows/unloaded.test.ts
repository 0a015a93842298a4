/** Code that is loaded at its first use, and for once cannot be: nothing that was asked for is lost with it. */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type * as drain from '../../shared/recall/drain.ts'
import { type Service, startService } from '../support/service.ts'

const broken = vi.hoisted(() => new Set<string>())
const failsWhile = (part: string) => {
  if (broken.has(part)) throw new Error(`EIO: i/o error, open '${part}.js'`)
}

vi.mock('../../shared/recall/drain.ts', async load => {
  const real = await load<typeof drain>()
  return {
    ...real,
    createDrainer: (...order: Parameters<typeof real.createDrainer>) => {
      failsWhile('drain')
      return real.createDrainer(...order)
    },
  }
})

let service: Service
let tokens: string[]
beforeAll(async () => {
  service = await startService()
  tokens = service.sandbox.phones.flatMap(({ token }) => token ?? []).slice(0, 3)
})
beforeEach(() => broken.clear())
afterAll(() => service.closeWhole())

const logged = (...messages: string[]) =>
  messages.map(message => service.logged.some(line => JSON.parse(line).msg === message))

let used = 5000
const revoke = (notifyId: number) =>
  service.call('POST', '/v1/revoke', { target: { app: 'news-harmony', notifyId, tokens }, reason: 'r' })

it('admits what it cannot work on, and the next one does it', async () => {
  broken.add('drain')
  const first = await revoke(used++)
  expect([first.status, first.body.state]).toEqual([202, 'running'])
  await service.gateway.fire('sweep')
  expect(logged('a step of sweep failed', 'the drainer cannot be loaded')).toEqual([true, true])
  broken.clear()
  expect((await revoke(used++)).body.state).toBe('done')
  await service.gateway.fire('sweep')
  expect((await service.call('GET', `/v1/recalls/${first.body.id}`)).body.state).toBe('done')
})
