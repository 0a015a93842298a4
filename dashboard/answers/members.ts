/** What several answers hold. */
import * as z from 'zod/mini'
import { recallStates } from '../../shared/api-schemas.ts'
import { askedOperations } from '../../shared/asked-operation.ts'

export const text = z.string()
export const count = z.int().check(z.minimum(0))
export const time = z.iso.datetime()
export const day = z.iso.date()
export const operation = z.enum(['stop', 'revoke', 'overlay'])
export const askedOperation = z.enum(askedOperations)
export const state = z.enum(recallStates)
export const handle = { pushId: z.optional(text), notifyId: z.optional(z.int()), handle: z.optional(text) }
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
