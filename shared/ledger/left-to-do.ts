/** Whether there is anything for what `sweep` loads only where there is. */
import type { Sql } from './sql.ts'

/** Subscribers, or deliveries in whatever state. */
export async function anyDeliveries(sql: Sql): Promise<boolean> {
  return any(sql, 'exists (select from subscriber) or exists (select from delivery)')
}

/** Jobs that moderation systems were asked about, or are to be. */
export async function anyPulls(sql: Sql): Promise<boolean> {
  return any(sql, 'exists (select from pull)')
}

async function any(sql: Sql, condition: string): Promise<boolean> {
  const rows = await sql.query<{ any: boolean }>(`select ${condition} as any`)
  return rows[0]?.any === true
}
