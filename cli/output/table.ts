/** Tables for people: columns line up whatever the writing, and give way where the terminal is narrow. */
import { columnsOf, cut, padEnd, padStart } from './text.ts'

export interface Column {
  readonly title: string
  readonly right?: boolean
  /** May be cut down to so many columns; default: never cut. */
  readonly least?: number
  /** Left out in a narrow terminal, the highest number first; default: never. */
  readonly leaves?: number
}

const gap = 2

/** `columns`: of the terminal; null: as wide as it comes. No line ends in blanks. */
export function table(
  shape: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number | null,
): string[] {
  const natural = shape.map(({ title }, index) =>
    Math.max(columnsOf(title), ...rows.map(row => columnsOf(row[index] ?? ''))),
  )
  // a column in which nothing stands tells nothing
  const filled = shape.map((_, index) => index).filter(index => rows.some(row => (row[index] ?? '') !== ''))
  const { shown, widths } = fit(shape, natural, filled, columns ?? Number.POSITIVE_INFINITY)
  const lineOf = (cells: readonly string[]) =>
    shown
      .map((index, place) => {
        const width = widths[place] ?? 0
        const cell = cut(cells[index] ?? '', width)
        return shape[index]?.right === true ? padStart(cell, width) : padEnd(cell, width)
      })
      .join(' '.repeat(gap))
      .trimEnd()
  const head = shape.some(({ title }) => title !== '') ? [lineOf(shape.map(({ title }) => title))] : []
  return [...head, ...rows.map(lineOf)]
}

function fit(
  shape: readonly Column[],
  natural: readonly number[],
  filled: readonly number[],
  columns: number,
): { readonly shown: readonly number[]; readonly widths: readonly number[] } {
  let shown = [...filled]
  const leastOf = (index: number) => Math.min(shape[index]?.least ?? Number.POSITIVE_INFINITY, natural[index] ?? 0)
  const total = (widths: readonly number[]) => widths.reduce((a, b) => a + b, 0) + gap * Math.max(0, widths.length - 1)
  while (total(shown.map(leastOf)) > columns) {
    const [first] = shown
      .filter(index => shape[index]?.leaves !== undefined)
      .sort((a, b) => (shape[b]?.leaves ?? 0) - (shape[a]?.leaves ?? 0))
    if (first === undefined) break
    shown = shown.filter(index => index !== first)
  }
  const widths = shown.map(index => natural[index] ?? 0)
  while (total(widths) > columns) {
    const room = widths.map((width, place) => width - leastOf(shown[place] ?? 0))
    const most = Math.max(...room)
    if (most <= 0) break
    const place = room.indexOf(most)
    widths[place] = (widths[place] ?? 0) - Math.min(most, total(widths) - columns)
  }
  // not even the least fits: what is widest is cut all the same, so that no line is broken by the terminal
  while (total(widths) > columns && Math.max(...widths) > 1) {
    const place = widths.indexOf(Math.max(...widths))
    widths[place] = (widths[place] ?? 0) - 1
  }
  return { shown, widths }
}
