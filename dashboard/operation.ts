/** What the API document says of one operation of the API. */
import type { ZodMiniType } from 'zod/mini'
import type { DescribedProblem } from './problems.ts'
import type { Words } from '../shared/words.ts'

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
