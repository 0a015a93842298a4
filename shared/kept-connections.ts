/**
 * Connections of one origin that are kept open for its next requests. Servers, NATs and frozen functions end them without
 * a word, and who only looks at the socket cannot tell. So one that was idle for a while is used by one request at a time,
 * and as soon as one proves dead, all that are idle are closed.
 */
import type { Agent } from 'node:http'
import type { Socket } from 'node:net'

export interface Keeping {
  /** Idle for longer, a connection is closed: Node's own servers, Apache and uvicorn close theirs after 5 s. */
  readonly idleMs: number
  /** Used so recently, a connection is taken for alive. */
  readonly trustedMs: number
  /** Both in milliseconds: the one stands still in some frozen machines, the other can be set back. */
  readonly steady: () => number
  readonly wall: () => number
}

export interface KeptConnections {
  readonly agent: Agent
  /**
   * Has the next request that `agent` is given take a connection that it may rely on; to be called right before that
   * request is made. `once`: it must not meet a dead one. Returns what to call when the request is over.
   */
  choose(once: boolean): () => void
  /** A whole reply came over it: from now on it is idle. */
  answered(socket: Socket): void
  /** Closes what is idle. */
  empty(): void
}

/** `agent` serves this one origin, last in first out. */
export function keepConnections(agent: Agent, { idleMs, trustedMs, steady, wall }: Keeping): KeptConnections {
  const answeredAt = new WeakMap<Socket, { readonly steady: number; readonly wall: number }>()
  let isTested = false

  const idle = () => Object.values(agent.freeSockets).flatMap(sockets => sockets ?? [])
  const empty = () => closeIdle(agent)
  const idleFor = (socket: Socket) => {
    const since = answeredAt.get(socket)
    return since === undefined ? Infinity : Math.max(steady() - since.steady, wall() - since.wall)
  }
  return {
    agent,
    choose: once => {
      // of what is idle, the agent takes what was used last: where that cannot be relied on, nothing else can
      const shortest = Math.min(...idle().map(idleFor))
      if (shortest <= trustedMs || shortest === Infinity) return () => {}
      // timers of a process that was frozen have not closed it yet
      if (shortest > idleMs || once || isTested) {
        empty()
        return () => {}
      }
      isTested = true
      return () => (isTested = false)
    },
    answered: socket => answeredAt.set(socket, { steady: steady(), wall: wall() }),
    empty,
  }
}

export function closeIdle(agent: Agent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}
