/**
 * An HTTP/2 server of frames (RFC 9113), written by hand: it says what no well-behaved server can be made to say, and counts
 * what it was sent. Over TLS where it has a certificate; else h2c with prior knowledge.
 */
import { createServer as createPlainServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Certificate } from './certificate.ts'

/** Error codes of RFC 9113 §7. */
export const codes = { none: 0, internal: 2, refused: 7, cancel: 8, calm: 11 } as const

export interface Exchange {
  readonly id: number
  /** From 1. */
  readonly session: number
  readonly body: Buffer
  /** Headers (`:status 200`), and their end, or a body, or half of one. */
  answer(text?: string): void
  begin(text: string): void
  /** RST_STREAM. */
  reset(code: number): void
}

export interface Http2Server {
  readonly port: number
  readonly sessions: () => readonly Http2Peer[]
  close(): Promise<void>
}

export interface Http2Peer {
  readonly number: number
  /** Streams that are open now, and the most that ever were. */
  readonly open: () => number
  readonly mostOpen: () => number
  /** Of streams that its announced limit, where the client has acknowledged it, did not allow. */
  readonly tooMany: () => number
  readonly pings: () => number
  settings(maxConcurrentStreams: number): void
  goaway(lastStreamId: number, code: number, text?: string): void
  /** Pings are not answered any more. */
  deafen(): void
  readonly socket: Socket
}

const types = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, window: 8 }
const flags = { end: 0x1, headers: 0x4, ack: 0x1 }
const maxConcurrentStreams = 0x3
/** HPACK, of the static table: `:status 200` and `:status 400`. */
const status = { 200: Buffer.from([0x88]), 400: Buffer.from([0x8c]) }
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** `limit`: streams at once, said at the beginning. */
export async function startHttp2Server(
  onRequest: (exchange: Exchange, peer: Http2Peer) => void,
  { limit = 100, certificate }: { limit?: number; certificate?: Certificate } = {},
): Promise<Http2Server> {
  const peers: Http2Peer[] = []
  const serve = (socket: Socket | TLSSocket) => {
    const peer = attend(socket, peers.length + 1, limit, onRequest)
    peers.push(peer)
  }
  const server =
    certificate === undefined
      ? createPlainServer({ noDelay: true, allowHalfOpen: true }, serve)
      : createTlsServer(
          { key: certificate.key, cert: certificate.certificate, ALPNProtocols: ['h2'], noDelay: true },
          serve,
        )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    sessions: () => peers,
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const { socket } of peers) socket.destroy()
      await closed
    },
  }
}

function attend(
  socket: Socket,
  number: number,
  first: number,
  onRequest: (exchange: Exchange, peer: Http2Peer) => void,
): Http2Peer {
  const open = new Map<number, Buffer[]>()
  /** Limits that the client has not acknowledged yet, oldest first. */
  const announced: number[] = []
  let limit = Infinity
  let most = 0
  let tooMany = 0
  let pings = 0
  let isDeaf = false
  let read = Buffer.alloc(0)
  let greeted = false

  const write = (type: number, flag: number, id: number, payload: Buffer = Buffer.alloc(0)) => {
    if (!socket.destroyed && socket.writable)
      socket.write(Buffer.concat([head(payload.length, type, flag, id), payload]))
  }
  const peer: Http2Peer = {
    number,
    open: () => open.size,
    mostOpen: () => most,
    tooMany: () => tooMany,
    pings: () => pings,
    settings: value => {
      announced.push(value)
      const payload = Buffer.alloc(6)
      payload.writeUInt16BE(maxConcurrentStreams, 0)
      payload.writeUInt32BE(value, 2)
      write(types.settings, 0, 0, payload)
    },
    goaway: (last, code, text = '') =>
      write(types.goaway, 0, 0, Buffer.concat([number32(last), number32(code), Buffer.from(text)])),
    deafen: () => {
      isDeaf = true
    },
    socket,
  }
  const begun = (id: number) => {
    open.set(id, [])
    most = Math.max(most, open.size)
    if (open.size > limit) tooMany += 1
  }
  const complete = (id: number) => {
    const exchange: Exchange = {
      id,
      session: number,
      body: Buffer.concat(open.get(id) ?? []),
      answer: text => {
        if (!open.delete(id)) return
        if (text === undefined) return write(types.headers, flags.headers | flags.end, id, status[200])
        write(types.headers, flags.headers, id, status[400])
        write(types.data, flags.end, id, Buffer.from(text))
      },
      begin: text => {
        write(types.headers, flags.headers, id, status[200])
        if (text !== '') write(types.data, 0, id, Buffer.from(text))
      },
      reset: code => {
        open.delete(id)
        write(types.reset, 0, id, number32(code))
      },
    }
    onRequest(exchange, peer)
  }
  const take = (type: number, flag: number, id: number, payload: Buffer) => {
    if (type === types.settings && (flag & flags.ack) !== 0) limit = announced.shift() ?? limit
    else if (type === types.settings) write(types.settings, flags.ack, 0)
    else if (type === types.ping && (flag & flags.ack) === 0) {
      pings += 1
      if (!isDeaf) write(types.ping, flags.ack, 0, payload)
    } else if (type === types.headers) {
      begun(id)
      if ((flag & flags.end) !== 0) complete(id)
    } else if (type === types.data) {
      open.get(id)?.push(payload)
      if (payload.length > 0) for (const on of [0, id]) write(types.window, 0, on, number32(payload.length))
      if ((flag & flags.end) !== 0 && open.has(id)) complete(id)
    } else if (type === types.reset) open.delete(id)
  }
  socket.on('error', () => {})
  socket.on('data', chunk => {
    read = Buffer.concat([read, chunk])
    if (!greeted && read.length >= preface.length) {
      greeted = true
      read = read.subarray(preface.length)
      peer.settings(first)
    }
    if (!greeted) return
    for (let size = sizeOf(read); size !== null; size = sizeOf(read)) {
      const [type = 0, flag = 0] = read.subarray(3, 5)
      const id = read.readUInt32BE(5)
      const payload = read.subarray(9, 9 + size)
      read = read.subarray(9 + size)
      take(type, flag, id, payload)
    }
  })
  return peer
}

/** Of the payload of the next frame; null: it is not here yet. */
function sizeOf(read: Buffer): number | null {
  if (read.length < 9) return null
  const size = read.readUIntBE(0, 3)
  return read.length < 9 + size ? null : size
}

function head(size: number, type: number, flag: number, id: number): Buffer {
  const bytes = Buffer.alloc(9)
  bytes.writeUIntBE(size, 0, 3)
  bytes.writeUInt8(type, 3)
  bytes.writeUInt8(flag, 4)
  bytes.writeUInt32BE(id, 5)
  return bytes
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
