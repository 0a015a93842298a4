import { describe, expect, it } from 'vitest'
import { huawei } from '../../../shared/providers/huawei/index.ts'
import { ask, batchOf, content, freshCredentials } from './app.ts'

describe("the documents' literal request", () => {
  it('revoke of notifyId 1234567 for three tokens', async () => {
    const { sending } = await ask('revoke')
    expect(sending).toMatchObject({
      method: 'POST',
      url: 'https://push-api.cloud.huawei.com/v1/109012345/messages:revoke',
      body: '{"notifyId":1234567,"token":["pushToken1","pushToken2","pushToken3"]}',
    })
    expect(Object.keys(sending?.headers ?? {})).toEqual(['Content-Type', 'Authorization', 'push-type'])
  })

  it('overlay by sending with the same notifyId', async () => {
    const options = { pushOptions: { testMessage: true } }
    const { sending } = await ask('overlay', {
      handle: '12345',
      tokens: batchOf(['IQAAAA**********4Tw']),
      content: { ...content, options },
    })
    expect(sending).toMatchObject({
      url: 'https://push-api.cloud.huawei.com/v3/388421841222000001/messages:send',
      body: '{"payload":{"notification":{"category":"MARKETING","title":"普通通知标题","body":"普通通知内容","clickAction":{"actionType":0},"notifyId":12345}},"target":{"token":["IQAAAA**********4Tw"]},"pushOptions":{"testMessage":true}}',
    })
  })

  it.each(['0', '2147483647'])('carries the notifyId %s', async handle => {
    expect((await ask('revoke', { handle })).sending?.body).toMatch(new RegExp(`^\\{"notifyId":${handle},`))
    const { sending } = await ask('overlay', { handle })
    expect(JSON.parse(String(sending?.body))).toMatchObject({ payload: { notification: { notifyId: Number(handle) } } })
  })

  it('puts the batch into the body as it is', async () => {
    const json = '[ "with \\u0062lanks" ,"MsDZmCSyuS+Gd/=" ]'
    for (const step of ['revoke', 'overlay'] as const) {
      const { sending } = await ask(step, { tokens: { json: Buffer.from(json), count: 2 } })
      expect(String(sending?.body)).toContain(`"token":${json}`)
    }
  })

  it.each([
    ['no batch', null],
    ['an empty batch', batchOf([])],
    ['1,001 tokens', { json: Buffer.from('[]'), count: 1001 }],
  ])('is never made for %s', async (_, tokens) => {
    const { outcome, sent } = await ask('revoke', { tokens })
    expect(outcome.kind).toBe('refused')
    expect(sent).toHaveLength(0)
  })
})

describe('budgets', () => {
  it('count devices', () => {
    const lane = { name: 'tokens', kind: 'rate', perSecond: 6000, burst: 6000 }
    expect(huawei.fare('revoke', 640, freshCredentials())).toEqual([{ lane, cost: 640 }])
    expect(huawei.fare('overlay', 1000, freshCredentials({ ratePerSecond: 10 }))).toEqual([
      { lane: { ...lane, perSecond: 10, burst: 1000 }, cost: 1000 },
    ])
    expect(huawei.fare('status', 0, freshCredentials())).toEqual([])
  })
})
