/** What stands between a large recall and its button: another person, and four digits. */
import type { RefObject } from 'preact'
import { decisionWords, thingWords } from '../../words/terms.ts'
import { say, titled, w } from '../language.ts'
import type { ApprovalLine, PlanView } from '../plan-view.ts'
import { may, me } from '../session.ts'
import { OffWith } from './controls.tsx'
import { Icon } from './icon.tsx'
import { approvalText } from './plan.tsx'

export function Approving({
  plan,
  line,
  disabled,
  breakGlass,
  onBreakGlass,
  meanwhile,
  onMeanwhile,
}: {
  readonly plan: PlanView
  readonly line: ApprovalLine
  readonly disabled: boolean
  readonly breakGlass: boolean
  readonly onBreakGlass: (on: boolean) => void
  readonly meanwhile: boolean
  readonly onMeanwhile: (on: boolean) => void
}) {
  const glass = me.value?.policy?.breakGlass
  return (
    <div class="weigh-part">
      <div class="weigh-line">
        <b>
          <Icon name="people" /> {approvalText(line)}
        </b>
        {glass === 'off' ? null : glass === 'approver' && !may('decide') ? (
          <OffWith label={`${say(decisionWords.breakGlass)}${w('ellipsis')}`} reason={w('onlyApprover')} />
        ) : (
          <button
            type="button"
            class={`break-glass ${breakGlass ? 'on' : ''}`}
            aria-pressed={breakGlass}
            disabled={disabled}
            onClick={() => onBreakGlass(!breakGlass)}
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
            disabled={disabled}
            onChange={event => onMeanwhile(event.currentTarget.checked)}
          />
          <span>
            {say(thingWords.stopMeanwhile)}
            <span class="second">{w('meanwhileDoes')}</span>
          </span>
        </label>
      )}
    </div>
  )
}

/** Null: this service is older than this console, and makes none. */
export function CheckNumber({
  check,
  digits,
  field,
  disabled,
  onChange,
}: {
  readonly check: string | null
  readonly digits: string
  readonly field: RefObject<HTMLInputElement | null>
  readonly disabled: boolean
  readonly onChange: (digits: string) => void
}) {
  if (check === null) return <p class="weigh-part soft">{w('noCheckNumber')}</p>
  const matches = digits === check
  return (
    <div class="weigh-part weigh-line">
      <div>
        <b>{titled(thingWords.checkNumber)}</b> <output class="check-number">{check}</output>
        <span class="second" id="digits-note">
          {w('checkFrom')}
        </span>
      </div>
      <label class={`digits ${digits.length === 4 && !matches ? 'wrong' : ''}`}>
        <span class="only-read">{w('typeDigits')}</span>
        <input
          ref={field}
          class="field"
          name="digits"
          inputMode="numeric"
          pattern="[0-9]*"
          autocomplete="off"
          maxLength={4}
          value={digits}
          disabled={disabled}
          aria-describedby="digits-note"
          aria-invalid={digits.length === 4 && !matches}
          onInput={event => onChange(asDigits(event.currentTarget.value))}
        />
        {digits.length === 4 ? (
          <Icon name={matches ? 'done' : 'failed'} label={matches ? w('digitsMatch') : w('digitsDiffer')} />
        ) : null}
      </label>
    </div>
  )
}

/** Digits of an input method may be full width. */
function asDigits(text: string): string {
  return text.normalize('NFKC').replace(/\D/g, '').slice(0, 4)
}
