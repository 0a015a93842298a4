/** What a vendor answered, in our words. */
import type { Notice } from '../sentences.ts'
import type { VendorRecord } from './request.ts'

/** The vendor's own words, kept for the record. Push tokens inside are replaced by `sha256[0:12]`. */
export interface VendorReply {
  readonly code: string | null
  readonly message: string | null
  readonly requestId: string | null
  /** Null when no response arrived. */
  readonly httpStatus: number | null
}

export interface Rejection {
  /** The vendor's reason (`tokenFormatError`), or its code where it gives none. */
  readonly reason: string
  readonly count: number
}

/**
 * What the vendor answered, in our words.
 *
 * accepted: took it on (not: gone from the screen) · partial: some devices; `count` = accepted + rejected + unknown ·
 * already_done: it says this was done before · too_late, not_found: nothing left, nothing known under this handle ·
 * unsupported: cannot be done this way, a weaker operation may work · throttled: later, nothing is wrong ·
 * auth: it does not take the credential · refused: will never work as asked · unknown: no telling (timeout, reset, 5xx,
 * garbled)
 *
 * Of a request for one token, `partial` says that the token was rejected; `refused` and `unsupported` would be said of every
 * token.
 */
export type Outcome = { readonly vendor: VendorReply } & (
  | { readonly kind: 'accepted' | 'already_done' | 'too_late' | 'not_found' }
  /** `clockAheadMs`: so far our clock was ahead of the vendor's (negative: behind). Nobody but the caller compares them. */
  | { readonly kind: 'auth'; readonly clockAheadMs?: number; readonly advice?: string }
  /** `because`: the reason in words, where the vendor's code stands for one. */
  | { readonly kind: 'unsupported'; readonly because?: Notice }
  | { readonly kind: 'partial'; readonly rejected: readonly Rejection[]; readonly unknown: number }
  | { readonly kind: 'unknown'; readonly reason: string }
  /**
   * `look`: which no it is (done before, too late, never), only the vendor's record tells. `apart`: a batch of tokens is refused
   * for some of them and nothing was done; they are asked for apart. `advice`, here and above: what somebody must mend,
   * in a sentence of the provider's.
   */
  | {
      readonly kind: 'refused'
      readonly reason: string
      readonly look?: boolean
      readonly apart?: boolean
      readonly advice?: string
    }
  /**
   * `quota`: used up for long (an hour, a day), not just too fast. Null: the vendor did not say when. `of`: for whom; absent:
   * whoever shares the budget.
   */
  | {
      readonly kind: 'throttled'
      readonly retryAfterMs: number | null
      readonly quota: boolean
      readonly of?: 'token'
    }
)

export type OutcomeKind = Outcome['kind']

/** Reading is an outcome too (it can be throttled or unknown); `record` is there when it is `accepted`. */
export interface StatusReading {
  readonly outcome: Outcome
  readonly record: VendorRecord | null
}

/** A push as the vendor lists it. Texts are whatever its sender wrote. */
export interface ListedPush {
  /** By the handle that the vendor makes. */
  readonly handle: string
  readonly title: string | null
  readonly body: string | null
  /** Null: the vendor does not say, or not readably. */
  readonly sentAt: Date | null
  readonly audience: string | null
  readonly record: VendorRecord
}

export interface Listing {
  readonly outcome: Outcome
  readonly pushes: readonly ListedPush[]
  /** Where the list goes on, in the provider's own words; null: this was the last page. */
  readonly next: string | null
}

/** Devices of a push by one way to the phone, as its vendor counts them; null: it does not. */
export interface ChannelFigures {
  readonly channel: string
  /** Meant to be reached. */
  readonly planned: number | null
  readonly sent: number | null
  readonly arrived: number | null
  readonly clicked: number | null
  /** Wiped away unread. */
  readonly cleared: number | null
}

export interface Figures {
  /** All that the push went to, and no fewer; null: that cannot be told. */
  readonly devices: number | null
  readonly channels: readonly ChannelFigures[]
}

/** `figures` is there when the outcome is `accepted`. */
export interface FiguresReading {
  readonly outcome: Outcome
  readonly figures: Figures | null
}
