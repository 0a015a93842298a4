/** What is asked of Getui, member by member, and what is made of answers that mean more than yes or no. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getui } from '../../../shared/providers/getui/index.ts'
import { signOf } from '../../../shared/providers/getui/login.ts'
import { getuiSentences } from '../../../shared/providers/getui/texts.ts'
import type { Audience, VendorRecord } from '../../../shared/providers/provider.ts'
import { fakeSend, received } from '../fake-send.ts'
import { callOf } from '../subject.ts'
import {
  appId,
  appKey,
  ask,
  at,
  batch,
  cid,
  content,
  credentials,
  masterSecret,
  names,
  recordText,
  reply,
  sent,
  session,
  taskId,
} from './app.ts'

const base = `https://restapi.getui.com/v2/${appId}`
const waiting: VendorRecord = { status: 'do_not_send', scheduled: true, detail: {} }

describe('a login', () => {
  const open = async (text: string, status = 200) => {
    const { send, sent: sendings } = fakeSend(received(text, status))
    const opened = await getui.login?.open({ credentials, send, timeoutMs: 1000, now: () => at })
    return { opened, sending: sendings[0] }
  }
  it('is signed as the documents say', async () => {
    expect(signOf('appkeyAPPKEY0000000000', '1764331200000', 'masterSECRET0000000000')).toBe(
      'c0dbab1ecd097686c938d4da398064bfc79356a0b96b1012c7c0e075f95592e3',
    )
    const { sending } = await open(reply(1))
    expect(sending).toMatchObject({ method: 'POST', url: `${base}/auth` })
    const timestamp = String(at)
    expect(JSON.parse(String(sending?.body))).toEqual({
      sign: signOf(appKey, timestamp, masterSecret),
      timestamp,
      appkey: appKey,
    })
  })
  it('is good until half an hour before its end, by our clock', async () => {
    const token = 'ab'.repeat(32)
    const freshFor = async (expire: unknown) => {
      const { opened } = await open(reply(0, 'success', { expire_time: expire, token }))
      return opened !== undefined && 'session' in opened ? opened.session.freshUntilMs - at : null
    }
    expect(await freshFor(String(at + 86_400_000))).toBe(86_400_000 - 1_800_000)
    expect(await freshFor(at + 86_400_000)).toBe(86_400_000 - 1_800_000)
    expect(await freshFor(String(at + 1_200_000))).toBe(600_000)
    // their clock is behind, and ours ahead
    expect(await freshFor(String(at - 1))).toBe(30_000)
    expect(await freshFor('soon')).toBeNull()
  })
  it.each([
    [reply(20001, 'sign is invalid'), 400, 'auth'],
    [reply(10002, 'blacklist'), 401, 'auth'],
    [reply(301, 'domain'), 200, 'auth'],
    [reply(30028, '?'), 403, 'auth'],
    [reply(10003, 'too many'), 401, 'throttled'],
    [reply(10005, 'too many'), 401, 'throttled'],
    [reply(20001, 'sign is invalid'), 500, 'unknown'],
    ['', 503, 'throttled'],
    ['<html></html>', 200, 'unknown'],
    [reply(0, 'success', { token: 'a b\r\nc: d', expire_time: String(at + 1) }), 200, 'unknown'],
  ])('answered with %s and %i is %s', async (text, status, kind) => {
    const { opened } = await open(text, status)
    const mend = text.includes('301') ? { advice: getuiSentences['getui_host']?.[0] } : {}
    expect(opened).toMatchObject({ outcome: { kind, ...mend } })
  })
  it('is shared by those who have the same app and secrets, and sealed with both', () => {
    expect(getui.login?.id(credentials)).toBe(`getui:${appId}`)
    expect(getui.login?.secret(credentials)).toContain(appKey)
    expect(getui.login?.secret(credentials)).toContain(masterSecret)
  })
})

describe('a stop', () => {
  it('ends the delivery of a task, and deletes one that waits', async () => {
    const { sending } = await ask('stop')
    expect(sending).toEqual({
      method: 'DELETE',
      url: `${base}/task/${taskId}`,
      headers: { token: session.value },
      body: '',
      timeoutMs: 1000,
    })
    expect((await ask('stop', { record: waiting })).sending?.url).toBe(`${base}/task/schedule/${taskId}`)
    expect((await ask('stop', { record: { ...waiting, scheduled: false } })).sending?.url).toBe(
      `${base}/task/${taskId}`,
    )
  })
  it('asks nobody without a task or a login', async () => {
    for (const step of ['stop', 'status', 'revoke'] as const) {
      const { sent: sendings, outcome } = await ask(step, { names: { notifyId: 7 } })
      expect([sendings.length, outcome.kind]).toEqual([0, 'refused'])
    }
    const { sent: none, outcome } = await ask('stop', { call: { session: null } })
    expect([none.length, outcome.kind]).toEqual([0, 'auth'])
  })
})

describe('a record', () => {
  it.each([
    ['do_not_send', 'send_result', 'do_not_send', true],
    ['has_delete', 'send_result', 'has_delete', false],
    ['send_success', 'send_result', 'send_success', false],
    ['failed', 'status', 'send_failed', false],
  ])('that says %s as %s', async (result, member, status, scheduled) => {
    const { record, sending } = await ask('status', { reply: received(recordText(result, member)) })
    expect(record).toEqual({ status, scheduled, detail: {} })
    expect(sending).toMatchObject({ method: 'GET', url: `${base}/task/schedule/${taskId}`, body: '' })
  })
})

describe('a push that is due', () => {
  const dueIn = (ms: number, date?: number) =>
    ask('status', {
      reply: received(recordText().replace('1795003600000', String(at + ms)), 200, {
        ...(date !== undefined && { date: new Date(date).toUTCString() }),
      }),
    })
  it('within a minute can be stopped, and deleted no more: by the clock of Getui', async () => {
    expect((await dueIn(90_000)).record).toMatchObject({ status: 'do_not_send', scheduled: true })
    expect((await dueIn(59_000)).record).toMatchObject({ status: 'do_not_send', scheduled: false })
    expect((await dueIn(90_000, at + 40_000)).record).toMatchObject({ scheduled: false })
    expect((await dueIn(59_000, at - 40_000)).record).toMatchObject({ scheduled: true })
    const { record } = await dueIn(30_000)
    expect((await ask('stop', { record })).sending).toMatchObject({ method: 'DELETE', url: `${base}/task/${taskId}` })
    const facts = { credentials, names, audience: null, record, overlay: null }
    expect(getui.assess('stop', facts).warnings.join(' ')).toMatch(/within a minute/)
    expect(getui.assess('revoke', facts).refusal).toMatch(/stop it/)
  })
})

describe('a revoke', () => {
  const old = { old_task_id: taskId }
  const body = {
    settings: { ttl: 259_200_000 },
    push_message: { revoke: { ...old, force: false } },
    push_channel: { android: { ups: { revoke: old } }, harmony: { revoke: old } },
  }
  it('is one message for each device, with a request id of its own that stays', async () => {
    const second = 'fedcba9876543210fedcba9876543210'
    const { sending, json } = await ask('revoke', { named: batch([cid, second]) })
    expect(sending).toMatchObject({ method: 'POST', url: `${base}/push/single/batch/cid` })
    expect(sending?.headers).toEqual({ 'Content-Type': 'application/json;charset=utf-8', token: session.value })
    const ids = json.msg_list.map(({ request_id }: { request_id: string }) => request_id)
    expect(json).toEqual({
      is_async: false,
      msg_list: [
        { request_id: ids[0], audience: { cid: [cid] }, ...body },
        { request_id: ids[1], audience: { cid: [second] }, ...body },
      ],
    })
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set(ids).size).toBe(2)
    expect((await ask('revoke', { named: batch([second]) })).json.msg_list[0].request_id).toBe(ids[1])
  })
  it.each<[Audience, string]>([
    ['all', '/push/all'],
    [{ tag: [{ key: 'custom_tag', values: ['news'], opt_type: 'and' }] }, '/push/tag'],
    [{ fast_custom_tag: 'vip' }, '/push/fast_custom_tag'],
    [{ alias: ['anna-of-the-news'] }, '/push/single/alias'],
  ])('of %j is one request', async (audience, path) => {
    const text = path.endsWith('alias')
      ? reply(0, 'success', { RASS_1: { 'anna-of-the-news': 'successed_online' } })
      : reply(0, 'success', { taskid: 'RASA_1118_aa' })
    const { sending, json, outcome } = await ask('revoke', {
      named: { by: 'audience', audience },
      reply: received(text),
    })
    expect(sending?.url).toBe(`${base}${path}`)
    expect(json).toEqual({ request_id: '2b1d0c5e8f2c4a1b9e3d7c6b5a4f3e2d', audience, ...body })
    expect(outcome.kind).toBe('accepted')
    const bare = await ask('revoke', { named: { by: 'audience', audience } })
    expect(bare.outcome.kind).toBe('unknown')
  })
  it('of a push without a notify_id leaves HarmonyOS out', async () => {
    expect((await ask('revoke', { names: { taskId } })).json.msg_list[0].push_channel).toEqual({
      android: { ups: { revoke: old } },
    })
  })
  it('never forces, whatever it is asked with', async () => {
    const anything = fc.record({
      names: fc.record({ taskId: fc.constant(taskId), notifyId: fc.nat(), force: fc.constant(1) }),
      audience: fc.constantFrom<Audience>('all', { fast_custom_tag: 'x', force: true }),
      isAudience: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(anything, async one => {
        const named = one.isAudience ? ({ by: 'audience', audience: one.audience } as const) : batch()
        const { json } = await ask('revoke', { names: one.names, named })
        const message = one.isAudience ? json : json.msg_list[0]
        expect(message.push_message).toEqual({ revoke: { ...old, force: false } })
      }),
      { seed: 20261129, numRuns: 50 },
    )
  })
})

describe('an overlay', () => {
  it('goes out under the notify_id, and to iPhones under their collapse id', async () => {
    const { json } = await ask('overlay', { content: { ...content, url: 'https://example.com/x' } })
    const { title, body } = content
    const shown = { title, body, notify_id: 48_213_907 }
    const click = { click_type: 'url', url: 'https://example.com/x' }
    expect(json.msg_list[0]).toMatchObject({
      settings: { ttl: 259_200_000 },
      push_message: { notification: { ...shown, ...click } },
      push_channel: {
        android: { ups: { notification: { ...shown, ...click } } },
        harmony: { notification: { ...shown, click_type: 'startapp' } },
        ios: { type: 'notify', aps: { alert: { title, body }, sound: 'default' }, 'apns-collapse-id': 'promo' },
      },
    })
    expect((await ask('overlay', { names: { notifyId: 7 } })).json.msg_list[0].push_channel).not.toHaveProperty('ios')
    expect((await ask('overlay', { names: { taskId } })).sent).toEqual([])
  })
  it('takes a time to live and a category, and says what is too long', () => {
    const invalid = (more: Partial<typeof content>) =>
      getui.assess('overlay', { credentials, names, audience: null, record: null, overlay: { ...content, ...more } })
        .invalid
    expect(invalid({ options: { ttl: 1000, category: 'NEWS' } })).toEqual([])
    expect(invalid({ title: '标'.repeat(50) })).toEqual([])
    const paths = (more: Partial<typeof content>) => invalid(more).map(({ path }) => path)
    expect(paths({ title: 'x'.repeat(51), body: 'x'.repeat(257), url: `https://${'x'.repeat(1024)}` })).toEqual([
      '/title',
      '/body',
      '/url',
    ])
    expect(paths({ options: { ttl: -2, category: '', force: true } })).toEqual([
      '/options/getui/force',
      '/options/getui/ttl',
      '/options/getui/category',
    ])
  })
})

describe('an answer for many devices', () => {
  it('counts each device once, whatever it names', async () => {
    const words = fc.constantFrom('successed_online', 'successed_offline', 'successed_ignore', 'else', null)
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 1, maxLength: 200 }), async each => {
        const cids = each.map((_, index) => `${index}`.padStart(32, 'c'))
        const data = Object.fromEntries(
          each.flatMap((word, index) => (word === null ? [] : [[`RASS_${index}_x`, { [cids[index] ?? '']: word }]])),
        )
        const stranger = { RASS_x: { ['f'.repeat(32)]: 'successed_online' } }
        const { outcome } = await ask('revoke', {
          named: batch(cids),
          reply: received(reply(0, 'success', { ...data, ...stranger })),
        })
        const ignored = each.filter(word => word === 'successed_ignore').length
        const unknown = each.filter(word => word === 'else' || word === null).length
        if (ignored + unknown === 0) expect(outcome.kind).toBe('accepted')
        else
          expect(outcome).toMatchObject({
            kind: 'partial',
            unknown,
            rejected: ignored === 0 ? [] : [{ reason: 'successed_ignore', count: ignored }],
          })
      }),
      { seed: 20261129, numRuns: 100 },
    )
  })
  it('that refuses some devices without naming them is asked for apart', async () => {
    const text = received(reply(20001, 'target user is invalid'), 400)
    expect((await ask('revoke', { named: batch([cid, 'b']), reply: text })).outcome).toMatchObject({
      kind: 'refused',
      apart: true,
    })
    expect((await ask('revoke', { reply: text })).outcome).toMatchObject({ kind: 'partial', unknown: 0 })
  })
  it('holds no device, no secret and no text', async () => {
    const words = `${cid} ${session.value} ${masterSecret} ${content.title} ${content.body}`
    const { outcome } = await ask('overlay', { reply: received(reply(1, words)) })
    for (const hidden of [cid, session.value, masterSecret, content.title, content.body])
      expect(JSON.stringify(outcome)).not.toContain(hidden)
    expect(sent).toContain(cid)
    const audience = { alias: ['anna-of-the-news'] }
    const said = await ask('revoke', {
      named: { by: 'audience', audience },
      reply: received(reply(1, 'anna-of-the-news')),
    })
    expect(JSON.stringify(said.outcome)).not.toContain('anna')
  })
})

describe('what is said before anybody is asked', () => {
  const assess = (operation: 'stop' | 'revoke' | 'overlay', more: object = {}) =>
    getui.assess(operation, { credentials, names, audience: null, record: null, overlay: null, ...more })
  const effect = (operation: 'stop' | 'revoke' | 'overlay', channel: string, more: object = {}) =>
    assess(operation, more).effects.find(one => one.channel === channel)?.effect

  it('refuses what lacks its name, and a stop of a push to one device', () => {
    expect(assess('stop', { names: { taskId: 'RASS_0109_3ed7bcb9' } }).refusal).toMatch(/RASS/)
    expect(assess('revoke', { names: { taskId: 'RASS_0109_3ed7bcb9' } }).refusal).toBeNull()
    expect(assess('stop', { names: { notifyId: 7 } }).refusal).toMatch(/taskId/)
    expect(assess('revoke', { names: { notifyId: 7 } }).refusal).toMatch(/taskId/)
    expect(assess('overlay', { names: { taskId } }).refusal).toMatch(/notifyId/)
  })
  it('sends nothing for what waits for its time but a stop, which then ends all of it', () => {
    for (const operation of ['revoke', 'overlay'] as const)
      expect(assess(operation, { record: waiting }).refusal).toMatch(/waits for its time/)
    expect(effect('stop', 'huawei')).toBe('none')
    expect(effect('stop', 'huawei', { record: waiting })).toBe('stopped')
  })
  it('promises nothing without the name that a channel goes by', () => {
    expect([effect('revoke', 'harmony'), effect('revoke', 'harmony', { names: { taskId } })]).toEqual([
      'removed',
      'none',
    ])
    expect([effect('overlay', 'apns'), effect('overlay', 'apns', { names: { notifyId: 7 } })]).toEqual([
      'replaced',
      'none',
    ])
  })
  it('charges a push to an audience to the few of a day', () => {
    const lanes = (step: 'stop' | 'revoke' | 'status', tokens: number) =>
      getui.fare(step, tokens, credentials).map(({ lane }) => lane.name)
    expect(lanes('revoke', 200)).toEqual(['requests'])
    expect(lanes('revoke', 0)).toEqual(['requests', 'broadcasts-minute', 'broadcasts'])
    expect([lanes('stop', 0), lanes('status', 0)]).toEqual([['requests'], ['requests']])
    const audiences: [Audience, boolean][] = [
      ['all', true],
      [{ tag: [{ key: 'custom_tag', values: ['news'], opt_type: 'and' }] }, true],
      [{ alias: ['anna'] }, false],
      [{ fast_custom_tag: 'vip' }, false],
    ]
    for (const [audience, isFew] of audiences) {
      const charged = getui.fare('revoke', 0, credentials, audience).map(({ lane }) => lane.name)
      expect(charged.includes('broadcasts'), JSON.stringify(audience)).toBe(isFew)
      const facts = { credentials, names, audience, record: null, overlay: null }
      expect(getui.assess('revoke', facts).warnings.join(' ').includes('a day has only a few')).toBe(isFew)
    }
  })
  it('to an alias whose devices nobody has seen for long reaches none', async () => {
    const named = { by: 'audience', audience: { alias: ['anna'] } } as const
    const of = (...states: string[]) =>
      ask('revoke', {
        named,
        reply: received(reply(0, 'success', { RASS_1: Object.fromEntries(states.map((one, n) => [`cid${n}`, one])) })),
      }).then(({ outcome }) => outcome)
    expect(await of('successed_ignore', 'successed_ignore')).toMatchObject({
      kind: 'partial',
      rejected: [{ reason: 'successed_ignore', count: 2 }],
      unknown: 0,
    })
    expect((await of('successed_ignore', 'successed_offline')).kind).toBe('accepted')
    expect((await of('perhaps')).kind).toBe('unknown')
  })
  it('proves the credential with a record that nobody has', async () => {
    const { send, sent: sendings } = fakeSend(received(reply(22002, 'task invalid')))
    expect((await getui.check?.ask(callOf(credentials, send, { session })))?.kind).toBe('not_found')
    expect(sendings[0]?.method).toBe('GET')
  })
})
