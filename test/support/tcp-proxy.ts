/**
 * A TCP proxy on loopback that misbehaves on demand, between the service and whatever it talks to. One fault at a time;
 * it holds for open connections and for new ones, until it is lifted.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Fault =
  /** Every chunk arrives so much later, of one way or of both. */
  | { readonly kind: 'latency'; readonly ms: number; readonly only?: Direction }
  /** Connections are closed as soon as they open; open ones at once. */
  | { readonly kind: 'down' }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  /** The first reply ends with the server's FIN in its midst; the other way stays open. */
  | { readonly kind: 'half-close' }
  /** Bytes vanish and connections stay open. */
  | { readonly kind: 'timeout' }
  /** RST, so long after a connection's next byte. */
  | { readonly kind: 'reset'; readonly ms: number }
  /** Chunks fall apart into pieces. */
  | { readonly kind: 'slice'; readonly bytes: number; readonly gapMs: number }
  /** After so many bytes of replies a connection closes. */
  | { readonly kind: 'limit'; readonly bytes: number }

/**
 * How connections died while they were idle. fin: closed in the open · half-close: FIN as the answer to the next byte, and
 * the rest is read on · reset: RST as the answer to the next byte · silence: nothing answers it.
 */
export type Death = 'fin' | 'half-close' | 'reset' | 'silence'

export type Direction = 'request' | 'reply'

/** What becomes of a chunk that a test looks at. cut: RST before it is handed on · pass-and-cut: RST right afterwards. */
export type Fate = 'pass' | 'cut' | 'pass-and-cut'

export interface TcpProxy {
  readonly port: number
  /** Connections accepted so far. */
  readonly accepted: () => number
  /** Null: none. Whoever was caught by a fault that leaves half-dead connections loses them when it is lifted. */
  inflict(fault: Fault | null): void
  /** Open connections are dead from now on; new ones are not. Resolves when nobody at either end can know more. */
  kill(death: Death): Promise<void>
  /** Connections that were used after they died. */
  readonly met: () => number
  /** Asked for every chunk before any fault; `connection` counts from 1. Null: nobody asks. */
  tap: ((chunk: Buffer, direction: Direction, connection: number) => Fate) | null
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  readonly number: number
  replied: number
  /** It can no longer carry a whole exchange. */
  spoiled: boolean
  /** Null: alive. */
  death: Death | null
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

export async function startTcpProxy(target: { readonly port: number; readonly host?: string }): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let fault: Fault | null = null
  let count = 0
  const met = new Set<Pair>()

  const reset = ({ client, server }: Pair) => {
    client.resetAndDestroy()
    server.resetAndDestroy()
  }
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    const server = connect({ port: target.port, host: target.host ?? '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const pair: Pair = { client, server, number: ++count, replied: 0, spoiled: false, death: null }
    pairs.add(pair)
    for (const socket of [client, server]) {
      socket.on('error', () => reset(pair))
      socket.on('close', () => {
        pairs.delete(pair)
        // nobody tells its other end any more: a server would keep such a connection for good
        if (pair.spoiled) reset(pair)
      })
    }
    if (fault?.kind === 'down') return reset(pair)
    void carry(pair, client, server, 'request')
    void carry(pair, server, client, 'reply')
  })

  /** One way of a connection, chunk after chunk: nothing is read on while a chunk is held up. */
  const carry = async (pair: Pair, from: Socket, to: Socket, direction: Direction): Promise<void> => {
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (pair.death !== null && direction === 'request') {
          // who hears of the end says goodbye where it is TLS
          if (pair.death !== 'fin') met.add(pair)
          if (pair.death === 'reset') return reset(pair)
          if (pair.death === 'half-close') from.end()
          continue
        }
        const fate = proxy.tap?.(chunk, direction, pair.number) ?? 'pass'
        if (fate === 'cut') return reset(pair)
        await deliver(pair, chunk, to, direction)
        if (fate === 'pass-and-cut') {
          // what was handed on must leave before the reset overtakes it
          await pause(1)
          return reset(pair)
        }
      }
      if (!pair.spoiled) to.end()
    } catch {
      reset(pair)
    }
  }

  const deliver = async (pair: Pair, chunk: Buffer, to: Socket, direction: Direction): Promise<void> => {
    const now = fault
    const write = (bytes: Buffer) => {
      if (!to.destroyed && !to.writableEnded) to.write(bytes)
    }
    if (pair.spoiled) return
    switch (now?.kind) {
      case undefined:
        return write(chunk)
      case 'latency':
        if (now.only === undefined || now.only === direction) await pause(now.ms)
        return write(chunk)
      case 'down':
        return reset(pair)
      case 'bandwidth':
        await pause((chunk.length / now.bytesPerSecond) * 1000)
        return write(chunk)
      case 'half-close':
        if (direction === 'request') return write(chunk)
        pair.spoiled = true
        write(chunk.subarray(0, chunk.length / 2))
        to.end()
        return
      case 'timeout':
        pair.spoiled = true
        return
      case 'reset':
        await pause(now.ms)
        return reset(pair)
      case 'slice':
        for (let at = 0; at < chunk.length; at += now.bytes) {
          write(chunk.subarray(at, at + now.bytes))
          await pause(now.gapMs)
        }
        return
      case 'limit': {
        const room = direction === 'reply' ? now.bytes - pair.replied : chunk.length
        if (direction === 'reply') pair.replied += chunk.length
        write(chunk.subarray(0, Math.max(0, room)))
        if (room >= chunk.length) return
        pair.spoiled = true
        to.end()
        return
      }
      default:
        return now satisfies never
    }
  }

  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(0, '127.0.0.1', resolve)
  })
  const proxy: TcpProxy = {
    port: (listener.address() as AddressInfo).port,
    accepted: () => count,
    met: () => met.size,
    kill: async death => {
      for (const pair of pairs) {
        pair.death = death
        if (death === 'fin') pair.client.end()
        // what a server does about its end must not tell the client
        pair.spoiled = true
      }
      await pause(20)
    },
    tap: null,
    inflict: next => {
      fault = next
      for (const pair of pairs) {
        if (next?.kind === 'down' || (next === null && pair.spoiled)) reset(pair)
      }
    },
    close: async () => {
      const closed = new Promise<void>(resolve => listener.close(() => resolve()))
      for (const pair of pairs) reset(pair)
      await closed
    },
  }
  return proxy
}

/** The same address through a proxy. */
export function throughProxy(url: string, { port }: TcpProxy): string {
  const changed = new URL(url)
  changed.hostname = '127.0.0.1'
  changed.port = String(port)
  return changed.href
}
