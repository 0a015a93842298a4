/**
 * Requests over HTTP/2: sessions that die, leave, refuse and fall silent, against Node's own server over TLS and one of bare
 * frames that says what no well-behaved server says.
 */
import type { RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSend, type NotReceived, type Received, type Sending } from '../shared/http.ts'
import type { SessionKeeping } from '../shared/http2-session.ts'
import { makeCertificate } from './support/certificate.ts'
import { soak } from './support/figures.ts'
import { codes, type Exchange, type Http2Peer, startHttp2Server } from './support/http2-server.ts'
import { type Death, startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts'

/** Long enough for an answer on a busy machine, short where silence is waited out. */
const answeredMs = 20_000
const silentMs = 600
const many = soak ? 32 : 8

const ends: (() => Promise<unknown>)[] = []
const certificate = makeCertificate('localhost')
beforeEach(() => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  // Node warns of that variable
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  for (const end of ends.splice(0)) await end()
})

const portOf = (server: Server) => (server.address() as AddressInfo).port
const listening = (server: Server) => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const failureOf = (result: Received | NotReceived) => ('failure' in result ? result.failure : undefined)
const failuresOf = (results: readonly (Received | NotReceived)[]) =>
  results.map(failureOf).filter(failure => failure !== undefined)
const times = <Result>(count: number, ask: (nth: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, nth) => ask(nth)))
async function inTurn<Result>(count: number, ask: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let nth = 0; nth < count; nth++) results.push(await ask())
  return results
}

interface World {
  readonly proxy: TcpProxy
  readonly server: Http2SecureServer
  readonly sessions: readonly ServerHttp2Session[]
  /** Requests that the server has read whole, by what they say. */
  readonly heard: ReadonlyMap<string, number>
  readonly clocks: { steady: number; wall: number }
  readonly one: (options?: Partial<Sending>) => Promise<Received | NotReceived>
}

type Handler = (body: string, answer: () => void, session: ServerHttp2Session) => void

/** Node's own server, over TLS, behind a proxy. Clocks stand still. */
async function startWorld(
  handler: Handler = (_body, answer) => answer(),
  { limit = 500, ...keeping }: Partial<SessionKeeping> & { limit?: number } = {},
): Promise<World> {
  const heard = new Map<string, number>()
  const sessions: ServerHttp2Session[] = []
  const server = createSecureServer({
    key: certificate.key,
    cert: certificate.certificate,
    settings: { maxConcurrentStreams: limit },
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('session', session => sessions.push(session))
  server.on('sessionError', () => {})
  server.on('stream', stream => {
    let body = ''
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()))
    stream.on('end', () => {
      heard.set(body, (heard.get(body) ?? 0) + 1)
      const answer = () => {
        if (stream.destroyed || stream.headersSent) return
        stream.respond({ ':status': 200 })
        stream.end(body)
      }
      if (stream.session !== undefined) handler(body, answer, stream.session as ServerHttp2Session)
    })
  })
  await listening(server)
  const proxy = await startTcpProxy({ port: portOf(server) })
  ends.push(async () => {
    await proxy.close()
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  const clocks = { steady: 0, wall: 0 }
  const send = createSend({ steady: () => clocks.steady, wall: () => clocks.wall, ...keeping })
  let nth = 0
  return {
    proxy,
    server,
    sessions,
    heard,
    clocks,
    one: options =>
      send({
        method: 'POST',
        url: `https://localhost:${proxy.port}/`,
        headers: {},
        body: `body ${++nth}`,
        timeoutMs: answeredMs,
        session: 'credential',
        ...options,
      }),
  }
}

/** What each of them was heard of, all of them together. */
const heardOf = ({ heard }: World) => [...heard.values()].reduce((sum, count) => sum + count, 0)

describe.each(['HTTP/1.1', 'HTTP/2'] as const)('a request over %s', protocol => {
  const session = protocol === 'HTTP/2' ? { session: 'credential' } : {}
  const send = createSend()

  /** A server of both protocols. */
  async function serve(listener: RequestListener): Promise<string> {
    const options = { key: certificate.key, cert: certificate.certificate, allowHTTP1: protocol === 'HTTP/1.1' }
    const server = createSecureServer(options, listener as never)
    await listening(server)
    const sockets = new Set<Socket>()
    server.on('connection', (socket: Socket) => sockets.add(socket))
    ends.push(async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    })
    return `https://localhost:${portOf(server)}`
  }
  const ask = (url: string, rest: Partial<Sending> = {}) =>
    send({ method: 'POST', url, headers: {}, body: '', timeoutMs: answeredMs, ...session, ...rest })

  const echo: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { 'content-length': length, 'content-type': type, 'x-name': name } = request.headers
      const body = Buffer.concat(chunks).toString('base64')
      const { method, url, httpVersion } = request
      response.end(JSON.stringify({ httpVersion, method, url, length, type, name, body }))
    })
  }
  const bytes = Buffer.from([0, 255, 1, 254])

  it.each<[Sending['method'], Sending['body'], string | undefined]>([
    ['GET', '', undefined],
    ['DELETE', '', undefined],
    ['DELETE', '{}', 'application/json'],
    ['POST', '{"a":"ä"}', 'application/json'],
    ['POST', 'grant_type=a&assertion=b%20c', 'application/x-www-form-urlencoded'],
    ['POST', '', undefined],
    ['PUT', [bytes, Buffer.from('{}'), bytes], 'application/octet-stream'],
  ])('is sent as it is: %s %s', async (method, body, type) => {
    const url = await serve(echo)
    const headers = { 'X-Name': 'value', ...(type !== undefined && { 'Content-Type': type }) }
    const result = await ask(`${url}/path?query=1`, { method, body, headers })
    const sent = typeof body === 'string' ? Buffer.from(body) : Buffer.concat(body)
    const hasLength = sent.length > 0 || method === 'POST' || method === 'PUT'
    expect('failure' in result ? result : { status: result.status, ...JSON.parse(result.text) }).toEqual({
      status: 200,
      httpVersion: protocol === 'HTTP/2' ? '2.0' : '1.1',
      method,
      url: '/path?query=1',
      name: 'value',
      ...(hasLength && { length: String(sent.length) }),
      ...(type !== undefined && { type }),
      body: sent.toString('base64'),
    })
  })

  it('brings status, headers and text, repeated headers joined', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(429, {
        'Retry-After': '7',
        'Set-Cookie': ['a=1', 'b=2'],
        Date: 'Sun, 29 Nov 2026 00:00:00 GMT',
      })
      response.end('{"reason":"TooManyRequests"}')
    })
    expect(await ask(url)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '7', 'set-cookie': 'a=1, b=2', date: 'Sun, 29 Nov 2026 00:00:00 GMT' },
      text: '{"reason":"TooManyRequests"}',
    })
  })

  it('brings no more of a reply than it may, and leaves the connection fit for others', async () => {
    const url = await serve((request, response) => response.end('x'.repeat(request.url === '/long' ? 100_000 : 1000)))
    expect(await ask(`${url}/long`, { mostReplyBytes: 1000 })).toEqual({
      failure: 'too_large',
      detail: 'reply over 1000 bytes',
    })
    expect(await ask(`${url}/short`, { mostReplyBytes: 1000 })).toMatchObject({ status: 200, text: 'x'.repeat(1000) })
    expect(failureOf(await ask(`${url}/long`))).toBeUndefined()
  })

  it('ends in time, whether nothing comes or a byte now and then', async () => {
    const url = await serve((request, response) => {
      if (request.url !== '/drip') return
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    })
    for (const path of ['/silence', '/drip'])
      expect(await ask(`${url}${path}`, { timeoutMs: 200 })).toEqual({
        failure: 'timeout',
        detail: 'no reply within 200 ms',
      })
  })

  it('is unreached where nobody listens, says what it cannot speak to, and tells nothing of the request', async () => {
    const closed = createTcpServer()
    await listening(closed)
    const port = portOf(closed)
    await new Promise(resolve => closed.close(resolve))
    const secret = { headers: { authorization: 'bearer s3cret' }, body: 's3cret' }
    expect(await ask(`https://localhost:${port}`, secret)).toEqual({ failure: 'unreached', detail: 'ECONNREFUSED' })
    const mute = createTcpServer(socket => socket.on('error', () => {}).resume())
    await listening(mute)
    ends.push(() => new Promise(resolve => mute.close(resolve)))
    const result = await ask(`https://localhost:${portOf(mute)}`, { ...secret, timeoutMs: 100 })
    expect(result).toEqual({
      failure: 'unreached',
      detail: expect.stringMatching(/^no (reply|connection) within 100 ms$/),
    })
  })

  it('rejects what is no header, and nothing else is hurt', async () => {
    const url = await serve(echo)
    await expect(ask(url, { headers: { 'x-name': 'a\nb' } })).rejects.toThrow(TypeError)
    expect(failureOf(await ask(url))).toBeUndefined()
  })
})

it('a server that speaks HTTP/1.1 alone is unreached over HTTP/2, and hears nothing of the request', async () => {
  let heard = 0
  const server = createHttps({ key: certificate.key, cert: certificate.certificate }, () => (heard += 1))
  await listening(server)
  ends.push(() => new Promise(resolve => server.close(resolve)))
  const url = `https://localhost:${portOf(server)}`
  const result = await createSend()({
    method: 'POST',
    url,
    headers: {},
    body: 'b',
    timeoutMs: answeredMs,
    session: 's',
  })
  expect(result).toMatchObject({ failure: 'unreached' })
  expect(heard).toBe(0)
})

describe('a session', () => {
  it('is one for each credential and host, and is kept', async () => {
    const world = await startWorld()
    await times(20, () => world.one())
    await inTurn(3, () => world.one())
    expect(world.sessions).toHaveLength(1)
    await times(20, nth => world.one({ session: nth % 2 === 0 ? 'credential' : 'another' }))
    expect(world.sessions).toHaveLength(2)
  })

  it('is closed after a minute without requests, be it one that the steady clock does not know of', async () => {
    for (const clock of ['steady', 'wall'] as const) {
      const world = await startWorld()
      await world.one()
      world.clocks[clock] = 50_000
      await world.one()
      expect(world.sessions).toHaveLength(1)
      world.clocks[clock] = 120_000
      expect(failureOf(await world.one())).toBeUndefined()
      expect(world.sessions).toHaveLength(2)
    }
    const world = await startWorld(undefined, {
      sessionIdleMs: 50,
      quietMs: 20,
      steady: () => performance.now(),
      wall: () => Date.now(),
    })
    await world.one()
    await vi.waitFor(() => expect(world.sessions[0]?.destroyed).toBe(true), answeredMs)
  })

  it('sends its secrets and paths outside of the table that headers are compressed with', async () => {
    const seen: unknown[] = []
    const { one, server } = await startWorld()
    server.on('stream', (_stream, headers) => {
      const symbol = Object.getOwnPropertySymbols(headers).find(({ description }) => description?.includes('sensitive'))
      seen.push(symbol === undefined ? null : Reflect.get(headers, symbol))
    })
    await one({ headers: { authorization: 'bearer t' } })
    expect(seen).toEqual([[':path', 'authorization']])
  })
})

const deaths: readonly Death[] = ['fin', 'half-close', 'reset', 'silence']
/** Idle for long enough that nobody relies on it, and not so long that it is closed. */
const doubtfulMs = 800

describe.each(deaths)('a session that died of %s', death => {
  const timeoutMs = death === 'silence' ? silentMs : answeredMs
  const startDead = async (idleMs: number) => {
    const world = await startWorld(undefined, death === 'silence' ? { pingMs: silentMs } : {})
    await times(many, () => world.one())
    await world.proxy.kill(death)
    world.clocks.steady = world.clocks.wall = idleMs
    return world
  }

  it.each([false, true])('after a while is met by a ping alone (once: %s)', async once => {
    const world = await startDead(doubtfulMs)
    expect(failuresOf(await times(many, () => world.one({ once, timeoutMs: 2 * timeoutMs })))).toEqual([])
    expect([world.proxy.accepted(), heardOf(world)]).toEqual([2, 2 * many])
  })

  it('a moment ago fails no request: each goes once more', async () => {
    const world = await startDead(0)
    expect(failuresOf(await times(many, () => world.one({ timeoutMs })))).toEqual([])
    expect([world.proxy.accepted(), heardOf(world)]).toEqual([2, 2 * many])
  })

  it('a moment ago is not tried again with what must not be seen twice', async () => {
    const world = await startDead(0)
    const results = await times(many, () => world.one({ once: true, timeoutMs }))
    // who hears of the end in the open asks a new one
    const expected = death === 'fin' ? [] : Array.from(results, () => (death === 'silence' ? 'timeout' : 'reset'))
    expect(failuresOf(results)).toEqual(expected)
    world.clocks.steady = doubtfulMs
    expect(failureOf(await world.one({ once: true, timeoutMs: 2 * timeoutMs }))).toBeUndefined()
    expect(heardOf(world)).toBe(2 * many - expected.length + 1)
  })

  it('in a frozen process is not used any more', async () => {
    for (const clock of ['steady', 'wall'] as const) {
      const world = await startDead(0)
      world.clocks[clock] = 600_000
      // a clock that was set back hides nothing
      if (clock === 'steady') world.clocks.wall = -600_000
      expect(failuresOf(await times(many, () => world.one({ timeoutMs })))).toEqual([])
      expect([world.proxy.accepted(), heardOf(world)]).toEqual([2, 2 * many])
    }
  })
})

describe('500 streams', () => {
  const count = 500
  const bodies = Array.from({ length: count }, (_, nth) => `token ${nth}`)
  /** Each once, and each answered with its own. */
  const askAll = async (world: World, options: Partial<Sending> = {}) => {
    const results = await Promise.all(bodies.map(body => world.one({ body, ...options })))
    expect(failuresOf(results)).toEqual([])
    expect(results.map(result => ('failure' in result ? null : result.text))).toEqual(bodies)
  }

  it.each([codes.none, codes.internal])('through a GOAWAY (%s) in their midst: each is looked at once', async code => {
    // the first session takes a third, and says so after it has read more
    const kept = count / 3
    const answers: (() => void)[] = []
    const world = await startWorld((body, answer, session) => {
      if (session !== world.sessions[0]) return answer()
      if (body === 'warm') return answer()
      answers.push(answer)
      if (answers.length !== Math.ceil(kept * 2)) return undefined
      for (const one of answers.slice(0, kept)) one()
      // all of that is out before it says goodbye: streams have odd numbers, and the first was the warm one
      return setTimeout(() => session.goaway(code, 2 * Math.floor(kept) + 1), 50)
    })
    await world.one({ body: 'warm' })
    await askAll(world, { once: true })
    expect(world.sessions).toHaveLength(2)
  })

  it('through a limit that falls to one, and rises: never more are open than it allows', async () => {
    let answered = 0
    const world = await startHttp2Server((exchange, peer) => {
      setTimeout(() => {
        answered += 1
        const limit = { 50: 10, 80: 1, 100: 0, 101: 300 }[answered]
        if (limit !== undefined) peer.settings(limit)
        // nobody may ask while it is zero
        if (answered === 100) setTimeout(() => peer.settings(300), 50)
        exchange.answer(exchange.body.toString())
      }, 1)
    })
    ends.push(() => world.close())
    const send = createSend()
    const url = `http://127.0.0.1:${world.port}/`
    const results = await Promise.all(
      bodies.map(body =>
        send({ method: 'POST', url, headers: {}, body, timeoutMs: answeredMs, session: 's', once: true }),
      ),
    )
    expect(results.map(result => ('failure' in result ? result : result.text))).toEqual(bodies)
    expect(world.sessions().map(peer => [peer.tooMany(), peer.mostOpen() <= 300])).toEqual([[0, true]])
  })

  it('through a reset in their midst: what had no answer goes once more', async () => {
    let read = 0
    const world = await startWorld((body, answer) => {
      if (body === 'warm' || ++read !== count / 2) return answer()
      world.proxy.inflict({ kind: 'down' })
      return world.proxy.inflict(null)
    })
    await world.one({ body: 'warm' })
    await askAll(world)
    expect([...world.heard.values()].filter(times => times > 2)).toEqual([])
    expect(world.sessions).toHaveLength(2)
  })
})

describe('a live session whose server does not answer', () => {
  it('is pinged, kept, and not asked again', async () => {
    let answers = true
    const world = await startHttp2Server(exchange => {
      if (answers) exchange.answer()
    })
    ends.push(() => world.close())
    const send = createSend({ quietMs: 50, pingMs: 2000 })
    const ask = (timeoutMs: number) =>
      send({ method: 'POST', url: `http://127.0.0.1:${world.port}/`, headers: {}, body: 'b', timeoutMs, session: 's' })
    expect(failureOf(await ask(answeredMs))).toBeUndefined()
    answers = false
    expect(failuresOf(await times(3, () => ask(500)))).toEqual(['timeout', 'timeout', 'timeout'])
    answers = true
    expect(failureOf(await ask(answeredMs))).toBeUndefined()
    expect(world.sessions().map(peer => [peer.pings() > 0, peer.open()])).toEqual([[true, 0]])
  })

  it('nor a ping is given up, and what it owed an answer for goes once more', async () => {
    let isSilent = false
    const world = await startHttp2Server((exchange, peer) => {
      if (peer.number === 1 && isSilent) peer.deafen()
      else exchange.answer()
    })
    ends.push(() => world.close())
    const send = createSend({ quietMs: 50, pingMs: 100 })
    const ask = (once: boolean) => {
      const url = `http://127.0.0.1:${world.port}/`
      return send({ method: 'POST', url, headers: {}, body: 'b', timeoutMs: answeredMs, session: 's', once })
    }
    expect(failureOf(await ask(false))).toBeUndefined()
    isSilent = true
    const results = await times(2, nth => ask(nth === 1))
    expect(results).toMatchObject([{ status: 200 }, { failure: 'reset', detail: 'the connection fell silent' }])
  })
})

describe('what a server says of one stream', () => {
  const asked = async (answer: (exchange: Exchange, peer: Http2Peer, nth: number) => void, once = true) => {
    let nth = 0
    const server = await startHttp2Server((exchange, peer) => answer(exchange, peer, ++nth))
    ends.push(() => server.close())
    const url = `http://127.0.0.1:${server.port}/`
    const result = await createSend()({
      method: 'POST',
      url,
      headers: {},
      body: 'b',
      timeoutMs: answeredMs,
      session: 's',
      once,
    })
    return { result, looks: nth, sessions: server.sessions().length }
  }

  it('REFUSED_STREAM: it goes again at once, and is left to the caller when that goes on', async () => {
    const twice = await asked((exchange, _peer, nth) => (nth < 3 ? exchange.reset(codes.refused) : exchange.answer()))
    expect(twice).toMatchObject({ result: { status: 200 }, looks: 3, sessions: 1 })
    const ever = await asked(exchange => exchange.reset(codes.refused))
    expect(ever).toMatchObject({ result: { failure: 'unprocessed', detail: 'RST_STREAM 7' }, looks: 4, sessions: 1 })
  })

  it('a GOAWAY that leaves it out, each time: it is left to the caller, with the reason', async () => {
    const { result, sessions } = await asked((_exchange, peer) => {
      peer.goaway(0, codes.none, '{"reason":"Shutdown"}')
      peer.socket.end()
    })
    expect(result).toEqual({ failure: 'unprocessed', detail: 'GOAWAY 0 Shutdown' })
    expect(sessions).toBe(4)
  })

  it('a GOAWAY after every two answers: whoever it leaves out goes on until all are answered', async () => {
    const answers = new Map<Http2Peer, number>()
    const server = await startHttp2Server((exchange, peer) => {
      const answered = answers.get(peer) ?? 0
      answers.set(peer, answered + 1)
      if (answered >= 2) return
      exchange.answer(exchange.body.toString())
      if (answered === 1) peer.goaway(exchange.id, codes.none)
      if (answered === 1) peer.socket.end()
    })
    ends.push(() => server.close())
    const send = createSend()
    const url = `http://127.0.0.1:${server.port}/`
    const results = await times(21, nth =>
      send({ method: 'POST', url, headers: {}, body: `${nth}`, timeoutMs: answeredMs, session: 's', once: true }),
    )
    expect(results.map(result => ('failure' in result ? result : result.text))).toEqual(
      results.map((_, nth) => `${nth}`),
    )
  })

  it.each([codes.internal, codes.cancel, codes.calm])('RST_STREAM %s: it may have been done', async code => {
    const { result, looks } = await asked(exchange => exchange.reset(code), false)
    expect([result, looks]).toEqual([{ failure: 'reset', detail: `RST_STREAM ${code}` }, 1])
  })

  it.each([codes.internal, codes.cancel])('half an answer, then RST_STREAM %s: no answer', async code => {
    const { result, looks } = await asked(exchange => {
      exchange.begin('{"half":')
      exchange.reset(code)
    }, false)
    expect([failureOf(result), looks]).toEqual(['reset', 1])
  })

  it.each(['', '{"half":'])('an answer without an end, then the end of the connection: no answer (%j)', async text => {
    const { result, looks } = await asked((exchange, peer) => {
      exchange.begin(text)
      setTimeout(() => peer.socket.end(), 20)
    }, false)
    expect([failureOf(result), looks]).toEqual(['reset', 1])
  })
})

/** What a server does with one stream, or meanwhile with its session. */
const acts = [
  'answer',
  'answer',
  'answer',
  'answer later',
  'refuse',
  'reset',
  'half',
  'ignore',
  'goaway',
  'goaway with an error',
  'destroy',
  'limit',
  'deafen',
] as const

describe('whatever a server does', () => {
  const count = soak ? 200 : 40

  async function play(script: readonly (typeof acts)[number][], onceEvery: number): Promise<void> {
    /** By body: how often it was looked at, and answered. */
    const looked = new Map<string, number>()
    const answered = new Set<string>()
    let at = 0
    const gone = new WeakMap<Http2Peer, number>()
    const onRequest = (exchange: Exchange, peer: Http2Peer) => {
      if (exchange.id > (gone.get(peer) ?? Infinity)) return
      const body = exchange.body.toString()
      const act = script[at++ % script.length] ?? 'answer'
      if (act === 'refuse') return exchange.reset(codes.refused)
      if (act === 'goaway' || act === 'goaway with an error') {
        gone.set(peer, exchange.id - 2)
        peer.goaway(Math.max(0, exchange.id - 2), act === 'goaway' ? codes.none : codes.calm)
        if (act !== 'goaway') peer.socket.end()
        return
      }
      looked.set(body, (looked.get(body) ?? 0) + 1)
      const answer = () => {
        answered.add(body)
        exchange.answer(body)
      }
      if (act === 'answer later') setTimeout(answer, 5)
      else if (act === 'reset') exchange.reset(codes.internal)
      else if (act === 'half') {
        exchange.begin('half')
        exchange.reset(codes.cancel)
      } else if (act === 'destroy') peer.socket.destroy()
      else if (act === 'ignore') return
      else {
        if (act === 'deafen') peer.deafen()
        if (act === 'limit') {
          peer.settings(at % 4)
          if (at % 4 === 0) setTimeout(() => peer.settings(5), 10)
        }
        answer()
      }
    }
    const server = await startHttp2Server(onRequest, { limit: 20 })
    try {
      const send = createSend({ quietMs: 50, pingMs: 50, trustedMs: 20 })
      const url = `http://127.0.0.1:${server.port}/`
      const ask = (body: string, once: boolean) =>
        send({ method: 'POST', url, headers: {}, body, timeoutMs: 400, session: 's', once })
      await times(count, async nth => {
        const once = nth % onceEvery === 0
        const result = await ask(String(nth), once)
        const looks = looked.get(String(nth)) ?? 0
        const told = JSON.stringify({ nth, once, looks, result })
        expect(looks, told).toBeLessThanOrEqual(once ? 1 : 2)
        if (!('failure' in result)) expect([answered.has(String(nth)), result.text], told).toEqual([true, String(nth)])
        else if (result.failure === 'unprocessed' || result.failure === 'unreached') expect(looks, told).toBe(0)
      })
      for (const peer of server.sessions()) expect(peer.tooMany()).toBe(0)
    } finally {
      await server.close()
    }
  }

  it('nothing is lost, nothing is sent twice that must not be, and nothing is an answer that was none', async () => {
    const seed = Date.now() % 2 ** 31
    const script = fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 30 })
    await fc.assert(fc.asyncProperty(script, fc.integer({ min: 1, max: 4 }), play), {
      seed,
      numRuns: soak ? 300 : 12,
      endOnFailure: true,
      verbose: 1,
    })
    // as many scripts as there are, however slow the machine
  }, 1_800_000)
})
