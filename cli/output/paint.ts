/** Colour for whoever reads at a terminal: of marks and of production, never the only sign of anything. */
import { styleText } from 'node:util'

/** Whether there is a terminal that shows colours is known already. */
const asked = { validateStream: false }
const marks = { '✕': 'red', '✓': 'green', '!': 'yellow' } as const

/** Of a line that is laid out already. */
export function paint(line: string): string {
  const production = /^PROD\S*/.exec(line)?.[0]
  if (production !== undefined) return styleText(['bold', 'red'], production, asked) + line.slice(production.length)
  const [, before = '', mark = ''] = /^( *)([✕✓!])(?= )/.exec(line) ?? []
  return mark === ''
    ? line
    : before + styleText(marks[mark as keyof typeof marks], mark, asked) + line.slice(before.length + mark.length)
}
