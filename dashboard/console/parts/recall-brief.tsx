/** The recall of a message, in its row: state, operation, and how far it got. */
import { withoutCounts } from '../../words/terms.ts'
import { ofMessage } from '../about-recall.ts'
import type { Message, Recall } from '../answers.ts'
import { left, now } from '../clock.ts'
import { say, w } from '../language.ts'
import { linkOf } from '../router.ts'
import { DeviceBar, acceptedOf } from './devices.tsx'
import { operationText, State, isUnapproved } from './status.tsx'

export function RecallBrief({ message, recall: whole }: { readonly message: Message; readonly recall: Recall | null }) {
  const mine = message.recall
  const recall = whole === null ? null : ofMessage(whole, message.id)
  if (mine === null) return <span class="soft">–</span>
  const state = recall?.state ?? mine.state ?? 'running'
  return (
    <>
      <a class="state-link" href={linkOf(['recalls', mine.id])}>
        <State state={state} unapproved={recall !== null && isUnapproved(recall)} />
        {recall === null ? null : <span class="soft"> {doneAs(recall)}</span>}
      </a>
      {recall === null ? null : <Second recall={recall} />}
    </>
  )
}

/** The weakest that was done stands for all. */
export function doneAs(recall: Recall): string {
  const weaker = recall.targets.find(({ requested, operation }) => operation !== requested)
  return operationText(recall.operation, weaker?.operation ?? recall.operation)
}

function Second({ recall }: { readonly recall: Recall }) {
  const { devices, state, approval } = recall
  if (state === 'pending_approval')
    return (
      <span class="second">
        {w('needsPersons', { n: approval?.needed ?? 1 })}
        {approval === null || approval.expiresAt === null || now.value === 0
          ? ''
          : ` · ${w('timeLeft', { time: left(Date.parse(approval.expiresAt)) })}`}
      </span>
    )
  if (state === 'running' && recall.blocked !== null) return <span class="second warn">{w('blockedShort')}</span>
  if (devices === null) return <span class="second">{say(withoutCounts(recall))}</span>
  if (devices.total === 0) return null
  return (
    <span class="second with-bar">
      {state === 'running' ? <DeviceBar devices={devices} label={w('progress')} /> : null}
      {acceptedOf(devices)}
    </span>
  )
}
