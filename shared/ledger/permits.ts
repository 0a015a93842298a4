import type { Sql } from './sql.ts'

/** What an instance has let pass and not yet noted, and what it asks for before it lets more pass. */
export interface Draw {
  /** `person:<name>`, `key:<owner>`, `endpoint:<id>`. */
  readonly payer: string
  /** Of request: a payer has as many rows as kinds. */
  readonly kind: string
  /** May be negative: what turned out not to be needed comes back. */
  readonly used: number
  readonly wanted: number
  readonly perSecond: number
  /** As many as may come at once. */
  readonly burst: number
}

export interface Drawn {
  /** Of those wanted; whole. */
  readonly granted: number
  /** What is left after that. Below 0: more was let pass than there was. */
  readonly room: number
}

/** All in one statement. Of one payer and kind at most one draw. */
export async function drawPermits(sql: Sql, draws: readonly Draw[]): Promise<Drawn[]> {
  return sql.query<Drawn>(`select granted, room from draw_permits($1::text::json) order by place`, [
    JSON.stringify(
      draws.map(({ payer, kind, used, wanted, perSecond, burst }, place) => ({
        place,
        payer,
        kind,
        used,
        wanted,
        per_second: perSecond,
        burst,
      })),
    ),
  ])
}
