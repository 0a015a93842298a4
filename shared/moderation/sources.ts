/** The sources of this version, by name. Each is loaded when an endpoint of it is first read. */
import { onceLoaded } from '../once.ts'
import type { Source } from './source.ts'

const loads: { readonly [name: string]: () => Promise<Source> } = {
  'standard-webhooks': onceLoaded(async () => (await import('./sources/standard-webhooks.ts')).standardWebhooks),
  'aliyun-green': onceLoaded(async () => (await import('./sources/aliyun-green.ts')).aliyunGreen),
  'tencent-ams': onceLoaded(async () => (await import('./sources/tencent-ams.ts')).tencentAms),
  'netease-yidun': onceLoaded(async () => (await import('./sources/netease-yidun.ts')).neteaseYidun),
  ishumei: onceLoaded(async () => (await import('./sources/ishumei.ts')).ishumei),
  'tencent-ci': onceLoaded(async () => (await import('./sources/tencent-ci.ts')).tencentCi),
  'huawei-moderation': onceLoaded(async () => (await import('./sources/huawei-moderation.ts')).huaweiModeration),
  getstream: onceLoaded(async () => (await import('./sources/getstream.ts')).getstream),
  'moderation-api': onceLoaded(async () => (await import('./sources/moderation-api.ts')).moderationApi),
  sightengine: onceLoaded(async () => (await import('./sources/sightengine.ts')).sightengine),
  'roost-coop': onceLoaded(async () => (await import('./sources/roost-coop.ts')).roostCoop),
}

export const sourceNames = Object.keys(loads)

/** Null: none has this name. */
export async function findSource(name: string): Promise<Source | null> {
  return Object.hasOwn(loads, name) ? ((await loads[name]?.()) ?? null) : null
}

/** All of them, for what describes or checks every source. */
export async function allSources(): Promise<readonly Source[]> {
  return Promise.all(Object.values(loads).map(load => load()))
}
