/**
 * A stand-in of OneSignal's API as its documents describe it: cancel, view and create a message. It is its own reading and shares
 * no code with the provider.
 */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Strike } from '../../faults.ts'
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
import { readCreate, uuid } from './create.ts'
import { createMessages, type Messages } from './messages.ts'
import { Refusal, refusalBody } from './refusal.ts'
import type { OneSignalMessage, OneSignalState } from './state.ts'
import type { OneSignalSwitches } from './switches.ts'

export interface OneSignal {
  judge(request: VendorRequest, struck: Strike): Judgement
  readonly messages: Messages
}

const viewsAtMost = 10
const viewsWithinMs = 10_000
const keysKeptMs = 30 * 24 * 3_600_000
const messagePath = /^\/notifications\/([^/]+)$/

export function createOneSignal(
  state: OneSignalState,
  switches: OneSignalSwitches,
  fleet: Fleet,
  now: () => number,
): OneSignal {
  const messages = createMessages(state, fleet, now)

  /** Throws Refusal. */
  const authenticate = (authorization: string): void => {
    const wrong = switches.badKeyIs400 ? 400 : authorization === '' ? 401 : 403
    if (!/^Key \S+$/.test(authorization)) {
      throw new Refusal(
        wrong,
        "Access denied. Please include an 'Authorization: ...' header with a valid API key (https://documentation.onesignal.com/docs/accounts-and-keys).",
      )
    }
    if (!equal(authorization, `Key ${state.apiKey}`))
      throw new Refusal(wrong, 'Access denied. The API key is not valid for this app.')
  }

  /** The message of DELETE and GET, which name the app in the query. Throws Refusal. */
  const named = (id: string, query: URLSearchParams): OneSignalMessage => {
    if (query.get('app_id')?.toLowerCase() !== state.appId) {
      throw new Refusal(400, 'Request is malformed: Failed to parse app_id from request')
    }
    const message = uuid.test(id) ? messages.find(id) : undefined
    if (message === undefined) throw new Refusal(404, 'Notification not found')
    return message
  }

  const cancel = (message: OneSignalMessage): Judgement => {
    const no = message.canceled
      ? 'Notification has already been canceled'
      : message.completedAtMs !== null
        ? 'Notification has already been sent to all recipients'
        : null
    if (no !== null) throw new Refusal(400, switches.vague ? 'Bad Request' : no)
    return answer('200', '{"success":true}', {
      act: () => {
        state.cancels += 1
        messages.cancel(message)
      },
      pretend: () => {
        if (switches.recordLies) message.canceled = true
      },
    })
  }

  const view = (message: OneSignalMessage): Judgement => {
    const lately = state.views.filter(at => now() - at < viewsWithinMs)
    if (lately.length >= viewsAtMost) throw new Refusal(429, 'API rate limit exceeded', { 'retry-after': '1' })
    state.views.splice(0, Number.POSITIVE_INFINITY, ...lately, now())
    const seconds = (ms: number) => Math.floor(ms / 1000)
    const remaining = messages.remaining(message)
    const record = {
      id: message.id,
      canceled: message.canceled,
      remaining,
      successful: message.to.length - remaining,
      failed: 0,
      errored: 0,
      converted: 0,
      received: null,
      queued_at: seconds(message.queuedAtMs),
      send_after: seconds(message.sendAtMs),
      completed_at: message.completedAtMs === null ? null : seconds(message.completedAtMs),
      headings: { en: message.title },
      contents: { en: message.body },
      platform_delivery_stats: {},
    }
    return answer('200', JSON.stringify(record))
  }

  const create = ({ headers, body }: VendorRequest, struck: Strike): Judgement => {
    const request = isJsonType(headers) ? readJsonObject(body) : undefined
    if (request === undefined) throw new Refusal(400, 'Request is malformed: Failed to parse the body')
    const { subscriptions, idempotencyKey, ...rest } = readCreate(request, state.appId)
    for (const [key, { atMs }] of Object.entries(state.answered))
      if (now() - atMs >= keysKeptMs) delete state.answered[key]
    const before = idempotencyKey === null ? undefined : state.answered[idempotencyKey]
    const tokens = subscriptions.length
    if (before !== undefined) {
      return answer('200', before.text, { tokens, headers: { 'idempotent-replayed': 'true' } })
    }
    const rejected = new Set([
      ...subscriptions.slice(0, struck.rejectTokens),
      ...subscriptions.filter(id => fleet.byToken(id.toLowerCase()) === undefined),
    ])
    const to = [...new Set(subscriptions)].filter(id => !rejected.has(id)).map(id => id.toLowerCase())
    const id = randomUUID()
    const text = JSON.stringify(
      to.length === 0
        ? { id: '', errors: ['All included players are not subscribed'] }
        : { id, external_id: null, ...(rejected.size > 0 && { errors: { invalid_player_ids: [...rejected] } }) },
    )
    const book = () => {
      if (idempotencyKey !== null) state.answered[idempotencyKey] = { text, atMs: now() }
    }
    return answer('200', text, {
      tokens,
      said: to.length === 0 ? 'no' : rejected.size > 0 ? 'partly' : 'yes',
      act: () => {
        book()
        if (to.length === 0) return
        state.creates += 1
        messages.add({ ...rest, id, to, correction: true })
      },
      pretend: book,
    })
  }

  return {
    messages,
    judge: (request, struck) => {
      const { method, path, query, headers } = request
      messages.tick()
      try {
        const [, id] = messagePath.exec(path) ?? []
        const isCreate = path === '/notifications' && method === 'POST'
        const isOfOne = id !== undefined && (method === 'DELETE' || method === 'GET')
        if (!isCreate && !isOfOne) return gatewayPage(404, 'Not Found')
        authenticate(headerOf(headers, 'authorization'))
        if (switches.appDisabled) {
          throw new Refusal(429, 'This app is disabled: it has sent too many messages', { 'retry-after': '900' })
        }
        if (id === undefined) return create(request, struck)
        const message = named(id, query)
        return method === 'DELETE' ? cancel(message) : view(message)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        const { httpStatus, headers: more } = error
        return answer(String(httpStatus), refusalBody(error, switches.errorsAs), { httpStatus, headers: more })
      }
    },
  }
}

function equal(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
