/** Settlements of one moment in one statement; one that the ledger refuses is stored without what the vendor said. */
import { coalesce } from '../coalesce.ts'
import { noteTrouble, settleWork, type Settlement, type WorkChange } from '../ledger/settle-work.ts'
import { isOutage, type Sql } from '../ledger/sql.ts'
import type { Log } from '../log.ts'
import type { VendorReply } from '../providers/provider.ts'

const unkept = 'What the vendor said could not be kept.'

/** Resolves with false where the lease was lost. Rejects where the ledger is away: then the lease runs out. */
export function createSettle(sql: Sql, log: Log): (settlement: Settlement) => Promise<boolean> {
  const noted = new WeakSet<Settlement>()
  const together = coalesce<Settlement, boolean>(async settlements => {
    // those of a statement that failed come again, each alone
    const fresh = settlements.filter(settlement => !noted.has(settlement))
    await noteTrouble(sql, fresh)
    for (const settlement of fresh) noted.add(settlement)
    return settleWork(sql, settlements)
  }, 512)
  return async settlement => {
    try {
      return await together(settlement)
    } catch (error) {
      if (isOutage(error)) throw error
      const { code = null, name = null } = error as { code?: unknown; name?: unknown }
      // never the error itself: it may repeat the reply
      log.error('a reply could not be kept', {
        app: settlement.app,
        work_id: settlement.workId,
        fence: settlement.fence,
        error_code: code ?? name,
      })
      const bare = withoutReply(settlement)
      noted.add(bare)
      return together(bare)
    }
  }
}

/** The same outcome for the unit, with a sentence of ours wherever a text of the vendor stood. */
function withoutReply(settlement: Settlement): Settlement {
  const { attempt, vendor, warnings, notices, change } = settlement
  return {
    ...settlement,
    attempt: attempt === null ? null : { ...attempt, vendor: bare(attempt.vendor) },
    vendor: vendor === null ? null : { ...bare(vendor), status: null },
    warnings: [...new Set(warnings.map(() => unkept))],
    notices: notices.map(notice =>
      notice.code === 'unconfirmed' ? { ...notice, params: { ...notice.params, status: null } } : notice,
    ),
    assessed: null,
    record: null,
    change: changeWithout(change),
  }
}

function bare({ httpStatus }: VendorReply): VendorReply {
  return { code: null, message: unkept, requestId: null, httpStatus }
}

function changeWithout(change: WorkChange): WorkChange {
  switch (change.kind) {
    case 'continue':
      return change
    case 'later':
      return change.blocked === null ? change : { ...change, blocked: { ...change.blocked, detail: unkept } }
    case 'final': {
      const count = change.rejections.reduce((sum, rejection) => sum + rejection.count, 0)
      return { ...change, rejections: count === 0 ? [] : [{ reason: 'unknown', count }] }
    }
  }
}
