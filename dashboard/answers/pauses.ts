import * as z from 'zod/mini'
import { text, time } from './members.ts'

const pause = z.object({
  id: text,
  key: z.optional(text),
  person: z.optional(text),
  app: z.optional(text),
  endpoint: z.optional(text),
  reason: text,
  pausedBy: text,
  pausedByPerson: z.nullable(text),
  createdAt: time,
})

const pauseList = z.object({ items: z.array(pause), nextCursor: z.null() })

/** By their names in the document. */
export const pauseAnswers = { Pause: pause, PauseList: pauseList }
