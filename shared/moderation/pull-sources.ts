/** Who can be asked about a job, and what that is. How each is asked is in pulls/. Only `sweep` asks: none of this is in the function that takes callbacks. */
import type { Send } from '../http.ts'
import type { Verdict } from './source.ts'

export interface PullCall {
  readonly send: Send
  readonly timeoutMs: number
  /** Epoch milliseconds. */
  readonly nowMs: number
}

/**
 * decided: by the source's own word · undecided: not yet · unknown: it never will be · unreadable: it answered, and what it says
 * cannot be made out · failed: no answer.
 */
export type Pulled =
  | { readonly kind: 'decided'; readonly verdicts: readonly Verdict[] }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'unknown'; readonly detail: string }
  | { readonly kind: 'unreadable' | 'failed'; readonly detail: string }

/** Never rejects. `job` matches the source's `jobPattern`. */
export type Pull<Credentials> = (job: string, credentials: Credentials, call: PullCall) => Promise<Pulled>

const pulled = ['tencent-ci', 'huawei-moderation'] as const
export type PulledSource = (typeof pulled)[number]

/** Whether this source's own API can be asked about a job. */
export function isPulled(source: string): source is PulledSource {
  return (pulled as readonly string[]).includes(source)
}
