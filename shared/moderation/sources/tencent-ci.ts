/**
 * Tencent Cloud Infinite (数据万象), audits of text, pictures, video and documents in COS: nothing is signed
 * (https://www.tencentcloud.com/document/product/436/48540, …/436/48190). `Simple` or `Detail`, by the header
 * X-Ci-Content-Version and by their members. Saving a callback URL sends a test body.
 */
import * as z from 'zod/mini'
import { optional } from '../../members.ts'
import { once } from '../../once.ts'
import { sha256Of } from '../digests.ts'
import { tencentCiPull } from '../pull-credentials.ts'
import { idOf, type Members, membersOf, numberOf, textsOf, wordOf } from '../reading.ts'
import { type Decision, received, type Source, verdictOf } from '../source.ts'
import { bringsUrlSecret, urlSecret } from '../url-secret.ts'

const secret = once(() => z.optional(z.strictObject({ urlSecret: urlSecret(), pull: optional(tencentCiPull()) })))
/** `Result` and `Suggestion`: 0, 1, 2. */
export const tencentCiDecisions: readonly (Decision | undefined)[] = ['pass', 'block', 'review']
const testJob = 'test_trace_id'
const testMessage = 'test request when setting callback url'

interface Audit {
  readonly job: string | null
  readonly dataId: string | null
  readonly grade: number | null
  readonly labels: readonly string[]
}

export const tencentCi: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'tencent-ci',
  tier: 'C',
  get secret() {
    return secret()
  },
  members: new Set(
    ['message', 'data', 'data_id', 'trace_id', 'result'].concat([
      'JobsDetail',
      'DataId',
      'JobId',
      'Label',
      'Result',
      'Suggestion',
    ]),
  ),
  verify(delivery, secret) {
    if (!bringsUrlSecret(delivery, secret?.urlSecret)) return null
    return { json: delivery.body, key: sha256Of(delivery.body).toString('hex'), timestamp: null }
  },
  read(document) {
    const audit = auditIn(document)
    if (audit === null) return [{ unreadable: 'it holds neither JobsDetail nor data' }]
    if (audit.job === testJob) return []
    const decision = tencentCiDecisions[audit.grade ?? -1]
    if (decision === undefined) return [{ unreadable: 'the result is not 0, 1 or 2' }]
    return [verdictOf({ content: audit.dataId ?? audit.job, decision, labels: audit.labels })]
  },
  jobs: {
    pattern: '^[a-z]{2}[0-9a-f-]{20,64}$',
    named(document) {
      const audit = auditIn(document)
      if (audit === null || audit.job === null || audit.job === testJob) return null
      return { job: audit.job, content: audit.dataId ?? audit.job }
    },
  },
  acknowledgement: received,
}

/** Null: neither form. What is sent when the URL is saved is the audit of a test. */
function auditIn(document: unknown): Audit | null {
  const whole: Members | null = membersOf(document)
  const detail = membersOf(whole?.['JobsDetail'])
  if (detail !== null) {
    return {
      job: idOf(detail['JobId']),
      dataId: idOf(detail['DataId']),
      grade: numberOf(detail['Result']) ?? numberOf(detail['Suggestion']),
      labels: textsOf(detail['Label']),
    }
  }
  const simple = membersOf(whole?.['data'])
  if (simple === null) return null
  const isTest = wordOf(whole?.['message']) === testMessage
  const job = isTest ? testJob : idOf(simple['trace_id'])
  return { job, dataId: idOf(simple['data_id']), grade: numberOf(simple['result']), labels: [] }
}
