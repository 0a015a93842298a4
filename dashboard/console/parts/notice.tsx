/** What a page says of itself: it failed, it is old, there is nothing. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { problemWords } from '../../words/terms.ts'
import { type ProblemView } from '../api.ts'
import { away, clockTime, now } from '../clock.ts'
import { named, w } from '../language.ts'
import { live, pausedPolling, type Resource } from '../resource.ts'
import { faultText, refusalText } from '../sentences.ts'
import { me } from '../session.ts'
import { Icon, type IconName } from './icon.tsx'
import { Id, Said } from './text.tsx'

export type Tone = 'plain' | 'warn' | 'bad' | 'ok'

export function Notice({
  tone = 'plain',
  icon,
  children,
  aside,
  alert = false,
}: {
  readonly tone?: Tone
  readonly icon?: IconName
  readonly children: ComponentChildren
  readonly aside?: ComponentChildren
  readonly alert?: boolean
}) {
  const usual: { readonly [T in Tone]: IconName } = { plain: 'info', warn: 'warn', bad: 'warn', ok: 'done' }
  return (
    <div class={`notice ${tone}`} role={alert ? 'alert' : undefined}>
      <Icon name={icon ?? usual[tone]} />
      <div class="notice-text">{children}</div>
      {aside === undefined ? null : <div class="notice-aside">{aside}</div>}
    </div>
  )
}

/** First what it is, then what helps. */
export function problemTitle(problem: ProblemView): string {
  if (problem.slug === 'lost') return w('noAnswer')
  if (problem.slug === 'strange') return w('strangeAnswer')
  if (!Object.hasOwn(problemWords, problem.slug)) return w('strangeAnswer')
  const title = named(problemWords, problem.slug)
  if (problem.slug === 'too-many-requests' && problem.retryAfterMs !== null)
    return `${title}${w('secondsMore', { n: Math.ceil(problem.retryAfterMs / 1000) })}`
  return title
}

export function ProblemNotice({
  problem,
  retry,
  aside,
}: {
  readonly problem: ProblemView
  readonly retry?: (() => void) | undefined
  readonly aside?: ComponentChildren
}) {
  const roles = me.value?.roles ?? []
  return (
    <Notice
      tone="bad"
      alert
      aside={
        aside ??
        (retry === undefined ? undefined : (
          <button type="button" class="link" onClick={retry}>
            {w('tryAgain')}
          </button>
        ))
      }
    >
      <b>{problemTitle(problem)}</b>
      {problem.slug === 'forbidden' && roles.length > 0 ? <p>{w('yourRoles', { roles: roles.join(', ') })}</p> : null}
      {problem.slug === 'not-found' ? <p>{w('maybeOthers')}</p> : null}
      {problem.errors.length > 0 ? (
        <ul>
          {problem.errors.map(({ path, message }) => (
            <li key={path + message}>
              <code>{path || '/'}</code> <Said own text={faultText(message)} />
            </li>
          ))}
        </ul>
      ) : null}
      {problem.detail === null && problem.requestId === null ? null : (
        <details>
          <summary>{w('more')}</summary>
          {problem.detail === null ? null : (
            <p>
              <Said own text={refusalText(problem)} />
            </p>
          )}
          {problem.requestId === null ? null : <Copy label={w('requestId')} text={problem.requestId} />}
        </details>
      )}
    </Notice>
  )
}

export function Copy({ label, text }: { readonly label: string; readonly text: string }) {
  const [done, setDone] = useState(false)
  const copy = () => {
    // without the right to the clipboard the text can still be selected
    void navigator.clipboard?.writeText(text).then(
      () => setDone(true),
      () => setDone(false),
    )
  }
  return (
    <p class="copy">
      {label} <Id id={text} />{' '}
      <button type="button" class="link" onClick={copy}>
        {done ? w('copied') : w('copy')}
      </button>
    </p>
  )
}

/** Bars in the place of what is to come, after a moment. */
export function Skeleton({ rows = 3 }: { readonly rows?: number }) {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div class="skeleton" role="status" aria-label={w('loading')}>
      {shown
        ? Array.from({ length: rows * 2 }, (_, row) => <i key={row} class={row % 2 === 0 ? 'long' : 'short'} />)
        : null}
    </div>
  )
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <b>{title}</b>
      {children === undefined ? null : <div class="soft">{children}</div>}
    </div>
  )
}

/** The data, else why there is none. What is old stays, and the line under the header says so. */
export function Loaded<T>({
  resource,
  rows,
  head,
  children,
}: {
  readonly resource: Resource<T> | null
  readonly rows?: number
  /** Of the page, where that has none without the data. */
  readonly head?: ComponentChildren
  readonly children: (data: T) => ComponentChildren
}) {
  if (resource === null) return null
  const { data, problem } = resource
  if (data.value !== null) return <>{children(data.value)}</>
  return (
    <>
      {head}
      {problem.value === null ? (
        <Skeleton rows={rows ?? 3} />
      ) : (
        <ProblemNotice problem={problem.value} retry={resource.refresh} />
      )}
    </>
  )
}

/** When what is on the page was read, whether it goes on, and the switch that stops it. */
export function Freshness({ resource }: { readonly resource: Resource<unknown> | null }) {
  const at = resource?.at.value ?? null
  const problem = resource?.problem.value ?? null
  const nextAt = resource?.nextAt.value ?? null
  const paused = pausedPolling.value
  if (at === null) return <div class="fresh" />
  const how = paused ? w('paused') : problem !== null ? w('old') : nextAt === null ? null : w('live')
  return (
    <div class="fresh">
      <span class={`pulse ${problem !== null || paused ? 'old' : nextAt === null ? 'rest' : ''}`} />
      <span>
        {w('asOf')} <time dateTime={new Date(at).toISOString()}>{clockTime(at)}</time>
        {how === null ? '' : ` · ${how}`}
      </span>
      <button
        type="button"
        class="quiet-icon"
        aria-pressed={paused}
        title={paused ? w('goOn') : w('pause')}
        onClick={() => (pausedPolling.value = !paused)}
      >
        <Icon name={paused ? 'play' : 'pause'} label={paused ? w('goOn') : w('pause')} />
      </button>
    </div>
  )
}

/** Under the header while something on the page could not be read anew. */
export function StaleBar() {
  const failing = live.value.find(({ data, problem }) => data.value !== null && problem.value !== null)
  if (failing === undefined) return null
  const at = failing.at.value ?? 0
  const nextAt = failing.nextAt.value
  const problem = failing.problem.value
  return (
    <div class="stale" role="status">
      <Notice
        tone="warn"
        icon="clock"
        aside={
          <button type="button" class="link" onClick={failing.refresh}>
            {w('tryAgain')}
          </button>
        }
      >
        {problem !== null && problem.status !== 0
          ? `${problemTitle(problem)} · `
          : typeof navigator !== 'undefined' && !navigator.onLine
            ? `${w('offline')} · `
            : ''}
        {w('asOf')} {clockTime(at)}
        {nextAt === null ? '' : w('tryingIn', { when: away(Math.max(nextAt, now.value + 1000)) })}
      </Notice>
    </div>
  )
}
