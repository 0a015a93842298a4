/** Huawei Push Kit: HarmonyOS devices by token, under a key of the sender's. */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { groupName } from '../../fleet.ts'
import type { Parts, RunningStandIn, StandIn } from '../stand-in.ts'
import { createPushKit, type PushKit } from './api.ts'
import { app, phones } from './phones.ts'
import { createPushKitState, type PushKitState } from './state.ts'
import { switches } from './switches.ts'

const text = z.string().check(z.minLength(1), z.maxLength(1000))
const push = z.strictObject({
  app: z.literal(app),
  title: text,
  content: text,
  url: z.optional(text),
  notifyId: z.optional(z.int().check(z.minimum(0), z.maximum(2_147_483_647))),
  group: z._default(z.enum(['all', ...phones.map(groupName)]), 'all'),
  badge: z.optional(z.union([z.strictObject({ add: z.int() }), z.strictObject({ set: z.int() }), z.null()])),
})
type Push = z.output<typeof push>

function start(parts: Parts<PushKitState, typeof switches>): RunningStandIn & PushKit {
  const { state, fleet, now } = parts
  const pushKit = createPushKit(state, parts.switches, fleet, now)

  /** Another one every second, and never one that the demo's own pushes use. */
  const freshNotifyId = (): number => 1_000_000_000 + (Math.floor(now() / 1000) % 1_000_000_000)
  const tokensOf = (group: string): string[] =>
    (group === 'all' ? fleet.phones : fleet.ofGroup(group)).flatMap(({ token }) => token ?? [])

  const secrets = (endpoint: string): { readonly [app: string]: object } => {
    const auth = 'https://oauth-login.cloud.huawei.com/oauth2/v3'
    const serviceAccount = {
      project_id: state.projectId,
      key_id: state.keyId,
      private_key: state.privateKey,
      sub_account: state.subAccount,
      auth_uri: `${auth}/authorize`,
      token_uri: `${auth}/token`,
      auth_provider_cert_uri: `${auth}/certs`,
      client_cert_uri: `${auth}/x509?client_id=`,
    }
    const { clientId } = state
    return { [app]: { provider: 'huawei', clientId, serviceAccount, endpoint, overlayCategory: 'MARKETING' } }
  }

  return {
    ...pushKit,
    secrets,
    send: ({ title, content, url, group, badge, notifyId = freshNotifyId() }: Push) => {
      const tokens = tokensOf(group)
      pushKit.push({ notifyId, tokens, title, body: content, url, badge })
      return { answer: { notifyId, group, tokens }, recall: { notifyId: String(notifyId), group } }
    },
    target: (_, query) => {
      const notifyId = Number(query.get('notifyId') ?? Number.NaN)
      const tokens = tokensOf(query.get('group') ?? 'all')
      return Number.isSafeInteger(notifyId) && tokens.length > 0 ? { app, notifyId, tokens } : null
    },
    demo: ({ title, body, round }) => {
      const notifyId = Number(BigInt(`0x${createHash('sha256').update(round).digest('hex').slice(0, 7)}`)) + 1
      const tokens = tokensOf('all')
      pushKit.push({ notifyId, tokens, title, body })
      return [{ id: 'promo-harmony', target: { app, notifyId, tokens } }]
    },
  }
}

export const standIn: StandIn<PushKitState, typeof switches, ReturnType<typeof start>> = {
  vendor: 'huawei',
  name: 'pushKit',
  title: { en: 'Huawei Push Kit', zh: '华为 Push Kit' },
  mount: 'pushkit',
  order: 2,
  apps: [
    {
      name: app,
      title: { en: 'HarmonyOS', zh: 'HarmonyOS' },
      operations: ['revoke', 'overlay'],
      slowly: false,
      push,
    },
  ],
  phones,
  switches,
  faults: {
    yes: '{"code":"80000000","msg":"Success","requestId":"1"}',
    refused: words => ({ httpStatus: 200, text: `{"code":"80100001","msg":${words},"requestId":"1"}` }),
    unknownCode: { httpStatus: 200, text: '{"code":"89999999","msg":"?","requestId":"1"}' },
  },
  docs: {
    paths: [
      'POST /v1/{clientId}/messages:revoke',
      'POST /v3/{projectId}/messages:send    (notifications, push-type 0)',
    ],
    pushes: [
      `{"app":"news-harmony", "notifyId":1234567, "group":"all"|"phone"|"watch-5.1.0"|…,
 "title":"…", "content":"…", "url":"…", "badge":{"add":1}|{"set":3}|null}
→ {"app","notifyId","group","tokens":[…],"recall"}`,
    ],
    checks: {
      en: 'The JWT (PS256 with a salt of 32 bytes, kid, iss, aud, a day at most), push-type, client id, types, 1 to 1,000 tokens, 4,096 bytes without them.',
      zh: '校验 JWT（PS256、32 字节盐、kid、iss、aud、有效期至多一天）、push-type、client ID、类型、1 至 1,000 个 token，以及不含 token 的 4,096 字节上限。',
    },
    leftOut: {
      en: 'Not simulated: receipts, appMessageId, collapseKey, live views. Left open by the documents: a device class without recall keeps what waits for it, too.',
      zh: '未模拟：消息回执、appMessageId、collapseKey、实况窗。文档未写明之处的取舍：不支持撤回的设备，其离线待送达的消息也保留。',
    },
  },
  createState: createPushKitState,
  start,
}
