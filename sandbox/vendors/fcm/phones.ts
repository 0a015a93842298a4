/** What FCM reaches: Android devices, iPhones and browsers, and what their apps make of a message. */
import { createHash } from 'node:crypto'
import type { Effects, Phone, PhoneGroup } from '../../phone.ts'
import type { Words } from '../../switch.ts'

export const app = 'news-fcm'

/** Of the length and the alphabet that real ones have. */
function registrationToken(id: string): string {
  const bytes = Buffer.concat([0, 1].map(part => createHash('sha512').update(`fcm:${part}:${id}`).digest()))
  const text = bytes.toString('base64url')
  return `${text.slice(0, 22)}:APA91b${text.slice(22, 156)}`
}

function group(
  model: string,
  count: number,
  looks: PhoneGroup['looks'],
  effects: Effects,
  words: Words,
  more: Partial<PhoneGroup> = {},
): PhoneGroup {
  return {
    app,
    channel: 'fcm',
    model,
    count,
    words,
    looks,
    effects,
    queue: 'vendor',
    badge: false,
    appDies: false,
    token: registrationToken,
    ...more,
  }
}

export const phones: readonly PhoneGroup[] = [
  group(
    'fcm-android',
    18,
    'android',
    { stop: 'ends', revoke: 'removes', overlay: 'replaces' },
    { en: 'Android, app with the removal recipe', zh: 'Android，应用已接入移除方案' },
  ),
  group(
    'fcm-android-old',
    6,
    'android',
    { stop: 'ends', revoke: 'none', overlay: 'replaces' },
    { en: 'Android, app not updated yet', zh: 'Android，应用尚未更新' },
  ),
  group(
    'fcm-iphone',
    10,
    'iphone',
    { stop: 'none', revoke: 'removes-while-alive', overlay: 'replaces' },
    { en: 'iPhone (FCM)', zh: 'iPhone（FCM）' },
    { badge: true, appDies: true },
  ),
  group(
    'fcm-web',
    6,
    'pc',
    { stop: 'none', revoke: 'replaces', overlay: 'replaces' },
    { en: 'Browser: a silent notice instead', zh: '浏览器：以静默通知代替' },
  ),
]

export type Platform = 'android' | 'ios' | 'web'

export function platformOf({ model }: Pick<Phone, 'model'>): Platform {
  if (model === 'fcm-iphone') return 'ios'
  return model === 'fcm-web' ? 'web' : 'android'
}
