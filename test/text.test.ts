import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, exactly, isStorable, storable, storableJson } from '../shared/text.ts'

/** Every code point, and every half of a pair: 0 to 0x10FFFF. */
function* everyCodePoint(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) yield String.fromCodePoint(code)
}

const isGood = (text: string) => text.isWellFormed() && !text.includes('\0')
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(unit => String.fromCharCode(unit)) })
const odd = fc.constantFrom('\0', '\ud83d', '\ude00', '😀', '\\', '"', 'u0000', '\\u0000', '\\ud800', 'a')
const oddText = fc.array(odd, { maxLength: 12 }).map(parts => parts.join(''))

describe('text from outside', () => {
  it('keeps every code point but U+0000 and halves of pairs, wherever it is cut', () => {
    const changed: string[] = []
    for (const character of everyCodePoint()) {
      if (storable(character) !== character) changed.push(character)
      if (!isGood(clip(`ab${character}cd`, 4)) || !isGood(clip(`a${character}bcd`, 3))) changed.push(`cut ${character}`)
      if (exactly(character, 2) !== (storable(character) === character ? character : null)) changed.push('exactly')
    }
    expect(changed.length).toBe(1 + 0x800)
    expect(changed.every(character => character === '\0' || /^[\ud800-\udfff]$/.test(character))).toBe(true)
  })
  it('is never longer than it may be, nor changed where it need not be', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, oddText), fc.integer({ min: 1, max: 20 }), (text, most) => {
        const kept = clip(text, most)
        expect(isGood(kept)).toBe(true)
        expect(kept.length).toBeLessThanOrEqual(most)
        if (isGood(text)) expect(text.length <= most ? kept === text : text.startsWith(kept.slice(0, -1))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
  it('inside JSON becomes what it becomes outside', () => {
    fc.assert(
      fc.property(fc.oneof(oddText, anyText), fc.oneof(oddText, anyText), (name, text) => {
        const json = JSON.stringify([name, { text }, `${name}${text}`])
        expect(JSON.parse(storableJson(json))).toEqual([
          storable(name),
          { text: storable(text) },
          storable(`${name}${text}`),
        ])
      }),
      { numRuns: 2000 },
    )
  })
  it('keeps a pair that was written as two escapes', () => {
    expect(storableJson('["\\ud83d\\ude00","\\\\ud83d","\\uD83D"]')).toBe('["\\ud83d\\ude00","\\\\ud83d","\\ufffd"]')
  })
})

describe('a value that is kept exactly or not at all', () => {
  const bounds = { depth: 4, size: 200 }
  it.each([
    ['within its bounds', { op: 'OR', list: [{ tag: '东', type: 1 }], none: null }, true],
    ['with half a pair in a text', { list: ['\ud800'] }, false],
    ['with U+0000 in a name', { 'a\0': 1 }, false],
    ['too deep', [[[[[1]]]]], false],
    ['too long in one text', ['x'.repeat(200)], false],
    ['too long in all', Array.from({ length: 30 }, () => 1), false],
  ])('%s', (_, value, kept) => expect(isStorable(value, bounds)).toBe(kept))
  it('is not followed into its depth', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(isStorable(deep, bounds)).toBe(false)
  })
})
