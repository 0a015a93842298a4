/** The sources of this version. */
import { aliyunGreen } from './aliyun-green.ts'
import type { Source } from './source.ts'
import { standardWebhooks } from './standard-webhooks.ts'
import { tencentAms } from './tencent-ams.ts'

export const sources: readonly Source[] = [standardWebhooks, aliyunGreen, tencentAms]
