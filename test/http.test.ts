/**
 * Kept connections that died unseen, whatever they died of, with a hint of the server's or without: at most one request
 * meets one, and nobody hears of it.
 */
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSend, type Send, type Sending } from '../shared/http.ts'
import { makeCertificate } from './support/certificate.ts'
import { soak } from './support/figures.ts'
import { type Death, startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts'

const deaths: readonly Death[] = ['fin', 'half-close', 'reset', 'silence']
/** Long enough for an answer on a busy machine, short where silence is waited out. */
const answeredMs = 20_000
const silentMs = 600
const many = soak ? 32 : 8

interface World {
  readonly proxy: TcpProxy
  /** Requests that the server has read whole. */
  readonly heard: () => number
  /** Both clocks, in milliseconds. They stand still. */
  readonly clocks: { steady: number; wall: number }
  readonly send: Send
  /** Undefined: it was answered. */
  readonly one: (options?: Partial<Sending>) => Promise<string | undefined>
  /** So many connections, idle since a moment ago. */
  readonly warm: (count: number) => Promise<void>
}

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  for (const end of ends.splice(0)) await end()
})

const own = makeCertificate('localhost')

async function startWorld({
  isSecure = false,
  hint = true,
  listener,
}: {
  isSecure?: boolean
  hint?: boolean
  listener?: RequestListener
} = {}): Promise<World> {
  let heard = 0
  let first = 0
  const answer: RequestListener = (request, response) => {
    request.resume().on('end', () => {
      heard += 1
      if (listener !== undefined) return listener(request, response)
      // said by the server itself, it comes without `Keep-Alive: timeout=…`
      if (!hint) response.setHeader('connection', 'keep-alive')
      // all of the first burst are under way at once, so that each has a connection of its own
      if (heard <= first) setTimeout(() => response.end('yes'), 30)
      else response.end('yes')
    })
  }
  const server = isSecure ? createHttps({ key: own.key, cert: own.certificate }, answer) : createHttp(answer)
  server.keepAliveTimeout = 60_000
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const proxy = await startTcpProxy({ port: (server.address() as AddressInfo).port })
  ends.push(async () => {
    await proxy.close()
    server.closeAllConnections()
    await new Promise(resolve => (server as Server).close(resolve))
  })
  if (isSecure) {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    // Node warns of that variable
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  }
  const clocks = { steady: 0, wall: 0 }
  const send = createSend({ steady: () => clocks.steady, wall: () => clocks.wall })
  const url = `${isSecure ? 'https' : 'http'}://localhost:${proxy.port}/`
  const one = async (options: Partial<Sending> = {}) => {
    const result = await send({ method: 'POST', url, headers: {}, body: 'body', timeoutMs: answeredMs, ...options })
    return 'failure' in result ? result.failure : undefined
  }
  return {
    proxy,
    heard: () => heard,
    clocks,
    send,
    one,
    warm: async count => {
      first = count
      await Promise.all(Array.from({ length: count }, () => one()))
      expect([proxy.accepted(), heard]).toEqual([count, count])
    },
  }
}

const failuresOf = (results: readonly (string | undefined)[]) => results.filter(result => result !== undefined)
const times = <Result>(count: number, ask: () => Promise<Result>) => Promise.all(Array.from({ length: count }, ask))
async function inTurn<Result>(count: number, ask: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let nth = 0; nth < count; nth++) results.push(await ask())
  return results
}

/** Idle for long enough that nobody relies on it, and not so long that it is closed. */
const doubtfulMs = 800

const worlds = [
  { isSecure: false, hint: true },
  { isSecure: false, hint: false },
  { isSecure: true, hint: false },
  ...(soak ? [{ isSecure: true, hint: true }] : []),
]

describe.each(worlds)('kept connections (TLS: $isSecure, keep-alive hint: $hint)', world => {
  describe.each(deaths)('that died of %s', death => {
    const startDead = async (idleMs: number) => {
      const begun = await startWorld(world)
      await begun.warm(many)
      await begun.proxy.kill(death)
      begun.clocks.steady = begun.clocks.wall = idleMs
      return begun
    }
    const most = death === 'fin' ? 0 : 1
    const timeoutMs = death === 'silence' ? silentMs : answeredMs

    it('cost one request at most, and that is repeated at once, where one goes after the other', async () => {
      const { one, proxy, heard } = await startDead(0)
      expect(failuresOf(await inTurn(many, () => one({ timeoutMs })))).toEqual([])
      expect([proxy.met(), heard()]).toEqual([most, 2 * many])
    })

    it('cost one request at most where all go at once', async () => {
      const { one, proxy, heard } = await startDead(doubtfulMs)
      expect(failuresOf(await times(many, () => one({ timeoutMs })))).toEqual([])
      expect([proxy.met(), heard()]).toEqual([most, 2 * many])
    })

    it('fail no request where all go at once and each is taken for alive', async () => {
      const { one, heard } = await startDead(0)
      expect(failuresOf(await times(many, () => one({ timeoutMs })))).toEqual([])
      expect(heard()).toBe(2 * many)
    })

    it('are met by nobody who must not send twice', async () => {
      const { one, proxy, heard } = await startDead(doubtfulMs)
      expect(failuresOf(await times(many, () => one({ once: true })))).toEqual([])
      expect([proxy.met(), heard()]).toEqual([0, 2 * many])
    })

    it('are not used any more after a pause, be it one that the steady clock does not know of', async () => {
      for (const clock of ['steady', 'wall'] as const) {
        const { one, proxy, heard, clocks } = await startDead(0)
        clocks[clock] = 60_000
        // a clock that was set back hides nothing
        if (clock === 'steady') clocks.wall = -600_000
        expect(failuresOf(await times(many, () => one({ timeoutMs })))).toEqual([])
        expect([proxy.met(), heard()]).toEqual([0, 2 * many])
      }
    })
  })
})

describe('a request over a connection that was used a moment ago and is dead', () => {
  it.each(['reset', 'half-close', 'silence'] as const)(
    'is not repeated where it must not be seen twice: %s',
    async death => {
      const { one, proxy, heard, warm } = await startWorld()
      await warm(many)
      await proxy.kill(death)
      const timeoutMs = death === 'silence' ? silentMs : answeredMs
      expect(await one({ once: true, timeoutMs })).toBe(death === 'silence' ? 'timeout' : 'reset')
      expect([proxy.met(), heard()]).toEqual([1, many])
      // and the next one meets none
      expect(await one({ once: true })).toBeUndefined()
      expect([proxy.met(), heard()]).toEqual([1, many + 1])
    },
  )
})

describe('a live server', () => {
  it('is not asked again where it does not answer in time', async () => {
    const world = await startWorld({ listener: () => {} })
    expect(failuresOf(await inTurn(3, () => world.one({ timeoutMs: silentMs })))).toEqual([
      'timeout',
      'timeout',
      'timeout',
    ])
    expect([world.heard(), world.proxy.accepted()]).toEqual([3, 3])
  })

  it('that falls silent gets each request that was under way once more, and later ones once', async () => {
    let isSilent = false
    const world = await startWorld({
      listener: (_request, response) => void (isSilent || setTimeout(() => response.end('yes'), 30)),
    })
    const silently = () => world.one({ timeoutMs: silentMs })
    await times(4, world.one)
    isSilent = true
    expect(failuresOf(await times(4, silently))).toHaveLength(4)
    expect(world.heard()).toBe(4 + 8)
    expect(failuresOf(await times(4, silently))).toHaveLength(4)
    expect(world.heard()).toBe(4 + 8 + 4)
  })

  it('that breaks off in the midst of a reply is not asked again', async () => {
    let breaksOff = false
    const world = await startWorld({
      listener: (_request, response) => {
        if (!breaksOff) return response.end('yes')
        response.writeHead(200, { 'content-length': 100 }).write('half of i')
        setTimeout(() => response.destroy(), 30)
      },
    })
    await world.one()
    breaksOff = true
    expect(await world.one()).toBe('reset')
    expect(world.heard()).toBe(2)
  })

  it('that says 408 on a kept connection is asked again on a new one, as RFC 9110 §15.5.9 allows', async () => {
    const seen: number[] = []
    const world = await startWorld({
      listener: (request, response) => {
        const port = request.socket.remotePort ?? 0
        response.writeHead(seen.includes(port) ? 408 : 200).end()
        seen.push(port)
      },
    })
    const statusOf = async (once: boolean) => {
      const url = `http://localhost:${world.proxy.port}/`
      const result = await world.send({ method: 'POST', url, headers: {}, body: '', timeoutMs: answeredMs, once })
      return 'failure' in result ? result.failure : result.status
    }
    expect(await inTurn(2, () => statusOf(false))).toEqual([200, 200])
    expect(await statusOf(true)).toBe(408)
  })

  it('keeps one connection for requests that follow each other, within what it says of itself', async () => {
    const world = await startWorld()
    for (const pauseMs of [0, 0, 1500, 300, 3000]) {
      world.clocks.steady += pauseMs
      expect(await world.one()).toBeUndefined()
    }
    expect(world.proxy.accepted()).toBe(1)
    const brief = await startWorld({
      listener: (_request, response) => response.setHeader('keep-alive', 'timeout=1').end('yes'),
    })
    await inTurn(2, brief.one)
    expect(brief.proxy.accepted()).toBe(2)
  })
})
