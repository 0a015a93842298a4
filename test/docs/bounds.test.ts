/** docs/bounds.md and its translation list what shared/bounds.ts enforces: every bound, in the same order, with its number. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { batchBounds, bounds, overBound, type BoundName } from '../../shared/bounds.ts'

const read = (name: string) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const rowsOf = (text: string) =>
  [...text.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, name = '', rest = '']) => [
    name,
    ...rest.split('|').map(cell => cell.trim()),
  ])
const names = Object.keys(bounds) as BoundName[]
const statusOf = { 'payload-too-large': 413, 'too-many-requests': 429 } as const
const written = (value: number) => value.toLocaleString('en-US')

it('the English table is the table of the code', async () => {
  const wanted = names.map(name => {
    const { value, unit, what, slug, advice } = bounds[name]
    return [name, `${written(value)} ${unit}`, what, String(statusOf[slug]), advice]
  })
  expect(rowsOf(await read('bounds.md'))).toEqual(wanted)
})

it('the Chinese table has the same rows, numbers and answers, in Chinese', async () => {
  const rows = rowsOf(await read('bounds.zh-CN.md'))
  expect(rows.map(([name, value = '', , status]) => [name, value.split(' ')[0], status])).toEqual(
    names.map(name => [name, written(bounds[name].value), String(statusOf[bounds[name].slug])]),
  )
  for (const [, value = '', what = '', , advice = ''] of rows) {
    expect(value).toMatch(/\p{sc=Han}|token|target/u)
    for (const text of [what, advice]) expect(text).toMatch(/\p{sc=Han}/u)
  }
})

it('both say how large a vendor request is made', async () => {
  const size = new RegExp(`${written(batchBounds.tokens)}[^.。]*${batchBounds.bytes / 1024} KiB`)
  expect((await read('bounds.md')).replaceAll('\n', ' ')).toMatch(size)
  expect((await read('bounds.zh-CN.md')).replaceAll('\n', '')).toMatch(size)
})

it.each(names)('a refusal by %s names it, its number and what to do', name => {
  const { value, slug, advice } = bounds[name]
  const problem = overBound(name, 'Too much of it.')
  expect(problem).toMatchObject({ slug, status: statusOf[slug], members: { bound: name, limit: value } })
  expect(problem.message).toBe(`Too much of it. ${advice}`)
  expect('retry-after' in problem.headers).toBe(slug === 'too-many-requests')
})
