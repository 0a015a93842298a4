/** How far our clock is from the answering server's: where they differ, a dated credential is refused though all else is right. */
import type { Send } from './http.ts'
import { parseHttpDate } from './http-date.ts'

/** What an answer took on its way is not counted, so this is for the second that `Date` leaves out, and for little worries. */
const leastMs = 5000

export interface ComparedClocks {
  readonly send: Send
  /** Of the last answer: so far is our clock ahead, in milliseconds; negative where it is behind, 0 where nothing says so. */
  readonly aheadMs: () => number
}

/** `send`, with the `Date` of each answer held against `now`, our clock in epoch milliseconds. */
export function compareClocks(send: Send, now: () => number): ComparedClocks {
  let last: { readonly date: string | undefined; readonly beforeMs: number; readonly afterMs: number } | null = null
  return {
    send: async sending => {
      const beforeMs = now()
      const received = await send(sending)
      last = 'failure' in received ? null : { date: received.headers['date'], beforeMs, afterMs: now() }
      return received
    },
    // asked for where a credential was refused, and hardly ever
    aheadMs: () => (last === null ? 0 : aheadOf(last.date, last.beforeMs, last.afterMs)),
  }
}

/** The answer was dated between `beforeMs` and `afterMs`. */
export function aheadOf(date: string | undefined, beforeMs: number, afterMs: number): number {
  const theirsMs = parseHttpDate(date)
  if (theirsMs === null) return 0
  if (beforeMs - theirsMs >= leastMs) return beforeMs - theirsMs
  return theirsMs - afterMs >= leastMs ? afterMs - theirsMs : 0
}

/** `our clock is 95 s ahead of the vendor's`; null where it is not. */
export function skewSentence(aheadMs: number, whose: string): string | null {
  if (aheadMs === 0) return null
  return `our clock is ${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} ${whose}`
}
