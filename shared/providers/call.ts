/** What a call needs from outside: credentials, a way to send, and what a login opened. */
import type { Send } from '../http.ts'
import type { Outcome } from './outcome.ts'

/** One vendor's credentials as the secret holds them, checked by the provider's `credentials` schema. */
export interface Credentials {
  readonly provider: string
}

/** What a login needs from outside. */
export interface LoginCall<C extends Credentials = Credentials> {
  readonly credentials: C
  readonly send: Send
  /** Milliseconds until the call is given up as `unknown`. */
  readonly timeoutMs: number
  /** Our clock, in epoch milliseconds: signatures and token lifetimes. */
  readonly now: () => number
}

/** Everything a call needs from outside. */
export interface Call<C extends Credentials = Credentials> extends LoginCall<C> {
  /** True on the one repeat after the vendor refused the credential: make new tokens, trust no cache. */
  readonly renew: boolean
  /**
   * A UUID in lower case, the same for every repeat of this operation on these devices and for nothing else: for vendors that
   * drop a repeat.
   */
  readonly key: string
  /** What `login` opened, for a provider that has one; null for all others. */
  readonly session: Session | null
}

/** What a login gives: an access token, or a token that was minted. */
export interface Session {
  /** As secret as the credential: mask it in whatever is kept. */
  readonly value: string
  /** Epoch milliseconds by our clock: from here on a new one is opened. */
  readonly freshUntilMs: number
}

/**
 * A login whose outcome several requests use until it is old: an access token, a sign-in call, a token whose makings the vendor
 * counts.
 */
export interface Login<C extends Credentials> {
  /** What names it, and holds no secret: `<vendor>:<the account>`. Apps with the same one share its session. */
  id(credentials: C): string
  /** The secret members that it is made of: what the session is sealed with. */
  secret(credentials: C): string
  /** No sooner after the last one is a new one opened, whatever the vendor says. */
  readonly leastIntervalMs: number
  /** One request at most. An outcome says why there is no session; it is never `accepted`. */
  open(call: LoginCall<C>): Promise<{ readonly session: Session } | { readonly outcome: Outcome }>
}
