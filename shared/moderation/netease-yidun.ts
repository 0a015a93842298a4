/**
 * NetEase Yidun (网易易盾), active callbacks: a form whose `signature` is hex of a hash over all other parameters, sorted by
 * name, name and value joined without anything between, the secret key behind (yidun/yidun-java-sdk, SignerImpl.java and
 * ActiveCallbackRequest.java). Fields: https://support.dun.163.com/documents/2018041901.
 *
 * What is joined without delimiters can be cut elsewhere: therefore no parameter but the known ones, ids and method exactly
 * those of the endpoint, and JSON that is whole. The request does not choose the method.
 */
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { hashOf, matchesHex, matchesText, sha256Of } from './digests.ts'
import { readForm } from './form.ts'
import { type Decision, type Source, verdictOf } from './source.ts'

const text = once(() => z.string().check(z.minLength(1)))
const secret = once(() =>
  z.strictObject({
    secretId: text(),
    businessId: text(),
    secretKey: text(),
    signatureMethod: z.optional(z.enum(['MD5', 'SHA1', 'SHA256', 'SM3'])),
  }),
)

const label = once(() => z.looseObject({ label: z.optional(z.union([z.number(), z.string()])) }))
const result = once(() =>
  z.looseObject({
    dataId: z.optional(z.string()),
    /** 0 pass, 1 suspect, 2 reject; `action` in version 3. */
    suggestion: z.optional(z.number()),
    action: z.optional(z.number()),
    labels: z.optional(z.array(label())),
    /** 1 machine, 2 people. */
    resultType: z.optional(z.number()),
    /** 0 Yidun's reviewers, 1 the customer's, 2 machine. */
    censorSource: z.optional(z.number()),
    censorRound: z.optional(z.int().check(z.minimum(0), z.maximum(1000))),
  }),
)
const callback = once(() => z.union([z.looseObject({ antispam: result() }), result()]))
const decisions: readonly (Decision | undefined)[] = ['pass', 'review', 'block']

export const neteaseYidun: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'netease-yidun',
  tier: 'B',
  get secret() {
    return secret()
  },
  verify({ body }, { secretId, businessId, secretKey, signatureMethod = 'MD5' }) {
    const form = readForm(body, ['secretId', 'businessId', 'scene', 'signatureMethod', 'callbackData', 'signature'])
    if (form === null || form['callbackData'] === undefined) return null
    const { signature, ...signed } = form
    const pairs = Object.keys(signed)
      .sort()
      .map(name => `${name}${signed[name]}`)
    const matches = matchesHex(signature, hashOf(signatureMethod.toLowerCase(), ...pairs, secretKey))
    const own =
      matchesText(form['secretId'], secretId) &&
      matchesText(form['businessId'], businessId) &&
      (form['signatureMethod'] ?? signatureMethod) === signatureMethod
    if (!matches || !own) return null
    const json = Buffer.from(form['callbackData'])
    return { json, key: sha256Of(json).toString('hex'), timestamp: null }
  },
  read(document) {
    const parsed = callback().safeParse(document)
    if (!parsed.success) return []
    const said = result().parse('antispam' in parsed.data ? parsed.data.antispam : parsed.data)
    const decision = decisions[said.suggestion ?? said.action ?? -1]
    if (decision === undefined) return []
    const human = said.resultType === 2 || said.censorSource === 0 || said.censorSource === 1
    return [
      verdictOf({
        content: said.dataId ?? null,
        decision,
        labels: (said.labels ?? []).flatMap(item => (item.label === undefined ? [] : [String(item.label)])),
        authority: human ? 'human' : 'machine',
        round: human ? (said.censorRound ?? 0) : 0,
      }),
    ]
  },
  acknowledgement: { code: 200 },
}
