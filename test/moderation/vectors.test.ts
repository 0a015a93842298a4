/** Deliveries signed elsewhere, by the formulas of the vendors' documents: neither our signers nor our tests made them. */
import { readFile } from 'node:fs/promises'
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
  it('of Standard Webhooks are accepted at their time, and say nothing', () => {
    const { sample, ...sent } = deliveryOf('standard-webhooks')
    const endpoint = endpointOf('standard-webhooks', sample['secret'])
    expect(open(endpoint, sent, 1_614_265_330_000)).toEqual({ key: 'msg_p5jXN8AQM9LWM0D4loKWxJek', verdicts: [] })
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
})
