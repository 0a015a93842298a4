/**
 * Alibaba Cloud Content Moderation (内容安全): a form with `checksum` = hex of SHA-256 or SM3 over account id, seed and
 * `content` (https://help.aliyun.com/document_detail/129946.html, …/130313.html). A plain hash, so that it can be
 * extended: what is appended is never JSON, and the receiver takes nothing else. At most three pushes, until a 200.
 */
import * as z from 'zod/mini'
import { optional } from '../../members.ts'
import { once } from '../../once.ts'
import { hashOf, matchesHex, sha256Of } from '../digests.ts'
import { readForm } from '../form.ts'
import { idOf, itemsOf, meaningOf, type Members, membersOf, numberOf, textOf, textsOf } from '../reading.ts'
import {
  type Decision,
  decisionWords,
  gravest,
  type Reading,
  received,
  type Source,
  type Unreadable,
  type Verdict,
  verdictOf,
} from '../source.ts'

const text = once(() => z.string().check(z.minLength(1)))
/** Printed as a number; kept as its digits. */
const accountId = once(() => z.pipe(z.union([text(), z.int().check(z.minimum(0))]), z.transform(String)))
const secret = once(() =>
  z.strictObject({ uid: accountId(), seed: text(), algorithm: optional(z.enum(['sha256', 'sm3'])) }),
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
  members: new Set(
    [
      'scanResult',
      'auditResult',
      'humanAuditResult',
      'dataId',
      'code',
      'results',
      'suggestion',
      'label',
      'labels',
    ].concat(['Data', 'DataId', 'OssObjectName', 'RiskLevel', 'FrameResult', 'AudioResult', 'Frames', 'SliceDetails']),
  ),
  verify({ body }, { uid, seed, algorithm = 'sha256' }) {
    const form = readForm(body, ['checksum', 'content'])
    const signed = form?.['content'] ?? ''
    if (!matchesHex(form?.['checksum'], hashOf(algorithm, uid, seed, signed))) return null
    // of the signed text, not of the body: the same text can be escaped in many ways
    return { json: Buffer.from(signed), key: sha256Of(signed).toString('hex'), timestamp: null }
  },
  read(document) {
    const members = membersOf(document)
    const scan = membersOf(members?.['scanResult'])
    const scanned = idOf(scan?.['dataId'])
    // Alibaba's reviewers come first, the customer's own after them
    const reviews = [membersOf(members?.['humanAuditResult']), membersOf(members?.['auditResult'])]
    const enhanced = membersOf(members?.['Data'])
    const said: Reading = [
      ...(scan === null ? [] : scanOf(scan, scanned)),
      ...reviews.flatMap((review, index) => (review === null ? [] : [reviewOf(review, scanned, index + 1)])),
      ...(enhanced === null ? [] : [riskOf(enhanced)]),
    ]
    const any = scan !== null || enhanced !== null || reviews.some(review => review !== null)
    return any ? said : [{ unreadable: 'it holds none of scanResult, auditResult, humanAuditResult and Data' }]
  },
  acknowledgement: received,
}

function scanOf(scan: Members, content: string | null): Reading {
  const failed = (numberOf(scan['code']) ?? 200) !== 200
  const results = itemsOf(scan['results']).map(item => membersOf(item) ?? {})
  const decision = gravest(results.map(result => meaningOf(decisionWords, result['suggestion'])))
  if (decision === null) return failed ? [] : [{ unreadable: 'scanResult.results have no suggestion' }]
  // what it found before it failed is found
  if (failed && decision === 'pass') return [{ unreadable: 'scanResult.code says that the scan failed' }]
  const labels = results.flatMap(result =>
    meaningOf(decisionWords, result['suggestion']) === decision ? (textOf(result['label']) ?? []) : [],
  )
  return [verdictOf({ content, decision, labels })]
}

function reviewOf(review: Members, scanned: string | null, round: number): Verdict | Unreadable {
  const decision = meaningOf(decisionWords, review['suggestion'])
  if (decision === undefined) return { unreadable: 'the suggestion of a review is not block, review or pass' }
  const content = idOf(review['dataId']) ?? scanned
  return verdictOf({ content, decision, labels: textsOf(review['labels']), authority: 'human', round })
}

function riskOf(data: Members): Verdict | Unreadable {
  const whole = meaningOf(riskLevels, data['RiskLevel'])
  const parts = gravest([data, membersOf(data['FrameResult']), membersOf(data['AudioResult'])].flatMap(risksIn))
  // of a live stream a part can be known before the whole is
  const decision = parts === 'block' ? parts : (whole ?? parts)
  if (decision === null) return { unreadable: 'Data.RiskLevel is not high, medium, low or none' }
  return verdictOf({ content: idOf(data['DataId']) ?? idOf(data['OssObjectName']), decision })
}

/** Of video, of sound, and of their frames and slices. */
function risksIn(part: Members | null): (Decision | undefined)[] {
  if (part === null) return []
  const pieces = [...itemsOf(part['Frames']), ...itemsOf(part['SliceDetails'])]
  return [part, ...pieces].map(piece => meaningOf(riskLevels, membersOf(piece)?.['RiskLevel']))
}
