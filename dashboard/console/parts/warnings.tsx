/** What a vendor will not do: how much of it there is, and each in a line once it is opened. */
import type { ComponentChildren } from 'preact'
import { thingWords } from '../../words/terms.ts'
import { say } from '../language.ts'
import { Icon } from './icon.tsx'
import { Said } from './text.tsx'

/** `bare`: the word for it stands beside it already. */
export function Warnings({
  texts,
  bare = false,
  children,
}: {
  readonly texts: readonly string[]
  readonly bare?: boolean
  readonly children?: ComponentChildren
}) {
  return (
    <details class="fold-list">
      <summary>
        {bare ? '' : `${say(thingWords.warnings)} `}
        {texts.length} <Icon name="down" /> {children}
      </summary>
      <ul>
        {texts.map(text => (
          <li key={text}>
            <Said own text={text} />
          </li>
        ))}
      </ul>
    </details>
  )
}
