/** What an API of before does not tell: each list and each member that may be null is there all the same, wherever it stands. */
import { expect, it } from 'vitest'
import { completed } from '../../dashboard/console/absent.ts'
import { isNewer } from '../../dashboard/console/versions.ts'
import { document } from '../dashboard/document.ts'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: { readonly [name: string]: Schema }
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

const schemas: { readonly [name: string]: Schema } = document.components.schemas
const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : resolved(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
const mayBeNull = (schema: Schema): boolean => (schema.anyOf ?? []).some(({ type }) => type === 'null')
/** Of what may be null: what it is else. */
const whole = (schema: Schema): Schema =>
  resolved(mayBeNull(schema) ? ((schema.anyOf ?? []).find(({ type }) => type !== 'null') ?? {}) : schema)

/** The least that has every list and every object in it, so that what lies deeper is looked at. */
function least(schema: Schema): unknown {
  const { properties, items } = whole(schema)
  if (items !== undefined) return [least(items)]
  if (properties === undefined) return undefined
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, member]) => {
      const inner = least(member)
      return inner === undefined || (Array.isArray(inner) && inner[0] === undefined) ? [] : [[name, inner]]
    }),
  )
}

/** Members without which pages do: they are only passed on, kept in the file that is saved, or asked for by name where they are. */
const unread =
  /\/(links|options|canary|clock\/vendors|superseded|params|verdicts|needs|shown)(\/|$)|events\/|\/(causedBy|rejected|by|channels|record|probeAt|calls)\//

function missing(value: unknown, schema: Schema, path: string): string[] {
  const { properties, items, required = [] } = whole(schema)
  if (value === null && mayBeNull(schema)) return []
  if (items !== undefined) return Array.isArray(value) ? value.flatMap(one => missing(one, items, `${path}/`)) : [path]
  if (properties === undefined || value === null) return []
  return Object.entries(properties).flatMap(([name, member]) => {
    const at = `${path}/${name}`
    const inner = (value as { readonly [name: string]: unknown } | undefined)?.[name]
    const told = required.includes(name) && (mayBeNull(member) || whole(member).items !== undefined)
    if (unread.test(at)) return []
    if (inner === undefined) return told ? [at] : []
    return missing(inner, member, at)
  })
}

it.each([
  ['/v1/messages?limit=50', 'MessageList'],
  ['/v1/messages/promo', 'Message'],
  ['/v1/messages/promo/plan', 'MessagePlan'],
  ['/v1/recalls?limit=50', 'RecallList'],
  ['/v1/recalls/rcl_1', 'Recall'],
  ['/v1/revoke', 'Recall'],
  ['/v1/verdicts?limit=50', 'VerdictList'],
  ['/v1/deliveries?limit=50', 'DeliveryList'],
  ['/v1/subscribers', 'SubscriberList'],
  ['/v1/capabilities', 'Capabilities'],
  ['/v1/health', 'HealthOfApps'],
  ['/v1/metrics', 'Metrics'],
  ['/v1/audit/head', 'AuditHead'],
  ['/v1/audit?limit=200', 'AuditList'],
])('%s is whole without any of it', (path, name) => {
  const schema = schemas[name] ?? {}
  expect(missing(completed(path, {}), schema, ''), 'of nothing').toEqual([])
  expect(missing(completed(path, least(schema)), schema, ''), 'of what has its lists').toEqual([])
})

it('is as it came where all of it came', () => {
  const body = {
    items: [{ id: 'dlv_1', subscriber: 's', recall: 'rcl_1', attempts: [], state: 'held' }],
    nextCursor: 'x',
  }
  expect(completed('/v1/deliveries?limit=1', body)).toMatchObject(body)
  expect(completed('/v1/of-tomorrow', body)).toBe(body)
  expect(completed('/v1/recalls', null)).toBeNull()
})

it('knows the later of two versions', () => {
  expect(isNewer('0.2.0', '0.1.9')).toBe(true)
  expect(isNewer('0.10.0', '0.9.1')).toBe(true)
  expect(isNewer('1.0.0-rc.1', '1.0.0')).toBe(false)
  expect(isNewer('0.1.0', '0.1.1')).toBe(false)
})
