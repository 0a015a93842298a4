/** What the API answers, as its own document describes it: a member that changes there does not compile here. */
import type * as z from 'zod/mini'
import type { appHealthAnswers } from '../answers/app-health.ts'
import type { deliveryAnswers } from '../answers/deliveries.ts'
import type { messageAnswers } from '../answers/messages.ts'
import type { metricAnswers } from '../answers/metrics.ts'
import type { moderationAnswers } from '../answers/moderation.ts'
import type { readingAnswers } from '../answers/reading.ts'
import type { recallAnswers } from '../answers/recalls.ts'
import type { meAnswers } from '../answers/me.ts'
import type { PublicConfig } from '../../shared/public-config.ts'
import type { Reach } from './numbers.ts'
import type { AskedOperation } from '../../shared/asked-operation.ts'
import type { Operation } from '../../shared/operation.ts'
import type { Role, Right } from '../../shared/functions.ts'

export type { AskedOperation, Operation, PublicConfig, Role, Right }
/** While and after it was needed. */
export interface Approval {
  readonly state?: 'waiting' | 'approved' | 'declined' | 'expired' | 'cancelled' | 'broken'
  readonly needed: number
  readonly by: readonly { readonly person: string; readonly at: string }[]
  readonly expiresAt: string | null
  readonly reach?: Reach
  readonly digest: string
  readonly check: string
  readonly above: number | null
  readonly because: 'reach' | 'hour' | 'nobody' | 'growth'
  readonly mayDecide: boolean
}
/** What an API that is older by a version does not say is optional here. */
export type Recall = Omit<
  z.infer<typeof recallAnswers.Recall>,
  'approval' | 'breakGlass' | 'reviewedBy' | 'reviewedAt' | 'meanwhile'
> & {
  readonly approval: Approval | null
  readonly breakGlass?: boolean
  readonly reviewedBy?: string | null
  readonly reviewedAt?: string | null
  readonly reach?: Reach
  readonly verdict?: unknown
  readonly origin?: string
  readonly fallback?: boolean
  readonly meanwhile?: { readonly operation: string; readonly recall: string | null } | null
}
export type RecallTarget = Recall['targets'][number]
export type Devices = z.infer<typeof recallAnswers.Devices>
export type DryRun = Omit<
  z.infer<typeof recallAnswers.DryRun>,
  'approval' | 'reach' | 'digest' | 'check' | 'meanwhile'
> & {
  readonly meanwhile?: 'stop' | null
  readonly approval?: Pick<Approval, 'needed' | 'above' | 'because'> | null
  readonly reach?: Reach
  readonly digest?: string
  readonly check?: string
}
export type RecallEvent = z.infer<typeof recallAnswers.RecallEvent>
export type Message = z.infer<typeof messageAnswers.Message>
export type MessageTarget = Message['targets'][number]
export type AppCapabilities = z.infer<typeof readingAnswers.AppCapabilities>
export type AuditHead = z.infer<typeof readingAnswers.AuditHead>
export type Delivery = z.infer<typeof deliveryAnswers.Delivery>
export type Verdict = z.infer<typeof moderationAnswers.Verdict>
export type AppHealth = z.infer<typeof appHealthAnswers.AppHealth>
export type HealthOfApps = z.infer<typeof appHealthAnswers.HealthOfApps>
export type Metrics = z.infer<typeof metricAnswers.Metrics>

/** An API of before says no version. */
export type Summary = Omit<z.infer<typeof meAnswers.Summary>, 'version'> & { readonly version?: string }
export type Subscriber = z.infer<typeof deliveryAnswers.Subscriber>

export interface List<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}
