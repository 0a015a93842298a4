/** What subscribers can hear of. The ledger writes them (schema.sql, verdicts.ts, audit.ts). */
import type { AskedOperation } from '../asked-operation.ts'

export const eventTypes = [
  'recall.accepted',
  'recall.approval_required',
  'recall.approval_reminder',
  'recall.break_glass',
  'recall.blocked',
  'recall.completed',
  'recall.partially_failed',
  'recall.failed',
  'recall.expired',
  'recall.cancelled',
  'recall.declined',
  'recall.overturned',
  'audit.lagging',
  'app.unhealthy',
] as const

export type EventType = (typeof eventTypes)[number]

/** The data of `audit.lagging`: it is about the deployment, and no recall's. */
export interface LagData {
  /** For how long the oldest entry had waited to be sealed. */
  readonly seconds: number
  readonly oldestAt: string
  readonly links: { readonly self: string }
}

/** The data of `app.unhealthy`: the vendor does not take the app's credential. */
export interface UnhealthyData {
  readonly app: string
  readonly code: string | null
  readonly detail: string | null
  readonly since: string
  readonly links: { readonly self: string }
}

/** The data of every other event, as `tell` in the ledger makes it: a recall at the time of the event. */
export interface EventData {
  readonly id: string
  readonly operation: AskedOperation
  readonly state: string
  readonly reason: string
  readonly ticket: string | null
  readonly requestedBy: string
  readonly person: string | null
  readonly subject: {
    readonly message?: string
    readonly messages?: readonly string[]
    readonly content?: string
    readonly target?: {
      readonly app: string
      readonly handle?: string
      readonly [member: string]: string | number | undefined
    }
  }
  readonly apps: readonly string[]
  readonly createdAt: string
  readonly settledAt: string | null
  /** Null where no vendor tells a count. */
  readonly devices: {
    readonly total: number
    readonly accepted: number
    readonly rejected: number
    readonly unknown: number
    readonly pending: number
  } | null
  /** What waits, or waited, for other persons; null: nothing. */
  readonly approval: {
    readonly needed: number
    readonly because: string
    readonly expiresAt: string | null
    /** Null: other apps, of which this subscriber does not hear, are counted in it. */
    readonly reach: { readonly devices: number; readonly basis: string } | null
  } | null
  /** Of `recall.blocked`: what is in the way, and since when. */
  readonly blocked?: { readonly by: string; readonly since: string; readonly detail: string | null } | null
  /**
   * `page`: where people look at it; `decide`: the same while another person is to decide. `origin`, where a request said one, is
   * for these two and not told.
   */
  readonly links: {
    readonly self: string
    readonly page?: string
    readonly decide?: string
    readonly origin?: string | null
  }
  /** Of `recall.overturned`: the verdict that recalled, and the later one that says it was wrong. */
  readonly verdict?: { readonly id: string; readonly content: string; readonly overturnedBy: string }
}
