/** What an instance has seen and people should know: a line in its log, and a row for `/readyz`, which runs elsewhere. */
import { noteInLedger } from './ledger/notices.ts'
import type { Sql } from './ledger/sql.ts'
import type { Log } from './log.ts'

export interface Notices {
  /** Once in a process for each subject. Waits for nothing, and never throws. */
  note(code: 'weak-key', subject: string, message: string): void
  /** To the log alone, each message once in a process. */
  warn(message: string): void
}

export function createNotices(sql: Sql, log: Log): Notices {
  const noted = new Set<string>()
  const warn = (message: string) => {
    if (!noted.has(message)) log.warn(message)
    noted.add(message)
  }
  return {
    warn,
    note(code, subject, message) {
      const key = `${code} ${subject}`
      if (noted.has(key)) return
      noted.add(key)
      log.warn(message, { notice: code, subject })
      noteInLedger(sql, code, subject).catch((error: unknown) => {
        noted.delete(key)
        log.warn('notice not kept', { notice: code, error })
      })
    },
  }
}
