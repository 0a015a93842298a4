/** What is asked of OneSignal, byte by byte, and what is made of answers that mean more than yes or no. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Operation } from '../../../shared/operation.ts'
import { onesignal } from '../../../shared/providers/onesignal/index.ts'
import type { OverlayContent, VendorRecord } from '../../../shared/providers/provider.ts'
import { fakeSend, received } from '../fake-send.ts'
import { callOf, openCredentials } from '../subject.ts'
import {
  apiKey,
  appId,
  ask,
  at,
  batch,
  content,
  created,
  credentials,
  document,
  messageId,
  names,
  recordText,
  subscriptions,
} from './app.ts'

const path = `/notifications/${messageId}?app_id=${appId}`
const [first = '', second = ''] = subscriptions
const withErrors = (errors: unknown, id: string = JSON.parse(created).id) => received(JSON.stringify({ id, errors }))

describe('a stop', () => {
  it('is the request that the documents show', async () => {
    const { sending, outcome } = await ask('stop')
    expect(sending).toEqual({
      method: 'DELETE',
      url: `https://api.onesignal.com${path}`,
      headers: { Authorization: `Key ${apiKey}` },
      body: '',
      timeoutMs: 1000,
    })
    expect(outcome.kind).toBe('accepted')
  })
  it('goes where the endpoint says', async () => {
    const own = openCredentials(onesignal, { ...document, endpoint: 'http://127.0.0.1:9/one/' })
    expect((await ask('stop', { credentials: own })).sending?.url).toBe(`http://127.0.0.1:9/one${path}`)
  })
  it('asks nobody where OneSignal made no name', async () => {
    for (const step of ['stop', 'status'] as const) {
      const { sent, outcome, record } = await ask(step, { names: { collapseId: 'rc-8f2c' } })
      expect([sent.length, outcome.kind, record]).toEqual([0, 'refused', null])
    }
  })
  it('leaves a no without a reason to the record, and no other one', async () => {
    const said = async (text: string, status = 400) =>
      (await ask('stop', { reply: received(JSON.stringify({ errors: [text] }), status) })).outcome
    expect(await said('Bad Request')).toMatchObject({ kind: 'refused', reason: 'Bad Request', look: true })
    expect(await said('Your plan ended', 403)).not.toHaveProperty('look')
    expect(onesignal.capabilities.operations.stop).toMatchObject({ confirmedBy: ['CANCELED'], overBy: ['COMPLETED'] })
  })
  it('knows a 429 that lasts from one that is about the last second', async () => {
    const said = async (text: string) =>
      (await ask('stop', { reply: received(JSON.stringify({ errors: [text] }), 429, { 'retry-after': '7' }) })).outcome
    expect(await said('API rate limit exceeded')).toMatchObject({ quota: false, retryAfterMs: 7000 })
    expect(await said('Notification limit reached')).toMatchObject({ kind: 'throttled', quota: true })
    expect(await said('This app is disabled')).toMatchObject({ kind: 'throttled', quota: true })
  })
})

describe('the record', () => {
  const read = async (change: object) => ask('status', { reply: received(recordText(change)) })
  const later = at / 1000 + 60

  it('is asked for by id, in the app', async () => {
    const { sending } = await read({})
    expect(sending).toMatchObject({ method: 'GET', url: `https://api.onesignal.com${path}`, body: '' })
  })
  it.each<[string, object, boolean]>([
    ['CANCELED', { canceled: true, completed_at: null }, false],
    ['CANCELED', {}, false],
    ['COMPLETED', { canceled: false }, false],
    ['SCHEDULED', { canceled: false, completed_at: null, send_after: later }, true],
    ['SENDING', { canceled: false, completed_at: null, remaining: null }, false],
    ['SENDING', { canceled: false, completed_at: undefined, send_after: undefined }, false],
  ])('says %s by %j', async (status, change, scheduled) => {
    const { outcome, record } = await read(change)
    expect(outcome.kind).toBe('accepted')
    expect(record).toMatchObject({ status, scheduled })
    expect(Object.keys(onesignal.statuses ?? {})).toContain(status)
    expect(JSON.stringify(record)).not.toContain('a title')
  })
  it.each([
    { id: '1e2f3a4b-5c6d-4e7f-8091-000000000000' },
    { canceled: undefined },
    { canceled: 'true' },
    { canceled: 1 },
    { canceled: false, completed_at: 'yesterday' },
    { canceled: false, send_after: {} },
    { canceled: false, send_after: -1 },
  ])('is none with %j', async change => {
    const { outcome, record } = await read(change)
    expect([outcome.kind, record]).toEqual(['unknown', null])
  })
})

describe('an overlay', () => {
  it('is the request that the documents show', async () => {
    const { sending, text, outcome } = await ask('overlay', { reply: received(created) })
    expect(sending).toMatchObject({
      method: 'POST',
      url: 'https://api.onesignal.com/notifications?c=push',
      headers: { 'Content-Type': 'application/json; charset=utf-8', Authorization: `Key ${apiKey}` },
    })
    expect(text).toBe(
      `{"app_id":"${appId}","include_subscription_ids":["${first}","${second}"],"target_channel":"push",` +
        '"headings":{"en":"Withdrawn"},"contents":{"en":"See the app for the latest."},' +
        '"priority":5,"ttl":86400,"ios_interruption_level":"passive",' +
        '"collapse_id":"rc-8f2c","web_push_topic":"rc-8f2c","idempotency_key":"2b1d0c5e-8f2c-4a1b-9e3d-7c6b5a4f3e2d"}',
    )
    expect(outcome).toMatchObject({ kind: 'accepted', vendor: { requestId: 'c3f1a2b3-5c6d-4e7f-8091-a2b3c4d5e6f7' } })
  })
  it('takes options, and never its own names, recipients or English text from them', async () => {
    const options = {
      headings: { zh: '已撤回' },
      contents: { zh: '详见应用。' },
      ttl: 60,
      priority: 10,
      android_channel_id: 'quiet',
      collapse_id: 'another',
    }
    const { json } = await ask('overlay', {
      reply: received(created),
      content: { ...content, url: 'app://x', options },
    })
    expect(json).toMatchObject({
      headings: { zh: '已撤回', en: 'Withdrawn' },
      contents: { zh: '详见应用。', en: content.body },
      url: 'app://x',
      ttl: 60,
      priority: 10,
      android_channel_id: 'quiet',
      collapse_id: 'rc-8f2c',
    })
  })

  it('is for 1 to 20,000 subscriptions under a collapse id', async () => {
    for (const asked of [
      { named: batch([]) },
      { named: { by: 'tokens', json: Buffer.from('[]'), count: 20_001 } as const },
      { named: { by: 'task' } as const },
      { names: { messageId } },
    ]) {
      const { sent, outcome } = await ask('overlay', asked)
      expect([sent.length, outcome.kind]).toEqual([0, 'refused'])
    }
  })
  it('leaves out what is no UUID, for which OneSignal would refuse all, and counts it as rejected', async () => {
    const { json, outcome } = await ask('overlay', { reply: received(created), named: batch([first, 'T1', '']) })
    expect(json.include_subscription_ids).toEqual([first])
    expect(outcome).toMatchObject({ kind: 'partial', rejected: [{ reason: 'NOT_A_UUID', count: 2 }], unknown: 0 })
    const none = await ask('overlay', { named: batch(['T1']) })
    expect(none.sent).toHaveLength(0)
    expect(none.outcome).toMatchObject({ kind: 'partial', rejected: [{ reason: 'NOT_A_UUID', count: 1 }] })
    const silent = await ask('overlay', { reply: received('', 500), named: batch([first, 'T1']) })
    expect(silent.outcome.kind).toBe('unknown')
  })

  it.each<[string, unknown, object]>([
    [
      'a list',
      { invalid_player_ids: [second] },
      { rejected: [{ reason: 'invalid_player_ids', count: 1 }], unknown: 0 },
    ],
    [
      'another list, in capitals',
      { invalid_subscription_ids: [second.toUpperCase()] },
      { rejected: [{ reason: 'invalid_subscription_ids', count: 1 }], unknown: 0 },
    ],
    [
      'an object of lists',
      { invalid_aliases: { onesignal_id: [first, second] } },
      { rejected: [{ reason: 'invalid_aliases', count: 2 }], unknown: 0 },
    ],
    ['a list of strangers', { invalid_player_ids: ['x'] }, { rejected: [], unknown: 2 }],
    ['one of them twice', { invalid_player_ids: [first, first] }, { rejected: [], unknown: 2 }],
    ['a list that is none', { invalid_player_ids: 'all' }, { rejected: [], unknown: 2 }],
    ['a list nobody knows', { other_ids: [first] }, { rejected: [], unknown: 2 }],
    ['words', ['Something odd'], { rejected: [], unknown: 2 }],
  ])('that was made and names %s counts them', async (_, errors, counts) => {
    expect((await ask('overlay', { reply: withErrors(errors) })).outcome).toMatchObject({ kind: 'partial', ...counts })
  })
  it('that was made with empty errors is a yes', async () => {
    for (const errors of [null, [], {}])
      expect((await ask('overlay', { reply: withErrors(errors) })).outcome.kind).toBe('accepted')
  })
  it('that nobody gets is rejected by all', async () => {
    const { outcome } = await ask('overlay', { reply: withErrors(['All included players are not subscribed'], '') })
    expect(outcome).toMatchObject({ kind: 'partial', rejected: [{ reason: 'NOT_SUBSCRIBED', count: 2 }], unknown: 0 })
  })

  it('counts each subscription once, whatever lists OneSignal gives', async () => {
    const pool = Array.from({ length: 9 }, (_, n) => `f0a1b2c3-000${n}-4a7b-9d2e-6f2b1c0d9e8a`)
    const list = fc.array(fc.constantFrom(...pool, 'T1', 7 as never), { maxLength: 5 })
    const errors = fc.dictionary(
      fc.constantFrom('invalid_player_ids', 'invalid_subscription_ids', 'invalid_aliases', 'other'),
      fc.oneof(list, fc.record({ onesignal_id: list })),
    )
    await fc.assert(
      fc.asyncProperty(fc.subarray(pool, { minLength: 1 }), errors, fc.boolean(), async (tokens, value, made) => {
        const reply = made ? withErrors(value) : withErrors(value, '')
        const { outcome } = await ask('overlay', { reply, named: batch(tokens) })
        expect(['accepted', 'unknown', 'partial']).toContain(outcome.kind)
        if (outcome.kind !== 'partial') return
        const rejected = outcome.rejected.reduce((sum, { count }) => sum + count, 0)
        expect(rejected + outcome.unknown).toBeLessThanOrEqual(tokens.length)
        expect(outcome.rejected.every(({ count }) => count > 0)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('assessed', () => {
  const assess = (
    operation: Operation,
    own: object,
    overlay: OverlayContent | null = null,
    record: VendorRecord | null = null,
  ) => onesignal.assess(operation, { credentials, names: own as typeof names, audience: null, record, overlay })

  it('each operation wants its own name, and a revoke is none of OneSignal’s', () => {
    expect(assess('stop', { collapseId: 'a' }).refusal).toMatch(/messageId/)
    expect(assess('overlay', { messageId }).refusal).toMatch(/collapseId/)
    expect(assess('revoke', names).refusal).toMatch(/stop the message, or overlay it/)
    expect([assess('stop', { messageId }).refusal, assess('overlay', { collapseId: 'a' }).refusal]).toEqual([
      null,
      null,
    ])
  })
  it('a message that has gone out is told of, and asked for all the same', () => {
    const record = { status: 'COMPLETED', scheduled: false, detail: {} }
    const { refusal, warnings } = assess('stop', names, null, record)
    expect(refusal).toBeNull()
    expect(warnings[0]).toMatch(/was sent whole/)
  })

  it.each<[object, string]>([
    [{ collapse_id: 'x' }, '/options/onesignal/collapse_id'],
    [{ include_subscription_ids: [] }, '/options/onesignal/include_subscription_ids'],
    [{ idempotency_key: 'x' }, '/options/onesignal/idempotency_key'],
    [{ ttl: -1 }, '/options/onesignal/ttl'],
    [{ ttl: 2_419_201 }, '/options/onesignal/ttl'],
    [{ ttl: '60' }, '/options/onesignal/ttl'],
    [{ priority: 7 }, '/options/onesignal/priority'],
    [{ ios_interruption_level: 'loud' }, '/options/onesignal/ios_interruption_level'],
    [{ headings: { en: 'mine' } }, '/options/onesignal/headings'],
    [{ contents: { zh: 7 } }, '/options/onesignal/contents'],
    [{ contents: 'x' }, '/options/onesignal/contents'],
    [{ subtitle: [] }, '/options/onesignal/subtitle'],
    [{ data: [] }, '/options/onesignal/data'],
    [{ android_channel_id: '' }, '/options/onesignal/android_channel_id'],
  ])('the option %j is refused by its path', (options, at) => {
    expect(assess('overlay', names, { ...content, options: { ...options } }).invalid.map(fault => fault.path)).toEqual([
      at,
    ])
  })
})

describe('a check', () => {
  it.each([
    [404, 'Notification not found', 'not_found'],
    [400, 'The id is not known', 'unknown'],
    [400, 'Request is malformed: Failed to parse app_id from request', 'refused'],
    [400, 'Please include a header of Authorization', 'auth'],
    [403, 'Access denied', 'auth'],
    [403, 'Not in the plan', 'refused'],
  ])('answered with %i "%s" is %s', async (status, text, kind) => {
    const { send } = fakeSend(received(JSON.stringify({ errors: [text] }), status))
    expect((await onesignal.check?.ask(callOf(credentials, send)))?.kind).toBe(kind)
  })
})
