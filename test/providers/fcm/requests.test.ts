import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fcmCodes } from '../../../shared/providers/fcm/replies.ts'
import { fcm } from '../../../shared/providers/fcm/index.ts'
import { received } from '../fake-send.ts'
import { fcmReplies } from './recorded.ts'
import { ask, at, content, credentials, document, names, sentYes, session } from './app.ts'
import { callOf, openCredentials } from '../subject.ts'
import { fakeSend } from '../fake-send.ts'

const steps = ['stop', 'revoke', 'overlay'] as const

describe("the documents' literal request", () => {
  it('overlays under the tag, one body for three platforms', async () => {
    const { sending, message } = await ask('overlay', {
      content: { ...content, options: { android: { notification: { channel_id: 'quiet' } } } },
      names: { tag: 'rc-8f2c', collapseKey: 'rc-8f2c' },
    })
    expect(sending).toMatchObject({
      method: 'POST',
      url: 'https://fcm.googleapis.com/v1/projects/demo-project/messages:send',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${session.value}` },
    })
    expect(message).toEqual({
      token: 'T1',
      android: {
        priority: 'HIGH',
        ttl: '86400s',
        collapse_key: 'rc-8f2c',
        notification: {
          tag: 'rc-8f2c',
          title: 'Withdrawn',
          body: 'See the app for the latest.',
          channel_id: 'quiet',
        },
      },
      apns: {
        headers: {
          'apns-push-type': 'alert',
          'apns-priority': '10',
          'apns-collapse-id': 'rc-8f2c',
          'apns-expiration': '1795086400',
        },
        payload: {
          aps: {
            alert: { title: 'Withdrawn', body: 'See the app for the latest.' },
            'interruption-level': 'passive',
          },
        },
      },
      webpush: {
        headers: { TTL: '86400', Topic: 'rc-8f2c', Urgency: 'normal' },
        notification: {
          title: 'Withdrawn',
          body: 'See the app for the latest.',
          tag: 'rc-8f2c',
          silent: true,
          renotify: false,
        },
      },
    })
  })

  it('asks the app to remove, by data alone', async () => {
    expect((await ask('revoke')).message).toEqual({
      token: 'T1',
      data: { unpush_v: '1', unpush_op: 'remove', unpush_id: 'rc-8f2c', unpush_ts: '1795000000' },
      android: { priority: 'HIGH', ttl: '86400s' },
      apns: {
        headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
        payload: { aps: { 'content-available': 1 }, unpush: { v: 1, op: 'remove', id: 'rc-8f2c', ts: 1_795_000_000 } },
      },
      webpush: {
        headers: { TTL: '86400' },
        notification: { title: 'Updated', tag: 'rc-8f2c', silent: true, renotify: false },
      },
    })
  })

  it('stops by a data message under the collapse key, which shows nothing anywhere', async () => {
    const { message } = await ask('stop', { names: { collapseKey: 'promo' } })
    expect(message).toMatchObject({
      token: 'T1',
      data: { unpush_v: '1', unpush_op: 'stop', unpush_id: 'promo', unpush_ts: '1795000000' },
      android: { collapse_key: 'promo', ttl: '86400s' },
    })
    expect(JSON.stringify(message)).not.toContain('"notification"')
    expect(JSON.stringify(message)).not.toContain('"alert"')
  })

  it('carries the collapse key of the original, and no other', async () => {
    for (const step of ['revoke', 'overlay'] as const) {
      expect((await ask(step)).message.android).not.toHaveProperty('collapse_key')
      const { message } = await ask(step, { names: { tag: 'a', collapseKey: 'b' } })
      expect(message.android.collapse_key).toBe('b')
    }
  })

  it('is an overlay to a topic where the push went to one, and nothing else', async () => {
    const topic = { names: { tag: 'a', topic: 'news' }, named: { by: 'audience', audience: 'topic' } } as const
    const { message } = await ask('overlay', topic)
    expect(message).toMatchObject({ topic: 'news', android: { notification: { tag: 'a' } } })
    expect(message).not.toHaveProperty('token')
    for (const operation of ['stop', 'revoke'] as const) {
      const facts = {
        credentials,
        names: { ...topic.names, collapseKey: 'k' },
        audience: 'topic',
        record: null,
        overlay: null,
      }
      expect(fcm.assess(operation, facts).refusal).toMatch(/topic/)
    }
  })

  it.each([
    ['the task', { by: 'task' }],
    ['a batch', { by: 'tokens', json: Buffer.from('["T1"]'), count: 1 }],
    ['a topic that the target has not', { by: 'audience', audience: 'topic' }],
  ] as const)('is never made for %s', async (_, named) => {
    const { outcome, sent } = await ask('revoke', { named })
    expect(outcome.kind).toBe('refused')
    expect(sent).toHaveLength(0)
  })

  it('is never made without an access token', async () => {
    const { outcome, sent } = await ask('revoke', { call: { session: null } })
    expect(outcome.kind).toBe('auth')
    expect(sent).toHaveLength(0)
  })

  it('carries any token exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'binary' }), async token => {
        expect((await ask('revoke', { named: { by: 'token', token } })).message.token).toBe(token)
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['rc-8f2c', true],
    ['a', false],
    ['abcde', false],
    ['abcdef', true],
    ['news 1', false],
    ['新闻', false],
    ['x'.repeat(32), true],
    ['x'.repeat(33), false],
  ])('has a Topic for web push where the tag %s can be one', async (tag, isTopic) => {
    const { headers } = (await ask('overlay', { names: { tag } })).message.webpush
    expect(headers.Topic).toBe(isTopic ? tag : undefined)
  })
})

describe('a link', () => {
  it('goes along for apps, and is opened by browsers where it is https', async () => {
    const of = async (url: string) => (await ask('overlay', { content: { ...content, url } })).message
    expect(await of('https://a.example/x')).toMatchObject({
      data: { url: 'https://a.example/x' },
      webpush: { fcm_options: { link: 'https://a.example/x' } },
    })
    const inApp = await of('app://x')
    expect(inApp.data).toEqual({ url: 'app://x' })
    expect(inApp.webpush).not.toHaveProperty('fcm_options')
  })
})

describe('options', () => {
  const invalid = (options: object, more: object = {}) =>
    fcm
      .assess('overlay', {
        credentials,
        names,
        audience: null,
        record: null,
        overlay: { ...content, ...more, options: { ...options } },
      })
      .invalid.map(({ path }) => path)

  it.each<[object, readonly string[]]>([
    [{}, []],
    [{ android: { ttl: '3.5s', priority: 'NORMAL', notification: { icon: 'i' } } }, []],
    [{ apns: { headers: { 'apns-priority': '5' }, payload: { aps: { sound: 'default' }, mine: 1 } } }, []],
    [{ webpush: { notification: { icon: 'i' }, data: { a: 'b' }, fcm_options: { link: 'https://x.example/' } } }, []],
    [{ data: { a: 'b' } }, []],
    [{ none: 1 }, ['/options/fcm/none']],
    [{ android: 1 }, ['/options/fcm/android']],
    [{ android: { notification: { tag: 'mine' } } }, ['/options/fcm/android/notification/tag']],
    [{ android: { ttl: '2419201s' } }, ['/options/fcm/android/ttl']],
    [{ android: { ttl: 60 } }, ['/options/fcm/android/ttl']],
    [{ apns: { headers: { 'APNS-Collapse-Id': 'mine' } } }, ['/options/fcm/apns/headers']],
    [{ apns: { headers: { 'apns-priority': 5 } } }, ['/options/fcm/apns/headers']],
    [{ apns: { payload: [] } }, ['/options/fcm/apns/payload']],
    [{ webpush: { data: { n: 1 } } }, ['/options/fcm/webpush/data']],
    [{ data: { google_x: 'a' } }, ['/options/fcm/data']],
    [{ data: { unpush_op: 'remove' } }, ['/options/fcm/data']],
    [{ data: { from: 'a' } }, ['/options/fcm/data']],
    [{ data: 'a' }, ['/options/fcm/data']],
  ])('%j: faults at %j', (options, paths) => {
    expect(invalid(options)).toEqual(paths)
  })

  it('never change what names the original, nor its new text', async () => {
    const options = {
      android: { notification: { tag: 'x', title: 'x', body: 'x' } },
      apns: { headers: { 'apns-collapse-id': 'x' }, payload: { aps: { alert: { title: 'x', subtitle: 's' } } } },
      webpush: { notification: { tag: 'x', title: 'x', body: 'x' } },
    }
    const { message } = await ask('overlay', { content: { ...content, options } })
    expect(message.android.notification).toEqual({ tag: 'rc-8f2c', title: content.title, body: content.body })
    expect(message.apns.headers['apns-collapse-id']).toBe('rc-8f2c')
    expect(message.apns.payload.aps.alert).toEqual({ title: content.title, body: content.body, subtitle: 's' })
    expect(message.webpush.notification).toMatchObject({ tag: 'rc-8f2c', title: content.title, body: content.body })
  })

  it('and texts fit into what FCM takes: 4,096 bytes, 2,048 to a topic', () => {
    expect(invalid({}, { body: 'x'.repeat(3500) })).toEqual([])
    expect(invalid({}, { body: 'x'.repeat(4096) })).toEqual([''])
    const facts = { credentials, audience: 'topic', record: null, overlay: { ...content, body: 'x'.repeat(2048) } }
    expect(fcm.assess('overlay', { ...facts, names: { tag: 'a', topic: 'n' } }).invalid).toHaveLength(1)
    expect(fcm.assess('overlay', { ...facts, names: { tag: 'a' } }).invalid).toHaveLength(0)
  })
})

describe('a plan', () => {
  const refusalOf = (operation: (typeof steps)[number], own: object, more: object = {}) =>
    fcm.assess(operation, {
      credentials: openCredentials(fcm, { ...document, ...more }),
      names: { ...own },
      audience: null,
      record: null,
      overlay: null,
    }).refusal

  it('says what is missing', () => {
    expect(refusalOf('stop', { tag: 'a' })).toMatch(/state the collapseKey/)
    expect(refusalOf('stop', { collapseKey: 'a' })).toBeNull()
    expect(refusalOf('revoke', { tag: 'a' })).toBeNull()
    expect(refusalOf('revoke', { tag: 'a' }, { removal: undefined })).toMatch(/does not state that it carries/)
    expect(refusalOf('revoke', { collapseKey: 'a' })).toMatch(/state the tag/)
    expect(refusalOf('overlay', { collapseKey: 'a' })).toMatch(/state the tag/)
    expect(refusalOf('overlay', { tag: 'a' }, { removal: undefined })).toBeNull()
  })
})

describe('a reply', () => {
  it.each(fcmReplies)('"$name" says of whom, why and until when', async reply => {
    const { outcome } = await ask('revoke', { reply: received(reply.text, reply.status, reply.headers ?? {}) })
    if (outcome.kind === 'partial')
      expect(outcome).toMatchObject({ rejected: [{ reason: reply.reason, count: 1 }], unknown: 0 })
    if (outcome.kind === 'refused') expect(outcome.reason).toBe(reply.reason)
    if (outcome.kind === 'throttled') {
      expect(outcome.retryAfterMs).toBe(reply.retryAfterMs)
      expect(outcome.of).toBe(reply.status === 429 ? 'token' : undefined)
    }
  })
})

describe('a reply to a push to a topic', () => {
  it('rejects no token, since there is none', async () => {
    for (const { text, status, headers = {} } of fcmReplies) {
      const { outcome } = await ask('overlay', {
        names: { tag: 'a', topic: 'news' },
        named: { by: 'audience', audience: 'topic' },
        reply: received(text, status, headers),
      })
      expect(outcome.kind).not.toBe('partial')
      if (outcome.kind === 'throttled') expect(outcome.of).toBeUndefined()
    }
  })
})

describe('a yes', () => {
  it("keeps the message's id, which FCM's own reports carry", async () => {
    expect((await ask('revoke')).outcome.vendor.requestId).toBe('0:1795000000123456%31bd1c9631bd1c96')
  })
})

describe('what is kept', () => {
  it('repeats neither token, nor access token, nor text, whatever the reply echoes', async () => {
    const token = 'dGhpcy1pcy1hLXRva2Vu:APA91bHPRgkF3JUikC4ENAHEeMrd41Zxv3hVZjC9KtT8OvPVGJ'
    const hidden = [token, session.value, content.title, content.body]
    for (const secret of hidden)
      for (const code of [...Object.keys(fcmCodes), secret, 'NEW'])
        for (const status of [200, 400, 401, 404, 429, 503]) {
          const error = { code: status, message: `no: ${secret} ${JSON.stringify(secret)}`, status: code }
          const text = JSON.stringify({ name: `projects/p/messages/${secret}`, error })
          for (const one of [text, JSON.stringify({ name: `projects/p/messages/${secret}` })]) {
            const { outcome } = await ask('overlay', { named: { by: 'token', token }, reply: received(one, status) })
            expect(hidden.filter(part => JSON.stringify(outcome).includes(part))).toEqual([])
          }
        }
  })
})

describe('the check of a credential', () => {
  it('is checked by Google and sent to nobody', async () => {
    const { send, sent } = fakeSend(received(sentYes))
    const outcome = await fcm.check?.ask(callOf(credentials, send, { now: () => at, session }))
    expect(outcome?.kind).toBe('accepted')
    expect(JSON.parse(String(sent[0]?.body))).toMatchObject({
      validate_only: true,
      message: { topic: expect.any(String) },
    })
  })
})

describe('budgets', () => {
  it('count messages by project', () => {
    expect(fcm.budget(credentials)).toBe('fcm:demo-project')
    const lane = { name: 'messages', kind: 'rate', perSecond: 1000, burst: 1000 }
    expect(fcm.fare('revoke', 500, credentials)).toEqual([{ lane, cost: 500 }])
    expect(fcm.fare('overlay', 0, credentials)).toEqual([{ lane, cost: 1 }])
    const slow = openCredentials(fcm, { ...document, ratePerSecond: 7 })
    expect(fcm.fare('stop', 500, slow)).toEqual([{ lane: { ...lane, perSecond: 7, burst: 500 }, cost: 500 }])
    expect(fcm.fare('status', 0, credentials)).toEqual([])
  })
})
