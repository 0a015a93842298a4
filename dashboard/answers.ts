/** What the API answers (contract §4), member by member: the part of the OpenAPI document that no request schema holds. */
import * as z from 'zod/mini'
import { appHealthAnswers } from './answers/app-health.ts'
import { deliveryAnswers } from './answers/deliveries.ts'
import { healthAnswers } from './answers/health.ts'
import { metricAnswers } from './answers/metrics.ts'
import { messageAnswers } from './answers/messages.ts'
import { meAnswers } from './answers/me.ts'
import { pauseAnswers } from './answers/pauses.ts'
import { readingAnswers } from './answers/reading.ts'
import { moderationAnswers } from './answers/moderation.ts'
import { recallAnswers } from './answers/recalls.ts'

/** By name. Where one stands inside another, that one refers to `#/components/schemas/<name>`. */
export function answerSchemas(): { readonly [name: string]: z.core.JSONSchema.BaseSchema } {
  const named = z.registry<{ readonly id: string }>()
  const answers = {
    ...recallAnswers,
    ...messageAnswers,
    ...readingAnswers,
    ...pauseAnswers,
    ...moderationAnswers,
    ...deliveryAnswers,
    ...meAnswers,
    ...metricAnswers,
    ...appHealthAnswers,
    ...healthAnswers,
  }
  for (const [id, schema] of Object.entries(answers)) named.add(schema, { id })
  return z.toJSONSchema(named, { uri: id => `#/components/schemas/${id}` }).schemas
}
