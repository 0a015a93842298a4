import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scanJson } from '../shared/json-scan.ts'

const wide = { values: 1_000_000, depth: 1000, members: 1000 }

/** Counted the slow way. */
function measure(value: unknown): { values: number; depth: number; members: number } {
  if (typeof value !== 'object' || value === null) return { values: 1, depth: 0, members: 0 }
  const inner = Object.values(value).map(measure)
  return {
    values: 1 + inner.reduce((sum, { values }) => sum + values, 0),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    members: Math.max(Array.isArray(value) ? 0 : inner.length, ...inner.map(({ members }) => members)),
  }
}

describe('scanJson', () => {
  it('counts values, depth and members as they are, however they are written', () => {
    const text = fc
      .tuple(fc.jsonValue({ noUnicodeString: false, stringUnit: 'binary' }), fc.constantFrom('', ' ', '\n\t'))
      .map(([value, blank]) => JSON.stringify(value, null, blank))
    fc.assert(
      fc.property(text, json => {
        const { values, depth, members } = measure(JSON.parse(json))
        expect(scanJson(json, { values, depth, members })).toBeNull()
        expect(scanJson(json, { values: values - 1, depth, members })).toBe('too many values')
        if (depth > 0) {
          expect(scanJson(json, { values, depth: depth - 1, members })).toMatchObject({
            message: expect.stringMatching(/deep$/),
          })
        }
        if (members > 0) {
          expect(scanJson(json, { values, depth, members: members - 1 })).toMatchObject({
            message: `has more than ${members - 1} members`,
          })
        }
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['{"a":1,"a":2}', ['a']],
    ['{"b":{},"a":[0,{"x":1,"y":[],"x":2}]}', ['a', 1, 'x']],
    [String.raw`{"a":1,"\u0061":2}`, ['a']],
    ['{"":1,"":2}', ['']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    [String.raw`{"a\"":1, "a\"" :2}`, ['a"']],
    [String.raw`{"a\\":"\"","b":1,"a\\":2}`, ['a\\']],
  ])('finds the member that %s gives twice', (json, path) => {
    expect(scanJson(json, wide)).toEqual({ path, message: 'is given more than once' })
  })

  it('takes one name in two objects, and text that is a name elsewhere', () => {
    expect(scanJson('[{"a":{"a":["a","a"]},"b":"a"},{"a":"a"}]', wide)).toBeNull()
  })

  it('ends on whatever is no JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\ au1e\n'.split('')) }), text => {
        scanJson(text, wide)
      }),
      { numRuns: 5000 },
    )
  })

  it('looks at each backslash once', () => {
    // a string of two million escaped quotes has a run of backslashes before each
    expect(scanJson(`["${String.raw`\"`.repeat(2_000_000)}",${String.raw`"\\"`}]`, wide)).toBeNull()
    expect(scanJson(`"${'\\'.repeat(4_000_000)}"`, wide)).toBeNull()
  })
})
