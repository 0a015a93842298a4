/** Apple Push Notification service: one device a request over HTTP/2, under a collapse id of the sender's. */
import * as z from 'zod/mini'
import { groupName } from '../../fleet.ts'
import type { Parts, RunningStandIn, StandIn } from '../stand-in.ts'
import { type ApplePush, createApns } from './api.ts'
import { app, phones } from './phones.ts'
import { createSessions } from './sessions.ts'
import { type ApnsState, createApnsState } from './state.ts'
import { switches } from './switches.ts'

const text = z.string().check(z.minLength(1), z.maxLength(1000))
const push = z.strictObject({
  app: z.literal(app),
  title: text,
  content: text,
  collapseId: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(64)))),
  group: z._default(z.enum(['all', ...phones.map(groupName)]), 'all'),
})
type Push = z.output<typeof push>

interface Apns extends RunningStandIn {
  push(push: ApplePush): void
}

function start(parts: Parts<ApnsState, typeof switches>): Apns {
  const { state, fleet, now } = parts
  const apns = createApns(state, parts.switches, fleet, now)
  const sessions = createSessions(parts.switches)
  const tokensOf = (group: string): string[] =>
    (group === 'all' ? fleet.phones : fleet.ofGroup(group)).flatMap(({ token }) => token ?? [])
  return {
    push: apns.push,
    judge: request => {
      const judgement = apns.judge(request)
      sessions.noted(judgement.httpStatus)
      return judgement
    },
    session: session => sessions.begin(session),
    secrets: endpoint => {
      const { teamId, keyId, privateKey, topic } = state
      const environment = 'production'
      return {
        [app]: { provider: 'apns', teamId, keyId, privateKey, topic, environment, removal: 'background', endpoint },
      }
    },
    send: ({ title, content, group, collapseId = `push-${now()}` }: Push) => {
      const tokens = tokensOf(group)
      apns.push({ collapseId, tokens, title, body: content })
      return { answer: { collapseId, group, tokens }, recall: { collapseId: collapseId ?? '', group } }
    },
    target: (_, query) => {
      const collapseId = query.get('collapseId') ?? ''
      const tokens = tokensOf(query.get('group') ?? 'all')
      return collapseId === '' || tokens.length === 0 ? null : { app, collapseId, tokens }
    },
    demo: ({ title, body, round }) => {
      const collapseId = `promo-${round}`
      const tokens = tokensOf('all')
      apns.push({ collapseId, tokens, title, body })
      return [{ id: 'promo-apns', target: { app, collapseId, tokens } }]
    },
  }
}

export const standIn: StandIn<ApnsState, typeof switches, Apns> = {
  vendor: 'apns',
  name: 'apns',
  title: { en: 'Apple APNs', zh: '苹果 APNs' },
  mount: 'apns',
  order: 6,
  protocol: 'http/2',
  apps: [
    {
      name: app,
      title: { en: 'iPhone and iPad', zh: 'iPhone、iPad' },
      operations: ['revoke', 'overlay'],
      slowly: false,
      push,
    },
  ],
  phones,
  switches,
  faults: {
    // a real yes has no body: of half of this nobody can think that it is one
    yes: '{"accepted":true}',
    refused: words => ({ httpStatus: 400, text: `{"reason":${words}}` }),
    unknownCode: { httpStatus: 400, text: '{"reason":"NobodyKnows"}' },
  },
  docs: {
    paths: ['POST /3/device/{token}    (HTTP/2; under this mount HTTP/1.1, too)'],
    pushes: [
      `{"app":"news-apns", "collapseId":"order-4711"|null, "group":"all"|"apns-iphone"|"apns-ipad", "title":"…", "content":"…"}
→ {"app","collapseId","group","tokens":[…],"recall"}`,
    ],
    checks: {
      en: 'The provider token (ES256, kid, iss, iat within an hour, a new one every 20 minutes at most), topic, push type and priority, 64 bytes of collapse id, expiration, apns-id, 4,096 bytes of payload, the device token. One stream until a token was taken.',
      zh: '校验 provider token（ES256、kid、iss、iat 不超过一小时、至多每 20 分钟更换一次）、topic、push-type 与优先级、collapse id 64 字节上限、expiration、apns-id、负载 4,096 字节上限、设备 token。首个 token 通过之前只允许一个流。',
    },
    leftOut: {
      en: 'Not simulated: TLS, the sandbox environment, VoIP and live activities, Focus, the notification service extension. A background push runs three times an hour; what comes beyond that is dropped, where iOS may hold it back.',
      zh: '未模拟：TLS、sandbox 环境、VoIP 与实时活动、专注模式、通知服务扩展。后台推送每小时运行三次，超出的直接丢弃（真实 iOS 可能延后）。',
    },
  },
  maskPath: path => path.replace(/^(\/3\/device\/).+/, '$1…'),
  createState: createApnsState,
  start,
}
