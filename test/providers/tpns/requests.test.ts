import { describe, expect, it } from 'vitest'
import { signTpns, tpns } from '../../../shared/providers/tpns/index.ts'
import { openCredentials } from '../subject.ts'
import { singleTask, taskList } from './recorded.ts'
import { android, ask, document, record, recordOf, secretKey, targetOf } from './app.ts'

describe('the TPNS signature', () => {
  it("matches the documents' example", () => {
    const body =
      '{"audience_type": "account","platform": "android","message": {"title": "test title","content": "test content","android": { "action": {"action_type": 3,"intent": "xgscheme://com.xg.push/notify_detail?param1=xg"}}},"message_type": "notify","account_list": ["5822f0eee44c3625ef0000bb"] }'
    expect(signTpns(secretKey, '1565314789', '1500001048', body)).toBe(
      'Y2QyMDc3NDY4MmJmNzhiZmRiNDNlMTdkMWQ1ZDU2YjNlNWI3ODlhMTY3MGZjMTUyN2VmNTRjNjVkMmQ3Yjc2ZA==',
    )
  })
})

describe("the documents' literal requests", () => {
  const lower = openCredentials(tpns, { ...document, pushIdField: 'pushid' })

  it('stop of push 43214535', async () => {
    const { sending, outcome } = await ask('stop', targetOf('43214535'), { credentials: lower })
    expect(sending).toMatchObject({
      method: 'POST',
      url: 'https://api.tpns.tencent.com/v3/push/stop_push_msg',
      body: '{"pushid":"43214535"}',
    })
    expect(outcome.kind).toBe('accepted')
  })

  it('revoke of push 150032', async () => {
    const { sending } = await ask('revoke', targetOf('150032'), { credentials: lower })
    expect(sending).toMatchObject({
      url: 'https://api.tpns.tencent.com/v3/push/revoke_push_msg',
      body: '{"pushid":"150032"}',
    })
  })

  it.each(['stop', 'revoke'] as const)('%s of the waiting push 15003211 cancels it', async step => {
    const { sending } = await ask(step, targetOf('15003211', recordOf({}, 'PUSH_WAIT')), { credentials: lower })
    expect(sending).toMatchObject({
      url: 'https://api.tpns.tencent.com/v3/push/cancel_timing_task',
      body: '{"pushid":"15003211"}',
    })
  })

  it('overlay "覆盖00001条消息"', async () => {
    const { sending } = await ask('overlay', targetOf('1', record))
    expect(sending).toMatchObject({
      url: 'https://api.tpns.tencent.com/v3/push/app',
      body: '{"audience_type":"all","collapse_id":1,"force_collapse":false,"message_type":"notify","message":{"title":"覆盖00001条消息","content":"今天天气不错哦"},"platform":"android"}',
    })
  })

  it('the record of push 133703', async () => {
    const reading = await ask('status', targetOf('133703'), { text: singleTask })
    expect(reading.sending).toMatchObject({
      url: 'https://api.tpns.tencent.com/v3/statistics/get_push_record',
      body: '{"pushId":"133703"}',
    })
    expect(reading.record).toEqual({
      status: 'PUSH_FINISHED',
      scheduled: false,
      detail: {
        pushType: 'tag',
        messageType: 'notify',
        environment: 'product',
        collapseID: 0,
        uploadId: null,
        tagSet: { op: 'OR', tagWithType: [{ tagTypeName: 'xg_user_define', tagValue: 'test68' }] },
        expireTime: 86400,
        multiPkg: false,
        source: null,
      },
    })
  })
})

describe('a control request', () => {
  it.each([
    ['both', '{"pushId":"7","pushid":"7"}'],
    ['pushId', '{"pushId":"7"}'],
    ['pushid', '{"pushid":"7"}'],
  ])('names the push with %s', async (pushIdField, body) => {
    const credentials = openCredentials(tpns, { ...document, pushIdField })
    expect((await ask('stop', targetOf('7'), { credentials })).sending?.body).toBe(body)
  })

  it.each([
    ['guangzhou', 'https://api.tpns.tencent.com'],
    ['shanghai', 'https://api.tpns.sh.tencent.com'],
    ['hongkong', 'https://api.tpns.hk.tencent.com'],
    ['singapore', 'https://api.tpns.sgp.tencent.com'],
  ])('goes to %s at its address', async (region, address) => {
    const credentials = openCredentials(tpns, { ...document, region })
    expect((await ask('stop', targetOf('7'), { credentials })).sending?.url).toBe(`${address}/v3/push/stop_push_msg`)
  })

  it('goes to the endpoint where one is set', async () => {
    const credentials = openCredentials(tpns, { ...document, endpoint: 'http://127.0.0.1:9/tpns//' })
    expect((await ask('stop', targetOf('7'), { credentials })).sending?.url).toBe(
      'http://127.0.0.1:9/tpns/v3/push/stop_push_msg',
    )
  })
})

describe('a status reading', () => {
  it('keeps ids beyond 2^53', async () => {
    const text = `{"retCode":0,"pushRecordData":[{"pushId":1328245138690125824,"status":"PUSH_WAIT","uploadId":9007199254740993,"collapseID":4294967295}]}`
    const { record: read } = await ask('status', targetOf('1328245138690125824'), { text })
    expect(read).toMatchObject({
      status: 'PUSH_WAIT',
      scheduled: true,
      detail: { uploadId: '9007199254740993', collapseID: 4294967295 },
    })
    // its neighbour, which a double takes for the same
    const other = await ask('status', targetOf('1328245138690125825'), { text })
    expect(other).toMatchObject({ record: null, outcome: { kind: 'unknown' } })
  })

  it('finds its push among others, whose ids are text', async () => {
    const { record: read } = await ask('status', targetOf('12'), { text: taskList })
    expect(read).toMatchObject({ status: 'PUSH_FINISHED', detail: { pushType: 'all', multiPkg: true } })
  })

  it('says that an hour of queries is used up', async () => {
    const { outcome } = await ask('status', targetOf('12'), { text: '{"retCode":1008028,"errMsg":"request too fast"}' })
    expect(outcome).toMatchObject({ kind: 'throttled', quota: true })
  })

  it.each([
    ['no status', '{"pushId":"12"}'],
    ['a status that is none', '{"pushId":"12","status":7}'],
    ['a status of prose', '{"pushId":"12","status":"finished, more or less"}'],
    ['text for a record', '"12"'],
  ])('takes no record with %s', async (_, row) => {
    const { record: read, outcome } = await ask('status', targetOf('12'), {
      text: `{"retCode":0,"pushRecordData":[${row}]}`,
    })
    expect(read).toBeNull()
    expect(outcome.kind).toBe('unknown')
  })
})

describe('budgets', () => {
  it('are one push a second and 200 queries an hour, a share of them for each purpose', () => {
    expect(tpns.fare('overlay', 0, android)).toEqual([
      { lane: { name: 'push', kind: 'rate', perSecond: 1, burst: 1 }, cost: 1 },
    ])
    expect(tpns.fare('status', 0, android)).toEqual([
      {
        lane: {
          name: 'query',
          kind: 'window',
          limit: 200,
          windowMs: 3_600_000,
          shares: {
            proof: { calls: 80, kept: true, borrows: true },
            overlay: { calls: 40, kept: true },
            look: { calls: 28 },
            discover: { calls: 24 },
            figures: { calls: 12 },
            people: { calls: 16 },
          },
        },
        cost: 1,
      },
    ])
    expect(tpns.fare('stop', 0, android)).toEqual([])
  })

  it('follow ratePerSecond, save for queries', () => {
    const fast = openCredentials(tpns, { ...document, ratePerSecond: 500 })
    expect(tpns.fare('revoke', 0, fast)).toMatchObject([{ lane: { perSecond: 500, burst: 500 } }])
    expect(tpns.fare('overlay', 0, fast)).toMatchObject([{ lane: { perSecond: 500 } }])
    expect(tpns.fare('status', 0, fast)).toEqual(tpns.fare('status', 0, android))
  })
})
