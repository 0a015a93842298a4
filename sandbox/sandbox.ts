/** The sandbox: stand-ins of the vendors, the phones they drive, and an API and a page to watch and change both. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod/mini'
import { fail, type PushKitSwitches, switchSchemas, type TpnsSwitches } from './faults.ts'
import { createFleet, packFleet, type PhoneState, unpackFleet } from './fleet.ts'
import { isLoopback } from './loopback.ts'
import { type App, goOnline, type Phone, touch } from './phone.ts'
import { createPushKit, createPushKitState, type PushKit, type PushKitState } from './vendors/push-kit.ts'
import {
  createTpns,
  createTpnsState,
  type Judgement,
  type Tpns,
  type TpnsPush,
  type TpnsState,
} from './vendors/tpns.ts'

export interface Sandbox {
  /** Answers everything below /_sandbox; resolves with false when the path is not its own. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Secrets of the three demo apps, wired to the stand-ins below `origin`. */
  secrets(origin: string): { readonly [name: string]: unknown }
  /** Pushes as a sender's own system makes them, before any recall. */
  pushTpns(push: TpnsPush): { pushId: string; collapseId: number }
  pushHarmony(push: Parameters<PushKit['push']>[0]): void
  harmonyTokens(): string[]
  deviceCount(app: App): number
  readonly phones: readonly Phone[]
  readonly switches: { readonly tpns: TpnsSwitches; readonly pushKit: PushKitSwitches }
  /** Plain JSON; given back at the next start, it is the same world. */
  snapshot(): unknown
  onChange(listener: () => void): () => void
  close(): void
}

interface Snapshot {
  readonly tpns: TpnsState
  readonly pushKit: PushKitState
  readonly phones: readonly PhoneState[]
}

interface VendorCall {
  readonly at: string
  readonly vendor: 'tpns' | 'pushKit'
  readonly path: string
  readonly code: string
  readonly tokens: number | null
}

const keptCalls = 60
const maxBodyBytes = 4 * 1024 * 1024
const throttleMs = 120

export function createSandbox({ snapshot, now = Date.now }: { snapshot?: unknown; now?: () => number } = {}): Sandbox {
  const known = snapshot as Snapshot | undefined
  const state: Snapshot = {
    tpns: known?.tpns ?? createTpnsState(),
    pushKit: known?.pushKit ?? createPushKitState(),
    phones: [],
  }
  const phones = createFleet()
  if (known !== undefined) unpackFleet(phones, known.phones)
  const tpns = createTpns(state.tpns, phones, now)
  const pushKit = createPushKit(state.pushKit, phones, now)
  const calls: VendorCall[] = []
  const listeners = new Set<() => void>()
  const streams = new Set<ServerResponse>()
  let scheduled: NodeJS.Timeout | null = null

  const changed = (): void => {
    for (const listener of listeners) listener()
    if (streams.size === 0 || scheduled !== null) return
    scheduled = setTimeout(() => {
      scheduled = null
      const data = `data: ${JSON.stringify(view())}\n\n`
      for (const stream of streams) stream.write(data)
    }, throttleMs)
  }
  const clock = setInterval(() => tpns.tick() && changed(), 500)
  clock.unref()

  const view = () => ({ groups: groupsOf(phones), switches: { tpns: tpns.switches, pushKit: pushKit.switches }, calls })

  const vendorCall = async (
    vendor: 'tpns' | 'pushKit',
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const body = await readBody(request)
    const stand: Tpns | PushKit = vendor === 'tpns' ? tpns : pushKit
    const judgement: Judgement = stand.judge(path, request.headers, body, request.method ?? '')
    const act = () => {
      if (!stand.switches.acceptedButNothing) judgement.act()
    }
    const failed = await fail(stand.switches, response, act)
    if (!failed) {
      act()
      respond(response, judgement)
    }
    const tokens = vendor === 'pushKit' ? tokensIn(body) : null
    calls.unshift({
      at: new Date(now()).toISOString(),
      vendor,
      path,
      code: failed ? `(${stand.switches.failure})` : judgement.code,
      tokens,
    })
    calls.length = Math.min(calls.length, keptCalls)
    changed()
  }

  const api = createApi({ phones, tpns, pushKit, changed, view, streams })

  return {
    handle: async (request, response) => {
      const [path = ''] = (request.url ?? '').split('?')
      if (path !== '/_sandbox' && !path.startsWith('/_sandbox/')) return false
      if (!isLoopback(request.headers.host)) {
        send(response, 403, { error: 'only for loopback hosts' })
        return true
      }
      if (path.startsWith('/_sandbox/tpns/'))
        await vendorCall('tpns', path.slice('/_sandbox/tpns'.length), request, response)
      else if (path.startsWith('/_sandbox/pushkit/'))
        await vendorCall('pushKit', path.slice('/_sandbox/pushkit'.length), request, response)
      else await api(path, request, response)
      return true
    },
    secrets: origin => {
      const app = (name: 'news-android' | 'news-ios') => {
        const { accessId, secretKey, platform } = state.tpns.apps[name]
        return {
          provider: 'tpns',
          accessId,
          secretKey,
          region: 'guangzhou',
          platform,
          ...(platform === 'ios' ? { environment: 'product' } : {}),
          endpoint: `${origin}/_sandbox/tpns`,
        }
      }
      return {
        'unpush/apps/news-android': app('news-android'),
        'unpush/apps/news-ios': app('news-ios'),
        'unpush/apps/news-harmony': {
          provider: 'huawei',
          clientId: state.pushKit.clientId,
          serviceAccount: {
            project_id: state.pushKit.projectId,
            key_id: state.pushKit.keyId,
            private_key: state.pushKit.privateKey,
            sub_account: state.pushKit.subAccount,
            auth_uri: 'https://oauth-login.cloud.huawei.com/oauth2/v3/authorize',
            token_uri: 'https://oauth-login.cloud.huawei.com/oauth2/v3/token',
            auth_provider_cert_uri: 'https://oauth-login.cloud.huawei.com/oauth2/v3/certs',
            client_cert_uri: 'https://oauth-login.cloud.huawei.com/oauth2/v3/x509?client_id=',
          },
          endpoint: `${origin}/_sandbox/pushkit`,
          overlayCategory: 'MARKETING',
        },
      }
    },
    pushTpns: push => {
      const pushed = tpns.push(push)
      changed()
      return pushed
    },
    pushHarmony: push => {
      pushKit.push(push)
      changed()
    },
    harmonyTokens: () => phones.flatMap(phone => (phone.token === null ? [] : [phone.token])),
    deviceCount: app => phones.filter(phone => phone.app === app).length,
    phones,
    switches: { tpns: tpns.switches, pushKit: pushKit.switches },
    snapshot: (): Snapshot => ({ tpns: state.tpns, pushKit: state.pushKit, phones: packFleet(phones) }),
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      clearInterval(clock)
      if (scheduled !== null) clearTimeout(scheduled)
      for (const stream of streams) stream.end()
    },
  }
}

interface ApiParts {
  readonly phones: readonly Phone[]
  readonly tpns: Tpns
  readonly pushKit: PushKit
  readonly changed: () => void
  readonly view: () => object
  readonly streams: Set<ServerResponse>
}

const phoneChange = z.union([
  z.strictObject({ online: z.boolean() }),
  z.strictObject({ alive: z.boolean() }),
  z.strictObject({ click: z.string() }),
  z.strictObject({ clear: z.string() }),
])
const switchChange = z.strictObject({
  tpns: z.optional(z.partial(switchSchemas.tpns)),
  pushKit: z.optional(z.partial(switchSchemas.pushKit)),
})
const pushBody = z.union([
  z.strictObject({
    app: z.enum(['news-android', 'news-ios']),
    title: z.string(),
    content: z.string(),
    audience: z._default(z.enum(['all', 'tag']), 'all'),
    sendAfterSeconds: z.optional(z.number()),
  }),
  z.strictObject({
    app: z.literal('news-harmony'),
    notifyId: z.int().check(z.minimum(0), z.maximum(2_147_483_647)),
    title: z.string(),
    content: z.string(),
  }),
])

const pages: { readonly [path: string]: readonly [file: string, type: string] } = {
  '/_sandbox': ['index.html', 'text/html; charset=utf-8'],
  '/_sandbox/docs': ['docs.html', 'text/html; charset=utf-8'],
  '/_sandbox/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/_sandbox/page.css': ['page.css', 'text/css; charset=utf-8'],
}
const csp =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

function createApi({ phones, tpns, pushKit, changed, view, streams }: ApiParts) {
  return async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const page = pages[path]
    const { method } = request
    if (method === 'GET' && page !== undefined) {
      const [file, type] = page
      const headers = {
        'content-type': type,
        'content-security-policy': csp,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-cache',
        'referrer-policy': 'no-referrer',
      }
      response.writeHead(200, headers).end(await readFile(new URL(`page/${file}`, import.meta.url)))
      return
    }
    if (method === 'GET' && path === '/_sandbox/state') return send(response, 200, view())
    if (method === 'GET' && path === '/_sandbox/events') return stream(request, response)
    const id = /^\/_sandbox\/phones\/([a-z0-9.-]+)$/.exec(path)?.[1]
    const phone = id === undefined ? undefined : phones.find(candidate => candidate.id === id)
    if (id !== undefined && phone === undefined) return send(response, 404, { error: 'no such phone' })
    if (method === 'GET' && phone !== undefined) return send(response, 200, phoneView(phone))
    if (method !== 'POST' && method !== 'PATCH')
      return send(response, 404, { error: 'nothing here: /_sandbox/docs lists what is' })
    // a page of another site can post forms, not JSON
    if (!(request.headers['content-type'] ?? '').startsWith('application/json'))
      return send(response, 415, { error: 'send JSON' })
    const body = await readJson(request)
    if (method === 'POST' && phone !== undefined) {
      const change = phoneChange.safeParse(body)
      if (!change.success)
        return send(response, 400, { error: 'one of {"online":bool}, {"alive":bool}, {"click":key}, {"clear":key}' })
      changePhone(phone, change.data)
      changed()
      return send(response, 200, phoneView(phone))
    }
    if (method === 'PATCH' && path === '/_sandbox/switches') {
      const change = switchChange.safeParse(body)
      if (!change.success)
        return send(response, 400, { error: 'an unknown switch or value: GET /_sandbox/state lists them' })
      Object.assign(tpns.switches, change.data.tpns)
      Object.assign(pushKit.switches, change.data.pushKit)
      changed()
      return send(response, 200, { tpns: tpns.switches, pushKit: pushKit.switches })
    }
    if (method === 'POST' && path === '/_sandbox/push') {
      const push = pushBody.safeParse(body)
      if (!push.success) return send(response, 400, { error: 'see /_sandbox/docs for the members of a push' })
      const { data } = push
      if (data.app === 'news-harmony') {
        const tokens = phones.flatMap(({ token }) => (token === null ? [] : [token]))
        pushKit.push({ notifyId: data.notifyId, tokens, title: data.title, body: data.content })
        changed()
        return send(response, 200, { app: data.app, notifyId: data.notifyId, tokens })
      }
      const { sendAfterSeconds, ...rest } = data
      const pushed = tpns.push({
        ...rest,
        ...(sendAfterSeconds === undefined ? {} : { sendAtMs: Date.now() + sendAfterSeconds * 1000 }),
      })
      changed()
      return send(response, 200, { app: data.app, ...pushed })
    }
    send(response, 404, { error: 'nothing here: /_sandbox/docs lists what is' })
  }

  function stream(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    response.write(`data: ${JSON.stringify(view())}\n\n`)
    streams.add(response)
    request.once('close', () => streams.delete(response))
  }
}

function changePhone(phone: Phone, change: z.output<typeof phoneChange>): void {
  if ('click' in change) touch(phone, change.click, 'clicked')
  else if ('clear' in change) touch(phone, change.clear, 'cleared')
  else if ('alive' in change) phone.alive = change.alive
  else if (change.online) goOnline(phone)
  else phone.online = false
}

/** Tokens are personal data, the sandbox's too: no view holds one. */
function phoneView({ token: _, pending, ...phone }: Phone): object {
  return { ...phone, queued: pending.length }
}

const shownInFull = 3

/** Per channel and model: counts, a few phones in full, and every phone's mark as one letter. */
function groupsOf(phones: readonly Phone[]): object[] {
  const groups = new Map<string, Phone[]>()
  for (const phone of phones) {
    const name = phone.model ?? phone.channel
    const members = groups.get(name)
    if (members === undefined) groups.set(name, [phone])
    else members.push(phone)
  }
  return [...groups].map(([name, members]) => {
    const counts: { [mark: string]: number } = {}
    for (const { mark } of members) counts[mark] = (counts[mark] ?? 0) + 1
    return {
      name,
      app: members[0]?.app,
      total: members.length,
      offline: members.filter(({ online }) => !online).length,
      counts,
      marks: members.map(({ mark }) => letters[mark]).join(''),
      phones: pick(members).map(phoneView),
    }
  })
}

const letters = { none: '.', queued: 'q', shown: 's', removed: 'r', replaced: 'p', clicked: 'c', cleared: 'x' } as const

/** Two that are online and one that is not; on iOS one whose app is dead. */
function pick(members: readonly Phone[]): Phone[] {
  const picked = [
    members.find(phone => phone.online && phone.alive),
    members.find(phone => phone.online && !phone.alive),
    members.find(phone => !phone.online),
  ]
  const chosen = new Set(picked.filter(phone => phone !== undefined))
  for (const phone of members) if (chosen.size < shownInFull) chosen.add(phone)
  return [...chosen]
}

function respond(response: ServerResponse, { status, body }: Judgement): void {
  if (body === null) {
    response.writeHead(status, { 'content-type': 'text/html' }).end(`<html><body>${status}</body></html>`)
    return
  }
  const text = 'raw' in body ? String(body.raw) : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json' }).end(text)
}

function send(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= maxBodyBytes) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse((await readBody(request)).toString('utf8'))
  } catch {
    return null
  }
}

function tokensIn(body: Buffer): number | null {
  try {
    const { token, target }: { token?: unknown[]; target?: { token?: unknown[] } } = JSON.parse(body.toString('utf8'))
    return (token ?? target?.token ?? []).length
  } catch {
    return null
  }
}
