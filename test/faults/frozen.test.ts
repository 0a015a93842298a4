/** What a function that was frozen does with connections, replies and timers of before: SIGSTOP imitates the platform. */
import { type ChildProcess, fork } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest'
import { compile, type Compiled } from '../support/compiled.ts'
import { startHttp2Server } from '../support/http2-server.ts'
import { type Death, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import type { Burst } from './frozen-process.ts'

const many = 8
const frozenMs = 1200
const answeredMs = 20_000

let compiled: Compiled
beforeAll(async () => {
  compiled = await compile('test/faults/frozen-process.ts')
})
afterAll(() => compiled.close())

interface World {
  readonly proxy: TcpProxy
  readonly heard: () => number
  /** Answers are held back from now on; call it to let them go. */
  hold(): () => void
  burst(count: number, timeoutMs?: number): Promise<readonly (string | null)[]>
  /** Frozen meanwhile. */
  during(work: () => unknown, ms?: number): Promise<void>
}

type Protocol = 'HTTP/1.1' | 'HTTP/2'

async function startWorld({ onTestFinished }: TestContext, idleMs: number, protocol: Protocol): Promise<World> {
  let heard = 0
  let held: (() => void)[] | null = null
  const take = (answer: () => void) => {
    heard += 1
    if (held !== null) held.push(answer)
    else setTimeout(answer, 30)
  }
  const server = await (protocol === 'HTTP/2'
    ? startHttp2Server(exchange => take(() => exchange.answer()))
    : startHttp1Server(take))
  const proxy = await startTcpProxy({ port: server.port })
  const child = fork(compiled.path, [String(idleMs), '500'], { execArgv: [] })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await proxy.close()
    await server.close()
  })
  const said = () => new Promise<(string | null)[]>(resolve => child.once('message', resolve as never))
  await said()
  return {
    proxy,
    heard: () => heard,
    hold: () => {
      const kept: (() => void)[] = []
      held = kept
      return () => {
        for (const answer of kept) answer()
        held = null
      }
    },
    burst: (count, timeoutMs = answeredMs) => {
      const session = protocol === 'HTTP/2' ? { session: 'credential' } : {}
      const burst: Burst = { url: `http://127.0.0.1:${proxy.port}/`, count, timeoutMs, ...session }
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

async function startHttp1Server(take: (answer: () => void) => void) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      // no hint of how long it is kept
      response.setHeader('connection', 'keep-alive')
      take(() => response.end('yes'))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, close: async () => void server.close() }
}

/** SIGSTOP takes a moment to arrive. */
async function stopped(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP')
  await new Promise(resolve => setTimeout(resolve, 50))
}

const fine = (count: number) => Array.from({ length: count }, () => null)

const protocols: readonly Protocol[] = ['HTTP/1.1', 'HTTP/2']
const deaths: readonly Death[] = ['fin', 'half-close', 'reset', 'silence']
const cases = protocols.flatMap(protocol => deaths.map(death => [death, protocol] as const))

describe.concurrent.each(cases)('connections that died of %s in a frozen process, over %s', (death, protocol) => {
  it('are not used again', async context => {
    const { expect } = context
    const world = await startWorld(context, frozenMs / 2, protocol)
    expect(await world.burst(many)).toEqual(fine(many))
    await world.during(() => world.proxy.kill(death))
    expect(await world.burst(many)).toEqual(fine(many))
    // a session that is closed in time says so first, by GOAWAY
    expect([protocol === 'HTTP/2' ? 0 : world.proxy.met(), world.heard()]).toEqual([0, 2 * many])
  })
  it('meet one request, where it was not frozen for as long as they are kept', async context => {
    const { expect } = context
    const world = await startWorld(context, 60_000, protocol)
    expect(await world.burst(many)).toEqual(fine(many))
    await world.during(() => world.proxy.kill(death))
    expect(await world.burst(many, death === 'silence' ? 1500 : answeredMs)).toEqual(fine(many))
    // of those that were closed in the open, whoever comes first after the thaw hears before it sends, or not
    if (death !== 'fin') expect(world.proxy.met()).toBe(1)
    expect(world.heard()).toBe(2 * many)
  })
})

it.concurrent.for(protocols)(
  'a reply that came while the process was frozen is read, though its time was over by then: %s',
  async (protocol, context) => {
    const { expect } = context
    const world = await startWorld(context, 60_000, protocol)
    await world.burst(many)
    const release = world.hold()
    const asked = world.burst(many, 3000)
    await expect.poll(() => world.heard()).toBe(2 * many)
    await world.during(release, 3500)
    expect(await asked).toEqual(fine(many))
    expect(world.heard()).toBe(2 * many)
  },
)
