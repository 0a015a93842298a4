import type { Ledger } from '../shared/ledger/sql.ts'

/**
 * A ledger that says nothing more once it is closed: what a timer or request of this process still asks of it is never
 * answered, rather than failed with a stack. Their leases end by themselves, as where a function is killed.
 */
export function endingLedger(ledger: Ledger): Ledger {
  let ended = false
  const never = new Promise<never>(() => {})
  const unlessEnded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (ended) return never
    try {
      const result = await work()
      return ended ? await never : result
    } catch (error) {
      if (ended) return never
      throw error
    }
  }
  return {
    engine: ledger.engine,
    query: (text, parameters, bytes) => unlessEnded(() => ledger.query(text, parameters, bytes)),
    transaction: body => unlessEnded(() => ledger.transaction(body)),
    together: body => unlessEnded(() => ledger.together(body)),
    script: text => unlessEnded(() => ledger.script(text)),
    close: () => {
      ended = true
      return ledger.close()
    },
  }
}
