/** How each source that can be asked is asked. Of the other sources nothing is in `sweep`. */
import { huaweiModeration } from './sources/huawei-moderation.ts'
import { pullHuawei } from './pulls/huawei-moderation.ts'
import type { Pull, PulledSource } from './pull-sources.ts'
import { pullTencentCi } from './pulls/tencent-ci.ts'
import type { Source } from './source.ts'
import { tencentCi } from './sources/tencent-ci.ts'

/** Reads their endpoints. */
export const pulledSources: readonly Source[] = [tencentCi, huaweiModeration]

// each is called with what its own source's schema has read
export const pulls: { readonly [Name in PulledSource]: Pull<never> } = {
  'tencent-ci': pullTencentCi,
  'huawei-moderation': pullHuawei,
}
