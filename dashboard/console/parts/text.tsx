/** Text of others, times, numbers: each the same everywhere. */
import type { ComponentChildren } from 'preact'
import { away, clockTime, offsetAt } from '../clock.ts'
import type { ConsoleWord } from '../../words/console.ts'
import { language, w } from '../language.ts'
import { languageIn, piecesOf, webAddress } from '../text.ts'

/** What somebody else wrote, set apart from its neighbours. `own`: sentences of ours, which may hold a name of somebody else's. */
export function Said({ text, own = false }: { readonly text: string | null | undefined; readonly own?: boolean }) {
  if (text === null || text === undefined) return null
  const spoken = languageIn(text)
  const other = spoken === null || spoken === (language.value === 'zh' ? 'zh-CN' : 'en') ? {} : { lang: spoken }
  return (
    <bdi class={own ? 'own' : undefined} {...other}>
      {piecesOf(text).map(piece =>
        'mark' in piece ? (
          <span class="unseen" title={w('unseenCharacter')}>
            {piece.mark}
          </span>
        ) : (
          piece.text
        ),
      )}
    </bdi>
  )
}

/** A sentence of ours around a title of somebody else's: `{title}` in it. */
export function Around({ word, title }: { readonly word: ConsoleWord; readonly title: string }) {
  const [before, after] = w(word).split('{title}')
  return (
    <>
      {before}
      <Said text={title} />
      {after}
    </>
  )
}

/** An id: breaks anywhere, and is copied whole. */
export function Id({ id }: { readonly id: string | number }) {
  return (
    <code class="id">
      <Said text={String(id)} />
    </code>
  )
}

/** `relative`: how long ago, beside it. `zone`: the offset, once a page. */
export function At({
  at,
  relative = false,
  withZone = false,
  seconds = true,
}: {
  readonly at: string | number | null | undefined
  readonly relative?: boolean
  readonly withZone?: boolean
  readonly seconds?: boolean
}) {
  if (at === null || at === undefined) return <>–</>
  const instant = typeof at === 'number' ? at : Date.parse(at)
  if (Number.isNaN(instant)) return <>–</>
  return (
    <time dateTime={new Date(instant).toISOString()}>
      {clockTime(instant, { seconds })}
      {withZone ? ` ${offsetAt(instant)}` : ''}
      {relative ? ` · ${away(instant)}` : ''}
    </time>
  )
}

/** A link only where it leads to the web; shown whole before anybody opens it. */
export function Address({ url }: { readonly url: string }) {
  const safe = webAddress(url)
  if (safe === null) return <Said text={url} />
  return (
    <a class="out" href={safe} target="_blank" rel="noopener noreferrer">
      <Said text={url} />
    </a>
  )
}

export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
