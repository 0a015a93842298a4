/**
 * Deliveries that are due, those of each subscriber by themselves, so that a dead one keeps no other waiting. Runs overlap
 * harmlessly: each delivery is leased, and whoever lost its lease records nothing but its attempt.
 */
import {
  type ClaimedDelivery,
  claimDeliveries,
  dueSubscribers,
  nextDelivery,
  reapDeliveries,
} from '../ledger/claim-deliveries.ts'
import { type DeliverySettlement, settleDelivery } from '../ledger/settle-delivery.ts'
import { isOutage } from '../ledger/sql.ts'
import { mirrorSubscribers, releaseDeliveries } from '../ledger/subscribers.ts'
import type { TimerContext } from '../serve-timer.ts'
import { createGuardedPost } from './guarded-post.ts'
import { digestOf, readSubscribers, type ReadSubscribers, type Subscriber } from './subscribers.ts'
import { timeoutMs, type Trying, tryDelivery } from './try-delivery.ts'

export type DeliveryContext = Pick<TimerContext, 'ledger' | 'secrets' | 'log' | 'post' | 'invocation'>

/** Tries begin within this time, as in `sweep`; the last of them end a timeout later. */
const longestMs = 50_000
const marginMs = timeoutMs + 5000
const leaseMs = timeoutMs + 20_000
/** What the rest of a run brings about is told while it goes on. */
const lookEveryMs = 1000
/** The second try is due five seconds after the first, and a minute later with the next run. */
const patienceMs = 7000
/** To one subscriber. A group robot shows them in the order in which they came. */
const atOnce = { standard: 8, feishu: 1, dingtalk: 1, wecom: 1 } as const

/** Until nothing is due soon and `over` has resolved: no more is coming from this run. */
export async function deliver(context: DeliveryContext, over: Promise<void>): Promise<void> {
  const { ledger } = context
  const until = Date.now() + Math.min(longestMs, context.invocation.remainingMs() - marginMs)
  const trying: Trying = { post: context.post ?? createGuardedPost(), chance: Math.random, now: Date.now }
  const read = await mirror(context)
  await reapDeliveries(ledger)
  const busy = new Map<string, Promise<void>>()
  const ended = new Set<string>()
  let isOver = false
  void over.then(() => (isOver = true))
  while (Date.now() < until) {
    const last = isOver
    for (const id of await dueSubscribers(ledger)) {
      if (busy.has(id) || ended.has(id)) continue
      const delivering = deliverTo(context, id, read, until, trying)
        .then(goesOn => void (goesOn || ended.add(id)))
        .catch((error: unknown) => {
          ended.add(id)
          context.log.error('deliveries to a subscriber ended', { subscriber: id, error })
        })
        .finally(() => busy.delete(id))
      busy.set(id, delivering)
    }
    if (!last) await within(lookEveryMs, [over])
    else if (busy.size > 0) await within(lookEveryMs, busy.values())
    else {
      const waitMs = await nextDelivery(ledger, [...ended])
      if (waitMs === null || waitMs > patienceMs || Date.now() + waitMs > until) break
      await within(Math.max(waitMs, 20), [])
    }
  }
  await Promise.all(busy.values())
}

/** Makes the ledger know what the secrets manager knows. */
async function mirror({ ledger, secrets, log }: DeliveryContext): Promise<ReadSubscribers> {
  const read = await readSubscribers(secrets)
  for (const { id, error } of read.unreadable) log.warn('subscriber unreadable', { subscriber: id, error })
  const known = [...read.found].map(([id, subscriber]) => ({
    id,
    events: subscriber.events,
    apps: subscriber.apps ?? null,
    digest: digestOf(subscriber),
  }))
  const changed = await mirrorSubscribers(
    ledger,
    known,
    read.unreadable.map(({ id }) => id),
  )
  if (changed > 0) log.info('subscribers changed', { changed })
  await releaseDeliveries(ledger)
  return read
}

/** Tries what is due for one subscriber. Resolves with false where nothing more can be done for it in this run. */
async function deliverTo(
  context: DeliveryContext,
  id: string,
  { found }: ReadSubscribers,
  until: number,
  trying: Trying,
): Promise<boolean> {
  const { ledger } = context
  const subscriber = found.get(id)
  // it cannot be read, or this instance does not know it yet, or not any more: the ledger ends that
  if (subscriber === undefined) return false
  // the first one shows whether anybody is there: a dead receiver costs a run one timeout, not eight
  let most = 1
  while (Date.now() < until) {
    const claimed = await claimDeliveries(ledger, id, most, leaseMs)
    if (claimed.length === 0) return true
    const taken = await Promise.all(claimed.map(delivery => deliverAlone(context, id, subscriber, delivery, trying)))
    most = taken.every(Boolean) ? atOnce[subscriber.format] : 1
  }
  return false
}

/** Rejects in an outage alone: what is wrong with one delivery keeps none of the others waiting. */
async function deliverAlone(
  context: DeliveryContext,
  id: string,
  subscriber: Subscriber,
  delivery: ClaimedDelivery,
  trying: Trying,
): Promise<boolean> {
  try {
    return await deliverOne(context, id, subscriber, delivery, trying)
  } catch (error) {
    if (isOutage(error)) throw error
    context.log.error('a delivery failed inside', { subscriber: id, delivery_id: delivery.id, error })
    return false
  }
}

/** Resolves with true where it was taken. */
async function deliverOne(
  context: DeliveryContext,
  id: string,
  subscriber: Subscriber,
  delivery: ClaimedDelivery,
  trying: Trying,
): Promise<boolean> {
  const { log } = context
  const settlement = await tryDelivery(subscriber, delivery, trying)
  const settled = await settle(context, delivery, settlement)
  const { kind, status, detail, disabledBy } = settlement
  const { recallId, type, tries } = delivery
  const told = { subscriber: id, delivery_id: delivery.id, recall_id: recallId, type, tries, status, detail }
  if (kind === 'delivered') log.info('delivered', told)
  else log.warn('not delivered', { ...told, again: kind === 'later' })
  if (disabledBy !== null && settled) log.error('subscriber disabled', { subscriber: id, detail: disabledBy })
  return kind === 'delivered'
}

/** What cannot be stored in words is stored without: a delivery that is not settled is sent again when its lease ends. */
async function settle(
  { ledger, log }: DeliveryContext,
  delivery: ClaimedDelivery,
  settlement: DeliverySettlement,
): Promise<boolean> {
  try {
    return await settleDelivery(ledger, delivery, settlement)
  } catch (error) {
    if (isOutage(error)) throw error
    log.error('a delivery could not be settled in words', { delivery_id: delivery.id, error })
    const disabledBy = settlement.disabledBy === null ? null : 'Deliveries failed.'
    return settleDelivery(ledger, delivery, { ...settlement, detail: null, disabledBy })
  }
}

/** Resolves with the first of `promises`, or after `ms`. */
async function within(ms: number, promises: Iterable<Promise<unknown>>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const time = new Promise(resolve => (timer = setTimeout(resolve, ms)))
  await Promise.race([...promises, time])
  clearTimeout(timer)
}
