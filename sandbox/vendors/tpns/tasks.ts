/** The push tasks of TPNS: booked, sent when their time has come, all at once or little by little. */
import { createHash } from 'node:crypto'
import type { Fleet } from '../../fleet.ts'
import { deliver, type Message, type Phone } from '../../phone.ts'
import { endTask, overlayTask, type Reach } from '../../recall-effects.ts'
import { audienceOf, type AudienceType, reaches } from './audience.ts'
import type { TpnsAppName, TpnsState, TpnsTask } from './state.ts'
import { anyOfTags } from './tags.ts'

/** A push as a sender's own system makes it. */
export interface TpnsPush {
  readonly app: TpnsAppName
  readonly title: string
  readonly content: string
  readonly url?: string | undefined
  readonly audience: AudienceType
  /** With `tag`: any of these; news where none is given. */
  readonly tags?: readonly string[] | undefined
  /** With a package; 1 where none is given. */
  readonly uploadId?: number | undefined
  /** With tokens and accounts: TPNS tokens, accounts. */
  readonly names?: readonly string[] | undefined
  /** Fixed ids, for the requests that the vendor's own documents print. */
  readonly pushId?: string | undefined
  readonly collapseId?: number | undefined
  /** Epoch milliseconds: goes out then. */
  readonly sendAtMs?: number | undefined
  /** Phones a second, so that there is time to stop it. */
  readonly perSecond?: number | undefined
  readonly expireSeconds?: number | undefined
}

/** 72 hours: what TPNS takes where it is told nothing. */
export const longestExpirySeconds = 259_200
const hourMs = 3_600_000
/** Like the 19 digits of the document's sample; most of them no double can hold. */
const firstPushId = 1_328_245_138_690_000_000n

export interface TpnsTasks {
  find(app: TpnsAppName, pushId: string): TpnsTask | undefined
  /** The newest that carries the collapse id. */
  byCollapseId(app: TpnsAppName, collapseId: number): TpnsTask | undefined
  isKnownUpload(app: TpnsAppName, uploadId: number): boolean
  /** Ids are given out before anything is done, since the answer names them. */
  newIds(): { pushId: string; collapseId: number }
  /** Books it, and sends it where its time has come. */
  add(task: TpnsTask): void
  push(push: TpnsPush): TpnsTask
  audiencePhones(task: Pick<TpnsTask, 'app' | 'audience'>): readonly Phone[]
  /** True where the same words went to everybody within the hour. */
  repeats(app: TpnsAppName, title: string, content: string): boolean
  /** Sends what is due; true where something changed. */
  tick(): boolean
}

export function createTpnsTasks(state: TpnsState, fleet: Fleet, reach: Reach, now: () => number): TpnsTasks {
  const audiencePhones: TpnsTasks['audiencePhones'] = ({ app, audience }) =>
    fleet.ofApp(app).filter((phone, index) => reaches(audience, phone, index))

  const newIds = () => {
    state.next += 1
    return { pushId: String(firstPushId + BigInt(state.next)), collapseId: state.next }
  }

  const sendOn = (task: TpnsTask): boolean => {
    if (task.status !== 'PUSH_STARTED') return false
    const phones = audiencePhones(task)
    const due =
      task.perSecond === null
        ? phones.length
        : Math.min(phones.length, Math.floor(((now() - task.sendAtMs) / 1000) * task.perSecond))
    for (let index = task.sentTo; index < due; index++) {
      const phone = phones[spread(index, phones.length)]
      if (phone !== undefined && task.messageType === 'notify') sendTo(phone, task, reach, now())
    }
    const changed = due > task.sentTo || due === phones.length
    task.sentTo = due
    if (due === phones.length) task.status = 'PUSH_FINISHED'
    return changed
  }

  const find: TpnsTasks['find'] = (app, pushId) =>
    state.tasks.findLast(task => task.pushId === pushId && task.app === app)

  const begin = (task: TpnsTask): void => {
    task.status = 'PUSH_STARTED'
    const old = task.overlays === null ? undefined : find(task.app, task.overlays.pushId)
    if (old !== undefined) {
      old.status = 'PUSH_COLLAPSED'
      for (const phone of audiencePhones(old)) endTask(phone, old.pushId, reach)
    }
    sendOn(task)
  }

  const add = (task: TpnsTask): void => {
    state.tasks.push(task)
    for (const [digest, at] of Object.entries(state.fullPushes))
      if (now() - at >= hourMs) delete state.fullPushes[digest]
    if (task.audience.type === 'all') state.fullPushes[digestOf(task)] = now()
    if (task.sendAtMs <= now()) begin(task)
  }

  return {
    find,
    byCollapseId: (app, collapseId) => state.tasks.findLast(task => task.collapseId === collapseId && task.app === app),
    isKnownUpload: (app, uploadId) =>
      state.tasks.some(({ app: of, audience }) => of === app && audience.uploadId === uploadId),
    newIds,
    add,
    push: push => {
      const task = taskOf(push, newIds(), now())
      add(task)
      return task
    },
    audiencePhones,
    repeats: (app, title, content) => now() - (state.fullPushes[digestOf({ app, title, content })] ?? 0) < hourMs,
    tick: () => {
      let changed = false
      for (const task of state.tasks) {
        if (task.status === 'PUSH_WAIT' && task.sendAtMs <= now()) {
          begin(task)
          changed = true
        } else if (sendOn(task)) changed = true
      }
      return changed
    },
  }
}

function taskOf(push: TpnsPush, ids: { pushId: string; collapseId: number }, nowMs: number): TpnsTask {
  const sendAtMs = push.sendAtMs ?? nowMs
  return {
    pushId: push.pushId ?? ids.pushId,
    app: push.app,
    title: push.title,
    content: push.content,
    url: push.url ?? null,
    badge: { add: 1 },
    messageType: 'notify',
    audience: audienceOf(push.audience, {
      ...(push.audience === 'tag' && { rules: anyOfTags(push.tags ?? ['news']) }),
      ...(push.audience.startsWith('package') && { uploadId: push.uploadId ?? 1 }),
      ...(push.names !== undefined && { names: push.names }),
    }),
    collapseId: push.collapseId ?? ids.collapseId,
    expireSeconds: push.expireSeconds ?? longestExpirySeconds,
    environment: 'product',
    sendAtMs,
    perSecond: push.perSecond ?? null,
    overlays: null,
    status: 'PUSH_WAIT',
    sentTo: 0,
  }
}

function sendTo(phone: Phone, task: TpnsTask, reach: Reach, nowMs: number): void {
  const message: Message = {
    key: task.pushId,
    title: task.title,
    body: task.content,
    url: task.url,
    badge: task.badge,
    correction: task.overlays !== null,
    expiresAtMs: task.sendAtMs + task.expireSeconds * 1000,
  }
  if (task.overlays === null) deliver(phone, message, nowMs)
  else overlayTask(phone, task.overlays.pushId, message, task.overlays.force, reach, nowMs)
}

/** A slow push goes to all kinds of phones at once, not to one kind after the other. */
function spread(index: number, count: number): number {
  const stride = count % 97 === 0 ? 89 : 97
  return (index * stride) % count
}

function digestOf({ app, title, content }: Pick<TpnsTask, 'app' | 'title' | 'content'>): string {
  return createHash('sha256')
    .update(JSON.stringify([app, title, content]))
    .digest('hex')
    .slice(0, 32)
}
