/** What a function that was frozen does with connections, replies and timers of before: SIGSTOP imitates the platform. */
import { type ChildProcess, fork } from 'node:child_process'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, it, type TestContext } from 'vitest'
import { type Death, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import type { Burst } from './frozen-process.ts'

const many = 8
const frozenMs = 2000
const answeredMs = 20_000

interface World {
  readonly proxy: TcpProxy
  readonly heard: () => number
  /** Answers are held back from now on; call it to let them go. */
  hold(): () => void
  burst(count: number, timeoutMs?: number): Promise<readonly (string | null)[]>
  /** Frozen meanwhile. */
  during(work: () => unknown, ms?: number): Promise<void>
}

async function startWorld({ onTestFinished }: TestContext, idleMs: number): Promise<World> {
  let heard = 0
  let held: ServerResponse[] | null = null
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      heard += 1
      // no hint of how long it is kept
      response.setHeader('connection', 'keep-alive')
      if (held !== null) held.push(response)
      else setTimeout(() => response.end('yes'), 30)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const proxy = await startTcpProxy({ port: (server.address() as AddressInfo).port })
  const file = fileURLToPath(new URL('frozen-process.ts', import.meta.url))
  const child = fork(file, [String(idleMs), '500'], { execArgv: ['--import', 'tsx'] })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await proxy.close()
    server.close()
  })
  const said = () => new Promise<(string | null)[]>(resolve => child.once('message', resolve as never))
  await said()
  return {
    proxy,
    heard: () => heard,
    hold: () => {
      const kept: ServerResponse[] = []
      held = kept
      return () => {
        for (const response of kept) response.end('yes')
        held = null
      }
    },
    burst: (count, timeoutMs = answeredMs) => {
      const burst: Burst = { url: `http://127.0.0.1:${proxy.port}/`, count, timeoutMs }
      child.send(burst)
      return said()
    },
    during: async (work, ms = frozenMs) => {
      await stopped(child)
      await work()
      await new Promise(resolve => setTimeout(resolve, ms))
      child.kill('SIGCONT')
    },
  }
}

/** SIGSTOP takes a moment to arrive. */
async function stopped(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP')
  await new Promise(resolve => setTimeout(resolve, 50))
}

const fine = (count: number) => Array.from({ length: count }, () => null)

describe.concurrent.each<Death>(['fin', 'half-close', 'reset', 'silence'])(
  'connections that died of %s in a frozen process',
  death => {
    it('are not used again', async context => {
      const { expect } = context
      const world = await startWorld(context, frozenMs / 2)
      expect(await world.burst(many)).toEqual(fine(many))
      await world.during(() => world.proxy.kill(death))
      expect(await world.burst(many)).toEqual(fine(many))
      expect([world.proxy.met(), world.heard()]).toEqual([0, 2 * many])
    })
    it('meet one request, where it was not frozen for as long as they are kept', async context => {
      const { expect } = context
      const world = await startWorld(context, 60_000)
      expect(await world.burst(many)).toEqual(fine(many))
      await world.during(() => world.proxy.kill(death))
      expect(await world.burst(many, death === 'silence' ? 1500 : answeredMs)).toEqual(fine(many))
      // of those that were closed in the open, whoever comes first after the thaw hears before it sends, or not
      if (death !== 'fin') expect(world.proxy.met()).toBe(1)
      expect(world.heard()).toBe(2 * many)
    })
  },
)

it.concurrent('a reply that came while the process was frozen is read, though its time was over by then', async context => {
  const { expect } = context
  const world = await startWorld(context, 60_000)
  await world.burst(many)
  const release = world.hold()
  const asked = world.burst(many, 3000)
  await expect.poll(() => world.heard()).toBe(2 * many)
  await world.during(release, 3500)
  expect(await asked).toEqual(fine(many))
  expect(world.heard()).toBe(2 * many)
})
