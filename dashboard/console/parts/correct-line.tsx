/** The way to a correction, below the plans of its parts. */
import { operationTitles } from '../../words/terms.ts'
import { say, w } from '../language.ts'
import { OffWith, whyNot } from './controls.tsx'
import { Icon } from './icon.tsx'

/** `link`: where its dialog opens. */
export function CorrectLine({ id, link }: { readonly id: string; readonly link: string }) {
  const reason = whyNot()
  const label = `${say(operationTitles.correct)}${w('ellipsis')}`
  return (
    <div class="correct-line">
      <span>
        <Icon name="correct" /> <b>{say(operationTitles.correct)}</b>
        <span class="second">{w('correctDoes')}</span>
      </span>
      {reason === null ? (
        <a id={id} class="button opens" href={link}>
          {label}
        </a>
      ) : (
        <OffWith label={label} reason={reason} />
      )}
    </div>
  )
}
