import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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
