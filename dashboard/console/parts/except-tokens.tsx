/** Everyone but me: push tokens that a recall leaves alone. They stay in the memory of the page, and are shown nowhere. */
import type { Message } from '../answers.ts'
import { w } from '../language.ts'
import { exact } from '../numbers.ts'
import type { Subject } from '../recall-request.ts'
import { tokensIn } from '../token-text.ts'
import { Icon } from './icon.tsx'

/** The API takes no more. */
const most = 1000

/** Whether a vendor of it is told which devices are meant; of a subject that is not known here the plan tells. */
export function namesDevices(subject: Subject, shown: Message | null): boolean {
  if ('target' in subject) return false
  return shown === null || shown.targets.some(target => 'devices' in target)
}

export function ExceptTokens({
  tokens,
  disabled,
  onChange,
}: {
  readonly tokens: readonly string[]
  readonly disabled: boolean
  readonly onChange: (tokens: readonly string[]) => void
}) {
  const add = (text: string) => onChange([...new Set([...tokens, ...tokensIn(text)])].slice(0, most))
  return (
    <details class="fold-list except">
      <summary>
        {w('everyoneBut')} {tokens.length === 0 ? null : <b>{exact(tokens.length)}</b>} <Icon name="down" />
      </summary>
      <label>
        <span class="soft">{w('exceptField')}</span>
        <textarea
          class="field mono"
          name="except"
          rows={2}
          autocomplete="off"
          spellcheck={false}
          disabled={disabled}
          value=""
          onPaste={event => {
            event.preventDefault()
            add(event.clipboardData?.getData('text') ?? '')
          }}
          onChange={event => {
            add(event.currentTarget.value)
            event.currentTarget.value = ''
          }}
        />
      </label>
      <p role="status">
        <b>{w('tokensCounted', { n: exact(tokens.length) })}</b> <span class="soft">{w('tokensNeverShown')}</span>{' '}
        {tokens.length === 0 ? null : (
          <button type="button" class="link" disabled={disabled} onClick={() => onChange([])}>
            {w('exceptNobody')}
          </button>
        )}
      </p>
    </details>
  )
}
