/** A unit of work whose vendor takes one device a request: many requests at once, and what all of them came to. */
import type { Outcome, Rejection } from '../providers/provider.ts'

export interface EachOptions {
  /** Asks for one device. Never rejects. */
  readonly ask: (token: string) => Promise<Outcome>
  /** Waits for a free slot. */
  readonly run: <Result>(call: () => Promise<Result>) => Promise<Result>
  /** How many of this unit wait for a slot or an answer at once. */
  readonly atOnce: number
  /** False once so much of the lease is over that what begins now might outlive it. */
  readonly mayBegin: () => boolean
  readonly now: () => number
  /** A repeat of what had no answer is seen by nobody. */
  readonly repeatable: boolean
}

export interface EachResult {
  readonly accepted: number
  readonly rejected: readonly Rejection[]
  /** Devices of which nothing will be known: they had no answer, and a repeat might be seen. */
  readonly unknown: number
  /** What is to be tried again, or was not begun. */
  readonly left: readonly string[]
  /** Why there is something left; null: nothing is, or there was no time to begin it. */
  readonly why: Outcome | null
  /** The reply that tells most. */
  readonly reply: Outcome | null
}

/** So many devices with a 429 within a second: it is not theirs, it is everybody's. */
const crowd = { devices: 3, withinMs: 1000 }

/** Each device once. Ends early where an answer goes for all of them; what is out by then is waited for. Never rejects. */
export async function askForEach(tokens: readonly string[], options: EachOptions): Promise<EachResult> {
  const { ask, run, atOnce, mayBegin, now, repeatable } = options
  const counts = new Map<string, number>()
  const left: string[] = []
  const throttledAt: number[] = []
  let [next, accepted, unknown] = [0, 0, 0]
  let [halted, why, reply]: [boolean, Outcome | null, Outcome | null] = [false, null, null]

  const again = (token: string, outcome: Outcome) => {
    left.push(token)
    if (why === null || weight(outcome) > weight(why)) why = outcome
  }
  const note = (token: string, outcome: Outcome) => {
    if (reply === null || weight(outcome) > weight(reply)) reply = outcome
    switch (outcome.kind) {
      case 'accepted':
      case 'already_done':
        accepted += 1
        return
      case 'partial': {
        const rejections = outcome.rejected
        for (const { reason, count } of rejections) counts.set(reason, (counts.get(reason) ?? 0) + count)
        if (rejections.length > 0) return
        if (outcome.unknown === 0) accepted += 1
        else again(token, { kind: 'unknown', reason: 'no count', vendor: outcome.vendor })
        return
      }
      case 'not_found':
      case 'too_late': {
        const reason = outcome.vendor.code ?? outcome.kind
        counts.set(reason, (counts.get(reason) ?? 0) + 1)
        return
      }
      case 'throttled': {
        throttledAt.push(now())
        const before = throttledAt.at(-crowd.devices)
        const crowded = before !== undefined && now() - before <= crowd.withinMs
        const everybody = outcome.of !== 'token' || crowded
        if (everybody) halted = true
        const { of: _, ...forAll } = outcome
        again(token, everybody ? forAll : outcome)
        return
      }
      case 'unknown':
        if (repeatable) again(token, outcome)
        else unknown += 1
        return
      case 'auth':
      case 'refused':
      case 'unsupported':
        halted = true
        again(token, outcome)
    }
  }
  let [out, isOver, ended] = [0, false, () => {}]
  const askNext = async () => {
    // looked at when the slot is free: that may be long after it was asked for
    const token = halted || !mayBegin() ? undefined : tokens[next]
    if (token === undefined) {
      isOver = true
      return
    }
    next += 1
    note(token, await ask(token))
  }
  const whenOneEnds = () => new Promise<void>(resolve => (ended = resolve))
  // One waits for a slot, however many may be out: with a hundred units in hand that is a hundred, and not 20,000.
  const goesOn = () => !isOver && !halted && next < tokens.length
  while (goesOn()) {
    if (out >= atOnce) {
      await whenOneEnds()
      continue
    }
    out += 1
    await new Promise<void>(begun => {
      void run(() => {
        begun()
        return askNext()
      }).finally(() => {
        out -= 1
        ended()
      })
    })
  }
  const isOut = () => out > 0
  while (isOut()) await whenOneEnds()
  const rejected = [...counts].map(([reason, count]): Rejection => ({ reason, count }))
  return { accepted, rejected, unknown, left: [...left, ...tokens.slice(next)], why, reply }
}

/** What goes for all is said before what goes for one, and a no before a yes. */
function weight(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'auth':
      return 7
    case 'refused':
    case 'unsupported':
      return 6
    case 'throttled':
      return outcome.of === 'token' ? 4 : 5
    case 'unknown':
      return 3
    case 'partial':
    case 'not_found':
    case 'too_late':
      return 2
    default:
      return 1
  }
}
