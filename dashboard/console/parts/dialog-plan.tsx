/** What a recall would do, at the head of its dialog. */
import { ifKept } from '../../words/terms.ts'
import { clockTime } from '../clock.ts'
import { plural, say, w } from '../language.ts'
import { wholeDevices } from '../numbers.ts'
import type { PlanView } from '../plan-view.ts'
import { basisWord } from './devices.tsx'
import { Notice } from './notice.tsx'
import { Channels } from './plan.tsx'
import { Said } from './text.tsx'
import { Warnings } from './warnings.tsx'

export function PlanHead({
  plan,
  at,
  pending,
}: {
  readonly plan: PlanView | null
  readonly at: number | null
  readonly pending: boolean
}) {
  if (plan === null) return null
  return (
    <p class="plan-line" aria-busy={pending}>
      <b>{wholeDevices(plan.reach)}</b>
      <span class="soft">
        {' · '}
        {plural(plan.targets, 'oneTarget', 'manyTargets')} · {basisWord(plan.reach.basis)} · {w('planAsOf')}{' '}
        {at === null ? '–' : clockTime(at)}
      </span>
    </p>
  )
}

export function Effects({ plan }: { readonly plan: PlanView }) {
  const { channels, refusal } = plan
  if (refusal !== null)
    return (
      <Notice tone="bad">
        <b>{w('nothingCan')}</b>
        {refusal === '' ? null : (
          <p>
            <Said own text={refusal} />
          </p>
        )}
      </Notice>
    )
  const acted = (['removed', 'replaced', 'stopped'] as const).filter(effect => channels[effect].length > 0)
  return (
    <>
      <div class="effect-cards">
        {acted.map(effect => (
          <div key={effect} class="well">
            <Channels effect={effect} names={channels[effect]} />
          </div>
        ))}
        <div class="well">
          <Channels
            effect="none"
            names={plan.operation === 'stop' ? [w('shownAlready'), ...channels.none] : channels.none}
          />
        </div>
      </div>
      <Warnings texts={plan.warnings}>
        <span class="soft"> {acted.length > 0 ? say(ifKept) : ''}</span>
      </Warnings>
    </>
  )
}
