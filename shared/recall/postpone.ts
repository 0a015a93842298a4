/** When a unit is tried again whose answer settled nothing, and what it waits for. Pure. */
import { skewSentence } from '../clock-skew.ts'
import type { WorkStep } from '../ledger/claim-work.ts'
import type { Outcome } from '../providers/provider.ts'
import { type Decision, isAccepted, later, type WorkState } from './decision.ts'

/** A credential that a vendor refuses, or that cannot be read, is tried again after this. */
export const credentialRetryMs = 60_000

/** Full jitter: everywhere between 0 and 2 s · 2^n, at most `mostMs`. `chance` is 0..1. */
export function backOffMs(failures: number, chance: number, mostMs = 300_000): number {
  return Math.floor(chance * Math.min(mostMs, 2000 * 2 ** Math.min(failures, 20)))
}

/** The same step again, after a while that the outcome tells. */
export function postpone(
  work: WorkState,
  outcome: Outcome & { readonly kind: string },
  chance: number,
  step: WorkStep,
): Decision {
  const failures = work.failures + 1
  const code = outcome.vendor.code ?? (outcome.vendor.httpStatus === null ? null : `HTTP ${outcome.vendor.httpStatus}`)
  const said = code === null ? '' : ` (${code})`
  // each look for a proof takes a query from a small budget: later on they are up to an hour apart
  const guess = backOffMs(work.failures, chance, isAccepted(work) ? 3_600_000 : 300_000)
  if (outcome.kind === 'throttled') {
    const delayMs = Math.max(outcome.retryAfterMs ?? 0, guess)
    const blocked = { by: outcome.quota ? 'quota' : 'rate', detail: `The vendor asks for less${said}.` } as const
    return { ...later(work, step, delayMs, blocked), failures }
  }
  if (outcome.kind === 'auth') {
    const skew = skewSentence(outcome.clockAheadMs ?? 0, "the vendor's")
    const and = skew === null ? '' : `, and ${skew}`
    const blocked = { by: 'credential', detail: `The vendor does not take the credential${said}${and}.` } as const
    return { ...later(work, step, credentialRetryMs, blocked), failures }
  }
  const reason = outcome.kind === 'unknown' || outcome.kind === 'refused' ? outcome.reason : outcome.kind
  return { ...later(work, step, guess, { by: 'vendor', detail: `No usable answer${said}: ${reason}.` }), failures }
}
