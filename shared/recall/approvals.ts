/** What another person decides about a recall: approve, decline, or review what began without (contract §5). */
import { linkTo } from '../base-path.ts'
import { decisionBody } from '../api-schemas.ts'
import { Problem } from '../errors.ts'
import { rightsOf } from '../functions.ts'
import { decideRecall, identityOf, reviewRecall } from '../ledger/approvals.ts'
import { readRecall, type StoredRecall } from '../ledger/recalls.ts'
import { isUniqueViolation, untilSeen } from '../ledger/sql.ts'
import type { ApiResponse } from '../platform/request.ts'
import { type Access, type AccessKey, accessSchema } from '../secrets/access-document.ts'
import { defaultPolicy } from '../secrets/documents.ts'
import { readRequired } from '../secrets/secrets.ts'
import type { SignedContext } from '../serve.ts'
import { isOther } from './deciders.ts'
import { isPaused, paused } from './paused.ts'
import { shownNow, visibleRecall } from './recalls.ts'
import { viewOptions } from './view-options.ts'
import { viewApproval } from './view.ts'

/** How long an approval works on the recall before it answers. */
const waitMs = 2000

export async function decide(context: SignedContext, decision: 'approved' | 'declined'): Promise<ApiResponse> {
  const { ledger, principal, log } = context
  const { digest = null, reason = null } = context.request.body.length > 0 ? context.body(decisionBody()) : {}
  const recall = await visibleRecall(context, context.params['id'] ?? '', 'decide')
  const person = otherPerson(context, recall)
  const access = await readRequired(context.secrets, 'unpush/access', accessSchema())
  if (decision === 'approved') await refuseWithdrawn(context, recall, access)
  const entry = await context.signEntry({
    by: principal,
    action: `recall.${decision}`,
    object: recall.id,
    request: { digest, reason },
  })
  // a stop may be agreed to where nobody can tell what the policy is: what waits was measured when it was asked for
  const { giveUpHours } = await context.policy().catch((error: unknown) => {
    if (recall.operation !== 'stop') throw error
    return defaultPolicy
  })
  const mayStill = (vote: { readonly person: string; readonly actor: string }) =>
    !vote.actor.startsWith('key:') ||
    access.keys.some(
      key =>
        `key:${key.id}` === vote.actor &&
        key.person !== null &&
        identityOf(key.person) === identityOf(vote.person) &&
        mayNow(key, 'decide', recall.apps),
    )
  const asked = {
    recallId: recall.id,
    decision,
    person,
    actor: principal.id,
    reason,
    digest,
    giveUpHours,
    entry,
    mayStill,
  }
  // a recall of one of its pushes may be admitted at this moment
  const { kind } = await untilSeen(() => ledger.transaction(sql => decideRecall(sql, asked)))
  if (kind === 'none' || kind === 'late' || kind === 'changed') throw await refusal(context, recall.id, kind)
  if (kind !== 'same') {
    context.sealer.soon()
    log.info(`recall ${decision}`, { recall_id: recall.id, actor: principal.id, decided: kind === 'done' })
  }
  if (kind === 'done' && decision === 'approved') await context.drainer.run(recall.id, Date.now() + waitMs)
  const after = await readRecall(ledger, recall.id)
  if (after !== null && (after.state === 'running' || after.untold)) await context.kick?.()
  return shownNow(context, 200, recall.id)
}

export async function review(context: SignedContext): Promise<ApiResponse> {
  const { principal } = context
  const { reason = null } = context.request.body.length > 0 ? context.body(decisionBody()) : {}
  const recall = await visibleRecall(context, context.params['id'] ?? '', 'decide')
  const person = otherPerson(context, recall)
  const entry = await context.signEntry({
    by: principal,
    action: 'recall.reviewed',
    object: recall.id,
    request: { reason },
  })
  const asked = { recallId: recall.id, person, actor: principal.id, reason, entry }
  const reviewed = await context.ledger
    .transaction(sql => reviewRecall(sql, asked))
    .catch((error: unknown) => {
      if (isUniqueViolation(error)) return false
      throw error
    })
  if (!reviewed) {
    const mine = recall.approval?.votes.some(vote => vote.decision === 'reviewed' && vote.actor === principal.id)
    if (mine !== true)
      throw new Problem('conflict', 'There is nothing to review: no break-glass recall, or somebody has reviewed it.')
  } else context.log.info('recall reviewed', { recall_id: recall.id, actor: principal.id })
  return shownNow(context, 200, recall.id)
}

/** Who decides: a person, and not the one who asked, whatever key either of them holds. Throws forbidden. */
function otherPerson({ principal }: SignedContext, recall: StoredRecall): string {
  const { person, owner, id } = principal
  if (person === null || identityOf(person) === '')
    throw new Problem('forbidden', 'This key names no person: it cannot stand for a second one.')
  if (!isOther(recall, { person, owner, id }))
    throw new Problem('forbidden', 'Another person must decide: this is who asked for the recall.')
  return person
}

/** What was asked for by somebody who may not ask any more, or is paused, does not begin. Throws forbidden or conflict. */
async function refuseWithdrawn(context: SignedContext, recall: StoredRecall, { keys }: Access): Promise<void> {
  const pause = (await context.pauses()).find(
    one =>
      isPaused(one, recall.requestedBy, recall.person) || (one.kind === 'app' && recall.apps.includes(one.subject)),
  )
  if (pause !== undefined) throw paused(pause)
  if (!recall.requestedBy.startsWith('key:')) return
  const still = keys.some(
    key =>
      (`key:${key.owner}` === recall.owner || (recall.person !== null && key.person === recall.person)) &&
      mayNow(key, 'operate', recall.apps),
  )
  if (!still) throw new Problem('conflict', 'Who asked for this recall may not ask for it any more: decline it.')
}

function mayNow(key: AccessKey, right: 'operate' | 'decide', apps: readonly string[]): boolean {
  const live = key.expiresAt === null || new Date() < key.expiresAt
  const may = key.roles.some(role => rightsOf[role].includes(right))
  return live && may && apps.every(app => key.apps === '*' || key.apps.has(app))
}

async function refusal(context: SignedContext, id: string, kind: 'none' | 'late' | 'changed'): Promise<Problem> {
  const recall = await visibleRecall(context, id)
  const approval = viewApproval(recall, await viewOptions(context, [recall], context.principal))
  const why = {
    none: `Nothing of this recall waits for approval: it is ${recall.state}.`,
    late: 'Nobody approved in time: ask for the recall again.',
    changed: 'What waits is no longer what was shown: look at it again, and decide on its digest.',
  }[kind]
  return new Problem('conflict', why, {
    members: { recall: id, links: { recall: linkTo(`/v1/recalls/${id}`) }, approval },
  })
}
