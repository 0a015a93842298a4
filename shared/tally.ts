/**
 * Log lines that anybody can cause: of each kind within a minute the first is written at once, and the others are counted. How
 * many they were is written when the minute is over, at the next occasion: a function that nobody calls runs no timers.
 */
import type { Log, LogFields, LogLevel } from './log.ts'

export interface Tally {
  /** `kind`: what repeats, an address among it. True: the line was written. */
  note(kind: string, message: string, fields: LogFields, level?: LogLevel): boolean
  /** Writes what is due. Costs nothing where nothing is. */
  tell(): void
}

const minuteMs = 60_000
/** Of more kinds the others are counted together. */
const mostKinds = 100

interface Counted {
  readonly message: string
  readonly fields: LogFields
  readonly level: LogLevel
  more: number
}

/** `now`: epoch milliseconds. */
export function createTally(log: Log, now: () => number = Date.now): Tally {
  let sinceMs = now()
  const kinds = new Map<string, Counted>()
  let others = 0
  const tell = () => {
    if (kinds.size === 0) {
      sinceMs = now()
      return
    }
    if (now() - sinceMs < minuteMs) return
    for (const { message, fields, level, more } of kinds.values()) {
      if (more > 0) log[level](message, { ...fields, more, since: new Date(sinceMs) })
    }
    if (others > 0) log.warn('more lines of other kinds', { more: others, since: new Date(sinceMs) })
    kinds.clear()
    others = 0
    sinceMs = now()
  }
  return {
    note(kind, message, fields, level = 'warn') {
      tell()
      const known = kinds.get(kind)
      if (known !== undefined) {
        known.more += 1
        return false
      }
      if (kinds.size >= mostKinds) {
        others += 1
        return false
      }
      kinds.set(kind, { message, fields, level, more: 0 })
      log[level](message, fields)
      return true
    },
    tell,
  }
}
