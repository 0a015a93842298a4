/**
 * A stand-in of Firebase Cloud Messaging and of Google's token endpoint as their documents describe them, strict about the
 * assertion, the access token and every member of a message. It is its own reading and shares no code with the provider.
 */
import { createPublicKey } from 'node:crypto'
import type { Fleet } from '../../fleet.ts'
import {
  answer,
  gatewayPage,
  headerOf,
  isJsonType,
  type Judgement,
  readJsonObject,
  type VendorRequest,
} from '../judgement.ts'
import { createDeliveries, type Deliveries } from './deliver.ts'
import { readMessage, type SentMessage } from './message.ts'
import { login } from './oauth.ts'
import { platformOf } from './phones.ts'
import { Refusal, refused } from './refusal.ts'
import type { FcmState } from './state.ts'
import type { FcmSwitches } from './switches.ts'

export interface Fcm {
  judge(request: VendorRequest): Judgement
  readonly deliveries: Deliveries
}

const sendPath = /^\/v1\/projects\/([^/]+)\/messages:send$/
const minuteMs = 60_000

export function createFcm(state: FcmState, switches: FcmSwitches, fleet: Fleet, now: () => number): Fcm {
  const account = { email: state.email, keyId: state.keyId, publicKey: createPublicKey(state.publicKey) }
  const deliveries = createDeliveries(state, now)
  const sentLately = new Map<string, number[]>()

  const isTaken = (authorization: string): boolean => {
    const [, token = ''] = /^Bearer (\S+)$/.exec(authorization) ?? []
    const known = Object.hasOwn(state.accessTokens, token) ? state.accessTokens[token] : undefined
    if (known === undefined || known.endsAtMs <= now()) return false
    known.calls += 1
    return switches.callsPerAccessToken === null || known.calls <= switches.callsPerAccessToken
  }

  /** Throws Refusal. */
  const checkToken = (token: string): void => {
    if (token.startsWith('dead-')) throw new Refusal('UNREGISTERED')
    if (token.startsWith('other-')) throw new Refusal('SENDER_ID_MISMATCH')
    if (token.startsWith('apnsauth-')) throw new Refusal('THIRD_PARTY_AUTH_ERROR')
    const phone = fleet.byToken(token)
    if (phone === undefined) throw new Refusal('INVALID_ARGUMENT')
    if (switches.appleKeyBad && platformOf(phone) === 'ios') throw new Refusal('THIRD_PARTY_AUTH_ERROR')
    if (switches.perDeviceMinute === 0) return
    const lately = (sentLately.get(token) ?? []).filter(at => now() - at < minuteMs)
    if (lately.length >= switches.perDeviceMinute) throw new Refusal('QUOTA_EXCEEDED')
    sentLately.set(token, [...lately, now()])
  }

  const act = (message: SentMessage): void => {
    const phones =
      'topic' in message.to ? fleet.phones.filter(isSubscribed(message.to.topic)) : [fleet.byToken(message.to.token)]
    for (const phone of phones) if (phone !== undefined) deliveries.send(phone, message)
  }

  const send = (project: string, request: VendorRequest): Judgement => {
    if (!isTaken(headerOf(request.headers, 'authorization'))) throw new Refusal('UNAUTHENTICATED')
    if (project !== state.projectId || switches.mayNotSend) throw new Refusal('PERMISSION_DENIED')
    const body = isJsonType(request.headers) ? readJsonObject(request.body) : undefined
    if (body === undefined) throw new Refusal('INVALID_ARGUMENT', 'Invalid JSON payload received.', '')
    const message = readMessage(body)
    if ('token' in message.to) checkToken(message.to.token)
    state.sends += 1
    const id = message.validateOnly ? 'fake_message_id' : `0:${now()}${String(state.sends).padStart(3, '0')}%31bd1c96`
    return answer('200', JSON.stringify({ name: `projects/${state.projectId}/messages/${id}` }), {
      tokens: 'token' in message.to ? 1 : null,
      act: message.validateOnly ? () => {} : () => act(message),
    })
  }

  return {
    deliveries,
    judge: request => {
      const { method, path } = request
      try {
        const [, project] = sendPath.exec(path) ?? []
        if (method === 'POST' && path === '/token') {
          const seconds = switches.accessTokenSeconds
          return login(request, account, seconds, now(), token => {
            state.logins += 1
            state.accessTokens[token] = { endsAtMs: now() + seconds * 1000, calls: 0 }
          })
        }
        if (method === 'POST' && project !== undefined) return send(project, request)
        return gatewayPage(404, 'Not Found')
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return refused(error, 1)
      }
    },
  }
}

/** Phones have subscribed to their tags, and all of them to `all`. */
export function isSubscribed(topic: string): (phone: { readonly tags: readonly string[] }) => boolean {
  return ({ tags }) => topic === 'all' || tags.includes(topic)
}
