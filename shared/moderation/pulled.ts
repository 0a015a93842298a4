/** What an API's answer about a job comes to, for every source that is asked. */
import type { Pulled } from './pull-sources.ts'
import type { Verdict } from './source.ts'

/** Thousands of frames of a video are described in one answer. */
export const mostReplyBytes = 4 * 1024 * 1024

export interface States {
  readonly [word: string]: 'undecided' | 'done' | 'failed' | undefined
}

/** `state` undefined: a word that is not known. A block is one all the same, and nothing else is. */
export function judged(state: States[string], verdict: Verdict | null, unreadable: string): Pulled {
  if (state === 'failed') return { kind: 'unknown', detail: 'The job failed at the vendor.' }
  if (state === 'undecided') return { kind: 'undecided' }
  if (verdict !== null && (state === 'done' || verdict.decision === 'block')) {
    return { kind: 'decided', verdicts: [verdict] }
  }
  return { kind: 'unreadable', detail: unreadable }
}
