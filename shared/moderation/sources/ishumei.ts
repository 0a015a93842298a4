/**
 * Shumei (数美), callbacks of version 2: `{"checksum","result"}`, the result a JSON text or, in the sample of pictures, the
 * object itself; the checksum hex of SHA-256 over access key, the picture's btId where there is one, and that text
 * (ishumei/api-doc, V2/智能图片识别产品API文档.md, 回调请求参数). A plain hash, so that it can be extended: what is appended is
 * never JSON. Version 4 documents no checksum: refused. Anything but a 200 is repeated eight times within 36 s, then never.
 */
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { matchesHex, sha256Of } from '../digests.ts'
import { idOf, meaningOf, membersOf, numberOf, textsOf } from '../reading.ts'
import { type Decision, received, type Source, verdictOf } from '../source.ts'
import { memberTexts, readStrictJson } from '../strict-json.ts'

const secret = once(() => z.strictObject({ accessKey: z.string().check(z.minLength(1)) }))
const identity = new Set(['btId'])
const levels: { readonly [level: string]: Decision } = { reject: 'block', review: 'review', pass: 'pass' }

export const ishumei: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'ishumei',
  tier: 'B',
  get secret() {
    return secret()
  },
  members: new Set(['code', 'btId', 'requestId', 'riskLevel', 'riskLabel1', 'riskLabel2', 'riskLabel3']),
  verify({ body }, { accessKey }) {
    // nobody signs the envelope: at least nothing stands around it, and nothing else in it
    if (body[0] !== 0x7b || body.at(-1) !== 0x7d) return null
    const outer = memberTexts(body)
    const checksum = outer?.get('checksum')
    const result = outer?.get('result')
    if (outer?.size !== 2 || checksum === undefined || result === undefined) return null
    if (!checksum.startsWith('"') || !/^["{]/.test(result)) return null
    const json = Buffer.from(result.startsWith('"') ? JSON.parse(result) : result)
    const inner = membersOf(readStrictJson(json, identity)?.value)
    const digest = sha256Of(accessKey, idOf(inner?.['btId']) ?? '', json)
    if (!matchesHex(JSON.parse(checksum), digest)) return null
    return { json, key: sha256Of(json).toString('hex'), timestamp: null }
  },
  read(document) {
    const result = membersOf(document)
    if (result === null) return [{ unreadable: 'result is not an object' }]
    const code = numberOf(result['code'])
    const decision = meaningOf(levels, result['riskLevel'])
    // not judged: busy, not paid for, no such picture
    if (decision === undefined && code !== null && code !== 1100) return []
    if (decision === undefined) return [{ unreadable: 'riskLevel is not PASS, REVIEW or REJECT' }]
    // what was found is found; that nothing was is told by the code too
    if (decision === 'pass' && code !== 1100) return [{ unreadable: 'riskLevel is PASS, and code is not 1100' }]
    const labels = ['riskLabel1', 'riskLabel2', 'riskLabel3'].flatMap(name => textsOf(result[name]))
    return [verdictOf({ content: idOf(result['btId']) ?? idOf(result['requestId']), decision, labels })]
  },
  acknowledgement: received,
}
