import * as z from 'zod/mini'
import {
  channels,
  askedOperation,
  count,
  effects,
  handle,
  operation,
  record,
  self,
  state,
  superseded,
  text,
  time,
} from './members.ts'

const devices = z.object({ total: count, accepted: count, rejected: count, unknown: count, pending: count })

const noticeParams = z.record(text, z.union([text, z.number(), z.boolean(), z.null()]))
export const notices = z.array(z.object({ code: text, params: noticeParams }))

export const reach = z.object({ devices: count, basis: z.enum(['exact', 'vendor', 'stated', 'assumed']) })
const because = z.enum(['reach', 'hour', 'nobody', 'growth'])

export const approval = z.object({
  state: z.enum(['waiting', 'approved', 'declined', 'expired', 'cancelled', 'broken']),
  needed: count,
  by: z.array(z.object({ person: text, at: time })),
  expiresAt: z.nullable(time),
  reach,
  digest: text,
  check: text,
  above: z.nullable(count),
  because,
  mayDecide: z.boolean(),
})

const recallTarget = z.object({
  app: text,
  provider: text,
  ...handle,
  message: z.nullable(text),
  requested: operation,
  operation,
  state,
  effects,
  devices: z.nullable(devices),
  rejected: z.array(z.object({ reason: text, count })),
  channels: z.optional(channels),
  vendor: z.nullable(
    z.object({
      code: z.nullable(text),
      message: z.nullable(text),
      requestId: z.nullable(text),
      status: z.nullable(text),
    }),
  ),
  warnings: z.array(text),
  notices,
  recall: z.optional(text),
  superseded: z.optional(superseded),
})

const overlay = z.object({
  title: text,
  body: text,
  url: z.nullable(text),
  forceCollapse: z.boolean(),
  options: z.record(text, z.record(text, z.unknown())),
})

/** How many: no answer holds a push token. */
const excepted = { exceptTokens: z.optional(count) }

const recall = z.object({
  id: text,
  operation: askedOperation,
  state,
  reason: text,
  ticket: z.nullable(text),
  requestedBy: text,
  person: z.nullable(text),
  origin: z.enum(['request', 'verdict', 'expiry']),
  verdict: z.nullable(text),
  subject: z.union([
    z.object({ message: text, title: z.nullable(text), ...excepted }),
    z.object({ messages: z.array(text), title: z.nullable(text), ...excepted }),
    z.object({ content: text, title: z.nullable(text), ...excepted }),
    z.object({ target: z.object({ app: text, ...handle }), title: z.nullable(text) }),
  ]),
  overlay: z.nullable(overlay),
  fallback: z.boolean(),
  approval: z.nullable(approval),
  breakGlass: z.boolean(),
  reviewedBy: z.nullable(text),
  reviewedAt: z.nullable(time),
  meanwhile: z.nullable(z.object({ operation, recall: z.nullable(text) })),
  aheadOf: z.nullable(text),
  outside: count,
  causedBy: z.array(
    z.object({
      actor: text,
      person: z.nullable(text),
      by: z.enum(['content', 'target', 'tokens', 'expiry', 'verdict']),
      at: time,
      verdict: z.optional(text),
    }),
  ),
  createdAt: time,
  settledAt: z.nullable(time),
  giveUpAt: time,
  holdsUntil: z.nullable(time),
  devices: z.nullable(devices),
  reach: z.nullable(reach),
  etaSeconds: z.nullable(count),
  blocked: z.nullable(
    z.object({
      by: z.enum(['credential', 'rate', 'quota', 'vendor', 'approval']),
      since: time,
      nextAttemptAt: time,
      code: text,
      params: noticeParams,
      detail: text,
    }),
  ),
  targets: z.array(recallTarget),
  moreTargets: count,
  deduplicated: z.boolean(),
  links: self,
})

const plan = {
  dryRun: z.literal(true),
  approvalNeeded: z.boolean(),
  approval: z.nullable(z.object({ needed: count, above: count, because })),
  outside: count,
  devices: z.nullable(count),
  reach,
  meanwhile: z.nullable(z.literal('stop')),
  targets: z.array(
    z.object({
      app: text,
      provider: z.nullable(text),
      ...handle,
      requested: operation,
      operation: z.nullable(operation),
      ladder: z.array(operation),
      effects,
      devices: z.nullable(count),
      reach,
      assumedDevices: z.nullable(count),
      message: z.nullable(text),
      record: z.nullable(record),
      warnings: z.array(text),
      notices,
      superseded: z.optional(superseded),
      running: z.nullable(z.object({ id: z.nullable(text), operation: askedOperation })),
    }),
  ),
}
const bound = { digest: text, check: text }
export const dryRun = z.object({ ...plan, ...bound })

const messagePlan = z.object({
  message: text,
  plans: z.object({
    stop: dryRun,
    revoke: dryRun,
    overlay: z.object({
      ...plan,
      digest: z.null(),
      check: z.null(),
      needs: z.array(z.object({ path: text, message: text })),
    }),
  }),
})

/** One kind has some of the members, another has others. */
const recallEvent = z.object({
  at: time,
  kind: text,
  until: z.optional(z.nullable(time)),
  actor: z.optional(text),
  person: z.optional(z.nullable(text)),
  decision: z.optional(text),
  operation: z.optional(askedOperation),
  reason: z.optional(text),
  ticket: z.optional(text),
  state: z.optional(state),
  devices: z.optional(z.object({ accepted: count, rejected: count, unknown: count })),
  requests: z.optional(count),
  digest: z.optional(text),
  because: z.optional(text),
  audit: z.optional(z.nullable(z.object({ seq: count, hash: text }))),
  app: z.optional(text),
  ...handle,
  call: z.optional(z.enum(['status', 'stop', 'revoke', 'overlay'])),
  outcome: z.optional(z.nullable(text)),
  code: z.optional(z.nullable(text)),
  message: z.optional(z.nullable(text)),
  calls: z.optional(count),
  requestIds: z.optional(z.array(text)),
  by: z.optional(z.enum(['credential', 'rate', 'quota', 'vendor', 'approval'])),
  detail: z.optional(z.nullable(text)),
  notices: z.optional(notices),
})
const recallEvents = z.object({ items: z.array(recallEvent) })

const recallList = z.object({ items: z.array(recall), nextCursor: z.nullable(text) })

/** By their names in the document. */
export const recallAnswers = {
  Devices: devices,
  RecallTarget: recallTarget,
  Overlay: overlay,
  Reach: reach,
  Approval: approval,
  Recall: recall,
  DryRun: dryRun,
  MessagePlan: messagePlan,
  RecallList: recallList,
  RecallEvent: recallEvent,
  RecallEvents: recallEvents,
}
