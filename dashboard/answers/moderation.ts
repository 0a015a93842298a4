import * as z from 'zod/mini'
import { verdictStates } from '../../shared/api-schemas.ts'
import { authorities } from '../../shared/moderation/source.ts'
import { notices } from './recalls.ts'
import { count, operation, text, time } from './members.ts'

const verdict = z.object({
  id: text,
  endpoint: text,
  source: text,
  tier: z.enum(['A', 'B', 'C']),
  content: z.nullable(text),
  verdict: z.nullable(z.enum(['block', 'review', 'pass'])),
  action: z.nullable(text),
  by: z.enum(authorities),
  round: count,
  labels: z.array(text),
  reason: z.nullable(text),
  occurredAt: z.nullable(time),
  receivedAt: time,
  operation: z.nullable(operation),
  state: z.enum(verdictStates),
  detail: z.nullable(text),
  notices,
  messages: count,
  recalls: z.array(text),
  overturns: z.array(text),
})

const verdictList = z.object({ items: z.array(verdict), nextCursor: z.nullable(text) })
const acknowledged = z.object({ received: z.optional(z.literal(true)), code: z.optional(z.literal(200)) })

/** By their names in the document. */
export const moderationAnswers = {
  Verdict: verdict,
  VerdictList: verdictList,
  Acknowledged: acknowledged,
}
