/** What Getui reaches: its own channel, two phone makers of which one obeys a recall, and iPhones. */
import { createHash } from 'node:crypto'
import type { Effects, Phone, PhoneGroup } from '../../phone.ts'
import type { Words } from '../../switch.ts'

export const app = 'news-getui'

/** A client id: 32 hex digits. */
function cid(id: string): string {
  return createHash('sha256').update(`getui:${id}`).digest('hex').slice(0, 32)
}

function group(
  model: string,
  count: number,
  looks: PhoneGroup['looks'],
  queue: PhoneGroup['queue'],
  effects: Effects,
  words: Words,
): PhoneGroup {
  const badge = looks === 'iphone'
  return { app, channel: 'getui', model, count, words, looks, effects, queue, badge, appDies: false, token: cid }
}

export const phones: readonly PhoneGroup[] = [
  group(
    'getui-android',
    16,
    'android',
    'vendor',
    { stop: 'ends', revoke: 'removes', overlay: 'replaces' },
    { en: "Android, Getui's own channel", zh: 'Android（个推通道）' },
  ),
  group(
    'getui-xiaomi',
    8,
    'android',
    'maker',
    { stop: 'none', revoke: 'removes', overlay: 'replaces' },
    { en: 'Xiaomi (Getui)', zh: '小米（个推）' },
  ),
  group(
    'getui-huawei',
    8,
    'android',
    'maker',
    { stop: 'none', revoke: 'none', overlay: 'replaces' },
    { en: 'Huawei (Getui): recalls nothing', zh: '华为（个推）：不支持撤回' },
  ),
  group(
    'getui-iphone',
    8,
    'iphone',
    'maker',
    { stop: 'none', revoke: 'none', overlay: 'replaces' },
    { en: 'iPhone (Getui): recalls nothing', zh: 'iPhone（个推）：不支持撤回' },
  ),
]

export function isIphone({ model }: Pick<Phone, 'model'>): boolean {
  return model === 'getui-iphone'
}

/** Xiaomi and vivo are told to recall by a block of their own. */
export function obeysMaker({ model }: Pick<Phone, 'model'>): boolean {
  return model === 'getui-xiaomi'
}
