/** Where a request can be hostile: every path parameter, query member, header and body member that the API has. */
import fc from 'fast-check'
import type { DescribedOperation, Schema } from '../../dashboard/page/document.ts'
import { functions } from '../../shared/functions.ts'
import { bodyOf, document, examplesOf } from '../dashboard/document.ts'

export interface Hostile {
  readonly method: string
  /** With `{id}` filled in, percent-encoded. */
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly headers: { readonly [name: string]: string }
  /** JSON text; null: none. */
  readonly body: string | null
  /** What was put where, for whoever reads the failure. */
  readonly what: string
}

/** A place of one operation, and the request that has `value` there and is otherwise as its example. */
export interface Place {
  readonly name: string
  with(value: unknown): Hostile
}

/** Things of each kind that are there, so that a request gets past its path. */
export interface Known {
  readonly message: string
  readonly recall: string
  readonly delivery: string
  readonly endpoint: string
  readonly pause: string
  readonly verdict: string
  readonly file: string
}

/** A value that JSON.stringify writes as the text itself: numbers that are none, escapes. */
export class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export function placesOf(known: Known): Place[] {
  return Object.values(functions).flatMap(({ routes }) =>
    routes.flatMap(route => {
      const operation = document.paths[route.path]?.[route.method.toLowerCase()]
      if (operation === undefined) throw new Error(`${route.method} ${route.path} is not described`)
      const ids: { readonly [name: string]: keyof Known } = 'ids' in route ? route.ids : {}
      return placesIn(route.method, route.path, ids, operation, known)
    }),
  )
}

function placesIn(
  method: string,
  pattern: string,
  ids: { readonly [name: string]: keyof Known },
  operation: DescribedOperation,
  known: Known,
): Place[] {
  const fill = (name: string, value: string | null) =>
    pattern.replace(/\{(\w+)\}/g, (_, param: string) => {
      const kind = ids[param]
      if (kind === undefined) throw new Error(`nothing says what {${param}} of ${pattern} is`)
      return value !== null && param === name ? escaped(value) : known[kind]
    })
  const queryOf = (other: string) =>
    operation.parameters.flatMap(({ name, in: place, required, example }) =>
      place === 'query' && required && name !== other ? [[name, String(example)] as const] : [],
    )
  const [example = null] = examplesOf(operation)
  const base: Omit<Hostile, 'what'> = {
    method,
    path: fill('', null),
    query: queryOf(''),
    headers: {},
    body: example === null ? null : JSON.stringify(example),
  }
  const place = (name: string, make: (value: unknown) => Partial<Hostile>): Place => ({
    name: `${method} ${pattern} ${name}`,
    with: value => ({ ...base, ...make(value), what: `${method} ${pattern} ${name}: ${show(value)}` }),
  })
  const parameters = operation.parameters.flatMap(({ name, in: where }) => {
    if (where === 'path') return [place(`{${name}}`, value => ({ path: fill(name, textOf(value)) }))]
    if (where === 'query') return [place(`?${name}`, value => ({ query: [...queryOf(name), [name, textOf(value)]] }))]
    return [place(name, value => ({ headers: { [name]: textOf(value) } }))]
  })
  const schema = bodyOf(operation)?.schema
  const members =
    schema === undefined
      ? []
      : [...pointers(schema)].map(path =>
          place(`/${path.join('/')}`, value => ({ body: stringify(set(example ?? {}, path, value)) })),
        )
  const further = [
    place('another query member', value => ({ query: [...base.query, [textOf(value), textOf(value)]] })),
    ...['content-type', 'content-encoding', 'accept-language', 'origin', 'x-forwarded-host', 'authorization'].map(
      header => place(header, value => ({ headers: { [header]: textOf(value) } })),
    ),
    ...(example === null
      ? []
      : [
          place('the body', value => ({ body: stringify(value) })),
          place('the text of the body', value => ({ body: textOf(value) })),
          place('another member', value => ({ body: stringify({ ...example, [textOf(value)]: value }) })),
        ]),
  ]
  return [...parameters, ...members, ...further]
}

/** Every member of a body, those of the vendors' targets and of the items of lists included. */
function* pointers(schema: Schema, at: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (at.length > 0) yield at
  if (schema.$ref !== undefined) {
    const component = document.components.schemas[schema.$ref.split('/').at(-1) ?? '']
    for (const [name, member] of Object.entries(component?.properties ?? {})) yield* pointers(member, [...at, name])
    return
  }
  for (const [name, member] of Object.entries(schema.properties ?? {})) yield* pointers(member, [...at, name])
  if (schema.items !== undefined) yield* pointers(schema.items, [...at, 0])
  for (const inner of schema.anyOf ?? []) {
    for (const path of pointers(inner, at)) if (path.length > at.length) yield path
  }
  if (typeof schema.additionalProperties === 'object') yield [...at, 'tpns']
}

/** `value` at its place in a copy of `base`; what is in the way is replaced. */
function set(base: unknown, [first, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (first === undefined) return value
  if (typeof first === 'number') {
    const items: unknown[] = Array.isArray(base) ? [...base] : []
    items[first] = set(items[first], rest, value)
    return items
  }
  const members: { [name: string]: unknown } =
    typeof base === 'object' && base !== null && !Array.isArray(base) ? { ...base } : {}
  return { ...members, [first]: set(Object.hasOwn(members, first) ? members[first] : undefined, rest, value) }
}

/** Texts that JSON cannot say are put where a marker stands. */
function stringify(value: unknown): string {
  const raws: string[] = []
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (!(inner instanceof Raw)) return inner
    raws.push(inner.text)
    return `\u0001raw${raws.length - 1}`
  })
  return (text ?? 'null').replace(/"\\u0001raw(\d+)"/g, (_, index) => raws[Number(index)] ?? '')
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value instanceof Raw ? value.text : (JSON.stringify(value) ?? 'undefined')
}

/** encodeURIComponent throws at half a surrogate pair; its bytes are sent all the same. */
export function escaped(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : text.split('').map(escapedUnit).join('')
}

function escapedUnit(unit: string): string {
  if (unit.isWellFormed()) return encodeURIComponent(unit)
  const code = unit.charCodeAt(0)
  return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)]
    .map(byte => `%${byte.toString(16)}`)
    .join('')
}

function show(value: unknown): string {
  return stringify(value).slice(0, 80)
}

const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const at = '2026-11-28T08:00:00.000000Z'
const hex = '0'.repeat(32)

const texts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00x',
  '\ufffd',
  '\ufeff',
  '\u202e',
  '😀',
  '%00',
  '%',
  '\\',
  "'",
  '"',
  '\n',
]
const words = [
  'a'.repeat(300),
  '中'.repeat(2000),
  '9'.repeat(400),
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-1',
  '1e999',
]
const ids = [
  `rcl_${'0'.repeat(26)}`,
  `rcl_${'u'.repeat(26)}`,
  'rcl_\0',
  `dlv_${hex}`,
  `dlv_${hex}\0`,
  `msg_${'z'.repeat(200)}`,
]
const times = [
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59-23:59',
  '0001-01-01T00:00:00+23:59',
  '+275760-09-13T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-11-28T24:00:00Z',
  '2026-11-28T08:00:00 08:00',
  '1',
]
const cursors = [['1', 'x'], [at, 'x\0'], [at, '1'], ['294277-01-01', 'x'], {}, null].map(cursor)
const values = [
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e308,
  null,
  true,
  [],
  {},
  [null],
  [[]],
  { '': '' },
  { a: '\0' },
  ['\ud800'],
]
const raws = [
  '1e999',
  '-0',
  'NaN',
  '[1,]',
  '{"a":1,"a":2}',
  '{"__proto__":{}}',
  '"\\u0000"',
  '"\\ud800"',
  '"\\x"',
  '{"\\u0000":1}',
  `${'['.repeat(100)}${']'.repeat(100)}`,
  `{"${'x'.repeat(5000)}":1}`,
  `[${'0,'.repeat(250)}0]`,
].map(text => new Raw(text))

/** What was tried by hand and what stands beside it: each was, or could be, more than the database or a parser takes. */
export const hostileValues: readonly unknown[] = [...texts, ...words, ...ids, ...times, ...cursors, ...values, ...raws]

/** Those of the kind that a place of this name holds. */
export function valuesFor(name: string): readonly unknown[] {
  if (name.endsWith('cursor')) return cursors
  if (/(from|to|expiresAt)$/.test(name)) return times
  if (name.endsWith('}')) return ids
  return /the (text of the )?body$/.test(name) ? raws : []
}

/** Further ones, made. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...hostileValues),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code)), maxLength: 40 }),
  fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
  fc.double(),
  fc.bigInt().map(number => new Raw(String(number))),
  fc.date({ noInvalidDate: true }).map(date => date.toISOString()),
  fc.tuple(fc.string(), fc.string({ unit: 'binary' })).map(cursor),
  fc
    .tuple(fc.constantFrom('rcl_', 'vrd_', 'dlv_', 'msg_', 'e_'), fc.string({ unit: 'binary' }))
    .map(parts => parts.join('')),
)
