/** OneSignal: messages that are cancelled by their id, and replaced under a collapse id of the sender's. */
import * as z from 'zod/mini'
import { groupName } from '../../fleet.ts'
import type { Parts, RunningStandIn, StandIn } from '../stand-in.ts'
import { createOneSignal, type OneSignal } from './api.ts'
import { app, phones } from './phones.ts'
import { Refusal, refusalBody } from './refusal.ts'
import { createOneSignalState, type OneSignalState } from './state.ts'
import { switches } from './switches.ts'

const text = z.string().check(z.minLength(1), z.maxLength(1000))
const push = z.strictObject({
  app: z.literal(app),
  title: text,
  content: text,
  url: z.optional(text),
  collapseId: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
  group: z._default(z.enum(['all', ...phones.map(groupName)]), 'all'),
  delivery: z._default(z.enum(['at-once', 'last-active']), 'at-once'),
  sendAfterSeconds: z.optional(z.number().check(z.minimum(0))),
  perSecond: z.optional(z.int().check(z.positive())),
})
type Push = z.output<typeof push>

function start(parts: Parts<OneSignalState, typeof switches>): RunningStandIn & OneSignal {
  const { state, fleet, now } = parts
  const oneSignal = createOneSignal(state, parts.switches, fleet, now)
  const { messages } = oneSignal
  const tokensOf = (group: string): string[] =>
    (group === 'all' ? fleet.phones : fleet.ofGroup(group)).flatMap(({ token }) => token ?? [])

  return {
    ...oneSignal,
    tick: () => messages.tick(),
    secrets: endpoint => ({ [app]: { provider: 'onesignal', appId: state.appId, apiKey: state.apiKey, endpoint } }),
    send: ({ title, content, url, group, delivery, sendAfterSeconds = 0, perSecond, collapseId }: Push) => {
      const to = tokensOf(group)
      const { id: messageId } = messages.add({
        title,
        body: content,
        url: url ?? null,
        to,
        collapseId: collapseId ?? null,
        topic: collapseId ?? null,
        correction: false,
        delivery,
        perSecond: perSecond ?? null,
        sendAtMs: now() + sendAfterSeconds * 1000,
      })
      const names = { messageId, ...(collapseId !== undefined && { collapseId }) }
      return { answer: { ...names, group, tokens: to }, recall: { ...names, group } }
    },
    target: (_, query) => {
      const names = Object.fromEntries(
        ['messageId', 'collapseId'].flatMap(name => {
          const value = query.get(name)
          return value === null ? [] : [[name, value]]
        }),
      )
      const tokens = tokensOf(query.get('group') ?? 'all')
      return Object.keys(names).length === 0 || tokens.length === 0 ? null : { app, ...names, tokens }
    },
    demo: ({ title, body, round }) => {
      const tokens = tokensOf('all')
      const collapseId = `promo-${round}`
      // held for those who are not active now, so that there is something left to stop
      const { id: messageId } = messages.add({
        title,
        body,
        url: null,
        to: tokens,
        collapseId,
        topic: collapseId,
        correction: false,
        delivery: 'last-active',
      })
      return [{ id: 'promo-onesignal', target: { app, messageId, collapseId, tokens, audienceSize: tokens.length } }]
    },
  }
}

export const standIn: StandIn<OneSignalState, typeof switches, ReturnType<typeof start>> = {
  vendor: 'onesignal',
  name: 'onesignal',
  title: { en: 'OneSignal', zh: 'OneSignal' },
  mount: 'onesignal',
  order: 3,
  apps: [
    {
      name: app,
      title: { en: 'OneSignal', zh: 'OneSignal' },
      operations: ['stop', 'overlay'],
      slowly: true,
      push,
    },
  ],
  phones,
  switches,
  faults: {
    yes: '{"success":true}',
    refused: words => ({
      httpStatus: 400,
      text: refusalBody(new Refusal(400, '?'), 'texts').replace('"?"', words),
    }),
    unknownCode: { httpStatus: 400, text: '{"errors":[{"code":"not-in-the-documents","title":"?"}]}' },
  },
  docs: {
    paths: [
      'DELETE /notifications/{messageId}?app_id=…',
      'GET /notifications/{messageId}?app_id=…    (its record)',
      'POST /notifications?c=push',
    ],
    pushes: [
      `{"app":"news-onesignal", "collapseId":"promo", "group":"all"|"onesignal-android"|"onesignal-iphone"|…,
 "delivery":"at-once"|"last-active", "sendAfterSeconds":60, "perSecond":20,
 "title":"…", "content":"…", "url":"…"}
→ {"app","messageId","collapseId","group","tokens":[…],"recall"}`,
    ],
    checks: {
      en: 'The key, the app id in query or body, every member of a message, English content, UUIDs, one kind of recipients, the idempotency key (30 days), ten views in ten seconds. Subscriptions that are not known are named as invalid; where no other is left, the id is empty.',
      zh: '校验密钥、查询或正文中的 app id、消息的每个成员、英文内容、UUID、唯一的受众类型、幂等键（30 天），以及 10 秒内至多 10 次查询。未知的订阅按无效列出；若无一有效，返回的 id 为空。',
    },
    leftOut: {
      en: 'Not simulated: segments, filters, aliases, templates, statistics by platform. Left open by the documents: a second cancel is refused; what was handed to Google, Apple and browsers counts as sent.',
      zh: '未模拟：分群、过滤器、别名、模板、分平台统计。文档未写明之处的取舍：重复取消会被拒绝；已转交 Google、Apple 和浏览器的视为已发出。',
    },
  },
  createState: createOneSignalState,
  start,
}
