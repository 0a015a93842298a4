/** What Push Kit reaches: HarmonyOS devices, and the versions from which they obey a revoke. */
import { createHash } from 'node:crypto'
import type { PhoneGroup } from '../../phone.ts'
import type { Words } from '../../switch.ts'

export const app = 'news-harmony'

/** 112 characters, as Push Kit's are today, with the + and / that real ones hold. */
function pushKitToken(id: string): string {
  const bytes = Buffer.concat([0, 1].map(part => createHash('sha512').update(`${part}:${id}`).digest()))
  return bytes.toString('base64').slice(0, 112)
}

/** Push Kit's tokens of some other developer's app. */
export const foreignTokens: ReadonlySet<string> = new Set([1, 2, 3].map(index => pushKitToken(`another-app-${index}`)))

interface Device {
  readonly looks: PhoneGroup['looks']
  readonly obeys: boolean
  /** Wearable and TV have none: https://developer.huawei.com/…/push-scenariozed-api-request-param. */
  readonly badge: boolean
  readonly words: Words
}

function group(model: string, count: number, { looks, obeys, badge, words }: Device): PhoneGroup {
  return {
    app,
    channel: 'harmony',
    model,
    count,
    words,
    looks,
    // Push Kit offers no stop: its revoke ends what is not delivered yet
    effects: { stop: 'none', revoke: obeys ? 'removes' : 'none', overlay: 'replaces' },
    queue: 'vendor',
    badge,
    appDies: false,
    token: pushKitToken,
  }
}

/**
 * Phone, Tablet, PC/2in1; Wearable from 5.1.0(18), TV from 5.1.1(19):
 * https://developer.huawei.com/consumer/cn/doc/harmonyos-guides/push-revoke-alert.
 */
export const phones: readonly PhoneGroup[] = [
  group('phone', 1900, { looks: 'phone', obeys: true, badge: true, words: { en: 'Phone', zh: '手机' } }),
  group('tablet', 260, { looks: 'tablet', obeys: true, badge: true, words: { en: 'Tablet', zh: '平板' } }),
  group('pc', 100, { looks: 'pc', obeys: true, badge: true, words: { en: 'PC / 2in1', zh: 'PC / 二合一' } }),
  group('watch-5.1.0', 90, {
    looks: 'watch',
    obeys: true,
    badge: false,
    words: { en: 'Watch 5.1.0(18)', zh: '手表 5.1.0(18)' },
  }),
  group('watch-5.0.5', 50, {
    looks: 'watch',
    obeys: false,
    badge: false,
    words: { en: 'Watch 5.0.5, too old', zh: '手表 5.0.5（版本过低）' },
  }),
  group('tv-5.1.1', 60, {
    looks: 'tv',
    obeys: true,
    badge: false,
    words: { en: 'TV 5.1.1(19)', zh: '智慧屏 5.1.1(19)' },
  }),
  group('tv-5.1.0', 40, {
    looks: 'tv',
    obeys: false,
    badge: false,
    words: { en: 'TV 5.1.0, too old', zh: '智慧屏 5.1.0（版本过低）' },
  }),
]
