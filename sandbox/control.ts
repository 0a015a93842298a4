/** The sandbox's own API: look at the phones, use them, send pushes, throw switches. Documented at /_sandbox/docs. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '../shared/errors.ts'
import { parseInput } from '../shared/json.ts'
import {
  changePhone,
  listPhones,
  nothing,
  phoneChange,
  pushApp,
  read,
  readAny,
  switchChange,
  verdict,
} from './control-input.ts'
import type { Seeded } from './demo.ts'
import type { Fleet } from './fleet.ts'
import type { Moderators } from './moderators.ts'
import type { Phone } from './phone.ts'
import type { RunningVendors } from './running-vendors.ts'
import { vendorsView } from './vendors-view.ts'
import { phoneView } from './views.ts'
import { queryOf, sendJson } from './wire.ts'

export interface ControlParts {
  readonly sandbox: {
    readonly fleet: Fleet
    readonly switches: { readonly [standIn: string]: object }
    /** The content id that the demo campaigns carry; null: none went out. */
    content: string | null
    reset(): void
  }
  readonly vendors: RunningVendors
  readonly moderators: Moderators
  readonly campaigns: (() => Promise<Seeded>) | undefined
  readonly changed: () => void
  readonly state: () => object
  readonly calls: () => readonly object[]
  readonly now: () => number
}

type Answer = (request: IncomingMessage, id: string) => object | Promise<object>
interface Route {
  readonly path: RegExp
  readonly methods: { readonly [method: string]: Answer }
}

/** Answers everything below /_sandbox that is neither a page nor a vendor. Throws Problem. */
export function createControl({ sandbox, vendors, moderators, campaigns, changed, state, calls, now }: ControlParts) {
  const { fleet, switches } = sandbox
  const standIns = vendors.list.map(({ standIn }) => standIn)
  const apps = standIns.flatMap(standIn => standIn.apps.map(({ name }) => name))
  const switchChanges = switchChange(standIns)
  const routes: readonly Route[] = [
    { path: /^\/state$/, methods: { GET: state } },
    { path: /^\/vendors$/, methods: { GET: () => vendorsView(standIns) } },
    { path: /^\/calls$/, methods: { GET: () => ({ items: calls() }) } },
    { path: /^\/phones$/, methods: { GET: request => listPhones(fleet.phones, queryOf(request)) } },
    {
      path: /^\/phones\/([a-z0-9.-]+)$/,
      methods: {
        GET: (_, id) => phoneView(phoneOf(id)),
        POST: async (request, id) => {
          const phone = phoneOf(id)
          changePhone(phone, await read(request, phoneChange), now())
          changed()
          return phoneView(phone)
        },
      },
    },
    {
      path: /^\/switches$/,
      methods: {
        GET: () => switches,
        PATCH: async request => {
          for (const [name, changes] of Object.entries(await read(request, switchChanges)))
            Object.assign(switches[name] ?? {}, changes)
          changed()
          return switches
        },
      },
    },
    { path: /^\/push$/, methods: { POST: async request => push(await readAny(request)) } },
    {
      path: /^\/verdict$/,
      methods: {
        GET: () => ({ sources: moderators.list, content: sandbox.content, campaigns: campaigns !== undefined }),
        POST: async request => {
          const { source, label, ...said } = await read(request, verdict)
          const labelled = { ...said, ...(label !== undefined && { label }) }
          return moderators.deliver(`http://${request.headers.host}`, source, labelled)
        },
      },
    },
    {
      path: /^\/campaigns$/,
      methods: {
        POST: async request => {
          await read(request, nothing)
          if (campaigns === undefined) throw new Problem('not-found', 'The demo campaigns are sent by npm start alone.')
          sandbox.content = (await campaigns()).content
          return { content: sandbox.content }
        },
      },
    },
    { path: /^\/recall$/, methods: { GET: request => recallBody(queryOf(request)) } },
    {
      path: /^\/reset$/,
      methods: {
        POST: async request => {
          await read(request, nothing)
          sandbox.reset()
          return state()
        },
      },
    },
  ]

  const phoneOf = (id: string): Phone => {
    const phone = fleet.byId(id)
    if (phone === undefined) throw new Problem('not-found', 'There is no such phone; GET /_sandbox/phones lists them.')
    return phone
  }

  const push = (value: unknown): object => {
    const { app } = parseInput(pushApp(apps), value)
    const found = vendors.ofApp(app)
    const schema = found?.standIn.apps.find(({ name }) => name === app)?.push
    if (found === undefined || schema === undefined) throw new Error(`no vendor has ${app}`)
    const { answer, recall } = found.running.send(parseInput(schema, value))
    changed()
    return { app, ...answer, recall: `/_sandbox/recall?${new URLSearchParams({ app, ...recall }).toString()}` }
  }

  /** What a sender knows of its push, as a body for POST /v1/{operation}. */
  const recallBody = (query: URLSearchParams): object => {
    const app = query.get('app') ?? ''
    const target = vendors.ofApp(app)?.running.target(app, query) ?? null
    if (target === null) throw new Problem('invalid-request', 'Name app and what its push is known by.')
    const correction = { title: '更正：链接有误', body: '请以本条通知为准，抱歉打扰。' }
    return {
      target,
      ...(query.get('operation') === 'overlay' && { overlay: correction }),
      reason: 'wrong link',
    }
  }

  return async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const { path: pattern, methods } of routes) {
      const found = pattern.exec(path)
      if (found === null) continue
      const answer = methods[request.method ?? '']
      if (answer === undefined) {
        const allow = Object.keys(methods).join(', ')
        throw new Problem('method-not-allowed', `This path takes ${allow}.`, { headers: { allow } })
      }
      sendJson(response, 200, await answer(request, found[1] ?? ''))
      return
    }
    throw new Problem('not-found', 'There is nothing at this path; /_sandbox/docs says what is.')
  }
}
