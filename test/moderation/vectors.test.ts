/** Deliveries signed elsewhere, by the formulas of the vendors' documents: neither our signers nor our tests made them. */
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { endpointOf, open } from './subjects.ts'

interface Sample {
  readonly [member: string]: unknown
  readonly provider: string
}
let samples: readonly Sample[] = []
beforeAll(async () => {
  samples = JSON.parse(await readFile(new URL('./samples/signed.json', import.meta.url), 'utf8'))
})

function deliveryOf(provider: string) {
  const sample = samples.find(candidate => candidate.provider.startsWith(provider))
  if (sample === undefined) throw new Error(`no sample of ${provider}`)
  const given = { ...(sample['header'] as object), ...(sample['headers'] as object) }
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)]))
  const { body, bodyBase64 } = sample as { body?: string; bodyBase64?: string }
  return {
    sample,
    headers,
    body: bodyBase64 === undefined ? Buffer.from(body ?? '') : Buffer.from(bodyBase64, 'base64'),
  }
}

const block = { content: 'msg-20260701-0001', decision: 'block', authority: 'machine' }

describe('samples signed elsewhere', () => {
  it('of Standard Webhooks are accepted at their time, and hold no verdict', () => {
    const { sample, ...sent } = deliveryOf('standard-webhooks')
    const endpoint = endpointOf('standard-webhooks', sample['secret'])
    expect(open(endpoint, sent, 1_614_265_330_000)).toEqual({
      key: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      verdicts: [],
      unreadable: ['type is missing'],
      job: null,
    })
    expect(open(endpoint, sent)).toBeNull()
  })
  it.each([
    ['sha256', {}],
    ['sm3', { algorithm: 'sm3' }],
  ])('of aliyun-green with %s are accepted', (name, more) => {
    const { sample, headers, body } = deliveryOf('aliyun-green')
    const { uid, seed, checksum_sha256: sha256, [`checksum_${name}`]: checksum } = sample
    const sent = { headers, body: Buffer.from(body.toString().replace(String(sha256), String(checksum))) }
    const opened = open(endpointOf('aliyun-green', { uid, seed, ...more }), sent)
    expect(opened?.verdicts).toMatchObject([{ ...block, labels: ['ad'] }])
    const swapped = { algorithm: name === 'sm3' ? 'sha256' : 'sm3' }
    expect(open(endpointOf('aliyun-green', { uid, seed, ...swapped }), sent)).toBeNull()
  })
  it('of tencent-ams are accepted, and the extended one is refused', () => {
    const { sample, ...sent } = deliveryOf('tencent-ams')
    const endpoint = endpointOf('tencent-ams', { seed: sample['seed'] })
    expect(open(endpoint, sent)?.verdicts).toMatchObject([{ ...block, labels: ['Ad'] }])
    const { sample: _, ...forged } = deliveryOf('tencent-ams-length-extended')
    expect(open(endpoint, forged)).toBeNull()
  })
  it('of getstream are accepted, compressed too', () => {
    const { sample, ...sent } = deliveryOf('getstream')
    const endpoint = endpointOf('getstream', sample['secret'])
    const verdict = { content: block.content, decision: null, action: 'remove', authority: 'machine' }
    expect(open(endpoint, sent)?.verdicts).toMatchObject([{ ...verdict, occurredAt: new Date('2026-07-01T08:00:00Z') }])
    expect(open(endpoint, { ...sent, body: gzipSync(sent.body) })?.verdicts).toMatchObject([verdict])
    expect(open(endpoint, { ...sent, body: gzipSync(sent.body).subarray(0, -9) })).toBeNull()
  })
  it('of moderation-api are accepted', () => {
    const { sample, ...sent } = deliveryOf('moderation-api')
    const verdict = { content: block.content, decision: null, action: 'remove', authority: 'human', labels: ['SPAM'] }
    expect(open(endpointOf('moderation-api', sample['secret']), sent)?.verdicts).toMatchObject([verdict])
  })
  it('of sightengine are accepted at their time, and without a workflow say nothing', () => {
    const { sample, ...sent } = deliveryOf('sightengine')
    const endpoint = endpointOf('sightengine', sample['secret'])
    expect(open(endpoint, sent, 1_492_774_577_000)?.verdicts).toEqual([])
    expect(open(endpoint, sent)).toBeNull()
  })
  it('of tencent-ci and huawei-moderation are read, and never act', () => {
    const urlKey = 'k'.repeat(22)
    const ci = endpointOf('tencent-ci', { urlSecret: urlKey })
    const [verdict] = open(ci, { ...deliveryOf('tencent-ci'), urlKey })?.verdicts ?? []
    expect(verdict).toMatchObject({ ...block, labels: ['Ads'] })
    const { sample, ...bare } = deliveryOf('huawei-moderation')
    const sent = { ...bare, urlKey }
    const huawei = endpointOf('huawei-moderation', { seed: sample['seed'], urlSecret: urlKey })
    const [other] = open(huawei, sent)?.verdicts ?? []
    expect(other).toMatchObject({ content: 'af7c2b0e', decision: 'block' })
    for (const said of [verdict, other]) {
      expect([ci, huawei].map(endpoint => said && endpoint.operationFor(said))).toEqual([null, null])
    }
    expect(open(huawei, { ...sent, headers: {} })).toBeNull()
    expect(open(endpointOf('huawei-moderation', { seed: 'another', urlSecret: urlKey }), sent)).toBeNull()
    expect(open(huawei, bare)).toBeNull()
    expect(open(ci, deliveryOf('tencent-ci'))).toBeNull()
  })
})
