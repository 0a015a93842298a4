import type { TestContext } from 'vitest'

export type Step = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>

interface Taken {
  count: number
  totalMs: number
  longestMs: number
}

/** Names the parts of a test. One that fails, by its time-out too, says how long each took and what it was still at. */
export function stepsOf(context: Pick<TestContext, 'onTestFailed'>, say = console.error): Step {
  const taken = new Map<string, Taken>()
  const running = new Map<symbol, { readonly name: string; readonly startedAt: number }>()
  context.onTestFailed(() => {
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
    const done = [...taken]
      .sort(([, a], [, b]) => b.totalMs - a.totalMs)
      .map(
        ([name, { count, totalMs, longestMs }]) =>
          `${name}: ${count} × in ${seconds(totalMs)}, the longest ${seconds(longestMs)}`,
      )
    const still = [...running.values()].map(
      ({ name, startedAt }) => `${name}: still at it after ${seconds(performance.now() - startedAt)}`,
    )
    say(['Steps of the test that failed:', ...still, ...done].join('\n  '))
  })
  return async (name, work) => {
    const me = Symbol(name)
    const startedAt = performance.now()
    running.set(me, { name, startedAt })
    try {
      return await work()
    } finally {
      running.delete(me)
      const ms = performance.now() - startedAt
      const known = taken.get(name) ?? { count: 0, totalMs: 0, longestMs: 0 }
      taken.set(name, {
        count: known.count + 1,
        totalMs: known.totalMs + ms,
        longestMs: Math.max(known.longestMs, ms),
      })
    }
  }
}
