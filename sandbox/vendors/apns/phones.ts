/** What APNs reaches: iPhones and iPads of an app that carries the removal recipe. */
import { createHash } from 'node:crypto'
import type { PhoneGroup } from '../../phone.ts'
import type { Words } from '../../switch.ts'

export const app = 'news-apns'

/** 32 bytes in hex. */
function deviceToken(id: string): string {
  return createHash('sha256').update(`apns:${id}`).digest('hex')
}

/** Devices of some other app, and devices that the app is gone from. */
export const foreignToken = deviceToken('another app')
export const goneToken = deviceToken('app deleted')

function group(model: string, count: number, looks: PhoneGroup['looks'], appDies: boolean, words: Words): PhoneGroup {
  return {
    app,
    channel: 'apns-own',
    model,
    count,
    words,
    looks,
    // a background push runs in a living app alone: swiped away, it is not woken
    effects: { stop: 'none', revoke: appDies ? 'removes-while-alive' : 'removes', overlay: 'replaces' },
    queue: 'vendor',
    badge: true,
    appDies,
    token: deviceToken,
  }
}

export const phones: readonly PhoneGroup[] = [
  group('apns-iphone', 26, 'iphone', true, { en: 'iPhone', zh: 'iPhone' }),
  group('apns-ipad', 12, 'tablet', false, { en: 'iPad', zh: 'iPad' }),
]
