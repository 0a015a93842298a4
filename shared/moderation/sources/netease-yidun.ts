/**
 * NetEase Yidun (网易易盾), active callbacks: a form whose `signature` is hex of a hash over all other parameters, sorted by
 * name, name and value joined without anything between, the secret key behind (yidun/yidun-java-sdk, SignerImpl.java and
 * ActiveCallbackRequest.java). Fields: https://support.dun.163.com/documents/2018041901.
 *
 * What is joined without delimiters can be cut elsewhere: therefore no parameter but the known ones, ids and method exactly
 * those of the endpoint, and JSON that is whole. The request does not choose the method.
 */
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { hashOf, matchesHex, matchesText, sha256Of } from '../digests.ts'
import { readForm } from '../form.ts'
import { idOf, itemsOf, type Members, membersOf, numberOf, roundOf, textOf, timeOf } from '../reading.ts'
import { type Decision, gravest, type Reading, type Source, verdictOf } from '../source.ts'

const text = once(() => z.string().check(z.minLength(1)))
const secret = once(() =>
  z.strictObject({
    secretId: text(),
    businessId: text(),
    secretKey: text(),
    signatureMethod: z.enum(['MD5', 'SHA1', 'SHA256', 'SM3']),
  }),
)

/** Of `suggestion`, and of `action` in version 3. */
const decisions: readonly (Decision | undefined)[] = ['pass', 'review', 'block']
/** Of `result` in version 1 of mixed media. */
const results: readonly (Decision | undefined)[] = [undefined, 'pass', 'block', 'review']
/** What else the SDK's classes have beside `antispam`: transcripts, languages, qualities. They judge nothing. */
const others = new Set(
  ['asr', 'language', 'voice', 'quality', 'ocr', 'face', 'discern', 'logo', 'ad', 'aigc'].concat([
    'anticheat',
    'emotionAnalysis',
    'userRisk',
    'llmCheckInfo',
  ]),
)

export const neteaseYidun: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'netease-yidun',
  tier: 'B',
  get secret() {
    return secret()
  },
  members: new Set(
    ['antispam', 'dataId', 'suggestion', 'action', 'result', 'status', 'checkStatus', 'labels', 'label']
      .concat(['resultType', 'censorSource', 'censorRound', 'censorTime'])
      .concat(['evidences', 'evidence', 'audio', 'video', 'reviewEvidences', ...others]),
  ),
  verify({ body }, { secretId, businessId, secretKey, signatureMethod }) {
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
  // one result or a list of them, as its own SDK reads both; or that list as its query interface wraps it
  read(document, { arrivedAt }) {
    const wrapped = membersOf(document)?.['result']
    const list = Array.isArray(wrapped) ? wrapped : document
    if (!Array.isArray(list)) return resultOf(list, arrivedAt)
    return list.length === 0
      ? [{ unreadable: 'callbackData is an empty list' }]
      : list.flatMap(item => resultOf(item, arrivedAt))
  },
  acknowledgement: { code: 200 },
}

function resultOf(item: unknown, arrivedAt: Date): Reading {
  const whole = membersOf(item)
  if (whole === null) return [{ unreadable: 'a result is not an object' }]
  const said = membersOf(whole['antispam']) ?? whole
  const decision = decisionOf(said) ?? evidenceOf(membersOf(said['evidences']))
  const review = membersOf(said['reviewEvidences'])
  const readings = [
    ...(decision === null ? [] : [verdictIn(said, decision, saysHuman(said), arrivedAt)]),
    ...(review === null ? [] : [verdictIn(said, reviewOf(review), true, arrivedAt)]),
  ]
  if (readings.length > 0) return readings
  const failed = numberOf(said['status']) === 3 || numberOf(said['checkStatus']) === 3
  const speaksOfOthers = (whole['antispam'] ?? null) === null && Object.keys(whole).some(name => others.has(name))
  return failed || speaksOfOthers ? [] : [{ unreadable: 'antispam.suggestion is not 0, 1 or 2' }]
}

function decisionOf(said: Members): Decision | null {
  return (
    decisions[numberOf(said['suggestion']) ?? numberOf(said['action']) ?? -1] ??
    results[numberOf(said['result']) ?? -1] ??
    null
  )
}

/** Of what the machine found in a live stream: in sound, in a picture, or in both. */
function evidenceOf(evidences: Members | null): Decision | null {
  if (evidences === null) return null
  const video = membersOf(evidences['video'])
  return gravest(
    [
      evidences,
      membersOf(evidences['audio']),
      membersOf(evidences['evidence']),
      membersOf(video?.['evidence']),
      video,
    ].map(part => (part === null ? null : decisionOf(part))),
  )
}

/** Of what a reviewer of a live stream did: 2 warns, 3 cuts it off. What else there is, is looked at, not acted on. */
function reviewOf(review: Members): Decision {
  const suggestion = decisions[numberOf(review['suggestion']) ?? -1]
  return suggestion ?? ([2, 3].includes(numberOf(review['action']) ?? 0) ? 'block' : 'review')
}

/** Result 2 is a person's; sources 0 and 1 are Yidun's reviewers and the customer's. */
function saysHuman(said: Members): boolean {
  return numberOf(said['resultType']) === 2 || [0, 1].includes(numberOf(said['censorSource']) ?? 2)
}

function verdictIn(said: Members, decision: Decision, human: boolean, arrivedAt: Date) {
  return verdictOf({
    content: idOf(said['dataId']),
    decision,
    labels: itemsOf(said['labels']).flatMap(label => textOf(membersOf(label)?.['label']) ?? []),
    authority: human ? 'human' : 'machine',
    round: human ? roundOf(said['censorRound']) : 0,
    occurredAt: human ? timeOf(said['censorTime'], arrivedAt) : null,
  })
}
