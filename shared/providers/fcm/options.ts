/**
 * `overlay.options.fcm`: what a caller may add to an overlay. Not what names the original (tag, collapse id), which the target
 * says.
 */
import { checkMembers, type MemberFault, pickMembers } from '../wire/overlay-options.ts'
import { isObject, type JsonObject } from '../wire/reply.ts'

const top = ['android', 'apns', 'webpush', 'data']
const androidMembers =
  'collapse_key priority ttl restricted_package_name direct_boot_ok bandwidth_constrained_ok restricted_satellite_ok'.split(
    ' ',
  )
const androidNotification = (
  'icon color sound channel_id visibility notification_priority image ticker sticky local_only notification_count click_action ' +
  'default_sound default_vibrate_timings vibrate_timings default_light_settings light_settings event_time proxy'
).split(' ')
const apnsMembers = ['headers', 'payload']
const webpushMembers = ['headers', 'data', 'notification', 'fcm_options']
/** Names of data that FCM keeps for itself, and ours: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode. */
const reserved = /^(from$|gcm|google|message_type$|collapse_key$|message_id$|unpush_)/
/** In seconds, at most four weeks. */
const ttlForm = /^(\d{1,7})(\.\d{1,9})?s$/
const mostTtlSeconds = 2_419_200

export interface FcmOptions {
  readonly data: JsonObject
  readonly android: JsonObject
  readonly notification: JsonObject
  readonly headers: JsonObject
  readonly payload: JsonObject
  readonly aps: JsonObject
  readonly alert: JsonObject
  readonly web: JsonObject
  readonly webHeaders: JsonObject
  readonly webNotification: JsonObject
  readonly webOptions: JsonObject
}

export function readFcmOptions(options: JsonObject): FcmOptions {
  const { android, apns, webpush, data } = objects(options, top)
  const { headers, payload } = objects(apns, apnsMembers)
  const { aps } = objects(payload, ['aps'])
  const parts = objects(webpush, webpushMembers)
  return {
    data: data ?? {},
    android: pickMembers(android, androidMembers),
    notification: pickMembers(android?.['notification'], androidNotification),
    headers: headers ?? {},
    payload: payload ?? {},
    aps: aps ?? {},
    alert: isObject(aps?.['alert']) ? aps['alert'] : {},
    web: parts['data'] === undefined ? {} : { data: parts['data'] },
    webHeaders: parts['headers'] ?? {},
    webNotification: parts['notification'] ?? {},
    webOptions: pickMembers(parts['fcm_options'], ['link']),
  }
}

function objects(value: unknown, names: readonly string[]): { readonly [name: string]: JsonObject | undefined } {
  const given = isObject(value) ? value : {}
  return Object.fromEntries(
    names.flatMap(name => {
      const part = given[name]
      return isObject(part) ? [[name, part]] : []
    }),
  )
}

/** A fault for each member that FCM, or the recall itself, would not take; paths are below `/overlay`. */
export function checkFcmOptions(options: JsonObject): MemberFault[] {
  const at = '/options/fcm'
  const { android, apns, webpush } = objects(options, top)
  return [
    ...checkMembers(options, top, at),
    ...['android', 'apns', 'webpush'].flatMap(name => checkObject(options[name], `${at}/${name}`)),
    ...checkMembers(android, [...androidMembers, 'notification'], `${at}/android`),
    ...checkMembers(android?.['notification'], androidNotification, `${at}/android/notification`),
    ...checkTtl(android?.['ttl'], `${at}/android/ttl`),
    ...checkMembers(apns, apnsMembers, `${at}/apns`),
    ...checkTexts(apns?.['headers'], `${at}/apns/headers`, name => name.toLowerCase() === 'apns-collapse-id'),
    ...checkObject(apns?.['payload'], `${at}/apns/payload`),
    ...checkMembers(webpush, webpushMembers, `${at}/webpush`),
    ...checkTexts(webpush?.['headers'], `${at}/webpush/headers`),
    ...checkTexts(webpush?.['data'], `${at}/webpush/data`),
    ...checkObject(webpush?.['notification'], `${at}/webpush/notification`),
    ...checkMembers(webpush?.['fcm_options'], ['link'], `${at}/webpush/fcm_options`),
    ...checkTexts(options['data'], `${at}/data`, name => reserved.test(name)),
  ]
}

function checkObject(value: unknown, path: string): MemberFault[] {
  return value === undefined || isObject(value) ? [] : [{ path, message: 'must be an object' }]
}

/** Of a map of texts. */
function checkTexts(value: unknown, path: string, isTaken: (name: string) => boolean = () => false): MemberFault[] {
  if (!isObject(value)) return checkObject(value, path)
  return Object.entries(value).flatMap(([name, one]) => {
    if (isTaken(name)) return [{ path, message: `holds ${name}, which is not the caller's to set` }]
    return typeof one === 'string' ? [] : [{ path, message: 'must hold nothing but texts' }]
  })
}

function checkTtl(value: unknown, path: string): MemberFault[] {
  if (value === undefined) return []
  const seconds = typeof value === 'string' ? Number(ttlForm.exec(value)?.[1] ?? Number.NaN) : Number.NaN
  return seconds <= mostTtlSeconds ? [] : [{ path, message: `must be seconds, like 3600s, up to ${mostTtlSeconds}s` }]
}
