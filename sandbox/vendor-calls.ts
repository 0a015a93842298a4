/** Calls to the stand-ins: late, struck by a fault or answered as judged, and written down without a secret or a token. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Draws, type Failure, type PushKitSwitches, type Strike, strike, type TpnsSwitches } from './faults.ts'
import { gatewayPage, type Judgement, type VendorRequest } from './vendors/judgement.ts'
import { readBody } from './wire.ts'

export type VendorName = 'tpns' | 'pushKit'

export interface VendorCall {
  /** Rises by one with every call. */
  readonly number: number
  readonly at: string
  readonly vendor: VendorName
  readonly path: string
  /** What the caller got; null where it got nothing. */
  readonly httpStatus: number | null
  /** The vendor's own, the HTTP status where only a gateway spoke, or the fault's name. */
  readonly code: string
  readonly fault: Failure | 'acceptedButNothing' | 'rejectTokens' | null
  readonly tokens: number | null
  readonly durationMs: number
}

export interface StandIn {
  readonly switches: TpnsSwitches | PushKitSwitches
  judge(request: VendorRequest, struck: Strike): Judgement
}

const pathAtMost = 120
/** When a connection brought its last call. */
const usedAt = new WeakMap<Socket, number>()
const idleMs = 500

/** Answers the call; resolves with what to write down, null where its connection was dead and the call never came. */
export async function serveVendorCall(
  vendor: VendorName,
  standIn: StandIn,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  drawn: Draws,
  now: () => number,
): Promise<Omit<VendorCall, 'number'> | null> {
  const { switches } = standIn
  const startedAt = now()
  const { socket } = request
  const isIdle = startedAt - (usedAt.get(socket) ?? startedAt) > idleMs
  if (isIdle && switches.idleConnections !== null) {
    if (switches.idleConnections === 'reset') socket.resetAndDestroy()
    return null
  }
  response.once('finish', () => usedAt.set(socket, now()))
  // Node leaves its hint out where the header is set by hand
  if (!switches.keepAliveHint) response.setHeader('connection', 'keep-alive')
  const body = await readBody(request)
  if (switches.latencyMs > 0) await sleep(switches.latencyMs)
  const struck = strike(switches, path, drawn)
  const { failure } = struck
  const judged = (): Judgement => {
    if (body === null) return gatewayPage(413, 'Request Entity Too Large')
    const { method = '', headers } = request
    const judgement = standIn.judge({ method, path, headers, body }, struck)
    if (struck.acceptedButNothing) judgement.pretend()
    else judgement.act()
    return judgement
  }
  const written = {
    at: new Date(startedAt).toISOString(),
    vendor,
    path: path.slice(0, pathAtMost),
    fault: faultOf(struck),
    tokens: null as number | null,
    durationMs: now() - startedAt,
  }
  if (failure === null) {
    const judgement = judged()
    respond(response, judgement)
    return { ...written, httpStatus: judgement.httpStatus, code: judgement.code, tokens: judgement.tokens }
  }
  if (switches.worksBeforeFailing && losesAnswer.has(failure)) written.tokens = judged().tokens
  return { ...written, httpStatus: fail(failure, response, switches.retryAfter), code: failure }
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
function fail(failure: Failure, response: ServerResponse, retryAfter: number | null): number | null {
  const later = retryAfter === null ? {} : { 'retry-after': String(retryAfter) }
  const json = { 'content-type': 'application/json' }
  switch (failure) {
    case 'http429':
      response.writeHead(429, later).end()
      return 429
    case 'http503':
      respond(response, gatewayPage(503, 'Service Temporarily Unavailable'), later)
      return 503
    case 'unknownCode':
      response.writeHead(200, json)
      response.end('{"code":"89999999","msg":"?","requestId":"1","ret_code":89999999,"retCode":89999999,"errMsg":"?"}')
      return 200
    case 'halfEmoji':
    case 'nul':
    case 'loneSurrogate':
    case 'nested':
      response.writeHead(200, json)
      response.end(
        `{"code":"80100001","msg":${oddWords[failure]},"requestId":"1","retCode":1008007,"errMsg":${oddWords[failure]}}`,
      )
      return 200
    case 'html':
      respond(response, gatewayPage(502, 'Bad Gateway'))
      return 502
    case 'empty':
      response.writeHead(200, json).end()
      return 200
    case 'truncated':
      response.writeHead(200, json).end('{"code":"8000')
      return 200
    case 'reset':
      response.socket?.destroy()
      return null
    case 'timeout':
      return null
    default:
      return failure satisfies never
  }
}

function respond(response: ServerResponse, { httpStatus, contentType, text }: Judgement, headers = {}): void {
  response.writeHead(httpStatus, { 'content-type': contentType, ...headers }).end(text)
}
