/** The two buttons of the dialog before a recall, and what came of the second one. */
import { operationTitles, thingWords } from '../../words/terms.ts'
import type { AskedOperation } from '../answers.ts'
import { language, named, say, w } from '../language.ts'
import { whole } from '../numbers.ts'
import type { PlanView } from '../plan-view.ts'
import type { useSender } from '../recall-request.ts'
import { linkOf } from '../router.ts'
import { Notice, ProblemNotice, problemTitle } from './notice.tsx'

export function Foot({
  operation,
  plan,
  waits,
  meanwhile,
  breakGlass,
  large,
  ready,
  sent,
  onBack,
  onConfirm,
}: {
  readonly operation: AskedOperation
  readonly plan: PlanView | null
  readonly waits: boolean
  readonly meanwhile: boolean
  readonly breakGlass: boolean
  readonly large: boolean
  readonly ready: boolean
  readonly sent: 'idle' | 'sending' | 'lost' | 'problem'
  readonly onBack: () => void
  readonly onConfirm: () => void
}) {
  const act =
    plan === null
      ? named(operationTitles, operation)
      : w('actOn', {
          operation: named(operationTitles, operation),
          devices: plan === null ? '–' : whole(plan.reach),
        })
  const label = waits
    ? w('askTo', {
        act: w('actOnLower', { operation: lower(operation), devices: plan === null ? '–' : whole(plan.reach) }),
      })
    : act
  const note = breakGlass
    ? w('breakGlassNote')
    : waits
      ? meanwhile
        ? w('stopNowRestWaits', { operation: lower(operation) })
        : w('waitsNote')
      : operation === 'stop'
        ? w('stopNote')
        : operation === 'overlay'
          ? w('overlayNote')
          : operation === 'correct'
            ? w('correctNote')
            : w('revokeNote')
  return (
    <>
      <span class="soft foot-note">{note}</span>
      <button type="button" class="button big" onClick={onBack}>
        {say(thingWords.back)}
      </button>
      <button
        type="button"
        class={`button big act ${large ? 'grave' : 'primary'} ${ready && sent !== 'sending' ? '' : 'off'}`}
        aria-disabled={!ready || sent === 'sending'}
        onClick={onConfirm}
      >
        {sent === 'sending' ? w('sending') : sent === 'lost' ? say(thingWords.sendAgain) : label}
      </button>
    </>
  )
}

export function lower(operation: AskedOperation): string {
  const title = named(operationTitles, operation)
  return language.value === 'zh' ? title : title.toLowerCase()
}

export function Outcome({
  sender,
  changed,
  again,
  supersede,
}: {
  readonly sender: ReturnType<typeof useSender>
  readonly changed: boolean
  readonly again: () => void
  readonly supersede: () => void
}) {
  const { sending } = sender
  if (sending.kind === 'lost')
    return (
      <Notice
        tone="bad"
        alert
        aside={
          <button type="button" class="link" onClick={again}>
            {say(thingWords.sendAgain)}
          </button>
        }
      >
        {w('notKnown')}
      </Notice>
    )
  if (sending.kind !== 'problem') return null
  const { problem } = sending
  if (changed)
    return (
      <Notice tone="warn" alert>
        <b>{w('planChanged')}</b> {w('planChangedHelp')}
      </Notice>
    )
  const running = typeof problem.members['recall'] === 'string' ? problem.members['recall'] : null
  if (problem.slug === 'conflict' && running !== null)
    return (
      <Notice
        tone="warn"
        alert
        aside={
          <>
            <a class="link" href={linkOf(['recalls', running])}>
              {w('openRunning')}
            </a>
            <button type="button" class="link apart" onClick={supersede}>
              {w('replaceIt')}
            </button>
          </>
        }
      >
        {problemTitle(problem)}
      </Notice>
    )
  return (
    <ProblemNotice
      problem={problem}
      retry={
        problem.status === 429 || problem.status >= 500 || problem.slug === 'request-in-progress' ? again : undefined
      }
    />
  )
}
