/**
 * Requests to vendors: one keep-alive agent, whole replies up to a cap, no redirects, no repeats.
 *
 * node:https costs 7 ms at first touch and a third of the CPU of global fetch (31 ms at first touch).
 */
import type { IncomingMessage, RequestOptions, ClientRequest } from 'node:http'

export interface Sending {
  readonly method: 'POST' | 'GET'
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  /** These bytes were signed, these bytes are sent; in pieces where one of them is large and need not be copied. */
  readonly body: string | readonly Buffer[]
  readonly timeoutMs: number
}

/** A whole reply. `text` is decoded as UTF-8 with replacement: a garbled reply is data, not an exception. */
export interface Received {
  readonly status: number
  /** Lower-case names; repeated ones joined with ', '. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly text: string
}

/** No whole reply came. What the vendor did is not known, save for `unreached`: not a byte was sent. */
export interface NotReceived {
  readonly failure: 'unreached' | 'timeout' | 'reset' | 'too_large'
  /** For people; holds no header and no body. */
  readonly detail: string
}

export type Send = (sending: Sending) => Promise<Received | NotReceived>

/** No vendor reply in the documents is over a few kilobytes; 1,000 rejected tokens are 130 KB. */
const maxReplyBytes = 1 << 20

const agentOptions = { keepAlive: true, maxSockets: 64, maxFreeSockets: 32, scheduling: 'lifo' as const }

type Request = (url: string, options: RequestOptions, onReply: (reply: IncomingMessage) => void) => ClientRequest

/** Loaded at the first call: most cold starts answer before any vendor is asked. */
const transports: { https?: Promise<Request>; http?: Promise<Request> } = {}

function transport(secure: boolean): Promise<Request> {
  if (secure) {
    transports.https ??= import('node:https').then(({ Agent, request }) => {
      const agent = new Agent({ ...agentOptions, minVersion: 'TLSv1.2' })
      return (url, options, onReply) => request(url, { ...options, agent }, onReply)
    })
    return transports.https
  }
  transports.http ??= import('node:http').then(({ Agent, request }) => {
    const agent = new Agent(agentOptions)
    return (url, options, onReply) => request(url, { ...options, agent }, onReply)
  })
  return transports.http
}

/** Sends one request and resolves with what came back, or with why nothing did. Never rejects. */
export const send: Send = async ({ method, url, headers, body, timeoutMs }) => {
  const secure = url.startsWith('https:')
  const open = await transport(secure)
  return new Promise(resolve => {
    const pieces = typeof body === 'string' ? [Buffer.from(body)] : body
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
    let connected = false
    let timer: NodeJS.Timeout | undefined
    const finish = (result: Received | NotReceived) => {
      clearTimeout(timer)
      resolve(result)
    }
    const request = open(url, { method, headers: { ...headers, 'content-length': size } }, reply =>
      collect(reply, finish),
    )
    // Its own timer, not the socket's: a vendor that drips a byte a second must end too.
    timer = setTimeout(() => {
      finish({ failure: connected ? 'timeout' : 'unreached', detail: `no reply within ${timeoutMs} ms` })
      request.destroy()
    }, timeoutMs)
    request.on('socket', socket => {
      if (!socket.connecting) connected = true
      else socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true))
    })
    request.on('error', (error: NodeJS.ErrnoException) =>
      finish({ failure: connected ? 'reset' : 'unreached', detail: error.code ?? error.message }),
    )
    for (const piece of pieces) request.write(piece)
    request.end()
  })
}

function collect(reply: IncomingMessage, finish: (result: Received | NotReceived) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  reply.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > maxReplyBytes) {
      finish({ failure: 'too_large', detail: `reply over ${maxReplyBytes} bytes` })
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
