/** What OneSignal reaches: Android devices, iPhones and browsers, each a subscription. */
import { createHash } from 'node:crypto'
import type { Phone, PhoneGroup } from '../../phone.ts'
import type { Words } from '../../switch.ts'

export const app = 'news-onesignal'

/** A UUID, as subscription ids are. */
function subscriptionId(id: string): string {
  const hex = createHash('sha256').update(`onesignal:${id}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

function group(
  model: string,
  count: number,
  looks: PhoneGroup['looks'],
  overlay: 'replaces' | 'none',
  words: Words,
): PhoneGroup {
  return {
    app,
    channel: 'onesignal',
    model,
    count,
    words,
    looks,
    // what Google, Apple or a browser's push service has been handed is theirs, and no stop is taken for it
    effects: { stop: 'ends', revoke: 'none', overlay },
    queue: 'vendor',
    badge: looks === 'iphone',
    appDies: false,
    token: subscriptionId,
  }
}

export const phones: readonly PhoneGroup[] = [
  group('onesignal-android', 18, 'android', 'replaces', { en: 'Android (OneSignal)', zh: 'Android（OneSignal）' }),
  group('onesignal-iphone', 12, 'iphone', 'replaces', { en: 'iPhone (OneSignal)', zh: 'iPhone（OneSignal）' }),
  group('onesignal-web', 6, 'pc', 'replaces', { en: 'Chrome, Edge, Firefox', zh: 'Chrome、Edge、Firefox' }),
  group('onesignal-safari', 4, 'pc', 'none', { en: 'Safari: shows both', zh: 'Safari：新旧并存' }),
]

export type Platform = 'mobile' | 'web' | 'safari'

export function platformOf({ model }: Pick<Phone, 'model'>): Platform {
  if (model === 'onesignal-safari') return 'safari'
  return model === 'onesignal-web' ? 'web' : 'mobile'
}
