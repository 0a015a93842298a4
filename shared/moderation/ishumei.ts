/**
 * Shumei (数美), callbacks of version 2: `{"checksum","result"}`, the result a JSON text, the checksum hex of SHA-256 over
 * access key, the picture's btId where there is one, and that text (ishumei/api-doc, V2/智能图片识别产品API文档.md, 回调请求参数).
 * A plain hash, so that it can be extended: what is appended is never JSON. Version 4 documents no checksum: refused.
 * Anything but a 200 is repeated eight times within 36 s, then never.
 */
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { matchesHex, sha256Of } from './digests.ts'
import { type Decision, received, type Source, verdictOf } from './source.ts'
import { readStrictJson } from './strict-json.ts'

const secret = once(() => z.strictObject({ accessKey: z.string().check(z.minLength(1)) }))
const envelope = once(() => z.strictObject({ checksum: z.string(), result: z.string() }))
const identified = once(() => z.looseObject({ btId: z.optional(z.string()) }))
const levels: { readonly [level: string]: Decision } = { REJECT: 'block', REVIEW: 'review', PASS: 'pass' }
const result = once(() =>
  z.looseObject({
    code: z.literal(1100),
    btId: z.optional(z.string()),
    requestId: z.optional(z.string()),
    riskLevel: z.enum(['PASS', 'REVIEW', 'REJECT']),
    riskLabel1: z.optional(z.string()),
    riskLabel2: z.optional(z.string()),
    riskLabel3: z.optional(z.string()),
  }),
)

export const ishumei: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'ishumei',
  tier: 'B',
  get secret() {
    return secret()
  },
  verify({ body }, { accessKey }) {
    // nobody signs the envelope: at least nothing stands around it
    if (body[0] !== 0x7b || body.at(-1) !== 0x7d) return null
    const outer = envelope().safeParse(readStrictJson(body))
    if (!outer.success) return null
    const json = Buffer.from(outer.data.result)
    const inner = identified().safeParse(readStrictJson(json))
    const digest = sha256Of(accessKey, (inner.success && inner.data.btId) || '', json)
    if (!matchesHex(outer.data.checksum, digest)) return null
    return { json, key: sha256Of(json).toString('hex'), timestamp: null }
  },
  read(document) {
    const parsed = result().safeParse(document)
    if (!parsed.success) return []
    const { btId, requestId, riskLevel, riskLabel1, riskLabel2, riskLabel3 } = parsed.data
    const labels = [riskLabel1, riskLabel2, riskLabel3].flatMap(label => label || [])
    return [verdictOf({ content: btId ?? requestId ?? null, decision: levels[riskLevel] ?? null, labels })]
  },
  acknowledgement: received,
}
