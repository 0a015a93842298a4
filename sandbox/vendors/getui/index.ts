/** Getui: tasks that are stopped and recalled, and notifications that are replaced under a notify_id of the sender's. */
import * as z from 'zod/mini'
import { groupName } from '../../fleet.ts'
import type { Parts, RunningStandIn, StandIn } from '../stand-in.ts'
import { createGetui, type Getui } from './api.ts'
import { app, phones } from './phones.ts'
import { replyText } from './refusal.ts'
import { createGetuiState, type GetuiState } from './state.ts'
import { switches } from './switches.ts'

const text = z.string().check(z.minLength(1), z.maxLength(1000))
const push = z.strictObject({
  app: z.literal(app),
  title: text,
  content: text,
  url: z.optional(text),
  notifyId: z.optional(z.int().check(z.minimum(0), z.maximum(2_147_483_647))),
  apnsCollapseId: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
  group: z._default(z.enum(['all', ...phones.map(groupName)]), 'all'),
  /** list: to named devices · all: to everybody. */
  kind: z._default(z.enum(['list', 'all']), 'list'),
  scheduleSeconds: z.optional(z.number().check(z.minimum(0))),
  perSecond: z.optional(z.int().check(z.positive())),
})
type Push = z.output<typeof push>

function start(parts: Parts<GetuiState, typeof switches>): RunningStandIn & Getui {
  const { state, fleet, now } = parts
  const getui = createGetui(state, parts.switches, fleet, now)
  const { tasks } = getui
  const cidsOf = (group: string): string[] =>
    (group === 'all' ? fleet.phones : fleet.ofGroup(group)).flatMap(({ token }) => token ?? [])

  return {
    ...getui,
    tick: () => tasks.tick(),
    secrets: endpoint => {
      const { appId, appKey, masterSecret } = state
      return { [app]: { provider: 'getui', appId, appKey, masterSecret, endpoint } }
    },
    send: ({ title, content, url, group, kind, scheduleSeconds, perSecond, notifyId, apnsCollapseId }: Push) => {
      const to = cidsOf(kind === 'all' ? 'all' : group)
      const { id: taskId } = tasks.add({
        kind,
        title,
        body: content,
        url: url ?? null,
        to,
        notifyId: notifyId ?? null,
        collapseId: apnsCollapseId ?? null,
        perSecond: perSecond ?? null,
        scheduledAtMs: scheduleSeconds === undefined ? null : now() + scheduleSeconds * 1000,
      })
      const names = {
        taskId,
        ...(notifyId !== undefined && { notifyId }),
        ...(apnsCollapseId !== undefined && { apnsCollapseId }),
      }
      const whom = kind === 'all' ? { audience: 'all' } : { group }
      return {
        answer: { ...names, ...whom, ...(kind === 'list' && { tokens: to }) },
        recall: {
          taskId,
          ...(notifyId !== undefined && { notifyId: String(notifyId) }),
          ...(apnsCollapseId !== undefined && { apnsCollapseId }),
          ...whom,
        },
      }
    },
    target: (_, query) => {
      const [taskId, notifyId, apnsCollapseId] = ['taskId', 'notifyId', 'apnsCollapseId'].map(name => query.get(name))
      if (taskId === null && notifyId === null) return null
      const names = {
        ...(taskId !== null && { taskId }),
        ...(notifyId !== null && { notifyId: Number(notifyId) }),
        ...(apnsCollapseId !== null && { apnsCollapseId }),
      }
      if (query.get('audience') === 'all') return { app, ...names, audience: 'all' }
      const tokens = cidsOf(query.get('group') ?? 'all')
      return tokens.length === 0 ? null : { app, ...names, tokens }
    },
    demo: ({ title, body, round }) => {
      const tokens = cidsOf('all')
      const notifyId = Number(round.slice(-9))
      const apnsCollapseId = `promo-${round}`
      const { id: taskId } = tasks.add({
        kind: 'list',
        title,
        body,
        url: null,
        to: tokens,
        notifyId,
        collapseId: apnsCollapseId,
      })
      return [{ id: 'promo-getui', target: { app, taskId, notifyId, apnsCollapseId, tokens } }]
    },
  }
}

export const standIn: StandIn<GetuiState, typeof switches, ReturnType<typeof start>> = {
  vendor: 'getui',
  name: 'getui',
  title: { en: 'Getui', zh: '个推' },
  mount: 'getui',
  order: 4,
  apps: [
    {
      name: app,
      title: { en: 'Getui', zh: '个推' },
      operations: ['revoke', 'stop', 'overlay'],
      slowly: true,
      push,
    },
  ],
  phones,
  switches,
  faults: {
    yes: replyText(0, 'success'),
    refused: words => ({ httpStatus: 200, text: replyText(1, '?').replace('"?"', words) }),
    unknownCode: { httpStatus: 403, text: replyText(30_028, '?') },
  },
  docs: {
    paths: [
      'POST /v2/{appId}/auth',
      'DELETE /v2/{appId}/task/{taskid}',
      'GET, DELETE /v2/{appId}/task/schedule/{taskid}',
      'POST /v2/{appId}/push/single/batch/cid    (also single/cid, single/alias, all, tag, fast_custom_tag)',
    ],
    pushes: [
      `{"app":"news-getui", "notifyId":4711, "apnsCollapseId":"promo", "group":"all"|"getui-android"|"getui-xiaomi"|…,
 "kind":"list"|"all", "scheduleSeconds":600, "perSecond":20, "title":"…", "content":"…", "url":"…"}
→ {"app","taskId","notifyId","group","tokens":[…],"recall"}`,
    ],
    checks: {
      en: 'The sign, the clock (10 minutes), the token of a day, every member of a push, one of notification, transmission and revoke, request ids (an hour), 200 messages a batch, five pushes to many in a minute, which task can be stopped, which can be deleted. A recall with force true of a task that is not found takes everything away.',
      zh: '校验 sign、时钟（10 分钟）、有效期一天的 token、推送的每个成员、notification / transmission / revoke 三选一、request_id（1 小时内不重复）、每批 200 条、每分钟 5 次群推，以及任务能否终止、能否删除。force 为 true 且任务不存在时，撤回会清除应用的全部通知。',
    },
    leftOut: {
      en: 'Not simulated: list pushes in two requests, transmissions, reports. Left open by the documents: a stop of a task that is over or was stopped is a yes, of one that is unknown or single 20001; a repeated request id is dropped with a yes; a device that is unknown is left out of the answer.',
      zh: '未模拟：分两步的列表推送、透传、报表。文档未写明之处的取舍：终止已结束或已终止的任务返回成功，未知任务或单推任务返回 20001；重复的 request_id 返回成功但不再推送；应答中不含未知设备。',
    },
  },
  createState: createGetuiState,
  start,
}
