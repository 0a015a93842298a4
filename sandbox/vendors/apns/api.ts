/**
 * A stand-in of APNs as Apple's documents describe it, strict about the provider token, headers and payload. It is its own
 * reading of them and shares no code with the provider.
 */
import { randomUUID } from 'node:crypto'
import type { Fleet } from '../../fleet.ts'
import { deliver, type Message, type Phone } from '../../phone.ts'
import { revokeToken, sendToken } from '../../recall-effects.ts'
import { answer, headerOf, isObject, type Judgement, type VendorRequest } from '../judgement.ts'
import { foreignToken, goneToken } from './phones.ts'
import { authorise } from './provider-token.ts'
import { type Push, readPush, removalIn } from './push.ts'
import { type Reason, reasons, Refusal } from './refusal.ts'
import type { ApnsState } from './state.ts'
import type { ApnsSwitches } from './switches.ts'

/** A push by a sender's own system. */
export interface ApplePush {
  /** Null: the system makes one that nobody is told. */
  readonly collapseId: string | null
  readonly tokens: readonly string[]
  readonly title: string
  readonly body: string
}

/** "Two or three an hour". */
const backgroundAnHour = 3
const hourMs = 3_600_000
const dayMs = 86_400_000

export function createApns(state: ApnsState, switches: ApnsSwitches, fleet: Fleet, now: () => number) {
  const messageOf = ({ aps, payload, collapseId, expiresAtMs }: Push): Message => {
    const alert = isObject(aps['alert']) ? aps['alert'] : { body: aps['alert'] }
    const { badge } = aps
    const url = payload['url']
    return {
      key: collapseId ?? randomUUID(),
      title: typeof alert['title'] === 'string' ? alert['title'] : '',
      body: typeof alert['body'] === 'string' ? alert['body'] : '',
      url: typeof url === 'string' ? url : null,
      badge: typeof badge === 'number' ? { set: badge } : null,
      // not stored: for whoever is there now
      expiresAtMs,
    }
  }
  /** Not more often than iOS lets it. */
  const wake = (phone: Phone, token: string, id: string) => {
    const ran = (state.ran[token] ?? []).filter(atMs => now() - atMs < hourMs)
    if (ran.length >= backgroundAnHour) return
    state.ran[token] = [...ran, now()]
    revokeToken(phone, id)
  }
  const act = (phone: Phone, token: string, push: Push): void => {
    if (push.type === 'alert' && push.aps['alert'] !== undefined) return sendToken(phone, messageOf(push), now())
    const silent = push.type === 'background' && push.aps['content-available'] === 1
    // one that shows something is dropped without a word
    if (!silent || ['alert', 'sound', 'badge'].some(member => member in push.aps)) return
    const id = removalIn(push)
    if (id !== null) wake(phone, token, id)
  }
  const refuse = (reason: Reason, tokens: number): Judgement => {
    const timestamp = reasons[reason] === 410 ? { timestamp: now() - dayMs } : {}
    const headers = { 'apns-id': randomUUID() }
    const text = JSON.stringify({ reason, ...timestamp })
    return answer(reason, text, { httpStatus: reasons[reason], said: 'no', tokens, headers })
  }
  const judge = (request: VendorRequest): Judgement => {
    const [, token] = /^\/3\/device\/([^/]*)$/.exec(request.path) ?? []
    if (token === undefined) return refuse('BadPath', 0)
    if (request.method !== 'POST') return refuse('MethodNotAllowed', 1)
    const { headers } = request
    authorise(headerOf(headers, 'authorization'), state, switches.countsTokenBytes, now())
    const push = readPush(request, state.topic, now())
    if (token === '') throw new Refusal('MissingDeviceToken')
    if (!/^([0-9a-fA-F]{2}){4,}$/.test(token)) throw new Refusal('BadDeviceToken')
    const { refuses, refusals } = switches
    if (refuses !== null && refusals !== 0) {
      if (refusals !== null) switches.refusals = refusals - 1
      throw new Refusal(refuses)
    }
    const device = token.toLowerCase()
    if (device === foreignToken) throw new Refusal('DeviceTokenNotForTopic')
    if (device === goneToken) throw new Refusal('Unregistered')
    const phone = fleet.byToken(device)
    if (phone === undefined) throw new Refusal('BadDeviceToken')
    const id = push.id ?? randomUUID()
    return answer('200', '', { tokens: 1, headers: { 'apns-id': id }, act: () => act(phone, device, push) })
  }
  return {
    push: ({ collapseId, tokens, title, body }: ApplePush) => {
      for (const token of new Set(tokens)) {
        const phone = fleet.byToken(token)
        const message = { title, body, url: null, badge: { add: 1 }, expiresAtMs: now() + dayMs }
        if (phone !== undefined) deliver(phone, { key: collapseId ?? randomUUID(), ...message }, now())
      }
    },
    judge: (request: VendorRequest): Judgement => {
      state.requests += 1
      try {
        return judge(request)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return refuse(error.reason, 1)
      }
    },
  }
}
