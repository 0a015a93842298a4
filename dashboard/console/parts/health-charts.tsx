/** The last day in four charts. */
import type { Metrics } from '../answers.ts'
import { w } from '../language.ts'
import { Chart, type Point } from './chart.tsx'

/** A day in steps of five minutes; where nothing was, nothing is drawn. */
export function Charts({ metrics }: { readonly metrics: Metrics | null }) {
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
