import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { wordsOf } from '../../dashboard/json-schema.ts'
import { openApiFile, openApiText } from '../../dashboard/openapi.ts'
import { words } from '../../dashboard/words.ts'
import { functions } from '../../shared/functions.ts'
import { allProviders } from '../../shared/providers/registry.ts'
import { ajv, bodyOf, conforms, document, examplesOf, operations, within } from './document.ts'

describe('the OpenAPI document', () => {
  it('is the one committed: npm run openapi', async () => {
    expect(await readFile(openApiFile, 'utf8')).toBe(openApiText())
  })
  it('has the routes of the function table, no more and no fewer', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    const routed = Object.values(functions).flatMap(({ routes }) =>
      routes.map(({ method, path }) => `${method} ${path}`),
    )
    expect(described.sort()).toEqual(routed.sort())
  })
  it('is made of schemas that ajv takes, and refers to nothing that is not there', () => {
    const referred = [...JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/([\w-]+)"/g)]
    const components: { readonly [kind: string]: object } = document.components
    expect(referred.filter(([, kind = '', name = '']) => !(name in (components[kind] ?? {})))).toEqual([])
    for (const name of Object.keys(document.components.schemas)) {
      expect(ajv.compile({ $ref: `unpush#/components/schemas/${name}` })).toBeTypeOf('function')
    }
  })
  it('takes its own examples of requests', () => {
    const faults = operations.flatMap(operation =>
      examplesOf(operation).flatMap(value => conforms(bodyOf(operation)?.schema ?? {}, value)),
    )
    expect(operations.flatMap(examplesOf).length).toBeGreaterThan(12)
    expect(faults).toEqual([])
  })
  it('takes its own examples of answers', () => {
    const examples = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ content }) => content?.['application/json'] ?? []),
    )
    const given = examples.filter(({ example }) => example !== undefined)
    expect(given.length).toBeGreaterThan(8)
    expect(given.flatMap(({ schema = {}, example }) => conforms(schema, example))).toEqual([])
  })
  it.each([
    ['none of message, content, target', { reason: 'r' }],
    ['two of them', { message: 'm', content: 'c', reason: 'r' }],
    ['no reason', { message: 'm' }],
    ['an unknown member', { message: 'm', reason: 'r', force: true }],
    ['a TPNS push id that is no whole number', { target: { app: 'a', pushId: 1.5 }, reason: 'r' }],
    ['members of two vendors', { target: { app: 'a', pushId: '1', notifyId: 1 }, reason: 'r' }],
  ])('refuses a revoke with %s', (_what, value) => {
    const revoke = operations.find(({ operationId }) => operationId === 'revoke')
    expect(conforms((revoke && bodyOf(revoke)?.schema) ?? {}, value)).not.toEqual([])
  })
  it('says a word about every member, and none about what is not there', async () => {
    const contexts = [
      ...Object.entries(document.components.schemas),
      ...operations.flatMap(operation => {
        const query = operation.parameters.filter(parameter => parameter.in === 'query')
        const asSchema = { properties: Object.fromEntries(query.map(({ name, schema }) => [name, schema])) }
        return [bodyOf(operation)?.schema ?? {}, asSchema].map(schema => [operation.operationId, schema] as const)
      }),
    ]
    // the members of a vendor's target have words of its own
    const ofVendors = new Map(
      (await allProviders()).map(({ name, handles, members = {} }) => [
        `${name.charAt(0).toUpperCase()}${name.slice(1)}Target`,
        new Set([...handles.map(({ member }) => member), ...Object.keys(members)]),
      ]),
    )
    const used = contexts.flatMap(([context, root]) =>
      [...within(root)].flatMap(({ schema, parent }) =>
        Object.keys(schema.properties ?? {})
          .filter(name => !ofVendors.get(context)?.has(parent === '' ? name : `${parent}.${name}`))
          .map(name => wordsOf(context, parent, name)[0]),
      ),
    )
    expect([...new Set(used)].sort()).toEqual(Object.keys(words).sort())
  })
})
