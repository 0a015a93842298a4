/** The audit trail as the API shows it. */
import type * as z from 'zod/mini'
import type { auditQuery } from '../api-schemas.ts'
import { type AuditRecord, listAudit } from '../ledger/audit.ts'
import { page, readPage } from '../pages.ts'
import type { SignedContext } from '../serve.ts'

/** Newest first; what was committed before the request is in it. */
export async function readAudit(
  { ledger, sealer, principal }: SignedContext,
  query: z.output<ReturnType<typeof auditQuery>>,
): Promise<object> {
  const { after, ...wanted } = readPage(query, principal, 'record')
  await sealer.now()
  const records = await listAudit(ledger, { ...wanted, before: after === null ? null : Number(after.id) })
  const rows = records.map(record => ({ record, id: String(record.seq), cursorAt: record.at }))
  return page(rows, wanted.limit, async ({ record }) => viewRecord(record))
}

function viewRecord({
  seq,
  at,
  entry,
  actor,
  person,
  action,
  object,
  detail,
  request,
  mac,
  hash,
}: AuditRecord): object {
  const signed = entry === null ? {} : { signed: { entry, request, mac } }
  return { seq, at, actor, person, action, object, detail: { ...JSON.parse(detail), ...signed }, hash }
}
