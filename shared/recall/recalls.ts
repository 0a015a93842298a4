/** Recalls already admitted: who may see them, ending them early, trying again. */
import { linkTo } from '../base-path.ts'
import { callerOf, visibleTo } from '../access/grant.ts'
import { Problem } from '../errors.ts'
import type { Right } from '../functions.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { cancelRecall } from '../ledger/cancel-recall.ts'
import { readRecall, type StoredRecall } from '../ledger/recalls.ts'
import { retryRecall } from '../ledger/retry-recall.ts'
import { isUniqueViolation } from '../ledger/sql.ts'
import type { ApiResponse } from '../platform/request.ts'
import { json, type SignedContext } from '../serve.ts'
import { readReason } from './reason.ts'
import { viewOptions } from './view-options.ts'
import { viewRecall } from './view.ts'

/** How long a retry works on the recall before it answers. */
const retryWaitMs = 2000

/** The recall, or not-found: also where some of it lies outside the caller's grant. */
export async function visibleRecall(context: SignedContext, id: string, right: Right = 'read'): Promise<StoredRecall> {
  const recall = await readRecall(context.ledger, id)
  if (recall === null || !visibleTo(recall, callerOf(context.principal, right))) {
    throw new Problem('not-found', 'There is no such recall.')
  }
  return recall
}

/** Ends what no vendor was asked yet; what is out keeps its outcome. */
export async function cancel(context: SignedContext): Promise<ApiResponse> {
  const reason = readReason(context)
  const before = await visibleRecall(context, context.params['id'] ?? '', 'operate')
  const entry = await context.signEntry({
    by: context.principal,
    action: 'recall.cancelled',
    object: before.id,
    request: reason === null ? {} : { reason },
  })
  if (!(await cancelRecall(context.ledger, before.id, callerOf(context.principal, 'operate'), entry, reason))) {
    if (before.state === 'cancelled') return shownNow(context, 200, before.id)
    throw new Problem('conflict', `The recall is ${before.state} already: nothing is left to cancel.`)
  }
  await finishRecalls(context.ledger, [before.id])
  context.sealer.soon()
  context.log.info('recall cancelled', { recall_id: before.id, actor: context.principal.id })
  if ((await readRecall(context.ledger, before.id))?.untold === true) await context.kick?.()
  return shownNow(context, 200, before.id)
}

/** Tries again what ended without the vendor's yes. */
export async function retry(context: SignedContext): Promise<ApiResponse> {
  const reason = readReason(context)
  const before = await visibleRecall(context, context.params['id'] ?? '', 'operate')
  if (before.state === 'pending_approval')
    throw new Problem('conflict', 'The recall waits for approval: nothing of it has been tried.')
  // what a hold took in may have ended a while ago
  if (before.state === 'running' && before.holdsUntil === null)
    throw new Problem('conflict', 'The recall is running: it tries again by itself.')
  const { giveUpHours } = await context.policy()
  const by = callerOf(context.principal, 'operate')
  const entry = await context.signEntry({
    by,
    action: 'recall.retried',
    object: before.id,
    request: reason === null ? {} : { reason },
  })
  // vendors are asked as by a recall that is new
  const giveBack = await context.limits.permitRecall(context.principal, notTaken(before))
  // what others have to agree to is asked for together with it, or nobody would ever be asked
  const retrying = context.ledger.transaction(sql => retryRecall(sql, before.id, giveUpHours, by, entry, reason))
  const work = await retrying.catch((error: unknown) => {
    giveBack()
    if (isUniqueViolation(error)) throw new Problem('conflict', 'Another recall is on its way for the same push.')
    throw error
  })
  if (work === 0) {
    giveBack()
    throw new Problem('conflict', `Nothing of this recall can be tried again: ${whyNothing(before)}.`)
  }
  context.log.info('recall retried', { recall_id: before.id, actor: context.principal.id, work })
  await context.drainer.run(before.id, Date.now() + retryWaitMs)
  const after = await visibleRecall(context, before.id)
  if (after.state === 'running' || after.untold) await context.kick?.()
  return shownNow(context, 202, before.id)
}

function whyNothing({ state, targets, rest }: StoredRecall): string {
  if (targets.some(target => target.gone)) return 'its push tokens were deleted (tokenRetentionDays)'
  if (state === 'done') return 'the vendor took all of it'
  // the vendor answered for other devices of those requests, and a retry may not ask for these again
  if ([...targets, ...rest].some(({ tally }) => tally.unknown > 0))
    return 'devices with an unknown outcome shared their requests with others that were answered, and cannot be told from them any more; a new one, with "again": true, asks for all of them once more'
  // declined, refused in the plan, taken over, or done in part: a retry is for requests that reached nobody
  return 'no request of it ended without reaching anybody; ask for a new one, with "again": true'
}

/** Devices of which no vendor took the recall; what is not counted is none. */
function notTaken({ targets, rest }: StoredRecall): number {
  return [...targets, ...rest].reduce((sum, { tally }) => sum + Math.max(0, (tally.total ?? 0) - tally.accepted), 0)
}

export async function shownNow(context: SignedContext, status: number, id: string): Promise<ApiResponse> {
  const recall = await visibleRecall(context, id)
  return json(status, viewRecall(recall, await viewOptions(context, [recall], context.principal)), {
    location: linkTo(`/v1/recalls/${id}`),
  })
}
