/** What a vendor can do, as dated data with its sources. */
import type { Operation } from '../operation.ts'

/** What people see if the vendor keeps its word. `none`: this channel shows no change. */
export type Effect = 'removed' | 'replaced' | 'stopped' | 'none'

export interface ChannelEffect {
  /** The vendor's word for a way to the phone: `xiaomi`, `oppo`, `harmony`, … */
  readonly channel: string
  readonly effect: Effect
}

/** One row of dated vendor data. Dates are YYYY-MM-DD, sources are the vendor's page. */
export interface ChannelCapability extends ChannelEffect {
  readonly note?: string
  /** First and last day it held; absent: not known, still so. */
  readonly since?: string
  readonly until?: string
  readonly source: string
  /** The day the source was last changed or read. */
  readonly asOf: string
}

/**
 * How an operation names devices. task: one request ends the whole push · audience: one request, to those it went to · tokens:
 * at most so many devices a request · token: one device a request; requests for so many make a unit of work.
 */
export type Addressing =
  | { readonly by: 'task' | 'audience' }
  | { readonly by: 'tokens'; readonly most: number }
  | { readonly by: 'token'; readonly together: number }

export interface OperationCapability {
  /** Where there are two, one is `audience`: it is for targets that state one, the other for all others. */
  readonly addressing: readonly [Addressing, ...Addressing[]]
  /** Handles of which a target must have one. Absent: any will do. */
  readonly needs?: readonly string[]
  /** Statuses of the vendor's record that prove the operation; empty: the vendor offers no proof. */
  readonly confirmedBy: readonly string[]
  /** Statuses of the record after which it is too late for the operation. */
  readonly overBy?: readonly string[]
  /**
   * The vendor keeps a record only of pushes that wait for their time, so that it proves nothing of any other: there its yes is
   * all there is.
   */
  readonly provesScheduled?: true
  /** The vendor's record must be read before the call can be made. */
  readonly needsRecord: boolean
  /**
   * False where doing it twice may be seen (overlay sends): after an `unknown`, ask the status first. True also where the vendor
   * drops a repeat with the same `key`.
   */
  readonly repeatable: boolean
  /** Of a stop: what the vendor still lets follow it, for the same push. */
  readonly followedBy?: readonly Operation[]
  readonly channels: readonly ChannelCapability[]
}

export interface Limit {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** True where no vendor page states it: a pace is kept, and nothing is refused for it. */
  readonly inferred: boolean
  readonly source: string
  readonly asOf: string
}

export interface CapabilityTable {
  readonly operations: { readonly [O in Operation]?: OperationCapability }
  readonly limits: readonly Limit[]
  /** Identical content to everybody is refused when repeated within this span. Null: no such rule. */
  readonly identicalOverlayWindowMs: number | null
}
