/** When a page asks again. Pure, so that the plan can be read and tested without a clock. */

export type Pace = 'running' | 'blocked' | 'approval' | 'list' | 'slow' | 'still'

export interface Moment {
  readonly pace: Pace
  /** Of the page that shows it. */
  readonly asked: number
  readonly sinceOpenedMs: number
  /** Until the next attempt of what is blocked. */
  readonly untilNextMs: number | null
  readonly hidden: boolean
  readonly idleMs: number
  /** In a row; 0: the last one was answered. */
  readonly failures: number
  readonly retryAfterMs: number | null
  /** Requests of this tab within the last minute, and how long ago the oldest of them was. */
  readonly sentLastMinute: number
  readonly oldestSentMsAgo: number
  /** 0 to 1. */
  readonly chance: number
}

const perMinute = 60
const idleAfterMs = 10 * 60_000

/** Milliseconds until the next request; null: none. */
export function delayOf(moment: Moment): number | null {
  const planned = plannedDelay(moment)
  if (planned === null) return null
  const room = moment.sentLastMinute >= perMinute - 4 ? Math.max(0, 60_000 - moment.oldestSentMsAgo) : 0
  return Math.max(planned, room)
}

function plannedDelay(moment: Moment): number | null {
  const { failures, retryAfterMs, chance, hidden, idleMs } = moment
  if (failures > 0) {
    // full jitter, 1 to 30 s; never sooner than the server asked for
    const most = Math.min(30_000, 1000 * 2 ** failures)
    return Math.max(1000 + chance * (most - 1000), retryAfterMs ?? 0)
  }
  const own = ownDelay(moment)
  if (own === null) return null
  if (hidden) return Math.max(own, 60_000)
  return idleMs > idleAfterMs ? Math.max(own, 30_000) : own
}

function ownDelay({ pace, asked, sinceOpenedMs, untilNextMs }: Moment): number | null {
  switch (pace) {
    case 'running':
      return asked <= 10 ? 1000 : sinceOpenedMs < 60_000 ? 2000 : 5000
    case 'blocked':
      return Math.min(15_000, Math.max(1000, untilNextMs ?? 15_000))
    case 'approval':
    case 'list':
      return 5000
    case 'slow':
      return 15_000
    case 'still':
      return null
  }
}
