/** How apps, timers, subscribers and endpoints are, within the caller's grant. Nothing here calls a vendor but the check. */
import { type Caller, callerOf, reaches } from '../access/grant.ts'
import { version } from '../config.ts'
import { etagOf } from '../etag.ts'
import { type FunctionEntry, functions } from '../functions.ts'
import {
  type AppState,
  type BucketState,
  type CanaryState,
  readBuckets,
  readLedgerHealth,
} from '../ledger/app-health.ts'
import { emptyBody } from '../api-schemas.ts'
import type { ApiResponse } from '../platform/request.ts'
import type { Fare } from '../providers/provider.ts'
import { type App, findReadable } from '../recall/apps.ts'
import { serviceNoticesIn } from '../service-codes.ts'
import type { WordTable } from '../words.ts'
import { webhooksSchema } from '../secrets/documents.ts'
import { json, type SignedContext } from '../serve.ts'
import { checkApp } from './check.ts'

export async function readHealth(context: SignedContext): Promise<ApiResponse> {
  const found = await healthOf(context, callerOf(context.principal, 'read').grant)
  // how long the ledger's answer took today is no news
  return json(200, found, { etag: etagOf(JSON.stringify({ ...found, clock: null })) })
}

/** Makes the harmless call of every app that the caller reaches, all at once, and answers with what is known then. */
export async function checkHealth(context: SignedContext): Promise<ApiResponse> {
  if (context.request.body.length > 0) context.body(emptyBody())
  const { grant } = callerOf(context.principal, 'operate')
  const apps = await appsWithin(context, grant)
  await Promise.all(apps.map(async ({ app }) => app !== null && checkApp(context, app)))
  await context.kick?.()
  return json(200, await healthOf(context, grant))
}

interface Known {
  readonly name: string
  /** Null: its credentials cannot be read. */
  readonly app: App | null
}

async function appsWithin(context: SignedContext, grant: Caller['grant']): Promise<Known[]> {
  const names = (await context.apps.names()).filter(name => reaches(grant, name))
  return Promise.all(names.map(async name => ({ name, app: await findReadable(context, name) })))
}

async function healthOf(context: SignedContext, grant: Caller['grant']): Promise<object> {
  const { ledger, secrets } = context
  const known = await appsWithin(context, grant)
  const lanes = known.flatMap(({ app }) =>
    app === null ? [] : faresOf(app).map(fare => ({ fare, ...placeOf(app, fare) })),
  )
  const beforeMs = Date.now()
  const [state, buckets, listed] = await Promise.all([
    readLedgerHealth(
      ledger,
      known.map(({ name }) => name),
      grant,
    ),
    readBuckets(
      ledger,
      lanes.map(({ fare, ...place }) => ({ ...place, windowMs: windowOf(fare) })),
    ),
    // whose an endpoint is stands in its document, which this function does not read
    grant === null ? secrets.read('unpush/webhooks', webhooksSchema()) : null,
  ])
  const states = new Map(state.apps.map(one => [one.app, one]))
  return {
    apps: known.map(({ name, app }) => viewApp(name, app, states.get(name), buckets)),
    timers: timers().map(name => ({ name, lastAt: state.beats[name] ?? null })),
    subscribers: state.subscribers,
    endpoints: (listed?.webhooks ?? []).map(id => ({ id, lastAt: state.endpoints[id] ?? null })),
    clock: {
      // what the answer took on its way is not ours
      ledgerAheadMs: Math.round(state.now.getTime() - (beforeMs + Date.now()) / 2),
      vendors: state.apps.flatMap(({ app, credential }) =>
        credential === null || credential.clockAheadMs === null
          ? []
          : [{ app, aheadMs: credential.clockAheadMs, at: credential.checkedAt }],
      ),
    },
    version,
  }
}

function viewApp(name: string, app: App | null, state: AppState | undefined, buckets: readonly BucketState[]): object {
  const problem = app === null ? 'Its credentials cannot be read. The log says why.' : null
  const sentences = app?.provider.sentences ?? null
  const { waiting = 0, lastAcceptedAt = null, breaker = null, credential = null, canary = null } = state ?? {}
  return {
    app: name,
    provider: app?.provider.name ?? null,
    problem,
    notices: serviceNoticesIn(problem),
    credential:
      credential === null
        ? { ok: null, since: null, code: null, detail: null, notices: [], call: null, checkedAt: null }
        : {
            ok: credential.ok,
            since: credential.since,
            code: credential.code,
            detail: credential.detail,
            notices: serviceNoticesIn(credential.detail, sentences),
            call: credential.call,
            checkedAt: credential.checkedAt,
          },
    lastAcceptedAt,
    waiting,
    breaker: {
      open: breaker !== null,
      cause: breaker?.cause ?? null,
      since: breaker?.since ?? null,
      probeAt: breaker?.probeAt ?? null,
    },
    canary: app?.canary === undefined || canary === null ? null : viewCanary(canary, sentences),
    lanes: app === null ? [] : faresOf(app).map(fare => viewLane(app, fare, buckets)),
  }
}

/** `ok`: it was taken back, if only by a stop; null: that is on its way. */
function viewCanary({ state, recall, operation, code, detail, at }: CanaryState, own: WordTable | null): object {
  const ok = state === 'running' || state === 'pending_approval' ? null : state === 'done' || state === 'partial'
  return { ok, recall, state, operation, code, detail, notices: serviceNoticesIn(detail, own), at }
}

function viewLane(app: App, fare: Fare, buckets: readonly BucketState[]): object {
  const { lane } = fare
  const place = placeOf(app, fare)
  const bucket = buckets.find(one => one.budget === place.budget && one.lane === place.lane)
  const spent = lane.kind === 'rate' ? Math.ceil((bucket?.fullInSeconds ?? 0) * lane.perSecond) : (bucket?.used ?? 0)
  const limit = lane.kind === 'rate' ? lane.burst : lane.limit
  return {
    name: lane.name,
    kind: lane.kind,
    limit,
    left: Math.max(0, limit - spent),
    perSeconds: lane.kind === 'rate' ? lane.burst / lane.perSecond : lane.windowMs / 1000,
    heldUntil: bucket?.heldUntil ?? null,
  }
}

/** Each budget once, of whatever the app may be asked. */
function faresOf({ provider, credentials }: App): Fare[] {
  const fares = (['status', 'stop', 'revoke', 'overlay'] as const)
    .filter(step => provider[step] !== undefined)
    .flatMap(step => provider.fare(step, 1, credentials))
  return [...new Map(fares.map(fare => [fare.lane.name, fare])).values()]
}

function placeOf({ provider, credentials }: App, { lane }: Fare) {
  return { budget: provider.budget(credentials), lane: lane.name }
}

function windowOf({ lane }: Fare): number {
  return lane.kind === 'window' ? lane.windowMs : 0
}

/** Also those that have not run yet. */
function timers(): string[] {
  const entries: [string, FunctionEntry][] = Object.entries(functions)
  return entries.flatMap(([name, { timer }]) => (timer === null ? [] : [name]))
}
