/** Switches that make a stand-in lie as real vendors do. All off: it does what the documents say. */
import type { ServerResponse } from 'node:http'
import * as z from 'zod/mini'

export const failures = ['http429', 'http503', 'reset', 'html', 'empty', 'truncated', 'timeout', 'unknownCode'] as const

const common = {
  /** Milliseconds before any answer. */
  latencyMs: z.int().check(z.minimum(0), z.maximum(60_000)),
  /** What a call fails with; null: none. */
  failure: z.nullable(z.enum(failures)),
  /** Share of calls that fail. */
  share: z.number().check(z.minimum(0), z.maximum(1)),
  /** Calls that may still fail; null: no end. */
  calls: z.nullable(z.int().check(z.minimum(0))),
  /** Retry-After in seconds with 429 and 503; null: the header is left out. */
  retryAfter: z.nullable(z.int().check(z.minimum(0))),
  /** Says yes and does nothing. */
  acceptedButNothing: z.boolean(),
}

export const switchSchemas = {
  tpns: z.strictObject({
    ...common,
    /** revoke_push_msg is refused, as the document of 2025-03-25 says. */
    revokeRetired: z.boolean(),
    pushIdField: z.enum(['either', 'pushId', 'pushid']),
    /** The 200 queries of this hour are used up. */
    queriesUsedUp: z.boolean(),
  }),
  pushKit: z.strictObject({
    ...common,
    /** So many tokens of each call are called illegal. */
    rejectTokens: z.int().check(z.minimum(0)),
    /** Tokens a second; over it 503. Null: no limit. */
    tokensPerSecond: z.nullable(z.int().check(z.positive())),
    everythingHttp200: z.boolean(),
    numericCodes: z.boolean(),
  }),
}

export type TpnsSwitches = z.output<typeof switchSchemas.tpns>
export type PushKitSwitches = z.output<typeof switchSchemas.pushKit>
type Common = Pick<TpnsSwitches, keyof typeof common>

const honest: Common = {
  latencyMs: 40,
  failure: null,
  share: 1,
  calls: null,
  retryAfter: null,
  acceptedButNothing: false,
}
export const honestTpns: TpnsSwitches = { ...honest, revokeRetired: false, pushIdField: 'either', queriesUsedUp: false }
export const honestPushKit: PushKitSwitches = {
  ...honest,
  rejectTokens: 0,
  tokensPerSecond: null,
  everythingHttp200: false,
  numericCodes: false,
}

/**
 * Answers as the switches say. False: this call goes on as documented. Faults after the work was done are the nasty ones,
 * so `reset`, `timeout`, `empty`, `html` and `truncated` come after `act`: the vendor did it and its answer was lost.
 */
export async function fail(
  switches: Common & { calls: number | null },
  response: ServerResponse,
  act: () => void,
): Promise<boolean> {
  if (switches.latencyMs > 0) await new Promise(resolve => setTimeout(resolve, switches.latencyMs))
  const { failure } = switches
  if (failure === null || switches.calls === 0 || Math.random() >= switches.share) return false
  if (switches.calls !== null) switches.calls -= 1
  const retry = switches.retryAfter === null ? {} : { 'retry-after': String(switches.retryAfter) }
  switch (failure) {
    case 'http429':
      response.writeHead(429, retry).end()
      return true
    case 'http503':
      response
        .writeHead(503, { 'content-type': 'text/html', ...retry })
        .end('<html><body>503 Service Temporarily Unavailable</body></html>')
      return true
    case 'unknownCode':
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"code":"89999999","msg":"?","ret_code":89999999,"retCode":89999999,"err_msg":"?","requestId":"1"}')
      return true
    case 'reset':
      act()
      response.socket?.destroy()
      return true
    case 'timeout':
      act()
      return true
    case 'empty':
      act()
      response.writeHead(200).end()
      return true
    case 'html':
      act()
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>502 Bad Gateway</body></html>')
      return true
    case 'truncated':
      act()
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"code":"8000')
      return true
  }
}
