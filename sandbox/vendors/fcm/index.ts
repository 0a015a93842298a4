/** Firebase Cloud Messaging: one device a request, under a tag of the sender's. */
import * as z from 'zod/mini'
import { groupName } from '../../fleet.ts'
import type { Phone } from '../../phone.ts'
import type { Parts, RunningStandIn, StandIn } from '../stand-in.ts'
import { createFcm, type Fcm, isSubscribed } from './api.ts'
import { app, phones } from './phones.ts'
import { Refusal, refusalBody } from './refusal.ts'
import { createFcmState, type FcmState } from './state.ts'
import { switches } from './switches.ts'

const text = z.string().check(z.minLength(1), z.maxLength(1000))
const key = z.string().check(z.minLength(1), z.maxLength(64))
const push = z.strictObject({
  app: z.literal(app),
  title: text,
  content: text,
  url: z.optional(text),
  tag: z.optional(key),
  collapseKey: z.optional(key),
  group: z._default(z.enum(['all', ...phones.map(groupName)]), 'all'),
  topic: z.optional(z.enum(['all', 'news', 'sports', 'beta'])),
})
type Push = z.output<typeof push>

function start(parts: Parts<FcmState, typeof switches>): RunningStandIn & Fcm {
  const { state, fleet, now } = parts
  const fcm = createFcm(state, parts.switches, fleet, now)

  const phonesOf = (group: string): readonly Phone[] => (group === 'all' ? fleet.phones : fleet.ofGroup(group))
  const tokensOf = (group: string): string[] => phonesOf(group).flatMap(({ token }) => token ?? [])
  const sendTo = (
    some: readonly Phone[],
    tag: string,
    collapseKey: string | null,
    title: string,
    body: string,
    url: string | null,
  ) => {
    for (const phone of some) fcm.deliveries.push(phone, { key: tag, title, body, url, badge: null }, collapseKey)
  }

  return {
    ...fcm,
    secrets: endpoint => {
      const { projectId, keyId, email, privateKey } = state
      const serviceAccount = {
        type: 'service_account',
        project_id: projectId,
        private_key_id: keyId,
        private_key: privateKey,
        client_email: email,
        client_id: '100000000000000000001',
        auth_uri: 'https://accounts.google.com/o/oauth2/auth',
        token_uri: 'https://oauth2.googleapis.com/token',
        auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
        client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(email)}`,
        universe_domain: 'googleapis.com',
      }
      return { [app]: { provider: 'fcm', serviceAccount, removal: 'data', endpoint } }
    },
    send: ({ title, content, url, group, topic, tag = `t-${now()}`, collapseKey }: Push) => {
      const some = topic === undefined ? phonesOf(group) : fleet.phones.filter(isSubscribed(topic))
      sendTo(some, tag, collapseKey ?? null, title, content, url ?? null)
      const recall = { tag, ...(collapseKey !== undefined && { collapseKey }) }
      return topic === undefined
        ? { answer: { ...recall, group, tokens: tokensOf(group) }, recall: { ...recall, group } }
        : { answer: { ...recall, topic }, recall: { ...recall, topic } }
    },
    target: (_, query) => {
      const given = ['tag', 'collapseKey', 'topic'].flatMap(name => {
        const value = query.get(name)
        return value === null ? [] : [[name, value]]
      })
      const names = Object.fromEntries(given)
      if (names['tag'] === undefined && names['collapseKey'] === undefined) return null
      const tokens = tokensOf(query.get('group') ?? 'all')
      if (names['topic'] !== undefined) return { app, ...names }
      return tokens.length > 0 ? { app, ...names, tokens } : null
    },
    demo: ({ title, body, round }) => {
      const tag = `promo-${round}`
      sendTo(fleet.phones, tag, tag, title, body, null)
      return [{ id: 'promo-fcm', target: { app, tag, collapseKey: tag, tokens: tokensOf('all') } }]
    },
  }
}

export const standIn: StandIn<FcmState, typeof switches, ReturnType<typeof start>> = {
  vendor: 'fcm',
  name: 'fcm',
  title: { en: 'Firebase Cloud Messaging', zh: 'Firebase 云消息传递（FCM）' },
  mount: 'fcm',
  order: 5,
  apps: [
    {
      name: app,
      title: { en: 'FCM', zh: 'FCM' },
      operations: ['revoke', 'stop', 'overlay'],
      slowly: false,
      push,
    },
  ],
  phones,
  switches,
  faults: {
    yes: '{"name":"projects/unpush-demo/messages/0:1795000000123456%31bd1c9631bd1c96"}',
    refused: words => ({
      httpStatus: 400,
      text: refusalBody(new Refusal('INVALID_ARGUMENT', '?', 'message.android.ttl')).replace(
        '"message":"?"',
        `"message":${words}`,
      ),
    }),
    unknownCode: {
      httpStatus: 400,
      text: '{"error":{"code":400,"message":"?","status":"FAILED_PRECONDITION","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"NOT_IN_THE_DOCUMENTS"}]}}',
    },
  },
  docs: {
    paths: ['POST /token    (OAuth 2: JWT bearer grant)', 'POST /v1/projects/{projectId}/messages:send'],
    pushes: [
      `{"app":"news-fcm", "tag":"promo", "collapseKey":"promo", "group":"all"|"fcm-android"|"fcm-iphone"|…, "topic":"all"|"news"|…,
 "title":"…", "content":"…", "url":"…"}
→ {"app","tag","group","tokens":[…],"recall"}`,
    ],
    checks: {
      en: 'The assertion (RS256, iss, scope, aud, an hour at most), the access token, one token or topic, every member of the message, data of texts, ttl, the pair of apns-push-type and priority, 4,096 bytes. Tokens that begin with dead-, other- and apnsauth- are refused as such.',
      zh: '校验断言（RS256、iss、scope、aud、有效期至多一小时）、access token、单个 token 或主题、消息的每个成员、文本型 data、ttl、apns-push-type 与优先级的搭配、4,096 字节上限。以 dead-、other-、apnsauth- 开头的 token 按相应原因拒绝。',
    },
    leftOut: {
      en: 'Not simulated: conditions, installation ids (fid), apps that are on the screen. Left open by the documents: a token that is unknown is called invalid.',
      zh: '未模拟：条件表达式、安装 ID（fid）、处于前台的应用。文档未写明之处的取舍：未知的 token 按无效处理。',
    },
  },
  createState: createFcmState,
  start,
}
