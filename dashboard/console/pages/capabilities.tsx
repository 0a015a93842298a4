/** What each app's vendor can take back, by channel, with the page it is from and the day it was read. */
import { operationTitles, places } from '../../words/terms.ts'
import type { AppCapabilities, List, Operation } from '../answers.ts'
import { named, say, w } from '../language.ts'
import { channelName, providerName } from '../names.ts'
import { exact } from '../numbers.ts'
import { FilterSelect } from '../parts/controls.tsx'
import { Icon } from '../parts/icon.tsx'
import { Empty, Freshness, Loaded, Notice } from '../parts/notice.tsx'
import { PageHead } from '../parts/shell.tsx'
import { EffectMark } from '../parts/status.tsx'
import { Said } from '../parts/text.tsx'
import { operationOrder } from '../parts/plan.tsx'
import { useResource } from '../resource.ts'
import { place, setQuery } from '../router.ts'
import { saidText, sentencesOf } from '../sentences.ts'
import { webAddress } from '../text.ts'

export function Capabilities() {
  const app = place.value.query.get('app') ?? ''
  const list = useResource<List<AppCapabilities>>('/v1/capabilities', () => ({ pace: 'still' }))
  const items = list?.data.value?.items ?? []
  return (
    <>
      <PageHead title={say(places.capabilities)} beside={<span class="soft">{w('ifKeptNote')}</span>}>
        <Freshness resource={list} />
      </PageHead>
      <div class="filters">
        <FilterSelect
          name={w('app')}
          value={app}
          onChoose={value => setQuery({ app: value })}
          options={items.map(({ app: id }) => [id, id])}
        />
      </div>
      <Loaded resource={list}>
        {({ items: all }) => {
          const shown = all.filter(one => app === '' || one.app === app)
          return shown.length === 0 ? (
            <Empty title={w('noApps')} />
          ) : (
            <>
              {shown.map(one => (
                <App key={one.app} about={one} />
              ))}
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function App({ about }: { readonly about: AppCapabilities }) {
  const { app, provider, problem, operations = [], limits = [] } = about
  const offered = new Map(operations.map(one => [one.operation, one]))
  const channels = [...new Set(operations.flatMap(one => one.channels.map(({ channel }) => channel)))]
  const sources = [...new Set(operations.flatMap(one => one.channels.map(({ source, asOf }) => `${source} ${asOf}`)))]
  return (
    <section class="card capabilities">
      <header class="card-head">
        <h2>
          {app} <span class="soft">{providerName(provider)}</span>
        </h2>
      </header>
      {problem === null ? null : (
        <Notice tone="bad">
          <Said own text={saidText(problem, about.notices)} />
        </Notice>
      )}
      {channels.length === 0 ? null : (
        <div class="table-box">
          <table class="rows plain grid">
            <thead>
              <tr>
                <th>{w('channel')}</th>
                {operationOrder.map(operation => (
                  <th key={operation}>
                    <Icon name={operation} /> {named(operationTitles, operation)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {channels.map(channel => (
                <tr key={channel}>
                  <th scope="row">{channelName(provider, channel)}</th>
                  {operationOrder.map(operation => (
                    <Cell key={operation} operation={operation} offered={offered} channel={channel} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {operationOrder.map(operation => {
        const refusal = offered.get(operation)?.refusal ?? null
        return refusal === null ? null : (
          <p key={operation} class="soft padded">
            <b>{named(operationTitles, operation)}</b>{' '}
            <Said own text={saidText(refusal, offered.get(operation)?.notices)} />
          </p>
        )
      })}
      {limits.length === 0 ? null : (
        <details class="fold-list padded">
          <summary>
            {w('limits')} {limits.length} <Icon name="down" />
          </summary>
          <ul>
            {limits.map(limit => (
              <li key={limit.name}>
                <LimitText limit={limit} /> {limit.inferred ? <span class="warn-text">{w('inferred')}</span> : null}{' '}
                <Source source={limit.source} asOf={limit.asOf} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <p class="soft padded small">
        {w('sources')}{' '}
        {sources.map(text => {
          const [source = '', asOf = ''] = text.split(' ')
          return <Source key={text} source={source} asOf={asOf} />
        })}
      </p>
    </section>
  )
}

/** Its name, so many, of what. */
function LimitText({ limit }: { readonly limit: NonNullable<AppCapabilities['limits']>[number] }) {
  const [name = limit.name, unit = limit.unit] = sentencesOf([limit.name, limit.unit], limit.notices)
  return (
    <>
      <Said own text={name} />: <b>{exact(limit.value)}</b> <Said own text={unit} />
    </>
  )
}

function Cell({
  operation,
  offered,
  channel,
}: {
  readonly operation: Operation
  readonly offered: ReadonlyMap<Operation, NonNullable<AppCapabilities['operations']>[number]>
  readonly channel: string
}) {
  const found = offered.get(operation)?.channels.find(one => one.channel === channel)
  if (found === undefined) return <td class="soft">{w('notOffered')}</td>
  return (
    <td>
      <EffectMark effect={found.effect} />
      {found.until === undefined ? null : <span class="second warn-text">{w('until', { day: found.until })}</span>}
      {found.since === undefined ? null : <span class="second">{w('since', { day: found.since })}</span>}
      {found.note === undefined ? null : (
        <span class="second">
          <Said own text={saidText(found.note, found.notices)} />
        </span>
      )}
    </td>
  )
}

function Source({ source, asOf }: { readonly source: string; readonly asOf: string }) {
  const link = webAddress(source)
  return (
    <span class="source">
      {link === null ? (
        <Said text={source} />
      ) : (
        <a href={link} target="_blank" rel="noopener noreferrer">
          {new URL(link).hostname} <Icon name="out" label={w('opensOutside')} />
        </a>
      )}{' '}
      {asOf}{' '}
    </span>
  )
}
