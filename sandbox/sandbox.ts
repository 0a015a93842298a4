/** The sandbox: stand-ins of the vendors, the phones they drive, and an API and a page to watch and use both. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem, problemBody } from '../shared/errors.ts'
import { newId } from '../shared/ids.ts'
import { createControl } from './control.ts'
import { createEvents } from './events.ts'
import { type Draws, honestSwitches, type Switches } from './faults.ts'
import { createFleet, type Fleet, packFleet, type PhoneState, resetFleet } from './fleet.ts'
import { createIssuer, issuerMount } from './issuer.ts'
import { admitLocal } from './loopback.ts'
import { createModerators, createModeratorSecrets, type ModeratorSecrets } from './moderators.ts'
import { servePage } from './pages.ts'
import type { App, Phone } from './phone.ts'
import { demoSecrets, pushKitMount, tpnsMount } from './secrets.ts'
import { serveVendorCall, type StandIn, type VendorCall, type VendorName } from './vendor-calls.ts'
import { createPushKit, type HarmonyPush } from './vendors/huawei/api.ts'
import { createPushKitState, type PushKitState } from './vendors/huawei/state.ts'
import { createTpnsState, type TpnsState } from './vendors/tpns/state.ts'
import type { TpnsPush } from './vendors/tpns/tasks.ts'
import { createTpns } from './vendors/tpns/api.ts'
import { groupViews, totalsOf } from './views.ts'
import { pathOf, sendJson } from './wire.ts'

export interface SandboxOptions {
  /** What `snapshot()` gave; anything else starts a new world. */
  readonly snapshot?: unknown
  readonly now?: () => number
  /** Sends the demo campaigns once more, and registers them. Resolves with their content id. */
  readonly campaigns?: () => Promise<string>
}

export interface Sandbox {
  /** Answers everything below /_sandbox; resolves with false when the path is not its own. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Secrets of the three demo apps and of the moderation systems, name → document, wired to the stand-ins below `origin`. */
  secrets(origin: string): { readonly [name: string]: unknown }
  /** Pushes as a sender's own system makes them, before any recall. */
  pushTpns(push: TpnsPush): { pushId: string; collapseId: number }
  pushHarmony(push: HarmonyPush): void
  /** Of one group (`phone`, `watch-5.1.0`, …) or of all. */
  harmonyTokens(group?: string): string[]
  deviceCount(app: App): number
  /** The content id that the demo campaigns carry; null: none went out. */
  content: string | null
  readonly fleet: Fleet
  readonly phones: readonly Phone[]
  /** Live: what is assigned here holds from the next call on. */
  readonly switches: Switches
  /** Plain JSON; given back at the next start, it is the same world, with honest vendors. Holds secrets. */
  snapshot(): unknown
  onChange(listener: () => void): () => void
  /** Phones and switches as on the first day. The vendors keep their records and the apps their credentials. */
  reset(): void
  /** Ends streams and timers. */
  close(): void
}

/** Rises when an older world can no longer be read. */
const version = 3

interface World extends Draws {
  readonly version: typeof version
  readonly tpns: TpnsState
  readonly pushKit: PushKitState
  readonly moderators: ModeratorSecrets
  /** Newest first. */
  readonly calls: VendorCall[]
  callCount: number
}
type Snapshot = World & { readonly phones: readonly PhoneState[] }

const callsKept = 200
const callsStreamed = 40
const tickMs = 250

export function createSandbox({ snapshot, now = Date.now, campaigns }: SandboxOptions = {}): Sandbox {
  const { phones: states, ...world } = isSnapshot(snapshot) ? structuredClone(snapshot) : newWorld()
  const switches = honestSwitches()
  const fleet = createFleet(states)
  const tpns = createTpns(world.tpns, switches.tpns, fleet, now)
  const pushKit = createPushKit(world.pushKit, switches.pushKit, fleet, now)
  const standIns: { readonly [V in VendorName]: StandIn } = {
    tpns: { switches: switches.tpns, judge: request => tpns.judge(request) },
    pushKit: { switches: switches.pushKit, judge: (request, struck) => pushKit.judge(request, struck) },
  }
  const moderators = createModerators(world.moderators)
  let issuerOrigin = ''
  const issuer = createIssuer(() => issuerOrigin)
  const listeners = new Set<() => void>()

  const events = createEvents(() => ({
    ...Object.fromEntries(groupViews(fleet).map(group => [`group:${group.name}`, group])),
    switches,
    calls: world.calls.slice(0, callsStreamed),
  }))
  const changed = (): void => {
    for (const listener of listeners) listener()
    events.changed()
  }
  const clock = setInterval(() => tpns.tick() && changed(), tickMs)
  clock.unref()

  const vendorCall = async (
    vendor: VendorName,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const call = await serveVendorCall(vendor, standIns[vendor], path, request, response, world, now)
    if (call === null) return
    world.callCount += 1
    world.calls.unshift({ number: world.callCount, ...call })
    world.calls.length = Math.min(world.calls.length, callsKept)
    changed()
  }

  const sandbox: Omit<Sandbox, 'handle'> = {
    secrets: origin => {
      issuerOrigin = origin
      return { ...demoSecrets(origin, world.tpns, world.pushKit), ...moderators.secrets() }
    },
    pushTpns: push => {
      const { pushId, collapseId } = tpns.push(push)
      changed()
      return { pushId, collapseId }
    },
    pushHarmony: push => {
      pushKit.push(push)
      changed()
    },
    harmonyTokens: (group = 'all') =>
      (group === 'all' ? fleet.phones : fleet.ofGroup(group)).flatMap(({ token }) => token ?? []),
    deviceCount: app => fleet.ofApp(app).length,
    content: null,
    fleet,
    phones: fleet.phones,
    switches,
    snapshot: (): Snapshot => structuredClone({ ...world, phones: packFleet(fleet) }),
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    reset: () => {
      resetFleet(fleet)
      const honest = honestSwitches()
      Object.assign(switches.tpns, honest.tpns)
      Object.assign(switches.pushKit, honest.pushKit)
      world.calls.length = 0
      changed()
    },
    close: () => {
      clearInterval(clock)
      events.close()
      listeners.clear()
    },
  }

  const state = (): object => {
    const groups = groupViews(fleet)
    return { totals: totalsOf(groups), groups, switches, calls: world.calls.slice(0, callsStreamed) }
  }
  const control = createControl({ sandbox, moderators, campaigns, changed, state, calls: () => world.calls, now })

  const answer = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const under = (mount: string): string | null => (path.startsWith(`${mount}/`) ? path.slice(mount.length) : null)
    const toTpns = under(tpnsMount)
    const toPushKit = under(pushKitMount)
    const toIssuer = under(issuerMount)
    admitLocal(request, { forms: toTpns !== null || toPushKit !== null || toIssuer !== null })
    if (toIssuer !== null) return issuer(request, response)
    if (toTpns !== null) return vendorCall('tpns', toTpns, request, response)
    if (toPushKit !== null) return vendorCall('pushKit', toPushKit, request, response)
    const own = path.slice('/_sandbox'.length)
    if (request.method === 'GET' && own === '/events') return events.open(request, response)
    if (request.method === 'GET' && (await servePage(own, response))) return
    await control(own, request, response)
  }

  return Object.assign(sandbox, {
    handle: async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
      const path = pathOf(request)
      if (path !== '/_sandbox' && !path.startsWith('/_sandbox/')) return false
      try {
        await answer(path, request, response)
      } catch (error) {
        // who hangs up in the middle of a request gets no answer
        if (request.destroyed && !request.complete) return true
        if (!(error instanceof Problem)) throw error
        sendJson(response, error.status, problemBody(error, newId('req')), {
          'content-type': 'application/problem+json; charset=utf-8',
          ...error.headers,
        })
      }
      return true
    },
  })
}

function newWorld(): World & { readonly phones?: readonly PhoneState[] } {
  return {
    version,
    tpns: createTpnsState(),
    pushKit: createPushKitState(),
    moderators: createModeratorSecrets(),
    calls: [],
    callCount: 0,
    draws: 0,
  }
}

function isSnapshot(value: unknown): value is Snapshot {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === version
}
