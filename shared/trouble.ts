/** When a request of this process last found the ledger away: what was well before need not be looked at to be doubted. */
let lastMs = -Infinity

export function noteTrouble(): void {
  lastMs = performance.now()
}

/** As `performance.now()` tells time; -Infinity: never. */
export function lastTrouble(): number {
  return lastMs
}
