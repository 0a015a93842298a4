import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { bounds } from '../../shared/bounds.ts'
import { Problem } from '../../shared/errors.ts'
import { readTokenLines } from '../../shared/recall/token-lines.ts'

/** The same string, each character written as an escape where `escaped` says so. */
function written(token: string, escaped: readonly boolean[]): string {
  const units = Array.from({ length: token.length }, (_, index) =>
    escaped[index % escaped.length] === true
      ? `\\u${token.charCodeAt(index).toString(16).padStart(4, '0')}`
      : JSON.stringify(token[index]).slice(1, -1),
  )
  return `"${units.join('')}"`
}

function problemOf(body: string): Problem {
  try {
    readTokenLines(Buffer.from(body))
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const token = fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !text.includes('\0'))

describe('tokens as lines', () => {
  it('read as the text that JSON.stringify writes, however they were written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(token, fc.array(fc.boolean(), { minLength: 1 }), fc.constantFrom('\n', '\r\n', '\n\n'))),
        lines => {
          const body = lines.map(([text, escaped, end]) => written(text, escaped) + end).join('')
          const { text, count } = readTokenLines(Buffer.from(body))
          expect(count).toBe(lines.length)
          expect(text.split('\n').filter(line => line !== '')).toEqual(lines.map(([token]) => JSON.stringify(token)))
        },
      ),
    )
  })

  it('are each read once, whatever else the body holds', () => {
    const lines = Array.from({ length: 150_000 }, (_, n) => (n % 2 === 0 ? `"plain${n}"` : `"\\u0061${n}"`))
    const parsed = vi.spyOn(JSON, 'parse')
    const { text, count } = readTokenLines(Buffer.from(lines.join('\n')))
    const times = parsed.mock.calls.length
    parsed.mockRestore()
    expect([count, times]).toEqual([150_000, 75_000])
    expect(text.split('\n').slice(0, 3)).toEqual(['"plain0"', '"a1"', '"plain2"'])
  })

  it('are no more than there may be, and nothing is made of those beyond', () => {
    const most = bounds.tokensPerRequest.value
    expect(readTokenLines(Buffer.from('"a"\n'.repeat(most))).count).toBe(most)
    for (const line of ['"a"\n', '"\\n"\n']) {
      const parsed = vi.spyOn(JSON, 'parse')
      const problem = problemOf(line.repeat(800_000))
      expect(parsed.mock.calls.length).toBeLessThanOrEqual(most)
      parsed.mockRestore()
      expect(problem).toMatchObject({ status: 413, members: { bound: 'tokensPerRequest', limit: most } })
    }
    expect(readTokenLines(Buffer.from('\n'.repeat(4_000_000)))).toEqual({ text: '', count: 0 })
  })

  it('hold tokens of 4 KiB, and none that is longer', () => {
    const longest = ['a'.repeat(4096), '中'.repeat(1365), '\n'.repeat(4096), '😀'.repeat(1024)]
    expect(readTokenLines(Buffer.from(longest.map(token => JSON.stringify(token)).join('\n'))).count).toBe(4)
    for (const token of longest) {
      const problem = problemOf(`"a"\n\n${JSON.stringify(`${token}ab`)}\n"a"`)
      expect(problem).toMatchObject({ status: 413, members: { bound: 'tokenBytes' }, errors: [{ path: '/2' }] })
    }
  })

  it.each([
    ['lists within each other', '['.repeat(4_000_000)],
    ['a list of two million', `[${'1,'.repeat(2_000_000)}1]`],
  ])('that hold %s are refused, and nothing is built', (_, body) => {
    const parsed = vi.spyOn(JSON, 'parse')
    expect(problemOf(body).message).toMatch(/^Line 1 must be/)
    expect(parsed).not.toHaveBeenCalled()
    parsed.mockRestore()
  })

  it('need no line break at the end, and may have blanks around them', () => {
    expect(readTokenLines(Buffer.from(' "a" \n"b"'))).toEqual({ text: '"a"\n"b"', count: 2 })
  })

  it.each([
    ['a number', '"a"\n7', 2],
    ['an array', '["a"]', 1],
    ['nothing between the quotes', '"a"\n"b"\n""', 3],
    ['two on a line', '"a" "b"', 1],
    ['a string that goes on past its line', '"a"\n"b\nc"', 2],
    ['half of a surrogate pair', '"\\ud800"', 1],
    ['a raw control character', '"a"\n"b\u0001"', 2],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0x61, 0x22, 0x0a, 0x22, 0xff, 0x22]), 2],
    ['no string at all', 'abc', 1],
  ])('that hold %s are refused by their number', (_, body, line) => {
    const read = () => readTokenLines(Buffer.from(body))
    expect(read).toThrow(Problem)
    expect(read).toThrow(new RegExp(`^Line ${line} must be`))
  })
})
