/**
 * /v3/push/app, a push or an overlay: https://cloud.tencent.com/document/product/548/39064 and 548/50784. Members that
 * only change the looks on a phone are taken as they are.
 */
import type { BadgeChange } from '../../phone.ts'
import { isObject, isWhole, type JsonObject } from '../judgement.ts'
import { canBeTakenBack, isWide, readAudience } from './audience.ts'
import { Refusal } from './refusal.ts'
import type { TpnsApp, TpnsAppName, TpnsTask } from './state.ts'
import { longestExpirySeconds, type TpnsTasks } from './tasks.ts'

const messageAtMostBytes = 4096
const shortestExpirySeconds = 800
const uint32 = 0xffff_ffff
const minuteMs = 60_000
const dayMs = 86_400_000
/** `send_time` has no zone in the documents; the service is China's. */
const zone = '+08:00'
/** Zero and empty count as absent: Tencent's own PHP client always sends them. */
const absent: ReadonlySet<unknown> = new Set([undefined, 0, ''])

/** The task that the request makes; nothing is changed yet. Throws Refusal. */
export function readPush(
  app: TpnsAppName,
  { platform }: TpnsApp,
  request: JsonObject,
  tasks: TpnsTasks,
  nowMs: number,
): TpnsTask {
  // the stand-in has no looped pushes, and must not pass one off as sent once
  if (request['loop_param'] !== undefined) throw new Refusal(1_008_007)
  const audience = readAudience(request, id => tasks.isKnownUpload(app, id))
  const message = readMessage(request, platform)
  const old = readOverlaid(app, request, message, tasks)
  if (old !== null && !canBeTakenBack(audience)) throw new Refusal(1_008_007)
  const ids = tasks.newIds()
  return {
    ...message,
    pushId: ids.pushId,
    app,
    audience,
    collapseId: old?.collapseId ?? ids.collapseId,
    expireSeconds: readExpiry(request['expire_time']),
    environment: readEnvironment(request, platform),
    sendAtMs: readSendTime(request['send_time'], isWide(audience), nowMs),
    perSecond: null,
    overlays: old === null ? null : { pushId: old.pushId, force: readFlag(request['force_collapse']) },
    status: 'PUSH_WAIT',
    sentTo: 0,
  }
}

type Words = Pick<TpnsTask, 'title' | 'content' | 'url' | 'badge' | 'messageType'> & {
  /** Data for the app, which Huawei phones do not take in an overlay. */
  readonly customContent: unknown
}

function readMessage({ message, message_type: type, platform: named }: JsonObject, platform: 'android' | 'ios'): Words {
  if (message === undefined || type === undefined) throw new Refusal(1_008_002)
  if (!isObject(message) || (type !== 'notify' && type !== 'message')) throw new Refusal(1_008_007)
  // `all` is what Tencent's SDK sends; the app is of one platform all the same
  if (!absent.has(named) && named !== 'all' && named !== platform) throw new Refusal(1_008_007)
  if (Buffer.byteLength(JSON.stringify(message)) > messageAtMostBytes) throw new Refusal(1_008_007)
  const { title = '', content = '', [platform]: own } = message
  if (type === 'notify' && (title === '' || content === '')) throw new Refusal(1_008_002)
  if (typeof title !== 'string' || typeof content !== 'string') throw new Refusal(1_008_007)
  if (own !== undefined && !isObject(own)) throw new Refusal(1_008_007)
  const details = own ?? {}
  if (platform === 'ios' && own !== undefined && !isObject(details['aps'])) throw new Refusal(1_008_002)
  const aps = isObject(details['aps']) ? details['aps'] : details
  // a silent message and a notification exclude each other
  if (type === 'notify' && aps['content-available'] === 1) throw new Refusal(1_008_007)
  return {
    title,
    content,
    url: urlOf(details['action']),
    badge: readBadge(aps['badge_type']),
    messageType: type,
    customContent: details['custom_content'],
  }
}

function readOverlaid(app: TpnsAppName, request: JsonObject, message: Words, tasks: TpnsTasks): TpnsTask | null {
  const id = request['collapse_id']
  if (absent.has(id)) return null
  if (!isWhole(id, 1, uint32)) throw new Refusal(1_008_007)
  // "must be one that TPNS generated", of a push that has gone out already
  const old = tasks.byCollapseId(app, id)
  if (old === undefined || old.status === 'PUSH_WAIT' || old.status === 'PUSH_CANCELED') throw new Refusal(1_008_007)
  if (!canBeTakenBack(old.audience)) throw new Refusal(1_008_007)
  if (app === 'news-android' && holdsData(message.customContent)) throw new Refusal(1_008_007)
  return old
}

function holdsData(customContent: unknown): boolean {
  return customContent !== undefined && customContent !== '' && customContent !== '{}'
}

function readExpiry(seconds: unknown): number {
  if (seconds === undefined) return longestExpirySeconds
  if (!isWhole(seconds, 0, longestExpirySeconds)) throw new Refusal(1_008_007)
  return seconds === 0 ? 0 : Math.max(seconds, shortestExpirySeconds)
}

function readEnvironment({ environment }: JsonObject, platform: 'android' | 'ios'): 'product' | 'dev' {
  if (platform === 'android') return 'product'
  if (environment === undefined || environment === '') throw new Refusal(1_008_002)
  if (environment !== 'product' && environment !== 'dev') throw new Refusal(1_008_007)
  return environment
}

/** Up to ten minutes in the past goes out at once, more is refused, as is more than 90 days ahead. */
function readSendTime(text: unknown, wide: boolean, nowMs: number): number {
  if (absent.has(text)) return nowMs
  if (!wide) throw new Refusal(1_008_007)
  const form = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/
  const atMs = typeof text === 'string' && form.test(text) ? Date.parse(`${text.replace(' ', 'T')}${zone}`) : Number.NaN
  if (!(atMs >= nowMs - 10 * minuteMs && atMs <= nowMs + 90 * dayMs)) throw new Refusal(10_010_012)
  return Math.max(atMs, nowMs)
}

function readFlag(value: unknown): boolean {
  if (value === undefined) return false
  if (typeof value !== 'boolean') throw new Refusal(1_008_007)
  return value
}

/** -2: one more; -1: as it is; else the number itself. */
function readBadge(type: unknown): BadgeChange {
  if (type === undefined || type === -1) return null
  if (type === -2) return { add: 1 }
  if (!isWhole(type, 0, 9999)) throw new Refusal(1_008_007)
  return { set: type }
}

function urlOf(action: unknown): string | null {
  if (!isObject(action)) return null
  const { browser, intent } = action
  const url = isObject(browser) ? browser['url'] : intent
  return typeof url === 'string' ? url : null
}
