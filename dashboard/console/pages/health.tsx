/** What is broken first, in words and with what to do; then a day in four charts; then every app. */
import { useState } from 'preact/hooks'
import { places, thingWords } from '../../words/terms.ts'
import type { AppHealth, HealthOfApps, Metrics } from '../answers.ts'
import { type ProblemView, base, call } from '../api.ts'
import { away, clockTime } from '../clock.ts'
import { plural, say, w } from '../language.ts'
import { providerName } from '../names.ts'
import { AppRow, Verdict, isSick } from '../parts/app-health.tsx'
import { OffWith, whyNot } from '../parts/controls.tsx'
import { Charts } from '../parts/health-charts.tsx'
import { Icon } from '../parts/icon.tsx'
import { Loaded, Notice, ProblemNotice } from '../parts/notice.tsx'
import { PageHead } from '../parts/shell.tsx'
import { Id, Said } from '../parts/text.tsx'
import { useReady } from '../ready.ts'
import { useResource } from '../resource.ts'
import { linkOf } from '../router.ts'
import { saidText } from '../sentences.ts'

export function Health() {
  const health = useResource<HealthOfApps>('/v1/health', () => ({ pace: 'slow' }))
  const metrics = useResource<Metrics>('/v1/metrics', () => ({ pace: 'slow' }))
  const ready = useReady()?.checks ?? {}
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
                  {Object.entries(ready).map(([name, { ok, detail, notices }]) => (
                    <Line
                      key={name}
                      ok={ok}
                      worn={ok && detail !== null}
                      name={checkName(name)}
                      value={detail === null ? null : saidText(detail, notices)}
                    />
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
                      ok={lastAt === null ? null : true}
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
        {problem === null ? null : <Said own text={saidText(problem, app.notices)} />}{' '}
        {credential.detail === null ? null : <Said own text={saidText(credential.detail, credential.notices)} />}{' '}
        {w('recallsWait')} {plural(waiting, 'oneWaits', 'manyWait')} {w('goOnAlone')}
      </p>
    </Notice>
  )
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

/** `ok` null: nobody can tell yet. */
function Line({
  ok,
  worn = false,
  name,
  value,
}: {
  readonly ok: boolean | null
  readonly worn?: boolean
  readonly name: string
  readonly value: string | null
}) {
  return (
    <li>
      <span class={worn ? 'warn' : ok === null ? 'soft' : ok ? 'ok' : 'bad'}>
        {ok === null ? (
          <Icon name="info" />
        ) : (
          <Icon
            name={worn ? 'warn' : ok ? 'done' : 'failed'}
            label={worn ? w('worn') : ok ? w('well') : w('notWell')}
          />
        )}
      </span>
      <span>
        <Said text={name} />
      </span>
      <span class={worn ? 'warn-text' : 'soft'}>{value === null ? '' : <Said own text={value} />}</span>
    </li>
  )
}
