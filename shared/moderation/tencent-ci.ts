/**
 * Tencent Cloud Infinite (数据万象), audits of text, pictures, video and documents in COS: nothing is signed
 * (https://www.tencentcloud.com/document/product/436/48540, …/436/48190). `Simple` or `Detail`, by the header
 * X-Ci-Content-Version and by their members. Saving a callback URL sends a test body.
 */
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { sha256Of } from './digests.ts'
import { type Decision, received, type Source, verdictOf } from './source.ts'
import { tencentCiPull } from './pull-credentials.ts'

const secret = once(() => z.optional(z.strictObject({ pull: z.optional(tencentCiPull()) })))
const grade = once(() => z.optional(z.number()))
const id = once(() => z.optional(z.string()))
const simple = once(() =>
  z.looseObject({
    message: z.optional(z.string()),
    data: z.looseObject({ data_id: id(), trace_id: id(), result: grade() }),
  }),
)
const detail = once(() =>
  z.looseObject({
    JobsDetail: z.looseObject({
      DataId: id(),
      JobId: id(),
      State: id(),
      Label: id(),
      Result: grade(),
      Suggestion: grade(),
    }),
  }),
)
/** `Result` and `Suggestion`: 0, 1, 2. */
export const tencentCiDecisions: readonly (Decision | undefined)[] = ['pass', 'block', 'review']
const testJob = 'test_trace_id'

export const tencentCi: Source = {
  name: 'tencent-ci',
  tier: 'C',
  get secret() {
    return secret()
  },
  verify: ({ body }) => ({ json: body, key: sha256Of(body).toString('hex'), timestamp: null }),
  read(document) {
    const whole = detail().safeParse(document)
    if (whole.success) {
      const {
        DataId: dataId,
        JobId: jobId,
        Label: label,
        Result: result,
        Suggestion: suggestion,
      } = whole.data.JobsDetail
      const decision = tencentCiDecisions[result ?? suggestion ?? -1]
      if (decision === undefined) return []
      return [verdictOf({ content: dataId ?? jobId ?? null, decision, labels: label ? [label] : [] })]
    }
    const short = simple().safeParse(document)
    if (!short.success) return []
    const { data_id: dataId, trace_id: traceId, result } = short.data.data
    const decision = tencentCiDecisions[result ?? -1]
    const isTest = traceId === testJob || short.data.message === 'Test request when setting callback url'
    return decision === undefined || isTest ? [] : [verdictOf({ content: dataId ?? traceId ?? null, decision })]
  },
  jobs: {
    pattern: '^[a-z]{2}[0-9a-f-]{20,64}$',
    named(document) {
      const whole = detail().safeParse(document)
      const short = simple().safeParse(document)
      const [job, content] = whole.success
        ? [whole.data.JobsDetail.JobId, whole.data.JobsDetail.DataId]
        : [short.data?.data.trace_id, short.data?.data.data_id]
      return job === undefined || job === testJob ? null : { job, content: content ?? job }
    },
  },
  acknowledgement: received,
}
