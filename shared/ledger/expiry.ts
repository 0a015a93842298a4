/** Messages whose time is over: found by an index that the others do not weigh on, each done once. */
import type { Sql } from './sql.ts'

export interface DueMessage {
  readonly id: string
  readonly expiresAt: Date
  /** Who set it; null: nobody is known. */
  readonly expiresBy: { readonly actor: string; readonly person: string | null } | null
  /** Nothing was sent under it yet, or nothing of it is on screens any more. */
  readonly empty: boolean
}

// A row of the index on what is due: neither done, nor in the hands of another run.
const due = `expires_at <= now() and expired_at is null`

/**
 * Takes due messages in hand, the longest due first. They are no other run's for `holdMs`: afterwards whatever became of
 * this run, they are due again.
 */
export async function holdDue(sql: Sql, limit: number, holdMs: number): Promise<DueMessage[]> {
  return sql.query<DueMessage>(
    `with due as (
       select id from message
       where ${due} and (expiry_held_until is null or expiry_held_until < clock_timestamp())
       order by expires_at limit $1::text::int for update skip locked
     )
     update message m set expiry_held_until = clock_timestamp() + make_interval(secs => $2::text::float8 / 1000)
     from due where m.id = due.id
     returning m.id, m.expires_at as "expiresAt", m.expires_by as "expiresBy",
       not exists (select from target t where t.message_id = m.id and t.superseded_by is null) as empty`,
    [limit, holdMs],
  )
}

/** False: its end was moved or cleared, or another run did it. */
export async function isDue(sql: Sql, id: string): Promise<boolean> {
  return (await sql.query(`select 1 from message where id = $1::text and ${due}`, [id])).length > 0
}

/** Nothing is left to do at its end. */
export async function markExpired(sql: Sql, id: string): Promise<void> {
  await sql.query(`update message set expired_at = now() where id = $1::text and ${due}`, [id])
}

/** Milliseconds from now, by the ledger's clock. */
export async function millisecondsUntil(sql: Sql, at: Date): Promise<number> {
  const rows = await sql.query<{ ms: number }>(
    'select extract(epoch from $1::text::timestamptz - clock_timestamp())::float8 * 1000 as ms',
    [at.toISOString()],
  )
  return rows[0]?.ms ?? 0
}
