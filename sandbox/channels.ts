/** What the documents say each kind of phone does when something is taken back. Data: the page shows it beside them. */
export type Channel = 'tpns' | 'xiaomi' | 'meizu' | 'huawei' | 'huawei-emui9' | 'oppo' | 'vivo' | 'apns' | 'harmony'
/** HarmonyOS devices and the versions from which they obey a recall. */
export type Model = 'phone' | 'tablet' | 'pc' | 'watch-5.1.0' | 'watch-5.0.5' | 'tv-5.1.1' | 'tv-5.1.0'

export interface Rules {
  readonly stop: 'ends' | 'none'
  readonly revoke: 'removes' | 'removes-while-alive' | 'none'
  readonly overlay: 'replaces' | 'none'
  /** Who holds what an offline phone has not got yet. */
  readonly queue: 'vendor' | 'maker'
}

const maker = { stop: 'ends', revoke: 'none', queue: 'maker' } as const

/**
 * TPNS: https://cloud.tencent.com/document/product/548/50784 and https://www.tencentcloud.com/document/product/1024/39003.
 * Push Kit: https://developer.huawei.com/consumer/cn/doc/harmonyos-guides/push-revoke-alert.
 */
export const channelRules: { readonly [C in Channel]: Rules } = {
  tpns: { stop: 'ends', revoke: 'removes', overlay: 'replaces', queue: 'vendor' },
  xiaomi: { ...maker, overlay: 'replaces' },
  meizu: { ...maker, overlay: 'replaces' },
  huawei: { ...maker, overlay: 'replaces' },
  'huawei-emui9': { ...maker, overlay: 'none' },
  oppo: { ...maker, overlay: 'none' },
  vivo: { ...maker, overlay: 'none' },
  apns: { stop: 'none', revoke: 'removes-while-alive', overlay: 'replaces', queue: 'maker' },
  // Push Kit offers no stop: its revoke ends what is not delivered yet
  harmony: { stop: 'none', revoke: 'removes', overlay: 'replaces', queue: 'vendor' },
}

interface Device {
  /** Phone, Tablet, PC/2in1; Wearable from 5.1.0(18), TV from 5.1.1(19). */
  readonly obeysRecall: boolean
  /** Wearable and TV have none: https://developer.huawei.com/…/push-scenariozed-api-request-param. */
  readonly badge: boolean
}

const devices: { readonly [M in Model]: Device } = {
  phone: { obeysRecall: true, badge: true },
  tablet: { obeysRecall: true, badge: true },
  pc: { obeysRecall: true, badge: true },
  'watch-5.1.0': { obeysRecall: true, badge: false },
  'watch-5.0.5': { obeysRecall: false, badge: false },
  'tv-5.1.1': { obeysRecall: true, badge: false },
  'tv-5.1.0': { obeysRecall: false, badge: false },
}

export function obeysRecall(model: Model | null): boolean {
  return model !== null && devices[model].obeysRecall
}

export function hasBadge(model: Model | null): boolean {
  return model === null || devices[model].badge
}

/** What people see on this kind of phone, in the words of the contract. */
export function effectsOf(channel: Channel, model: Model | null): { readonly [operation: string]: string } {
  const { stop, revoke, overlay } = channelRules[channel]
  return { stop, revoke: channel === 'harmony' && !obeysRecall(model) ? 'none' : revoke, overlay }
}
