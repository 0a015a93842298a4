/** Messages that recalls hold, where there are any. How they are taken in is loaded only then. */
import type { Actor } from '../ledger/audit.ts'
import { findDueHolds, type HoldScope } from '../ledger/holds.ts'
import type { Joining } from './join.ts'

/**
 * Recalls that hold a content or a message take in what was registered under it. `cause`: who did that; null: whoever registered
 * the message. Resolves with how many messages they took. Never rejects: what is left is done by `sweep`.
 */
export async function meetHolds(context: Joining, scope: HoldScope, cause: Actor | null = null): Promise<number> {
  let taken = 0
  try {
    const due = await findDueHolds(context.ledger, scope)
    if (due.length === 0) return 0
    const { takeHeld } = await import('./join.ts')
    for (const messageId of new Set(due.map(({ messageId }) => messageId))) {
      const holds = due.filter(one => one.messageId === messageId)
      if (await takeHeld(context, messageId, holds, cause)) taken += 1
    }
  } catch (error) {
    context.log.error('what is held could not be taken in', { error })
  }
  return taken
}
