/** The rows of the list of messages, and what is done with several of them at once. */
import { signal } from '@preact/signals'
import { useRef, useState } from 'preact/hooks'
import { places, thingWords } from '../../words/terms.ts'
import { vendorStatusWords } from '../../words/vendors/names.ts'
import type { Message, Recall } from '../answers.ts'
import { away, clockTime, now, offsetAt } from '../clock.ts'
import { plural, say, titled, w } from '../language.ts'
import { providerList } from '../names.ts'
import { rounded } from '../numbers.ts'
import { reachOfMessage } from '../reach.ts'
import { linkOf } from '../router.ts'
import { Verbs } from './controls.tsx'
import { basisWord } from './devices.tsx'
import { RecallBrief } from './recall-brief.tsx'
import { Id, Said } from './text.tsx'

/** Marked rows, by id: they are taken back as one recall. */
export const marked = signal<ReadonlySet<string>>(new Set())
/** The row that the keys act on. */
export const current = signal(0)

export function Table({
  rows,
  recalls,
  more,
}: {
  readonly rows: readonly Message[]
  readonly recalls: ReadonlyMap<string, Recall>
  readonly more: (() => Promise<void>) | null
}) {
  const all = rows.every(({ id }) => marked.value.has(id))
  const mark = (id: string, on: boolean) => {
    const next = new Set(marked.peek())
    if (on) next.add(id)
    else next.delete(id)
    marked.value = next
  }
  const markAll = (on: boolean) => (marked.value = on ? new Set(rows.slice(0, 200).map(({ id }) => id)) : new Set())
  const [loading, setLoading] = useState(false)
  return (
    <>
      <div class="card table-box">
        <table class="rows messages">
          <thead>
            <tr>
              <th class="tick">
                <input
                  type="checkbox"
                  aria-label={w('markAll')}
                  checked={all}
                  onChange={event => markAll(event.currentTarget.checked)}
                />
              </th>
              <th>{w('message')}</th>
              <th class="number">{titled(thingWords.reach)}</th>
              <th>{w('vendor')}</th>
              <th>{say(places.recalls)}</th>
              <th>
                {w('sent')} {offsetAt(now.peek())}
              </th>
              <th class="acts">
                <span class="only-read">{w('actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((message, index) => (
              <Row
                key={message.id}
                message={message}
                recall={recalls.get(message.recall?.id ?? '') ?? null}
                index={index}
                marked={marked.value.has(message.id)}
                onMark={mark}
              />
            ))}
          </tbody>
        </table>
      </div>
      <div class="below">
        {more === null ? (
          <span class="soft">{w('allShown')}</span>
        ) : (
          <button
            type="button"
            class="link"
            onClick={() => {
              setLoading(true)
              void more().finally(() => setLoading(false))
            }}
          >
            {loading ? w('loading') : w('loadOlder')}
          </button>
        )}
        <Keys />
      </div>
    </>
  )
}

export function Keys() {
  return (
    <span class="keys" aria-hidden="true">
      <kbd>j</kbd>
      <kbd>k</kbd> {w('keyMove')} <kbd>Enter</kbd> {w('keyOpen')} <kbd>r</kbd> {w('keyRevoke')} <kbd>?</kbd>{' '}
      {w('keyAll')}
    </span>
  )
}

function Row({
  message,
  recall,
  index,
  marked: isMarked,
  onMark,
}: {
  readonly message: Message
  readonly recall: Recall | null
  readonly index: number
  readonly marked: boolean
  readonly onMark: (id: string, on: boolean) => void
}) {
  const { id, title, targets, registeredBy, source } = message
  const reach = reachOfMessage(message)
  const sentAt = message.sentAt ?? message.createdAt
  const here = current.value === index
  const row = useRef<HTMLTableRowElement>(null)
  const name = title === null || title === '' ? w('untitled') : title
  const active = message.recall?.state === 'running' || message.recall?.state === 'pending_approval'
  return (
    <tr ref={row} data-row={index} class={here ? 'here' : ''} aria-current={here ? 'true' : undefined}>
      <td class="tick">
        <input
          type="checkbox"
          aria-label={w('markRow', { name: id })}
          checked={isMarked}
          onChange={event => onMark(id, event.currentTarget.checked)}
        />
      </td>
      <td class="what">
        <a class="row-link" href={linkOf(['messages', id])}>
          <Said text={name} />
        </a>
        <span class="second">
          <Id id={id} /> ·{' '}
          {source === 'discovered' ? w('discovered') : <Said text={registeredBy.replace(/^(key|oidc):/, '')} />}
        </span>
      </td>
      <td class="number reach">
        <b>{rounded(reach)}</b>
        <span class="second">{reach.basis === 'exact' ? '' : basisWord(reach.basis)}</span>
      </td>
      <td class="vendor">
        <span>{targets.length === 0 ? w('noTarget') : providerList(targets.map(({ provider }) => provider))}</span>
        <span class="second">{statusOf(message)}</span>
      </td>
      <td class="recalled">
        <RecallBrief message={message} recall={recall} />
      </td>
      <td class="when">
        <time dateTime={sentAt}>{clockTime(Date.parse(sentAt), { seconds: false })}</time>
        <span class="second">{away(Date.parse(sentAt))}</span>
      </td>
      <td class="acts">
        {active && message.recall !== null ? (
          <a class="button row-button" href={linkOf(['recalls', message.recall.id])}>
            {message.recall.state === 'running' ? w('seeProgress') : w('seeApproval')}
          </a>
        ) : (
          <Verbs message={message} />
        )}
      </td>
    </tr>
  )
}

/** What the vendor itself says of the push, where it was read. */
function statusOf({ targets }: Message): string {
  const words = targets.flatMap(target => {
    const { record } = target as { readonly record?: { readonly status?: string | null } | null }
    const status = record?.status ?? null
    if (status === null) return []
    const known = Object.hasOwn(vendorStatusWords, status) ? vendorStatusWords[status] : undefined
    return [known === undefined ? status : say(known)]
  })
  return [...new Set(words)].join(' · ')
}

/** Marked rows are one recall: one plan, one approval. */
export function Marked() {
  const count = marked.value.size
  if (count === 0) return null
  const ids = [...marked.value].join(' ')
  return (
    <div class="marked-bar" role="status">
      <b>{plural(count, 'oneMarked', 'manyMarked')}</b>
      <a class="button primary" href={linkOf(['new', 'revoke'], { messages: ids })}>
        {w('revokeMarked')}
      </a>
      <a class="button" href={linkOf(['new', 'stop'], { messages: ids })}>
        {w('stopMarked')}
      </a>
      <button type="button" class="quiet" onClick={() => (marked.value = new Set())}>
        {w('clearMarks')}
      </button>
    </div>
  )
}
