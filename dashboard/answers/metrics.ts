import * as z from 'zod/mini'
import { count, text, time } from './members.ts'

const calls = z.array(z.object({ vendor: text, outcome: text, count }))
const figures = {
  oldestSeconds: count,
  leadMs: z.object({ p50: z.nullable(count), p99: z.nullable(count) }),
  recalls: count,
  unknown: count,
  deadLetters: count,
  calls,
}

const metrics = z.object({
  stepSeconds: count,
  apps: z.array(z.object({ app: text, points: z.array(z.object({ at: time, ...figures })), day: z.object(figures) })),
  verdicts: z.array(z.object({ at: time, source: text, state: text, count })),
})

/** By their names in the document. */
export const metricAnswers = { Metrics: metrics }
