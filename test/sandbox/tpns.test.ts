/** The stand-in of TPNS refuses what the documents refuse, with their codes. */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { tpnsTokenOf } from '../../sandbox/vendors/tpns/phones.ts'
import { createWorld, signTpns, type World } from './world.ts'

const stop = '/v3/push/stop_push_msg'
const revoke = '/v3/push/revoke_push_msg'
const cancel = '/v3/push/cancel_timing_task'
const push = '/v3/push/app'
const record = '/v3/statistics/get_push_record'

let world: World
let pushId: string
let collapseId: number
beforeEach(() => {
  world = createWorld()
  ;({ pushId, collapseId } = world.tpns.push({ app: 'news-android', title: 't', content: 'c', audience: 'all' }))
})
const code = (...request: Parameters<World['callTpns']>): string => world.callTpns(...request).code
const overlay = (changes: object = {}): object => ({
  audience_type: 'all',
  platform: 'android',
  message_type: 'notify',
  message: { title: '覆盖00001条消息', content: '今天天气不错哦' },
  collapse_id: collapseId,
  force_collapse: false,
  ...changes,
})

describe('who calls', () => {
  it('signs like the vector in the documents', () => {
    const body =
      '{"audience_type": "account","platform": "android","message": {"title": "test title","content": "test content","android": { "action": {"action_type": 3,"intent": "xgscheme://com.xg.push/notify_detail?param1=xg"}}},"message_type": "notify","account_list": ["5822f0eee44c3625ef0000bb"] }'
    expect(signTpns('1452fcebae9f3115ba794fb0fff2fd73', '1565314789', '1500001048', body)).toBe(
      'Y2QyMDc3NDY4MmJmNzhiZmRiNDNlMTdkMWQ1ZDU2YjNlNWI3ODlhMTY3MGZjMTUyN2VmNTRjNjVkMmQ3Yjc2ZA==',
    )
  })
  it('takes the right signature, over the very bytes, and no other', () => {
    const { accessId, secretKey } = world.tpnsState.apps['news-android']
    const timestamp = String(world.now() / 1000)
    const body = JSON.stringify({ pushId })
    const sign = signTpns(secretKey, timestamp, accessId, body)
    const with_ = (headers: { [name: string]: string }, text = body) => world.callTpns(stop, text, { headers })
    expect(with_({}).code).toBe('0')
    expect(with_({ sign }, `${body} `).code).toBe('1008003')
    // the trap of the page: Base64 of the raw digest
    const raw = createHmac('sha256', secretKey).update(timestamp + accessId + body)
    expect(with_({ sign: raw.digest('base64') }).code).toBe('1008003')
    expect(with_({ sign: '' })).toMatchObject({ code: '1008003', httpStatus: 200 })
    expect(with_({ accessid: '1500001049' })).toMatchObject({ code: '1008035', httpStatus: 403 })
    expect(with_({ accessid: world.tpnsState.apps['news-ios'].accessId }).code).toBe('1008003')
    fc.assert(
      fc.property(fc.nat(sign.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Buffer.from(sign)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        expect(with_({ sign: flipped.toString('latin1') }).code).toBe('1008003')
      }),
      { numRuns: 200 },
    )
  })
  it.each([
    [-301, 403],
    [-299, 200],
    [299, 200],
    [301, 403],
  ])('a clock %i s off: HTTP %i', (seconds, httpStatus) => {
    const { accessId, secretKey } = world.tpnsState.apps['news-android']
    const timestamp = String(world.now() / 1000 + seconds)
    const body = JSON.stringify({ pushId })
    const sign = signTpns(secretKey, timestamp, accessId, body)
    expect(world.callTpns(stop, body, { headers: { timestamp, sign } }).httpStatus).toBe(httpStatus)
  })
  it.each(['', '17950000', '1795000000000', '1795000000.5', 'now'])('no seconds: %s', timestamp => {
    expect(world.callTpns(stop, { pushId }, { headers: { timestamp } })).toMatchObject({
      code: '1008003',
      httpStatus: 403,
    })
  })
  it('takes Basic auth, which is documented too', () => {
    const { accessId, secretKey } = world.tpnsState.apps['news-android']
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}`, sign: 'x' })
    expect(code(stop, { pushId }, { headers: basic(`${accessId}:${secretKey}`) })).toBe('0')
    expect(code(stop, { pushId }, { headers: basic(`${accessId}:${secretKey}x`) })).toBe('1008003')
    expect(code(stop, { pushId }, { headers: basic(`1:${secretKey}`) })).toBe('1008035')
  })
  it('answers nobody at its gateway, and knows no other path or method', () => {
    const request = {
      method: 'POST',
      path: stop,
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{}'),
    }
    expect(world.tpns.judge(request)).toMatchObject({ httpStatus: 403, contentType: 'text/html' })
    expect(world.tpns.judge({ ...request, method: 'GET' }).httpStatus).toBe(405)
    expect(world.tpns.judge({ ...request, path: '/v3/push/toString' }).httpStatus).toBe(404)
  })
})

describe('control requests', () => {
  it.each([
    ['no JSON', '{"pushId"', '1008001'],
    ['a list', '[]', '1008001'],
    ['nothing', '', '1008001'],
    ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), '1008001'],
    ['no id', '{}', '1008002'],
    ['a number', '{"pushId":1328245138690125824}', '1008007'],
    ['no digits', '{"pushId":"x1"}', '1008007'],
    ['two ids', '{"pushId":"1","pushid":"2"}', '1008007'],
    ['an unknown id', '{"pushId":"1"}', '1008015'],
  ])('%s', (_what, body, expected) => {
    for (const path of [stop, revoke, cancel]) expect(code(path, body), path).toBe(expected)
  })
  it('wants JSON to be called so', () => {
    expect(code(stop, { pushId }, { headers: { 'content-type': 'text/plain' } })).toBe('1008001')
    expect(code(stop, { pushId }, { headers: { 'content-type': 'application/json; charset=utf-8' } })).toBe('0')
  })
  it("does not know another app's push", () => {
    expect(code(stop, { pushId }, { app: 'news-ios' })).toBe('1008015')
  })
  it.each(['token', 'token_list', 'account', 'account_list', 'package_token_push'] as const)(
    '%s cannot be taken back',
    audience => {
      const names = [tpnsTokenOf(world.phone('tpns'))]
      const task = world.tpns.push({ app: 'news-android', title: 't', content: 'c', audience, names })
      for (const path of [stop, revoke]) expect(code(path, { pushId: task.pushId })).toBe('1008007')
    },
  )
  it.each(['tag', 'package_account_push'] as const)('%s can', audience => {
    const task = world.tpns.push({ app: 'news-android', title: 't', content: 'c', audience })
    expect(code(revoke, { pushId: task.pushId })).toBe('0')
  })
  it('reads the member that it is told to', () => {
    world.switches.tpns.pushIdField = 'pushid'
    expect([code(stop, { pushId }), code(stop, { pushid: pushId }), code(stop, { pushId, pushid: pushId })]).toEqual([
      '1008002',
      '0',
      '0',
    ])
    world.switches.tpns.pushIdField = 'pushId'
    expect([code(stop, { pushId }), code(stop, { pushid: pushId })]).toEqual(['0', '1008002'])
  })
  it('answers in the dialect that it is told to', () => {
    expect(world.callTpns(stop, { pushId }).text).toBe('{"retCode":0,"errMsg":"NO_ERROR"}')
    world.switches.tpns.controlAnswers = 'snake_case'
    expect(JSON.parse(world.callTpns(stop, { pushId }).text)).toMatchObject({ ret_code: 0, err_msg: 'NO_ERROR' })
    expect(JSON.parse(world.callTpns(stop, { pushId: '1' }).text)).toMatchObject({ ret_code: 1008015 })
  })
  it('says the same again, and a stop takes nothing from a revoke', () => {
    expect([code(revoke, { pushId }), code(revoke, { pushId }), code(stop, { pushId })]).toEqual(['0', '0', '0'])
    expect(world.tpnsState.tasks[0]?.status).toBe('PUSH_REVOKED')
  })
  it('refuses revoke where that is taken offline', () => {
    world.switches.tpns.revokeRetired = true
    expect(code(revoke, { pushId })).toBe('1008007')
    expect(world.tpnsState.tasks[0]?.status).toBe('PUSH_FINISHED')
  })
})

describe('pushes', () => {
  it.each([
    ['a foreign collapse id', { collapse_id: 4_000_000_000 }, '1008007'],
    ['text as collapse id', { collapse_id: '1' }, '1008007'],
    ['a fraction', { collapse_id: 1.5 }, '1008007'],
    ['over 32 bits', { collapse_id: 2 ** 32 }, '1008007'],
    ['no audience', { audience_type: undefined }, '1008002'],
    ['an unknown audience', { audience_type: 'everybody' }, '1008007'],
    ['tags without tags', { audience_type: 'tag' }, '1008002'],
    ['tags that are none', { audience_type: 'tag', tag_rules: [{ tag_items: [] }] }, '1008007'],
    [
      'too many tags',
      { audience_type: 'tag', tag_list: { tags: Array.from({ length: 501 }, (_, n) => `t${n}`) } },
      '1008007',
    ],
    ['tokens as text', { audience_type: 'token_list', token_list: 'x' }, '1008007'],
    ['1,001 tokens', { audience_type: 'token_list', token_list: Array.from({ length: 1001 }, () => 'x') }, '1008007'],
    ['a long token', { audience_type: 'token', token_list: ['x'.repeat(37)] }, '1008029'],
    ['an overlay to tokens', { audience_type: 'token', token_list: ['x'] }, '1008007'],
    ['an unknown package', { audience_type: 'package_account_push', upload_id: 9 }, '10010005'],
    ['no message', { message: undefined }, '1008002'],
    ['no title', { message: { content: 'c' } }, '1008002'],
    ['a number as title', { message: { title: 1, content: 'c' } }, '1008007'],
    ['over 4 KB', { message: { title: 't', content: '文'.repeat(1400) } }, '1008007'],
    ['another platform', { platform: 'ios' }, '1008007'],
    ['force as text', { force_collapse: 'false' }, '1008007'],
    [
      'custom_content on an overlay',
      { message: { title: 't', content: 'c2', android: { custom_content: '{"a":1}' } } },
      '1008007',
    ],
    [
      'both notify and silent',
      { message: { title: 't', content: 'c', android: { 'content-available': 1 } } },
      '1008007',
    ],
    ['a long expiry', { expire_time: 259_201 }, '1008007'],
    [
      'a looped one',
      { loop_param: { startDate: '2026-11-18', endDate: '2026-12-18', loopType: 1, dayTimes: ['10:00:00'] } },
      '1008007',
    ],
    ['eleven minutes ago', { send_time: '2026-11-18 18:55:40' }, '10010012'],
    ['a time of another form', { send_time: '2026-11-18T19:06:40' }, '10010012'],
    ['in 91 days', { send_time: '2027-02-18 19:06:40' }, '10010012'],
  ])('refuses %s', (_what, changes, expected) => {
    expect(code(push, overlay(changes))).toBe(expected)
    expect(world.tpnsState.tasks.length).toBe(1)
  })
  it.each([
    ['as the documents print it', {}],
    ['zero and empty as absent', { collapse_id: 0, upload_id: 0, send_time: '', platform: '' }],
    ['of all platforms', { platform: 'all' }],
    ['an expiry that is raised', { expire_time: 1 }],
    ['to a tag', { audience_type: 'tag', tag_list: { tags: ['news'], op: 'OR' } }],
    ['an intent', { message: { title: 't', content: 'c2', android: { action: { action_type: 3, intent: 'x://y' } } } }],
    ['an empty custom_content', { message: { title: 't', content: 'c2', android: { custom_content: '{}' } } }],
    ['ten minutes ago', { send_time: '2026-11-18 18:57:00' }],
  ])('takes one %s', (_what, changes) => {
    expect(code(push, overlay(changes))).toBe('0')
    expect(world.tpnsState.tasks.length).toBe(2)
  })
  it('waits for send_time, in the time of China', () => {
    expect(new Date(world.now()).toISOString()).toBe('2026-11-18T11:06:40.000Z')
    expect(code(push, overlay({ collapse_id: 0, send_time: '2026-11-18 19:07:40' }))).toBe('0')
    const task = world.tpnsState.tasks[1]
    expect([task?.status, (task?.sendAtMs ?? 0) - world.now()]).toEqual(['PUSH_WAIT', 60_000])
  })
  it('wants the environment on iOS', () => {
    const ios = overlay({ platform: 'ios', collapse_id: 0 })
    expect(code(push, ios, { app: 'news-ios' })).toBe('1008002')
    expect(code(push, { ...ios, environment: 'test' }, { app: 'news-ios' })).toBe('1008007')
    expect(
      code(push, { ...ios, environment: 'dev', message: { title: 't', content: 'c', ios: {} } }, { app: 'news-ios' }),
    ).toBe('1008002')
    expect(code(push, { ...ios, environment: 'dev' }, { app: 'news-ios' })).toBe('0')
  })
  it('takes one wide push a second', () => {
    expect(code(push, overlay({ message: { title: 'a', content: 'a' } }))).toBe('0')
    world.clock.nowMs += 999
    expect(code(push, overlay({ message: { title: 'b', content: 'b' } }))).toBe('1008028')
    world.clock.nowMs += 1
    expect(code(push, overlay({ message: { title: 'b', content: 'b' } }))).toBe('0')
    const single = { audience_type: 'token', token_list: [tpnsTokenOf(world.phone('tpns'))], collapse_id: 0 }
    expect(code(push, overlay(single))).toBe('0')
  })
  it('takes the same full push once an hour, the sender’s own included', () => {
    expect(code(push, overlay({ message: { title: 't', content: 'c' } }))).toBe('10010018')
    expect(code(push, overlay())).toBe('0')
    world.clock.nowMs += 3_599_000
    expect(code(push, overlay())).toBe('10010018')
    world.clock.nowMs += 1000
    expect(code(push, overlay())).toBe('0')
  })
  it('cannot overlay what still waits, or was cancelled', () => {
    const sendAtMs = world.now() + 60_000
    const waiting = world.tpns.push({ app: 'news-android', title: 'w', content: 'c', audience: 'all', sendAtMs })
    expect(code(push, overlay({ collapse_id: waiting.collapseId }))).toBe('1008007')
    code(cancel, { pushId: waiting.pushId })
    expect(code(push, overlay({ collapse_id: waiting.collapseId }))).toBe('1008007')
  })
  it('reaches the tags it names and no others', () => {
    const rule = (tags: string[], more: object = {}) => ({
      tags,
      tags_operator: 'AND',
      tag_type: 'xg_user_define',
      ...more,
    })
    const reached = (tag_rules: object[]) => {
      const fresh = createWorld()
      const body = overlay({ audience_type: 'tag', collapse_id: 0, tag_rules })
      expect(fresh.callTpns(push, body).code).toBe('0')
      return fresh.fleet.ofApp('news-android').filter(({ mark }) => mark !== 'none')
    }
    const has = (...tags: string[]) =>
      world.fleet
        .ofApp('news-android')
        .filter(phone => tags.every(tag => phone.tags.includes(tag)))
        .map(({ id }) => id)
    expect(reached([{ tag_items: [rule(['news', 'sports'])] }]).map(({ id }) => id)).toEqual(has('news', 'sports'))
    expect(reached([{ tag_items: [rule(['news']), rule(['sports'], { items_operator: 'AND' })] }]).length).toBe(
      has('news', 'sports').length,
    )
    expect(reached([{ tag_items: [rule(['news']), rule(['sports'], { items_operator: 'OR' })] }]).length).toBe(
      has('news').length + has('sports').length - has('news', 'sports').length,
    )
    expect(reached([{ tag_items: [rule(['news'], { is_not: true })] }]).length).toBe(300 - has('news').length)
    // Tencent's SDK leaves them empty where there is nothing to join
    const empty = { tags_operator: '', items_operator: '' }
    expect(reached([{ tag_items: [rule(['news'], empty)], operator: '' }]).length).toBe(has('news').length)
  })
  it('shows no notification for a pass-through message', () => {
    expect(code(push, overlay({ message_type: 'message', collapse_id: 0 }))).toBe('0')
    expect(world.phone('tpns').notices.length).toBe(1)
  })
})

describe('records', () => {
  it('prints the id as a bare number beyond 2^53, and the members of the sample in their order', () => {
    const { text } = world.callTpns(record, { pushId })
    expect(pushId).toMatch(/^132824513[89]\d{9}$/)
    expect(text).toContain(`"pushId":${pushId},"title"`)
    const [row] = JSON.parse(text).pushRecordData
    expect(Object.keys(row)).toEqual(
      'date pushId title content status pushType targetList tagSet uploadId expireTime messageType xgMediaResources environment collapseID pushConfig multiPkg'.split(
        ' ',
      ),
    )
    expect(row).toMatchObject({
      date: '2026-11-18 19:06:40',
      status: 'PUSH_FINISHED',
      pushType: 'all',
      collapseID: collapseId,
    })
  })
  it('tells tags as one operator over all of them, or not at all', () => {
    const tagSet = (tag_rules: object[]) => {
      world.clock.nowMs += 1000
      const { text } = world.callTpns(push, overlay({ audience_type: 'tag', collapse_id: 0, tag_rules }))
      const { push_id } = JSON.parse(text)
      return JSON.parse(world.callTpns(record, { pushId: push_id }).text).pushRecordData[0].tagSet
    }
    const item = { tags: ['news'], tag_type: 'xg_user_define' }
    const sports = { tags: ['sports'], tag_type: 'xg_user_define', items_operator: 'AND' }
    expect(tagSet([{ tag_items: [item, sports] }])).toEqual({
      op: 'AND',
      tagWithType: [
        { tagTypeName: 'xg_user_define', tagValue: 'news' },
        { tagTypeName: 'xg_user_define', tagValue: 'sports' },
      ],
    })
    expect(tagSet([{ tag_items: [{ ...item, is_not: true }] }])).toBeNull()
    expect(tagSet([{ tag_items: [item] }, { tag_items: [sports] }])).toBeNull()
  })
  it('counts 200 queries an hour, of each app', () => {
    for (let i = 0; i < 200; i++) expect(code(record, { pushId })).toBe('0')
    expect(code(record, { pushId })).toBe('1008028')
    expect(code(record, { pushId }, { app: 'news-ios' })).toBe('1008015')
    world.clock.nowMs += 3_600_000
    expect(code(record, { pushId })).toBe('0')
    world.switches.tpns.queriesUsedUp = true
    expect(code(record, { pushId })).toBe('1008028')
  })
  it('lists what went out by days, newest first', () => {
    world.tpns.push({ app: 'news-android', title: 'tagged', content: 'c', audience: 'tag' })
    const days = { startDate: '2026-11-18', endDate: '2026-11-18' }
    const list = (more: object = {}) => JSON.parse(world.callTpns(record, { ...days, ...more }).text)
    expect(list()).toMatchObject({
      retCode: 0,
      count: 2,
      pushRecordData: [{ title: 'tagged' }, { pushId, source: 'api' }],
    })
    expect(list({ limit: 1, offset: 1 }).pushRecordData.map((row: { title: string }) => row.title)).toEqual(['t'])
    expect(list({ pushType: 'tag' }).count).toBe(1)
    expect(list({ startDate: '2026-11-19', endDate: '2026-11-19' }).count).toBe(0)
    expect(list({ startDate: '2026-07-01' }).retCode).toBe(1008016)
    expect(list({ startDate: '18.11.2026' }).retCode).toBe(1008016)
    expect(list({ limit: 201 }).retCode).toBe(1008007)
  })
})
