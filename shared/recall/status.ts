/** What the vendor says of a push now. */
import { randomUUID } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { Problem } from '../errors.ts'
import { parseInput } from '../json.ts'
import { send as sendToVendor, type Send } from '../http.ts'
import { beginReading, type DatedRecord, endReading } from '../ledger/records.ts'
import type { Sql } from '../ledger/sql.ts'
import type { Log } from '../log.ts'
import { onceEach } from '../once.ts'
import type { Names, VendorReply } from '../providers/provider.ts'
import { serviceNoticesIn } from '../service-codes.ts'
import type { SignedContext } from '../serve.ts'
import { singleFlight } from '../single-flight.ts'
import { type App, findApp } from './apps.ts'
import { askVendor } from './ask-vendor.ts'
import { sessionsOf } from './sessions.ts'
import { fromQuery, identityOf, keptNames, tellsStatus, viewHandle, withNative } from './view-handle.ts'

export interface VendorStatus {
  /** Null: nothing was ever read. */
  readonly known: DatedRecord | null
  /** Why the vendor did not tell it just now; null: it did, at most a minute ago. */
  readonly stale: string | null
  /** Its reply, where it was asked just now. */
  readonly vendor: VendorReply | null
  /** It knows no such push. */
  readonly unknownPush: boolean
  /** It did not take the credential. */
  readonly refused: boolean
  /** How long its budget has nothing for people. */
  readonly waitMs: number
}

export type ReadVendorStatus = (app: App, names: Names, log: Log) => Promise<VendorStatus>

const timeoutMs = 8000
/** A record younger than this is shown as it is. */
const freshMs = 60_000
const lookAgainMs = 250

/**
 * Reads for people. However many ask about one push, in one process or in several, the vendor hears of it once a minute at
 * most, and all of them together take no more than their own share of its budget: recalls confirm with the rest.
 */
export function createStatusReader(sql: Sql, send: Send): ReadVendorStatus {
  const together = singleFlight<VendorStatus>()
  return (app, names, log) => together(`${app.name} ${canonicalJson(names)}`, () => read(sql, send, log, app, names))
}

/** Of a process: those of its requests that ask about one push together are answered together. */
const readerOf = onceEach((ledger: Sql) => createStatusReader(ledger, sendToVendor))

async function read(
  sql: Sql,
  send: Send,
  log: Log,
  { name, provider, credentials }: App,
  names: Names,
): Promise<VendorStatus> {
  const nothing = { stale: null, vendor: null, unknownPush: false, refused: false, waitMs: 0 }
  const [fare = null] = provider.fare('status', 0, credentials)
  const handle = identityOf(provider, names).value
  const place = { app: name, handle, budget: provider.budget(credentials), lane: fare?.lane.name ?? 'people' }
  const untilMs = performance.now() + timeoutMs
  for (;;) {
    const reading = await beginReading(sql, place, fare, freshMs, timeoutMs + 2000)
    const { known } = reading
    switch (reading.kind) {
      case 'fresh':
        return { ...nothing, known }
      case 'used_up': {
        const { waitMs } = reading
        const stale = `What people may use of the vendor's query budget is used up for ${Math.ceil(waitMs / 1000)} s.`
        return { ...nothing, known, waitMs, stale }
      }
      case 'asked':
        if (performance.now() < untilMs) await new Promise(resolve => setTimeout(resolve, lookAgainMs))
        else return { ...nothing, known, stale: 'The vendor is being asked, and has not answered yet.' }
        break
      case 'ask': {
        const had = await sessionsOf(sql)({ provider, credentials }, { send, timeoutMs, now: Date.now }, null)
        const session = 'session' in had ? had.session : null
        const call = { credentials, send, timeoutMs, renew: false, now: Date.now, key: randomUUID(), session }
        const request = { names, named: { by: 'task' }, record: null } as const
        const answered =
          'outcome' in had
            ? { outcome: had.outcome, record: null }
            : await askVendor(provider, 'status', request, null, call, log)
        const { outcome } = answered
        const record = outcome.kind === 'accepted' ? answered.record : null
        const holdMs = outcome.kind === 'throttled' ? outcome.retryAfterMs : null
        return {
          ...nothing,
          known: await endReading(sql, place, record, holdMs),
          stale: record === null ? `The vendor gave no status (${outcome.kind}).` : null,
          vendor: outcome.vendor,
          unknownPush: outcome.kind === 'not_found',
          refused: outcome.kind === 'auth',
        }
      }
      default:
        return reading satisfies never
    }
  }
}

/** The vendor's record of a push; where it cannot be had now, the last one with its age, and why. */
export async function readStatus(
  context: SignedContext,
  { app: name, ...named }: { readonly app: string; readonly [member: string]: unknown },
): Promise<object> {
  const { apps, ledger, log, principal } = context
  const app = principal.reaches(name, 'read') ? await findApp(apps, name) : null
  if (app === null) throw new Problem('not-found', `There is no app ${name}.`)
  const { provider } = app
  if (provider.status === undefined) throw new Problem('unsupported', `${provider.name} tells no status of a push.`)
  const { names } = parseInput(provider.target, withNative(provider, fromQuery(provider, named)), [])
  if (!tellsStatus(provider, names)) {
    const [{ member }] = provider.handles
    const errors = [{ path: `/${member}`, message: 'is required: the vendor keeps its record under that name' }]
    throw new Problem('invalid-request', `${provider.name} tells no status of a push without ${member}.`, { errors })
  }
  const { value: handle } = identityOf(provider, names)
  const { known, stale, vendor, unknownPush, waitMs } = await readerOf(ledger)(app, names, log)
  if (unknownPush) throw new Problem('not-found', `${provider.name} has no record of ${handle}.`)
  if (known === null) {
    // readers have used up their share: that is no outage, and they are told when to ask again
    const slug = waitMs > 0 ? 'too-many-requests' : 'unavailable'
    throw new Problem(slug, `${stale ?? 'Nothing is known.'} Nothing was read before.`, {
      headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
    })
  }
  return {
    app: name,
    provider: provider.name,
    ...viewHandle(provider, handle, keptNames(provider, names)),
    status: known.record.status,
    scheduled: known.record.scheduled,
    asOf: known.asOf.toISOString(),
    stale,
    notices: serviceNoticesIn(stale),
    vendor: vendor === null ? null : { code: vendor.code, message: vendor.message, requestId: vendor.requestId },
  }
}
