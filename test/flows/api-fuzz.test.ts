/** Requests made from the OpenAPI document, whole and broken: every answer is one that the document describes. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DescribedOperation, Schema } from '../../dashboard/page/document.ts'
import { type DemoKeys, demoRoles } from '../../sandbox/demo.ts'
import { conforms, document } from '../dashboard/document.ts'
import { figure, soak } from '../support/figures.ts'
import { type Reply, type Service, startService } from '../support/service.ts'

const requests = soak ? 10_000 : 1000
/** In a world of its own each, so that what is there stays little. */
const rounds = soak ? 10 : 2

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

type AnySchema = Schema & { readonly [keyword: string]: unknown }
type Value = fc.Arbitrary<unknown>

/** What is there, so that requests get past their first look. */
interface World {
  readonly [name: string]: readonly unknown[]
}

async function makeWorld(): Promise<World> {
  const { sandbox, gateway } = service
  const pushIds = Array.from(
    { length: 6 },
    (_, n) =>
      sandbox.pushTpns({ app: n % 2 === 0 ? 'news-android' : 'news-ios', title: 't', content: 'b', audience: 'all' })
        .pushId,
  )
  const tokens = sandbox.harmonyTokens().slice(0, 8)
  const messages: string[] = []
  for (const [n, pushId] of pushIds.entries()) {
    const targets = n === 0 ? [{ app: 'news-harmony', notifyId: 100 + n, tokens }] : []
    const app = n % 2 === 0 ? 'news-android' : 'news-ios'
    const body = { contents: [`c${n % 3}`], title: 't', targets: n > 3 ? targets : [...targets, { app, pushId }] }
    const { body: made } = await service.call('POST', '/v1/messages', body)
    if (typeof made.id === 'string') messages.push(made.id)
  }
  const wait = { headers: { prefer: 'wait=5' } }
  await service.call('POST', '/v1/revoke', { message: messages[0], reason: 'r' }, wait)
  await gateway.fire('sweep')
  const idsOf = async (path: string) =>
    (await service.call('GET', path, undefined, { role: 'admin' })).body.items.map(({ id }: { id: string }) => id)
  const list = (await service.call('GET', '/v1/messages?limit=2')).body
  return {
    id: messages,
    message: messages,
    messages,
    recall: await idsOf('/v1/recalls'),
    delivery: [...(await idsOf('/v1/deliveries')), `dlv_${'0'.repeat(32)}`],
    verdict: [`vrd_${'0'.repeat(26)}`],
    pause: [`pse_${'0'.repeat(26)}`],
    app: ['news-android', 'news-ios', 'news-harmony', 'none'],
    pushId: pushIds,
    notifyId: [100, 101, 7],
    tokens,
    content: ['c0', 'c1', 'c9'],
    contents: ['c0', 'c1', 'c9'],
    cursor: [list.nextCursor ?? 'x', 'x'],
    expiresAt: [new Date(Date.now() + 3_600_000).toISOString()],
    limit: [1, 2, 200],
    reason: ['wrong link'],
    ticket: ['INC-7'],
    q: ['t', 'c0', pushIds[1]],
    handle: pushIds,
    key: ['none'],
    person: ['nobody'],
    endpoint: ['e_none'],
    url: ['https://example.com/a'],
  }
}

/** A value as the schema has it, of what is there where its name says so. */
function valueOf(schema: AnySchema, name: string, world: World, depth = 0): Value {
  if (typeof schema['$ref'] === 'string') {
    const component = document.components.schemas[schema['$ref'].split('/').at(-1) ?? '']
    return component === undefined ? fc.constant(null) : valueOf(component as AnySchema, name, world, depth)
  }
  const known = world[name]
  if ('const' in schema) return fc.constant(schema['const'])
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]))
  const types = [schema['type']].flat().filter(type => type !== undefined)
  if (known !== undefined && known.length > 0 && !types.includes('object')) {
    const one = fc.constantFrom(...known)
    return types.includes('array') ? fc.uniqueArray(one, { minLength: 1, maxLength: 3 }) : one
  }
  const branches = (schema['anyOf'] ?? schema['oneOf']) as AnySchema[] | undefined
  if (branches !== undefined && types.length === 0)
    return fc.oneof(...branches.map(branch => valueOf(branch, name, world, depth)))
  return fc.oneof(...types.map(type => typed(schema, type, name, world, depth)))
}

function typed(schema: AnySchema, type: string, name: string, world: World, depth: number): Value {
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = 1_000_000 } = schema as { minimum?: number; maximum?: number }
      return fc.integer({ min: Math.ceil(minimum), max: Math.floor(maximum) })
    }
    case 'array':
      return fc.array(valueOf((schema['items'] ?? {}) as AnySchema, name, world, depth + 1), { maxLength: 3 })
    case 'object':
      return objectOf(schema, world, depth)
    default:
      return fc.oneof(
        fc.constantFrom('x', 'news', '更正', 'https://example.com/', '2026-11-23T02:10:00Z'),
        fc.string({ maxLength: 20 }),
      )
  }
}

/** Of several ways to be whole (`oneOf`, `anyOf` of required members) one. */
function objectOf(schema: AnySchema, world: World, depth: number): Value {
  const properties = Object.entries((schema['properties'] ?? {}) as { [name: string]: AnySchema })
  if (depth > 4 || properties.length === 0) return fc.constant({})
  const ways = [schema['oneOf'], schema['anyOf']].flatMap(some =>
    Array.isArray(some) ? [some.map(({ required = [] }: { required?: string[] }) => required)] : [],
  )
  return fc.tuple(...ways.map(some => fc.constantFrom(...some))).chain(chosen => {
    const required = new Set([...((schema['required'] ?? []) as string[]), ...chosen.flat()])
    // of what excludes each other the others are left out
    const excluded = new Set(ways.flat(2).filter(name => !required.has(name) && Array.isArray(schema['oneOf'])))
    return fc
      .tuple(
        ...properties.map(([name, member]) =>
          excluded.has(name)
            ? fc.constant(undefined)
            : required.has(name)
              ? valueOf(member, name, world, depth + 1)
              : fc.option(valueOf(member, name, world, depth + 1), { nil: undefined, freq: 1 }),
        ),
      )
      .map(values =>
        Object.fromEntries(properties.flatMap(([name], n) => (values[n] === undefined ? [] : [[name, values[n]]]))),
      )
  })
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly raw: string | null
  readonly headers: { readonly [name: string]: string }
  readonly role: keyof DemoKeys | null
}

const kinds: { readonly [prefix: string]: string } = {
  messages: 'message',
  recalls: 'recall',
  deliveries: 'delivery',
  verdicts: 'verdict',
  pauses: 'pause',
  webhooks: 'endpoint',
}

function askedOf(method: string, path: string, operation: DescribedOperation, world: World): fc.Arbitrary<Asked> {
  const kind = kinds[path.split('/')[2] ?? ''] ?? ''
  const allowed = demoRoles.filter(role => operation['x-roles']?.includes(role) ?? true)
  const named = operation.parameters.filter(parameter => parameter.in === 'query')
  const query = fc.tuple(
    ...named.map(({ name, schema, required }) => {
      const value = valueOf((schema ?? {}) as AnySchema, name, world).map(
        one => [name, [one].flat().join(',')] as const,
      )
      return required ? value : fc.option(value, { freq: 1, nil: null })
    }),
  )
  const schema = operation.requestBody?.content['application/json']?.schema
  const whole = schema === undefined ? fc.constant(undefined) : valueOf(schema as AnySchema, '', world)
  const broken = fc.tuple(whole, fc.nat(), fc.jsonValue()).map(([body, place, odd]) => {
    const members = Object.keys(body ?? {})
    return members.length === 0 ? odd : { ...(body as object), [members[place % members.length] ?? 'x']: odd }
  })
  const sent =
    schema === undefined ? whole : fc.oneof({ weight: 4, arbitrary: whole }, { weight: 1, arbitrary: broken })
  return fc
    .record({
      id: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...(world[kind] ?? ['x'])) },
        { weight: 1, arbitrary: fc.constant('none') },
      ),
      query,
      body: sent,
      raw: fc.option(fc.constantFrom('', '{', '[]', '"x"'), { freq: 30, nil: null }),
      known: fc.option(fc.constantFrom('*', 'W/"x"'), { freq: 8, nil: null }),
      again: fc.option(fc.constantFrom('k1', '"k2"'), { freq: 4, nil: null }),
      role: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...allowed) },
        { weight: 1, arbitrary: fc.constantFrom(...demoRoles, null) },
      ),
    })
    .map(({ id, query: given, body, raw, known, again, role }) => {
      const search = new URLSearchParams(
        given.flatMap(pair => (pair === null ? [] : [[pair[0], pair[1]] as [string, string]])),
      )
      return {
        method: method.toUpperCase(),
        path: `${path.replace(/\{\w+\}/, encodeURIComponent(String(id)))}${search.size === 0 ? '' : `?${search.toString()}`}`,
        body: method === 'get' ? undefined : body,
        raw: method === 'get' || schema === undefined ? null : raw,
        headers: {
          prefer: 'wait=0',
          ...(known === null ? {} : { 'if-none-match': known }),
          ...(again === null || method === 'get' ? {} : { 'idempotency-key': again }),
        },
        role,
      }
    })
}

/** The faults of an answer; none where it is as described. */
function faultsOf(operation: DescribedOperation, { status, headers, body, text }: Reply): unknown[] {
  const described = operation.responses[status]
  if (described === undefined) return [`${status} is not described: ${text.slice(0, 300)}`]
  const media = (headers.get('content-type') ?? '').split(';')[0] ?? ''
  const content = described.content ?? {}
  const faults: unknown[] = []
  if (status >= 500) faults.push(`${status}: ${text.slice(0, 300)}`)
  if (Object.keys(content).length === 0) {
    if (text !== '') faults.push(`${status} has a body: ${text.slice(0, 100)}`)
  } else if (content[media] === undefined) faults.push(`${status} is ${media}`)
  else if (media.endsWith('json')) faults.push(...conforms(content[media]?.schema ?? {}, body))
  const slug = /problems\/([\w-]+)$/.exec(body?.type ?? '')?.[1]
  if (slug !== undefined && described['x-problems']?.[slug] === undefined) faults.push(`${slug} is not described`)
  if (!(headers.get('x-request-id') ?? '').startsWith('req_')) faults.push('it has no request id')
  return faults
}

it('requests made from the document get answers as it describes them, and never a 5xx', async context => {
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    path.startsWith('/v1/') ? Object.entries(methods).map(([method, operation]) => ({ path, method, operation })) : [],
  )
  const statuses = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    const world = await makeWorld()
    // a world is made anew, and so are the requests: a seed of one names the other's
    const asks = routes.map(({ method, path, operation }) =>
      askedOf(method, path, operation, world).map(asked => ({ asked, operation })),
    )
    await fc.assert(
      fc.asyncProperty(fc.oneof(...asks), async ({ asked, operation }) => {
        const { method, path, body, raw, headers, role } = asked
        const reply = await service.call(method, path, body, { role, headers, ...(raw === null ? {} : { raw }) })
        expect(faultsOf(operation, reply), JSON.stringify(asked)).toEqual([])
        const family = `${Math.floor(reply.status / 100)}xx`
        statuses.set(family, (statuses.get(family) ?? 0) + 1)
      }),
      { numRuns: requests / rounds, endOnFailure: true },
    )
  }
  figure(context, 'requests made from the OpenAPI document', `${requests}, 0 off their schema`, '10000, 0')
  // they are answered, and not turned away before
  expect(statuses.get('2xx') ?? 0).toBeGreaterThan(requests / 5)
}, 3_600_000)
