/**
 * Apple Push Notification service: one device a request, over HTTP/2, a push on it known by the apns-collapse-id it was sent
 * with. APNs takes nothing back. A push under the same id takes the place of the old one, and an app that carries the removal
 * recipe removes what a message tells it to.
 *
 * https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
 */
import type { Call, Fare, OverlayContent, Outcome, Provider, Step, VendorRequest } from '../provider.ts'
import { apnsCapabilities, assessApns, defaultPerSecond, together } from './capabilities.ts'
import { type ApnsCredentials, apnsCredentials, apnsTarget, isDeviceToken } from './credentials.ts'
import { apnsLogin } from './login.ts'
import { overlayPayload, removalPayload } from './payloads.ts'
import { apnsOutcome } from './replies.ts'
import { apnsChannels, apnsHandles, apnsSentences, apnsTitle } from './texts.ts'

export type { ApnsCredentials } from './credentials.ts'

const addresses = {
  production: 'https://api.push.apple.com',
  sandbox: 'https://api.sandbox.push.apple.com',
} as const
/** How long APNs keeps it for a device that is offline. */
const storedSeconds = 86_400
const noReply = { code: null, message: null, requestId: null, httpStatus: null }

export const apns: Provider<ApnsCredentials> = {
  name: 'apns',
  title: apnsTitle,
  channels: apnsChannels,
  sentences: apnsSentences,
  capabilities: apnsCapabilities,
  openMembers: ['teamId', 'keyId', 'topic', 'environment', 'removal'],
  handles: apnsHandles,
  get credentials() {
    return apnsCredentials()
  },
  get target() {
    return apnsTarget()
  },
  canonicalToken: token => (isDeviceToken(token) ? token.toLowerCase() : token),
  platform: () => 'ios',
  budget: ({ teamId, keyId, environment }) => `apns:${teamId}/${keyId}/${environment}`,
  fare,
  assess: assessApns,
  login: apnsLogin,
  revoke,
  overlay,
  check: { step: 'revoke', ask: check },
}

async function revoke({ names, named }: VendorRequest, call: Call<ApnsCredentials>): Promise<Outcome> {
  const { removal } = call.credentials
  const collapseId = String(names['collapseId'])
  if (removal === undefined) {
    return { kind: 'refused', reason: 'the app does not state that it carries the removal recipe', vendor: noReply }
  }
  const payload = removalPayload(removal, collapseId, call.now())
  // on a background push a collapse id has no effect
  return push(named, call, payload, removal === 'background' ? { type: 'background' } : { type: 'alert', collapseId })
}

async function overlay(
  { names, named }: VendorRequest,
  content: OverlayContent,
  call: Call<ApnsCredentials>,
): Promise<Outcome> {
  const { title, body, url } = content
  const kind = { type: 'alert', collapseId: String(names['collapseId']) } as const
  return push(named, call, overlayPayload(content), kind, url === null ? [title, body] : [title, body, url])
}

/** Four bytes that are no device's: whose key is taken hears BadDeviceToken. */
async function check(call: Call<ApnsCredentials>): Promise<Outcome> {
  const payload = removalPayload('background', 'unpush-health-check', call.now())
  return push({ by: 'token', token: '00000000' }, call, payload, { type: 'background' })
}

interface Kind {
  readonly type: 'alert' | 'background'
  readonly collapseId?: string
}

async function push(
  named: VendorRequest['named'],
  { credentials, send, timeoutMs, now, session }: Call<ApnsCredentials>,
  payload: string,
  { type, collapseId }: Kind,
  texts: readonly string[] = [],
): Promise<Outcome> {
  if (named.by !== 'token') return { kind: 'refused', reason: 'a request takes one token', vendor: noReply }
  const { token } = named
  if (!isDeviceToken(token)) {
    // APNs is not asked: some other text in the path would be another request
    const vendor = { ...noReply, message: 'no device token: hex digits' }
    return { kind: 'partial', rejected: [{ reason: 'BadDeviceToken', count: 1 }], unknown: 0, vendor }
  }
  if (session === null) throw new Error('APNs is asked without a provider token')
  const { teamId, keyId, environment, topic, endpoint = addresses[environment] } = credentials
  const received = await send({
    method: 'POST',
    url: `${endpoint}/3/device/${token}`,
    headers: {
      'content-type': 'application/json',
      authorization: `bearer ${session.value}`,
      'apns-topic': topic,
      'apns-push-type': type,
      // at once; what is silent must not ask for that
      'apns-priority': type === 'alert' ? '10' : '5',
      'apns-expiration': String(Math.floor(now() / 1000) + storedSeconds),
      // a header's characters are bytes
      ...(collapseId !== undefined && { 'apns-collapse-id': Buffer.from(collapseId).toString('latin1') }),
    },
    body: payload,
    timeoutMs,
    // APNs binds a connection to the first token it sees there; where that expired it takes nothing over it any more
    session: `${teamId}/${keyId}/${environment}/${session.freshUntilMs}`,
  })
  return apnsOutcome(received, { tokens: [token], secrets: [session.value], texts }, now())
}

/** A request for each token. */
function fare(step: Step, tokens: number, { ratePerSecond }: ApnsCredentials): readonly Fare[] {
  if (step !== 'revoke' && step !== 'overlay') return []
  const perSecond = ratePerSecond ?? defaultPerSecond
  const lane = { name: 'requests', kind: 'rate', perSecond, burst: Math.max(together, perSecond) } as const
  return [{ lane, cost: tokens }]
}
