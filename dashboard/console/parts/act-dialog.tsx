/** A small act with its consequence in words, and a reason where somebody gives one. */
import { useRef, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { thingWords } from '../../words/terms.ts'
import type { Answer, ProblemView } from '../api.ts'
import { say, titled, w } from '../language.ts'
import { Dialog } from './dialog.tsx'
import { Icon } from './icon.tsx'
import { ProblemNotice, Notice } from './notice.tsx'

export function ActDialog({
  title,
  note,
  label,
  needsReason = false,
  children,
  onClose,
  send,
  done,
}: {
  readonly title: ComponentChildren
  readonly note: string
  readonly label: string
  readonly needsReason?: boolean
  readonly children?: ComponentChildren
  readonly onClose: () => void
  readonly send: (reason: string) => Promise<Answer<unknown>>
  readonly done: () => void
}) {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [tried, setTried] = useState(false)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const field = useRef<HTMLInputElement>(null)
  const sending = useRef(false)
  const confirm = async () => {
    setTried(true)
    if (needsReason && reason.trim() === '') return field.current?.focus()
    if (sending.current) return
    sending.current = true
    setBusy(true)
    const answer = await send(reason.trim())
    sending.current = false
    setBusy(false)
    if (answer.kind === 'problem') setProblem(answer.problem)
    else done()
  }
  const missing = tried && needsReason && reason.trim() === ''
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onConfirm={() => void confirm()}
      foot={
        <>
          <span class="foot-note" />
          <button type="button" class="button big" onClick={onClose}>
            {say(thingWords.back)}
          </button>
          <button type="button" class="button primary big act" aria-disabled={busy} onClick={() => void confirm()}>
            {busy ? w('sending') : problem?.status === 0 ? say(thingWords.sendAgain) : label}
          </button>
        </>
      }
    >
      <form
        class="dialog-form"
        onSubmit={event => {
          event.preventDefault()
          void confirm()
        }}
      >
        <p>{note}</p>
        {children}
        <label>
          <b>{titled(thingWords.reason)}</b> <span class="soft">{needsReason ? w('required') : w('optional')}</span>
          <input
            ref={field}
            data-first
            class="field"
            name="reason"
            maxLength={500}
            value={reason}
            aria-invalid={missing}
            onInput={event => setReason(event.currentTarget.value)}
            onKeyDown={event => {
              if (event.key === 'Enter' && event.isComposing) event.preventDefault()
            }}
          />
        </label>
        {missing ? (
          <p class="field-error">
            <Icon name="warn" /> {w('reasonNeeded')}
          </p>
        ) : null}
        {problem === null ? null : problem.status === 0 ? (
          <Notice tone="bad" alert>
            {w('notKnownAct')}
          </Notice>
        ) : (
          <ProblemNotice problem={problem} />
        )}
      </form>
    </Dialog>
  )
}
