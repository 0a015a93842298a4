/** Something that the API tells, kept fresh: the last answer stays while the next one fails, and says how old it is. */
import { type Signal, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { call, type ProblemView, sentAt } from './api.ts'
import { delayOf, type Pace } from './poll.ts'
import { credential } from './session.ts'

export interface Resource<T> {
  readonly data: Signal<T | null>
  /** Epoch milliseconds of the last answer. */
  readonly at: Signal<number | null>
  /** Of the last try; null: it went well. */
  readonly problem: Signal<ProblemView | null>
  /** Epoch milliseconds of the next try; null: none is planned. */
  readonly nextAt: Signal<number | null>
  readonly refresh: () => void
  readonly close: () => void
}

export interface PaceNow {
  readonly pace: Pace
  /** RFC 3339. */
  readonly nextAttemptAt?: string | null
}

/** Pauses every page of this tab. */
export const pausedPolling = signal(false)
/** All that is open, for the line that says how fresh the page is. */
export const live = signal<readonly Resource<unknown>[]>([])

let lastInputAt = Date.now()
export function watchInput(): void {
  for (const kind of ['pointerdown', 'keydown', 'wheel', 'touchstart'])
    addEventListener(kind, () => (lastInputAt = Date.now()), { passive: true, capture: true })
}
export const idleMs = (): number => Date.now() - lastInputAt

export function openResource<T>(path: string, paceOf: (data: T | null) => PaceNow): Resource<T> {
  const data = signal<T | null>(null)
  const at = signal<number | null>(null)
  const problem = signal<ProblemView | null>(null)
  const nextAt = signal<number | null>(null)
  const openedAt = Date.now()
  let etag: string | null = null
  let text = ''
  let asked = 0
  let failures = 0
  let timer: number | null = null
  let asking = false
  let again = false
  let closed = false

  const plan = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    nextAt.value = null
    if (closed || credential.peek() === null || pausedPolling.peek()) return
    const { pace, nextAttemptAt = null } = paceOf(data.peek())
    // what was refused is not asked for again; only what may pass is
    const final = problem.peek() !== null && !passes(problem.peek())
    const delay = final
      ? null
      : delayOf({
          pace: data.peek() === null && failures > 0 ? 'list' : pace,
          asked,
          sinceOpenedMs: Date.now() - openedAt,
          untilNextMs: nextAttemptAt === null ? null : Date.parse(nextAttemptAt) - Date.now(),
          hidden: document.hidden,
          idleMs: idleMs(),
          failures,
          retryAfterMs: problem.peek()?.retryAfterMs ?? null,
          sentLastMinute: sentAt.length,
          oldestSentMsAgo: Date.now() - (sentAt[0] ?? Date.now()),
          chance: Math.random(),
        })
    if (delay === null) return
    nextAt.value = Date.now() + delay
    timer = window.setTimeout(() => void ask(), delay)
  }

  const ask = async (): Promise<void> => {
    if (closed || credential.peek() === null) return
    if (asking) {
      again = true
      return
    }
    asking = true
    asked++
    const answer = await call<T>('GET', path, etag === null ? {} : { headers: { 'if-none-match': etag } })
    asking = false
    if (closed) return
    if (answer.kind === 'problem') {
      failures++
      problem.value = answer.problem
    } else {
      failures = 0
      problem.value = null
      at.value = Date.now()
      if (answer.kind === 'ok') {
        etag = answer.etag
        // an API without tags says the same in the same bytes
        if (answer.text !== text) data.value = answer.body
        text = answer.text
      }
    }
    if (again) {
      again = false
      return ask()
    }
    plan()
  }

  const seen = (): void => {
    if (!document.hidden && paceOf(data.peek()).pace !== 'still') void ask()
  }
  document.addEventListener('visibilitychange', seen)
  const stopPause = pausedPolling.subscribe(() => plan())
  let first = true
  const stopSession = credential.subscribe(given => {
    if (!first && given !== null) void ask()
    first = false
  })
  const resource: Resource<T> = {
    data,
    at,
    problem,
    nextAt,
    refresh: () => void ask(),
    close: () => {
      closed = true
      if (timer !== null) clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
      stopPause()
      stopSession()
      live.value = live.peek().filter(one => one !== resource)
    },
  }
  live.value = [...live.peek(), resource]
  void ask()
  return resource
}

/** It may be well the next time. */
function passes(problem: ProblemView | null): boolean {
  return problem === null || problem.status === 0 || problem.status === 429 || problem.status >= 500
}

/** Opened with the component and closed with it; another path is another resource. */
export function useResource<T>(path: string | null, paceOf: (data: T | null) => PaceNow): Resource<T> | null {
  const resource = useMemo(() => (path === null ? null : openResource<T>(path, paceOf)), [path])
  useEffect(() => () => resource?.close(), [resource])
  return resource
}
