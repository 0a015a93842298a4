/** Entries of the audit trail for tests that begin at the ledger. */
import type { Caller } from '../../shared/access/grant.ts'
import { makeEntry } from '../../shared/audit/entries.ts'
import { type Actor, type AuditDetail, auditColumns, type SignedEntry } from '../../shared/ledger/audit.ts'
import type { Sql } from '../../shared/ledger/sql.ts'

export interface TestEntry {
  readonly by: Actor
  readonly action: string
  readonly object: string
  readonly detail: AuditDetail
}

/** Who asks in tests that begin at the ledger; he reaches every app. */
export const tester: Caller = { id: 'key:test', person: null, owner: 'key:test', grant: null }

/** What a process hands to the statements that record themselves. */
export function entryOf(action: string, object: string, by: Actor = tester): SignedEntry {
  return makeEntry({ by, action, object, request: {} }, null)
}

/** Appends entries as such statements do, for tests that are about the trail alone. `key` signs them. */
export async function appendAudit(sql: Sql, entries: readonly TestEntry[], key: Buffer | null = null): Promise<void> {
  await sql.query(
    `insert into audit_entry ${auditColumns}
     select e.entry, e.request, e.mac, e.actor, e.person, e.action, e.object, e.detail
     from json_to_recordset($1::text::json) as e(position int, entry text, request text, mac text, actor text,
       person text, action text, object text, detail json)
     order by e.position`,
    [
      JSON.stringify(
        entries.map(({ detail, ...asked }, position) => ({
          position,
          ...makeEntry({ ...asked, request: detail }, key),
          detail,
        })),
      ),
    ],
  )
}
