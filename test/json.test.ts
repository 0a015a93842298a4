import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import * as z from 'zod/mini'
import { bounds } from '../shared/bounds.ts'
import { Problem } from '../shared/errors.ts'
import { parseInput, readJson } from '../shared/json.ts'
import { scanJson } from '../shared/json-scan.ts'
import { describeSyntaxFault } from '../shared/json-syntax.ts'

const limit = 4 << 20
const read = (text: string | Buffer) => readJson(Buffer.from(text), limit)

function problemOf(attempt: () => unknown): Problem {
  try {
    attempt()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('readJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        // Whatever is not refused for one of the reasons below.
        fc.pre(scanJson(text, { values: 1e6, depth: 64, members: 1e3 }) === null)
        fc.pre(!text.includes('__proto__') && !/\\u(0000|d[89a-f])/i.test(text))
        expect(read(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('keeps to the limit to the byte', () => {
    expect(readJson(Buffer.from('[1]'), 3)).toEqual([1])
    const problem = problemOf(() => readJson(Buffer.from('[1] '), 3))
    expect(problem).toMatchObject({ status: 413, message: 'The body has 4 bytes; at most 3 are taken.' })
  })

  it.each([
    ['', 'The body is empty, and must be JSON.'],
    ['\ufeff{}', 'The body begins with a byte order mark; send UTF-8 without one.'],
    [Buffer.from([0x22, 0xff, 0x22]), 'The body is not valid UTF-8 at byte 1 (counted from 0).'],
    [Buffer.from('"\ufffd\ufffdé\xff"', 'latin1'), 'The body is not valid UTF-8 at byte 1 (counted from 0).'],
    [
      Buffer.concat([Buffer.from('"\ufffd中'), Buffer.from([0xc3]), Buffer.from('"')]),
      'The body is not valid UTF-8 at byte 7 (counted from 0).',
    ],
    ['{"a":1} x', 'The body is not valid JSON: line 1, column 9: expected nothing more after the value.'],
    ['{"a":1}\0', 'The body is not valid JSON: line 1, column 8: expected nothing more after the value.'],
    ['{"a":', 'The body is not valid JSON: line 1, column 6: the text ends where a value is expected.'],
    ['{"a":1,\n}', 'The body is not valid JSON: line 2, column 1: expected a member name in double quotes.'],
    ["{'a':1}", 'The body is not valid JSON: line 1, column 2: expected a member name in double quotes or }.'],
    ['[1 2]', 'The body is not valid JSON: line 1, column 4: expected a comma or ].'],
    ['{"a" 2}', 'The body is not valid JSON: line 1, column 6: expected a colon.'],
    ['{"a":2]', 'The body is not valid JSON: line 1, column 7: expected a comma or }.'],
    ['[01]', 'The body is not valid JSON: line 1, column 3: expected a comma or ].'],
    ['[NaN]', 'The body is not valid JSON: line 1, column 2: expected a value or ].'],
    [
      '["a\nb"]',
      'The body is not valid JSON: line 1, column 4: a control character inside a string must be written as an escape.',
    ],
    [
      '["\\x41"]',
      'The body is not valid JSON: line 1, column 3: a backslash begins an escape that JSON does not know.',
    ],
    ['["a', 'The body is not valid JSON: line 1, column 4: the text ends inside a string.'],
  ])('refuses %j', (text, message) => {
    const problem = problemOf(() => read(text))
    expect(problem).toMatchObject({ slug: 'invalid-request', message })
    expect(problem.errors).toEqual([{ path: '', message: message.slice('The body '.length, -1) }])
  })

  it.each([
    [String.raw`{"a":["x\u0000"]}`, '/a/0', /cannot be stored/],
    [String.raw`{"a":{"b/c~":"\ud800"}}`, '/a/b~1c~0', /cannot be stored/],
    [String.raw`{"a":{"\udc00":1}}`, '/a', /name .*cannot be stored/],
    ['{"a":{"__proto__":{"admin":true}}}', '/a', /__proto__/],
    [String.raw`{"\u005f_proto__":1}`, '', /__proto__/],
    ['{"a":[1e999]}', '/a/0', /out of range/],
    [`${'['.repeat(65)}${']'.repeat(65)}`, '/0'.repeat(64), /more than 64 levels/],
    [`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`, '/a'.repeat(64), /more than 64 levels/],
  ])('refuses %j at its place', (text, path, message) => {
    const problem = problemOf(() => read(text))
    expect(problem.slug).toBe('invalid-request')
    expect(problem.errors).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  it('takes what is only near a fault', () => {
    expect(read(String.raw`["\ud83d\ude00","\u0001","\\u0000"]`)).toEqual(['😀', '\u0001', '\\u0000'])
    expect(read(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array)
    expect(read('{"constructor":1,"toString":2}')).toEqual({ constructor: 1, toString: 2 })
  })

  it('is not brought down by depth or size', () => {
    const deep = '['.repeat(2_000_000)
    for (const text of [deep, deep + ']'.repeat(2_000_000)]) {
      expect(problemOf(() => read(text)).message).toContain('is nested more than 64 levels deep')
    }
    expect(problemOf(() => read('['.repeat(64))).message).toContain('column 65')
    expect(problemOf(() => read(`"${'a'.repeat(4_000_000)}`)).message).toContain('ends inside a string')
    expect(problemOf(() => read(Buffer.from('\ufffd'.repeat(1_300_000) + '\xff', 'latin1'))).status).toBe(400)
  })

  it.each([
    ['4 MiB of {}', `{"targets":[${'{},'.repeat(1_300_000)}{}]}`, 413],
    ['two million numbers', `{"tokens":[${'1,'.repeat(2_000_000)}1]}`, 413],
    ['300,000 members', `{${Array.from({ length: 300_000 }, (_, n) => `"a${n}":1`).join()}}`, 400],
    ['1,001 members', `{${Array.from({ length: 1001 }, (_, n) => `"a${n}":1`).join()}}`, 400],
    ['100 kB of nesting', `${'[{"a":'.repeat(17_000)}1${'}]'.repeat(17_000)}`, 400],
    ['a member twice', '{"a":1,"a":2}', 400],
  ])('builds nothing of %s', (_what, text, status) => {
    const parsed = vi.spyOn(JSON, 'parse')
    const problem = problemOf(() => read(text))
    expect([problem.status, problem.errors.length, parsed.mock.calls.length]).toEqual([
      status,
      status === 413 ? 0 : 1,
      0,
    ])
    parsed.mockRestore()
  })

  it('takes as many values as there may be, and not one more', () => {
    const most = bounds.bodyValues.value
    const list = (items: number) => `[${Array.from({ length: items }, () => 1).join()}]`
    expect(read(list(most - 1))).toHaveLength(most - 1)
    expect(problemOf(() => read(list(most)))).toMatchObject({
      status: 413,
      members: { bound: 'bodyValues', limit: most },
    })
  })

  it('repeats nothing of the body', () => {
    for (const text of ['canary', '{"canary":"canary"', '["canary" "canary"]', '{"x":"canary\\q"}', '"canary\u0001"']) {
      const problem = problemOf(() => read(text))
      expect(JSON.stringify([problem.message, problem.errors])).not.toContain('canary')
    }
  })
})

describe('describeSyntaxFault', () => {
  it('finds a place in whatever JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', '"', ',', '}', '\u0001', 'x', '\\'), (text, at, noise) => {
        const cut = at % (text.length + 1)
        const broken = text.slice(0, cut) + noise + text.slice(cut + 1)
        fc.pre(!isJson(broken))
        expect(describeSyntaxFault(broken)).toMatch(/^line \d+, column \d+: [^\n]+$/)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('parseInput', () => {
  const errorsOf = (schema: z.ZodMiniType, value: unknown) => problemOf(() => parseInput(schema, value)).errors
  const member = (schema: z.ZodMiniType) => z.strictObject({ m: schema })
  const colour = z.enum(['red', 'green', 'blue'])

  it('gives the value the schema makes', () => {
    const trimmed = z.string().check(z.trim())
    expect(parseInput(z.strictObject({ a: trimmed }), { a: ' 7 ' })).toEqual({ a: '7' })
  })

  it.each([
    ['missing', z.string(), undefined, 'is required'],
    ['missing of several', colour, undefined, 'is required'],
    ['string', z.string(), 1, 'must be a string'],
    ['number', z.number(), '1', 'must be a number'],
    ['fraction', z.int(), 1.5, 'must be a whole number'],
    ['list', z.array(z.string()), 'a', 'must be a list'],
    ['object', z.strictObject({}), [], 'must be an object'],
    ['record', z.record(z.string(), z.string()), 1, 'must be an object'],
    ['boolean', z.boolean(), 'true', 'must be true or false'],
    ['minimum', z.int().check(z.minimum(0)), -1, 'must be at least 0'],
    ['maximum', z.int().check(z.maximum(2147483647)), 2147483648, 'must be at most 2147483647'],
    ['exclusive', z.number().check(z.positive()), 0, 'must be more than 0'],
    ['exclusive above', z.number().check(z.lt(5)), 5, 'must be less than 5'],
    ['unsafe', z.int(), 2 ** 60, 'must be at most 9007199254740991'],
    ['empty string', z.string().check(z.minLength(1)), '', 'must not be empty'],
    ['short string', z.string().check(z.minLength(3)), 'a', 'must have at least 3 characters'],
    ['long string', z.string().check(z.maxLength(1)), 'ab', 'must have at most 1 character'],
    ['exact length', z.string().check(z.length(2)), 'a', 'must have exactly 2 characters'],
    ['empty list', z.array(z.string()).check(z.minLength(1)), [], 'must not be empty'],
    ['long list', z.array(z.string()).check(z.maxLength(2)), ['a', 'b', 'c'], 'must have at most 2 items'],
    ['constant', z.literal('all'), 'x', 'must be "all"'],
    ['choice', colour, 'black', 'must be "red", "green" or "blue"'],
    ['multiple', z.number().check(z.multipleOf(5)), 7, 'must be a multiple of 5'],
    ['time', z.iso.datetime({ offset: true }), 'soon', 'must be a time as in RFC 3339, like 2026-11-24T08:00:00+08:00'],
    ['form', z.string().check(z.regex(/^a$/)), 'b', 'does not have the form it must have'],
    ['own words', z.string().check(z.regex(/^\d+$/, 'must be digits')), 'b', 'must be digits'],
    ['own check', z.string().check(z.refine(() => false)), 'b', 'is not valid'],
    ['union of kinds', z.union([z.string(), z.int()]), null, 'must be a string or a whole number'],
    ['union missing', z.union([z.string(), z.int()]), undefined, 'is required'],
    ['nothing', z.optional(z.never()), 1, 'must be left out'],
  ])('%s', (_name, schema, value, message) => {
    expect(errorsOf(member(schema), { m: value })).toEqual([{ path: '/m', message }])
  })

  it('names every unknown member by its own path', () => {
    expect(errorsOf(z.strictObject({ a: z.strictObject({}) }), { a: { x: 1, 'y/z': 2 } })).toEqual([
      { path: '/a/x', message: 'is not a member known here' },
      { path: '/a/y~1z', message: 'is not a member known here' },
    ])
    const long = 'canary'.repeat(20)
    expect(errorsOf(member(z.strictObject({})), { m: { [long]: 1 } })).toEqual([
      { path: '/m', message: 'has a member that is not known here, its name 120 characters long' },
    ])
  })

  it('explains the one form of a union that was meant', () => {
    const union = member(z.union([z.string(), z.strictObject({ a: z.int() })]))
    expect(errorsOf(union, { m: { a: 'x', b: 1 } })).toEqual([
      { path: '/m/a', message: 'must be a whole number' },
      { path: '/m/b', message: 'is not a member known here' },
    ])
    const told = member(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('a') }),
        z.strictObject({ kind: z.literal('b') }),
      ]),
    )
    expect(errorsOf(told, { m: { kind: 'c' } })).toEqual([{ path: '/m/kind', message: 'must be "a" or "b"' }])
  })

  it('names a bad name in a record', () => {
    const record = z.record(z.string().check(z.regex(/^[a-z]+$/, 'must be a name of a-z')), z.int())
    expect(errorsOf(record, { 'A-1': 1 })).toEqual([{ path: '/A-1', message: 'must be a name of a-z' }])
  })

  it('says one error in the detail, and counts many', () => {
    const schema = z.strictObject({ target: z.strictObject({ notifyId: z.int() }) })
    expect(problemOf(() => parseInput(schema, { target: { notifyId: 1.5 } })).message).toBe(
      '/target/notifyId must be a whole number.',
    )
    expect(problemOf(() => parseInput(schema, 'x')).message).toBe('The input must be an object.')
    expect(problemOf(() => parseInput(schema, { target: {}, x: 1 })).message).toBe(
      '2 members of the input are not valid; `errors` lists them.',
    )
  })

  it('stops listing at twenty and never repeats a value', () => {
    const problem = problemOf(() =>
      parseInput(
        z.array(z.int()),
        Array.from({ length: 5_000 }, () => 'canary'),
      ),
    )
    expect(problem.errors).toHaveLength(20)
    expect(problem.message).toBe('20 or more members of the input are not valid; `errors` lists them.')
    expect(JSON.stringify(problem.errors)).not.toContain('canary')
  })
})
