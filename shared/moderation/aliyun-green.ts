/**
 * Alibaba Cloud Content Moderation (内容安全): a form with `checksum` = hex of SHA-256 or SM3 over account id, seed and
 * `content` (https://help.aliyun.com/document_detail/129946.html, …/130313.html). A plain hash, so that it can be
 * extended: what is appended is never JSON, and the receiver takes nothing else. At most three pushes, until a 200.
 */
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { hashOf, matchesHex, sha256Of } from './digests.ts'
import { readForm } from './form.ts'
import { type Authority, type Decision, gravest, received, type Source, verdictOf } from './source.ts'

const text = once(() => z.string().check(z.minLength(1)))
const secret = once(() =>
  z.strictObject({ uid: text(), seed: text(), algorithm: z.optional(z.enum(['sha256', 'sm3'])) }),
)

const suggestion = once(() => z.enum(['block', 'review', 'pass']))
const ids = { dataId: z.optional(z.string()), taskId: z.optional(z.string()) }
const content = once(() =>
  z.looseObject({
    scanResult: z.optional(
      z.looseObject({
        ...ids,
        code: z.optional(z.number()),
        results: z.optional(z.array(z.looseObject({ suggestion: suggestion(), label: z.optional(z.string()) }))),
      }),
    ),
    auditResult: z.optional(
      z.looseObject({ ...ids, suggestion: suggestion(), labels: z.optional(z.array(z.string())) }),
    ),
    humanAuditResult: z.optional(
      z.looseObject({ ...ids, suggestion: suggestion(), labels: z.optional(z.array(z.string())) }),
    ),
    Data: z.optional(
      z.looseObject({
        DataId: z.optional(z.string()),
        OssObjectName: z.optional(z.string()),
        RiskLevel: z.enum(['high', 'medium', 'low', 'none']),
      }),
    ),
  }),
)

const riskLevels: { readonly [level: string]: Decision } = {
  high: 'block',
  medium: 'review',
  low: 'pass',
  none: 'pass',
}

export const aliyunGreen: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'aliyun-green',
  tier: 'B',
  get secret() {
    return secret()
  },
  verify({ body }, { uid, seed, algorithm = 'sha256' }) {
    const form = readForm(body, ['checksum', 'content'])
    const signed = form?.['content'] ?? ''
    if (!matchesHex(form?.['checksum'], hashOf(algorithm, uid, seed, signed))) return null
    // of the signed text, not of the body: the same text can be escaped in many ways
    return { json: Buffer.from(signed), key: sha256Of(signed).toString('hex'), timestamp: null }
  },
  read(document) {
    const parsed = content().safeParse(document)
    if (!parsed.success) return []
    const { scanResult, auditResult, humanAuditResult, Data: data } = parsed.data
    const human = (audit: typeof auditResult, round: number) =>
      audit === undefined
        ? []
        : [
            verdictOf({
              content: audit.dataId ?? scanResult?.dataId ?? null,
              decision: audit.suggestion,
              labels: audit.labels ?? [],
              authority: 'human' satisfies Authority,
              round,
            }),
          ]
    const results = scanResult?.results ?? []
    const decision = gravest(results.map(result => result.suggestion))
    return [
      ...(scanResult === undefined || decision === null || (scanResult.code ?? 200) !== 200
        ? []
        : [
            verdictOf({
              content: scanResult.dataId ?? null,
              decision,
              labels: results.flatMap(result => (result.suggestion === decision ? (result.label ?? []) : [])),
            }),
          ]),
      // Alibaba's reviewers come first, the customer's own after them
      ...human(humanAuditResult, 1),
      ...human(auditResult, 2),
      ...(data === undefined
        ? []
        : [
            verdictOf({
              content: data.DataId ?? data.OssObjectName ?? null,
              decision: riskLevels[data.RiskLevel] ?? null,
            }),
          ]),
    ]
  },
  acknowledgement: received,
}
