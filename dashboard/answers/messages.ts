import * as z from 'zod/mini'
import { notices, reach } from './recalls.ts'
import { channels, count, handle, record, self, state, superseded, text, time } from './members.ts'

const message = z.object({
  id: text,
  title: z.nullable(text),
  body: z.nullable(text),
  url: z.nullable(text),
  contents: z.array(text),
  expiresAt: z.nullable(time),
  registeredBy: text,
  createdAt: time,
  source: z.enum(['registered', 'discovered']),
  sentAt: z.nullable(time),
  recall: z.nullable(z.object({ id: text, state: z.nullable(state), links: self })),
  reach: z.nullable(reach),
  targets: z.array(
    z.object({
      app: text,
      provider: text,
      ...handle,
      reach: z.nullable(reach),
      audience: z.optional(z.nullable(text)),
      audienceSize: z.optional(z.nullable(count)),
      record: z.optional(z.nullable(record)),
      channels: z.optional(channels),
      devices: z.optional(z.nullable(count)),
      superseded: z.optional(superseded),
    }),
  ),
  outside: z.optional(count),
  warnings: z.optional(z.array(text)),
  notices: z.optional(notices),
})

const messageList = z.object({ items: z.array(message), nextCursor: z.nullable(text) })

const received = z.object({ received: count, recall: z.optional(z.object({ id: text, links: self })) })

const held = z.object({
  held: z.boolean(),
  holds: z.array(z.object({ recall: z.nullable(text), verdict: z.optional(text) })),
})

/** By their names in the document. */
export const messageAnswers = {
  VendorRecord: record,
  Message: message,
  MessageList: messageList,
  Received: received,
  Held: held,
}
