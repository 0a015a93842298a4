/** What is broken first, in words and with what to do; then a day in four charts; then every app. */
import { useState } from 'preact/hooks'
import { places, thingWords } from '../../words/terms.ts'
import type { AppHealth, HealthOfApps, Metrics } from '../answers.ts'
import { base, call, type ProblemView } from '../api.ts'
import { away, clockTime } from '../clock.ts'
import { plural, say, w } from '../language.ts'
import { providerName } from '../names.ts'
import { exact } from '../numbers.ts'
import { Chart, type Point } from '../parts/chart.tsx'
import { OffWith, whyNot } from '../parts/controls.tsx'
import { Icon } from '../parts/icon.tsx'
import { Loaded, Notice, ProblemNotice } from '../parts/notice.tsx'
import { PageHead } from '../parts/shell.tsx'
import { At, Id, Said } from '../parts/text.tsx'
import { useResource } from '../resource.ts'
import { linkOf } from '../router.ts'

interface Ready {
  readonly status: string
  readonly checks: {
    readonly [name: string]: {
      readonly ok: boolean
      readonly detail: string | null
      readonly secondsSinceLast?: number | null
    }
  }
}

export function Health() {
  const health = useResource<HealthOfApps>('/v1/health', () => ({ pace: 'slow' }))
  const metrics = useResource<Metrics>('/v1/metrics', () => ({ pace: 'slow' }))
  const ready = useReady()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemView | null>(null)
  const reason = whyNot()
  const check = async () => {
    setBusy(true)
    const answer = await call<HealthOfApps>('POST', '/v1/health/check')
    setBusy(false)
    setProblem(answer.kind === 'problem' ? answer.problem : null)
    if (answer.kind === 'ok' && health !== null) health.data.value = answer.body
  }
  const apps = health?.data.value?.apps ?? []
  const sick = apps.filter(isSick)
  const checked = apps
    .map(({ credential }) => credential.checkedAt)
    .filter((at): at is string => at !== null)
    .sort()
    .at(-1)
  return (
    <>
      <PageHead
        title={say(places.health)}
        beside={health?.data.value === null ? null : <Verdict apps={apps} sick={sick.length} />}
      >
        <div class="fresh">
          <span>
            {checked === undefined ? w('neverChecked') : `${w('credentialsChecked')} ${clockTime(Date.parse(checked))}`}
          </span>
          {reason === null ? (
            <button type="button" class="button" aria-disabled={busy} onClick={() => void check()}>
              <Icon name="refresh" /> {busy ? w('checking') : say(thingWords.checkNow)}
            </button>
          ) : (
            <OffWith label={say(thingWords.checkNow)} reason={reason} />
          )}
        </div>
      </PageHead>
      {problem === null ? null : <ProblemNotice problem={problem} />}
      <Loaded resource={health}>
        {({ apps: all, timers, subscribers, endpoints, clock, version }) => (
          <>
            {all.filter(isSick).map(app => (
              <Sick key={app.app} app={app} />
            ))}
            <Charts metrics={metrics?.data.value ?? null} />
            <div class="health-page">
              <section class="card table-box">
                <table class="rows plain apps">
                  <thead>
                    <tr>
                      <th>{w('app')}</th>
                      <th>{w('credential')}</th>
                      <th>{w('budgetLeft')}</th>
                      <th>{w('breaker')}</th>
                      <th class="number">{w('lastAccepted')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {[...all]
                      .sort((a, b) => Number(isSick(b)) - Number(isSick(a)))
                      .map(app => (
                        <AppRow key={app.app} app={app} />
                      ))}
                  </tbody>
                </table>
              </section>
              <section class="card side">
                <h2>{w('itself')}</h2>
                <ul class="checks">
                  {Object.entries(ready?.checks ?? {}).map(([name, { ok, detail }]) => (
                    <Line key={name} ok={ok} worn={ok && detail !== null} name={checkName(name)} value={detail} />
                  ))}
                  {timers.map(({ name, lastAt }) => (
                    <Line
                      key={name}
                      ok={lastAt !== null}
                      worn={lastAt === null}
                      name={w('timer', { name })}
                      value={lastAt === null ? w('never') : away(Date.parse(lastAt))}
                    />
                  ))}
                  <Line
                    ok={Math.abs(clock.ledgerAheadMs) < 2000}
                    name={w('clock')}
                    value={w('clockOff', { n: (Math.abs(clock.ledgerAheadMs) / 1000).toFixed(1) })}
                  />
                  {endpoints.map(({ id, lastAt }) => (
                    <Line
                      key={id}
                      ok={true}
                      name={w('endpoint', { id })}
                      value={lastAt === null ? w('never') : away(Date.parse(lastAt))}
                    />
                  ))}
                  {subscribers.map(({ id, disabledAt }) => (
                    <Line
                      key={id}
                      ok={true}
                      worn={disabledAt !== null}
                      name={id}
                      value={
                        disabledAt === null
                          ? w('enabled')
                          : `${w('disabledSince')} ${clockTime(Date.parse(disabledAt), { seconds: false })}`
                      }
                    />
                  ))}
                </ul>
                <p class="soft small">
                  {w('version')} {version}
                </p>
              </section>
            </div>
          </>
        )}
      </Loaded>
    </>
  )
}

/** Well is only what was found well. */
function Verdict({ apps, sick }: { readonly apps: readonly AppHealth[]; readonly sick: number }) {
  const unchecked = apps.filter(({ credential }) => credential.ok === null).length
  const [icon, tone, text] =
    sick > 0
      ? (['failed', 'bad', w('someSick', { n: sick, all: apps.length })] as const)
      : unchecked > 0
        ? (['info', '', w('someUnchecked', { n: unchecked, all: apps.length })] as const)
        : (['done', 'ok', w('allWell', { n: apps.length })] as const)
  return (
    <span class={`mark pill ${tone}`}>
      <Icon name={icon} /> <b>{text}</b>
    </span>
  )
}

/** Not ready is an answer, too: 503 with the same body. */
function useReady(): Ready | null {
  const resource = useResource<Ready>('/readyz', () => ({ pace: 'slow' }))
  const told = resource?.problem.value?.members as Partial<Ready> | undefined
  if (told?.checks !== undefined) return told as Ready
  return resource?.data.value ?? null
}

function isSick({ credential, problem }: AppHealth): boolean {
  return credential.ok === false || problem !== null
}

function Sick({ app }: { readonly app: AppHealth }) {
  const { credential, problem, waiting } = app
  return (
    <Notice
      tone="bad"
      icon="failed"
      aside={
        <>
          <a class="button" href={linkOf(['recalls'], { state: 'running', app: app.app })}>
            {w('recallsThatWait')}
          </a>
          <a class="button" href={`${base}/docs`}>
            {w('whatToDo')}
          </a>
        </>
      }
    >
      <b>{app.app}</b> <span class="soft">{providerName(app.provider)}</span>{' '}
      <b>
        {problem !== null
          ? w('cannotRead')
          : w('refusedSince', { time: credential.since === null ? '–' : clockTime(Date.parse(credential.since)) })}
      </b>{' '}
      {credential.code === null ? null : <Id id={credential.code} />}
      <p>
        {problem === null ? null : <Said text={problem} />}{' '}
        {credential.detail === null ? null : <Said text={credential.detail} />} {w('recallsWait')}{' '}
        {plural(waiting, 'oneWaits', 'manyWait')} {w('goOnAlone')}
      </p>
    </Notice>
  )
}

function AppRow({ app }: { readonly app: AppHealth }) {
  const { credential, lanes, breaker, lastAcceptedAt } = app
  const sick = isSick(app)
  const tone = sick ? 'bad' : credential.ok === true ? 'ok' : 'soft'
  return (
    <tr>
      <td>
        <span class={tone}>
          <Icon name={sick ? 'failed' : credential.ok === true ? 'done' : 'info'} />
        </span>{' '}
        <b>{app.app}</b> <span class="soft">{providerName(app.provider)}</span>
      </td>
      <td>
        {credential.ok === null ? (
          <span class="soft">{w('neverChecked')}</span>
        ) : (
          <>
            {credential.ok ? w('acceptedCredential') : <b class="bad">{w('refusedCredential')}</b>}{' '}
            <span class="soft">
              <At at={credential.ok ? credential.checkedAt : credential.since} seconds={false} />
            </span>
          </>
        )}
      </td>
      <td>
        {lanes.length === 0 ? <span class="soft">{w('notCounted')}</span> : null}
        {lanes.map(lane => (
          <span key={lane.name} class="lane">
            <Gauge left={lane.left} limit={lane.limit} />{' '}
            {w('laneLeft', {
              left: exact(Math.floor(lane.left)),
              limit: exact(lane.limit),
              span: spanOf(lane.perSeconds),
            })}{' '}
            <span class="soft">{lane.name}</span>
          </span>
        ))}
      </td>
      <td>
        {breaker.open ? <b>{say(thingWords.breakerOpen)}</b> : say(thingWords.breakerClosed)}
        {breaker.since === null ? null : (
          <span class="second">
            <At at={breaker.since} />
          </span>
        )}
      </td>
      <td class="number">
        <At at={lastAcceptedAt} />
      </td>
    </tr>
  )
}

function Gauge({ left, limit }: { readonly left: number; readonly limit: number }) {
  return (
    <i class="gauge" aria-hidden="true">
      <i
        ref={element => {
          if (element !== null)
            element.style.width = `${Math.round((100 * Math.min(left, limit)) / Math.max(1, limit))}%`
        }}
      />
    </i>
  )
}

function spanOf(seconds: number): string {
  if (seconds === 1) return w('perSecond')
  if (seconds === 60) return w('perMinute')
  if (seconds === 3600) return w('perHour')
  return seconds === 86_400 ? w('perDay') : w('perSeconds', { n: seconds })
}

const checkNames = {
  ledger: 'checkLedger',
  secrets: 'checkSecrets',
  sweep: 'checkSweep',
  audit: 'checkAudit',
  keys: 'checkKeys',
  policy: 'checkPolicy',
  signIn: 'checkSignIn',
  endpoints: 'checkEndpoints',
} as const

function checkName(name: string): string {
  return Object.hasOwn(checkNames, name) ? w(checkNames[name as keyof typeof checkNames]) : name
}

function Line({
  ok,
  worn = false,
  name,
  value,
}: {
  readonly ok: boolean
  readonly worn?: boolean
  readonly name: string
  readonly value: string | null
}) {
  return (
    <li>
      <span class={worn ? 'warn' : ok ? 'ok' : 'bad'}>
        <Icon name={worn ? 'warn' : ok ? 'done' : 'failed'} label={worn ? w('worn') : ok ? w('well') : w('notWell')} />
      </span>
      <span>{name}</span>
      <span class={worn ? 'warn-text' : 'soft'}>{value === null ? '' : <Said text={value} />}</span>
    </li>
  )
}

/** A day in steps of five minutes; where nothing was, nothing is drawn. */
function Charts({ metrics }: { readonly metrics: Metrics | null }) {
  if (metrics === null) return null
  const sums = new Map<string, { oldest: number; lead: number | null; unknown: number; calls: number }>()
  for (const { points } of metrics.apps)
    for (const point of points) {
      const sum = sums.get(point.at) ?? { oldest: 0, lead: null, unknown: 0, calls: 0 }
      sums.set(point.at, {
        oldest: Math.max(sum.oldest, point.oldestSeconds),
        lead: point.leadMs.p99 === null ? sum.lead : Math.max(sum.lead ?? 0, point.leadMs.p99 / 1000),
        unknown: sum.unknown + point.unknown,
        calls: sum.calls + point.calls.reduce((all, { count }) => all + count, 0),
      })
    }
  const times = [...sums.keys()].sort()
  const series = (
    pick: (sum: { oldest: number; lead: number | null; unknown: number; calls: number }) => number | null,
  ): Point[] =>
    times.flatMap(at => {
      const sum = sums.get(at)
      const value = sum === undefined ? null : pick(sum)
      return value === null ? [] : [{ at: Date.parse(at), value }]
    })
  return (
    <div class="charts">
      <Chart name={w('oldestWork')} unit={w('secondsUnit')} points={series(({ oldest }) => oldest)} />
      <Chart name={w('leadP99')} unit={w('secondsUnit')} points={series(({ lead }) => lead)} />
      <Chart name={w('unknownDevices')} unit="" points={series(({ unknown }) => unknown)} />
      <Chart name={w('vendorCalls')} unit={w('inFiveMinutes')} points={series(({ calls }) => calls)} />
    </div>
  )
}
