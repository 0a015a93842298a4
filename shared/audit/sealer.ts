/** Seals what was committed, beside the answers and never before them. */
import { sealAudit } from '../ledger/audit.ts'
import type { Sql } from '../ledger/sql.ts'
import type { Log } from '../log.ts'

export interface Sealer {
  /** Something was committed: it is sealed shortly, by this process or another. Never throws. */
  soon(): void
  /** Resolves when what is committed by now is sealed, or another process has been at it for a second. Rejects where the ledger does. */
  now(): Promise<void>
  /** Seals what is planned without waiting for company; resolves when nothing is planned any more. */
  idle(): Promise<void>
}

/** So long it waits for company: many entries are sealed for little more than one. */
const gatherMs = 100
/** PGlite lets nobody else in meanwhile, and takes 8 ms for so many. */
const sealAtOnce = 500
/** Whoever else seals ends long before all these tries, or its connection died and the lock with it. */
const patience = 50
const againMs = 20

export function createSealer(sql: Sql, log: Log): Sealer {
  let wanted = false
  let running: Promise<void> | null = null
  let wake = () => {}

  const gather = (): Promise<void> =>
    new Promise(resolve => {
      // holds no process open: what it waited for is sealed by whoever comes next
      const timer = setTimeout(resolve, gatherMs).unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  /** Resolves with false where somebody else is sealing. */
  const sealAll = async (): Promise<boolean> => {
    let sealed: number | null
    do sealed = await sealAudit(sql, sealAtOnce)
    while (sealed === sealAtOnce)
    return sealed !== null
  }
  const run = async (): Promise<void> => {
    while (wanted) {
      await gather()
      wanted = false
      try {
        // whoever else is sealing may have looked before our entry was there
        if (!(await sealAll())) wanted = true
      } catch (error) {
        log.warn('audit entries not sealed yet: sweep does it', { error })
      }
    }
    running = null
  }
  return {
    soon: () => {
      wanted = true
      running ??= run()
    },
    now: async () => {
      for (let tries = 0; tries < patience && !(await sealAll()); tries++)
        await new Promise(resolve => setTimeout(resolve, againMs))
    },
    idle: async () => {
      wake()
      await running
    },
  }
}
