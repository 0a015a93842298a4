/** Tokens that come for a target when its recall has begun, or while it begins: they join it. */
import { growRecall } from '../ledger/admit-recall.ts'
import { latestRecallOf } from '../ledger/recalls.ts'
import type { Ledger, Sql } from '../ledger/sql.ts'
import { sealTarget } from '../ledger/tokens.ts'

export interface Joined {
  readonly recallId: string
  /** Units of work that came to it. */
  readonly work: number
}

/**
 * Makes batches of what arrived for a target, and work of them where it is being taken back: both or neither, since a
 * batch without work would be left on phones. Resolves with the recall; null: there is none.
 */
export async function sealAndJoin(ledger: Ledger, targetId: number, giveUpHours: number): Promise<Joined | null> {
  const { batches, joined } = await ledger.transaction(async sql => {
    const sealed = await sealTarget(sql, targetId)
    return { batches: sealed, joined: await join(sql, targetId, sealed, giveUpHours) }
  })
  // a recall admitted meanwhile has not seen these batches, and this has not seen the recall
  return joined ?? (batches.length === 0 ? null : join(ledger, targetId, batches, giveUpHours))
}

async function join(
  sql: Sql,
  targetId: number,
  batches: readonly { readonly seq: number }[],
  giveUpHours: number,
): Promise<Joined | null> {
  const recall = await latestRecallOf(sql, targetId)
  if (recall === null) return null
  return { recallId: recall.recallId, work: await growRecall(sql, recall.recallTargetId, batches, giveUpHours) }
}
