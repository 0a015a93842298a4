/** The sources of this version, by name. Each is loaded when an endpoint of it is first read. */
import { onceLoaded } from '../once.ts'
import type { Source } from './source.ts'

const loads: { readonly [name: string]: () => Promise<Source> } = {
  'standard-webhooks': onceLoaded(async () => (await import('./standard-webhooks.ts')).standardWebhooks),
  'aliyun-green': onceLoaded(async () => (await import('./aliyun-green.ts')).aliyunGreen),
  'tencent-ams': onceLoaded(async () => (await import('./tencent-ams.ts')).tencentAms),
  'netease-yidun': onceLoaded(async () => (await import('./netease-yidun.ts')).neteaseYidun),
  ishumei: onceLoaded(async () => (await import('./ishumei.ts')).ishumei),
  'tencent-ci': onceLoaded(async () => (await import('./tencent-ci.ts')).tencentCi),
  'huawei-moderation': onceLoaded(async () => (await import('./huawei-moderation.ts')).huaweiModeration),
  getstream: onceLoaded(async () => (await import('./getstream.ts')).getstream),
  'moderation-api': onceLoaded(async () => (await import('./moderation-api.ts')).moderationApi),
  sightengine: onceLoaded(async () => (await import('./sightengine.ts')).sightengine),
  'roost-coop': onceLoaded(async () => (await import('./roost-coop.ts')).roostCoop),
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
