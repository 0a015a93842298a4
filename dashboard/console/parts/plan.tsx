/** What each operation would do, side by side, with its button: the plan stands where the act is. */
import { signal } from '@preact/signals'
import type { Effect } from '../../../shared/providers/provider.ts'
import { operationTitles, thingWords } from '../../words/terms.ts'
import type { Message, Operation } from '../answers.ts'
import { listed, named, plural, say, titled, w } from '../language.ts'
import { exact, whole } from '../numbers.ts'
import type { ApprovalLine, PlanView } from '../plan-view.ts'
import { linkOf } from '../router.ts'
import { OffWith, whyNot } from './controls.tsx'
import { basisWord } from './devices.tsx'
import { Icon } from './icon.tsx'
import { EffectMark, operationText } from './status.tsx'
import { Id } from './text.tsx'
import { Warnings } from './warnings.tsx'

const isWide = signal(true)
if (typeof matchMedia !== 'undefined') {
  const width = matchMedia('(min-width: 801px)')
  isWide.value = width.matches
  width.addEventListener('change', () => (isWide.value = width.matches))
}

const about = { revoke: 'revokeDoes', overlay: 'overlayDoes', stop: 'stopDoes' } as const
const letters: { readonly [O in Operation]: string } = { revoke: 'r', overlay: 'o', stop: 's' }
export const operationOrder: readonly Operation[] = ['revoke', 'overlay', 'stop']

export function PlanGrid({
  message,
  plans,
  strongest,
}: {
  readonly message: Message
  readonly plans: ReadonlyMap<Operation, PlanView>
  readonly strongest: Operation
}) {
  return (
    <div class="plans">
      {operationOrder.map(operation => {
        const plan = plans.get(operation)
        const head = (
          <>
            <Icon name={operation} />
            <b>{named(operationTitles, operation)}</b>
            <span class="soft plan-about">{w(about[operation])}</span>
          </>
        )
        const body = plan === undefined ? <p class="soft">{w('noPlan')}</p> : <PlanBody plan={plan} />
        // side by side each line can be read across; below each other they fold
        return isWide.value ? (
          <section key={operation} class="plan">
            <h3 class="plan-head">
              {head}
              <kbd aria-hidden="true">{letters[operation]}</kbd>
            </h3>
            {body}
            <PlanButton message={message} operation={operation} plan={plan} solid={operation === strongest} />
          </section>
        ) : (
          <details key={operation} class="plan" open={operation === strongest}>
            <summary class="plan-head">
              {head}
              <Icon name="down" class="fold" />
            </summary>
            {body}
          </details>
        )
      })}
    </div>
  )
}

function PlanButton({
  message,
  operation,
  plan,
  solid,
}: {
  readonly message: Message
  readonly operation: Operation
  readonly plan: PlanView | undefined
  readonly solid: boolean
}) {
  const reason = whyNot() ?? (plan?.refusal === null || plan === undefined ? null : w('nothingCan'))
  const label = `${named(operationTitles, operation)}${w('ellipsis')}`
  if (reason !== null) return <OffWith label={label} reason={reason} />
  return (
    <a
      id={`act-${message.id}-${operation}`}
      class={`button opens ${solid ? 'primary' : ''}`}
      href={linkOf(['messages', message.id, operation])}
    >
      {label}
    </a>
  )
}

export function PlanBody({ plan }: { readonly plan: PlanView }) {
  const { channels, reach, approval, warnings, weaker, refusal } = plan
  const first: Effect = plan.operation === 'revoke' ? 'removed' : plan.operation === 'overlay' ? 'replaced' : 'stopped'
  const shown = ([first, 'removed', 'replaced', 'stopped'] as const).filter(
    (effect, index, all) => all.indexOf(effect) === index && (effect === first || channels[effect].length > 0),
  )
  return (
    <>
      <div class="plan-effects">
        {shown.map(effect => (
          <Channels key={effect} effect={effect} names={channels[effect]} />
        ))}
      </div>
      <Channels
        effect="none"
        names={plan.operation === 'stop' ? [w('shownAlready'), ...channels.none] : channels.none}
      />
      <dl class="facts">
        <div class="fact">
          <dt>{titled(thingWords.reach)}</dt>
          <dd>
            <b>{whole(reach)}</b> <span class="second">{basisWord(reach.basis)}</span>
          </dd>
        </div>
        <div class="fact">
          <dt>{w('approvalLine')}</dt>
          <dd>{approval === null ? w('notNeeded') : <Approval line={approval} />}</dd>
        </div>
        {weaker.length === 0 ? null : (
          <div class="fact">
            <dt>{w('weaker')}</dt>
            <dd>
              {weaker.map(({ app, operation }) => (
                <div key={app}>
                  <Id id={app} /> {operation === null ? w('cannot') : operationText(plan.operation, operation)}
                </div>
              ))}
            </dd>
          </div>
        )}
        {warnings.length === 0 && refusal === null ? null : (
          <div class="fact">
            <dt>{say(thingWords.warnings)}</dt>
            <dd>
              <Warnings texts={warnings} bare />
            </dd>
          </div>
        )}
      </dl>
    </>
  )
}

export function Channels({ effect, names }: { readonly effect: Effect; readonly names: readonly string[] }) {
  return (
    <div class="channels">
      <EffectMark effect={effect} />
      <p>{names.length === 0 ? w('noChannel') : listed(names)}</p>
    </div>
  )
}

export function Approval({ line }: { readonly line: ApprovalLine }) {
  return (
    <span>
      <Icon name="people" /> {approvalText(line)}
    </span>
  )
}

export function approvalText({ needed, above, because }: ApprovalLine): string {
  const who = plural(needed, 'onePerson', 'manyPersons')
  if (because === 'nobody') return w('approvalNobody', { who })
  if (because === 'growth') return w('approvalGrowth', { who })
  if (because === 'hour') return w('approvalHour', { who, n: exact(above) })
  return above === null ? who : w('approvalOver', { who, n: exact(above) })
}
