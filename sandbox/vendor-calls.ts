/** Calls to the stand-ins: late, struck by a fault or answered as judged, and written down without a secret or a token. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CommonSwitches, type Draws, type Failure, type Strike, strike } from './faults.ts'
import { gatewayPage, type Judgement, type VendorRequest } from './vendors/judgement.ts'
import type { FaultReplies } from './vendors/stand-in.ts'
import { queryOf, readBody } from './wire.ts'

export interface VendorCall {
  /** Rises by one with every call. */
  readonly number: number
  readonly at: string
  /** The stand-in's name. */
  readonly vendor: string
  readonly method: string
  readonly path: string
  /** What the caller got; null where it got nothing. */
  readonly httpStatus: number | null
  /** The vendor's own, the HTTP status where only a gateway spoke, or the fault's name. */
  readonly code: string
  /** What the vendor's answer amounts to; null where a fault stood in its place. */
  readonly said: Judgement['said'] | null
  readonly fault: Failure | 'acceptedButNothing' | 'rejectTokens' | null
  readonly tokens: number | null
  readonly durationMs: number
}

export interface Callee {
  readonly name: string
  readonly switches: CommonSwitches & { readonly rejectTokens?: unknown }
  readonly faults: FaultReplies
  judge(request: VendorRequest, struck: Strike): Judgement
  /** The path as it is written down. */
  maskPath(path: string): string
}

const pathAtMost = 120
/** When a connection brought its last call. */
const usedAt = new WeakMap<object, number>()
const idleMs = 500

/** Answers the call; resolves with what to write down, null where its connection was dead and the call never came. */
export async function serveVendorCall(
  callee: Callee,
  path: string,
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse,
  drawn: Draws,
  now: () => number,
): Promise<Omit<VendorCall, 'number'> | null> {
  const { switches } = callee
  const startedAt = now()
  const session = 'stream' in request ? request.stream.session : undefined
  const connection = session ?? request.socket
  const isIdle = startedAt - (usedAt.get(connection) ?? startedAt) > idleMs
  if (isIdle && switches.idleConnections !== null) {
    if (switches.idleConnections === 'reset') {
      if (session === undefined) request.socket.resetAndDestroy()
      else session.destroy()
    }
    return null
  }
  response.once('finish', () => usedAt.set(connection, now()))
  // Node leaves its hint out where the header is set by hand; HTTP/2 has none
  if (!switches.keepAliveHint && session === undefined) response.setHeader('connection', 'keep-alive')
  const body = await readBody(request)
  if (switches.latencyMs > 0) await sleep(switches.latencyMs)
  const struck = strike(switches, path, drawn)
  const { failure } = struck
  const { method = '', headers } = request
  const judged = (): Judgement => {
    if (body === null) return gatewayPage(413, 'Request Entity Too Large')
    const judgement = callee.judge({ method, path, query: queryOf(request), headers, body }, struck)
    if (struck.acceptedButNothing) judgement.pretend()
    else judgement.act()
    return judgement
  }
  const written = {
    at: new Date(startedAt).toISOString(),
    vendor: callee.name,
    method,
    path: callee.maskPath(path).slice(0, pathAtMost),
    fault: faultOf(struck),
    tokens: null as number | null,
    durationMs: now() - startedAt,
  }
  if (failure === null) {
    const judgement = judged()
    respond(response, judgement)
    const { httpStatus, code, said, tokens } = judgement
    return { ...written, httpStatus, code, said, tokens }
  }
  if (switches.worksBeforeFailing && losesAnswer.has(failure)) written.tokens = judged().tokens
  return { ...written, httpStatus: fail(failure, response, callee), code: failure, said: null }
}

/** The nasty ones: the vendor may have done it, and its answer was lost. */
const losesAnswer: ReadonlySet<Failure> = new Set(['reset', 'timeout', 'empty', 'html', 'truncated'])

/** JSON. */
const oddWords = {
  // a cut at 500 goes through the emoji
  halfEmoji: `"${'错'.repeat(499)}😀 is not valid"`,
  nul: '"not \\u0000 valid"',
  loneSurrogate: '"not \\ud83d valid, nor \\ude00"',
  nested: `{"illegalTokens":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
} as const

function faultOf({ failure, acceptedButNothing, rejectTokens }: Strike): VendorCall['fault'] {
  return failure ?? (acceptedButNothing ? 'acceptedButNothing' : rejectTokens > 0 ? 'rejectTokens' : null)
}

/** The HTTP status that went out; null: nothing did. */
function fail(failure: Failure, response: ServerResponse, { switches, faults }: Callee): number | null {
  const { retryAfter } = switches
  const later = retryAfter === null ? {} : { 'retry-after': String(retryAfter) }
  const say = ({ httpStatus, text }: { readonly httpStatus: number; readonly text: string }): number => {
    response.writeHead(httpStatus, { 'content-type': 'application/json' }).end(text)
    return httpStatus
  }
  switch (failure) {
    case 'http429':
      response.writeHead(429, later).end()
      return 429
    case 'http503':
      respond(response, gatewayPage(503, 'Service Temporarily Unavailable'), later)
      return 503
    case 'unknownCode':
      return say(faults.unknownCode)
    case 'halfEmoji':
    case 'nul':
    case 'loneSurrogate':
    case 'nested':
      return say(faults.refused(oddWords[failure]))
    case 'html':
      respond(response, gatewayPage(502, 'Bad Gateway'))
      return 502
    case 'empty':
      return say({ httpStatus: 200, text: '' })
    case 'truncated':
      return say({ httpStatus: 200, text: faults.yes.slice(0, Math.ceil(faults.yes.length / 2)) })
    case 'reset':
      reset(response)
      return null
    case 'timeout':
      return null
    default:
      return failure satisfies never
  }
}

/** Ends the connection; of HTTP/2, the one stream. */
function reset(response: ServerResponse | Http2ServerResponse): void {
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  else response.socket?.destroy()
}

function respond(response: ServerResponse, judgement: Judgement, more: { readonly [name: string]: string } = {}): void {
  const { httpStatus, contentType, text, headers } = judgement
  const type = contentType === null ? {} : { 'content-type': contentType }
  response.writeHead(httpStatus, { ...type, ...headers, ...more }).end(text)
}
