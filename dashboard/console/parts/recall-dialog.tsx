/** The dialog before a recall: operation, reach, environment and what stays, then the reason, and digits where reach is large. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { operationTitles } from '../../words/terms.ts'
import type { AskedOperation, DryRun, Message } from '../answers.ts'
import { language, named, w } from '../language.ts'
import { isLarge } from '../plan-view.ts'
import {
  type Asked,
  type NewText,
  type Subject,
  bodyOf,
  pathOf,
  takesText,
  useDryRun,
  useSender,
} from '../recall-request.ts'
import { linkOf, replace } from '../router.ts'
import { Reason } from './dialog-reason.tsx'
import { Approving, CheckNumber } from './dialog-weigh.tsx'
import { Foot, Outcome, lower } from './dialog-foot.tsx'
import { Effects, PlanHead } from './dialog-plan.tsx'
import { whyNot } from './controls.tsx'
import { Dialog } from './dialog.tsx'
import { ExceptTokens, namesDevices } from './except-tokens.tsx'
import { Notice, ProblemNotice, Skeleton } from './notice.tsx'
import { OverlayFields } from './overlay-fields.tsx'
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
  readonly operation: AskedOperation
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
  const [exceptTokens, setExceptTokens] = useState<readonly string[]>([])
  const [digits, setDigits] = useState('')
  const [meanwhile, setMeanwhile] = useState(false)
  const [breakGlass, setBreakGlass] = useState(false)
  const [tried, setTried] = useState(false)
  const sender = useSender()
  const reasonField = useRef<HTMLInputElement>(null)
  const digitField = useRef<HTMLInputElement>(null)

  const withText = takesText(operation)
  const typed = !withText || (overlay.title.trim() !== '' && overlay.body.trim() !== '')
  const asked: Asked = {
    operation,
    subject,
    exceptTokens,
    fallback,
    overlay: withText ? overlay : null,
    supersede,
  }
  const dry = useDryRun(typed && whyNot() === null ? asked : null)
  const { plan } = dry
  const refused = whyNot()
  const large = plan !== null && isLarge(plan, withText && plan.channels.replaced.length > 0 && isToEverybody(shown))
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

  const heading = `${named(operationTitles, operation)}${language.value === 'zh' ? '' : ' '}`
  return (
    <Dialog
      wide={withText}
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
        {withText ? (
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
        {plan !== null ? (
          <Effects plan={plan} />
        ) : refused !== null ? (
          <Notice>{refused}</Notice>
        ) : !typed ? (
          <Notice>{w('typeFirst')}</Notice>
        ) : dry.problem === null ? (
          <Skeleton rows={2} />
        ) : null}
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
            {w('runningHasIt', { operation: named(operationTitles, plan.running.operation) })}
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
              {operation === 'correct' ? w('ifChosenRefused') : w('ifRefused', { operation: lower(operation) })}
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
        {namesDevices(subject, shown) ? (
          <ExceptTokens tokens={exceptTokens} disabled={locked} onChange={setExceptTokens} />
        ) : null}
        <Reason
          value={{ reason, ticket }}
          field={reasonField}
          disabled={locked}
          first={!withText}
          missing={{ reason: tried && missing.reason, ticket: tried && missing.ticket }}
          onChange={next => {
            setReason(next.reason)
            setTicket(next.ticket)
          }}
          onChip={() => {
            // the digits are all that is left
            if (needsDigits) digitField.current?.focus()
          }}
        />
        {plan === null || (plan.approval === null && !large) ? null : (
          <div class="weigh">
            {plan.approval === null ? null : (
              <Approving
                plan={plan}
                line={plan.approval}
                disabled={locked}
                breakGlass={breakGlass}
                onBreakGlass={setBreakGlass}
                meanwhile={meanwhile}
                onMeanwhile={setMeanwhile}
              />
            )}
            {large ? (
              <CheckNumber
                check={plan.check}
                digits={digits}
                field={digitField}
                disabled={locked}
                onChange={setDigits}
              />
            ) : null}
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

function isToEverybody(message: Message | null): boolean {
  return message !== null && message.targets.some(({ audience }) => audience === 'all')
}

function planIn(members: { readonly [name: string]: unknown }): DryRun | null {
  const { plan } = members
  return typeof plan === 'object' && plan !== null && 'targets' in plan ? (plan as DryRun) : null
}
