/** The operations of the API in words, each under its route. */
import type { ZodMiniType } from 'zod/mini'
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
import type { DescribedProblem } from './problems.ts'
import type { Words } from './words.ts'

export interface Example {
  readonly summary: Words
  readonly value: unknown
}

export interface Answer {
  readonly means: Words
  /** A schema of answers.ts, several of which one comes, or a media type for what is no JSON of ours; null: no body. */
  readonly holds: string | readonly string[] | null
  /** It may also be this, by `Accept`: one JSON object a line, or text. */
  readonly text?: 'application/x-ndjson' | 'text/plain'
  readonly headers?: readonly ('Location' | 'Idempotent-Replayed' | 'ETag')[]
  readonly example?: unknown
}

export interface Operation {
  readonly id: string
  readonly summary: Words
  readonly description: Words
  readonly body?: {
    readonly schema: ZodMiniType
    readonly examples: { readonly [name: string]: Example }
    readonly required?: false
  }
  /** The body may also be one JSON string a line, with these as query parameters. */
  readonly lines?: ZodMiniType
  readonly query?: ZodMiniType
  readonly answers: { readonly [status: number]: Answer }
  /** When each comes. Those that every route with a right shares need not be told again. */
  readonly problems: { readonly [P in DescribedProblem]?: string }
}

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
