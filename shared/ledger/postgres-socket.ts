/**
 * Sockets to a PostgreSQL server, made here rather than by the client: it verifies a name where the host is a name only, and
 * goes on where a server that was asked for TLS offers none.
 */
import { connect as connectSocket, isIP, Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { LedgerAddress, LedgerHost } from './address.ts'
import { inWholeMessages } from './whole-messages.ts'
import { LedgerUnreachable } from './unreachable.ts'

export interface SocketMaker {
  /**
   * A socket on which the client may begin, to the first host that takes it. Never rejects: of a promise that does, the
   * client would wait for ever. It is a socket that fails instead.
   */
  open(): Promise<Socket>
  /** Begins with the next host from now on: this one is a standby. */
  skip(): void
  close(): void
}

const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const accepted = 'S'.charCodeAt(0)

export function socketsTo(address: LedgerAddress): SocketMaker {
  const { hosts, connectMs } = address
  const opening = new Set<Socket>()
  let first = 0
  let closed = false

  const openTo = async (host: LedgerHost): Promise<Socket> => {
    const path = host.name.startsWith('/') ? `${host.name.replace(/\/$/, '')}/.s.PGSQL.${host.port}` : null
    const clear = address.tls === 'none' || path !== null
    const plain: Socket = connectSocket({
      ...(path === null ? { port: host.port, host: host.name } : { path }),
      ...(clear ? { onread: inWholeMessages(messages => plain.emit('data', messages)) } : {}),
    })
    let current = plain
    opening.add(plain)
    const late = setTimeout(() => current.destroy(new LedgerUnreachable('CONNECT_TIMEOUT')), connectMs)
    try {
      await once(plain, 'connect')
      // a statement sent behind another must not wait until that one is acknowledged
      plain.setNoDelay(true)
      if (clear) return plain
      await asksForTls(plain)
      const secured = connectTls({ socket: plain, ...(await verification(address, host)) })
      current = secured
      await once(secured, 'secureConnect')
      return secured
    } catch (error) {
      current.destroy()
      plain.destroy()
      throw error
    } finally {
      clearTimeout(late)
      opening.delete(plain)
    }
  }

  return {
    open: async () => {
      let failure: unknown = new LedgerUnreachable('CONNECTION_ENDED')
      for (const host of [...hosts.slice(first), ...hosts.slice(0, first)]) {
        if (closed) break
        try {
          const socket = await openTo(host)
          if (!closed) return socket
          socket.destroy()
        } catch (error) {
          failure = error
        }
      }
      const dead = new Socket()
      const { code } = (failure ?? {}) as { code?: unknown }
      const why = new LedgerUnreachable(typeof code === 'string' ? code : 'CONNECTION_FAILED')
      // when the client listens
      setImmediate(() => dead.destroy(why))
      return dead
    },
    skip: () => {
      first = (first + 1) % hosts.length
    },
    close: () => {
      closed = true
      for (const socket of opening) socket.destroy(new LedgerUnreachable('CONNECTION_ENDED'))
    },
  }
}

/** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL. Rejects where the server offers none. */
async function asksForTls(socket: Socket): Promise<void> {
  socket.write(sslRequest)
  const answer = await once(socket, 'data')
  // what comes beside the one byte was not said by whom we are about to verify
  if (!Buffer.isBuffer(answer) || answer.length !== 1 || answer[0] !== accepted) {
    throw new LedgerUnreachable('TLS_REFUSED')
  }
}

async function verification(address: LedgerAddress, { name }: LedgerHost): Promise<ConnectionOptions> {
  // an IP address is no server name, and without one Node compares the certificate with "localhost"
  const server = isIP(name) === 0 ? { servername: name } : {}
  if (address.tls === 'unverified') return { ...server, rejectUnauthorized: false }
  const ca = address.ca ?? (await fileOf(address.caFile))
  return {
    ...server,
    ...(ca === null ? {} : { ca }),
    checkServerIdentity: (_, certificate) =>
      address.tls === 'chain' ? undefined : checkServerIdentity(name.replace(/\.$/, ''), certificate),
  }
}

async function fileOf(path: string | null): Promise<string | null> {
  if (path === null || path === 'system') return null
  const { readFile } = await import('node:fs/promises')
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new LedgerUnreachable(`CA_${error.code ?? 'UNREADABLE'}`)
  })
}

/** The first value of the event; rejects where the socket ends before it. */
function once(socket: Socket, event: 'connect' | 'secureConnect' | 'data'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (settle: (value: unknown) => void) => (value: unknown) => {
      socket.off(event, happened).off('error', failed).off('close', ended)
      if (event === 'data') socket.pause()
      settle(value)
    }
    const happened = done(resolve)
    const failed = done(reject)
    const ended = done(() => reject(new LedgerUnreachable('CONNECTION_CLOSED')))
    socket.on(event, happened).on('error', failed).on('close', ended)
  })
}
