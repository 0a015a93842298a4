import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLossless } from '../../shared/lossless-json.ts'
import { masked, nameOrNull, tokenDigest } from '../../shared/providers/wire/masking.ts'
import { codeOf, memberOf, parseRetryAfter, readObject } from '../../shared/providers/wire/reply.ts'

const seed = 20261123
const now = Date.parse('2026-11-23T08:00:00Z')

describe('lossless JSON', () => {
  /** A tree whose integers may have any length, with what must become of it and how it is written. */
  const tree = fc.letrec<{ node: { text: string; value: unknown } }>(tie => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(number => ({
        text: String(number),
        value: Number.isSafeInteger(Number(number)) ? Number(number) : String(number),
      })),
      fc
        .jsonValue({ maxDepth: 1 })
        .map(value => ({ text: JSON.stringify(value), value: JSON.parse(JSON.stringify(value)) })),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map(value => JSON.stringify(value))
        .filter(text => /[.e]/.test(text))
        .map(text => ({ text, value: JSON.parse(text) })),
      fc
        .string({ unit: fc.constantFrom('"', '\\', '1', '9', ',', ':', '{', '-', 'e', 'é') })
        .map(value => ({ text: JSON.stringify(value), value })),
      fc.array(tie('node')).map(items => ({
        text: `[ ${items.map(({ text }) => text).join(' , ')} ]`,
        value: items.map(({ value }) => value),
      })),
      fc
        .dictionary(
          fc.string().filter(name => name !== '__proto__'),
          tie('node'),
        )
        .map(members => ({
          text: `{${Object.entries(members)
            .map(([name, { text }]) => `${JSON.stringify(name)}:${text}`)
            .join(',\n')}}`,
          value: Object.fromEntries(Object.entries(members).map(([name, { value }]) => [name, value])),
        })),
    ),
  })).node

  it('keeps every digit of every integer, and changes nothing else', () => {
    fc.assert(
      fc.property(tree, ({ text, value }) => {
        expect(parseLossless(text)).toEqual(exact(value))
      }),
      { seed, numRuns: 1000 },
    )
  })

  it.each([
    ['1328245138690125824', '1328245138690125824'],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['1e20', 1e20],
    ['1234567890123456.5', 1234567890123456.5],
    ['"1328245138690125824"', '1328245138690125824'],
    ['"\\"1328245138690125824"', '"1328245138690125824'],
    ['["\\\\",1328245138690125824]', ['\\', '1328245138690125824']],
  ])('reads %s', (text, value) => {
    expect(parseLossless(text)).toEqual(value)
  })

  it.each(['', '{12345678901234567:1}', '[12345678901234567', '12345678901234567 8', '012345678901234567', 'NaN'])(
    'makes no JSON of %j',
    text => {
      expect(parseLossless(text)).toBeUndefined()
    },
  )

  it('takes a megabyte of one string in its stride', () => {
    const text = JSON.stringify(['"\\'.repeat(300_000), 'x'.repeat(400_000), '1'.repeat(20)])
    expect(parseLossless(text)).toEqual(JSON.parse(text))
  })
})

/** JSON values that fast-check made may hold integers beyond 2^53 themselves. */
function exact(value: unknown): unknown {
  if (typeof value === 'number' && /^-?\d+$/.test(JSON.stringify(value)) && !Number.isSafeInteger(value)) {
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return value.map(exact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, exact(item)]))
}

describe('Retry-After', () => {
  it('reads seconds', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 - 1 }), seconds => {
        expect(parseRetryAfter(String(seconds), now)).toBe(Math.min(seconds * 1000, 3_600_000))
      }),
      { seed },
    )
  })

  it('reads the three forms of a date', () => {
    const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
    fc.assert(
      fc.property(fc.integer({ min: -86_400, max: 86_400 }), seconds => {
        const date = new Date(now + seconds * 1000)
        const [weekday = '', day = '', month = '', year = '', time = ''] = date
          .toUTCString()
          .replace(',', '')
          .split(' ')
        const expected = Math.min(Math.max(seconds * 1000, 0), 3_600_000)
        expect(parseRetryAfter(date.toUTCString(), now)).toBe(expected)
        const obsolete = `${days[date.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${time} GMT`
        expect(parseRetryAfter(obsolete, now)).toBe(expected)
        const asctime = `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`
        expect(parseRetryAfter(asctime, now)).toBe(expected)
      }),
      { seed },
    )
  })

  it.each([
    [undefined, null],
    ['', null],
    ['  30 ', 30_000],
    ['0', 0],
    ['99999999999999999999', 3_600_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['-5', null],
    ['1.5', null],
    ['1e3', null],
    ['0x10', null],
    ['soon 7', null],
    ['5, 10', null],
    ['2026-11-23T09:00:00Z', null],
    ['Mon, 99 Nov 2026 08:00:00 GMT', null],
    ['Mon, 23 Nov 2026 08:00:00 PST', null],
  ])('reads %j as %s', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected)
  })

  it('never asks for a wait outside an hour', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.double().map(String)), value => {
        const waitMs = parseRetryAfter(value, now)
        expect(waitMs === null || (waitMs >= 0 && waitMs <= 3_600_000)).toBe(true)
      }),
      { seed, numRuns: 1000 },
    )
  })
})

describe('members', () => {
  it('are found whichever way they are spelt', () => {
    for (const name of ['retCode', 'ret_code', 'RetCode', 'RETCODE']) expect(memberOf({ [name]: 0 }, 'retCode')).toBe(0)
    expect(memberOf({ retCode: 0, ret_code: 0 }, 'retCode')).toBe(0)
    expect(memberOf({ retCode: 0, ret_code: 1 }, 'retCode')).toBeUndefined()
    expect(memberOf({}, 'constructor')).toBeUndefined()
  })

  it('are codes as number or text, and nothing else', () => {
    expect([0, '0', 80000000, '80000000', -1].map(codeOf)).toEqual(['0', '0', '80000000', '80000000', '-1'])
    for (const value of [null, undefined, '', ' 0', '0x0', 0.5, 1e21, NaN, true, [0], {}, '1'.repeat(13)]) {
      expect(codeOf(value)).toBeNull()
    }
  })
})

describe('masking', () => {
  it('replaces tokens in one pass, the longest first', () => {
    const tokens = ['a', 'token1', 'token10', 'f$.*']
    expect(masked('token10 token1 f$.*', { tokens })).toBe(
      `${tokenDigest('token10')} ${tokenDigest('token1')} ${tokenDigest('f$.*')}`,
    )
  })

  it('replaces whatever looks like a key, and leaves reasons alone', () => {
    const key = 'Ab3_'.repeat(9)
    expect(masked(`disableSendHuaweiMsgBecauseOfPenalty ${key}`, {})).toBe(
      `disableSendHuaweiMsgBecauseOfPenalty ${tokenDigest(key)}`,
    )
  })

  it('keeps no more than 500 characters', () => {
    expect(masked('many words '.repeat(100), {})).toHaveLength(500)
    expect(masked('', {})).toBeNull()
    expect(masked(null, {})).toBeNull()
  })

  it('drops a name that holds a secret, or is none', () => {
    expect(nameOrNull('tokenFormatError', { tokens: ['Format'] })).toBeNull()
    expect(nameOrNull('x'.repeat(65), {})).toBeNull()
    expect(nameOrNull('tokenFormatError', { texts: ['Format'] })).toBe('tokenFormatError')
  })
})

describe('a member that is named twice', () => {
  const name = fc.oneof(fc.constantFrom('code', 'retCode', '', '"', '\\', '{', 'a:b', '\u0001'), fc.string())
  /** Every UTF-16 unit as an escape. */
  const escaped = (text: string) =>
    Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
  const spelled = (text: string) => fc.constantFrom(JSON.stringify(text), `"${escaped(text)}"`)
  const value = fc.json()

  it('makes a reply unreadable, wherever it stands and however it is spelled', () => {
    fc.assert(
      fc.property(
        name.chain(text => fc.tuple(spelled(text), spelled(text))),
        value,
        value,
        fc.constantFrom('', ' ', '\n\t '),
        ([one, two], first, second, blank) => {
          const twice = `{${one}${blank}:${first},${two}:${blank}${second}}`
          for (const text of [twice, `{"x":[${twice}]}`, `{"a":${twice},"b":1}`])
            expect(readObject({ status: 200, headers: {}, text }), text).toBeNull()
        },
      ),
      { seed, numRuns: 200 },
    )
  })

  it('is none where objects beside and inside each other name the same', () => {
    fc.assert(
      fc.property(fc.object(), member => {
        const text = JSON.stringify({ a: member, b: [member, { a: member }], c: { a: { a: JSON.stringify(member) } } })
        expect(readObject({ status: 200, headers: {}, text })).not.toBeNull()
      }),
      { seed, numRuns: 200 },
    )
  })
})
