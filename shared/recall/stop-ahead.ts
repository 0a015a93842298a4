/** What goes ahead of a recall while that waits for another person (`"meanwhile":"stop"`, contract §5). */
import { mayFollowStop } from '../asked-operation.ts'
import { newId } from '../ids.ts'
import { admitExcepting, isOverHour } from '../ledger/admit-recall.ts'
import { hourOf } from '../ledger/approvals.ts'
import type { HandleFacts, PriorRecall } from '../ledger/facts.ts'
import { admissionOf, askedBy, type NewRecall } from '../ledger/new-recall.ts'
import { isUniqueViolation } from '../ledger/sql.ts'
import { sealInHand } from '../ledger/tokens.ts'
import { measureOf } from './approval.ts'
import { type Making, newTarget } from './new-target.ts'
import { batchOf, broughtTokens } from './brought.ts'
import { gather } from './gather.ts'
import { planHandles } from './planned-handles.ts'
import type { Admission, Wanted } from './wanted.ts'

/**
 * A stop of what the vendors let the asked operation follow, under the line of stops. Null: there is nothing of that, or it would
 * itself have to wait.
 */
export async function stopAhead(
  context: Admission,
  asked: Wanted,
  { id, reason, ticket, causedBy, subject, outside, giveUpHours, policyDigest }: AheadOf,
  handles: readonly HandleFacts[],
  making: Making,
): Promise<NewRecall | null> {
  const { caller } = context
  const { overlay: _, ...rest } = asked
  const wanted: Wanted = { ...rest, operation: 'stop', overlay: null, fallback: false }
  const planned = (await planHandles(context, wanted, handles)).filter(
    ({ plan, provider, handle }) =>
      plan.ladder[0] === 'stop' && handle.record?.scheduled !== true && mayFollowStop(provider, asked.operation),
  )
  const measured = (overHour: boolean) => measureOf(caller, wanted, planned, () => false, making.policy, overHour)
  const measure = measured(false)
  const { payer, line, reach } = measure
  if (planned.length === 0 || measure.approval !== null) return null
  if (line !== null && payer !== null && (await hourOf(context.ledger, payer, 'stop')) + reach.devices > line)
    return null
  const stop: Omit<NewRecall, 'entry'> = {
    id: newId('rcl'),
    aheadOf: id,
    operation: 'stop',
    reason,
    ticket,
    ...askedBy(caller),
    outside,
    origin: context.origin ?? null,
    causedBy,
    subject,
    overlay: null,
    fallback: false,
    giveUpHours,
    ...(policyDigest === undefined ? {} : { policyDigest }),
    expiry: false,
    measure,
    messageIds: [],
    targets: planned.map(one => newTarget(one, making)),
    key: null,
  }
  return { ...stop, entry: await context.signEntry(admissionOf(stop)) }
}

type AheadOf = Pick<
  NewRecall,
  'id' | 'reason' | 'ticket' | 'causedBy' | 'subject' | 'outside' | 'giveUpHours' | 'policyDigest'
>

/** A stop goes ahead of a recall that waits already. Resolves with its id; null: there is nothing to be stopped, or one has gone. */
export async function addStopAhead(
  context: Admission,
  wanted: Wanted,
  recallId: string,
  reason: string,
  ticket: string | null,
): Promise<string | null> {
  const { handles, outside } = await gather(context, wanted.named)
  const mine = handles.filter(({ prior }) => prior?.recallId === recallId && prior.state === 'pending_approval')
  const policy = await context.policy()
  const brought = broughtTokens(wanted.named)
  const inHand = brought === null ? [] : sealInHand(brought, batchOf(wanted.named))
  const making = { named: wanted.named, brought, inHand, links: new Map<HandleFacts, PriorRecall>(), policy }
  const { giveUpHours } = policy
  const asked = { id: recallId, reason, ticket, causedBy: [], subject: wanted.named.shown, outside, giveUpHours }
  const stop = await stopAhead(context, wanted, asked, mine, making)
  if (stop === null) return null
  try {
    await admitExcepting(context.ledger, [stop], wanted.named.exceptions)
    return stop.id
  } catch (error) {
    if (isOverHour(error) || isUniqueViolation(error)) return null
    throw error
  }
}
