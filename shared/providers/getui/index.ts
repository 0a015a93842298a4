/**
 * Getui. A push has a task of Getui's own, by which what is still stored is stopped and what is shown is recalled, and where its
 * sender chose one a notify_id, under which another one takes its place. A recall and an overlay are pushes to the same devices, or to
 * the same audience. One login a day serves all instances.
 *
 * https://docs.getui.com/getui/scene/recall
 */
import { parseHttpDate } from '../../http-date.ts'
import type {
  Audience,
  Call,
  Fare,
  Outcome,
  Provider,
  StatusReading,
  Step,
  VendorReply,
  VendorRequest,
} from '../provider.ts'
import { type JsonObject, withoutFault } from '../wire/reply.ts'
import { assessGetui } from './assess.ts'
import { defaultPerSecond, getuiCapabilities, mostBroadcasts, mostCids } from './capabilities.ts'
import { type GetuiCredentials, getuiCredentials, getuiTarget } from './credentials.ts'
import { getuiLogin } from './login.ts'
import { isBroadcast, overlayBody, pathOf, requestIdOf, revokeBody } from './message.ts'
import { readGetuiRecord } from './record.ts'
import { type Asked, baseOf, getuiOutcome, jsonType } from './replies.ts'
import { getuiChannels, getuiHandles, getuiMembers, getuiSentences, getuiStatuses, getuiTitle } from './texts.ts'

export type { GetuiCredentials } from './credentials.ts'

const nobodys = 'RASL_0101_00000000000000000000000000000000'

export const getui: Provider<GetuiCredentials> = {
  name: 'getui',
  title: getuiTitle,
  channels: getuiChannels,
  statuses: getuiStatuses,
  sentences: getuiSentences,
  capabilities: getuiCapabilities,
  openMembers: ['appId'],
  handles: getuiHandles,
  members: getuiMembers,
  get credentials() {
    return getuiCredentials()
  },
  get target() {
    return getuiTarget()
  },
  platform: () => null,
  // Getui counts by app.
  budget: ({ appId }) => `getui:${appId}`,
  fare,
  assess: assessGetui,
  login: getuiLogin,
  stop,
  revoke: (request, call) => push(request, revokeBody(request.names), 'taskId', [], call),
  overlay: (request, content, call) => {
    const { title, body, url } = content
    const texts = [title, body, ...(url === null ? [] : [url])]
    return push(request, overlayBody(request.names, content), 'notifyId', texts, call)
  },
  status: ({ names }, call) => statusOf(names['taskId'], call),
  // the record of a push that nobody scheduled
  check: {
    step: 'status',
    ask: async call => withoutFault((await statusOf(nobodys, call)).outcome, ({ code }) => /^2\d{4}$/.test(code ?? '')),
  },
}

const noReply: VendorReply = { code: null, message: null, requestId: null, httpStatus: null }
const nameless: Outcome = { kind: 'refused', reason: 'the push is known by no task id of Getui', vendor: noReply }

/** A push that waits for its time is deleted, save in the last minute; of any other, delivery ends. Repeating either is harmless. */
async function stop({ names, record }: VendorRequest, call: Call<GetuiCredentials>): Promise<Outcome> {
  const { taskId } = names
  if (taskId === undefined) return nameless
  const path = `${record?.scheduled === true ? '/task/schedule/' : '/task/'}${encodeURIComponent(taskId)}`
  return (await ask('DELETE', path, null, { tokens: null, wants: 'nothing', hidden: {} }, call)).outcome
}

async function statusOf(taskId: string | number | undefined, call: Call<GetuiCredentials>): Promise<StatusReading> {
  if (taskId === undefined) return { outcome: nameless, record: null }
  const path = `/task/schedule/${encodeURIComponent(taskId)}`
  const asked = { tokens: null, wants: 'nothing', hidden: {} } as const
  const { outcome, reply, clockMs } = await ask('GET', path, null, asked, call)
  if (outcome.kind !== 'accepted') return { outcome, record: null }
  const record = readGetuiRecord(reply, String(taskId), clockMs)
  if (record !== null) return { outcome, record }
  const { vendor } = outcome
  return { outcome: { kind: 'unknown', reason: 'the reply holds no record of this push', vendor }, record: null }
}

/** `name`: without which it takes nothing back. */
async function push(
  { names, named }: VendorRequest,
  body: JsonObject,
  name: 'taskId' | 'notifyId',
  texts: readonly string[],
  call: Call<GetuiCredentials>,
): Promise<Outcome> {
  if (names[name] === undefined) return { kind: 'refused', reason: `the push has no ${name}`, vendor: noReply }
  if (named.by === 'audience') {
    const { audience } = named
    const json = JSON.stringify({
      request_id: requestIdOf(call.key, null),
      audience: typeof audience === 'string' ? audience : { ...audience },
      ...body,
    })
    const path = pathOf(audience)
    const isAlias = path === '/push/single/alias'
    const people = typeof audience === 'string' ? [] : textsIn(audience)
    const wants = isAlias ? 'alias' : 'task'
    return (await ask('POST', path, json, { tokens: null, wants, hidden: { texts, tokens: people } }, call)).outcome
  }
  if (named.by !== 'tokens' || named.count < 1 || named.count > mostCids)
    return { kind: 'refused', reason: `a request takes 1 to ${mostCids} devices, or an audience`, vendor: noReply }
  const tokens = JSON.parse(named.json.toString()) as string[]
  const messages = tokens.map(cid => ({ request_id: requestIdOf(call.key, cid), audience: { cid: [cid] }, ...body }))
  const json = JSON.stringify({ is_async: false, msg_list: messages })
  return (await ask('POST', '/push/single/batch/cid', json, { tokens, wants: 'devices', hidden: { texts } }, call))
    .outcome
}

/** Aliases name people. */
function textsIn({ alias }: { readonly [member: string]: unknown }): string[] {
  return Array.isArray(alias) ? alias.map(String) : []
}

async function ask(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: string | null,
  { hidden, ...asked }: Asked,
  { credentials, send, timeoutMs, now, session }: Call<GetuiCredentials>,
) {
  // who calls has logged in before
  if (session === null) return { outcome: { kind: 'auth', vendor: noReply } as const, reply: {}, clockMs: now() }
  const { value: token } = session
  const secrets = [token, credentials.appKey, credentials.masterSecret]
  const received = await send({
    method,
    url: `${baseOf(credentials)}${path}`,
    headers: { ...(body !== null && jsonType), token },
    body: body ?? '',
    timeoutMs,
  })
  const date = 'failure' in received ? undefined : received.headers['date']
  // whether a push is due, its own clock says
  const clockMs = parseHttpDate(date) ?? now()
  return { ...getuiOutcome(received, { ...asked, hidden: { ...hidden, secrets } }, now()), clockMs }
}

/** A day has few pushes to everybody and by tag, and a minute five. */
function fare(
  step: Step,
  tokens: number,
  { ratePerSecond }: GetuiCredentials,
  audience: Audience | null = null,
): readonly Fare[] {
  if (step === 'list' || step === 'figures') return []
  const perSecond = ratePerSecond ?? defaultPerSecond
  const requests: Fare = {
    lane: { name: 'requests', kind: 'rate', perSecond, burst: Math.max(1, perSecond) },
    cost: 1,
  }
  if (step === 'stop' || step === 'status' || tokens > 0 || !isBroadcast(audience ?? 'all')) return [requests]
  return [
    requests,
    { lane: { name: 'broadcasts-minute', kind: 'window', limit: 5, windowMs: 60_000 }, cost: 1 },
    { lane: { name: 'broadcasts', kind: 'window', limit: mostBroadcasts, windowMs: 86_400_000 }, cost: 1 },
  ]
}
