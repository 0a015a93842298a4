/** What a recall says of itself: what it is about, what stays, how often it is worth asking. */
import type { Devices, Recall } from './answers.ts'
import { handleOf } from './handles.ts'
import { listed, w } from './language.ts'
import { channelName } from './names.ts'
import type { PaceNow } from './resource.ts'

/** What each part of a recall's page needs. */
export interface RecallPart {
  readonly recall: Recall
  readonly reread: () => void
  /** Which one is open. */
  readonly dialog: string | null
}

export function paceOfRecall(recall: Recall | null): PaceNow {
  if (recall === null) return { pace: 'list' }
  if (recall.state === 'pending_approval') return { pace: 'approval' }
  if (recall.state !== 'running') return { pace: 'still' }
  return recall.blocked === null
    ? { pace: 'running' }
    : { pace: 'blocked', nextAttemptAt: recall.blocked.nextAttemptAt }
}

export function isSettled({ state }: Recall): boolean {
  return state !== 'running' && state !== 'pending_approval'
}

/** What a recall is about, in the words of who asked for it. */
export function subjectOf(recall: Recall): string {
  const subject = recall.subject as {
    readonly title?: string | null
    readonly message?: string
    readonly messages?: readonly string[]
    readonly content?: string
    readonly target?: { readonly app: string }
  }
  if (subject.title !== undefined && subject.title !== null && subject.title !== '') return subject.title
  if (subject.message !== undefined) return subject.message
  if (subject.content !== undefined) return subject.content
  if (subject.messages !== undefined) return listed(subject.messages.slice(0, 3))
  const handle = subject.target === undefined ? null : handleOf(subject.target)
  return handle === null ? recall.id : `${subject.target?.app} ${handle.value}`
}

/** What of a recall is about one message: a recall of many says the sum of all, which no row of one may claim. */
export function ofMessage(recall: Recall, message: string): Recall {
  const own = recall.targets.filter(target => target.message === message)
  const [first] = own
  if (first === undefined || (own.length === recall.targets.length && (recall.moreTargets ?? 0) === 0)) return recall
  const same = own.every(({ state }) => state === first.state)
  const counted = own.flatMap(({ devices }) => devices ?? [])
  const devices: Devices | null =
    counted.length === 0
      ? null
      : counted.reduce((all, one) => ({
          total: all.total + one.total,
          accepted: all.accepted + one.accepted,
          rejected: all.rejected + one.rejected,
          unknown: all.unknown + one.unknown,
          pending: all.pending + one.pending,
        }))
  return { ...recall, targets: own, devices, state: same ? first.state : recall.state }
}

/** What stays on screens, by the plan of each target. */
export function staying(recall: Recall): string[] {
  return [
    ...new Set([
      // it ends what is on its way, and nothing else
      ...(recall.targets.some(({ operation }) => operation === 'stop') ? [w('shownAlready')] : []),
      ...recall.targets.flatMap(({ provider, effects }) =>
        effects.filter(({ effect }) => effect === 'none').map(({ channel }) => channelName(provider, channel)),
      ),
    ]),
  ]
}
