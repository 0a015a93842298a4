/** What subscribers can hear of. The ledger writes them (schema.sql, verdicts.ts, audit.ts). */
export const eventTypes = [
  'recall.accepted',
  'recall.approval_required',
  'recall.approval_reminder',
  'recall.break_glass',
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
  readonly operation: 'stop' | 'revoke' | 'overlay'
  readonly state: string
  readonly reason: string
  readonly ticket: string | null
  readonly requestedBy: string
  readonly person: string | null
  readonly subject: {
    readonly message?: string
    readonly messages?: readonly string[]
    readonly content?: string
    readonly target?: { readonly app: string; readonly pushId?: string; readonly notifyId?: number }
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
    readonly reach: { readonly devices: number; readonly basis: string }
  } | null
  /** `decide`: where another person looks at it, and decides. */
  readonly links: { readonly self: string; readonly decide?: string }
  /** Of `recall.overturned`: the verdict that recalled, and the later one that says it was wrong. */
  readonly verdict?: { readonly id: string; readonly content: string; readonly overturnedBy: string }
}
