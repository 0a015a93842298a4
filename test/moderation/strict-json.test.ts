/** The reader of signed JSON against the engine's own, and what it does not do: build what nobody reads. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memberTexts, readStrictJson } from '../../shared/moderation/strict-json.ts'

const seed = Date.now()
console.log(`strict JSON: seed ${seed}`)
const runs = { seed, numRuns: process.env['UNPUSH_TEST_SOAK'] === 'on' ? 50_000 : 2000 }

/** All names that stand anywhere in a value. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => [...(Array.isArray(value) ? [] : [name]), ...namesIn(item)])
}
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null')
/** Undefined: it is none. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
/** Every object of the text has as many members as the engine kept: none was repeated. */
const repeats = (text: string): boolean => {
  let members = 0
  const value = JSON.parse(text, (_, item: unknown) => {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) members += Object.keys(item).length
    return item
  })
  return value !== undefined && members !== colonsOutside(text)
}
const colonsOutside = (text: string) => (text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/:/g) ?? []).length

const names = ['a', 'b', 'data', '__proto__', 'constructor', '😀', '\ud800', '"']
const json = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, 0, -1.5e-7, 1e21, '', 'é', '\u0000', '\ud83d', '\\"'),
    fc.integer(),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
  ),
})).value
const blanks = fc.constantFrom(undefined, 1, '\t', ' \n\r')

describe('strict JSON', () => {
  it('reads what the engine reads', () => {
    fc.assert(
      fc.property(json, blanks, (value, space) => {
        const text = JSON.stringify(value, null, space)
        const read = readStrictJson(Buffer.from(text), new Set(namesIn(value)))
        expect(read).not.toBeNull()
        expect(plain(read?.value)).toEqual(plain(JSON.parse(text)))
      }),
      runs,
    )
  })

  it('takes a broken text exactly where the engine does, and no member twice', () => {
    const signs = '{}[]":,\\ \t\n0123456789.-+eEtruefalsnuxab\u0001\ufeff'.split('')
    const edit = fc.record({
      at: fc.nat(),
      drop: fc.nat(3),
      put: fc.array(fc.constantFrom(...signs), { maxLength: 3 }),
    })
    let taken = 0
    fc.assert(
      fc.property(json, fc.array(edit, { minLength: 1, maxLength: 3 }), (value, edits) => {
        let text = JSON.stringify(value)
        for (const { at, drop, put } of edits) {
          const place = at % (text.length + 1)
          text = text.slice(0, place) + put.join('') + text.slice(place + drop)
        }
        // half a pair that an edit left is no UTF-8 when it is sent
        const bytes = Buffer.from(text)
        if (bytes.toString() !== text) return
        const expected = parsed(text)
        const genuine = expected !== undefined && !repeats(text)
        expect(readStrictJson(bytes, new Set(names)) !== null, text).toBe(genuine)
        if (genuine) taken++
      }),
      runs,
    )
    expect(taken).toBeGreaterThan(runs.numRuns / 20)
  })

  it('keeps every digit of a long number', () => {
    const read = readStrictJson(Buffer.from('{"a":12345678901234567890,"b":-9007199254740993,"c":123}'), new Set('abc'))
    expect(plain(read?.value)).toEqual({ a: '12345678901234567890', b: '-9007199254740993', c: 123 })
  })

  it('refuses what is no UTF-8, and a repeated member however it is spelled', () => {
    const refused = (bytes: Buffer | string) => readStrictJson(Buffer.from(bytes), new Set(['a'])) === null
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0xef, 0xbb, 0xbf, 0x31],
    ])
      expect(refused(Buffer.from(bytes))).toBe(true)
    for (const text of ['{"a":1,"a":1}', '{"a":1,"\\u0061":1}', '{"x":{"y":[{"z":1,"q":2,"z":3}]}}', '', ' ', '1 2'])
      expect(refused(text), text).toBe(true)
    expect(refused('{"a":{"a":1},"b":[{"a":1},{"a":1}]}')).toBe(false)
  })

  it('builds no member that is not wanted, however many there are', () => {
    const frames = JSON.stringify(Array.from({ length: 1200 }, (_, i) => ({ imgUrl: 'x'.repeat(200), time: i })))
    const read = readStrictJson(Buffer.from(`{"detail":${frames},"riskLevel":"REJECT"}`), new Set(['riskLevel']))
    expect(plain(read)).toEqual({ value: { riskLevel: 'REJECT' }, tooMuch: false })
  })

  it('stops building where there is more than any verdict has', () => {
    const wide = Buffer.from(`{"a":[${'{},'.repeat(200_000)}{}]}`)
    expect(readStrictJson(wide, new Set(['a']))?.tooMuch).toBe(true)
    expect(readStrictJson(wide, new Set(['b']))?.tooMuch).toBe(false)
    const deep = Buffer.from('{"a":'.repeat(500_000) + '1' + '}'.repeat(500_000))
    expect(readStrictJson(deep, new Set(['a']))?.tooMuch).toBe(true)
  })

  it('gives the members of an envelope as they were sent', () => {
    expect(memberTexts(Buffer.from(' { "a" : {"b": [1, 2]} , "c":"x\\u0041", "d":[] }'))).toEqual(
      new Map([
        ['a', '{"b": [1, 2]}'],
        ['c', '"x\\u0041"'],
        ['d', '[]'],
      ]),
    )
    expect(memberTexts(Buffer.from('{}'))).toEqual(new Map())
    for (const text of ['[]', '"x"', '1', 'null', '{"a":1,"a":2}', '{'])
      expect(memberTexts(Buffer.from(text))).toBeNull()
  })
})
