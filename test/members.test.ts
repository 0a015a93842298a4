import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { inputSchema } from '../dashboard/json-schema.ts'
import type { Schema } from '../dashboard/page/document.ts'
import * as api from '../shared/api-schemas.ts'
import { bounds } from '../shared/bounds.ts'
import { canonicalJson } from '../shared/canonical-json.ts'
import { Problem } from '../shared/errors.ts'
import { parseInput } from '../shared/json.ts'
import { list, optional, tokenList } from '../shared/members.ts'
import { allProviders } from '../shared/providers/registry.ts'
import { bodyOf, document, operations, within } from './dashboard/document.ts'

const providers = await allProviders()

const overlay = { title: 't', body: 'b' }
const bodies: readonly (readonly [string, z.ZodMiniType, object])[] = [
  ['registerBody', api.registerBody(), {}],
  ['changeBody', api.changeBody(), {}],
  ['tokensBody', api.tokensBody(), { app: 'a', tokens: ['t'] }],
  ['stop', api.recallBodies.stop(), { message: 'm' }],
  ['revoke', api.recallBodies.revoke(), { message: 'm', overlay }],
  ['overlay', api.recallBodies.overlay(), { message: 'm', overlay }],
  ['pauseBody', api.pauseBody(), { key: 'k', reason: 'r' }],
]

function problemOf(attempt: () => unknown): Problem {
  try {
    attempt()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('null', () => {
  it.each(bodies)(
    'is as good as absent for every optional member of %s, and no value of the others',
    (_, schema, base) => {
      const { properties = {}, required = [] } = inputSchema(schema)
      const without = (name: string) => Object.fromEntries(Object.entries(base).filter(([member]) => member !== name))
      for (const name of Object.keys(properties)) {
        const read = () => parseInput(schema, { ...base, [name]: null })
        if (required.includes(name)) expect(read, name).toThrow(Problem)
        else if (schema === api.changeBody() && name === 'expiresAt') expect(read()).toEqual({ expiresAt: null })
        else expect(canonicalJson(read()), name).toBe(canonicalJson(parseInput(schema, without(name))))
      }
    },
  )

  it('is so within an overlay, and among its options', () => {
    const sparse = { ...overlay, url: null, forceCollapse: null, options: { tpns: null, huawei: { category: null } } }
    const { overlay: read } = parseInput(api.recallBodies.overlay(), { message: 'm', overlay: sparse })
    // what is below a vendor's name is the vendor's
    expect(canonicalJson(read)).toBe(canonicalJson({ ...overlay, options: { huawei: { category: null } } }))
    const none = parseInput(api.recallBodies.overlay(), { message: 'm', overlay: { ...overlay, options: null } })
    expect(canonicalJson(none.overlay)).toBe(canonicalJson(overlay))
  })

  it.each(providers)('is so for every member of a target of $name', ({ target, handles: [first] }) => {
    const { properties = {}, required = [] } = inputSchema(target)
    const nulls = Object.fromEntries(Object.keys(properties).map(name => [name, null]))
    const read = parseInput(api.registerBody(), { targets: [{ app: 'a', ...nulls }] })
    expect(read.targets).toEqual([{ app: 'a' }])
    expect(problemOf(() => parseInput(target, {})).errors.map(({ path }) => path)).toEqual(
      // of several names one will do
      (required.length > 0 ? required : [first.member]).map(name => `/${name}`),
    )
  })

  it('is what the document says of every member of a body that may be left out', () => {
    const bodies = operations.flatMap(operation => {
      const schema = bodyOf(operation)?.schema
      return schema === undefined ? [] : [[operation.operationId, schema] as const]
    })
    const optionals = [...bodies, ...Object.entries(document.components.schemas)].flatMap(([name, root]) =>
      [...within(root)].flatMap(({ schema }) =>
        // answers leave open what else may come, requests do not
        schema.additionalProperties === false
          ? Object.entries(schema.properties ?? {}).flatMap(([member, inner]) =>
              schema.required?.includes(member) ? [] : [[`${name}.${member}`, inner] as const],
            )
          : [],
      ),
    )
    const mayBeNull = ({ type, anyOf = [] }: Schema): boolean =>
      [type ?? []].flat().includes('null') || anyOf.some(mayBeNull)
    expect(optionals.length).toBeGreaterThan(30)
    expect(optionals.flatMap(([name, schema]) => (mayBeNull(schema) ? [] : [name]))).toEqual([])
  })

  it('is no object, text or list of ours', () => {
    for (const [, schema] of bodies) expect(() => parseInput(schema, null)).toThrow(Problem)
    expect(problemOf(() => parseInput(api.registerBody(), { targets: [null] })).errors[0]?.path).toBe('/targets/0')
    expect(problemOf(() => parseInput(api.registerBody(), { contents: [null] })).errors[0]?.path).toBe('/contents/0')
  })
})

describe('a list', () => {
  it('has no item looked at where it is too long', () => {
    let looked = 0
    const item = z.string().check(z.refine(() => ++looked > 0))
    const schema = z.strictObject({ items: optional(list(item, { most: 100 })) })
    const problem = problemOf(() => parseInput(schema, { items: Array.from({ length: 249_000 }, () => 'x') }))
    expect(problem.errors).toEqual([{ path: '/items', message: 'must have at most 100 items' }])
    expect(looked).toBe(0)
    expect(parseInput(schema, { items: ['a', 'b'] })).toEqual({ items: ['a', 'b'] })
    expect(looked).toBe(2)
  })

  it('of the API is of that kind, whatever it is of', () => {
    const many = Array.from({ length: 101 }, () => 1)
    for (const schema of [api.registerBody(), api.changeBody()]) {
      for (const member of ['contents', 'targets']) {
        const { issues = [] } = schema.safeParse({ [member]: many }).error ?? {}
        expect(issues.map(({ code, path }) => [code, path])).toEqual([['too_big', [member]]])
      }
    }
  })
})

describe('a list of push tokens', () => {
  const schema = z.strictObject({ tokens: tokenList(1) })
  const read = (tokens: unknown) => parseInput(schema, { tokens })

  it('is told of with no more problems than one answer holds', () => {
    const { issues = [] } = schema.safeParse({ tokens: Array.from({ length: 200_000 }, (_, n) => n) }).error ?? {}
    expect(issues.map(({ path }) => path)).toEqual(Array.from({ length: 20 }, (_, index) => ['tokens', index]))
    expect(problemOf(() => read([1, '', 'a'])).errors).toEqual([
      { path: '/tokens/0', message: 'must be a string' },
      { path: '/tokens/1', message: 'must not be empty' },
    ])
    expect(problemOf(() => read([])).errors).toEqual([{ path: '/tokens', message: 'must not be empty' }])
    expect(problemOf(() => read('a')).errors).toEqual([{ path: '/tokens', message: 'must be a list' }])
    expect(problemOf(() => parseInput(schema, {})).errors).toEqual([{ path: '/tokens', message: 'is required' }])
  })

  it('has as many as there may be, and not one more', () => {
    const most = bounds.tokensPerRequest.value
    const tokens = Array.from({ length: most }, () => 't')
    expect(read(tokens).tokens).toHaveLength(most)
    expect(problemOf(() => read([...tokens, 't']))).toMatchObject({
      status: 413,
      members: { bound: 'tokensPerRequest' },
      errors: [{ path: '/tokens' }],
    })
  })

  it.each([
    ['ASCII', 'a'.repeat(4096), 'a'.repeat(4097)],
    ['two bytes', 'é'.repeat(2048), 'é'.repeat(2049)],
    ['three bytes', '中'.repeat(1365), `${'中'.repeat(1365)}ab`],
    ['four bytes', '😀'.repeat(1024), `${'😀'.repeat(1024)}a`],
  ])('measures a token in bytes: %s', (_what, longest, tooLong) => {
    expect(read([longest])).toEqual({ tokens: [longest] })
    const problem = problemOf(() => read(['a', tooLong]))
    expect(problem).toMatchObject({ status: 413, members: { bound: 'tokenBytes' }, errors: [{ path: '/tokens/1' }] })
    expect(problem.message).not.toContain(tooLong.slice(0, 9))
  })
})

describe('a content id', () => {
  const read = (id: string) => parseInput(api.registerBody(), { contents: [id] })
  it.each(['article:42', 'https://example.com/文章?id=1', '内容 1', 'שלום', '👩‍👩‍👧'])('%s is one', id => {
    expect(read(id)).toEqual({ contents: [id] })
  })
  it.each([
    '\u202e',
    '\u202a',
    '\u2066',
    '\u200f',
    '\u061c',
    '\u0001',
    '\n',
    '\t',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u2029',
  ])('with %j is none, wherever it stands', character => {
    for (const id of [character, `a${character}`, `${character}a`, `a${character}b`]) {
      expect(() => read(id)).toThrow(Problem)
      expect(() => parseInput(api.recallBodies.revoke(), { content: id, reason: 'r' })).toThrow(Problem)
      expect(() => parseInput(api.recallQuery(), { content: id })).toThrow(Problem)
    }
  })
})

describe('options of an overlay', () => {
  const read = (options: unknown) =>
    parseInput(api.recallBodies.overlay(), { message: 'm', overlay: { ...overlay, options } })
  it('are taken up to their bound, whoever they are for', () => {
    const most = bounds.overlayOptionBytes.value
    const fitting = { tpns: { a: 'x'.repeat(most - '{"tpns":{"a":""}}'.length) } }
    expect(read(fitting).overlay.options).toEqual(fitting)
    for (const vendor of ['tpns', 'huawei', 'nobody']) {
      const problem = problemOf(() => read({ [vendor]: { a: '中'.repeat(most / 3) } }))
      expect(problem).toMatchObject({
        status: 413,
        members: { bound: 'overlayOptionBytes', limit: most },
        errors: [{ path: '/overlay/options' }],
      })
    }
  })
})
