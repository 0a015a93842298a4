import * as z from 'zod/mini'
import { count, day, effects, handle, operation, text, time } from './members.ts'
import { notices } from './recalls.ts'

const status = z.object({
  app: text,
  provider: text,
  ...handle,
  status: z.nullable(text),
  scheduled: z.boolean(),
  asOf: time,
  stale: z.nullable(text),
  notices,
  vendor: z.nullable(z.object({ code: z.nullable(text), message: z.nullable(text), requestId: z.nullable(text) })),
})

const channel = z.object({
  channel: text,
  effect: z.enum(['removed', 'replaced', 'stopped', 'none']),
  note: z.optional(text),
  notices,
  since: z.optional(day),
  until: z.optional(day),
  source: text,
  asOf: day,
})

const appCapabilities = z.object({
  app: text,
  provider: z.nullable(text),
  problem: z.nullable(text),
  notices,
  addressing: z.optional(z.enum(['task', 'tokens'])),
  batchSize: z.optional(count),
  operations: z.optional(
    z.array(
      z.object({
        operation,
        supported: z.boolean(),
        refusal: z.nullable(text),
        effects,
        warnings: z.array(text),
        notices,
        confirmedBy: z.optional(z.array(text)),
        channels: z.array(channel),
      }),
    ),
  ),
  limits: z.optional(
    z.array(
      z.object({
        name: text,
        value: z.number(),
        unit: text,
        inferred: z.boolean(),
        source: text,
        asOf: day,
        notices,
      }),
    ),
  ),
})

const capabilities = z.object({ items: z.array(appCapabilities) })

const auditRecord = z.object({
  seq: count,
  at: time,
  actor: text,
  person: z.nullable(text),
  action: text,
  object: text,
  detail: z.record(z.string(), z.unknown()),
  hash: text,
})

const auditList = z.object({ items: z.array(auditRecord), nextCursor: z.nullable(text) })

const auditHead = z.object({
  seq: count,
  hash: text,
  unsealed: count,
  digest: z.nullable(z.object({ seq: count, hash: text, at: time, key: text, signature: text })),
  hashed: z.array(text),
})

/** By their names in the document. */
export const readingAnswers = {
  Status: status,
  AppCapabilities: appCapabilities,
  Capabilities: capabilities,
  AuditRecord: auditRecord,
  AuditList: auditList,
  AuditHead: auditHead,
}
