/** How one verdict is done: an admission over all messages of its content, or one for each. */
import { Problem, type ProblemSlug } from '../errors.ts'
import type { Cause } from '../ledger/new-recall.ts'
import { findAnswer } from '../ledger/answers.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { isOutage, isUniqueViolation } from '../ledger/sql.ts'
import { type DueVerdict, holdVerdict, recordEffects } from '../ledger/verdicts.ts'
import { admit, type Admitted } from '../recall/admission.ts'
import type { Overlay } from '../recall/plan.ts'
import type { Admission } from '../recall/wanted.ts'
import { isLimit } from '../limits.ts'
import type { Runtime } from '../runtime.ts'
import { clip } from '../text.ts'
import { authorities } from './source.ts'

/** Of its messages, tried one by one: the rest is the next run's. */
const mostAtOnce = 50
const mostTries = 6
const maxReasonLength = 500

/** Refused for good; what else goes wrong is tried again by `sweep`. */
const forGood = new Set<ProblemSlug>(['unsupported', 'invalid-request', 'not-found', 'forbidden'])

/** `origin` of the request that brought the verdict, or what it waited for. */
export type Acting = Runtime & Pick<Admission, 'origin'>

export interface Acted {
  readonly recalls: readonly string[]
  /** Somebody else did it meanwhile, for messages that only the ledger can tell. */
  readonly again: boolean
  /** Its endpoint is over its limit. */
  readonly limited: boolean
}

/** Rejects in an outage: what is wrong with one message holds up no other. */
export async function actOnVerdict(runtime: Acting, due: DueVerdict, cause: Cause | null): Promise<Acted> {
  const recalls: string[] = []
  const untaken: string[] = []
  for (const { id, recallId } of due.messages) {
    if (recallId === null) untaken.push(id)
    else {
      await recordEffects(runtime.ledger, due.id, [id], recallId)
      recalls.push(recallId)
    }
  }
  if (untaken.length === 0 || !due.first) return { recalls, again: false, limited: false }
  if (!due.begun) {
    const whole = { subject: { content: due.content }, key: due.id, messageIds: untaken }
    const done = await attempt(runtime, due, cause, whole).catch((error: unknown): Attempt => {
      if (isOutage(error)) throw error
      runtime.log.error('verdict not done for all messages at once', { verdict_id: due.id, error })
      return { kind: 'held', recalls: [], problem: null }
    })
    // one of them is in the way of all: the rest need not wait for that
    if (done.kind === 'done' || done.kind === 'again') {
      return { recalls: [...recalls, ...done.recalls], again: done.kind === 'again', limited: false }
    }
    if (done.kind === 'limited') return { recalls, again: false, limited: true }
  }
  // from another one at each run: those that have to wait must not stand before all others for ever
  const from = Math.floor(Math.random() * untaken.length)
  for (const message of [...untaken.slice(from), ...untaken.slice(0, from)].slice(0, mostAtOnce)) {
    const alone = { subject: { message }, key: `${due.id}/${message}`, messageIds: [message] }
    const done = await attempt(runtime, due, cause, alone).catch((error: unknown): Attempt => {
      if (isOutage(error)) throw error
      runtime.log.error('verdict not done for a message', { verdict_id: due.id, message_id: message, error })
      return { kind: 'held', recalls: [], problem: null }
    })
    if (done.kind === 'refused') await recordEffects(runtime.ledger, due.id, [message], null, done.problem)
    if (done.kind === 'held' && done.problem !== null) await holdVerdict(runtime.ledger, due.id, done.problem)
    if (done.kind === 'limited') return { recalls, again: false, limited: true }
    recalls.push(...done.recalls)
  }
  return { recalls, again: false, limited: false }
}

interface Attempt {
  readonly kind: 'done' | 'refused' | 'held' | 'limited' | 'again'
  readonly recalls: readonly string[]
  /** Why it is refused, or has to wait; for people. */
  readonly problem: string | null
}

/** What a verdict is tried on: all messages of its content, or one. */
interface Share {
  readonly subject: { readonly message: string } | { readonly content: string }
  readonly key: string
  readonly messageIds: readonly string[]
}

async function attempt(runtime: Acting, due: DueVerdict, cause: Cause | null, share: Share): Promise<Attempt> {
  const { ledger, log } = runtime
  try {
    const { recallId, messageIds } = await admitOnce(runtime, due, cause, share)
    if (messageIds === null && 'content' in share.subject) return { kind: 'again', recalls: [], problem: null }
    await recordEffects(ledger, due.id, messageIds ?? share.messageIds, recallId)
    return { kind: 'done', recalls: [recallId], problem: null }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (isLimit(error)) {
      await holdVerdict(ledger, due.id, error.message, true)
      return { kind: 'limited', recalls: [], problem: error.message }
    }
    // what is paused may act again within the day
    const waits = 'pause' in error.members || !forGood.has(error.slug)
    if (waits) return { kind: 'held', recalls: [], problem: error.message }
    log.warn('verdict refused', { verdict_id: due.id, error })
    return { kind: 'refused', recalls: [], problem: error.message }
  }
}

/** `messageIds` null: this key has been used, and the recall is the one that it was used for. */
async function admitOnce(
  runtime: Acting,
  due: DueVerdict,
  cause: Cause | null,
  { subject, key, messageIds }: Share,
): Promise<{ readonly recallId: string; readonly messageIds: readonly string[] | null }> {
  const { ledger } = runtime
  const id = `endpoint:${due.endpoint}`
  const caller = { id, person: null, owner: id, grant: due.apps }
  const place = { principal: id, path: `/v1/webhooks/${due.endpoint}`, key, digest: due.id }
  const wanted = {
    operation: due.operation,
    overlay: due.operation === 'stop' ? null : (due.overlay as Overlay | null),
    fallback: true,
    again: false,
    supersede: false,
    line: due.approvalAbove,
    allOrNothing: 'content' in subject,
    named: { subject, shown: subject, target: null },
  }
  for (let tries = 1; ; tries++) {
    const known = await findAnswer(ledger, place.principal, place.path, place.key)
    if (known !== null) return { recallId: known.recallId, messageIds: null }
    try {
      const verdict: Cause = { actor: id, person: null, by: 'verdict', verdict: due.id }
      const context: Admission = {
        ...runtime,
        caller,
        causes: [verdict, ...(cause === null ? sendersOf(due, messageIds) : [cause])],
      }
      const admitted: Admitted = await admit(context, wanted, reasonOf(due), null, place)
      if (admitted.kind === 'new' && admitted.work === 0) await finishRecalls(ledger, [admitted.recallId])
      return admitted
    } catch (error) {
      if (!isUniqueViolation(error) || tries === mostTries) throw error
    }
  }
}

/** Whoever registered a message after the verdict came, and did not come to meeting it: what is done at last is for him, too. */
function sendersOf({ messages }: DueVerdict, ids: readonly string[]): Cause[] {
  const late = messages.filter(message => message.late && ids.includes(message.id))
  const causes = late.map(({ registeredBy, person }): Cause => ({ actor: registeredBy, person, by: 'content' }))
  return [...new Map(causes.map(cause => [JSON.stringify(cause), cause])).values()]
}

/** `Moderation: block by a human (aliyun-green; ad, spam): …` */
function reasonOf({ decision, action, authority, source, labels, reason }: DueVerdict): string {
  const by = { machine: '', human: ' by a human', appeal: ' on appeal' }[authorities[authority] ?? 'machine']
  const details = [source, ...(labels.length > 0 ? [labels.join(', ')] : [])].join('; ')
  return clip(
    `Moderation: ${action ?? decision}${by} (${details})${reason === null ? '' : `: ${reason}`}`,
    maxReasonLength,
  )
}
