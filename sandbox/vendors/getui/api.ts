/**
 * A stand-in of Getui's REST API, version 2, as its documents describe it: login, stop, scheduled tasks, and pushes that recall or
 * overlay. It is its own reading and shares no code with the provider.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Fleet } from '../../fleet.ts'
import type { Phone } from '../../phone.ts'
import {
  answer,
  gatewayPage,
  headerOf,
  isJsonType,
  isObject,
  type JsonObject,
  type Judgement,
  readJsonObject,
  type VendorRequest,
} from '../judgement.ts'
import { readAudience, readPush, type SentPush } from './push.ts'
import { parameter, Refusal, replyText, statusOf } from './refusal.ts'
import type { GetuiState, GetuiTask } from './state.ts'
import type { GetuiSwitches } from './switches.ts'
import { createTasks, newTaskId, type Tasks } from './tasks.ts'

export interface Getui {
  judge(request: VendorRequest): Judgement
  readonly tasks: Tasks
}

const dayMs = 86_400_000
const minuteMs = 60_000
const clockMs = 600_000
const requestIdMs = 3_600_000
const batchAtMost = 200
const broadcastsAMinute = 5

export function createGetui(state: GetuiState, switches: GetuiSwitches, fleet: Fleet, now: () => number): Getui {
  const tasks = createTasks(state, fleet, now)
  const ok = (data?: object): string => replyText(0, 'success', data)

  const login = (request: VendorRequest): Judgement => {
    const { sign, timestamp, appkey } = bodyOf(request)
    if (typeof timestamp !== 'string' || !/^\d{13}$/.test(timestamp)) throw parameter('timestamp is invalid')
    if (Math.abs(now() - Number(timestamp)) > clockMs) throw parameter('timestamp is invalid')
    if (appkey !== state.appKey) throw parameter('appkey is invalid')
    const due = createHash('sha256').update(`${state.appKey}${timestamp}${state.masterSecret}`).digest('hex')
    if (typeof sign !== 'string' || !equal(sign, due)) throw parameter('sign is invalid')
    const token = randomBytes(32).toString('hex')
    state.logins += 1
    for (const [old, { endsAtMs }] of Object.entries(state.tokens)) if (endsAtMs <= now()) delete state.tokens[old]
    state.tokens[token] = { endsAtMs: now() + dayMs, calls: 0 }
    return answer('0', ok({ expire_time: String(now() + dayMs), token }))
  }

  /** Throws Refusal. */
  const authenticate = (token: string): void => {
    const known = Object.hasOwn(state.tokens, token) ? state.tokens[token] : undefined
    if (known === undefined || known.endsAtMs <= now()) throw new Refusal(10001, 'token is invalid')
    known.calls += 1
    if (switches.callsPerToken !== null && known.calls > switches.callsPerToken) {
      delete state.tokens[token]
      throw new Refusal(10001, 'token is expired')
    }
    if (switches.otherHost) throw new Refusal(301, 'domain is wrong')
  }

  const stop = (id: string): Judgement => {
    const task = tasks.find(id)
    if (task === undefined) throw parameter('taskid is invalid')
    if (task.kind === 'single') throw parameter('taskid is invalid: single push can not be stopped')
    return answer('0', ok(), {
      act: () => {
        state.stops += 1
        tasks.stop(task)
      },
    })
  }

  const isWaiting = ({ scheduledAtMs, deleted }: GetuiTask): boolean =>
    scheduledAtMs !== null && scheduledAtMs > now() && !deleted
  const scheduled = (id: string): GetuiTask => {
    const task = tasks.find(id)
    if (task === undefined || task.scheduledAtMs === null) throw new Refusal(22002, 'task is invalid')
    return task
  }
  const deleteScheduled = (id: string): Judgement => {
    const task = scheduled(id)
    if (!task.deleted && !isWaiting(task)) throw new Refusal(22001, 'task has been executed')
    if (!task.deleted && Number(task.scheduledAtMs) - now() < minuteMs) throw new Refusal(22002, 'time is illegal')
    return answer('0', ok(), {
      act: () => {
        state.deletes += 1
        tasks.delete(task)
      },
      pretend: () => {
        if (switches.recordLies) task.deleted = true
      },
    })
  }
  const readScheduled = (id: string): Judgement => {
    const task = scheduled(id)
    const newer = task.deleted ? 'has_delete' : isWaiting(task) ? 'do_not_send' : 'send_success'
    const told = switches.olderRecord
      ? { status: newer === 'send_success' ? 'success' : newer }
      : { send_result: newer }
    const at = String(task.scheduledAtMs)
    return answer('0', ok({ [id]: { create_time: at, ...told, transmission_content: '', push_time: at } }))
  }

  /** Throws Refusal. True: it was taken before, and is dropped. */
  const isRepeated = ({ requestId }: SentPush): boolean => {
    for (const [id, at] of Object.entries(state.requestIds)) if (now() - at >= requestIdMs) delete state.requestIds[id]
    if (!Object.hasOwn(state.requestIds, requestId)) return false
    if (switches.repeats === 'refused') throw parameter('request_id cannot be repeat.')
    return true
  }

  const allowed = ({ what }: SentPush): void => {
    if (switches.noRevoke && what.kind === 'recall') throw parameter('permission required by revoke')
    if (switches.quotaUsedUp) throw new Refusal(30_010, 'push count over limit today')
  }

  /** Takes the request id, so that a repeat does nothing. */
  const carryOut = (push: SentPush, id: string, kind: GetuiTask['kind'], phones: readonly Phone[]): void => {
    const { what, requestId, ttlMs } = push
    state.requestIds[requestId] = now()
    if (what.kind === 'recall') {
      state.revokes += 1
      tasks.recall(phones, what.recall)
      return
    }
    state.overlays += 1
    const of = (some: readonly Phone[]) => some.flatMap(({ token }) => token ?? [])
    const common = { kind, ttlMs, correction: true, collapseId: null }
    const { own, makers, ios } = what
    const isApple = ({ model }: Phone) => model === 'getui-iphone'
    const byMaker = phones.filter(phone => !isApple(phone) && phone.group.queue === 'maker')
    tasks.add({ ...common, ...own, id, to: of(phones.filter(({ group }) => group.queue === 'vendor')) })
    if (makers !== null) tasks.add({ ...common, ...makers, id, to: of(byMaker) })
    if (ios !== null) tasks.add({ ...common, ...ios, url: null, notifyId: null, id, to: of(phones.filter(isApple)) })
  }

  const toDevices = (pushes: readonly SentPush[]): Judgement => {
    const ids = pushes.map(({ requestId }) => requestId)
    if (new Set(ids).size < ids.length) throw parameter('contains duplicate request_id')
    for (const push of pushes) allowed(push)
    const each = pushes.map((push, index) => {
      const cid = String(readAudience(push.audience, 'cid'))
      const phone = fleet.byToken(cid)
      return { push, cid, phone, isInactive: index < switches.inactive, repeated: isRepeated(push) }
    })
    const strangers = each.filter(({ phone }) => phone === undefined).length
    if (strangers > 0 && (switches.strangers === 'whole-batch' || pushes.length === 1))
      throw parameter('target user is invalid')
    const told = each.flatMap(({ phone, cid, ...one }) => {
      if (phone === undefined) return []
      const state = one.isInactive ? 'ignore' : phone.online ? 'online' : 'offline'
      return [{ ...one, phone, cid, id: newTaskId('single', now()), word: `successed_${state}` }]
    })
    const data = Object.fromEntries(told.map(({ id, cid, word }) => [id, { [cid]: word }]))
    return answer('0', ok(data), {
      tokens: pushes.length,
      said: told.length < each.length ? 'partly' : 'yes',
      act: () => {
        for (const { push, id, phone, isInactive, repeated } of told)
          if (!isInactive && !repeated) carryOut(push, id, 'single', [phone])
      },
    })
  }

  const toMany = (path: string, push: SentPush): Judgement => {
    allowed(push)
    const phones = phonesOf(path, push.audience)
    const repeated = isRepeated(push)
    const lately = state.broadcasts.filter(at => now() - at < minuteMs)
    if (lately.length >= broadcastsAMinute) throw new Refusal(30_014, 'all push over limit this minute')
    state.broadcasts.splice(0, Number.POSITIVE_INFINITY, ...lately, now())
    const id = newTaskId('all', now())
    return answer('0', ok({ taskid: id }), {
      act: () => {
        if (!repeated) carryOut(push, id, 'all', phones)
      },
    })
  }

  /** Throws Refusal. */
  const phonesOf = (path: string, audience: unknown): readonly Phone[] => {
    if (path === '/push/all') {
      if (audience !== 'all') throw parameter('audience is invalid')
      return fleet.phones
    }
    if (path === '/push/fast_custom_tag') {
      const tag = String(readAudience(audience, 'fast_custom_tag'))
      return fleet.phones.filter(({ tags }) => tags.includes(tag))
    }
    const conditions = readAudience(audience, 'tag') as readonly { key: string; values: string[]; how: string }[]
    return fleet.phones.filter(({ tags }) =>
      conditions.every(({ key, values, how }) => {
        const has = key === 'custom_tag' && values.some(value => tags.includes(value))
        return how === 'not' ? !has : has
      }),
    )
  }

  const alias = (push: SentPush): Judgement => {
    allowed(push)
    const name = String(readAudience(push.audience, 'alias'))
    // the demo's phones are called by what they are
    const phone = fleet.byId(name)
    if (phone === undefined) throw parameter('target user is invalid')
    const repeated = isRepeated(push)
    const id = newTaskId('single', now())
    return answer('0', ok({ [id]: { [name]: phone.online ? 'successed_online' : 'successed_offline' } }), {
      act: () => {
        if (!repeated) carryOut(push, id, 'single', [phone])
      },
    })
  }

  const route = (path: string, request: VendorRequest): Judgement => {
    const { method } = request
    if (method === 'POST' && path === '/auth') return login(request)
    const [, isSchedule, id = ''] = /^\/task\/(schedule\/)?([^/]+)$/.exec(path) ?? []
    const known = id !== '' || pushPaths.has(path)
    if (!known) throw new Refusal(404, 'url is wrong')
    authenticate(headerOf(request.headers, 'token'))
    if (id !== '') {
      if (method === 'DELETE') return isSchedule === undefined ? stop(id) : deleteScheduled(id)
      if (method === 'GET' && isSchedule !== undefined) return readScheduled(id)
      throw new Refusal(405, 'method is wrong')
    }
    if (method !== 'POST') throw new Refusal(405, 'method is wrong')
    const body = bodyOf(request)
    if (path === '/push/single/batch/cid') return toDevices(batchOf(body))
    const push = readPush(body)
    if (path === '/push/single/cid') return toDevices([push])
    return path === '/push/single/alias' ? alias(push) : toMany(path, push)
  }

  return {
    tasks,
    judge: request => {
      tasks.tick()
      state.requests += 1
      const [, appId, path = ''] = /^\/v2\/([^/]+)(\/.*)$/.exec(request.path) ?? []
      if (appId === undefined) return gatewayPage(404, 'Not Found')
      try {
        if (appId !== state.appId) throw parameter('appId is invalid')
        return route(path, request)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const { code, message } = error
        return answer(String(code), replyText(code, message), { httpStatus: statusOf(code), said: 'no' })
      }
    },
  }
}

const pushPaths = new Set([
  '/push/single/cid',
  '/push/single/alias',
  '/push/single/batch/cid',
  '/push/all',
  '/push/tag',
  '/push/fast_custom_tag',
])

/** Throws Refusal. */
function bodyOf({ headers, body }: VendorRequest): JsonObject {
  const read = isJsonType(headers) ? readJsonObject(body) : undefined
  if (read === undefined) throw new Refusal(1, 'body is not json')
  return read
}

function batchOf({ is_async: isAsync = false, msg_list: list, ...rest }: JsonObject): SentPush[] {
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) throw parameter(`${unknown} is invalid`)
  // what is asynchronous names no device
  if (isAsync !== false) throw parameter('is_async is invalid')
  if (!Array.isArray(list) || list.length === 0 || !list.every(isObject)) throw parameter('msg_list can not be empty')
  if (list.length > batchAtMost) throw parameter('msg_list size over limit')
  return list.map(readPush)
}

function equal(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
