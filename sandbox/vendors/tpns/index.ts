/** Tencent TPNS: tasks over Android's channels and APNs. */
import * as z from 'zod/mini'
import type { Parts, RunningStandIn, StandIn, StandInApp } from '../stand-in.ts'
import { createTpns, type Tpns } from './api.ts'
import { audienceTypes } from './audience.ts'
import { phones } from './phones.ts'
import { createTpnsState, type TpnsAppName, type TpnsState } from './state.ts'
import { switches } from './switches.ts'

const text = z.string().check(z.minLength(1), z.maxLength(1000))

function pushOf<App extends TpnsAppName>(app: App) {
  return z.strictObject({
    app: z.literal(app),
    title: text,
    content: text,
    url: z.optional(text),
    audience: z._default(z.enum(audienceTypes), 'all'),
    tags: z.optional(z.array(text)),
    uploadId: z.optional(z.int().check(z.positive())),
    names: z.optional(z.array(text)),
    sendAfterSeconds: z.optional(z.number().check(z.minimum(0))),
    perSecond: z.optional(z.int().check(z.positive())),
    expireSeconds: z.optional(z.int().check(z.minimum(0))),
  })
}
type Push = z.output<ReturnType<typeof pushOf<TpnsAppName>>>

const apps: readonly (StandInApp & { readonly name: TpnsAppName })[] = [
  {
    name: 'news-android',
    title: { en: 'Android', zh: 'Android' },
    operations: ['revoke', 'stop', 'overlay'],
    slowly: true,
    push: pushOf('news-android'),
  },
  {
    name: 'news-ios',
    title: { en: 'iPhone', zh: 'iPhone' },
    // "iOS: not supported" (50784)
    operations: ['revoke', 'overlay'],
    slowly: true,
    push: pushOf('news-ios'),
  },
]

function start(parts: Parts<TpnsState, typeof switches>): RunningStandIn & Tpns {
  const { state, fleet, now } = parts
  const tpns = createTpns(state, parts.switches, fleet, now)
  return {
    ...tpns,
    secrets: endpoint =>
      Object.fromEntries(
        apps.map(({ name }) => {
          const { accessId, secretKey, platform } = state.apps[name]
          const environment = platform === 'ios' ? { environment: 'product' } : {}
          return [
            name,
            { provider: 'tpns', accessId, secretKey, region: 'guangzhou', platform, ...environment, endpoint },
          ]
        }),
      ),
    send: ({ sendAfterSeconds, ...push }: Push) => {
      const sendAtMs = sendAfterSeconds === undefined ? undefined : now() + sendAfterSeconds * 1000
      const { pushId, collapseId } = tpns.push({ ...push, sendAtMs })
      return { answer: { pushId, collapseId }, recall: { pushId } }
    },
    target: (app, query) => {
      const pushId = query.get('pushId')
      return pushId === null ? null : { app, pushId }
    },
    demo: ({ title, body }) =>
      apps.map(({ name }) => {
        const { pushId } = tpns.push({ app: name, title, content: body, audience: 'all' })
        const audienceSize = fleet.ofApp(name).length
        return { id: name.replace('news', 'promo'), target: { app: name, pushId, audience: 'all', audienceSize } }
      }),
  }
}

export const standIn: StandIn<TpnsState, typeof switches, ReturnType<typeof start>> = {
  vendor: 'tpns',
  name: 'tpns',
  title: { en: 'Tencent TPNS', zh: '腾讯 TPNS' },
  mount: 'tpns',
  order: 1,
  apps,
  phones,
  switches,
  faults: {
    yes: '{"retCode":0,"errMsg":"NO_ERROR"}',
    refused: words => ({ httpStatus: 200, text: `{"retCode":1008007,"errMsg":${words}}` }),
    unknownCode: { httpStatus: 200, text: '{"retCode":89999999,"errMsg":"?"}' },
  },
  docs: {
    paths: [
      'POST /v3/push/stop_push_msg · revoke_push_msg · cancel_timing_task · app',
      'POST /v3/statistics/get_push_record    (one task, or a list by days)',
      'POST /v3/statistics/get_push_task_stat_channel    (devices of one task, by channel)',
    ],
    pushes: [
      `{"app":"news-android"|"news-ios", "title":"…", "content":"…", "url":"…",
 "audience":"all"|"tag"|"token_list"|"account_list"|"package_account_push"|…,
 "tags":["news"], "uploadId":1, "names":["…"],
 "sendAfterSeconds":60, "perSecond":20, "expireSeconds":259200}
→ {"app","pushId","collapseId","recall"}`,
    ],
    checks: {
      en: 'The signature over the raw bytes (or Basic auth), its clock, types, audiences, collapse ids, 4 KB, one push a second, 200 queries an hour, the same full push twice an hour.',
      zh: '校验原始字节上的签名（或 Basic Auth）、时钟、类型、受众、collapse ID、4 KB 上限、每秒一次推送、每小时 200 次查询，以及一小时内重复的全量推送。',
    },
    leftOut: {
      en: 'Not simulated: looped pushes, uploads. Left open by the documents: control requests answer in camelCase; an overlay keeps its collapse id; a stop ends what waits on every channel (makersKeepQueue turns to the other reading); a recall that reaches an offline phone applies when it is online again.',
      zh: '未模拟：循环推送、号码包上传。文档未写明之处的取舍：控制接口以 camelCase 应答；覆盖沿用原 collapse ID；终止对所有通道的离线队列生效（makersKeepQueue 可切换为另一种理解）；撤回遇到离线手机时，待其上线后生效。',
    },
  },
  createState: createTpnsState,
  start,
}
