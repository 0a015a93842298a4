/**
 * `payload` and `pushOptions` of messages:send for a notification:
 * https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-scenariozed-api-request-param.
 */
import type { BadgeChange, Message } from '../../phone.ts'
import { isObject, isWhole, type JsonObject } from '../judgement.ts'
import { illegal, Refusal } from './refusal.ts'

const defaultTtlSeconds = 86_400
const longestTtlSeconds = 1_296_000
const largestNotifyId = 2_147_483_647
const biTagAtMostBytes = 64
/** Known from Huawei's Android phones; Push Kit refuses them. */
const foreignCategories: ReadonlySet<unknown> = new Set([
  'TODO',
  'LOCATION',
  'SOCIAL',
  'RECOMMEND',
  'SERVICE',
  'PLAY_VOICE',
])

/** Throws Refusal. */
export function readNotifyId(value: unknown): number {
  if (!isWhole(value, 0, largestNotifyId)) throw illegal('notifyId is invalid')
  return value
}

/** A message without an id, or with -1, gets one that nobody is told: `made`. Throws Refusal. */
export function readMessage(request: JsonObject, made: () => string, nowMs: number): Message {
  const payload = isObject(request['payload']) ? request['payload'] : {}
  const notification = payload['notification']
  if (!isObject(notification)) throw illegal('notification is required')
  const { category, title, body, clickAction, notifyId = -1, badge } = notification
  for (const [name, value] of Object.entries({ category, title, body })) {
    if (typeof value !== 'string' || value === '') throw illegal(`${name} is required`)
  }
  if (foreignCategories.has(category) || !/^[A-Z_]+$/.test(String(category))) throw illegal('category is invalid')
  const { actionType, uri, data: _ } = isObject(clickAction) ? clickAction : {}
  if (!isWhole(actionType, 0, 1)) throw illegal('clickAction.actionType is invalid')
  if (uri !== undefined && typeof uri !== 'string') throw illegal('clickAction.uri is invalid')
  return {
    key: notifyId === -1 ? made() : String(readNotifyId(notifyId)),
    title: String(title),
    body: String(body),
    url: uri ?? null,
    badge: readBadge(badge),
    expiresAtMs: nowMs + readTtl(request['pushOptions']) * 1000,
  }
}

/** setNum wins over addNum. */
function readBadge(badge: unknown): BadgeChange {
  if (badge === undefined) return null
  if (!isObject(badge)) throw illegal('badge is invalid')
  const { addNum, setNum } = badge
  if (addNum !== undefined && !isWhole(addNum, 1, 99)) throw illegal('badge addNum value ranges from 1 to 99')
  if (setNum !== undefined && !isWhole(setNum, 0, 99)) throw illegal('badge setNum value ranges from 0 to 99')
  if (setNum !== undefined) return { set: setNum }
  return addNum === undefined ? null : { add: addNum }
}

function readTtl(options: unknown): number {
  if (options === undefined) return defaultTtlSeconds
  if (!isObject(options)) throw illegal('pushOptions is invalid')
  const { ttl = defaultTtlSeconds, biTag = '', collapseKey = -1, testMessage = false } = options
  if (!isWhole(ttl, 1, longestTtlSeconds)) throw new Refusal(80100004)
  if (typeof biTag !== 'string' || Buffer.byteLength(biTag) > biTagAtMostBytes) throw illegal('biTag is invalid')
  if (!isWhole(collapseKey, -1, 100)) throw illegal('collapseKey is invalid')
  if (typeof testMessage !== 'boolean') throw illegal('testMessage is invalid')
  return ttl
}

export function isTestMessage({ pushOptions }: JsonObject): boolean {
  return isObject(pushOptions) && pushOptions['testMessage'] === true
}
