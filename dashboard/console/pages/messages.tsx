/** What went out, newest first: found by any id, taken back from its row. */
import { useEffect, useState } from 'preact/hooks'
import { places } from '../../words/terms.ts'
import type { List, Message, Recall } from '../answers.ts'
import { call } from '../api.ts'
import { now } from '../clock.ts'
import { plural, say, w } from '../language.ts'
import { FilterSelect, SearchField } from '../parts/controls.tsx'
import { Icon } from '../parts/icon.tsx'
import { Marked, Table, current, marked } from '../parts/message-table.tsx'
import { Nothing } from '../parts/nothing-found.tsx'
import { Freshness, Loaded } from '../parts/notice.tsx'
import { PhonesLink } from '../parts/phones-link.tsx'
import { PageHead } from '../parts/shell.tsx'
import { Said } from '../parts/text.tsx'
import { useResource } from '../resource.ts'
import { place, setQuery } from '../router.ts'
import { me } from '../session.ts'

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
      <PageHead title={say(places.messages)} beside={<PhonesLink />}>
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
