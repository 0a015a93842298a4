/**
 * What the command line reads of the API's answers. A service may be a version older or newer than this: members that came
 * later may be absent, those that are not read here are left aside.
 */
export interface Devices {
  readonly total: number
  readonly accepted: number
  readonly rejected: number
  readonly unknown: number
  readonly pending: number
}

export interface Reach {
  readonly devices: number
  readonly basis: string
}

export interface EffectOnChannel {
  readonly channel: string
  readonly effect: string
}

interface Handle {
  readonly app: string
  readonly provider: string | null
  /** Its name; a service of before says only the vendor's own members. */
  readonly handle?: string
}

export interface PlannedTarget extends Handle {
  readonly requested: string
  /** Null: nothing can be done there. */
  readonly operation: string | null
  readonly effects?: readonly EffectOnChannel[]
  readonly devices?: number | null
  readonly reach?: Reach | null
  readonly audience?: string | null
  readonly record?: { readonly audience?: string | null } | null
  readonly warnings?: readonly string[]
  /** The same by their codes. */
  readonly notices?: unknown
  readonly running?: { readonly id: string | null; readonly operation: string } | null
}

export interface Plan {
  readonly dryRun: true
  readonly approvalNeeded: boolean
  readonly approval?: { readonly needed: number; readonly above: number | null; readonly because: string } | null
  readonly outside?: number
  readonly devices: number | null
  readonly reach?: Reach
  readonly digest?: string
  readonly check?: string
  readonly meanwhile?: string | null
  readonly targets: readonly PlannedTarget[]
}

export interface Approval {
  readonly state?: string
  readonly needed: number
  readonly by: readonly { readonly person: string; readonly at: string }[]
  readonly expiresAt: string | null
  readonly reach?: Reach
  readonly digest: string
  readonly check?: string
  readonly above: number | null
  readonly because: string
  readonly mayDecide?: boolean
}

export interface RecallTarget extends Handle {
  readonly requested: string
  readonly operation: string
  readonly state: string
  readonly effects?: readonly EffectOnChannel[]
  readonly devices: Devices | null
  readonly rejected?: readonly { readonly reason: string; readonly count: number }[]
  readonly vendor?: {
    readonly code: string | null
    readonly message: string | null
    readonly requestId: string | null
    readonly status: string | null
  } | null
  readonly warnings?: readonly string[]
  /** The same by their codes. */
  readonly notices?: unknown
}

export interface Recall {
  readonly id: string
  readonly operation: string
  readonly state: string
  readonly reason: string | null
  readonly ticket: string | null
  readonly requestedBy: string
  readonly person: string | null
  readonly subject: {
    readonly message?: string
    readonly messages?: readonly string[]
    readonly content?: string
    readonly target?: Handle
    /** How many push tokens are left alone. */
    readonly exceptTokens?: number
    readonly title?: string | null
  }
  readonly overlay: { readonly title: string; readonly body: string; readonly url?: string | null } | null
  readonly approval: Approval | null
  readonly meanwhile?: { readonly operation: string; readonly recall: string | null } | null
  readonly aheadOf?: string | null
  readonly breakGlass?: boolean
  readonly reviewedBy?: string | null
  readonly outside?: number | null
  readonly createdAt: string
  readonly settledAt: string | null
  readonly giveUpAt: string
  readonly devices: Devices | null
  readonly reach?: Reach | null
  readonly etaSeconds: number | null
  readonly blocked: {
    readonly by: string
    readonly since: string
    readonly nextAttemptAt: string
    readonly detail: string | null
    readonly code?: string
    readonly params?: unknown
  } | null
  readonly targets: readonly RecallTarget[]
  readonly moreTargets?: number
  readonly deduplicated?: boolean
}

export interface Message {
  readonly id: string
  readonly title: string | null
  readonly contents: readonly string[]
  readonly createdAt: string
  readonly sentAt?: string | null
  readonly source?: string
  readonly reach?: Reach | null
  readonly recall: { readonly id: string; readonly state: string | null } | null
  readonly targets: readonly (Handle & {
    readonly audienceSize?: number | null
    readonly devices?: number | null
    readonly record?: { readonly status?: string | null } | null
  })[]
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

export interface RecallEvent {
  readonly at: string
  readonly kind: string
  /** Null: it goes on. */
  readonly until?: string | null
  readonly app?: string
  readonly person?: string | null
  readonly actor?: string
  readonly reason?: string
  readonly ticket?: string
  readonly state?: string
  readonly decision?: string
  readonly call?: string
  readonly outcome?: string
  readonly code?: string | null
  readonly calls?: number
  readonly devices?: number | { readonly accepted?: number } | null
  readonly requestIds?: readonly string[]
  readonly by?: string
  readonly detail?: string | null
  /** The same by its codes. */
  readonly notices?: unknown
  readonly audit?: { readonly seq: number; readonly hash: string } | null
}

export interface Me {
  readonly id: string
  readonly person: string | null
  readonly roles: readonly string[]
  readonly rights?: readonly string[]
  readonly apps: readonly { readonly id: string; readonly provider: string | null; readonly platform?: string | null }[]
  readonly allApps?: boolean
  readonly expiresAt: string | null
  readonly policy?: { readonly confirmAbove?: number | null } | null
}
