/** Tasks as Getui keeps them, and what becomes of them on phones. */
import { randomBytes } from 'node:crypto'
import type { Fleet } from '../../fleet.ts'
import { deliver, type Phone } from '../../phone.ts'
import { revokeToken, sendToken, stopTask } from '../../recall-effects.ts'
import { isIphone, obeysMaker } from './phones.ts'
import type { GetuiState, GetuiTask } from './state.ts'

export type NewTask = Pick<GetuiTask, 'kind' | 'title' | 'body' | 'url' | 'to' | 'notifyId' | 'collapseId'> &
  Partial<Pick<GetuiTask, 'id' | 'scheduledAtMs' | 'perSecond' | 'ttlMs' | 'correction'>>

/** A recall as a push carries it. */
export interface Recall {
  readonly own: { readonly taskId: string; readonly force: boolean }
  /** For Xiaomi and vivo; null: they are told nothing. */
  readonly makers: string | null
}

export interface Tasks {
  find(id: string): GetuiTask | undefined
  add(task: NewTask): GetuiTask
  stop(task: GetuiTask): void
  delete(task: GetuiTask): void
  recall(phones: readonly Phone[], recall: Recall): void
  /** Sends what is due; true where something changed. */
  tick(): boolean
}

const letters = { single: 'RASS', list: 'RASL', all: 'RASA' } as const

export function newTaskId(kind: GetuiTask['kind'], nowMs: number): string {
  const [, month = '', day = ''] = new Date(nowMs).toISOString().slice(0, 10).split('-')
  return `${letters[kind]}_${month}${day}_${randomBytes(16).toString('hex')}`
}

export function createTasks(state: GetuiState, fleet: Fleet, now: () => number): Tasks {
  /** What a later push must carry to take its place on the phone. */
  const keyOn = (phone: Phone, { id, notifyId, collapseId }: GetuiTask): string =>
    isIphone(phone) ? (collapseId ?? id) : notifyId === null ? id : `notify_id ${notifyId}`
  const phonesOf = ({ to }: GetuiTask): Phone[] => to.flatMap(cid => fleet.byToken(cid) ?? [])
  /** Under one key the phone has the newest alone. */
  const isNewest = (phone: Phone, task: GetuiTask): boolean => {
    const key = keyOn(phone, task)
    const sent = state.tasks.filter(one => one.to.slice(0, one.sentTo).includes(phone.token ?? ''))
    return sent.findLast(one => keyOn(phone, one) === key) === task
  }

  const show = (phone: Phone, task: GetuiTask): void => {
    const { title, body, url, correction, ttlMs } = task
    const key = keyOn(phone, task)
    const message = { key, title, body, url, correction, expiresAtMs: now() + ttlMs }
    if (correction) sendToken(phone, { ...message, badge: null }, now())
    else deliver(phone, { ...message, badge: { add: 1 } }, now())
  }

  const sendOn = (task: GetuiTask): boolean => {
    const { to, perSecond, startsAtMs, sentTo } = task
    if (task.stopped || task.deleted || sentTo === to.length || startsAtMs > now()) return false
    const due =
      perSecond === null ? to.length : Math.min(to.length, Math.floor(((now() - startsAtMs) / 1000) * perSecond))
    task.sentTo = due
    for (const phone of to.slice(sentTo, due).flatMap(cid => fleet.byToken(cid) ?? [])) show(phone, task)
    return due > sentTo
  }

  return {
    find: id => state.tasks.findLast(task => task.id === id),
    add: given => {
      const { kind, scheduledAtMs = null } = given
      const task: GetuiTask = {
        id: newTaskId(kind, now()),
        perSecond: null,
        ttlMs: 7_200_000,
        correction: false,
        ...given,
        scheduledAtMs,
        startsAtMs: scheduledAtMs ?? now(),
        sentTo: 0,
        stopped: false,
        deleted: false,
      }
      state.tasks.push(task)
      sendOn(task)
      return task
    },
    stop: task => {
      task.stopped = true
      // what the makers were handed is theirs
      for (const phone of phonesOf(task))
        if (isNewest(phone, task)) stopTask(phone, keyOn(phone, task), { makersKeepQueue: true })
    },
    delete: task => {
      task.deleted = true
    },
    recall: (phones, { own, makers }) => {
      const old = state.tasks.findLast(({ id }) => id === own.taskId)
      for (const phone of phones) {
        if (old === undefined) {
          // nothing is found: with force, all that the app shows goes
          if (own.force) phone.notices = phone.notices.filter(({ app }) => app !== phone.app)
          continue
        }
        if (obeysMaker(phone) && makers !== own.taskId) continue
        if (old.to.includes(phone.token ?? '') && isNewest(phone, old)) revokeToken(phone, keyOn(phone, old))
      }
    },
    tick: () => state.tasks.map(sendOn).includes(true),
  }
}
