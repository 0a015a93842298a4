/** What a recall takes in that came after it began: late targets of its messages, and messages that it holds. */
import type { Actor } from '../ledger/audit.ts'
import { joinRecall, noteGrowth, recallsToJoin } from '../ledger/grow-recall.ts'
import { attachHeld, type DueHold } from '../ledger/holds.ts'
import { readMessage, type StoredTarget } from '../ledger/messages.ts'
import type { Cause } from '../ledger/new-recall.ts'
import { handlesIn, readRecall } from '../ledger/recalls.ts'
import type { Runtime } from '../runtime.ts'
import { lineOf } from './approval.ts'
import { isAskedOperation, type Overlay } from './plan.ts'
import { planLate } from './planned-handles.ts'

/** What is brought by `by`: whom the trail names. */
export type Joining = Runtime & { readonly by: Actor }

/** A sender in mid-flight is not kept waiting long for a recall that takes in what he brought. */
export const joinWaitMs = 1000

/**
 * Each goes into the newest recall of the message that reaches its app. False: there is none. `noted`: the trail tells of it
 * already.
 */
export async function joinTargets(
  context: Joining,
  messageId: string,
  late: readonly StoredTarget[],
  noted = false,
): Promise<boolean> {
  const apps = late.map(({ app }) => app)
  const recallOf = new Map(
    (await recallsToJoin(context.ledger, messageId, apps)).map(({ app, recallId }) => [app, recallId]),
  )
  const until = Date.now() + joinWaitMs
  for (const recallId of new Set(recallOf.values())) {
    const mine = late.filter(({ app }) => recallOf.get(app) === recallId)
    await joinOne(context, recallId, mine, until, noted)
  }
  return recallOf.size > 0
}

async function joinOne(
  context: Joining,
  recallId: string,
  late: readonly StoredTarget[],
  until: number,
  noted: boolean,
): Promise<void> {
  const recall = await readRecall(context.ledger, recallId)
  if (recall === null || !isAskedOperation(recall.operation)) return
  // a verdict that came with the same request may have taken them already
  const there = await handlesIn(context.ledger, recallId, late)
  const missing = late.filter(({ app, handle }) => !there.has(`${app} ${handle}`))
  if (missing.length === 0) return
  const excepts = 'exceptTokens' in recall.subject
  const { operation, fallback } = recall
  const wanted = { operation, fallback, overlay: recall.overlay as Overlay | null, excepts }
  const policy = await context.policy()
  const planned = await Promise.all(missing.map(target => planLate(context, wanted, target, policy)))
  const line = lineOf(
    planned.map(({ plan }) => plan),
    policy,
  )
  if (!noted) await grow(context, recallId, [...new Set(missing.map(({ app }) => app))], 'target')
  const work = await joinRecall(context.ledger, recallId, planned, policy.giveUpHours, line, excepts)
  await context.drainer.run(recallId, Math.min(until, Date.now() + (work > 0 ? joinWaitMs : 150)))
}

/** A sender's late target or tokens make a recall grow that somebody else asked for: it names him, and so does the trail. */
export async function grow(
  context: Joining,
  recallId: string,
  apps: readonly string[],
  by: 'target' | 'tokens',
): Promise<void> {
  const entry = await context.signEntry({
    by: context.by,
    action: 'recall.grown',
    object: recallId,
    request: { apps, by },
  })
  await noteGrowth(context.ledger, recallId, apps, by, entry)
}

/** All that hold it are named before its pushes go to one of them: the newest that reaches their app. False: somebody else did it. */
export async function takeHeld(
  context: Joining,
  messageId: string,
  holds: readonly DueHold[],
  cause: Actor | null,
): Promise<boolean> {
  // somebody else takes it in at this moment, unless that was a while ago
  let mine = false
  for (const due of holds) mine = (await attach(context, due, cause)) || mine
  if (!mine && !holds.some(({ left }) => left)) return false
  const message = await readMessage(context.ledger, messageId)
  const standing = message?.targets.filter(({ superseded }) => superseded === null) ?? []
  await joinTargets(context, messageId, standing, mine)
  return true
}

async function attach(
  context: Joining,
  { recallId, messageId, registeredBy, person, by }: DueHold,
  cause: Actor | null,
): Promise<boolean> {
  const named: Cause = { actor: cause?.id ?? registeredBy, person: cause === null ? person : cause.person, by }
  const entry = await context.signEntry({
    by: context.by,
    action: 'recall.grown',
    object: recallId,
    request: { message: messageId, cause: named },
  })
  return attachHeld(context.ledger, recallId, messageId, named, entry)
}
