/**
 * Lists what was pushed, at every vendor that has a list, and keeps what nobody registered as a message, so that it can be found
 * and taken back. Each app by itself: one whose vendor refuses, hangs or lies takes nothing from the others.
 */
import { randomUUID } from 'node:crypto'
import { send } from '../http.ts'
import { newId } from '../ids.ts'
import { noteCredential } from '../ledger/app-health.ts'
import { beginListing, endListing, failListing, inTurn, keepDiscovered, reapDiscovered } from '../ledger/discoveries.ts'
import { beginFigures, holdBudget, keepFigures } from '../ledger/figures.ts'
import { beat } from '../ledger/pulse.ts'
import type { TimerContext } from '../serve-timer.ts'
import { askForFigures, askForList } from './ask-vendor.ts'
import { batchSizeOf } from './addressing.ts'
import type { App } from './apps.ts'
import { namesOf } from './view-handle.ts'
import { createSlots } from './slots.ts'
import { type Had, sessionsOf } from './sessions.ts'
import type { Listing, Session } from '../providers/provider.ts'

const marginMs = 10_000
const timeoutMs = 8000
const atOnce = 8
/** Of an app in one run: a vendor's share for lists is used evenly. */
const pagesAtOnce = 2
const figuresAtOnce = 2

export async function discover(context: TimerContext): Promise<void> {
  const { ledger, log, apps, invocation } = context
  const until = Date.now() + invocation.remainingMs() - marginMs
  const slots = createSlots(atOnce, timeoutMs)
  const names = await inTurn(ledger, await apps.names())
  const found = await Promise.all(
    names.map(name =>
      slots.run(async () => {
        if (Date.now() > until) return 0
        try {
          const app = await apps.find(name)
          if (app === null) return 0
          const made = app.provider.list === undefined ? 0 : await listApp(context, app)
          await readFigures(context, app)
          return made
        } catch (error) {
          log.error('what an app pushed was not listed', { app: name, error })
          return 0
        }
      }),
    ),
  )
  const left = await reapDiscovered(ledger)
  await beat(ledger, 'discover')
  log.info('discovered', { apps: names.length, messages: found.reduce((sum, count) => sum + count, 0), left })
}

/** Resolves with how many messages were made. */
async function listApp({ ledger, log, apps }: TimerContext, given: App): Promise<number> {
  const { name, provider } = given
  let { credentials } = given
  let [made, renewed, lookedAtNewest] = [0, false, false]
  let session: Session | null = null
  for (let pages = 0; pages < pagesAtOnce; pages++) {
    const [fare = null] = provider.fare('list', 0, credentials)
    const mark = await beginListing(ledger, name, provider.budget(credentials), fare, timeoutMs + 2000)
    if (mark === null) return made
    // in the middle of a long list the newest are looked at first: they are what somebody wants to take back now
    const inBetween = mark.page !== null && !lookedAtNewest
    const had: Had = await sessionsOf(ledger)(
      { provider, credentials },
      { send, timeoutMs, now: Date.now },
      renewed ? session : null,
    )
    session = 'session' in had ? had.session : null
    const call = { credentials, send, timeoutMs, renew: renewed, now: Date.now, key: randomUUID(), session }
    const listing: Listing | null =
      'outcome' in had
        ? { outcome: had.outcome, pushes: [], next: null }
        : await askForList(provider, mark.since, inBetween ? null : mark.page, call, log)
    lookedAtNewest = true
    if (listing?.outcome.kind === 'auth' && !renewed && ((await apps.renew(name)) || session !== null)) {
      // the secrets manager has another credential: once more with that one
      renewed = true
      credentials = (await apps.find(name))?.credentials ?? credentials
      await endListing(ledger, name, mark.page, true)
      continue
    }
    if (listing?.outcome.kind === 'auth' || listing?.outcome.kind === 'accepted')
      await noteCredential(ledger, name, listing.outcome.kind === 'accepted', listing.outcome.vendor)
    if (listing?.outcome.kind !== 'accepted') {
      const kind = listing?.outcome.kind ?? 'unknown'
      const waitMs = listing?.outcome.kind === 'throttled' ? (listing.outcome.retryAfterMs ?? 0) : 0
      await failListing(ledger, name, waitMs)
      log.warn('the vendor did not tell what was pushed', {
        app: name,
        outcome: kind,
        code: listing?.outcome.vendor.code,
      })
      return made
    }
    const distinct = new Map(listing.pushes.map(push => [push.handle, { ...push, id: newId('msg') }]))
    made += await keepDiscovered(ledger, name, provider.name, batchSizeOf(provider), [...distinct.values()])
    await endListing(ledger, name, listing.next, inBetween)
    if (!inBetween && listing.next === null) return made
  }
  return made
}

/** What was listed may have gone out whole by now: how many devices that were decides whether a recall takes another person. */
async function readFigures({ ledger, log }: TimerContext, { name, provider, credentials }: App): Promise<void> {
  if (provider.figures === undefined) return
  const budget = provider.budget(credentials)
  const [fare = null] = provider.fare('figures', 0, credentials)
  for (let read = 0; read < figuresAtOnce; read++) {
    const handle = await beginFigures(ledger, name, provider.figures.after, budget, fare)
    if (handle === null) return
    const request = { names: namesOf(provider, handle, null), named: { by: 'task' }, record: null } as const
    const had = await sessionsOf(ledger)({ provider, credentials }, { send, timeoutMs, now: Date.now }, null)
    const session = 'session' in had ? had.session : null
    const call = { credentials, send, timeoutMs, renew: false, now: Date.now, key: randomUUID(), session }
    const { outcome, figures } =
      'outcome' in had ? { outcome: had.outcome, figures: null } : await askForFigures(provider, request, call, log)
    if (figures !== null && figures.channels.length > 0) await keepFigures(ledger, name, handle, figures)
    if (figures !== null) continue
    if (outcome.kind === 'throttled' && fare !== null && outcome.retryAfterMs !== null)
      await holdBudget(ledger, budget, fare.lane.name, outcome.retryAfterMs)
    log.warn('the vendor did not tell how many devices a push went to', {
      app: name,
      outcome: outcome.kind,
      code: outcome.vendor.code,
    })
    return
  }
}
