/** Why a recall is asked for: a chip or a sentence, and the ticket. */
import type { RefObject } from 'preact'
import { reasonChips, thingWords } from '../../words/terms.ts'
import { say, titled, w } from '../language.ts'
import { Icon } from './icon.tsx'

export interface Why {
  readonly reason: string
  readonly ticket: string
}

export function Reason({
  value: { reason, ticket },
  field,
  disabled,
  first,
  missing,
  onChange,
  onChip,
}: {
  readonly value: Why
  readonly field: RefObject<HTMLInputElement | null>
  readonly disabled: boolean
  /** The first chip is where the dialog begins. */
  readonly first: boolean
  readonly missing: { readonly reason: boolean; readonly ticket: boolean }
  readonly onChange: (why: Why) => void
  readonly onChip: () => void
}) {
  return (
    <fieldset class="reason" disabled={disabled}>
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
              {...(index === 0 && first ? { 'data-first': true } : {})}
              onClick={() => {
                onChange({ reason: text, ticket })
                onChip()
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
            ref={field}
            class="field"
            name="reason"
            aria-label={titled(thingWords.reason)}
            placeholder={titled(thingWords.reason)}
            maxLength={500}
            value={reason}
            aria-invalid={missing.reason}
            aria-describedby={missing.reason ? 'reason-missing' : undefined}
            onInput={event => onChange({ reason: event.currentTarget.value, ticket })}
            onKeyDown={stopWhileComposing}
          />
          {missing.reason ? (
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
              aria-invalid={missing.ticket}
              onInput={event => onChange({ reason, ticket: event.currentTarget.value })}
              onKeyDown={stopWhileComposing}
            />
          </label>
          {missing.ticket ? (
            <p class="field-error">
              <Icon name="warn" /> {w('ticketNeeded')}
            </p>
          ) : null}
        </div>
      </div>
    </fieldset>
  )
}

/** Enter ends a composed word; it must not send the form. */
function stopWhileComposing(event: KeyboardEvent): void {
  if (event.key === 'Enter' && event.isComposing) event.preventDefault()
}
