/** A provider as the contract suite sees it. */
import { expect } from 'vitest'
import type { Operation } from '../../shared/operation.ts'
import type {
  Call,
  Credentials,
  Outcome,
  OutcomeKind,
  OverlayContent,
  Provider,
  VendorRecord,
  VendorRequest,
} from '../../shared/providers/provider.ts'

export type Step = Operation | 'status'

/** A reply the vendor's documents show, and what it is to us. */
export interface RecordedReply {
  readonly name: string
  readonly steps: readonly Step[]
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly text: string
  readonly kind: OutcomeKind
  readonly code: string | null
}

export interface Subject<C extends Credentials> {
  readonly provider: Provider<C>
  /** The secret's document. */
  readonly document: { readonly [member: string]: unknown }
  readonly request: VendorRequest
  readonly content: OverlayContent
  readonly replies: readonly RecordedReply[]
  readonly codes: readonly string[]
  /** The member of a reply that carries the code, and the one that carries words. */
  readonly codeMember: string
  readonly messageMember: string
  /** Never in an outcome. */
  readonly hidden: readonly string[]
  /** True where the request is signed, now, over the very bytes of its body. */
  isSigned(headers: { readonly [name: string]: unknown }, body: string): Promise<boolean>
}

export interface Context<C extends Credentials> {
  readonly subject: Subject<C>
  readonly credentials: C
  /** What the provider offers. */
  readonly steps: readonly Step[]
}

export function openCredentials<C extends Credentials>(
  provider: Provider<C>,
  document: { readonly [member: string]: unknown },
): C {
  return provider.credentials.parse(document)
}

/** One call of a step the provider offers. */
export async function perform<C extends Credentials>(
  provider: Provider<C>,
  step: Step,
  request: VendorRequest,
  content: OverlayContent,
  call: Call<C>,
): Promise<{ outcome: Outcome; record: VendorRecord | null }> {
  if (step === 'status') {
    const reading = await provider.status?.(request, call)
    if (reading !== undefined) return reading
  } else {
    const outcome =
      step === 'overlay' ? await provider.overlay?.(request, content, call) : await provider[step]?.(request, call)
    if (outcome !== undefined) return { outcome, record: null }
  }
  throw new Error(`${provider.name} offers no ${step}`)
}

/** A call with nothing kept from before. */
export function callOf<C extends Credentials>(
  credentials: C,
  send: Call<C>['send'],
  given: Partial<Call<C>> = {},
): Call<C> {
  const key = '2b1d0c5e-8f2c-4a1b-9e3d-7c6b5a4f3e2d'
  return { credentials, send, timeoutMs: 1000, renew: false, now: Date.now, key, session: null, ...given }
}

/** Counts in, counts out. */
export function expectWholeCounts(outcome: Outcome, total: number): void {
  if (outcome.kind !== 'partial') return
  const rejected = outcome.rejected.reduce((sum, { count }) => sum + count, 0)
  for (const { reason, count } of outcome.rejected) {
    expect(reason).not.toBe('')
    expect(Number.isSafeInteger(count) && count > 0).toBe(true)
  }
  expect(new Set(outcome.rejected.map(({ reason }) => reason)).size).toBe(outcome.rejected.length)
  expect(outcome.unknown).toBeGreaterThanOrEqual(0)
  expect(rejected + outcome.unknown).toBeLessThanOrEqual(total)
}

/** The credential itself, and nothing that must stay hidden. */
export function expectClean(value: unknown, hidden: readonly string[]): void {
  const text = JSON.stringify(value)
  expect(hidden.filter(secret => text.includes(secret))).toEqual([])
}
