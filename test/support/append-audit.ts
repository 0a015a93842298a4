import { type AuditEntry, auditColumns } from '../../shared/ledger/audit.ts'
import type { Sql } from '../../shared/ledger/sql.ts'

/** Appends entries as statements that record themselves do, for tests that are about the trail alone. */
export async function appendAudit(sql: Sql, entries: readonly AuditEntry[]): Promise<void> {
  await sql.query(
    `insert into audit_unsealed ${auditColumns}
     select e.actor, e.person, e.action, e.object, e.detail
     from json_to_recordset($1::text::json)
       as e(position int, actor text, person text, action text, object text, detail json)
     order by e.position`,
    [
      JSON.stringify(
        entries.map(({ by, ...entry }, position) => ({ position, actor: by.id, person: by.person, ...entry })),
      ),
    ],
  )
}
