/** Marks: icon, word and colour, never one of them alone. */
import type { Effect } from '../../../shared/providers/provider.ts'
import {
  effectWords,
  operationTitles,
  operationWords,
  type RecallState,
  stateWords,
  approvalExpired,
} from '../../words/terms.ts'
import type { AskedOperation, Recall } from '../answers.ts'
import { named, say } from '../language.ts'
import { Icon, type IconName } from './icon.tsx'

const marks: { readonly [S in RecallState]: { readonly icon: IconName; readonly tone: string } } = {
  pending_approval: { icon: 'waiting', tone: '' },
  running: { icon: 'running', tone: 'accent' },
  done: { icon: 'done', tone: 'ok' },
  partial: { icon: 'partial', tone: 'warn' },
  failed: { icon: 'failed', tone: 'bad' },
  cancelled: { icon: 'cancelled', tone: '' },
  declined: { icon: 'declined', tone: '' },
  expired: { icon: 'clock', tone: '' },
}

/** `unapproved`: it expired since nobody approved. A state that this console does not know is shown as it is called. */
export function State({
  state,
  pill = false,
  unapproved = false,
}: {
  readonly state: string
  readonly pill?: boolean
  readonly unapproved?: boolean
}) {
  const known = Object.hasOwn(marks, state) ? (state as RecallState) : null
  const { icon, tone } = known === null ? { icon: 'info' as const, tone: '' } : marks[known]
  const word = known === null ? state : say(known === 'expired' && unapproved ? approvalExpired : stateWords[known])
  return (
    <span class={`mark ${tone} ${pill ? 'pill' : ''}`}>
      <Icon name={icon} /> <b>{word}</b>
    </span>
  )
}

export function isUnapproved(recall: Pick<Recall, 'state' | 'approval'>): boolean {
  const { approval } = recall as { approval: { by?: readonly unknown[]; needed?: number } | null }
  return recall.state === 'expired' && approval !== null && (approval.by?.length ?? 0) < (approval.needed ?? 0)
}

export function EffectMark({ effect }: { readonly effect: Effect }) {
  const icon: IconName = effect
  return (
    <span class={`effect ${effect === 'none' ? 'stays' : ''}`}>
      <Icon name={icon} /> <b>{named(effectWords, effect)}</b>
    </span>
  )
}

/** `revoke → stop` where a weaker one is done. */
export function operationText(requested: AskedOperation, done: AskedOperation | null): string {
  const asked = named(operationWords, requested)
  return done === null || done === requested ? asked : `${asked} → ${named(operationWords, done)}`
}

export const titleOf = (operation: AskedOperation): string => named(operationTitles, operation)
