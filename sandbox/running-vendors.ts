/** The stand-ins at work: each with its books, its switches, its phones, and the port or path under which it answers. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  createServer,
  type ServerHttp2Session,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { commonSwitches, type CommonSwitches } from './faults.ts'
import { type Fleet, fleetOf } from './fleet.ts'
import type { RsaKey } from './rsa-key.ts'
import { honest } from './switch.ts'
import { type Callee } from './vendor-calls.ts'
import type { RunningStandIn, StandIn } from './vendors/stand-in.ts'

/** All switches of a stand-in, live. */
export type Switches = CommonSwitches & { [name: string]: unknown }

export interface RunningVendor {
  readonly standIn: StandIn
  readonly running: RunningStandIn
  readonly switches: Switches
  readonly callee: Callee
  /** Below `origin`, or at a port of its own. */
  endpoint(origin: string): string
}

export interface RunningVendors {
  readonly list: readonly RunningVendor[]
  ofApp(app: string): RunningVendor | undefined
  /** The vendor that answers the path, and its own part of it. */
  at(path: string): { readonly vendor: RunningVendor; readonly path: string } | null
  /** The switches as on a good day. */
  reset(): void
  /** Opens the ports of the vendors that speak HTTP/2. */
  listen(
    serve: (vendor: RunningVendor, path: string, request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<void>
  close(): void
}

const root = '/_sandbox/'

export function honestSwitches(standIn: Pick<StandIn, 'switches'>): Switches {
  return { ...honest(commonSwitches), ...honest(standIn.switches) }
}

/** `states`: by the vendor's name; what is missing is made, keys by `makeKey`. */
export function startVendors(
  standIns: readonly StandIn[],
  states: { [vendor: string]: object },
  fleet: Fleet,
  now: () => number,
  makeKey: () => RsaKey,
): RunningVendors {
  const ports = new Map<string, number>()
  const servers: Http2Server[] = []
  const sessions = new Set<ServerHttp2Session>()
  const list = standIns.map((standIn): RunningVendor => {
    const { vendor, name, faults, mount } = standIn
    const state = (states[vendor] ??= standIn.createState(makeKey))
    const switches = honestSwitches(standIn)
    const own = fleetOf(
      fleet,
      standIn.apps.map(app => app.name),
    )
    const running = standIn.start({ state, switches, fleet: own, now })
    return {
      standIn,
      running,
      switches,
      callee: {
        name,
        switches,
        faults,
        judge: (request, struck) => running.judge(request, struck),
        maskPath: path => standIn.maskPath?.(path) ?? path,
      },
      endpoint: origin => {
        const port = ports.get(vendor)
        return port === undefined ? `${origin}${root}${mount}` : `http://127.0.0.1:${port}`
      },
    }
  })
  return {
    list,
    ofApp: app => list.find(({ standIn }) => standIn.apps.some(({ name }) => name === app)),
    at: path => {
      for (const vendor of list) {
        const mount = `${root}${vendor.standIn.mount}`
        if (path.startsWith(`${mount}/`)) return { vendor, path: path.slice(mount.length) }
      }
      return null
    },
    reset: () => {
      for (const { standIn, switches } of list) Object.assign(switches, honestSwitches(standIn))
    },
    listen: async serve => {
      for (const vendor of list) {
        if (vendor.standIn.protocol !== 'http/2') continue
        // Node's own bridge: requests and responses of HTTP/2 in the form of those of HTTP/1.1
        const server = createServer((request: Http2ServerRequest, response: Http2ServerResponse) =>
          serve(
            vendor,
            request.url.split('?')[0] ?? '/',
            request as unknown as IncomingMessage,
            response as unknown as ServerResponse,
          ),
        )
        server.on('session', session => {
          sessions.add(session)
          session.once('close', () => sessions.delete(session))
          vendor.running.session?.(session)
        })
        servers.push(server)
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', resolve)
        })
        server.unref()
        ports.set(vendor.standIn.vendor, (server.address() as AddressInfo).port)
      }
    },
    close: () => {
      for (const server of servers) server.close()
      for (const session of sessions) session.destroy()
    },
  }
}
