/** Every recall, newest first. */
import { operationTitles, places, stateWords, thingWords, withoutCounts } from '../../words/terms.ts'
import type { List, Recall } from '../answers.ts'
import { away, clockTime } from '../clock.ts'
import { say, titled, w } from '../language.ts'
import { exact, rounded } from '../numbers.ts'
import { FilterSelect, SearchField } from '../parts/controls.tsx'
import { basisWord, DeviceBar } from '../parts/devices.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { Empty, Freshness, Loaded } from '../parts/notice.tsx'
import { doneAs } from '../parts/recall-brief.tsx'
import { PageHead } from '../parts/shell.tsx'
import { isUnapproved, State } from '../parts/status.tsx'
import { Said } from '../parts/text.tsx'
import { reachOfRecall } from '../reach.ts'
import { useResource } from '../resource.ts'
import { linkOf, place, setQuery } from '../router.ts'
import { subjectOf } from '../about-recall.ts'

export function Recalls() {
  const { query } = place.value
  const asked = new URLSearchParams({ limit: '50' })
  for (const name of ['q', 'app', 'state', 'content', 'message', 'person', 'operation', 'ticket']) {
    const value = query.get(name)
    if (value !== null && value !== '') asked.set(name, value)
  }
  const path = `/v1/recalls?${asked.toString()}`
  const list = useResource<List<Recall>>(path, () => ({ pace: 'list' }))
  return (
    <>
      <PageHead title={say(places.recalls)}>
        <Freshness resource={list} />
      </PageHead>
      <div class="filters">
        <SearchField
          value={query.get('q') ?? ''}
          placeholder={w('searchRecalls')}
          onSearch={text => setQuery({ q: text })}
        />
        <FilterSelect
          name={w('state')}
          value={query.get('state') ?? ''}
          onChoose={value => setQuery({ state: value })}
          options={Object.entries(stateWords).map(([state, words]) => [state, say(words)])}
        />
        <FilterSelect
          name={w('operation')}
          value={query.get('operation') ?? ''}
          onChoose={value => setQuery({ operation: value })}
          options={Object.entries(operationTitles).map(([name, words]) => [name, say(words)])}
        />
      </div>
      <Loaded resource={list} rows={6}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title={query.toString() === '' ? w('noRecalls') : w('noHit')}>
              {query.toString() === '' ? (
                <p>{w('noRecallsHelp')}</p>
              ) : (
                <a class="link" href="#/recalls">
                  {w('clearFilters')}
                </a>
              )}
            </Empty>
          ) : (
            <ListTable
              key={path}
              name="recalls"
              heads={[w('state'), w('about'), { number: titled(thingWords.reach) }, w('outcome'), w('by'), w('when')]}
              first={items}
              next={nextCursor}
              path={path}
              idOf={({ id }) => id}
              row={(recall, index) => <Row key={recall.id} recall={recall} index={index} />}
            />
          )
        }
      </Loaded>
    </>
  )
}

function Row({ recall, index }: { readonly recall: Recall; readonly index: number }) {
  const { id, devices, state } = recall
  const reach = reachOfRecall(recall)
  return (
    <tr data-row={index}>
      <td>
        <State state={state} unapproved={isUnapproved(recall)} />
        <span class="second">{doneAs(recall)}</span>
      </td>
      <td class="what">
        <a class="row-link" href={linkOf(['recalls', id])}>
          <Said text={subjectOf(recall)} />
        </a>
        <span class="second">
          <Said text={recall.reason} />
          {recall.ticket === null ? null : (
            <>
              {' · '}
              <Said text={recall.ticket} />
            </>
          )}
        </span>
      </td>
      <td class="number reach">
        <b>{rounded(reach)}</b>
        <span class="second">{reach.devices === null || reach.basis === 'exact' ? '' : basisWord(reach.basis)}</span>
      </td>
      <td class="outcome">
        {devices === null ? (
          <span class="soft">{say(withoutCounts(recall))}</span>
        ) : (
          <>
            {state === 'running' ? <DeviceBar devices={devices} label={w('progress')} /> : null}
            <span>
              {w('threeCounts', {
                accepted: exact(devices.accepted),
                rejected: exact(devices.rejected),
                unknown: exact(devices.unknown),
              })}
            </span>
          </>
        )}
      </td>
      <td class="by">
        <Said text={recall.person ?? recall.requestedBy} />
      </td>
      <td class="when">
        <time dateTime={recall.createdAt}>{clockTime(Date.parse(recall.createdAt), { seconds: false })}</time>
        <span class="second">{away(Date.parse(recall.createdAt))}</span>
      </td>
    </tr>
  )
}
