/**
 * OneSignal. A message has two names: the id that OneSignal made, by which the whole of it is cancelled, and the collapse id that
 * its sender chose, under which another one takes its place on named subscriptions. Its record proves a stop.
 *
 * Cancel: https://documentation.onesignal.com/reference/cancel-message · view, create:
 * https://github.com/api-evangelist/onesignal/blob/main/openapi/_original/onesignal-api-openapi.json
 */
import type {
  Call,
  Fare,
  Outcome,
  OverlayContent,
  Provider,
  StatusReading,
  Step,
  VendorReply,
  VendorRequest,
} from '../provider.ts'
import type { Sending } from '../../http.ts'
import { assessOneSignal } from './assess.ts'
import { defaultPerSecond, mostSubscriptions, oneSignalCapabilities, viewWindow } from './capabilities.ts'
import { type OneSignalCredentials, oneSignalCredentials, oneSignalTarget, uuidForm } from './credentials.ts'
import { overlayAround } from './overlay.ts'
import { readOneSignalRecord } from './record.ts'
import { type Asked, oneSignalOutcome } from './replies.ts'
import { oneSignalChannels, oneSignalHandles, oneSignalSentences, oneSignalStatuses, oneSignalTitle } from './texts.ts'

export type { OneSignalCredentials } from './credentials.ts'

const address = 'https://api.onesignal.com'
const nobodys = '00000000-0000-4000-8000-000000000000'

export const onesignal: Provider<OneSignalCredentials> = {
  name: 'onesignal',
  title: oneSignalTitle,
  channels: oneSignalChannels,
  statuses: oneSignalStatuses,
  sentences: oneSignalSentences,
  capabilities: oneSignalCapabilities,
  openMembers: ['appId'],
  handles: oneSignalHandles,
  get credentials() {
    return oneSignalCredentials()
  },
  get target() {
    return oneSignalTarget()
  },
  canonicalToken: token => (uuidForm.test(token) ? token.toLowerCase() : token),
  platform: () => null,
  // OneSignal counts by app.
  budget: ({ appId }) => `onesignal:${appId}`,
  fare,
  assess: assessOneSignal,
  stop,
  overlay,
  status: ({ names }, call) => statusOf(names['messageId'], call),
  // the record of a message that nobody made
  check: { step: 'status', ask: checkOf },
}

const noReply: VendorReply = { code: null, message: null, requestId: null, httpStatus: null }
const nameless: Outcome = { kind: 'refused', reason: 'the message is known by no id of OneSignal', vendor: noReply }

/** Repeating it is harmless: it answers 200, or that this was done already. */
async function stop({ names }: VendorRequest, call: Call<OneSignalCredentials>): Promise<Outcome> {
  const { messageId } = names
  if (messageId === undefined) return nameless
  return (await ask({ method: 'DELETE', ...ofMessage(messageId, call), body: '' }, asking('stop', call), call)).outcome
}

async function statusOf(
  messageId: string | number | undefined,
  call: Call<OneSignalCredentials>,
): Promise<StatusReading> {
  if (messageId === undefined) return { outcome: nameless, record: null }
  const { outcome, reply } = await ask(
    { method: 'GET', ...ofMessage(messageId, call), body: '' },
    asking('status', call),
    call,
  )
  if (outcome.kind !== 'accepted') return { outcome, record: null }
  const record = readOneSignalRecord(reply, String(messageId).toLowerCase(), call.now())
  if (record !== null) return { outcome, record }
  const { vendor } = outcome
  return { outcome: { kind: 'unknown', reason: 'the reply holds no record of this message', vendor }, record: null }
}

/** No document says how it refuses an unknown id: a 400 that names neither app nor key tells nothing of them. */
async function checkOf(call: Call<OneSignalCredentials>): Promise<Outcome> {
  const { outcome } = await statusOf(nobodys, call)
  const { message, httpStatus } = outcome.vendor
  const tells = outcome.kind !== 'refused' || httpStatus !== 400 || /app[ _]?id/i.test(message ?? '')
  return tells ? outcome : { kind: 'unknown', reason: 'an unknown id is refused', vendor: outcome.vendor }
}

async function overlay(
  { names, named }: VendorRequest,
  content: OverlayContent,
  call: Call<OneSignalCredentials>,
): Promise<Outcome> {
  const { collapseId } = names
  if (collapseId === undefined || named.by !== 'tokens' || named.count < 1 || named.count > mostSubscriptions) {
    return { kind: 'refused', reason: `a request takes 1 to ${mostSubscriptions} subscriptions`, vendor: noReply }
  }
  const all = JSON.parse(named.json.toString()) as string[]
  // for one that is no UUID, OneSignal refuses the whole request
  const tokens = all.filter(token => uuidForm.test(token))
  const strangers = all.length - tokens.length
  const rejected = strangers === 0 ? [] : [{ reason: 'NOT_A_UUID', count: strangers }]
  if (tokens.length === 0) return { kind: 'partial', rejected, unknown: 0, vendor: noReply }
  const { title, body, url } = content
  const [head, tail] = overlayAround(call.credentials.appId, String(collapseId), content, call.key)
  const json = strangers === 0 ? named.json : Buffer.from(JSON.stringify(tokens))
  const { outcome } = await ask(
    {
      method: 'POST',
      url: `${originOf(call)}/notifications?c=push`,
      headers: { 'Content-Type': 'application/json; charset=utf-8' },
      body: [Buffer.from(head), json, Buffer.from(tail)],
    },
    { ...asking('overlay', call, [title, body, ...(url === null ? [] : [url])]), tokens },
    call,
  )
  return strangers === 0 ? outcome : withRejected(outcome, rejected)
}

/** What was not asked for is rejected, whatever became of the others. */
function withRejected(
  outcome: Outcome,
  rejected: readonly { readonly reason: string; readonly count: number }[],
): Outcome {
  const { vendor } = outcome
  if (outcome.kind === 'accepted') return { kind: 'partial', rejected, unknown: 0, vendor }
  return outcome.kind === 'partial' ? { ...outcome, rejected: [...outcome.rejected, ...rejected] } : outcome
}

function originOf({ credentials: { endpoint } }: Call<OneSignalCredentials>): string {
  return endpoint ?? address
}

function ofMessage(messageId: string | number, call: Call<OneSignalCredentials>): Pick<Sending, 'url' | 'headers'> {
  const path = `/notifications/${encodeURIComponent(messageId)}?app_id=${encodeURIComponent(call.credentials.appId)}`
  return { url: originOf(call) + path, headers: {} }
}

function asking(
  step: Asked['step'],
  { credentials }: Call<OneSignalCredentials>,
  texts: readonly string[] = [],
): Asked {
  return { step, hidden: { secrets: [credentials.apiKey], texts }, tokens: [] }
}

async function ask(
  { headers, ...sending }: Omit<Sending, 'timeoutMs'>,
  asked: Asked,
  { credentials, send, timeoutMs, now }: Call<OneSignalCredentials>,
) {
  const signed = { ...headers, Authorization: `Key ${credentials.apiKey}` }
  return oneSignalOutcome(await send({ ...sending, headers: signed, timeoutMs }), asked, now())
}

/** Views have a budget of their own; messages are made and cancelled from one. */
function fare(step: Step, _tokens: number, { ratePerSecond }: OneSignalCredentials): readonly Fare[] {
  if (step === 'status') return [{ lane: { name: 'query', kind: 'window', ...viewWindow }, cost: 1 }]
  if (step === 'list' || step === 'figures') return []
  const perSecond = ratePerSecond ?? defaultPerSecond
  return [{ lane: { name: 'requests', kind: 'rate', perSecond, burst: Math.max(1, perSecond) }, cost: 1 }]
}
