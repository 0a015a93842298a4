/** From what is asked to a recall in the ledger, whoever asks: a request, a verdict, the end of a message's time. */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { Problem } from '../errors.ts'
import { newId } from '../ids.ts'
import { admissionOf, admitRecalls, type NewRecall, type NewRecallTarget } from '../ledger/admit-recall.ts'
import type { HandleFacts, PriorRecall } from '../ledger/facts.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { cancelRecall, yieldHandles } from '../ledger/recalls.ts'
import type { Policy } from '../secrets/documents.ts'
import { digestTokens, intakeOf, linesOf, type SealedBatch, sealInHand } from '../ledger/tokens.ts'
import { keepTokens } from './late-tokens.ts'
import {
  type Admission,
  broughtTokens,
  gather,
  planHandles,
  refuseImpossible,
  unsealedOf,
  type Wanted,
} from './planned-handles.ts'

/**
 * new: admitted now; `inHand` are the batches of its only push, where the tokens came with the request · known: a recall
 * that does just this is there already. `unsealed`: targets of which push tokens wait to be sealed; they join as that is done,
 * by whoever asked while there is time, and by `sweep`.
 */
export type Admitted = {
  readonly recallId: string
  readonly messageIds: readonly string[]
  readonly unsealed: readonly number[]
} & (
  | { readonly kind: 'new'; readonly work: number; readonly inHand: readonly SealedBatch[] }
  | { readonly kind: 'known' }
)

/** Throws Problems, and unique violations where somebody else admitted meanwhile: look again, and try again. */
export async function admit(
  context: Admission,
  wanted: Wanted,
  reason: string,
  ticket: string | null,
  key: NewRecall['key'],
): Promise<Admitted> {
  const { ledger, principal, log } = context
  const { operation, named } = wanted
  const { messageIds, handles } = await gather(context, named)
  const policy = await context.policy()
  const brought = broughtTokens(named)
  const unsealed = unsealedOf(handles)
  const links = new Map<HandleFacts, PriorRecall>()
  const yields: PriorRecall[] = []
  const superseded = new Set<string>()
  for (const handle of handles) {
    const { prior } = handle
    if (prior === null) continue
    if (wanted.atItsEnd === true && (prior.active || isDone(prior)) && covers(prior, handle, brought)) {
      links.set(handle, prior)
      continue
    }
    if (prior.active && prior.operation !== operation) {
      if (!wanted.supersede) throw inTheWay(prior)
      superseded.add(prior.recallId)
      yields.push(prior)
    } else if (prior.active) {
      if (covers(prior, handle, brought)) links.set(handle, prior)
      else if (brought !== null) {
        await context.limits.permitRecall(principal, brought.length)
        await keepTokens(ledger, await intakeOf(ledger, prior.targetId), linesOf(brought))
        unsealed.push(prior.targetId)
        links.set(handle, prior)
      } else yields.push(prior)
    } else if (
      !wanted.again &&
      prior.recent &&
      prior.operation === operation &&
      isDone(prior) &&
      covers(prior, handle, brought)
    ) {
      links.set(handle, prior)
    }
  }
  const linkedRecalls = new Set([...links.values()].map(prior => prior.recallId))
  if (handles.length > 0 && links.size === handles.length && (linkedRecalls.size === 1 || wanted.atItsEnd === true)) {
    for (const recallId of linkedRecalls) return { kind: 'known', recallId, messageIds, unsealed }
  }
  const planned = await planHandles(context, wanted, handles)
  // with nobody to tell, the recall itself says that nothing could be done
  if (wanted.atItsEnd !== true) refuseImpossible(planned, links)
  const inHand = brought === null ? [] : sealInHand(brought)
  const targets = planned.map(
    ({ handle, plan, provider }): NewRecallTarget => ({
      targetId: brought === null ? handle.targetId : null,
      app: handle.app,
      provider: provider.name,
      handle: handle.handle,
      audience: handle.audience,
      audienceSize: handle.audienceSize,
      batches: inHand,
      addressing: provider.capabilities.addressing,
      tokensDigest: brought === null ? null : digestTokens(brought),
      plan: {
        requested: plan.requested,
        ladder: plan.ladder,
        steps: plan.steps,
        refusal: plan.refusal,
        audienceSize: plan.audienceSize,
      },
      linkedId: links.get(handle)?.recallTargetId ?? null,
      lastRecallTargetId: handle.lastRecallTargetId,
      firstStep: provider.status === undefined ? 'act' : 'read',
    }),
  )
  const asked: Omit<NewRecall, 'entry'> = {
    id: newId('rcl'),
    operation,
    reason,
    ticket,
    requestedBy: principal.id,
    person: principal.person,
    subject: named.shown,
    overlay: wanted.overlay,
    fallback: wanted.fallback,
    giveUpHours: policy.giveUpHours,
    policyDigest: createHash('sha256').update(canonicalJson(policy)).digest('hex'),
    expiry: wanted.atItsEnd ?? false,
    // a bare handle takes back what went out under it, not the whole message
    messageIds: named.target === null ? messageIds : [],
    targets,
    key,
  }
  const recall: NewRecall = { ...asked, entry: await context.signEntry(admissionOf(asked)) }
  const insert = () => context.admit(recall)
  const supplant = () =>
    ledger.transaction(async sql => {
      for (const object of superseded) {
        const request = { supersededBy: recall.id }
        const entry = await context.signEntry({ by: principal, action: 'recall.superseded', object, request })
        await cancelRecall(sql, object, entry, recall.id)
      }
      await yieldHandles(
        sql,
        yields.map(prior => prior.recallTargetId),
      )
      const [work = 0] = await admitRecalls(sql, [recall])
      return work
    })
  const giveBack = await context.limits.permitRecall(principal, devicesOf(targets, handles, policy))
  const work = await (yields.length === 0 ? insert() : supplant()).catch((error: unknown) => {
    giveBack()
    throw error
  })
  if (superseded.size > 0) await finishRecalls(ledger, [...superseded])
  log.info('recall admitted', { recall_id: recall.id, operation, actor: principal.id, targets: targets.length, work })
  return { kind: 'new', recallId: recall.id, messageIds, unsealed, work, inHand }
}

/** Devices that work is begun for; of a push whose number nobody knows, what the policy assumes. */
function devicesOf(
  targets: readonly NewRecallTarget[],
  handles: readonly HandleFacts[],
  { assumeAudience }: Policy,
): number {
  const counts = targets.map(({ addressing, batches, audienceSize, linkedId, plan }, index) => {
    if (linkedId !== null || plan.ladder.length === 0) return 0
    if (addressing === 'task') return audienceSize ?? assumeAudience
    if (batches.length > 0) return batches.reduce((sum, { count }) => sum + count, 0)
    const handle = handles[index]
    return handle === undefined ? 0 : handle.devices - handle.gone + handle.waiting
  })
  return counts.reduce((a, b) => a + b, 0)
}

/** True when the earlier recall's devices are all that this request names. */
function covers(prior: PriorRecall, handle: HandleFacts, brought: readonly string[] | null): boolean {
  if (brought !== null) return prior.tokensDigest === digestTokens(brought)
  return prior.tokensDigest === null && (handle.targetId === null || prior.targetId === handle.targetId)
}

function isDone(prior: PriorRecall): boolean {
  return prior.state === 'done' || prior.state === 'partial'
}

function inTheWay(prior: PriorRecall): Problem {
  return new Problem(
    'conflict',
    `This push is in recall ${prior.recallId} (${prior.operation}) already. Wait for it, cancel it, or send "supersede": true.`,
    { members: { recall: prior.recallId, links: { recall: `/v1/recalls/${prior.recallId}` } } },
  )
}
