/** The sandbox: stand-ins of the vendors, the phones they drive, and an API and a page to watch and use both. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem, problemBody } from '../shared/errors.ts'
import { newId } from '../shared/ids.ts'
import { createControl } from './control.ts'
import type { Seeded } from './demo.ts'
import { createEvents } from './events.ts'
import type { Draws } from './faults.ts'
import { createFleet, type Fleet, packFleet, type PhoneStates, resetFleet } from './fleet.ts'
import { createIssuer, issuerMount } from './issuer.ts'
import { admitLocal } from './loopback.ts'
import { createModerators, createModeratorSecrets, type ModeratorSecrets } from './moderators.ts'
import { servePage } from './pages.ts'
import type { Phone } from './phone.ts'
import { makeRsaKey, type RsaKey } from './rsa-key.ts'
import { type RunningVendor, startVendors, type Switches } from './running-vendors.ts'
import type { SwitchTable } from './switch.ts'
import { serveVendorCall, type VendorCall } from './vendor-calls.ts'
import { standIns as allStandIns } from './vendors/registry.ts'
import type { Campaign, DemoMessage, RunningStandIn, StandIn } from './vendors/stand-in.ts'
import { groupViews, totalsOf } from './views.ts'
import { pathOf, sendJson } from './wire.ts'

export interface SandboxOptions {
  /** What `snapshot()` gave; anything else starts a new world. */
  readonly snapshot?: unknown
  readonly now?: () => number
  /** Those of the vendors' folders; all of them where none are given. */
  readonly standIns?: readonly StandIn[]
  /** Makes the keys of RSA of a new world. */
  readonly makeKey?: () => RsaKey
  /** Sends the demo campaigns once more, and registers them. */
  readonly campaigns?: () => Promise<Seeded>
}

export interface Sandbox {
  /** Answers everything below /_sandbox; resolves with false when the path is not its own. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Opens the ports of the vendors that speak HTTP/2. Before that, they answer at their mounts alone. */
  listen(): Promise<void>
  /** Secrets of the demo apps and of the moderation systems, name → document, wired to the stand-ins below `origin`. */
  secrets(origin: string): { readonly [name: string]: unknown }
  /** A stand-in at work, to push as a sender's own system does. Throws where the sandbox has it not. */
  running<Running extends RunningStandIn>(standIn: StandIn<object, SwitchTable, Running>): Running
  /** Sends the demo's wrong push at every vendor. */
  demo(campaign: Campaign): readonly DemoMessage[]
  /** The content id that the demo campaigns carry; null: none went out. */
  content: string | null
  readonly fleet: Fleet
  readonly phones: readonly Phone[]
  /** Live: what is assigned here holds from the next call on. */
  readonly switches: { readonly [standIn: string]: Switches }
  /** Plain JSON; given back at the next start, it is the same world, with honest vendors. Holds secrets. */
  snapshot(): unknown
  onChange(listener: () => void): () => void
  /** Tells the listeners and the page: for whoever changes phones or books by hand. */
  changed(): void
  /** Phones and switches as on the first day. The vendors keep their records and the apps their credentials. */
  reset(): void
  /** Ends streams and timers. */
  close(): void
}

/** Rises when an older world can no longer be read. */
const version = 4

interface World extends Draws {
  readonly version: typeof version
  /** The vendors' own books, by vendor. */
  readonly vendors: { [vendor: string]: object }
  readonly moderators: ModeratorSecrets
  /** Newest first. */
  readonly calls: VendorCall[]
  callCount: number
}
type Snapshot = World & { readonly phones: PhoneStates }

const callsKept = 200
const callsStreamed = 40
const tickMs = 250

export function createSandbox({
  snapshot,
  now = Date.now,
  standIns = allStandIns,
  makeKey = makeRsaKey,
  campaigns,
}: SandboxOptions = {}): Sandbox {
  const { phones: states, ...world } = isSnapshot(snapshot) ? structuredClone(snapshot) : newWorld(makeKey)
  const fleet = createFleet(
    standIns.flatMap(({ phones }) => phones),
    states,
  )
  const vendors = startVendors(standIns, world.vendors, fleet, now, makeKey)
  const switches = Object.fromEntries(vendors.list.map(vendor => [vendor.standIn.name, vendor.switches]))
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
  const clock = setInterval(() => {
    const ticked = vendors.list.map(({ running }) => running.tick?.() === true)
    if (ticked.includes(true)) changed()
  }, tickMs)
  clock.unref()

  const vendorCall = async (
    { callee }: RunningVendor,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const call = await serveVendorCall(callee, path, request, response, world, now)
    if (call === null) return
    world.callCount += 1
    world.calls.unshift({ number: world.callCount, ...call })
    world.calls.length = Math.min(world.calls.length, callsKept)
    changed()
  }

  const sandbox: Omit<Sandbox, 'handle'> = {
    listen: () =>
      vendors.listen((vendor, path, request, response) => {
        answered(request, response, () => vendorCall(vendor, path, request, response)).catch((error: unknown) => {
          // the gateway does this for the others
          console.error(error)
          if (!response.headersSent) response.writeHead(500)
          response.end()
        })
      }),
    secrets: origin => {
      issuerOrigin = origin
      const apps = vendors.list.flatMap(vendor => Object.entries(vendor.running.secrets(vendor.endpoint(origin))))
      return {
        ...Object.fromEntries(apps.map(([app, document]) => [`unpush/apps/${app}`, document])),
        ...moderators.secrets(),
      }
    },
    running: <Running extends RunningStandIn>({
      vendor,
    }: Pick<StandIn<object, SwitchTable, Running>, 'vendor'>): Running => {
      const found = vendors.list.find(({ standIn }) => standIn.vendor === vendor)
      if (found === undefined) throw new Error(`the sandbox has no ${vendor}`)
      return found.running as Running
    },
    demo: campaign => {
      const messages = vendors.list.flatMap(({ running }) => running.demo(campaign))
      changed()
      return messages
    },
    content: null,
    fleet,
    phones: fleet.phones,
    switches,
    snapshot: (): Snapshot => structuredClone({ ...world, phones: packFleet(fleet) }),
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    changed,
    reset: () => {
      resetFleet(fleet)
      vendors.reset()
      world.calls.length = 0
      changed()
    },
    close: () => {
      clearInterval(clock)
      events.close()
      vendors.close()
      listeners.clear()
    },
  }

  const state = (): object => {
    const groups = groupViews(fleet)
    return { totals: totalsOf(groups), groups, switches, calls: world.calls.slice(0, callsStreamed) }
  }
  const control = createControl({
    sandbox,
    vendors,
    moderators,
    campaigns,
    changed,
    state,
    calls: () => world.calls,
    now,
  })

  const answer = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const toVendor = vendors.at(path)
    const toIssuer = path.startsWith(`${issuerMount}/`)
    admitLocal(request, { forms: toVendor !== null || toIssuer })
    if (toIssuer) return issuer(request, response)
    if (toVendor !== null) return vendorCall(toVendor.vendor, toVendor.path, request, response)
    const own = path.slice('/_sandbox'.length)
    if (request.method === 'GET' && own === '/events') return events.open(request, response)
    if (request.method === 'GET' && (await servePage(own, response, standIns))) return
    await control(own, request, response)
  }

  const answered = async (
    request: IncomingMessage,
    response: ServerResponse,
    answering: () => Promise<void>,
  ): Promise<void> => {
    try {
      await answering()
    } catch (error) {
      // who hangs up in the middle of a request gets no answer
      if (request.destroyed && !request.complete) return
      if (!(error instanceof Problem)) throw error
      sendJson(response, error.status, problemBody(error, newId('req')), {
        'content-type': 'application/problem+json; charset=utf-8',
        ...error.headers,
      })
    }
  }

  return Object.assign(sandbox, {
    handle: async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
      const path = pathOf(request)
      if (path !== '/_sandbox' && !path.startsWith('/_sandbox/')) return false
      await answered(request, response, () => answer(path, request, response))
      return true
    },
  })
}

function newWorld(makeKey: () => RsaKey): World & { readonly phones?: PhoneStates } {
  return { version, vendors: {}, moderators: createModeratorSecrets(makeKey), calls: [], callCount: 0, draws: 0 }
}

function isSnapshot(value: unknown): value is Snapshot {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === version
}
