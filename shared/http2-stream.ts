/** One request and its reply on a stream of an HTTP/2 session. */
import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { NotReceived, Received } from './exchange.ts'
import type { Session } from './http2-session.ts'

/** How it ended. */
export type End =
  | { readonly kind: 'received'; readonly received: Received }
  /** Its server never looked at it. `wasProven`: it said so as it left, and had answered others by then. */
  | { readonly kind: 'unprocessed'; readonly detail: string; readonly wasProven: boolean }
  /** The session ended before anything of a reply came. `wasProven`: it had answered others before. */
  | { readonly kind: 'session-lost'; readonly detail: string; readonly wasProven: boolean }
  | { readonly kind: 'failed'; readonly result: NotReceived }

export interface Stream {
  readonly session: Session
  /** The session had answered others, and nothing was heard of it since this stream was opened. */
  isUnheard(): boolean
  /** Nothing is told of it any more. */
  cancel(): void
}

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants
const sessionFaults = new Set(['ERR_HTTP2_GOAWAY_SESSION', 'ERR_HTTP2_INVALID_SESSION', 'ERR_HTTP2_OUT_OF_STREAMS'])

/**
 * Opens it. `ended` is called once, unless it is cancelled; `closed` when the session has room again. Null: the session takes
 * no more streams.
 */
export function openStream(
  session: Session,
  headers: OutgoingHttpHeaders,
  body: string | Buffer,
  mostReplyBytes: number,
  ended: (end: End) => void,
  closed: () => void,
): Stream | null {
  const wasProven = session.hasAnswered()
  const heard = session.heard()
  const stream = openOn(session, headers, body.length === 0)
  if (stream === null) return null
  session.opened()
  let isOver = false
  let head: Omit<Received, 'text'> | null = null
  const chunks: Buffer[] = []
  let size = 0
  const end = (how: End) => {
    if (isOver) return
    isOver = true
    ended(how)
  }
  stream.on('response', received => {
    session.answered()
    head = headOf(received)
  })
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= mostReplyBytes) return void chunks.push(chunk)
    end({ kind: 'failed', result: { failure: 'too_large', detail: `reply over ${mostReplyBytes} bytes` } })
    stream.close(NGHTTP2_CANCEL)
  })
  stream.on('end', () => {
    // so does a reply that was broken off
    if (head === null || stream.rstCode !== NGHTTP2_NO_ERROR) return
    end({ kind: 'received', received: { ...head, text: Buffer.concat(chunks).toString('utf8') } })
    // the request was answered before it was read
    if (!stream.writableFinished) stream.close(NGHTTP2_CANCEL)
  })
  // its close follows
  stream.on('error', () => {})
  stream.on('close', () => {
    session.closed()
    end(lostOn(session, stream, head !== null, wasProven))
    closed()
  })
  if (body.length > 0) stream.end(body)
  return {
    session,
    isUnheard: () => wasProven && session.heard() === heard,
    cancel: () => {
      isOver = true
      stream.close(NGHTTP2_CANCEL)
    },
  }
}

function openOn({ client }: Session, headers: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream | null {
  try {
    return client.request(headers, { endStream })
  } catch (error) {
    if (sessionFaults.has((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

/** A stream was closed, and no whole reply had come. */
function lostOn(session: Session, stream: ClientHttp2Stream, hasBegun: boolean, wasProven: boolean): End {
  const { client } = session
  const { rstCode, id } = stream
  const isIgnored = session.hasIgnored(id)
  const detail = client.destroyed || isIgnored ? session.why() : `RST_STREAM ${rstCode}`
  if (hasBegun) {
    return { kind: 'failed', result: { failure: 'reset', detail: `${detail}, before the reply was complete` } }
  }
  if (isIgnored || rstCode === NGHTTP2_REFUSED_STREAM) {
    return { kind: 'unprocessed', detail, wasProven: isIgnored && session.hasAnswered() }
  }
  if (client.destroyed) return { kind: 'session-lost', detail, wasProven }
  return { kind: 'failed', result: { failure: 'reset', detail } }
}

function headOf(reply: IncomingHttpHeaders & IncomingHttpStatusHeader): Omit<Received, 'text'> {
  const headers: { [name: string]: string | undefined } = {}
  for (const [name, value] of Object.entries(reply)) {
    if (!name.startsWith(':')) headers[name] = Array.isArray(value) ? value.join(', ') : String(value)
  }
  return { status: reply[':status'] ?? 0, headers }
}
