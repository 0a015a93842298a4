/** A provider as the contract suite sees it. */
import { expect } from 'vitest'
import type { Sending } from '../../shared/http.ts'
import type { Operation } from '../../shared/operation.ts'
import type {
  Call,
  Credentials,
  Outcome,
  OutcomeKind,
  OverlayContent,
  Provider,
  Session,
  VendorRecord,
  VendorRequest,
} from '../../shared/providers/provider.ts'
import type { Arrived } from './vendor-server.ts'

export type Step = Operation | 'status'
/** What a vendor can be asked beside that: whether the credential is good, for a login, for a list. */
export type Question = Step | 'check' | 'login' | 'list'

export interface Reply {
  readonly text: string
  /** 200 where none is given. */
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
}

/** A reply the vendor's documents show, and what it is to us. */
export interface RecordedReply extends Reply {
  readonly name: string
  readonly steps: readonly Step[]
  readonly kind: OutcomeKind
  readonly code: string | null
}

/** What the vendor says when it has done what it was asked. Hostile replies are made from it. */
export interface Yes extends Reply {
  /** JSON pointers of the members without which, or with another value in which, it is no yes. None: it has no body. */
  readonly needs: readonly string[]
}

export interface Subject<C extends Credentials = Credentials> {
  readonly provider: Provider<C>
  /** The secret's document. */
  readonly document: { readonly [member: string]: unknown }
  /** What each step is asked about; `any` stands for those that are not named. */
  readonly requests: { readonly any: VendorRequest } & { readonly [S in Step]?: VendorRequest }
  readonly content: OverlayContent
  /** Of a vendor that speaks HTTP/2. */
  readonly protocol?: 'http/2'
  /** What its login opens; left out where it has none. */
  readonly session?: Session
  /** Its login is a token of our own making, for which nobody is asked. */
  readonly makesLoginItself?: boolean
  readonly replies: readonly RecordedReply[]
  /** One at least for every question that the provider can be asked. */
  readonly yes: { readonly [Q in Question]?: readonly [Yes, ...Yes[]] }
  /** The vendor's codes, digits or words, as `outcome.vendor.code` has them. */
  readonly codes: readonly string[]
  /** A reply that carries this code and these words, in the vendor's own form. */
  says(code: unknown, words: unknown): Reply
  /** HTTP statuses that, without a body, mean something else than 401 auth, 429 throttled, 5xx unknown, 4xx refused. */
  readonly statuses?: { readonly [status: number]: readonly OutcomeKind[] }
  /** The code decides whatever the HTTP status says: the vendor's documents have it so. */
  readonly codeDecides?: boolean
  /** Never in an outcome. */
  readonly hidden: readonly string[]
  /** What in a request proves who asks, wherever it stands: signatures, tokens. Never in an outcome either. */
  proofsOf(sending: Sending): readonly string[]
  /** True where the request is signed, now, over the very bytes of its body. */
  isSigned(request: Arrived): Promise<boolean>
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

export function requestOf<C extends Credentials>({ requests }: Subject<C>, step: Step): VendorRequest {
  return requests[step] ?? requests.any
}

/** Devices that a request names. */
export function devicesOf({ named }: VendorRequest): number {
  return named.by === 'tokens' ? named.count : named.by === 'token' ? 1 : 0
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

/** True where the outcome says that something was done: also for a part of the devices. */
export function isYes(outcome: Outcome, devices: number): boolean {
  if (outcome.kind === 'accepted' || outcome.kind === 'already_done') return true
  if (outcome.kind !== 'partial') return false
  return outcome.rejected.reduce((sum, { count }) => sum + count, 0) + outcome.unknown < devices
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
