/** How well each app can be served: its credential, its budget, its breaker. */
import { laneWords, thingWords } from '../../words/terms.ts'
import type { AppHealth } from '../answers.ts'
import { say, w, named } from '../language.ts'
import { providerName } from '../names.ts'
import { exact } from '../numbers.ts'
import { Icon } from './icon.tsx'
import { At } from './text.tsx'

/** Well is only what was found well. */
export function Verdict({ apps, sick }: { readonly apps: readonly AppHealth[]; readonly sick: number }) {
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

export function isSick({ credential, problem }: AppHealth): boolean {
  return credential.ok === false || problem !== null
}

export function AppRow({ app }: { readonly app: AppHealth }) {
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
              name: named(laneWords, lane.name),
              left: exact(Math.floor(lane.left)),
              limit: exact(lane.limit),
              span: spanOf(lane.perSeconds),
            })}
          </span>
        ))}
      </td>
      <td>
        <span class="cell-name">{w('breaker')}</span>
        {breaker.open ? <b>{say(thingWords.breakerOpen)}</b> : say(thingWords.breakerClosed)}
        {breaker.since === null ? null : (
          <span class="second">
            <At at={breaker.since} />
          </span>
        )}
      </td>
      <td class="number">
        <span class="cell-name">{w('lastAccepted')}</span>
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
