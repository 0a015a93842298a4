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
/** Another process that seals ends long before all these tries; where its connection died, its lock died with it. */
const patience = 50
const againMs = 20

export function createSealer(sql: Sql, log: Log): Sealer {
  let wanted = false
  let running: Promise<void> | null = null
  let wake = () => {}

  const gather = (): Promise<void> =>
    new Promise(resolve => {
      // does not keep the process alive: what is left is sealed by the next process that seals
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
        // another process that seals now may have looked before our entry was there
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
