import { expect, it } from 'vitest'
import { createLog } from '../shared/log.ts'
import { createTally } from '../shared/tally.ts'

function world() {
  const lines: { [name: string]: unknown }[] = []
  let nowMs = 0
  const tally = createTally(createLog({ stream: { write: line => lines.push(JSON.parse(line)) } }), () => nowMs)
  return { lines, tally, pass: (ms: number) => (nowMs += ms) }
}

it('writes the first of a kind at once, and how many followed when the minute is over', () => {
  const { lines, tally, pass } = world()
  for (let i = 0; i < 7; i++) tally.note('a', 'refused', { source_ip: '192.0.2.1' })
  tally.note('b', 'refused', { source_ip: '192.0.2.2' }, 'error')
  expect(lines.map(({ level, source_ip, more }) => [level, source_ip, more])).toEqual([
    ['warn', '192.0.2.1', undefined],
    ['error', '192.0.2.2', undefined],
  ])
  pass(59_999)
  tally.tell()
  expect(lines).toHaveLength(2)
  pass(1)
  tally.tell()
  tally.tell()
  expect(lines.slice(2)).toMatchObject([
    { msg: 'refused', source_ip: '192.0.2.1', more: 6, since: '1970-01-01T00:00:00.000Z' },
  ])
  // and from then on anew
  expect(tally.note('a', 'refused', {})).toBe(true)
})

it('counts what is of more than a hundred kinds together', () => {
  const { lines, tally, pass } = world()
  for (let i = 0; i < 5_000; i++) tally.note(`kind ${i}`, 'refused', {})
  expect(lines).toHaveLength(100)
  pass(60_000)
  tally.tell()
  expect(lines.slice(100)).toMatchObject([{ more: 4_900 }])
})
