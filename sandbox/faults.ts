/** Switches that make a stand-in behave as real vendors do on a bad day. All off: it does what the documents say. */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'

/** The last four are refusals in words that databases, walks and cuts stumble over. */
export const failures = [
  'http429',
  'http503',
  'reset',
  'html',
  'empty',
  'truncated',
  'timeout',
  'unknownCode',
  'halfEmoji',
  'nul',
  'loneSurrogate',
  'nested',
] as const
export type Failure = (typeof failures)[number]

const count = z.int().check(z.minimum(0))

const common = {
  /** Milliseconds before any answer. */
  latencyMs: z.int().check(z.minimum(0), z.maximum(60_000)),
  /** A call fails with this; null: none does. */
  failure: z.nullable(z.enum(failures)),
  /** Says yes and does nothing. */
  acceptedButNothing: z.boolean(),
  /** Share of the calls that a fault (`failure`, `acceptedButNothing`, `rejectTokens`) strikes. */
  share: z.number().check(z.minimum(0), z.maximum(1)),
  /** So many calls it may still strike; null: no end. */
  calls: z.nullable(count),
  /** It strikes only calls whose path holds this text; null: all. */
  only: z.nullable(z.string().check(z.maxLength(100))),
  /** Retry-After of 429 and 503, in seconds; null: the header is left out. */
  retryAfter: z.nullable(count),
  /** Answers say how long their connection is kept (`Keep-Alive: timeout=…`). Many real servers do not. */
  keepAliveHint: z.boolean(),
  /** What a connection has become half a second after its last call; null: it lives. A NAT's are silent, a proxy's reset. */
  idleConnections: z.nullable(z.enum(['reset', 'silence'])),
  /** reset, html, empty, truncated, timeout: the work is done and its answer lost (true), or the request was (false). */
  worksBeforeFailing: z.boolean(),
}

export const switchSchemas = {
  tpns: z.strictObject({
    ...common,
    /** With `acceptedButNothing`: the task's status says that it was done. */
    statusLies: z.boolean(),
    /** revoke_push_msg is refused, as the document of 2025-03-25 says. */
    revokeRetired: z.boolean(),
    /** The member that the three control requests read. */
    pushIdField: z.enum(['either', 'pushId', 'pushid']),
    /** How the three control requests answer: not documented. */
    controlAnswers: z.enum(['camelCase', 'snake_case']),
    /** The 200 queries of this hour are used up. */
    queriesUsedUp: z.boolean(),
    /** What phone makers were handed is delivered all the same: the push API's page hints at it. */
    makersKeepQueue: z.boolean(),
    /** How far TimeStamp may be off: not documented. */
    skewSeconds: count,
  }),
  pushKit: z.strictObject({
    ...common,
    /** So many tokens of a call are called illegal. */
    rejectTokens: count,
    /** Devices a second; over it 503. Null: no limit. */
    tokensPerSecond: z.nullable(z.int().check(z.positive())),
    /** Refusals too, as a client in production has seen; off: 4xx and 5xx by code. Flow control is a 503 either way. */
    everythingHttp200: z.boolean(),
    numericCodes: z.boolean(),
  }),
}

export type TpnsSwitches = z.output<typeof switchSchemas.tpns>
export type PushKitSwitches = z.output<typeof switchSchemas.pushKit>
export interface Switches {
  readonly tpns: TpnsSwitches
  readonly pushKit: PushKitSwitches
}

export function honestSwitches(): Switches {
  const honest = {
    latencyMs: 40,
    failure: null,
    acceptedButNothing: false,
    share: 1,
    calls: null,
    only: null,
    retryAfter: null,
    keepAliveHint: true,
    idleConnections: null,
    worksBeforeFailing: true,
  }
  return {
    tpns: {
      ...honest,
      statusLies: false,
      revokeRetired: false,
      pushIdField: 'either',
      controlAnswers: 'camelCase',
      queriesUsedUp: false,
      makersKeepQueue: false,
      skewSeconds: 300,
    },
    pushKit: {
      ...honest,
      rejectTokens: 0,
      tokensPerSecond: null,
      everythingHttp200: true,
      numericCodes: false,
    },
  }
}

/** What a fault does to one call. */
export interface Strike {
  readonly failure: Failure | null
  readonly acceptedButNothing: boolean
  readonly rejectTokens: number
}

export const noStrike: Strike = { failure: null, acceptedButNothing: false, rejectTokens: 0 }

/** Draws are counted, not random: the same world makes the same ones again. */
export interface Draws {
  draws: number
}

/** Decides whether this call is struck, and counts it. */
export function strike(switches: TpnsSwitches | PushKitSwitches, path: string, drawn: Draws): Strike {
  const { failure, acceptedButNothing, share, calls, only } = switches
  const rejectTokens = 'rejectTokens' in switches ? switches.rejectTokens : 0
  const idle = failure === null && !acceptedButNothing && rejectTokens === 0
  if (idle || calls === 0 || (only !== null && !path.includes(only))) return noStrike
  if (share < 1 && draw(drawn) >= share) return noStrike
  if (calls !== null) switches.calls = calls - 1
  return { failure, acceptedButNothing, rejectTokens }
}

/** 0 ≤ n < 1. */
function draw(drawn: Draws): number {
  drawn.draws += 1
  return createHash('sha256').update(`draw ${drawn.draws}`).digest().readUInt32BE() / 2 ** 32
}
