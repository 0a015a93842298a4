/** What the benchmark says where something could not be measured, and of how noisy it was. */
import { expect, it } from 'vitest'
import { attempted, type Row, spread } from '../bench/measures.ts'

const row = (what: string): Row => ({ what, measured: '1', goal: '≤ 2', met: true })

async function rowsOf(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = []
  for await (const one of rows) found.push(one)
  return found
}

it('a measurement that fails is a row that says why, after what it measured', async () => {
  async function* slow() {
    yield row('quick')
    throw new Error('not done: 202 | still running\n    at somewhere')
  }
  expect(await rowsOf(attempted('all of it', slow))).toEqual([
    row('quick'),
    { what: 'all of it', measured: 'not done: 202 / still running', goal: '', met: null },
  ])
  const failed = attempted('nothing', () => Promise.reject(new Error('no server')))
  expect(await rowsOf(failed)).toEqual([{ what: 'nothing', measured: 'no server', goal: '', met: null }])
  expect(await rowsOf(attempted('a list', async () => [row('a'), row('b')]))).toEqual([row('a'), row('b')])
})

it('noise is what half of the repeats lie within, of the noisiest series', () => {
  expect(spread([100, 100, 100, 100, 900])).toBe(' ±0 %')
  expect(spread([80, 90, 100, 110, 120], [100, 100, 100])).toBe(' ±10 %')
})
