import type { VendorRecord } from '../providers/provider.ts'
import type { Sql } from './sql.ts'

export interface DatedRecord {
  readonly record: VendorRecord
  readonly asOf: Date
}

export async function readRecord(sql: Sql, app: string, handle: string): Promise<DatedRecord | null> {
  const rows = await sql.query<DatedRecord>(
    'select record, as_of as "asOf" from vendor_record where app = $1::text and handle = $2::text',
    [app, handle],
  )
  return rows[0] ?? null
}

export async function keepRecord(sql: Sql, app: string, handle: string, record: VendorRecord): Promise<void> {
  await sql.query(
    `insert into vendor_record (app, handle, record) values ($1::text, $2::text, $3::text::jsonb)
     on conflict (app, handle) do update set record = excluded.record, as_of = clock_timestamp()`,
    [app, handle, JSON.stringify(record)],
  )
}
