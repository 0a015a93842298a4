import * as z from 'zod/mini'
import { count, text } from './members.ts'
import { notices } from './recalls.ts'
import { approval, dryRun } from './recalls.ts'

const problem = z.object({
  type: text,
  title: text,
  status: z.int(),
  detail: text,
  requestId: z.optional(text),
  errors: z.optional(z.array(z.object({ path: text, message: text }))),
  bound: z.optional(text),
  limit: z.optional(count),
  recall: z.optional(text),
  message: z.optional(text),
  messages: z.optional(z.array(text)),
  links: z.optional(z.object({ recall: text })),
  approval: z.optional(z.nullable(approval)),
  plan: z.optional(dryRun),
  targets: z.optional(
    z.array(z.object({ app: text, handle: text, reason: z.nullable(text), notices: z.optional(notices) })),
  ),
})

const check = z.object({ ok: z.boolean(), detail: z.nullable(text), notices })
const alive = z.object({ status: z.literal('ok') })

const health = z.object({
  status: z.enum(['ready', 'not-ready']),
  checks: z.object({
    ledger: check,
    secrets: check,
    sweep: z.object({ ok: z.boolean(), detail: z.nullable(text), notices, secondsSinceLast: z.nullable(count) }),
    audit: z.optional(check),
    keys: z.optional(check),
    policy: z.optional(check),
    signIn: z.optional(check),
    endpoints: z.optional(check),
  }),
})

const publicConfig = z.object({
  oidc: z.nullable(z.object({ issuer: text, clientId: text, audience: text, scope: text })),
  apiBases: z.record(z.string(), z.string()),
  environment: text,
  version: text,
  local: z.boolean(),
})

/** By their names in the document. */
export const healthAnswers = {
  Problem: problem,
  Alive: alive,
  Health: health,
  PublicConfig: publicConfig,
}
