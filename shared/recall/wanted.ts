/** What is asked, and of whom: a request has it, and so have a verdict and the end of a message. */
import type { Caller } from '../access/grant.ts'
import type { AskedOperation } from '../asked-operation.ts'
import type { Cause } from '../ledger/new-recall.ts'
import type { Runtime } from '../runtime.ts'
import type { Overlay } from './plan.ts'
import type { NamedSubject } from './subject.ts'

/** What is asked, whoever asks. */
export interface Wanted {
  readonly operation: AskedOperation
  readonly overlay: Overlay | null
  readonly fallback: boolean
  readonly again: boolean
  readonly supersede: boolean
  /**
   * Nobody asks: the time of the message is over. It goes behind whatever somebody asked for, and what took a push back
   * before, or is about to, is enough.
   */
  readonly atItsEnd?: boolean
  /** A person asks, and reads why nothing can be done: messages that he may see are named there. */
  readonly byPerson?: boolean
  /** What stands in the way of one handle refuses all of it; without, that handle fails and the others go on. */
  readonly allOrNothing?: boolean
  /** The line of an endpoint, in place of the policy's; null: it has none. */
  readonly line?: number | null
  /** What is registered under its content or message until it gives up is taken in: neither need be known yet. */
  readonly hold?: boolean
  /** It begins at once, whatever line it is over, and is reviewed afterwards. */
  readonly breakGlass?: boolean
  /** While it waits for others, a stop goes ahead of it. */
  readonly meanwhile?: boolean
  /** The digest of the plan that was shown: another plan is refused. */
  readonly expect?: string
  readonly named: NamedSubject
}

/** What admitting takes: a request has it, and so has a verdict. */
export type Admission = Runtime & {
  readonly caller: Caller
  /** `https://…` of the request that it comes of. */
  readonly origin?: string | null
  /** Who made it start, where that is somebody else than the caller. */
  readonly causes?: readonly Cause[]
}
