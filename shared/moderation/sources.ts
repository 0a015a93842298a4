/** The sources of this version, by name. Each is loaded when an endpoint of it is first read. */
import type { Source } from './source.ts'

const loads: { readonly [name: string]: () => Promise<Source> } = {
  'standard-webhooks': async () => (await import('./standard-webhooks.ts')).standardWebhooks,
  'aliyun-green': async () => (await import('./aliyun-green.ts')).aliyunGreen,
  'tencent-ams': async () => (await import('./tencent-ams.ts')).tencentAms,
  'netease-yidun': async () => (await import('./netease-yidun.ts')).neteaseYidun,
  ishumei: async () => (await import('./ishumei.ts')).ishumei,
  'tencent-ci': async () => (await import('./tencent-ci.ts')).tencentCi,
  'huawei-moderation': async () => (await import('./huawei-moderation.ts')).huaweiModeration,
  getstream: async () => (await import('./getstream.ts')).getstream,
  'moderation-api': async () => (await import('./moderation-api.ts')).moderationApi,
  sightengine: async () => (await import('./sightengine.ts')).sightengine,
  'roost-coop': async () => (await import('./roost-coop.ts')).roostCoop,
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
