/** What it takes to ask a moderation system about a job: the member `pull` of an endpoint's secret (contract §7). */
import * as z from 'zod/mini'
import { optional } from '../members.ts'
import { once } from '../once.ts'

const text = () => z.string().check(z.minLength(1), z.maxLength(256))
const region = () => z.string().check(z.regex(/^[a-z0-9-]{2,32}$/, 'must be a region, like ap-guangzhou'))
const origin = () =>
  z
    .string()
    .check(
      z.regex(
        /^(?:https:\/\/[^/?#\s]+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?)$/,
        'must be https://…, or http on this machine, without a path',
      ),
    )

/** A sub-account's key that may query audits (`ci:DescribeAuditing…Job`), and the bucket whose audits are queried. */
export const tencentCiPull = once(() =>
  z.strictObject({
    secretId: text(),
    secretKey: text(),
    bucket: z
      .string()
      .check(z.regex(/^[a-z0-9-]{1,60}-\d{5,12}$/, 'must be a bucket with its APPID, like news-1250000000')),
    region: region(),
    endpoint: optional(origin()),
  }),
)
export type TencentCiPull = z.output<ReturnType<typeof tencentCiPull>>

/** An access key of an IAM user that may query moderation jobs; `kinds`: which jobs there are, in the order of asking. */
export const huaweiPull = once(() =>
  z.strictObject({
    accessKeyId: text(),
    secretAccessKey: text(),
    projectId: z.string().check(z.regex(/^[0-9A-Za-z]{16,64}$/, 'must be a project id')),
    region: region(),
    kinds: z._default(z.array(z.enum(['video', 'audio'])).check(z.minLength(1)), ['video', 'audio']),
    endpoint: optional(origin()),
  }),
)
export type HuaweiPull = z.output<ReturnType<typeof huaweiPull>>
