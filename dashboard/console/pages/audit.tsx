/** The trail, newest first, its chain checked in this browser, and the file of it. */
import { useState } from 'preact/hooks'
import { places, roleWords } from '../../words/terms.ts'
import type { AuditHead, List } from '../answers.ts'
import { call, type ProblemView } from '../api.ts'
import { createChecker, type Checked, type TrailLine } from '../chain.ts'
import { say, w } from '../language.ts'
import { exact } from '../numbers.ts'
import { SearchField } from '../parts/controls.tsx'
import { save } from '../parts/evidence.ts'
import { Icon } from '../parts/icon.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { Empty, Freshness, Loaded, Notice, ProblemNotice } from '../parts/notice.tsx'
import { PageHead } from '../parts/shell.tsx'
import { At, Id, Said } from '../parts/text.tsx'
import { useResource } from '../resource.ts'
import { linkOf, place, setQuery } from '../router.ts'
import { may } from '../session.ts'

interface Entry {
  readonly seq: number
  readonly at: string
  readonly actor: string
  readonly person: string | null
  readonly action: string
  readonly object: string
  readonly detail: { readonly [name: string]: unknown }
  readonly hash: string
}

export function Audit() {
  if (!may('audit'))
    return (
      <>
        <PageHead title={say(places.audit)} />
        <Notice>
          <b>{w('onlyRole', { role: say(roleWords.admin) })}</b>
        </Notice>
      </>
    )
  return <Trail />
}

function Trail() {
  const { query } = place.value
  const asked = new URLSearchParams({ limit: '50' })
  for (const name of ['q', 'app', 'from', 'to', 'actor', 'action', 'object']) {
    const value = query.get(name)
    if (value !== null && value !== '') asked.set(name, value)
  }
  const path = `/v1/audit?${asked.toString()}`
  const list = useResource<List<Entry>>(path, () => ({ pace: 'slow' }))
  const head = useResource<AuditHead>('/v1/audit/head', () => ({ pace: 'slow' }))
  return (
    <>
      <PageHead title={say(places.audit)}>
        <Freshness resource={list} />
      </PageHead>
      <Check head={head?.data.value ?? null} />
      <div class="filters">
        <SearchField
          value={query.get('q') ?? ''}
          placeholder={w('searchAudit')}
          onSearch={text => setQuery({ q: text })}
        />
        {(['actor', 'action', 'object'] as const).map(name =>
          query.get(name) === null ? null : (
            <button key={name} type="button" class="chip on" onClick={() => setQuery({ [name]: null })}>
              <Said text={query.get(name) ?? ''} /> <Icon name="close" label={w('clear')} />
            </button>
          ),
        )}
      </div>
      <Loaded resource={list} rows={6}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title={w('noHit')} />
          ) : (
            <ListTable
              key={path}
              name="audit"
              heads={[{ number: w('seq') }, w('when'), w('by'), w('action'), w('object'), w('hash')]}
              first={items}
              next={nextCursor}
              path={path}
              idOf={({ seq }) => seq}
              row={(entry, index) => <Row key={entry.seq} entry={entry} index={index} />}
            />
          )
        }
      </Loaded>
    </>
  )
}

function Row({ entry, index }: { readonly entry: Entry; readonly index: number }) {
  return (
    <tr data-row={index}>
      <td class="number">{exact(entry.seq)}</td>
      <td>
        <At at={entry.at} />
      </td>
      <td>
        <button type="button" class="link" onClick={() => setQuery({ actor: entry.actor })}>
          <Said text={entry.person ?? entry.actor} />
        </button>
      </td>
      <td>
        <button type="button" class="link" onClick={() => setQuery({ action: entry.action })}>
          <Id id={entry.action} />
        </button>
      </td>
      <td class="what">
        {entry.object.startsWith('rcl_') ? (
          <a class="row-link" href={linkOf(['recalls', entry.object])}>
            <Id id={entry.object} />
          </a>
        ) : (
          <Id id={entry.object} />
        )}
        <details class="fold-list">
          <summary>
            {w('more')} <Icon name="down" />
          </summary>
          <pre>
            <Said text={JSON.stringify(entry.detail, null, 2)} />
          </pre>
        </details>
      </td>
      <td>
        <Id id={`${entry.hash.slice(0, 8)}…`} />
      </td>
    </tr>
  )
}

/** Every record, page after page as NDJSON; the chain is computed here. */
async function readTrail(
  each: (lines: readonly TrailLine[], text: string) => Promise<void>,
): Promise<ProblemView | null> {
  let path: string | null = '/v1/audit?limit=200'
  while (path !== null) {
    const answer: Awaited<ReturnType<typeof call>> = await call('GET', path, {
      headers: { accept: 'application/x-ndjson' },
    })
    if (answer.kind === 'problem') return answer.problem
    if (answer.kind !== 'ok') return null
    const lines: readonly TrailLine[] = answer.text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as TrailLine)
    await each(lines, answer.text)
    const next: string | undefined = /[?&]cursor=([^>&]+)/.exec(answer.link ?? '')?.[1]
    path = next === undefined || lines.length === 0 ? null : `/v1/audit?limit=200&cursor=${next}`
  }
  return null
}

function Check({ head }: { readonly head: AuditHead | null }) {
  const [found, setFound] = useState<Checked | null>(null)
  const [running, setRunning] = useState(false)
  const [ended, setEnded] = useState(false)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const run = async () => {
    setRunning(true)
    setEnded(false)
    setProblem(null)
    const checker = createChecker(head?.hashed)
    const refused = await readTrail(async lines => setFound(await checker.take(lines)))
    if (refused === null) {
      setFound(await checker.end())
      setEnded(true)
    }
    setProblem(refused)
    setRunning(false)
  }
  const exportAll = async () => {
    setRunning(true)
    const parts: string[] = []
    const refused = await readTrail(async (_, text) => void parts.push(text))
    setRunning(false)
    setProblem(refused)
    if (refused === null)
      save(`unpush-audit-${new Date().toISOString().slice(0, 10)}.ndjson`, 'application/x-ndjson', parts.join(''))
  }
  const bad = found !== null && found.firstBad !== null
  return (
    <>
      <Notice
        tone={bad ? 'bad' : ended ? 'ok' : 'plain'}
        aside={
          <>
            <button type="button" class="button" disabled={running} onClick={() => void run()}>
              {running ? w('checking') : w('checkHere')}
            </button>
            <button type="button" class="button" disabled={running} onClick={() => void exportAll()}>
              <Icon name="save" /> {w('exportLines')}
            </button>
          </>
        }
      >
        <b>
          {found === null
            ? w('notChecked')
            : found.firstBad !== null
              ? w('firstBad', { n: exact(found.firstBad) })
              : ended
                ? w('chainWhole', { from: exact(found.oldest), to: exact(found.newest) })
                : w('checkedSoFar', { n: exact(found.whole) })}
        </b>
        {head === null ? null : (
          <p class="soft">
            {head.digest === null ? w('noDigest') : w('digestHolds', { n: exact(head.digest.seq) })}{' '}
            {head.digest === null ? null : <At at={head.digest.at} />} · {w('unsealed', { n: exact(head.unsealed) })}
          </p>
        )}
        <p class="soft">{w('fromOutside')}</p>
      </Notice>
      {problem === null ? null : <ProblemNotice problem={problem} />}
    </>
  )
}
