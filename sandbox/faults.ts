/** Switches that every stand-in has: they make it behave as real vendors do on a bad day. Off: it does what the documents say. */
import { createHash } from 'node:crypto'
import { check, choiceOrNone, part, textOrNone, type ValuesOf, whole, wholeOrNone } from './switch.ts'

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

export const commonSwitches = {
  /** Milliseconds before any answer. */
  latencyMs: whole(40, { en: 'Latency, ms', zh: '延迟（毫秒）' }, 60_000),
  /** A call fails with this; null: none does. */
  failure: choiceOrNone(failures, { en: 'Calls fail with', zh: '调用故障' }),
  /** Says yes and does nothing. */
  acceptedButNothing: check(false, { en: 'Says yes, does nothing', zh: '答应却不执行' }),
  /** Share of the calls that a fault (`failure`, `acceptedButNothing`, `rejectTokens`) strikes. */
  share: part(1, { en: 'Share of calls struck', zh: '命中比例（0～1）' }),
  /** So many calls it may still strike; null: no end. */
  calls: wholeOrNone({ en: 'Calls left to strike', zh: '还会命中几次' }),
  /** It strikes only calls whose path holds this text; null: all. */
  only: textOrNone({ en: 'Only paths holding', zh: '仅限路径包含' }),
  /** Retry-After of 429 and 503, in seconds; null: the header is left out. */
  retryAfter: wholeOrNone({ en: 'Retry-After, seconds', zh: 'Retry-After（秒）' }),
  /** Answers say how long their connection is kept (`Keep-Alive: timeout=…`). Many real servers do not. */
  keepAliveHint: check(true, { en: 'Says how long it keeps connections', zh: '应答提示保活时长' }),
  /** What a connection has become half a second after its last call; null: it lives. A NAT's are silent, a proxy's reset. */
  idleConnections: choiceOrNone(['reset', 'silence'], { en: 'Idle connections die by', zh: '空闲连接如何失效' }),
  /** reset, html, empty, truncated, timeout: the work is done and its answer lost (true), or the request was (false). */
  worksBeforeFailing: check(true, { en: 'Does the work, loses the answer', zh: '先执行，再丢应答' }),
}
export type CommonSwitches = ValuesOf<typeof commonSwitches>

/** So many tokens of a call are called illegal: for vendors that name the tokens they refuse. */
export const rejectTokens = whole(0, { en: 'Tokens called illegal', zh: '判为非法的 token 数' })

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
export function strike(
  switches: CommonSwitches & { readonly rejectTokens?: unknown },
  path: string,
  drawn: Draws,
): Strike {
  const { failure, acceptedButNothing, share, calls, only } = switches
  const rejected = Number(switches.rejectTokens ?? 0)
  const idle = failure === null && !acceptedButNothing && rejected === 0
  if (idle || calls === 0 || (only !== null && !path.includes(only))) return noStrike
  if (share < 1 && draw(drawn) >= share) return noStrike
  if (calls !== null) switches.calls = calls - 1
  return { failure, acceptedButNothing, rejectTokens: rejected }
}

/** 0 ≤ n < 1. */
function draw(drawn: Draws): number {
  drawn.draws += 1
  return createHash('sha256').update(`draw ${drawn.draws}`).digest().readUInt32BE() / 2 ** 32
}
