/** The moods of a simulated vendor. */
import type { Outcome } from '../../shared/providers/provider.ts'
import { noReply, yes } from '../support/fake-provider.ts'

/** What the vendor does with a call, and what it says. */
export const verdicts = [
  'yes',
  'yes',
  'yes',
  'done, unheard',
  'not done, unheard',
  'throttled',
  'refused',
  'auth',
  'partly',
] as const
export type Verdict = (typeof verdicts)[number]

export function outcomeOf(verdict: Verdict, tokens = 0): Outcome {
  switch (verdict) {
    case 'yes':
      return yes
    case 'done, unheard':
    case 'not done, unheard':
      return { kind: 'unknown', vendor: noReply, reason: 'timeout' }
    case 'throttled':
      return { kind: 'throttled', vendor: noReply, retryAfterMs: 60_000, quota: false }
    case 'refused':
      return { kind: 'refused', vendor: noReply, reason: 'no' }
    case 'auth':
      return { kind: 'auth', vendor: noReply }
    case 'partly':
      if (tokens < 2) return yes
      return { kind: 'partial', vendor: noReply, rejected: [{ reason: 'illegal', count: 1 }], unknown: 0 }
    default:
      return verdict satisfies never
  }
}
