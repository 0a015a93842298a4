import type { StoredVerdict } from '../ledger/list-verdicts.ts'
import { serviceNoticesIn } from '../service-codes.ts'
import { authorities } from './source.ts'

/** A verdict as `GET /v1/verdicts` shows it. */
export function viewVerdict(verdict: StoredVerdict): object {
  const { authority, decision, occurredAt, createdAt, cursorAt: _, problem, recallIds, ...rest } = verdict
  return {
    ...rest,
    verdict: decision,
    by: authorities[authority],
    occurredAt: occurredAt?.toISOString() ?? null,
    receivedAt: createdAt.toISOString(),
    detail: problem,
    notices: serviceNoticesIn(problem),
    recalls: recallIds,
  }
}
