/**
 * Requests over HTTP/2: one session for each host and name, with many streams at once. A session is used where something was
 * heard of it a moment ago; else a ping goes first, so that no request meets one that died unseen. A request that the server
 * never looked at goes again at once. One that a dead session took along goes again once, where a second copy does no harm.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type OutgoingHttpHeaders, sensitiveHeaders } from 'node:http2'
import { mostReplyByDefault, type NotReceived, type Received, type Send, type Sending } from './exchange.ts'
import { openSession, type Session, type SessionKeeping } from './http2-session.ts'
import { type End, openStream, type Stream } from './http2-stream.ts'

interface Request {
  readonly sending: Sending
  readonly headers: OutgoingHttpHeaders
  readonly body: string | Buffer
  readonly resolve: (result: Received | NotReceived) => void
  readonly reject: (defect: unknown) => void
  isOver: boolean
  timer: NodeJS.Timeout | undefined
  /** Null: it waits for a session, or for room in it. */
  stream: Stream | null
  /** How often a server that got on with nothing else said that it never looked at it. */
  refusals: number
  isRepeated: boolean
}

/** Requests that share a session. */
interface Line {
  readonly origin: string
  session: Session | null
  readonly waiting: Request[]
  /** Their time is over, and a ping tells whether the session was dead. */
  readonly doubted: Set<Request>
  /** Sessions in a row that ended before they had answered anything. */
  fruitless: number
}

/** Of one request, and of sessions in a row that answer nothing. Beyond, the caller waits for a while first. */
const mostRefusals = 3

/** What is secret, and what every request brings anew, would fill the table that headers are compressed with. */
const neverIndexed = [':path', 'authorization']

/** A `Send` with sessions of its own, for what names one. */
export function createHttp2Send(keeping: SessionKeeping): Send {
  const lines = new Map<string, Line>()

  const lineOf = (origin: string, name: string): Line => {
    const key = `${origin} ${name}`
    const line = lines.get(key) ?? { origin, session: null, waiting: [], doubted: new Set<Request>(), fruitless: 0 }
    lines.set(key, line)
    return line
  }

  const open = (line: Line, connectMs: number): Session => {
    const session = openSession(line.origin, connectMs, keeping, {
      changed: () => {
        settleDoubts(line)
        pump(line)
      },
      left: () => {
        if (line.session === session) line.session = null
        line.fruitless = session.hasAnswered() ? 0 : line.fruitless + 1
        if (!session.isOpen() || line.fruitless > mostRefusals) {
          for (const request of line.waiting.splice(0)) finishUnsent(request, session.why())
        }
        pump(line)
        // names come and go with the credentials that they stand for
        for (const [key, { session: kept, waiting }] of lines) {
          if (kept === null && waiting.length === 0) lines.delete(key)
        }
      },
    })
    line.session = session
    return session
  }

  /** Sends what there is room for. */
  const pump = (line: Line): void => {
    for (let next = line.waiting[0]; next !== undefined; next = line.waiting[0]) {
      if (next.isOver) {
        line.waiting.shift()
        continue
      }
      const { timeoutMs } = next.sending
      const session = line.session ?? open(line, timeoutMs)
      if (!session.isOpen()) return
      if (session.isStale()) session.leave()
      else if (!session.isTrusted()) return session.ping(Math.min(keeping.pingMs, timeoutMs / 2))
      else if (session.room() < 1) return
      else if (start(line, session, next)) line.waiting.shift()
      else session.leave()
    }
  }

  /** False: this session takes no more streams. */
  const start = (line: Line, session: Session, request: Request): boolean => {
    const { headers, body, sending } = request
    const { mostReplyBytes = mostReplyByDefault } = sending
    const ended = (end: End) => settle(line, request, end)
    const closed = () => pump(line)
    try {
      request.stream = openStream(session, headers, body, mostReplyBytes, ended, closed)
    } catch (error) {
      finish(request)
      request.reject(error)
      return true
    }
    return request.stream !== null
  }

  const settle = (line: Line, request: Request, end: End): void => {
    switch (end.kind) {
      case 'received':
        return finish(request, end.received)
      case 'failed':
        return finish(request, end.result)
      case 'unprocessed':
        // servers that leave after some requests each get on with the rest
        if (!end.wasProven) request.refusals += 1
        if (request.refusals > mostRefusals) return finishUnsent(request, end.detail)
        return again(line, request)
      case 'session-lost':
        if (!end.wasProven || !mayRepeat(request)) return finish(request, { failure: 'reset', detail: end.detail })
        return repeat(line, request)
      default:
        return end satisfies never
    }
  }

  const again = (line: Line, request: Request): void => {
    request.stream = null
    line.waiting.unshift(request)
  }
  const repeat = (line: Line, request: Request): void => {
    request.isRepeated = true
    clearTimeout(request.timer)
    startTimer(line, request)
    again(line, request)
  }

  const startTimer = (line: Line, request: Request): void => {
    // what arrived while this process was frozen is read first
    request.timer = setTimeout(() => setImmediate(() => expire(line, request)), request.sending.timeoutMs)
  }
  const expire = (line: Line, request: Request): void => {
    if (request.isOver) return
    const { stream } = request
    const detail = `no reply within ${request.sending.timeoutMs} ms`
    if (stream === null) return finishUnsent(request, detail)
    if (stream.isUnheard() && mayRepeat(request)) {
      line.doubted.add(request)
      // without an answer the session ends, and its streams with it
      stream.session.ping(keeping.pingMs)
    } else {
      stream.cancel()
      finish(request, { failure: 'timeout', detail })
    }
  }
  /** Of a session that lives, an answer is late and no more. */
  const settleDoubts = (line: Line): void => {
    for (const request of line.doubted) {
      const { stream } = request
      if (stream?.isUnheard() === true && !request.isOver) continue
      line.doubted.delete(request)
      if (request.isOver || stream === null) continue
      stream.cancel()
      finish(request, { failure: 'timeout', detail: `no reply within ${request.sending.timeoutMs} ms` })
    }
  }
  return sending =>
    new Promise((resolve, reject) => {
      const { url, body, session = '' } = sending
      // a URL object for each of a hundred thousand costs as much as the rest here
      const end = url.indexOf('/', url.indexOf('//') + 2)
      const line = lineOf(end === -1 ? url : url.slice(0, end), session)
      const whole = typeof body === 'string' ? body : Buffer.concat(body)
      const size = Buffer.byteLength(whole)
      const request: Request = {
        sending,
        headers: headersOf(sending, end === -1 ? '/' : url.slice(end), size),
        body: whole,
        resolve,
        reject,
        isOver: false,
        timer: undefined,
        stream: null,
        refusals: 0,
        isRepeated: false,
      }
      startTimer(line, request)
      line.waiting.push(request)
      pump(line)
    })
}

/** A second copy may go out. */
function mayRepeat({ sending, isRepeated }: Request): boolean {
  return sending.once !== true && !isRepeated
}

function finish(request: Request, result?: Received | NotReceived): void {
  if (request.isOver) return
  request.isOver = true
  clearTimeout(request.timer)
  if (result !== undefined) request.resolve(result)
}

/** What was sent last, if anything, the server never looked at. Of a repeated one, that says nothing of the first copy. */
function finishUnsent(request: Request, detail: string): void {
  const failure = request.isRepeated ? 'reset' : request.refusals > 0 ? 'unprocessed' : 'unreached'
  finish(request, { failure, detail })
}

/** Throws a TypeError where one is not valid. */
function headersOf({ method, headers }: Sending, path: string, size: number): OutgoingHttpHeaders {
  const all: OutgoingHttpHeaders = { ':method': method, ':path': path, [sensitiveHeaders]: neverIndexed }
  if (size > 0 || method === 'POST' || method === 'PUT') all['content-length'] = size
  // node:http2 leaves out, without a word, what is not valid
  for (const name in headers) {
    const value = headers[name] ?? ''
    validateHeaderName(name)
    validateHeaderValue(name, value)
    all[name] = value
  }
  return all
}
