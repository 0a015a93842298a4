import { forgetExceptions } from '../ledger/exceptions.ts'
import { forgetLogins } from '../ledger/logins.ts'
import { findEnded, forgetRecords, leavings, markLeft, takeOut, takeOutAudiences } from '../ledger/retention.ts'
import type { Sql } from '../ledger/sql.ts'
import { withoutPeople } from './audience.ts'

const targetsAtOnce = 100

/**
 * Takes out what is kept for `retentionDays` after a message ended, in statements that are short each, until none is left or
 * `until` (epoch) has come. Resolves with the number of targets.
 */
export async function retire(sql: Sql, retentionDays: number, until: number): Promise<number> {
  let left = 0
  for (;;) {
    const { ids, looked } = await findEnded(sql, retentionDays, targetsAtOnce)
    for (const leaving of ids.length === 0 ? [] : leavings) {
      do {
        if (Date.now() > until) return left
      } while (await takeOut(sql, leaving, ids))
    }
    if (ids.length > 0) {
      await takeOutAudiences(sql, ids, withoutPeople)
      await markLeft(sql, ids, retentionDays)
    }
    left += ids.length
    if (looked < targetsAtOnce) break
  }
  await forgetRecords(sql, retentionDays, until)
  await forgetExceptions(sql, retentionDays)
  await forgetLogins(sql)
  return left
}
