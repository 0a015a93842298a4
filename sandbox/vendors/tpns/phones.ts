/** What TPNS reaches, and what a recall does there. */
import { createHash } from 'node:crypto'
import type { Effects, Phone, PhoneGroup } from '../../phone.ts'
import type { Words } from '../../switch.ts'

const android: Omit<PhoneGroup, 'channel' | 'count' | 'words' | 'effects' | 'queue'> = {
  app: 'news-android',
  model: null,
  looks: 'android',
  badge: true,
  appDies: false,
  token: null,
}

/** What phone makers show they also keep, and TPNS revokes through none of them. */
function maker(channel: string, count: number, overlay: Effects['overlay'], words: Words): PhoneGroup {
  return { ...android, channel, count, words, effects: { stop: 'ends', revoke: 'none', overlay }, queue: 'maker' }
}

/** https://cloud.tencent.com/document/product/548/50784 and https://www.tencentcloud.com/document/product/1024/39003. */
export const phones: readonly PhoneGroup[] = [
  {
    ...android,
    channel: 'tpns',
    count: 60,
    words: { en: 'TPNS channel', zh: 'TPNS 自有通道' },
    effects: { stop: 'ends', revoke: 'removes', overlay: 'replaces' },
    queue: 'vendor',
  },
  maker('xiaomi', 45, 'replaces', { en: 'Xiaomi', zh: '小米' }),
  maker('meizu', 15, 'replaces', { en: 'Meizu', zh: '魅族' }),
  maker('huawei', 60, 'replaces', { en: 'Huawei, EMUI ≥ 10', zh: '华为 EMUI 10 及以上' }),
  maker('huawei-emui9', 20, 'none', { en: 'Huawei, EMUI < 10', zh: '华为 EMUI 10 以下' }),
  maker('oppo', 50, 'none', { en: 'OPPO', zh: 'OPPO' }),
  maker('vivo', 50, 'none', { en: 'vivo', zh: 'vivo' }),
  {
    app: 'news-ios',
    channel: 'apns',
    model: null,
    count: 60,
    words: { en: 'iPhone (APNs)', zh: 'iPhone（APNs）' },
    looks: 'iphone',
    effects: { stop: 'none', revoke: 'removes-while-alive', overlay: 'replaces' },
    queue: 'maker',
    badge: true,
    appDies: true,
    token: null,
  },
]

/** TPNS's name for a device: 36 characters. */
export function tpnsTokenOf({ id }: Pick<Phone, 'id'>): string {
  return createHash('sha256').update(`tpns:${id}`).digest('hex').slice(0, 36)
}

export function accountOf({ id }: Pick<Phone, 'id'>): string {
  return `account-of-${id}`
}
