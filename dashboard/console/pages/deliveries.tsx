/** What subscribers were told: every try, and the way to tell them again. */
import { useState } from 'preact/hooks'
import { deliveryStateWords, places } from '../../words/terms.ts'
import type { Delivery, List, Subscriber } from '../answers.ts'
import { call } from '../api.ts'
import { clockTime } from '../clock.ts'
import { named, say, w } from '../language.ts'
import { exact } from '../numbers.ts'
import { ActDialog } from '../parts/act-dialog.tsx'
import { FilterSelect, whyNot } from '../parts/controls.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { Empty, Freshness, Loaded, Notice } from '../parts/notice.tsx'
import { PageHead } from '../parts/shell.tsx'
import { At, Id, Said } from '../parts/text.tsx'
import { useResource } from '../resource.ts'
import { linkOf, place, setQuery } from '../router.ts'
import { saidText } from '../sentences.ts'
import { Tabs } from './verdicts.tsx'

const icons: { readonly [S in Delivery['state']]: { readonly icon: IconName; readonly tone: string } } = {
  pending: { icon: 'clock', tone: '' },
  delivered: { icon: 'done', tone: 'ok' },
  failed: { icon: 'failed', tone: 'bad' },
  held: { icon: 'pause', tone: 'warn' },
}

export function Deliveries() {
  const { query } = place.value
  const asked = new URLSearchParams({ limit: '50' })
  for (const name of ['q', 'app', 'state', 'subscriber']) {
    const value = query.get(name)
    if (value !== null && value !== '') asked.set(name, value)
  }
  const path = `/v1/deliveries?${asked.toString()}`
  const list = useResource<List<Delivery>>(path, () => ({ pace: 'list' }))
  const subscribers = useResource<List<Subscriber>>('/v1/subscribers', () => ({ pace: 'slow' }))
  const known = subscribers?.data.value?.items ?? []
  const [replaying, setReplaying] = useState<string | null>(null)
  return (
    <>
      <PageHead title={say(places.moderation)}>
        <Freshness resource={list} />
      </PageHead>
      <Tabs here="deliveries" />
      {known
        .filter(({ disabledAt }) => disabledAt !== null)
        .map(({ id, disabledAt, held }) => (
          <Notice key={id} tone="warn">
            <b>
              <Said text={id} /> {w('disabledSince')} <At at={disabledAt} />
            </b>{' '}
            {w('heldFor', { n: exact(held) })}
          </Notice>
        ))}
      <div class="filters">
        <FilterSelect
          name={w('state')}
          value={query.get('state') ?? ''}
          onChoose={value => setQuery({ state: value })}
          options={Object.entries(deliveryStateWords).map(([state, words]) => [state, say(words)])}
        />
        <FilterSelect
          name={w('subscriber')}
          value={query.get('subscriber') ?? ''}
          onChoose={value => setQuery({ subscriber: value })}
          options={known.map(({ id }) => [id, id])}
        />
      </div>
      <Loaded resource={list} rows={6}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title={query.toString() === '' ? w('noDeliveries') : w('noHit')}>
              <p>{w('noDeliveriesHelp')}</p>
            </Empty>
          ) : (
            <ListTable
              key={path}
              name="deliveries"
              heads={[w('state'), w('event'), w('subscriber'), w('tries'), w('when'), { hidden: w('actions') }]}
              first={items}
              next={nextCursor}
              path={path}
              idOf={({ id }) => id}
              row={(delivery, index) => (
                <Row key={delivery.id} delivery={delivery} index={index} onReplay={setReplaying} />
              )}
            />
          )
        }
      </Loaded>
      {replaying === null ? null : (
        <ActDialog
          title={w('replayTitle')}
          note={w('replayNote')}
          label={w('replay')}
          onClose={() => setReplaying(null)}
          send={async reason =>
            call('POST', `/v1/deliveries/${replaying}/replay`, reason === '' ? {} : { body: { reason } })
          }
          done={() => {
            setReplaying(null)
            list?.refresh()
          }}
        />
      )}
    </>
  )
}

function Row({
  delivery,
  index,
  onReplay,
}: {
  readonly delivery: Delivery
  readonly index: number
  readonly onReplay: (id: string) => void
}) {
  const reason = whyNot()
  const mark = Object.hasOwn(icons, delivery.state) ? icons[delivery.state] : { icon: 'info' as const, tone: '' }
  const [last] = delivery.attempts
  return (
    <tr key={delivery.id} data-row={index}>
      <td>
        <span class={`mark ${mark.tone}`}>
          <Icon name={mark.icon} /> <b>{named(deliveryStateWords, delivery.state)}</b>
        </span>
        {delivery.nextAttemptAt === null ? null : (
          <span class="second">
            {w('nextTry')} <At at={delivery.nextAttemptAt} />
          </span>
        )}
      </td>
      <td class="what">
        <Id id={delivery.type} />
        {delivery.recall === null ? null : (
          <a class="second row-link" href={linkOf(['recalls', delivery.recall])}>
            <Id id={delivery.recall} />
          </a>
        )}
      </td>
      <td class="by">
        <Said text={delivery.subscriber} />
      </td>
      <td class="outcome">
        <details class="fold-list">
          <summary>
            {delivery.attempts.length} {last === undefined ? '' : `· ${w('lastStatus')} ${last.status ?? '–'}`}{' '}
            <Icon name="down" />
          </summary>
          <ul>
            {delivery.attempts.map(({ startedAt, status, detail, notices }) => (
              <li key={startedAt}>
                {clockTime(Date.parse(startedAt))} · {status ?? '–'}{' '}
                {detail === null ? null : <Said own text={saidText(detail, notices)} />}
              </li>
            ))}
          </ul>
        </details>
      </td>
      <td class="when">
        <At at={delivery.createdAt} />
      </td>
      <td class="acts">
        <button
          type="button"
          class={`button row-button ${reason === null ? '' : 'off'}`}
          aria-disabled={reason !== null}
          title={reason ?? undefined}
          onClick={() => (reason === null ? onReplay(delivery.id) : undefined)}
        >
          {w('replay')}
        </button>
      </td>
    </tr>
  )
}
