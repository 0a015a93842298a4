/**
 * How often somebody waits for the database, one wait after another, counted on the wire: what the network between them
 * costs is this number times its round trip, whatever machine it is measured on.
 */
import type { TcpProxy } from './tcp-proxy.ts'

export interface Waits {
  /**
   * The longest chain of exchanges so far, each begun after the one before was answered. Exchanges that are out side by
   * side are one wait. The start of a connection is one (where no password is asked for); that it opens is not seen here.
   */
  count(): number
  /** Exchanges begun so far, side by side or not. */
  exchanges(): number
  end(): void
}

/** Asked for, and not answered yet. */
interface Exchange {
  /** The message that has the server answer: Sync, Query, Flush or the start of a session. */
  readonly ends: 'S' | 'Q' | 'H' | 'start'
  /** Its place in the chain. */
  readonly link: number
}

interface Connection {
  /** In the order in which the server answers. */
  readonly out: Exchange[]
  asked: Buffer
  told: Buffer
}

/** Side by side is what leaves within so many milliseconds: a request is held up that long before the database has it. */
const apartMs = 8

/**
 * From now until `end`, on every connection that `proxy` carries to a PostgreSQL server without TLS, open ones included;
 * nothing may be out on those. The proxy holds requests up a little meanwhile.
 */
export function countWaits(proxy: TcpProxy): Waits {
  const connections = new Map<number, Connection>()
  let answered = 0
  let exchanges = 0

  const ask = (connection: Connection, chunk: Buffer) => {
    const { types, rest } = messagesIn(Buffer.concat([connection.asked, chunk]))
    connection.asked = rest
    for (const ends of types) {
      if (ends !== 'S' && ends !== 'Q' && ends !== 'H' && ends !== 'start') continue
      connection.out.push({ ends, link: answered + 1 })
      exchanges += 1
    }
  }
  const answer = (connection: Connection, chunk: Buffer) => {
    const { out } = connection
    const { types, rest } = messagesIn(Buffer.concat([connection.told, chunk]))
    connection.told = rest
    for (const type of types) {
      // a description of parameters is all that the client waits for before it sends them
      const described = type === 't' && out[0]?.ends === 'H'
      if (!described && type !== 'Z') continue
      // where a description failed, ReadyForQuery answers it and the Sync that followed
      if (type === 'Z' && out[0]?.ends === 'H') out.shift()
      answered = Math.max(answered, out.shift()?.link ?? 0)
    }
  }
  proxy.tap = (chunk, direction, number) => {
    const connection = connections.get(number) ?? { out: [], asked: Buffer.alloc(0), told: Buffer.alloc(0) }
    connections.set(number, connection)
    if (direction === 'request') ask(connection, chunk)
    else answer(connection, chunk)
    return 'pass'
  }
  proxy.inflict({ kind: 'latency', ms: apartMs, only: 'request' })
  return {
    count: () => answered,
    exchanges: () => exchanges,
    end: () => {
      proxy.tap = null
      proxy.inflict(null)
    },
  }
}

/**
 * https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-MESSAGE-CONCEPTS: a type and a length, which counts
 * itself. The first message of a connection has no type, and its length begins with a zero, which is none.
 */
function messagesIn(bytes: Buffer): { types: string[]; rest: Buffer } {
  const types: string[] = []
  let at = 0
  while (bytes.length - at >= 5) {
    const starts = bytes[at] === 0
    const head = starts ? 0 : 1
    const end = at + head + bytes.readUInt32BE(at + head)
    if (end > bytes.length) break
    types.push(starts ? 'start' : String.fromCharCode(bytes[at] ?? 0))
    at = end
  }
  return { types, rest: bytes.subarray(at) }
}
