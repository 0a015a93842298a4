/** What several answers hold. */
import * as z from 'zod/mini'
import { recallStates } from '../../shared/api-schemas.ts'
import { askedOperations } from '../../shared/asked-operation.ts'
import { vendorHandles } from '../words/vendors/handles.ts'

export const text = z.string()
export const count = z.int().check(z.minimum(0))
export const time = z.iso.datetime()
export const day = z.iso.date()
export const operation = z.enum(['stop', 'revoke', 'overlay'])
export const askedOperation = z.enum(askedOperations)
export const state = z.enum(recallStates)
/** Names of a push by the members of its vendor, and its identity, whatever the vendor. */
export const handle = { ...vendorNames(), handle: z.optional(text) }
export const superseded = z.object({ message: z.nullable(text), shown: z.nullable(text) })
export const self = z.object({ self: text })
export const effects = z.array(z.object({ channel: text, effect: z.enum(['removed', 'replaced', 'stopped', 'none']) }))
export const record = z.object({
  status: z.nullable(text),
  scheduled: z.boolean(),
  audience: z.nullable(text),
  source: z.nullable(text),
  asOf: time,
})
/** Of a vendor that counts by channel. */
export const channels = z.array(
  z.object({
    channel: text,
    planned: z.nullable(count),
    sent: z.nullable(count),
    arrived: z.nullable(count),
    clicked: z.nullable(count),
    cleared: z.nullable(count),
    asOf: time,
  }),
)

type Vendor = (typeof vendorHandles)[keyof typeof vendorHandles]
type Member = Vendor['handles'][number]['member'] | Vendor['beside'][number]
type NameSchema = z.ZodMiniOptional<z.ZodMiniType<string | number>>

function vendorNames(): { readonly [M in Member]: NameSchema } {
  const all: readonly Vendor[] = Object.values(vendorHandles)
  const handles = all.flatMap((vendor): readonly Vendor['handles'][number][] => vendor.handles)
  const schemas: { [M in Member]?: NameSchema } = {}
  for (const member of all.flatMap(({ beside }): readonly Member[] => beside)) schemas[member] = z.optional(text)
  for (const { member } of handles) {
    const same = handles.filter(handle => handle.member === member)
    const [number, string] = [same.some(({ integer }) => integer), same.some(({ integer }) => !integer)]
    schemas[member] = z.optional(number && string ? z.union([text, z.int()]) : number ? z.int() : text)
  }
  return schemas as { readonly [M in Member]: NameSchema }
}
