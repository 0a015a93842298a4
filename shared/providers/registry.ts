/** The vendors Unpush knows, one line each. A vendor is loaded when it is first asked for: one without an app costs no cold start anything. */
import { onceLoaded } from '../once.ts'
import type { Provider, Vendors } from './provider.ts'

const loads: { readonly [name: string]: () => Promise<Provider> } = {
  tpns: onceLoaded(async () => (await import('./tpns/index.ts')).tpns),
  huawei: onceLoaded(async () => (await import('./huawei/index.ts')).huawei),
  fcm: onceLoaded(async () => (await import('./fcm/index.ts')).fcm),
  apns: onceLoaded(async () => (await import('./apns/index.ts')).apns),
  onesignal: onceLoaded(async () => (await import('./onesignal/index.ts')).onesignal),
  getui: onceLoaded(async () => (await import('./getui/index.ts')).getui),
}

export const vendors: Vendors = {
  names: Object.keys(loads),
  find: async name => (Object.hasOwn(loads, name) ? ((await loads[name]?.()) ?? null) : null),
}

/** All of them, for what describes or checks every vendor. */
export async function allProviders(): Promise<readonly Provider[]> {
  return Promise.all(Object.values(loads).map(load => load()))
}
