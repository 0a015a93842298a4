import * as z from 'zod/mini'
import { rightsOf } from '../../shared/functions.ts'
import { count, text, time } from './members.ts'

const rights = z.array(z.enum([...new Set(Object.values(rightsOf).flat())]))
const threshold = z.nullable(count)

const me = z.object({
  id: text,
  person: z.nullable(text),
  roles: z.array(z.enum(['sender', 'viewer', 'operator', 'approver', 'admin'])),
  rights,
  apps: z.array(
    z.object({
      id: text,
      provider: z.nullable(text),
      platform: z.nullable(z.enum(['android', 'ios', 'harmony'])),
      rights,
    }),
  ),
  allApps: z.boolean(),
  expiresAt: z.nullable(time),
  policy: z.nullable(
    z.object({
      approvalAbove: z.object({ stop: threshold, revoke: threshold, overlay: threshold }),
      approvalTtlMinutes: z.number(),
      minExpiryMinutes: z.number(),
      confirmAbove: threshold,
      assumeAudience: count,
      breakGlass: z.enum(['off', 'operator', 'approver']),
    }),
  ),
})

const summary = z.object({
  asOf: time,
  waiting: count,
  waitingForMe: count,
  running: count,
  blocked: count,
  failed24h: count,
  heldVerdicts: count,
  disabledSubscribers: count,
  badCredentials: count,
  version: text,
})

/** By their names in the document. */
export const meAnswers = { Me: me, Summary: summary }
