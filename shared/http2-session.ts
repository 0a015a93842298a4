/**
 * One HTTP/2 session (RFC 9113): how many streams it has room for, whether it can be relied on, and how it ends. Its server
 * says the first by SETTINGS and the last by GOAWAY. That it is gone without a word, only a ping without an answer tells.
 */
import { type ClientHttp2Session, connect } from 'node:http2'
import type { Keeping } from './kept-connections.ts'

export interface SessionKeeping extends Keeping {
  /** Idle for longer, a session is closed. */
  readonly sessionIdleMs: number
  /** Nothing heard for so long after a ping: the session is dead. */
  readonly pingMs: number
  /** Nothing heard for so long while replies are due: it is pinged. */
  readonly quietMs: number
}

export interface Session {
  /** To open streams on. */
  readonly client: ClientHttp2Session
  /** Its server has said how many streams it takes. */
  isOpen(): boolean
  /** Streams that may be opened now. */
  room(): number
  /** Something was heard so lately that it is taken for alive. */
  isTrusted(): boolean
  /** Idle for too long, be it that this process was frozen meanwhile: not even worth a ping. */
  isStale(): boolean
  /** It has answered a request. */
  hasAnswered(): boolean
  /** Counts whatever is heard. */
  heard(): number
  /** Asks whether it is alive, one ping at a time; the listener hears when that is known. */
  ping(patienceMs: number): void
  opened(): void
  answered(): void
  closed(): void
  /** By GOAWAY its server said that it never looked at this stream. */
  hasIgnored(streamId: number | undefined): boolean
  /** No new streams; those under way go on. */
  leave(): void
  /** It ends, with all its streams. */
  kill(why: string): void
  /** For people: why it ended. */
  why(): string
}

export interface Listener {
  /** There may be room, or an answer to a ping. */
  readonly changed: () => void
  /** It takes no new streams from now on. */
  readonly left: () => void
}

/** The vendor's word in a GOAWAY: `{"reason":"BadDeviceToken"}`. */
const reasonWord = /"reason"\s{0,8}:\s{0,8}"([A-Za-z]{1,64})"/
const mostReasonBytes = 1024

/** `connectMs`: where it is not open by then, it ends. */
export function openSession(origin: string, connectMs: number, keeping: SessionKeeping, listener: Listener): Session {
  const { trustedMs, steady, wall, sessionIdleMs, pingMs, quietMs } = keeping
  const client = connect(origin, { settings: { enablePush: false }, minVersion: 'TLSv1.2' })
  // an idle session keeps no process alive; requests under way do, by their timers
  client.unref()
  let limit: number | null = null
  let open = 0
  let heard = 0
  let heardAt = { steady: steady(), wall: wall() }
  let hasAnswered = false
  let hasLeft = false
  let pinging: NodeJS.Timeout | null = null
  let lastStreamId = Infinity
  let why = ''

  const hear = () => {
    heard += 1
    heardAt = { steady: steady(), wall: wall() }
  }
  // the one clock stands still in some frozen machines, the other can be set back
  const silentFor = () => Math.max(steady() - heardAt.steady, wall() - heardAt.wall)
  const because = (reason: string) => {
    if (why === '') why = reason
  }
  const takeNoMore = () => {
    if (hasLeft) return
    hasLeft = true
    clearTimeout(connecting)
    listener.left()
  }
  const leave = () => {
    takeNoMore()
    client.close()
  }
  const kill = (reason: string) => {
    because(reason)
    client.destroy()
    takeNoMore()
  }
  const connecting = setTimeout(() => kill(`no connection within ${connectMs} ms`), connectMs)

  const ping = (patienceMs: number) => {
    if (pinging !== null || client.destroyed) return
    const before = heard
    const settle = () => {
      clearTimeout(timer)
      pinging = null
      listener.changed()
    }
    const timer = setTimeout(() => {
      // what arrived while this process was frozen is read first
      setImmediate(() => {
        if (pinging !== timer) return
        if (heard === before) kill('the connection fell silent')
        settle()
      })
    }, patienceMs)
    pinging = timer
    client.ping(error => {
      if (pinging !== timer) return
      if (error === null) hear()
      settle()
    })
  }
  const watch = setInterval(() => {
    if (limit === null) return
    if (open === 0 && silentFor() > sessionIdleMs) leave()
    else if (open > 0 && silentFor() >= quietMs) ping(pingMs)
  }, quietMs)
  watch.unref()

  client.on('connect', () => {
    if (client.alpnProtocol !== 'h2' && client.alpnProtocol !== 'h2c') kill('the server does not speak HTTP/2')
  })
  client.on('remoteSettings', settings => {
    clearTimeout(connecting)
    limit = settings.maxConcurrentStreams ?? Infinity
    hear()
    listener.changed()
  })
  client.on('ping', hear)
  client.on('goaway', (code: number, last: number, data?: Uint8Array) => {
    lastStreamId = Math.min(lastStreamId, last)
    const reason = reasonWord.exec(Buffer.from(data ?? []).toString('latin1', 0, mostReasonBytes))?.[1]
    because(`GOAWAY ${code}${reason === undefined ? '' : ` ${reason}`}`)
    takeNoMore()
  })
  client.on('error', (error: NodeJS.ErrnoException) => because(error.code ?? error.name))
  client.on('close', () => {
    clearInterval(watch)
    because('the connection was closed')
    takeNoMore()
  })
  return {
    client,
    isOpen: () => limit !== null,
    room: () => (limit ?? 0) - open,
    isTrusted: () => silentFor() <= trustedMs,
    isStale: () => open === 0 && silentFor() > sessionIdleMs,
    hasAnswered: () => hasAnswered,
    heard: () => heard,
    ping,
    opened: () => (open += 1),
    answered: () => {
      hasAnswered = true
      hear()
    },
    closed: () => (open -= 1),
    hasIgnored: streamId => streamId === undefined || streamId > lastStreamId,
    leave,
    kill,
    why: () => why,
  }
}
