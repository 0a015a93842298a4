/** What moderation said, and what became of it. */
import { operationWords, places, verdictStateWords, verdictWords } from '../../words/terms.ts'
import type { List, Verdict } from '../answers.ts'
import { away, clockTime } from '../clock.ts'
import { named, say, w } from '../language.ts'
import { FilterSelect, SearchField } from '../parts/controls.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { Empty, Freshness, Loaded } from '../parts/notice.tsx'
import { PageHead } from '../parts/shell.tsx'
import { Id, Said } from '../parts/text.tsx'
import { useResource } from '../resource.ts'
import { linkOf, place, setQuery } from '../router.ts'
import { saidText } from '../sentences.ts'

export function Tabs({ here }: { readonly here: 'verdicts' | 'deliveries' }) {
  return (
    <nav class="tabs" aria-label={say(places.moderation)}>
      {(['verdicts', 'deliveries'] as const).map(tab => (
        <a key={tab} href={linkOf([tab])} aria-current={tab === here ? 'page' : undefined}>
          {w(tab)}
        </a>
      ))}
    </nav>
  )
}

export function Verdicts() {
  const { query } = place.value
  const asked = new URLSearchParams({ limit: '50' })
  for (const name of ['q', 'app', 'state', 'content']) {
    const value = query.get(name)
    if (value !== null && value !== '') asked.set(name, value)
  }
  const path = `/v1/verdicts?${asked.toString()}`
  const list = useResource<List<Verdict>>(path, () => ({ pace: 'list' }))
  return (
    <>
      <PageHead title={say(places.moderation)}>
        <Freshness resource={list} />
      </PageHead>
      <Tabs here="verdicts" />
      <div class="filters">
        <SearchField
          value={query.get('q') ?? ''}
          placeholder={w('searchVerdicts')}
          onSearch={text => setQuery({ q: text })}
        />
        <FilterSelect
          name={w('state')}
          value={query.get('state') ?? ''}
          onChoose={value => setQuery({ state: value })}
          options={Object.entries(verdictStateWords).map(([state, words]) => [state, say(words)])}
        />
      </div>
      <Loaded resource={list} rows={6}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title={query.toString() === '' ? w('noVerdicts') : w('noHit')}>
              <p>{w('noVerdictsHelp')}</p>
            </Empty>
          ) : (
            <ListTable
              key={path}
              name="verdicts"
              heads={[w('verdict'), w('content'), w('source'), w('became'), w('when')]}
              first={items}
              next={nextCursor}
              path={path}
              idOf={({ id }) => id}
              row={(verdict, index) => <Row key={verdict.id} verdict={verdict} index={index} />}
            />
          )
        }
      </Loaded>
    </>
  )
}

function Row({ verdict, index }: { readonly verdict: Verdict; readonly index: number }) {
  const { content, state, recalls, labels, reason, detail, operation } = verdict
  const word = verdict.verdict === null ? verdict.action : named(verdictWords, verdict.verdict)
  const tone = state === 'refused' || state === 'unreadable' ? 'warn-text' : ''
  return (
    <tr data-row={index}>
      <td>
        <b>{word === null ? '–' : <Said text={word} />}</b>
        <span class="second">{listOf(labels)}</span>
      </td>
      <td class="what">
        {content === null ? (
          '–'
        ) : (
          <a class="row-link" href={linkOf(['messages'], { content })}>
            <Id id={content} />
          </a>
        )}
        {reason === null ? null : (
          <span class="second">
            <Said text={reason} />
          </span>
        )}
      </td>
      <td>
        <Said text={verdict.source} /> <span class="soft">{verdict.tier}</span>
        <span class="second">
          <Id id={verdict.endpoint} />{' '}
          {w(verdict.by === 'machine' ? 'byMachine' : verdict.by === 'appeal' ? 'byAppeal' : 'byHuman')}
        </span>
      </td>
      <td>
        <b class={tone}>{named(verdictStateWords, state)}</b>{' '}
        {operation === null ? null : <span class="soft">{named(operationWords, operation)}</span>}
        {state === 'overturned' ? <span class="second">{w('cannotPutBack')}</span> : null}
        {detail === null ? null : (
          <span class="second">
            <Said own text={saidText(detail, verdict.notices)} />
          </span>
        )}
        {recalls.map(id => (
          <a key={id} class="second" href={linkOf(['recalls', id])}>
            <Id id={id} />
          </a>
        ))}
      </td>
      <td class="when">
        <time dateTime={verdict.receivedAt}>{clockTime(Date.parse(verdict.receivedAt))}</time>
        <span class="second">{away(Date.parse(verdict.receivedAt))}</span>
      </td>
    </tr>
  )
}

function listOf(labels: readonly string[]) {
  return labels.map((label, index) => (
    <span key={label}>
      {index === 0 ? '' : ' · '}
      <Said text={label} />
    </span>
  ))
}
