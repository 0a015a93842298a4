/**
 * A stand-in of Tencent TPNS as its documents describe it (product/548: 39064, 39076, 50784, 39080), strict about
 * signatures, types and limits. It is its own reading of them and shares no code with the provider.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { honestTpns, type TpnsSwitches } from '../faults.ts'
import { type App, deliver, overlayTask, type Phone, revokeByTask, stopDelivery } from '../phone.ts'

export interface TpnsTask {
  readonly pushId: string
  readonly app: App
  readonly title: string
  readonly content: string
  readonly pushType: string
  readonly tagSet: unknown
  readonly collapseId: number
  readonly sentAtMs: number
  readonly environment: 'product' | 'dev'
  status: string
}

interface TpnsApp {
  readonly accessId: string
  readonly secretKey: string
  readonly platform: 'android' | 'ios'
}

export interface TpnsState {
  readonly apps: { readonly [A in 'news-android' | 'news-ios']: TpnsApp }
  readonly tasks: TpnsTask[]
  next: number
}

export interface TpnsPush {
  readonly app: 'news-android' | 'news-ios'
  readonly title: string
  readonly content: string
  readonly audience: string
  /** Fixed ids, for the requests that the vendor's own documents print. */
  readonly pushId?: string
  readonly collapseId?: number
  /** Epoch milliseconds: goes out then. */
  readonly sendAtMs?: number
}

/** What a request comes to; `act` changes phones and is left out where the stand-in only says yes. */
export interface Judgement {
  readonly status: number
  readonly body: object | null
  readonly code: string
  act(): void
}

export interface Tpns {
  readonly switches: TpnsSwitches
  push(push: TpnsPush): { pushId: string; collapseId: number }
  judge(
    path: string,
    headers: { readonly [name: string]: string | string[] | undefined },
    body: Buffer,
    method: string,
  ): Judgement
  /** Sends what was scheduled and is due. */
  tick(): boolean
}

export function createTpnsState(): TpnsState {
  const app = (accessId: string, platform: TpnsApp['platform']): TpnsApp => ({
    accessId,
    platform,
    secretKey: randomBytes(16).toString('hex'),
  })
  return {
    apps: { 'news-android': app('1500001048', 'android'), 'news-ios': app('1600001049', 'ios') },
    tasks: [],
    next: Date.now(),
  }
}

const skewMs = 300_000
const hourMs = 3_600_000
const queriesAnHour = 200
const maxMessageBytes = 4096

class Refusal extends Error {
  readonly code: number
  readonly status: number
  constructor(code: number, message: string, status = 200) {
    super(message)
    this.code = code
    this.status = status
  }
}

export function createTpns(state: TpnsState, phones: readonly Phone[], now: () => number): Tpns {
  const switches: TpnsSwitches = { ...honestTpns }
  const queries = new Map<string, number[]>()
  const pushedAt = new Map<string, number>()
  const full = new Map<string, number>()
  const of = (app: App) => phones.filter(phone => phone.app === app)

  const create = (push: TpnsPush, collapseId?: number): TpnsTask => {
    state.next += 1
    const task: TpnsTask = {
      pushId: push.pushId ?? String(1_328_245_138_690_000_000n + BigInt(state.next % 1_000_000_000)),
      app: push.app,
      title: push.title,
      content: push.content,
      pushType: push.audience,
      tagSet:
        push.audience === 'tag'
          ? { op: 'OR', tagWithType: [{ tagTypeName: 'xg_user_define', tagValue: 'news' }] }
          : null,
      collapseId: collapseId ?? push.collapseId ?? (state.next % 2_000_000_000) + 1,
      sentAtMs: push.sendAtMs ?? now(),
      environment: 'product',
      status: push.sendAtMs === undefined ? 'PUSH_FINISHED' : 'PUSH_WAIT',
    }
    state.tasks.push(task)
    return task
  }

  const authenticate = (
    headers: { readonly [name: string]: string | string[] | undefined },
    body: Buffer,
  ): [App & ('news-android' | 'news-ios'), TpnsApp] => {
    const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : '')
    const found = Object.entries(state.apps).find(([, app]) => app.accessId === text('accessid'))
    if (found === undefined) throw new Refusal(1008035, 'accessId is not correct or domain not correct', 403)
    const [name, app] = found
    const timestamp = text('timestamp')
    if (!/^\d{10}$/.test(timestamp) || Math.abs(Number(timestamp) * 1000 - now()) > skewMs)
      throw new Refusal(1008003, 'auth failure')
    const hex = createHmac('sha256', app.secretKey)
      .update(timestamp + app.accessId)
      .update(body)
      .digest('hex')
    const expected = Buffer.from(Buffer.from(hex).toString('base64'))
    const given = Buffer.from(text('sign'))
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Refusal(1008003, 'auth failure')
    return [name as 'news-android' | 'news-ios', app]
  }

  const taskOf = (app: App, members: { readonly [name: string]: unknown }, strict: boolean): TpnsTask => {
    const field = strict && switches.pushIdField !== 'either' ? switches.pushIdField : null
    const value = field === null ? (members['pushId'] ?? members['pushid']) : members[field]
    if (value === undefined) throw new Refusal(1008002, 'missing parameter')
    if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) throw new Refusal(1008007, 'invalid parameter')
    const task = state.tasks.find(known => known.pushId === value && known.app === app)
    if (task === undefined) throw new Refusal(1008015, 'push id not exist')
    return task
  }

  const control = (task: TpnsTask, status: string, act: (phone: Phone) => void): Judgement => ({
    status: 200,
    body: { retCode: 0, errMsg: 'NO_ERROR' },
    code: '0',
    act: () => {
      task.status = status
      for (const phone of of(task.app)) act(phone)
    },
  })

  const eligible = (task: TpnsTask): void => {
    if (!['all', 'tag', 'package_account_push'].includes(task.pushType)) throw new Refusal(1008007, 'invalid parameter')
  }

  const overlay = (
    app: 'news-android' | 'news-ios',
    platform: string,
    members: { readonly [name: string]: unknown },
  ): Judgement => {
    const {
      audience_type: audience,
      message,
      message_type: type,
      collapse_id: collapseId,
      force_collapse: force = false,
      environment,
    } = members
    if (typeof audience !== 'string' || typeof message !== 'object' || message === null || typeof type !== 'string')
      throw new Refusal(1008002, 'missing parameter')
    if (platform === 'ios' && environment !== 'product' && environment !== 'dev')
      throw new Refusal(1008002, 'missing parameter')
    const { title, content, android } = message as { readonly [name: string]: unknown }
    if (typeof title !== 'string' || typeof content !== 'string' || type !== 'notify')
      throw new Refusal(1008007, 'invalid parameter')
    if (Buffer.byteLength(JSON.stringify(message)) > maxMessageBytes) throw new Refusal(1008007, 'invalid parameter')
    if (typeof force !== 'boolean') throw new Refusal(1008001, 'parameter parse error')
    const wide = ['all', 'tag', 'package_account_push', 'package_token_push'].includes(audience)
    if (wide) {
      if (now() - (pushedAt.get(app) ?? 0) < 1000) throw new Refusal(1008028, 'request too fast')
      pushedAt.set(app, now())
    }
    const text = JSON.stringify([app, title, content])
    if (audience === 'all' && now() - (full.get(text) ?? 0) < hourMs) throw new Refusal(10010018, 'Push repeat')
    if (collapseId === undefined) throw new Refusal(1008002, 'missing parameter')
    if (typeof collapseId !== 'number' || !Number.isInteger(collapseId))
      throw new Refusal(1008001, 'parameter parse error')
    const old = state.tasks.find(
      task => task.app === app && task.collapseId === collapseId && task.status !== 'PUSH_COLLAPSED',
    )
    if (old === undefined) throw new Refusal(1008007, 'invalid parameter')
    if (old.status === 'PUSH_WAIT') throw new Refusal(1008007, 'invalid parameter')
    if (old.pushType !== audience) throw new Refusal(1008007, 'invalid parameter')
    if ((android as { custom_content?: unknown } | undefined)?.custom_content !== undefined)
      throw new Refusal(1008007, 'invalid parameter')
    let task: TpnsTask | null = null
    return {
      status: 200,
      get body() {
        return {
          seq: 0,
          push_id: task?.pushId ?? '0',
          ret_code: 0,
          environment: platform === 'ios' ? environment : '',
          err_msg: 'NO_ERROR',
          result: '{}',
        }
      },
      code: '0',
      act: () => {
        if (audience === 'all') full.set(text, now())
        old.status = 'PUSH_COLLAPSED'
        task = create({ app, title, content, audience }, collapseId)
        const notice = { key: task.pushId, title, body: content }
        for (const phone of of(app)) overlayTask(phone, old.pushId, notice, force)
      },
    }
  }

  const query = (app: App, members: { readonly [name: string]: unknown }): Judgement => {
    const recent = (queries.get(app) ?? []).filter(at => now() - at < hourMs)
    if (switches.queriesUsedUp || recent.length >= queriesAnHour) throw new Refusal(1008028, 'request too fast')
    queries.set(app, [...recent, now()])
    const task = taskOf(app, members, false)
    // a bare number beyond 2^53, as in the document's sample: exact only for those who read it exactly
    const record = { raw: `{"retCode":0,"errMsg":"NO_ERROR","pushRecordData":[${recordOf(task)}]}` }
    return { status: 200, body: record, code: '0', act: () => {} }
  }

  const routes: {
    readonly [path: string]: (
      app: 'news-android' | 'news-ios',
      platform: string,
      members: { readonly [name: string]: unknown },
    ) => Judgement
  } = {
    '/v3/push/stop_push_msg': (app, platform, members) => {
      const task = taskOf(app, members, true)
      eligible(task)
      if (platform === 'ios') throw new Refusal(1008007, 'invalid parameter')
      return control(task, 'PUSH_DELETED_PUSH_MSG', phone => stopDelivery(phone, task.pushId))
    },
    '/v3/push/revoke_push_msg': (app, _platform, members) => {
      if (switches.revokeRetired) throw new Refusal(1008007, '该功能已下线')
      const task = taskOf(app, members, true)
      eligible(task)
      return control(task, 'PUSH_REVOKED', phone => revokeByTask(phone, task.pushId))
    },
    '/v3/push/cancel_timing_task': (app, _platform, members) => {
      const task = taskOf(app, members, true)
      if (task.status !== 'PUSH_WAIT') throw new Refusal(1008007, 'invalid parameter')
      return control(task, 'PUSH_CANCELED', () => {})
    },
    '/v3/push/app': overlay,
    '/v3/statistics/get_push_record': (app, _platform, members) => query(app, members),
  }

  return {
    switches,
    push: push => {
      const task = create(push)
      if (task.status !== 'PUSH_WAIT') for (const phone of of(task.app)) deliver(phone, noticeOf(task))
      return { pushId: task.pushId, collapseId: task.collapseId }
    },
    judge: (path, headers, body, method) => {
      try {
        const route = routes[path]
        if (route === undefined) return { status: 404, body: null, code: '404', act: () => {} }
        if (method !== 'POST') return { status: 405, body: null, code: '405', act: () => {} }
        const [app, { platform }] = authenticate(headers, body)
        if (!String(headers['content-type'] ?? '').startsWith('application/json'))
          throw new Refusal(1008001, 'parameter parse error')
        return route(app, platform, parse(body))
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        // the two dialects of the host
        const refused =
          path === '/v3/push/app'
            ? { seq: 0, ret_code: error.code, err_msg: error.message }
            : { retCode: error.code, errMsg: error.message }
        return { status: error.status, body: refused, code: String(error.code), act: () => {} }
      }
    },
    tick: () => {
      const due = state.tasks.filter(task => task.status === 'PUSH_WAIT' && task.sentAtMs <= now())
      for (const task of due) {
        task.status = 'PUSH_FINISHED'
        for (const phone of of(task.app)) deliver(phone, noticeOf(task))
      }
      return due.length > 0
    },
  }
}

function noticeOf({ pushId, title, content }: TpnsTask) {
  return { key: pushId, title, body: content }
}

function parse(body: Buffer): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as { readonly [name: string]: unknown }
  } catch {
    // not JSON: refused below
  }
  throw new Refusal(1008001, 'parameter parse error')
}

/** The members of the document's sample (39076), in its order. */
function recordOf(task: TpnsTask): string {
  const date = new Date(task.sentAtMs + 8 * hourMs).toISOString().slice(0, 19).replace('T', ' ')
  const rest = {
    title: task.title,
    content: task.content,
    status: task.status,
    pushType: task.pushType,
    targetList: null,
    tagSet: task.tagSet,
    uploadId: 0,
    expireTime: 259_200,
    messageType: 'notify',
    xgMediaResources: '',
    environment: task.environment,
    collapseID: task.collapseId,
    pushConfig: {
      android: { ring: 1, vibrate: 0, lights: 1, clearable: 1, action: { action_type: 1 }, custom_content: '{}' },
      ios: null,
    },
    multiPkg: false,
  }
  return `{"date":"${date}","pushId":${task.pushId},${JSON.stringify(rest).slice(1)}`
}
