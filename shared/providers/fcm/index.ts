/**
 * Firebase Cloud Messaging, HTTP v1. It takes nothing back by itself: an overlay sends again under the same tag, a revoke asks the
 * app to remove what it shows, a stop lets a data message take the place of what FCM still stores. One device a request.
 *
 * https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send
 */
import { assessFcm } from './assess.ts'
import { defaultPerSecond, fcmCapabilities, tokensTogether } from './capabilities.ts'
import { type FcmCredentials, fcmCredentials, fcmTarget } from './credentials.ts'
import { fcmLogin } from './login.ts'
import { overlayMessage, revokeMessage, stopMessage } from './message.ts'
import { fcmOutcome } from './replies.ts'
import { fcmChannels, fcmHandles, fcmSentences, fcmTitle } from './texts.ts'
import type { Call, Fare, Outcome, Provider, Step, VendorReply, VendorRequest } from '../provider.ts'
import type { JsonObject } from '../wire/reply.ts'

export type { FcmCredentials } from './credentials.ts'

const address = 'https://fcm.googleapis.com'

export const fcm: Provider<FcmCredentials> = {
  name: 'fcm',
  title: fcmTitle,
  channels: fcmChannels,
  sentences: fcmSentences,
  capabilities: fcmCapabilities,
  openMembers: (
    'type project_id private_key_id client_email client_id auth_uri token_uri auth_provider_x509_cert_url ' +
    'client_x509_cert_url universe_domain removal'
  ).split(' '),
  handles: fcmHandles,
  get credentials() {
    return fcmCredentials()
  },
  get target() {
    return fcmTarget()
  },
  platform: () => null,
  // Google counts by project.
  budget: ({ serviceAccount }) => `fcm:${serviceAccount.project_id}`,
  fare,
  assess: assessFcm,
  login: fcmLogin,
  stop: (request, call) => send(request, stopMessage(request.names, call.now()), [], call),
  revoke: (request, call) => send(request, revokeMessage(request.names, call.now()), [], call),
  overlay: (request, content, call) => {
    const { title, body, url } = content
    const texts = [title, body, ...(url === null ? [] : [url])]
    return send(request, overlayMessage(request.names, content, call.now()), texts, call)
  },
  // checked, and sent to nobody
  check: {
    step: 'revoke',
    ask: call => post({ topic: 'unpush-health-check', data: { unpush_v: '1', unpush_op: 'check' } }, true, {}, call),
  },
}

const noReply: VendorReply = { code: null, message: null, requestId: null, httpStatus: null }

async function send(
  { names, named }: VendorRequest,
  message: JsonObject,
  texts: readonly string[],
  call: Call<FcmCredentials>,
): Promise<Outcome> {
  if (named.by === 'token') {
    const { token } = named
    return post({ token, ...message }, false, { tokens: [token], texts }, call)
  }
  const { topic } = names
  if (named.by === 'audience' && topic !== undefined) return post({ topic, ...message }, false, { texts }, call)
  return { kind: 'refused', reason: 'a request takes one token, or a topic', vendor: noReply }
}

async function post(
  message: JsonObject,
  validateOnly: boolean,
  hidden: { readonly tokens?: readonly string[]; readonly texts?: readonly string[] },
  { credentials, send: transport, timeoutMs, now, session }: Call<FcmCredentials>,
): Promise<Outcome> {
  // who calls has logged in before
  if (session === null) return { kind: 'auth', vendor: noReply }
  const { serviceAccount, endpoint } = credentials
  const received = await transport({
    method: 'POST',
    url: `${endpoint ?? address}/v1/projects/${encodeURIComponent(serviceAccount.project_id)}/messages:send`,
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${session.value}` },
    body: JSON.stringify({ ...(validateOnly && { validate_only: true }), message }),
    timeoutMs,
  })
  return fcmOutcome(received, hidden.tokens !== undefined, { ...hidden, secrets: [session.value] }, now())
}

/** Google counts messages; a push to a topic is one. */
function fare(step: Step, tokens: number, { ratePerSecond }: FcmCredentials): readonly Fare[] {
  if (step === 'status' || step === 'list') return []
  const perSecond = ratePerSecond ?? defaultPerSecond
  const lane = { name: 'messages', kind: 'rate', perSecond, burst: Math.max(tokensTogether, perSecond) } as const
  return [{ lane, cost: Math.max(1, tokens) }]
}
