/**
 * Requests to vendors and other APIs: kept connections, whole replies up to a cap, no redirects. The one repeat here is
 * that of a request whose kept connection was dead; every other repeat is for the caller to decide.
 *
 * node:https costs 7 ms at first touch and a third of the CPU of global fetch (31 ms at first touch).
 */
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Socket } from 'node:net'
import { mostReplyByDefault, type NotReceived, type Received, type Send, type Sending } from './exchange.ts'
import type { SessionKeeping } from './http2-session.ts'
import { type Keeping, keepConnections, type KeptConnections } from './kept-connections.ts'
import { once, onceLoaded } from './once.ts'

export type { NotReceived, Received, Send, Sending } from './exchange.ts'

const defaults: SessionKeeping = {
  idleMs: 4000,
  trustedMs: 500,
  sessionIdleMs: 60_000,
  pingMs: 2000,
  quietMs: 3000,
  steady: () => performance.now(),
  wall: () => Date.now(),
}

type Request = (url: string, options: RequestOptions, onReply: (reply: IncomingMessage) => void) => ClientRequest

interface Transport {
  readonly request: Request
  readonly connectionsTo: (origin: string) => KeptConnections
}

/** Sends one request and resolves with what came back, or with why nothing did. Never rejects. */
export const send: Send = createSend()

/** A `Send` with connections of its own. */
export function createSend(options: Partial<SessionKeeping> = {}): Send {
  const keeping = { ...defaults, ...options }
  // its timer also heeds what a server says of its own (`Keep-Alive: timeout=5`)
  const kept = {
    keepAlive: true,
    // the caller bounds how many requests are out at once: 200 to a vendor that takes one token a request
    maxSockets: 256,
    maxFreeSockets: 256,
    scheduling: 'lifo',
    timeout: keeping.idleMs,
  } as const
  // loaded at the first call: most cold starts answer before any vendor is asked
  const secure = once(async () => {
    const { Agent, request } = await import('node:https')
    return transport(request, () => new Agent({ ...kept, minVersion: 'TLSv1.2' }), keeping)
  })
  const plain = once(async () => {
    const { Agent, request } = await import('node:http')
    return transport(request, () => new Agent(kept), keeping)
  })
  const http2 = onceLoaded(async () => (await import('./http2.ts')).createHttp2Send(keeping))
  return async sending => {
    if (sending.session !== undefined) return (await http2())(sending)
    const { origin, protocol } = new URL(sending.url)
    const { request, connectionsTo } = await (protocol === 'https:' ? secure() : plain())
    const connections = connectionsTo(origin)
    const first = await exchange(request, connections, sending)
    if (!first.wasDead || (sending.once === true && first.wasWritten)) return first.result
    return (await exchange(request, connections, sending)).result
  }
}

function transport(request: Request, makeAgent: () => Agent, keeping: Keeping): Transport {
  const connections = new Map<string, KeptConnections>()
  return {
    request,
    connectionsTo: origin => {
      const known = connections.get(origin) ?? keepConnections(makeAgent(), keeping)
      connections.set(origin, known)
      return known
    },
  }
}

interface Exchanged {
  readonly result: Received | NotReceived
  /** The connection was kept from an earlier request, and not a byte of a reply came: it was gone before this request. */
  readonly wasDead: boolean
  readonly wasWritten: boolean
}

function exchange(request: Request, connections: KeptConnections, sending: Sending): Promise<Exchanged> {
  const { method, url, headers, body, timeoutMs, once: isOnce = false, mostReplyBytes = mostReplyByDefault } = sending
  return new Promise(resolve => {
    const pieces = typeof body === 'string' ? [Buffer.from(body)] : body
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
    let connected = false
    let isOver = false
    let socket: Socket | null = null
    let before = { read: 0, written: 0 }
    const finish = (result: Received | NotReceived) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      release()
      if (socket !== null && !('failure' in result)) connections.answered(socket)
      const wasRead = socket !== null && socket.bytesRead > before.read
      const wasDead = sent.reusedSocket && ('failure' in result ? !wasRead : result.status === 408)
      // at once: the next request, in this very turn, must not take another of them
      if (wasDead) {
        socket?.destroy()
        connections.empty()
      }
      resolve({ result, wasDead, wasWritten: socket !== null && socket.bytesWritten > before.written })
    }
    const release = connections.choose(isOnce)
    const { agent } = connections
    const hasBody = size > 0 || method === 'POST' || method === 'PUT'
    const length = hasBody ? { 'content-length': size } : {}
    const sent = request(url, { agent, method, headers: { ...headers, ...length } }, reply =>
      collect(reply, mostReplyBytes, finish),
    )
    // Its own timer, not the socket's: a vendor that drips a byte a second must end too. What arrived while this process
    // was frozen is read first.
    const timer = setTimeout(() => {
      setImmediate(() => {
        finish({ failure: connected ? 'timeout' : 'unreached', detail: `no reply within ${timeoutMs} ms` })
        sent.destroy()
      })
    }, timeoutMs)
    sent.on('socket', assigned => {
      socket = assigned
      before = { read: assigned.bytesRead, written: assigned.bytesWritten }
      if (!assigned.connecting) connected = true
      else assigned.once(url.startsWith('https:') ? 'secureConnect' : 'connect', () => (connected = true))
    })
    sent.on('error', (error: NodeJS.ErrnoException) =>
      finish({ failure: connected ? 'reset' : 'unreached', detail: error.code ?? error.message }),
    )
    for (const piece of pieces) sent.write(piece)
    sent.end()
  })
}

function collect(reply: IncomingMessage, most: number, finish: (result: Received | NotReceived) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  reply.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > most) {
      finish({ failure: 'too_large', detail: `reply over ${most} bytes` })
      reply.destroy()
      return
    }
    chunks.push(chunk)
  })
  reply.on('end', () => {
    const headers: { [name: string]: string | undefined } = {}
    for (const [name, value] of Object.entries(reply.headers)) {
      headers[name] = Array.isArray(value) ? value.join(', ') : value
    }
    finish({ status: reply.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8') })
  })
  reply.on('error', (error: NodeJS.ErrnoException) => finish({ failure: 'reset', detail: error.code ?? error.message }))
  reply.on('close', () => {
    if (!reply.complete) finish({ failure: 'reset', detail: 'connection closed before the reply was complete' })
  })
}
