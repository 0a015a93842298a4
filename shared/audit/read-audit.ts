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
  const wanted = readPage(query, principal, 'record')
  await sealer.now()
  return page(
    wanted,
    async ({ limit, after }) => {
      const before = after === null ? null : Number(after.id)
      const records = await listAudit(ledger, { ...wanted, limit, before })
      return records.map(record => ({ record, id: String(record.seq), cursorAt: record.at }))
    },
    async rows => rows.map(({ record }) => viewRecord(record)),
  )
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
