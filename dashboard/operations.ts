/** The operations of the API in words, each under its route. */
import { appHealthOperations } from './operations/app-health.ts'
import { deliveryOperations } from './operations/deliveries.ts'
import { healthOperations } from './operations/health.ts'
import { meOperations } from './operations/me.ts'
import { messageOperations } from './operations/messages.ts'
import { metricOperations } from './operations/metrics.ts'
import { moderationOperations } from './operations/moderation.ts'
import { pauseOperations } from './operations/pauses.ts'
import { readingOperations } from './operations/reading.ts'
import { recallOperations } from './operations/recalls.ts'
import type { Operation } from './operation.ts'

/** By `METHOD /path`, as the function table writes them. */
export const operations: { readonly [route: string]: Operation } = {
  ...recallOperations,
  ...messageOperations,
  ...readingOperations,
  ...pauseOperations,
  ...moderationOperations,
  ...deliveryOperations,
  ...meOperations,
  ...metricOperations,
  ...appHealthOperations,
  ...healthOperations,
}
