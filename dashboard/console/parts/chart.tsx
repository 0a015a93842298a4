/** A line over the last 24 hours, drawn as SVG, with a table for who cannot see it. */
import { clockTime, now } from '../clock.ts'
import { w } from '../language.ts'
import { exact } from '../numbers.ts'

export interface Point {
  /** Epoch milliseconds. */
  readonly at: number
  readonly value: number
}

const [width, height] = [284, 56]
const dayMs = 86_400_000

export function Chart({
  name,
  unit,
  points,
}: {
  readonly name: string
  readonly unit: string
  readonly points: readonly Point[]
}) {
  const from = now.peek() - dayMs
  // what a service of before does not count is no number
  const shown = points.filter(({ at, value }) => at >= from && Number.isFinite(value))
  const most = Math.max(1, ...shown.map(({ value }) => value))
  const x = (at: number) => Math.round(((at - from) / dayMs) * width * 10) / 10
  const y = (value: number) => Math.round((height - 3 - (value / most) * (height - 8)) * 10) / 10
  const line = shown.map(({ at, value }, index) => `${index === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`).join('')
  const last = shown.at(-1)
  const first = shown[0]
  const round = (value: number) => exact(Math.round(value * 10) / 10)
  return (
    <figure class="card chart">
      <figcaption>
        <b>{name}</b>
        <span>
          <b class="figure">{last === undefined ? '–' : round(last.value)}</b> <span class="soft">{unit}</span>
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="ground" d={`M0 ${height - 1}H${width}`} />
        {first === undefined || last === undefined ? null : (
          <>
            <path class="area" d={`${line}L${x(last.at)} ${height}L${x(first.at)} ${height}Z`} />
            <path class="line" d={line} />
          </>
        )}
      </svg>
      <div class="axis">
        <span>{w('dayAgo')}</span>
        <span>
          {shown.length === 0
            ? w('noPoints')
            : w('most', { n: round(Math.max(...shown.map(({ value }) => value))), unit })}
        </span>
        <span>{w('nowWord')}</span>
      </div>
      <table class="only-read">
        <caption>{name}</caption>
        <tbody>
          {shown.slice(-24).map(({ at, value }) => (
            <tr key={at}>
              <th scope="row">{clockTime(at, { seconds: false })}</th>
              <td>{round(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
