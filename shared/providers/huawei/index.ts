/**
 * Huawei Push Kit for HarmonyOS. Devices are named by push token, a notification on them by the notifyId it was sent
 * with; up to 1,000 tokens a request.
 *
 * Revoke: https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-msg-revoke · overlay:
 * …/harmonyos-references/push-scenariozed-api-request-struct. There is no stop: revoke ends undelivered messages too.
 */
import { assessHuawei, defaultTokensPerSecond, huaweiCapabilities, maxTokensPerRequest } from './capabilities.ts'
import { type HuaweiCredentials, huaweiCredentials, huaweiTarget } from './credentials.ts'
import { composeHuaweiOverlay } from './overlay.ts'
import { huaweiOutcome } from './replies.ts'
import { withoutFault } from '../wire/reply.ts'
import { jwtOf } from './token.ts'
import type { Call, Fare, Named, OverlayContent, Outcome, Provider, Step, VendorRequest } from '../provider.ts'
import { huaweiChannels, huaweiHandles, huaweiSentences, huaweiTitle } from './texts.ts'

export type { HuaweiCredentials } from './credentials.ts'

const address = 'https://push-api.cloud.huawei.com'

export const huawei: Provider<HuaweiCredentials> = {
  name: 'huawei',
  title: huaweiTitle,
  channels: huaweiChannels,
  sentences: huaweiSentences,
  capabilities: huaweiCapabilities,
  openMembers: (
    'clientId overlayCategory type project_id key_id sub_account ' +
    'auth_uri token_uri auth_provider_cert_uri client_cert_uri'
  ).split(' '),
  handles: huaweiHandles,
  get credentials() {
    return huaweiCredentials()
  },
  get target() {
    return huaweiTarget()
  },
  platform: () => 'harmony',
  // Its rate is the application's.
  budget: ({ clientId }) => `huawei:${clientId}`,
  fare,
  assess: assessHuawei,
  revoke,
  overlay,
  // one token that cannot be any, under a notifyId that nobody uses
  check: {
    step: 'revoke',
    ask: async call =>
      withoutFault(
        await revoke({ names: { notifyId: 2_147_483_647 }, named: noDevice, record: null }, call),
        ({ code }) => code !== null && ofNoDevice.has(code),
      ),
  },
}

/** What may be said of a token that is none. */
const ofNoDevice: ReadonlySet<string> = new Set(['80100001', '80100003', '80300017', '80300028'])
const noDevice: Named = {
  by: 'tokens',
  json: Buffer.from(JSON.stringify(['unpush-health-check-is-no-token'])),
  count: 1,
}

/** v1 and the Client ID of the application, where sending has v3 and the project. */
async function revoke({ names, named }: VendorRequest, call: Call<HuaweiCredentials>): Promise<Outcome> {
  const path = `/v1/${call.credentials.clientId}/messages:revoke`
  return post(path, named, call, [`{"notifyId":${names['notifyId']},"token":`, '}'], [])
}

async function overlay(
  { names, named }: VendorRequest,
  content: OverlayContent,
  call: Call<HuaweiCredentials>,
): Promise<Outcome> {
  const { credentials } = call
  const path = `/v3/${encodeURIComponent(credentials.serviceAccount.project_id)}/messages:send`
  const { title, body, url } = content
  const texts = [title, body, ...(url === null ? [] : [url])]
  return post(path, named, call, composeHuaweiOverlay(credentials, String(names['notifyId']), content), texts)
}

/** The batch's JSON goes between `head` and `tail` as it is: a thousand tokens are not parsed and written again. */
async function post(
  path: string,
  batch: Named,
  { credentials, send, timeoutMs, renew, now }: Call<HuaweiCredentials>,
  [head, tail]: readonly [head: string, tail: string],
  texts: readonly string[],
): Promise<Outcome> {
  if (batch.by !== 'tokens' || batch.count < 1 || batch.count > maxTokensPerRequest) {
    const vendor = { code: null, message: null, requestId: null, httpStatus: null }
    return { kind: 'refused', reason: `a request takes 1 to ${maxTokensPerRequest} tokens`, vendor }
  }
  const jwt = await jwtOf(credentials.serviceAccount, now(), renew)
  const received = await send({
    method: 'POST',
    url: `${credentials.endpoint ?? address}${path}`,
    // 0: a notification. Without it nothing is taken.
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${jwt}`, 'push-type': '0' },
    body: [Buffer.from(head), batch.json, Buffer.from(tail)],
    timeoutMs,
  })
  return huaweiOutcome(received, batch, { secrets: [jwt], texts }, now())
}

/** Push Kit counts devices, not requests. */
function fare(step: Step, tokens: number, { ratePerSecond }: HuaweiCredentials): readonly Fare[] {
  if (step === 'status' || step === 'stop') return []
  const perSecond = ratePerSecond ?? defaultTokensPerSecond
  const lane = { name: 'tokens', kind: 'rate', perSecond, burst: Math.max(maxTokensPerRequest, perSecond) } as const
  return [{ lane, cost: tokens }]
}
