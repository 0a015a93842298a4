/** The sources of this version. */
import { aliyunGreen } from './aliyun-green.ts'
import { getstream } from './getstream.ts'
import { huaweiModeration } from './huawei-moderation.ts'
import { ishumei } from './ishumei.ts'
import { moderationApi } from './moderation-api.ts'
import { neteaseYidun } from './netease-yidun.ts'
import { roostCoop } from './roost-coop.ts'
import { sightengine } from './sightengine.ts'
import type { Source } from './source.ts'
import { standardWebhooks } from './standard-webhooks.ts'
import { tencentAms } from './tencent-ams.ts'
import { tencentCi } from './tencent-ci.ts'

export const sources: readonly Source[] = [
  standardWebhooks,
  aliyunGreen,
  tencentAms,
  neteaseYidun,
  ishumei,
  tencentCi,
  huaweiModeration,
  getstream,
  moderationApi,
  sightengine,
  roostCoop,
]
