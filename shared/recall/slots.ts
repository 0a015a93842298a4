/** At most so many vendor calls at once; what comes when all slots are taken waits for its turn. */
export interface Slots {
  run<Result>(call: () => Promise<Result>): Promise<Result>
  /** How many calls all slots together begin within `ms`, as long as they took lately. */
  within(ms: number): number
}

/** `guessMs`: what a call takes while none has been made. */
export function createSlots(count: number, guessMs: number): Slots {
  let free = count
  let callMs = guessMs
  const queue: (() => void)[] = []
  return {
    run: async call => {
      if (free > 0) free -= 1
      else await new Promise<void>(resolve => queue.push(resolve))
      const startedAt = performance.now()
      try {
        return await call()
      } finally {
        callMs += (performance.now() - startedAt - callMs) / 8
        const next = queue.shift()
        if (next === undefined) free += 1
        else next()
      }
    },
    within: ms => Math.round((count * ms) / callMs),
  }
}
