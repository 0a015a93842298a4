/** The sandbox's own API: look at the phones, use them, send pushes, throw switches. Documented at /_sandbox/docs. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '../shared/errors.ts'
import { parseInput } from '../shared/json.ts'
import {
  changePhone,
  harmonyPush,
  listPhones,
  nothing,
  phoneChange,
  pushApp,
  read,
  readAny,
  switchChange,
  tpnsPush,
  verdict,
} from './control-input.ts'
import type { Moderators } from './moderators.ts'
import type { Phone } from './phone.ts'
import type { Sandbox } from './sandbox.ts'
import { phoneView } from './views.ts'
import { queryOf, sendJson } from './wire.ts'

export interface ControlParts {
  readonly sandbox: Pick<
    Sandbox,
    'fleet' | 'switches' | 'pushTpns' | 'pushHarmony' | 'harmonyTokens' | 'content' | 'reset'
  >
  readonly moderators: Moderators
  readonly campaigns: (() => Promise<string>) | undefined
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
export function createControl({ sandbox, moderators, campaigns, changed, state, calls, now }: ControlParts) {
  const { fleet, switches } = sandbox
  const routes: readonly Route[] = [
    { path: /^\/state$/, methods: { GET: state } },
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
          const { tpns, pushKit } = await read(request, switchChange)
          Object.assign(switches.tpns, tpns)
          Object.assign(switches.pushKit, pushKit)
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
          sandbox.content = await campaigns()
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
    const { app } = parseInput(pushApp, value)
    if (app === 'news-harmony') {
      const { title, content, url, group, badge, notifyId = notifyIdAt(now()) } = parseInput(harmonyPush, value)
      const tokens = tokensOf(group)
      sandbox.pushHarmony({ notifyId, tokens, title, body: content, url, badge })
      return { app, notifyId, group, tokens, recall: `/_sandbox/recall?app=${app}&notifyId=${notifyId}&group=${group}` }
    }
    const { sendAfterSeconds, ...rest } = parseInput(tpnsPush, value)
    const sendAt = sendAfterSeconds === undefined ? {} : { sendAtMs: now() + sendAfterSeconds * 1000 }
    const pushed = sandbox.pushTpns({ ...rest, ...sendAt })
    return { app, ...pushed, recall: `/_sandbox/recall?app=${app}&pushId=${pushed.pushId}` }
  }

  /** What a sender knows of its push, as a body for POST /v1/{operation}. */
  const recallBody = (query: URLSearchParams): object => {
    const app = query.get('app')
    const pushId = query.get('pushId')
    const correction = { title: '更正：链接有误', body: '请以本条通知为准，抱歉打扰。' }
    const rest = {
      ...(query.get('operation') === 'overlay' && { overlay: correction }),
      reason: 'wrong link',
    }
    if (app !== null && pushId !== null) return { target: { app, pushId }, ...rest }
    const notifyId = Number(query.get('notifyId') ?? Number.NaN)
    if (app !== 'news-harmony' || !Number.isSafeInteger(notifyId)) {
      throw new Problem('invalid-request', 'Name app and pushId, or app, notifyId and group.')
    }
    return { target: { app, notifyId, tokens: tokensOf(query.get('group') ?? 'all') }, ...rest }
  }

  const tokensOf = (group: string): string[] => {
    const tokens = sandbox.harmonyTokens(group)
    if (tokens.length > 0) return tokens
    throw new Problem('invalid-request', 'There is no such group of HarmonyOS devices.', {
      errors: [{ path: '/group', message: 'must be all, or the name of a HarmonyOS group' }],
    })
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

/** Another one every second, and never one that the demo's own pushes use. */
function notifyIdAt(nowMs: number): number {
  return 1_000_000_000 + (Math.floor(nowMs / 1000) % 1_000_000_000)
}
