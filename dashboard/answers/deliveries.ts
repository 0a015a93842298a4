import * as z from 'zod/mini'
import { deliveryStates } from '../../shared/api-schemas.ts'
import { eventTypes } from '../../shared/webhooks/events.ts'
import { notices } from './recalls.ts'
import { count, text, time } from './members.ts'

const attempt = z.object({
  startedAt: time,
  finishedAt: z.nullable(time),
  status: z.nullable(z.int()),
  detail: z.nullable(text),
  notices,
})

const delivery = z.object({
  id: text,
  subscriber: text,
  type: z.enum(eventTypes),
  recall: z.nullable(text),
  state: z.enum(deliveryStates),
  createdAt: time,
  settledAt: z.nullable(time),
  nextAttemptAt: z.nullable(time),
  attempts: z.array(attempt),
})

const deliveryList = z.object({ items: z.array(delivery), nextCursor: z.nullable(text) })

const subscriber = z.object({
  id: text,
  events: z.array(z.enum(eventTypes)),
  apps: z.nullable(z.array(text)),
  disabledAt: z.nullable(time),
  heldUntil: z.nullable(time),
  pending: count,
  held: count,
})

const subscriberList = z.object({ items: z.array(subscriber), nextCursor: z.null() })

/** By their names in the document. */
export const deliveryAnswers = {
  Delivery: delivery,
  DeliveryAttempt: attempt,
  DeliveryList: deliveryList,
  Subscriber: subscriber,
  SubscriberList: subscriberList,
}
