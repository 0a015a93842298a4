/** The dialog before a recall: operation, reach, environment and what stays, then the reason, and digits where reach is large. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { decisionWords, operationTitles, reasonChips, thingWords, ifKept } from '../../words/terms.ts'
import type { DryRun, Message, Operation } from '../answers.ts'
import { clockTime } from '../clock.ts'
import { language, plural, say, titled, w } from '../language.ts'
import { whole, wholeDevices } from '../numbers.ts'
import { isLarge, type PlanView } from '../plan-view.ts'
import { type Asked, bodyOf, type NewText, pathOf, type Subject, useDryRun, useSender } from '../recall-request.ts'
import { linkOf, replace } from '../router.ts'
import { may, me } from '../session.ts'
import { OffWith } from './controls.tsx'
import { basisWord } from './devices.tsx'
import { Dialog } from './dialog.tsx'
import { Icon } from './icon.tsx'
import { Notice, ProblemNotice, Skeleton, problemTitle } from './notice.tsx'
import { OverlayFields } from './overlay-fields.tsx'
import { Channels, approvalText } from './plan.tsx'
import { operationText } from './status.tsx'
import { Said } from './text.tsx'

const nothingTyped: NewText = { title: '', body: '', url: '', forceCollapse: false }

export function RecallDialog({
  operation,
  subject,
  title,
  shown = null,
  onClose,
}: {
  readonly operation: Operation
  readonly subject: Subject
  readonly title: string
  /** The message, where it is one that is known. */
  readonly shown?: Message | null
  readonly onClose: () => void
}) {
  const [reason, setReason] = useState('')
  const [ticket, setTicket] = useState('')
  const [fallback, setFallback] = useState(true)
  const [supersede, setSupersede] = useState(false)
  const [overlay, setOverlay] = useState<NewText>(nothingTyped)
  const [digits, setDigits] = useState('')
  const [meanwhile, setMeanwhile] = useState(false)
  const [breakGlass, setBreakGlass] = useState(false)
  const [tried, setTried] = useState(false)
  const sender = useSender()
  const reasonField = useRef<HTMLInputElement>(null)
  const digitField = useRef<HTMLInputElement>(null)

  const typed = operation !== 'overlay' || (overlay.title.trim() !== '' && overlay.body.trim() !== '')
  const asked: Asked = { operation, subject, fallback, overlay: operation === 'overlay' ? overlay : null, supersede }
  const dry = useDryRun(typed && may('operate') ? asked : null)
  const { plan } = dry
  const large = plan !== null && isLarge(plan, operation === 'overlay' && isToEverybody(shown))
  const needsDigits = large && plan.check !== null
  const matches = !needsDigits || digits === plan?.check
  // another plan, other digits
  useEffect(() => setDigits(''), [plan?.check])

  const sent = sender.sending.kind
  const locked = sent === 'sending' || sent === 'lost'
  const missing = {
    reason: reason.trim() === '',
    ticket: breakGlass && ticket.trim() === '',
    text: !typed,
    digits: !matches,
  }
  const ready = plan !== null && plan.refusal === null && !dry.pending && !Object.values(missing).some(Boolean)
  const glass = me.value?.policy?.breakGlass
  const waits = plan?.approval !== null && plan?.approval !== undefined && !breakGlass

  const confirm = async () => {
    setTried(true)
    if (sent === 'sending') return
    if (missing.reason) return reasonField.current?.focus()
    if (missing.digits) return digitField.current?.focus()
    if (!ready) return
    const recall = await sender.send(pathOf(operation), {
      ...bodyOf(asked),
      reason: reason.trim(),
      ...(ticket.trim() === '' ? {} : { ticket: ticket.trim() }),
      ...(plan.digest === null ? {} : { expect: plan.digest }),
      ...(waits && meanwhile ? { meanwhile: 'stop' } : {}),
      ...(breakGlass ? { breakGlass: true } : {}),
    })
    if (recall !== null) replace(linkOf(['recalls', recall.id]))
  }

  const newPlan = sender.sending.kind === 'problem' ? planIn(sender.sending.problem.members) : null
  useEffect(() => {
    if (newPlan === null) return
    dry.take(newPlan)
  }, [sender.sending])

  const heading = `${say(operationTitles[operation])}${language.value === 'zh' ? '' : ' '}`
  return (
    <Dialog
      wide={operation === 'overlay'}
      onClose={onClose}
      onConfirm={() => void confirm()}
      title={
        <>
          {heading}
          {'“'}
          <Said text={title === '' ? w('untitled') : title} />
          {'”'}
        </>
      }
      foot={
        <Foot
          operation={operation}
          plan={plan}
          waits={waits}
          meanwhile={meanwhile}
          breakGlass={breakGlass}
          large={large}
          ready={ready}
          sent={sent}
          onBack={onClose}
          onConfirm={() => void confirm()}
        />
      }
    >
      <form
        class="dialog-form"
        onSubmit={event => {
          event.preventDefault()
          void confirm()
        }}
      >
        <PlanHead plan={plan} at={dry.at} pending={dry.pending && typed} />
        {operation === 'overlay' ? (
          <OverlayFields
            value={overlay}
            onChange={setOverlay}
            shown={shown}
            disabled={locked}
            tried={tried}
            plan={plan}
          />
        ) : null}
        {dry.problem === null ? null : <ProblemNotice problem={dry.problem} retry={dry.again} />}
        {plan === null ? typed ? <Skeleton rows={2} /> : <Notice>{w('typeFirst')}</Notice> : <Effects plan={plan} />}
        {plan === null || plan.running === null ? null : (
          <Notice
            tone="warn"
            aside={
              plan.running.id === null ? undefined : (
                <a class="link" href={linkOf(['recalls', plan.running.id])}>
                  {w('openRunning')}
                </a>
              )
            }
          >
            {w('runningHasIt', { operation: say(operationTitles[plan.running.operation]) })}
          </Notice>
        )}
        {plan !== null && plan.outside > 0 ? <Notice tone="warn">{w('outside', { n: plan.outside })}</Notice> : null}
        {operation === 'stop' ? null : (
          <label class="tick-line">
            <input
              type="checkbox"
              checked={fallback}
              disabled={locked}
              onChange={event => setFallback(event.currentTarget.checked)}
            />
            <span>
              {w('ifRefused', { operation: lower(operation) })}
              {plan !== null && plan.weaker.length > 0 ? (
                <span class="soft">
                  {' '}
                  {plan.weaker
                    .map(({ app, operation: done }) => `${app} ${operationText(plan.operation, done)}`)
                    .join(' · ')}
                </span>
              ) : null}
            </span>
          </label>
        )}
        <fieldset class="reason" disabled={locked}>
          <legend>
            <b>{titled(thingWords.reason)}</b> <span class="soft">{w('required')}</span>
          </legend>
          <div class="chips">
            {Object.entries(reasonChips).map(([name, words], index) => {
              const text = say(words)
              return (
                <button
                  key={name}
                  type="button"
                  class={`chip ${reason === text ? 'on' : ''}`}
                  aria-pressed={reason === text}
                  {...(index === 0 && operation !== 'overlay' ? { 'data-first': true } : {})}
                  onClick={() => {
                    setReason(text)
                    // the digits are all that is left
                    if (needsDigits) digitField.current?.focus()
                  }}
                >
                  {reason === text ? <Icon name="check" /> : null} {text}
                </button>
              )
            })}
          </div>
          <div class="two-fields">
            <div>
              <input
                ref={reasonField}
                class="field"
                name="reason"
                aria-label={titled(thingWords.reason)}
                placeholder={titled(thingWords.reason)}
                maxLength={500}
                value={reason}
                aria-invalid={tried && missing.reason}
                aria-describedby={tried && missing.reason ? 'reason-missing' : undefined}
                onInput={event => setReason(event.currentTarget.value)}
                onKeyDown={stopWhileComposing}
              />
              {tried && missing.reason ? (
                <p class="field-error" id="reason-missing">
                  <Icon name="warn" /> {w('reasonNeeded')}
                </p>
              ) : null}
            </div>
            <div>
              <label class="inside">
                <span class="soft">{titled(thingWords.ticket)}</span>
                <input
                  class="bare"
                  name="ticket"
                  maxLength={200}
                  value={ticket}
                  aria-invalid={tried && missing.ticket}
                  onInput={event => setTicket(event.currentTarget.value)}
                  onKeyDown={stopWhileComposing}
                />
              </label>
              {tried && missing.ticket ? (
                <p class="field-error">
                  <Icon name="warn" /> {w('ticketNeeded')}
                </p>
              ) : null}
            </div>
          </div>
        </fieldset>
        {plan === null || (plan.approval === null && !large) ? null : (
          <div class="weigh">
            {plan.approval === null ? null : (
              <div class="weigh-part">
                <div class="weigh-line">
                  <b>
                    <Icon name="people" /> {approvalText(plan.approval)}
                  </b>
                  {glass === 'off' ? null : glass === 'approver' && !may('decide') ? (
                    <OffWith label={`${say(decisionWords.breakGlass)}${w('ellipsis')}`} reason={w('onlyApprover')} />
                  ) : (
                    <button
                      type="button"
                      class={`break-glass ${breakGlass ? 'on' : ''}`}
                      aria-pressed={breakGlass}
                      disabled={locked}
                      onClick={() => setBreakGlass(!breakGlass)}
                    >
                      <Icon name="bolt" /> {say(decisionWords.breakGlass)}
                      {w('ellipsis')}
                    </button>
                  )}
                </div>
                {breakGlass ? (
                  <p class="warn-text">{w('breakGlassDoes')}</p>
                ) : plan.meanwhile === null ? null : (
                  <label class="tick-line">
                    <input
                      type="checkbox"
                      checked={meanwhile}
                      disabled={locked}
                      onChange={event => setMeanwhile(event.currentTarget.checked)}
                    />
                    <span>
                      {say(thingWords.stopMeanwhile)}
                      <span class="second">{w('meanwhileDoes')}</span>
                    </span>
                  </label>
                )}
              </div>
            )}
            {!large ? null : plan.check === null ? (
              <p class="weigh-part soft">{w('noCheckNumber')}</p>
            ) : (
              <div class="weigh-part weigh-line">
                <div>
                  <b>{titled(thingWords.checkNumber)}</b> <output class="check-number">{plan.check}</output>
                  <span class="second" id="digits-note">
                    {w('checkFrom')}
                  </span>
                </div>
                <label class={`digits ${digits.length === 4 && !matches ? 'wrong' : ''}`}>
                  <span class="only-read">{w('typeDigits')}</span>
                  <input
                    ref={digitField}
                    class="field"
                    name="digits"
                    inputMode="numeric"
                    pattern="[0-9]*"
                    autocomplete="off"
                    maxLength={4}
                    value={digits}
                    disabled={locked}
                    aria-describedby="digits-note"
                    aria-invalid={digits.length === 4 && !matches}
                    onInput={event => setDigits(asDigits(event.currentTarget.value))}
                  />
                  {digits.length === 4 ? (
                    <Icon name={matches ? 'done' : 'failed'} label={matches ? w('digitsMatch') : w('digitsDiffer')} />
                  ) : null}
                </label>
              </div>
            )}
          </div>
        )}
        <Outcome
          sender={sender}
          changed={newPlan !== null}
          again={() => void confirm()}
          supersede={() => {
            sender.clear()
            setSupersede(true)
          }}
        />
        <input type="submit" hidden />
      </form>
    </Dialog>
  )
}

/** Enter ends a composed word; it must not send the form. */
function stopWhileComposing(event: KeyboardEvent): void {
  if (event.key === 'Enter' && event.isComposing) event.preventDefault()
}

/** Digits of an input method may be full width. */
function asDigits(text: string): string {
  return text.normalize('NFKC').replace(/\D/g, '').slice(0, 4)
}

function isToEverybody(message: Message | null): boolean {
  return message !== null && message.targets.some(({ audience }) => audience === 'all')
}

function planIn(members: { readonly [name: string]: unknown }): DryRun | null {
  const { plan } = members
  return typeof plan === 'object' && plan !== null && 'targets' in plan ? (plan as DryRun) : null
}

function PlanHead({
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

function Effects({ plan }: { readonly plan: PlanView }) {
  const { channels, refusal } = plan
  if (refusal !== null)
    return (
      <Notice tone="bad">
        <b>{w('nothingCan')}</b>
        {refusal === '' ? null : (
          <p>
            <Said text={refusal} />
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
      <details class="fold-list">
        <summary>
          {say(thingWords.warnings)} {plan.warnings.length} <Icon name="down" />{' '}
          <span class="soft"> {acted.length > 0 ? say(ifKept) : ''}</span>
        </summary>
        <ul>
          {plan.warnings.map(text => (
            <li key={text}>
              <Said text={text} />
            </li>
          ))}
        </ul>
      </details>
    </>
  )
}

function Foot({
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
  readonly operation: Operation
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
      ? say(operationTitles[operation])
      : w('actOn', {
          operation: say(operationTitles[operation]),
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

function lower(operation: Operation): string {
  const title = say(operationTitles[operation])
  return language.value === 'zh' ? title : title.toLowerCase()
}

function Outcome({
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
