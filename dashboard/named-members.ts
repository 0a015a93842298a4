/** The members that name a push in a request, of all vendors that there are; schemas that read requests leave them to the vendor. */
import * as z from 'zod/mini'
import { allProviders } from '../shared/providers/registry.ts'
import { takesTokens } from '../shared/recall/addressing.ts'
import type { Provider } from '../shared/providers/provider.ts'
import { isDigits } from '../shared/recall/view-handle.ts'

const providers = await allProviders()

/** Of vendors that tell a status. */
export const namesForStatus = membersOf(providers.filter(provider => provider.status !== undefined))
/** Of vendors whose targets take tokens: in a query, and in a body, where null is as good as not there, and a number as digits. */
export const namesForTokens = membersOf(providers.filter(takesTokens))
export const namesForTokensInBody = Object.fromEntries(
  Object.entries(namesForTokens).map(([member, schema]) => [
    member,
    z.optional(z.nullable(takesDigits(member) ? z.union([z.string(), z.int().check(z.minimum(0))]) : schema)),
  ]),
)

function takesDigits(member: string): boolean {
  return providers.some(provider => takesTokens(provider) && isDigits(provider, member))
}

function membersOf(some: readonly Provider[]) {
  const members = some.flatMap(({ handles }) =>
    handles.map(({ member, json }) => [member, z.optional(json === 'integer' ? z.int() : z.string())] as const),
  )
  return { ...Object.fromEntries(members), handle: z.optional(z.string()) }
}
