/**
 * A stand-in of Tencent TPNS as its documents describe it (product/548: 39064, 39076, 39077, 39080, 50784), strict about
 * signatures, types and limits. It is its own reading of them and shares no code with the provider.
 */
import type { Fleet } from '../../fleet.ts'
import { revokeTask, stopTask } from '../../recall-effects.ts'
import {
  answer,
  gatewayPage,
  isJsonType,
  type JsonObject,
  type Judgement,
  readJsonObject,
  type VendorRequest,
} from '../judgement.ts'
import { canBeTakenBack, isWide } from './audience.ts'
import { authenticate } from './auth.ts'
import { figuresOf, onlyPushId } from './figures.ts'
import { readPush } from './push.ts'
import { listRecords, oneRecord } from './records.ts'
import { Refusal } from './refusal.ts'
import type { TaskStatus, TpnsAppName, TpnsState, TpnsTask } from './state.ts'
import type { TpnsSwitches } from './switches.ts'
import { createTpnsTasks, type TpnsPush } from './tasks.ts'

export interface Tpns {
  /** A push by a sender's own system. */
  push(push: TpnsPush): TpnsTask
  /** How the request is answered, and what it does then. */
  judge(request: VendorRequest): Judgement
  /** Sends what is due; true where something changed. */
  tick(): boolean
}

type Route = (app: TpnsAppName, request: JsonObject) => Judgement

const hourMs = 3_600_000
const queriesAnHour = 200
const pushesEveryMs = 1000
const pushPath = '/v3/push/app'

export function createTpns(state: TpnsState, switches: TpnsSwitches, fleet: Fleet, now: () => number): Tpns {
  const tasks = createTpnsTasks(state, fleet, switches, now)

  /** The task that a control request names. */
  const named = (app: TpnsAppName, { pushId, pushid }: JsonObject): TpnsTask => {
    const read = { either: pushId ?? pushid, pushId, pushid }[switches.pushIdField]
    if (read === undefined) throw new Refusal(1_008_002)
    if (switches.pushIdField === 'either' && pushId !== undefined && pushid !== undefined && pushId !== pushid) {
      throw new Refusal(1_008_007)
    }
    return find(app, read)
  }

  const find = (app: TpnsAppName, pushId: unknown): TpnsTask => {
    if (pushId === undefined) throw new Refusal(1_008_002)
    if (typeof pushId !== 'string' || !/^\d{1,20}$/.test(pushId)) throw new Refusal(1_008_007)
    const task = tasks.find(app, pushId)
    if (task === undefined) throw new Refusal(1_008_015)
    return task
  }

  /** Not documented for these three: either of the host's two dialects. */
  const done = (changes: Pick<Judgement, 'act' | 'pretend'>): Judgement => {
    const text =
      switches.controlAnswers === 'camelCase'
        ? { retCode: 0, errMsg: 'NO_ERROR' }
        : { seq: 0, ret_code: 0, err_msg: 'NO_ERROR', result: '{}' }
    return answer('0', JSON.stringify(text), changes)
  }

  const control = (task: TpnsTask, status: TaskStatus, touchPhones: () => void): Judgement => {
    if (!canBeTakenBack(task.audience)) throw new Refusal(1_008_007)
    return done({
      act: () => {
        // a stop takes nothing from what a revoke or an overlay has done
        const ended = task.status === 'PUSH_REVOKED' || task.status === 'PUSH_COLLAPSED'
        if (!(ended && status === 'PUSH_DELETED_PUSH_MSG')) task.status = status
        touchPhones()
      },
      pretend: () => {
        if (switches.statusLies) task.status = status
      },
    })
  }

  /** Each page of statistics states 200 an hour; whether together is not said, so it is. */
  const spendQuery = (app: TpnsAppName): void => {
    const recent = state.queries[app].filter(at => now() - at < hourMs)
    state.queries[app].splice(0, Number.POSITIVE_INFINITY, ...recent)
    if (switches.queriesUsedUp || recent.length >= queriesAnHour) throw new Refusal(1_008_028)
    state.queries[app].push(now())
  }

  /** What has not gone out has nothing to stop or revoke: it is cancelled. */
  const sent = (task: TpnsTask): TpnsTask => {
    if (task.status === 'PUSH_WAIT' || task.status === 'PUSH_CANCELED') throw new Refusal(1_008_007)
    return task
  }

  const routes: { readonly [path: string]: Route } = {
    '/v3/push/stop_push_msg': (app, request) => {
      const task = sent(named(app, request))
      // "iOS: not supported" (50784)
      if (state.apps[app].platform === 'ios') throw new Refusal(1_008_007)
      return control(task, 'PUSH_DELETED_PUSH_MSG', () => {
        for (const phone of tasks.audiencePhones(task)) stopTask(phone, task.pushId, switches)
      })
    },
    '/v3/push/revoke_push_msg': (app, request) => {
      if (switches.revokeRetired) throw new Refusal(1_008_007, { text: '该功能已下线' })
      const task = sent(named(app, request))
      return control(task, 'PUSH_REVOKED', () => {
        for (const phone of tasks.audiencePhones(task)) revokeTask(phone, task.pushId, switches)
      })
    },
    '/v3/push/cancel_timing_task': (app, request) => {
      const task = named(app, request)
      if (!isWide(task.audience) || task.status !== 'PUSH_WAIT') throw new Refusal(1_008_007)
      return done({
        act: () => (task.status = 'PUSH_CANCELED'),
        pretend: () => switches.statusLies && (task.status = 'PUSH_CANCELED'),
      })
    },
    [pushPath]: (app, request) => {
      const task = readPush(app, state.apps[app], request, tasks, now())
      // "the target of the push does not exist"
      if (task.audience.names.length > 0 && tasks.audiencePhones(task).length === 0) throw new Refusal(10_010_005)
      if (isWide(task.audience)) {
        if (now() - (state.widePushes[app] ?? 0) < pushesEveryMs) throw new Refusal(1_008_028)
        if (task.audience.type === 'all' && tasks.repeats(app, task.title, task.content)) throw new Refusal(10_010_018)
        state.widePushes[app] = now()
      }
      const reply = {
        result: '{}',
        environment: state.apps[app].platform === 'ios' ? task.environment : '',
        push_id: task.pushId,
        err_msg: 'NO_ERROR',
        err_msg_zh: '',
        ret_code: 0,
        seq: typeof request['seq'] === 'number' ? request['seq'] : 0,
      }
      const pretend = (): void => {
        const old = task.overlays === null ? undefined : tasks.find(app, task.overlays.pushId)
        if (old !== undefined && switches.statusLies) old.status = 'PUSH_COLLAPSED'
      }
      return answer('0', JSON.stringify(reply), { act: () => tasks.add(task), pretend })
    },
    '/v3/statistics/get_push_task_stat_channel': (app, request) => {
      spendQuery(app)
      const task = find(app, onlyPushId(request))
      return answer('0', figuresOf(task, tasks, fleet, switches.figures, now()))
    },
    '/v3/statistics/get_push_record': (app, request) => {
      spendQuery(app)
      const lists = request['startDate'] !== undefined || request['endDate'] !== undefined
      if (lists) return answer('0', listRecords(app, request, state.tasks, now()))
      return answer('0', oneRecord(find(app, request['pushId'])))
    },
  }

  return {
    push: push => tasks.push(push),
    tick: () => tasks.tick(),
    judge: request => {
      const route = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined
      if (route === undefined) return gatewayPage(404, 'Not Found')
      if (request.method !== 'POST') return gatewayPage(405, 'Method Not Allowed')
      if (request.headers['accessid'] === undefined && request.headers['authorization'] === undefined) {
        return gatewayPage(403, 'Forbidden')
      }
      tasks.tick()
      try {
        const app = authenticate(request, state.apps, switches.skewSeconds, now())
        const body = isJsonType(request.headers) ? readJsonObject(request.body) : undefined
        if (body === undefined) throw new Refusal(1_008_001)
        return route(app, body)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const { code, message, httpStatus } = error
        const control = request.path.startsWith('/v3/push/') && request.path !== pushPath
        const snake = request.path === pushPath || (control && switches.controlAnswers === 'snake_case')
        const text = snake ? { seq: 0, ret_code: code, err_msg: message } : { retCode: code, errMsg: message }
        return answer(String(code), JSON.stringify(text), { httpStatus, said: 'no' })
      }
    },
  }
}
