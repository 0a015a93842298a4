/** What sources say beyond a plain verdict: who decided, in which round, and what is no verdict at all. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import { endpointOf, open, signerOf } from './subjects.ts'

function said(source: string, document: unknown): unknown[] {
  const secret = makeSignerSecret(source)
  const endpoint = endpointOf(source, publishedSecret(secret))
  const opened = open(endpoint, signerOf(source).sign(JSON.stringify(document), secret))
  return opened === null ? ['refused'] : [...opened.verdicts, ...opened.unreadable]
}

describe('aliyun-green', () => {
  const scan = (suggestions: string[], more: object = {}) => ({
    dataId: 'a',
    results: suggestions.map(suggestion => ({ suggestion, label: `l-${suggestion}` })),
    ...more,
  })
  it('takes the gravest of several results', () => {
    const document = { scanResult: scan(['pass', 'block', 'review']) }
    expect(said('aliyun-green', document)).toMatchObject([{ content: 'a', decision: 'block', labels: ['l-block'] }])
  })
  it('tells reviewers from the machine', () => {
    const document = {
      scanResult: scan(['block']),
      humanAuditResult: { suggestion: 'review' },
      auditResult: { suggestion: 'pass', labels: ['fine'] },
    }
    expect(said('aliyun-green', document)).toMatchObject([
      { decision: 'block', authority: 'machine', round: 0 },
      { content: 'a', decision: 'review', authority: 'human', round: 1 },
      { content: 'a', decision: 'pass', authority: 'human', round: 2, labels: ['fine'] },
    ])
  })
  it('reads the enhanced form', () => {
    const levels = ['high', 'medium', 'low', 'none'].flatMap(level =>
      said('aliyun-green', { Data: { OssObjectName: 'o', RiskLevel: level } }),
    )
    expect(levels).toMatchObject(['block', 'review', 'pass', 'pass'].map(decision => ({ content: 'o', decision })))
  })
  it('says nothing where the scan failed, but for what it had found', () => {
    expect(said('aliyun-green', { scanResult: { code: 500, dataId: 'a', results: [] } })).toEqual([])
    expect(said('aliyun-green', { scanResult: scan(['block'], { code: 500 }) })).toMatchObject([{ decision: 'block' }])
    expect(said('aliyun-green', { scanResult: scan(['pass'], { code: 500 }) })).toEqual([
      'scanResult.code says that the scan failed',
    ])
    expect(said('aliyun-green', { scanResult: { dataId: 'a' } })).toEqual(['scanResult.results have no suggestion'])
  })
})

describe('tencent-ams', () => {
  it('blocks while it still listens, and passes only at the end', () => {
    const task = (Suggestion: string, more: object = {}) => said('tencent-ams', { DataId: 'a', Suggestion, ...more })
    for (const Status of ['RUNNING', 'PENDING', 'running']) {
      expect(task('Block', { Status })).toMatchObject([{ content: 'a', decision: 'block' }])
      expect(task('Pass', { Status })).toEqual([])
      expect(task('Review', { Status })).toEqual([])
      const part = (Suggestion: string) => ({ Result: { Suggestion } })
      expect(task('Pass', { Status, AudioSegments: [part('Pass'), part('Block')] })).toMatchObject([
        { decision: 'block' },
      ])
      expect(said('tencent-ams', { DataId: 'a', Status, ImageSegments: [part('Block')] })).toMatchObject([
        { decision: 'block' },
      ])
    }
    expect(task('Pass', { Status: 'DONE' })).toEqual(['Status is not one of a task'])
    expect(task('Block', { Status: 'DONE' })).toMatchObject([{ decision: 'block' }])
    expect(task('Pass', { Status: 'FINISH' })).toMatchObject([{ decision: 'pass' }])
    expect(task('Block')).toMatchObject([{ decision: 'block' }])
  })
})

describe('netease-yidun', () => {
  const antispam = (more: object) => ({ antispam: { dataId: 'a', suggestion: 2, ...more } })
  it('tells people from the machine, and counts rounds', () => {
    expect(said('netease-yidun', antispam({ resultType: 1, censorSource: 2, censorRound: 3 }))).toMatchObject([
      { authority: 'machine', round: 0 },
    ])
    expect(said('netease-yidun', antispam({ resultType: 2, censorRound: 3 }))).toMatchObject([
      { authority: 'human', round: 3 },
    ])
    expect(said('netease-yidun', antispam({ censorSource: 0 }))).toMatchObject([{ authority: 'human', round: 0 }])
  })
  it('reads version 3, and no suggestion that is none', () => {
    expect(said('netease-yidun', { dataId: 'a', action: 2 })).toMatchObject([{ content: 'a', decision: 'block' }])
    for (const suggestion of [3, -1, 0.5]) {
      expect(said('netease-yidun', antispam({ suggestion }))).toEqual(['antispam.suggestion is not 0, 1 or 2'])
    }
  })
  it('lets nobody but the endpoint choose the method', () => {
    const secret = { secretId: 's', businessId: 'b', secretKey: 'key' }
    const signer = signerOf('netease-yidun')
    const methods = ['MD5', 'SHA1', 'SHA256', 'SM3']
    const accepted = methods.map(pinned =>
      methods.map(signatureMethod => {
        const endpoint = endpointOf('netease-yidun', { ...secret, signatureMethod: pinned })
        const json = signer.write({ content: 'a', verdict: 'block' })
        return open(endpoint, signer.sign(json, { ...secret, signatureMethod })) !== null
      }),
    )
    expect(accepted).toEqual(methods.map(a => methods.map(b => a === b)))
  })
  it('refuses a method that is not the one it was signed with', () => {
    const secret = { secretId: 's', businessId: 'b', secretKey: 'key' }
    const data = '{"antispam":{"dataId":"a","suggestion":2}}'
    const text = `businessIdbcallbackData${data}secretIdssignatureMethodMD5key`
    const signature = createHash('sha256').update(text).digest('hex')
    const form = `secretId=s&businessId=b&signatureMethod=MD5&callbackData=${encodeURIComponent(data)}&signature=${signature}`
    const endpoint = endpointOf('netease-yidun', { ...secret, signatureMethod: 'SHA256' })
    expect(open(endpoint, { headers: {}, body: Buffer.from(form) })).toBeNull()
  })
  it('is told so in its own words', () => {
    const secret = { secretId: 's', businessId: 'b', secretKey: 'k', signatureMethod: 'SM3' }
    expect(endpointOf('netease-yidun', secret).source.acknowledgement).toEqual({ code: 200 })
  })
})

describe('ishumei', () => {
  it('signs with and without a btId', () => {
    expect(said('ishumei', { code: 1100, requestId: 'r', riskLevel: 'REVIEW' })).toMatchObject([
      { content: 'r', decision: 'review' },
    ])
    expect(
      said('ishumei', { code: 1100, btId: 'é"\\', riskLevel: 'REJECT', riskLabel1: 'x', riskLabel2: '' }),
    ).toMatchObject([{ content: 'é"\\', decision: 'block', labels: ['x'] }])
    expect(said('ishumei', { code: 1911, btId: 'a' })).toEqual([])
    expect(said('ishumei', { code: 1911, btId: 'a', riskLevel: 'REJECT' })).toMatchObject([{ decision: 'block' }])
    expect(said('ishumei', { code: 1911, btId: 'a', riskLevel: 'PASS' })).toEqual([
      'riskLevel is PASS, and code is not 1100',
    ])
  })
})

describe('getstream', () => {
  it('delivers what moderators do', () => {
    const review = (type: string) => ({
      type: 'review_queue_item.updated',
      review_queue_item: { entity_id: 'a' },
      action: { type, created_at: '2026-07-01T08:00:00Z' },
    })
    expect(said('getstream', review('delete_message'))).toMatchObject([
      { content: 'a', action: 'delete_message', decision: null, authority: 'human' },
    ])
    expect(said('getstream', review('mark_reviewed'))).toMatchObject([{ decision: 'pass', authority: 'human' }])
    expect(said('getstream', { type: 'review_queue_item.new', review_queue_item: { entity_id: 'a' } })).toEqual([])
    expect(said('getstream', { ...review('remove'), type: 'moderation.custom' })).toEqual([
      'it tells of an action, and its type is another',
    ])
    expect(said('getstream', review('constructor'))).toMatchObject([{ decision: null }])
  })
})

describe('moderation-api', () => {
  it('calls what waits for people a review', () => {
    const item = { id: 'a', flagged: true, labels: [{ label: 'X', flagged: false }] }
    expect(said('moderation-api', { type: 'QUEUE_ITEM_NEW', item })).toMatchObject([{ decision: 'review', labels: [] }])
    expect(said('moderation-api', { type: 'QUEUE_ITEM_COMPLETED', item })).toEqual([])
  })
})

describe('sightengine', () => {
  it('rejects early and accepts late', () => {
    const callback = (status: string, action: string) => ({
      media: { uri: 'a' },
      data: { status, summary: { action } },
    })
    expect(said('sightengine', callback('ongoing', 'reject'))).toMatchObject([{ content: 'a', decision: 'block' }])
    expect(said('sightengine', callback('ongoing', 'accept'))).toEqual([])
    expect(said('sightengine', callback('finished', 'accept'))).toMatchObject([{ decision: 'pass' }])
  })
})

describe('roost-coop', () => {
  it('tells moderators from rules, and appeals from both', () => {
    const action = { item: { id: 'a' }, action: { id: 'remove' }, policies: [{ name: 'Spam' }] }
    expect(said('roost-coop', action)).toMatchObject([{ action: 'remove', authority: 'machine', labels: ['Spam'] }])
    expect(said('roost-coop', { ...action, actorEmail: 'a@b.c' })).toMatchObject([{ authority: 'human' }])
    const appeal = (appealDecision: string) => said('roost-coop', { appealId: '1', item: { id: 'a' }, appealDecision })
    expect(appeal('ACCEPT')).toMatchObject([{ decision: 'pass', authority: 'appeal', action: null }])
    expect(appeal('REJECT')).toMatchObject([{ decision: 'block', authority: 'appeal' }])
  })
})

describe('tencent-ci', () => {
  it('says nothing when its URL is being set, and reads both forms', () => {
    const simple = (data: object, message = 'success') => said('tencent-ci', { code: 0, message, data })
    expect(simple({ result: 1, trace_id: 'test_trace_id' })).toEqual([])
    expect(simple({ result: 1, trace_id: 't' }, 'Test request when setting callback url')).toEqual([])
    expect([0, 1, 2].flatMap(result => simple({ result, data_id: 'a' }))).toMatchObject([
      { content: 'a', decision: 'pass' },
      { decision: 'block' },
      { decision: 'review' },
    ])
    expect(said('tencent-ci', { JobsDetail: { JobId: 'j', Suggestion: 2 } })).toMatchObject([
      { content: 'j', decision: 'review' },
    ])
  })
})
