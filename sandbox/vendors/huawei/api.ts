/**
 * A stand-in of Huawei Push Kit as its documents describe it (push-msg-revoke, push-scenariozed-api-*, push-jwt-token,
 * push-msg-freq-control), strict about the JWT, types and limits. It is its own reading of them and shares no code with
 * the provider.
 */
import { createPublicKey } from 'node:crypto'
import { noStrike, type Strike } from '../../faults.ts'
import type { Fleet } from '../../fleet.ts'
import { type BadgeChange, deliver, type Phone } from '../../phone.ts'
import { revokeToken, sendToken } from '../../recall-effects.ts'
import {
  answer,
  gatewayPage,
  headerOf,
  isJsonType,
  isObject,
  isTexts,
  type JsonObject,
  type Judgement,
  readJsonObject,
  type VendorRequest,
} from '../judgement.ts'
import { authorise } from './jwt.ts'
import { isTestMessage, readMessage, readNotifyId } from './message.ts'
import { httpStatusOf, illegal, Refusal } from './refusal.ts'
import { foreignTokens } from './phones.ts'
import type { PushKitState } from './state.ts'
import type { PushKitSwitches } from './switches.ts'

/** A push by a sender's own system. */
export interface HarmonyPush {
  readonly notifyId: number
  readonly tokens: readonly string[]
  readonly title: string
  readonly body: string
  readonly url?: string | undefined
  readonly badge?: BadgeChange | undefined
}

export interface PushKit {
  push(push: HarmonyPush): void
  /** How the request is answered, and what it does then. */
  judge(request: VendorRequest, struck?: Strike): Judgement
}

const bytesAtMost = 4096
const tokensAtMost = 1000
const testTokensAtMost = 10
const pushTypeMissing = 'The header does not contain valid push-type'
/** Widgets, speech, background, live view, in-app calls: real ones, not notifications. */
const otherPushTypes: ReadonlySet<string> = new Set(['1', '2', '6', '7', '10'])
const dayMs = 86_400_000

export function createPushKit(
  state: PushKitState,
  switches: PushKitSwitches,
  fleet: Fleet,
  now: () => number,
): PushKit {
  const account = { ...state, publicKey: createPublicKey(state.publicKey) }

  const reply = (code: string, msg: string, rest: Partial<Pick<Judgement, 'act' | 'tokens' | 'said'>>): Judgement => {
    state.requests += 1
    const requestId = `${now()}${String(state.requests).padStart(11, '0')}`
    const text = JSON.stringify({ code: switches.numericCodes ? Number(code) : code, msg, requestId })
    return answer(code, text, { ...rest, httpStatus: switches.everythingHttp200 ? 200 : httpStatusOf(code) })
  }

  /** Devices a second. A request passes while anything is left, so that a large one is slow and not impossible. */
  const mayAsk = (tokens: number): boolean => {
    const perSecond = switches.tokensPerSecond
    if (perSecond === null) return true
    const { budget } = state
    budget.tokens = Math.min(perSecond, budget.tokens + ((now() - budget.atMs) / 1000) * perSecond)
    budget.atMs = now()
    if (budget.tokens <= 0) return false
    budget.tokens -= tokens
    return true
  }

  const messageFor = ({ notifyId, title, body, url, badge = { add: 1 } }: HarmonyPush) => ({
    key: String(notifyId),
    title,
    body,
    url: url ?? null,
    badge,
    expiresAtMs: now() + dayMs,
  })

  /** Checks the tokens, names those that are not good, and acts on the others. */
  const withTokens = (
    tokens: readonly string[],
    { rejectTokens }: Strike,
    partialCode: string,
    act: (phone: Phone) => void,
  ): Judgement => {
    if (!mayAsk(tokens.length)) return { ...gatewayPage(503, 'Service Temporarily Unavailable'), tokens: tokens.length }
    const bad = new Set(tokens.slice(0, rejectTokens))
    const good = new Set<Phone>()
    let foreign = 0
    for (const token of tokens) {
      const phone = fleet.byToken(token)
      if (phone !== undefined && !bad.has(token)) good.add(phone)
      else if (foreignTokens.has(token)) foreign += 1
      else bad.add(token)
    }
    if (foreign > 0) throw new Refusal(foreign === tokens.length ? 80300028 : 80300017)
    const rest = { tokens: tokens.length, act: () => good.forEach(act) }
    if (bad.size === 0) return reply('80000000', 'Success', rest)
    // the blanks around the reason are in the document's own sample
    const named = { illegalTokens: { ' tokenFormatError ': [...bad] } }
    const failure = bad.size
    if (good.size === 0)
      return reply('80300007', JSON.stringify({ failure, ...named }), { tokens: tokens.length, said: 'no' })
    return reply(partialCode, JSON.stringify({ ...named, success: good.size, failure }), { ...rest, said: 'partly' })
  }

  type Route = (id: string, request: JsonObject, bytes: number, pushType: string, struck: Strike) => Judgement

  const revoke: Route = (clientId, request, bytes, pushType, struck) => {
    if (clientId !== state.clientId) throw new Refusal(80300002)
    if (pushType !== '0' && pushType !== '2') throw illegal(pushTypeMissing)
    const tokens = readTokens(request['token'])
    const key = String(readNotifyId(request['notifyId']))
    checkSize(bytes, tokens)
    return withTokens(tokens, struck, '80100020', phone => {
      // a message that is read out aloud (2) is another message than a notification; this fleet shows none of them
      if (pushType === '0') revokeToken(phone, key)
    })
  }

  const send: Route = (projectId, request, bytes, pushType, struck) => {
    if (projectId !== state.projectId) throw new Refusal(80200001)
    if (otherPushTypes.has(pushType)) throw new Refusal(80100001, 'UnSupported svc')
    if (pushType !== '0') throw illegal(pushTypeMissing)
    const { target } = request
    const tokens = readTokens(isObject(target) ? target['token'] : undefined)
    if (isTestMessage(request) && tokens.length > testTokensAtMost) throw new Refusal(80300030)
    const message = readMessage(request, () => `made-${state.requests}`, now())
    checkSize(bytes, tokens)
    return withTokens(tokens, struck, '80100000', phone => sendToken(phone, message, now()))
  }

  return {
    push: push => {
      const message = messageFor(push)
      for (const token of new Set(push.tokens)) {
        const phone = fleet.byToken(token)
        if (phone !== undefined) deliver(phone, message, now())
      }
    },
    judge: ({ method, path, headers, body }, struck = noStrike) => {
      const [, operation, id = ''] = /^\/(v1|v3)\/([^/]+)\/messages:(?:revoke|send)$/.exec(path) ?? []
      const route = { v1: revoke, v3: send }[operation ?? '']
      const verb = operation === 'v1' ? ':revoke' : ':send'
      if (route === undefined || !path.endsWith(verb)) return gatewayPage(404, 'Not Found')
      if (method !== 'POST') return gatewayPage(405, 'Method Not Allowed')
      try {
        authorise(headerOf(headers, 'authorization'), account, now())
        const request = isJsonType(headers) ? readJsonObject(body) : undefined
        if (request === undefined) throw new Refusal(80100001)
        return route(id, request, body.length, headerOf(headers, 'push-type'), struck)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return reply(String(error.code), error.message, { said: 'no' })
      }
    },
  }
}

function readTokens(tokens: unknown): readonly string[] {
  if (tokens !== undefined && !isTexts(tokens)) throw illegal('token is invalid')
  if (tokens === undefined || tokens.length === 0 || tokens.length > tokensAtMost) throw new Refusal(80300010)
  return tokens
}

/** "Not counting the push tokens": all bytes but those of the array. */
function checkSize(bytes: number, tokens: readonly string[]): void {
  if (bytes - Buffer.byteLength(JSON.stringify(tokens)) > bytesAtMost) throw new Refusal(80300008)
}
