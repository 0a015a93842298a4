/** What went out, newest first: found by any id, taken back from its row. */
import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { places, thingWords, vendorStatusWords } from '../../words/terms.ts'
import type { List, Message, Recall } from '../answers.ts'
import { call } from '../api.ts'
import { clockTime, now, offsetAt, away } from '../clock.ts'
import { plural, say, titled, w } from '../language.ts'
import { basisWord } from '../parts/devices.tsx'
import { Icon } from '../parts/icon.tsx'
import { FilterSelect, SearchField, Verbs } from '../parts/controls.tsx'
import { Empty, Freshness, Loaded } from '../parts/notice.tsx'
import { PageHead } from '../parts/shell.tsx'
import { RecallBrief } from '../parts/recall-brief.tsx'
import { Said } from '../parts/text.tsx'
import { handleOf, providerList } from '../names.ts'
import { rounded } from '../numbers.ts'
import { reachOfMessage } from '../reach.ts'
import { useResource } from '../resource.ts'
import { linkOf, place, setQuery } from '../router.ts'
import { me } from '../session.ts'

/** Marked rows, by id: they are taken back as one recall. */
const marked = signal<ReadonlySet<string>>(new Set())
/** The row that the keys act on. */
export const current = signal(0)

const spans: { readonly [name: string]: number } = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 }

/** A span moves with the time; to the minute, so that the address of the list stays the same between two looks. */
function fromOf(span: string | null): string | null {
  const length = span === null ? undefined : spans[span]
  if (length !== undefined) return new Date(Math.floor((now.peek() - length) / 60_000) * 60_000).toISOString()
  return span
}

export function Messages() {
  const { query } = place.value
  const filters = ['q', 'app', 'state', 'content', 'from', 'to'].map(name => query.get(name) ?? '').join('\n')
  const [path, setPath] = useState('')
  useEffect(() => {
    const asked = new URLSearchParams({ limit: '50' })
    for (const name of ['q', 'app', 'state', 'content', 'to']) {
      const value = query.get(name)
      if (value !== null && value !== '') asked.set(name, value)
    }
    const from = fromOf(query.get('from'))
    if (from !== null && from !== '') asked.set('from', from)
    setPath(`/v1/messages?${asked.toString()}`)
  }, [filters])
  return <>{path === '' ? null : <MessageList key={path} path={path} />}</>
}

function MessageList({ path }: { readonly path: string }) {
  const { query } = place.value
  const list = useResource<List<Message>>(path, () => ({ pace: 'list' }))
  const recalls = useResource<List<Recall>>('/v1/recalls?limit=100', () => ({ pace: 'list' }))
  const known = new Map((recalls?.data.value?.items ?? []).map(recall => [recall.id, recall]))
  const { rows, fresh, showFresh, more } = useSnapshot(list?.data.value ?? null, path)
  const q = query.get('q') ?? ''
  const apps = me.value?.apps?.map(({ id }) => id) ?? [
    ...new Set(rows.flatMap(row => row.targets.map(({ app }) => app))),
  ]
  return (
    <>
      <PageHead title={say(places.messages)}>
        <Freshness resource={list} />
      </PageHead>
      <div class="filters">
        <SearchField value={q} placeholder={w('searchMessages')} onSearch={text => setQuery({ q: text })} />
        <FilterSelect
          name={w('app')}
          value={query.get('app') ?? ''}
          onChoose={value => setQuery({ app: value })}
          options={apps.map(app => [app, app])}
        />
        <FilterSelect
          name={w('state')}
          value={query.get('state') ?? ''}
          onChoose={value => setQuery({ state: value })}
          options={[
            ['live', w('notRecalled')],
            ['recalled', w('recalledOnes')],
          ]}
        />
        <FilterSelect
          name={w('sent')}
          value={query.get('from') ?? ''}
          all={w('anyTime')}
          onChoose={value => setQuery({ from: value })}
          options={[
            ['1h', w('lastHour')],
            ['24h', w('lastDay')],
            ['7d', w('lastWeek')],
          ]}
        />
        {query.get('content') === null ? null : (
          <button type="button" class="chip on" onClick={() => setQuery({ content: null })}>
            {w('content')} <Said text={query.get('content') ?? ''} /> <Icon name="close" label={w('clear')} />
          </button>
        )}
        {fresh === 0 ? null : (
          <button type="button" class="chip on new-rows" onClick={showFresh}>
            <Icon name="rise" /> {plural(fresh, 'newMessage', 'newMessages')}
          </button>
        )}
      </div>
      <Marked />
      <Loaded resource={list} rows={6}>
        {() =>
          rows.length === 0 ? (
            <Nothing q={q} filtered={query.toString() !== ''} />
          ) : (
            <Table rows={rows} recalls={known} more={more} />
          )
        }
      </Loaded>
    </>
  )
}

/** Rows stay where they are while somebody reads or acts; at the top and untouched they follow. */
function useSnapshot(latest: List<Message> | null, path: string) {
  const [shown, setShown] = useState<List<Message> | null>(null)
  const [older, setOlder] = useState<{ readonly items: readonly Message[]; readonly next: string | null } | null>(null)
  const touched = () =>
    scrollY > 120 ||
    marked.peek().size > 0 ||
    current.peek() > 0 ||
    older !== null ||
    document.querySelector('.rows :focus-visible') !== null
  useEffect(() => {
    if (latest !== null && (shown === null || !touched())) setShown(latest)
  }, [latest])
  const byId = new Map((latest?.items ?? []).map(item => [item.id, item]))
  const base = shown ?? latest
  const held = (base?.items ?? []).map(item => byId.get(item.id) ?? item)
  const ids = new Set(held.map(({ id }) => id))
  const fresh = shown === null ? 0 : (latest?.items ?? []).findIndex(item => ids.has(item.id))
  const next = older === null ? (base?.nextCursor ?? null) : older.next
  const more =
    next === null
      ? null
      : async () => {
          const answer = await call<List<Message>>('GET', `${path}&cursor=${encodeURIComponent(next)}`)
          if (answer.kind === 'ok')
            setOlder({ items: [...(older?.items ?? []), ...answer.body.items], next: answer.body.nextCursor })
        }
  return {
    rows: [...held, ...(older?.items ?? []).filter(({ id }) => !ids.has(id))],
    fresh: Math.max(0, fresh),
    showFresh: () => {
      setShown(latest)
      current.value = 0
      scrollTo({ top: 0 })
    },
    more,
  }
}

function Table({
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
          <code class="id">{id}</code> ·{' '}
          {source === 'discovered' ? w('discovered') : <bdi>{registeredBy.replace(/^(key|oidc):/, '')}</bdi>}
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
function Marked() {
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

/** Nothing was found: digits may be the id of a push that nobody registered. */
function Nothing({ q, filtered }: { readonly q: string; readonly filtered: boolean }) {
  const found = useResource<List<Message>>(/^\d{1,20}$/.test(q.trim()) ? `/v1/messages?limit=200` : null, () => ({
    pace: 'still',
  }))
  const digits = q.trim()
  if (/^\d{1,20}$/.test(digits)) {
    const hit = (found?.data.value?.items ?? []).find(({ targets }) =>
      targets.some(target => handleOf(target)?.value === digits),
    )
    const apps = me.value?.apps ?? []
    if (hit !== undefined)
      return (
        <Empty title={w('foundByVendorId', { id: digits })}>
          <a class="button primary" href={linkOf(['messages', hit.id])}>
            <Said text={hit.title ?? hit.id} />
          </a>
        </Empty>
      )
    return (
      <Empty title={w('noRegistered', { id: digits })}>
        <p>{w('vendorIdHelp')}</p>
        <div class="button-row">
          {apps.length === 0 ? (
            <a class="button primary" href={linkOf(['new'], { pushId: digits })}>
              {w('takeBackById')}
            </a>
          ) : (
            apps
              .filter(({ provider }) => provider !== 'huawei')
              .map(({ id }) => (
                <a key={id} class="button primary" href={linkOf(['new', 'revoke'], { app: id, pushId: digits })}>
                  {apps.length === 1 ? w('takeBackById') : w('takeBackIn', { app: id })}
                </a>
              ))
          )}
          {apps
            .filter(({ provider }) => provider === 'huawei')
            .map(({ id }) => (
              <a key={id} class="button" href={linkOf(['new'], { app: id, notifyId: digits })}>
                {w('takeBackIn', { app: id })}
              </a>
            ))}
        </div>
      </Empty>
    )
  }
  if (filtered)
    return (
      <Empty title={w('noHit')}>
        <a class="link" href="#/messages">
          {w('clearFilters')}
        </a>
      </Empty>
    )
  return (
    <Empty title={w('noMessages')}>
      <p>{w('howRegister')}</p>
      <p>{w('howDiscover')}</p>
      <p class="button-row">
        <a class="button" href={linkOf(['new'])}>
          {w('takeBackById')}
        </a>
      </p>
    </Empty>
  )
}
