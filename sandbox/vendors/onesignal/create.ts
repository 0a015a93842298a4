/** The body of POST /notifications, strictly: whom it goes to, what it says, under what it replaces. */
import { isObject, isTexts, isWhole, type JsonObject } from '../judgement.ts'
import { Refusal } from './refusal.ts'

export interface CreateRequest {
  readonly subscriptions: readonly string[]
  readonly title: string
  readonly body: string
  readonly url: string | null
  readonly collapseId: string | null
  readonly topic: string | null
  readonly ttlSeconds: number
  readonly idempotencyKey: string | null
}

const subscriptionsAtMost = 20_000
const ttlAtMost = 2_419_200
const ttlByDefault = 259_200
const collapseIdAtMost = 64
export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whom a message goes to: exactly one kind. */
const targets = ['include_subscription_ids', 'include_aliases', 'included_segments', 'filters']
const members = (
  'app_id target_channel headings subtitle contents url data priority ttl collapse_id web_push_topic idempotency_key ' +
  'ios_interruption_level ios_sound ios_category ios_badgeType ios_badgeCount thread_id android_channel_id ' +
  'existing_android_channel_id android_group small_icon large_icon big_picture chrome_web_icon chrome_web_image firefox_icon'
).split(' ')

function malformed(text: string): Refusal {
  return new Refusal(400, text)
}

/** Throws Refusal. */
export function readCreate(request: JsonObject, appId: string): CreateRequest {
  if (request['app_id'] !== appId) throw malformed('Request is malformed: Failed to parse app_id from request')
  const unknown = Object.keys(request).find(name => !members.includes(name) && !targets.includes(name))
  if (unknown !== undefined) throw malformed(`Unknown parameter ${unknown}`)
  const given = targets.filter(name => request[name] !== undefined)
  if (given.length !== 1)
    throw malformed('You must include which players, segments, or tags you wish to send this notification to.')
  const ids = request['include_subscription_ids']
  if (!isTexts(ids) || ids.length === 0)
    throw malformed('include_subscription_ids must be an array of subscription ids')
  if (ids.length > subscriptionsAtMost) throw malformed('include_subscription_ids is limited to 20,000')
  const wrong = ids.find(id => !uuid.test(id))
  if (wrong !== undefined) {
    throw malformed(`Incorrect subscription_id format in include_subscription_ids (not a valid UUID): ${wrong}`)
  }
  if (request['target_channel'] !== undefined && request['target_channel'] !== 'push') {
    throw malformed('target_channel must be push')
  }
  const key = textOrNull(request['idempotency_key'], 'idempotency_key', 36)
  if (key !== null && !uuid.test(key)) throw malformed('idempotency_key must be a UUID')
  const { priority = 10, ttl = ttlByDefault } = request
  if (priority !== 5 && priority !== 10) throw malformed('priority must be 5 or 10')
  if (!isWhole(ttl, 0, ttlAtMost)) throw malformed('ttl is not valid')
  return {
    subscriptions: ids,
    title: english(request['headings'], 'headings') ?? '',
    body: required(english(request['contents'], 'contents')),
    url: textOrNull(request['url'], 'url', 2000),
    collapseId: textOrNull(request['collapse_id'], 'collapse_id', collapseIdAtMost),
    topic: textOrNull(request['web_push_topic'], 'web_push_topic', collapseIdAtMost),
    ttlSeconds: ttl,
    idempotencyKey: key?.toLowerCase() ?? null,
  }
}

function required(text: string | null): string {
  if (text === null) throw malformed('Message Notifications must have English language content')
  return text
}

function english(value: unknown, name: string): string | null {
  if (value === undefined) return null
  if (!isObject(value) || !isTexts(Object.values(value))) throw malformed(`${name} must be an object of texts`)
  const { en } = value
  return typeof en === 'string' && en !== '' ? en : null
}

function textOrNull(value: unknown, name: string, most: number): string | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > most)
    throw malformed(`${name} is not valid`)
  return value
}
