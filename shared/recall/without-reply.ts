/** What is recorded of a settlement that the ledger refuses for what the vendor said. */
import type { Settlement, WorkChange } from '../ledger/settle-work.ts'
import type { VendorReply } from '../providers/provider.ts'

const unkept = 'What the vendor said could not be kept.'

/** The same outcome for the unit, with a sentence of ours wherever a text of the vendor stood. */
export function withoutReply(settlement: Settlement): Settlement {
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
    case 'fall':
      return change
    case 'later':
      return change.blocked === null ? change : { ...change, blocked: { ...change.blocked, detail: unkept } }
    case 'final': {
      const count = change.rejections.reduce((sum, rejection) => sum + rejection.count, 0)
      return { ...change, rejections: count === 0 ? [] : [{ reason: 'unknown', count }] }
    }
  }
}
