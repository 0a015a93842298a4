/** JSON Schema as zod writes it, made fit for people: no noise, and words at every member. */
import * as z from 'zod/mini'
import type { Words, WordTable } from '../shared/words.ts'
import { words } from './words.ts'

export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
}

/** Of what goes in: a schema that ends in a transform shows what it takes. */
export function inputSchema(schema: z.core.$ZodType): JsonSchema {
  return withNullAsType(tidy(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema))
}

/** `anyOf` of a schema and null → the schema, with null among its types: the same, and easier to read and to generate from. */
function withNullAsType(schema: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = mapInner(schema, withNullAsType)
  const [first, second, third]: readonly JsonSchema[] = Array.isArray(anyOf) ? anyOf : []
  if (first === undefined || second?.['type'] !== 'null' || third !== undefined) {
    return anyOf === undefined ? rest : { ...rest, anyOf }
  }
  return nullable({ ...rest, ...first })
}

export function nullable(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] }
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) ? { enum: [...values, null] } : {}) }
}

/** Of what comes out. Answers grow: no client may be told that nothing but this will come. */
export function outputSchema(schema: object): JsonSchema {
  return open(tidy(schema as JsonSchema))
}

/**
 * Puts words at every member: a `description`, and `x-description-zh`. `context` is the name of the schema, or the id of
 * the operation whose request it is. `own`: words for some members, those inside another one
 * as `<that one>.<member>`.
 */
export function explain(schema: JsonSchema, context: string, parent = '', own: WordTable = {}): JsonSchema {
  const deep = mapInner(schema, (inner, name) => explain(inner, context, name ?? parent, own))
  if (deep.properties === undefined) return deep
  const properties = Object.entries(deep.properties).map(([name, member]) => {
    const found = own[parent === '' ? name : `${parent}.${name}`] ?? wordsOf(context, parent, name)[1]
    return [name, { ...member, description: found[0], 'x-description-zh': found[1] }]
  })
  return { ...deep, properties: Object.fromEntries(properties) }
}

/** The key under which the words of a member stand, and the words. Throws where there are none. */
export function wordsOf(context: string, parent: string, name: string): readonly [key: string, words: Words] {
  for (const key of [`${parent}.${name}`, `${context}.${name}`, name]) {
    const found = words[key]
    if (found !== undefined) return [key, found]
  }
  throw new Error(`${context}: the member ${parent}.${name} has no words`)
}

function tidy(schema: JsonSchema): JsonSchema {
  const kept = Object.entries(mapInner(schema, tidy)).filter(
    ([keyword, value]) =>
      !['$schema', '$id', 'propertyNames'].includes(keyword) &&
      Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER &&
      // 400 characters that say again what `format` says
      !(keyword === 'pattern' && typeof schema['format'] === 'string'),
  )
  return Object.fromEntries(kept)
}

function open(schema: JsonSchema): JsonSchema {
  const { additionalProperties, ...rest } = mapInner(schema, open)
  return additionalProperties === false || additionalProperties === undefined ? rest : { ...rest, additionalProperties }
}

/** The schema with every schema directly inside it replaced; `name` is given for members of an object. */
function mapInner(schema: JsonSchema, map: (inner: JsonSchema, name?: string) => JsonSchema): JsonSchema {
  const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null
  const entries = Object.entries(schema).map(([keyword, value]) => {
    if (keyword === 'properties' && isSchema(value)) {
      const members = Object.entries(value).map(([name, member]) => [name, map(member as JsonSchema, name)])
      return [keyword, Object.fromEntries(members)]
    }
    if ((keyword === 'items' || keyword === 'additionalProperties') && isSchema(value)) return [keyword, map(value)]
    if (['anyOf', 'oneOf', 'allOf'].includes(keyword) && Array.isArray(value)) {
      return [keyword, value.map((inner: JsonSchema) => map(inner))]
    }
    return [keyword, value]
  })
  return Object.fromEntries(entries)
}
