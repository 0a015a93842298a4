import * as z from 'zod/mini'
import { notices } from './recalls.ts'
import { count, operation, state, text, time } from './members.ts'

const maybe = z.nullable(time)

const appHealth = z.object({
  app: text,
  provider: z.nullable(text),
  problem: z.nullable(text),
  notices,
  credential: z.object({
    ok: z.nullable(z.boolean()),
    since: maybe,
    code: z.nullable(text),
    detail: z.nullable(text),
    notices,
    call: z.nullable(z.enum(['status', 'revoke'])),
    checkedAt: maybe,
  }),
  canary: z.nullable(
    z.object({
      ok: z.nullable(z.boolean()),
      recall: z.nullable(text),
      state: z.nullable(state),
      operation: z.nullable(operation),
      code: z.nullable(text),
      detail: z.nullable(text),
      notices,
      at: time,
    }),
  ),
  lastAcceptedAt: maybe,
  waiting: count,
  breaker: z.object({
    open: z.boolean(),
    cause: z.nullable(z.enum(['vendor', 'credential'])),
    since: maybe,
    probeAt: maybe,
  }),
  lanes: z.array(
    z.object({
      name: text,
      kind: z.enum(['rate', 'window']),
      limit: z.number(),
      left: z.number(),
      perSeconds: z.number(),
      heldUntil: maybe,
    }),
  ),
})

const healthOfApps = z.object({
  apps: z.array(appHealth),
  timers: z.array(z.object({ name: text, lastAt: maybe })),
  subscribers: z.array(z.object({ id: text, disabledAt: maybe, heldUntil: maybe })),
  endpoints: z.array(z.object({ id: text, lastAt: maybe })),
  clock: z.object({ ledgerAheadMs: z.int(), vendors: z.array(z.object({ app: text, aheadMs: z.int(), at: time })) }),
  version: text,
})

/** By their names in the document. */
export const appHealthAnswers = { AppHealth: appHealth, HealthOfApps: healthOfApps }
