/** Targets that came to a message while it was being recalled, and that nobody had taken in. How they join is loaded only then. */
import { noteGrowth, recallsToJoin } from '../ledger/grow-recall.ts'
import { findLateTargets, type LateTargets } from '../ledger/late-targets.ts'
import { readMessage } from '../ledger/messages.ts'
import { handlesIn } from '../ledger/recalls.ts'
import type { Joining } from './join.ts'

const mostAtOnce = 200

/** Resolves with how many messages had some. What cannot be done of one keeps no other waiting: it is found again. */
export async function joinLateTargets(context: Joining, untilMs: number): Promise<number> {
  let joined = 0
  for (const late of await findLateTargets(context.ledger, mostAtOnce)) {
    if (Date.now() > untilMs) break
    try {
      await joinLate(context, late)
      joined += 1
    } catch (error) {
      context.log.error('late targets could not join', { message_id: late.messageId, error })
    }
  }
  return joined
}

/** Whoever registered the message made its recalls grow. */
async function joinLate(context: Joining, { messageId, registeredBy, person, targetIds }: LateTargets): Promise<void> {
  const { ledger, by } = context
  const message = await readMessage(ledger, messageId)
  const late = message?.targets.filter(({ id, superseded }) => targetIds.includes(id) && superseded === null) ?? []
  const recalls = await recallsToJoin(
    ledger,
    messageId,
    late.map(({ app }) => app),
  )
  const { joinTargets } = await import('./join.ts')
  for (const recallId of new Set(recalls.map(one => one.recallId))) {
    const apps = recalls.flatMap(one => (one.recallId === recallId ? [one.app] : []))
    const mine = late.filter(({ app }) => apps.includes(app))
    const there = await handlesIn(ledger, recallId, mine)
    const missing = mine.filter(({ app, handle }) => !there.has(`${app} ${handle}`))
    if (missing.length === 0) continue
    const request = { apps, by: 'target', cause: { id: registeredBy, person } }
    const entry = await context.signEntry({ by, action: 'recall.grown', object: recallId, request })
    // who cannot go on would say it again at every run
    await context.policy()
    await noteGrowth(ledger, recallId, apps, 'target', entry, { id: registeredBy, person })
    await joinTargets(context, messageId, missing, true)
  }
}
