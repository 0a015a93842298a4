/**
 * A key that senders choose (a notify id) is theirs to use again: the newest message has it, and nothing that is asked for an
 * older one may take the newer one's push from a screen.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { factsOf } from '../../shared/ledger/facts.ts'
import { newerNamed, viewSuperseded } from '../../shared/recall/superseded.ts'
import { has, hasNone } from '../support/notices.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
let tokens: string[]
let phones: Service['sandbox']['phones']
beforeAll(async () => {
  service = await startService()
  phones = service.sandbox.phones.filter(({ token, online }) => token !== null && online).slice(0, 3)
  tokens = phones.map(({ token }) => token ?? '')
})
afterAll(() => service.closeWhole())

const wait = { headers: { prefer: 'wait=10' } }
const app = 'news-harmony'
let used = 1000

const push = (notifyId: number, title: string) => service.sandbox.pushHarmony({ notifyId, tokens, title, body: 'b' })

const register = (id: string, notifyId: number, more: object = {}) =>
  service.call('POST', '/v1/messages', { id, targets: [{ app, notifyId, tokens }], ...more }, { role: 'sender' })

const revoke = (subject: object, more: object = {}) =>
  service.call('POST', '/v1/revoke', { ...subject, reason: 'r', ...more }, wait)

/** Titles that these phones show under a notify id, each once. */
const shown = (notifyId: number) => [
  ...new Set(
    phones.flatMap(({ notices }) =>
      notices.filter(({ key, state }) => key === String(notifyId) && state === 'shown').map(({ title }) => title),
    ),
  ),
]

describe('a key used again', () => {
  it('takes back what was pushed again under it, though the last recall is a moment old', async () => {
    const notifyId = used++
    push(notifyId, 'first')
    await register('slot-1', notifyId)
    const first = await revoke({ message: 'slot-1' })
    expect([first.status, first.body.state, shown(notifyId)]).toEqual([202, 'done', []])
    for (const subject of [
      { message: 'slot-1' },
      { target: { app, notifyId } },
      { target: { app, notifyId, tokens } },
      { target: { app, notifyId, tokens } },
    ]) {
      push(notifyId, 'again')
      const { status, body } = await revoke(subject)
      expect([status, body.state, body.deduplicated, shown(notifyId)]).toEqual([202, 'done', false, []])
    }
    const key = { headers: { prefer: 'wait=10', 'idempotency-key': 'slot-1-once' } }
    const asked = { message: 'slot-1', reason: 'r' }
    const once = await service.call('POST', '/v1/revoke', asked, key)
    push(notifyId, 'after')
    const repeat = await service.call('POST', '/v1/revoke', asked, key)
    expect([repeat.status, repeat.text, shown(notifyId)]).toEqual([202, once.text, ['after']])
  })

  it('is the newest message’s; what is asked of an older one is unsupported and names the newer', async () => {
    const notifyId = used++
    const reach = { devices: 3, basis: 'exact' }
    for (const id of ['progress-1', 'progress-2', 'done-3']) {
      push(notifyId, id)
      const { status, body } = await register(id, notifyId, { contents: ['order:7'] })
      expect([status, body.targets]).toEqual([
        201,
        [{ app, provider: 'huawei', notifyId, handle: String(notifyId), devices: 3, reach }],
      ])
    }
    const { body: older } = await service.call('GET', '/v1/messages/progress-1')
    expect(older.targets).toEqual([
      {
        app,
        provider: 'huawei',
        notifyId,
        handle: String(notifyId),
        superseded: { message: 'progress-2', shown: 'done-3' },
        devices: 3,
        reach,
      },
    ])
    for (const [operation, more] of [
      ['revoke', {}],
      ['revoke', { overlay: { title: 't', body: 'b' } }],
      ['overlay', { overlay: { title: 't', body: 'b' } }],
      ['stop', {}],
    ] as const) {
      const asked = { message: 'progress-1', reason: 'r', ...more }
      const { status, body } = await service.call('POST', `/v1/${operation}`, asked, wait)
      expect([status, body.type, body.detail]).toEqual([
        422,
        'https://unpush.dev/problems/unsupported',
        'A newer message was registered under the same key: what it pushed has taken the place of this push on screens, and would be taken back instead. The newer message is progress-2. Shown under the key now: done-3.',
      ])
      expect((await service.call('POST', `/v1/${operation}`, { ...asked, dryRun: true })).status).toBe(422)
    }
    expect(shown(notifyId)).toEqual(['done-3'])
    // by content the newest is taken back, and each older one says why it was not
    const all = await revoke({ content: 'order:7' })
    expect([all.status, all.body.state, shown(notifyId)]).toEqual([202, 'partial', []])
    expect(all.body.targets).toMatchObject([
      { state: 'failed', superseded: { message: 'progress-2' }, notices: has({ code: 'superseded', params: {} }) },
      { state: 'failed', superseded: { message: 'done-3' }, notices: has({ code: 'superseded', params: {} }) },
      { state: 'done', notices: hasNone('superseded') },
    ])
    expect(all.body.targets[0].warnings.join(' ')).toContain('The newer message is progress-2.')
  })

  it('has one target in a message', async () => {
    const notifyId = used++
    await register('one-1', notifyId)
    const target = { app, notifyId, tokens }
    const same = () => service.call('PATCH', '/v1/messages/one-1', { targets: [target] }, { role: 'sender' })
    expect((await same()).status).toBe(409)
    await register('one-2', notifyId)
    const { status, body } = await same()
    expect([status, body.detail]).toEqual([
      409,
      `The message one-1 went out under ${notifyId} of ${app} before another message did: what is pushed under it now is a message of its own.`,
    ])
    // sent again, a registration changes nothing
    expect((await register('one-1', notifyId)).status).toBe(200)
    expect((await revoke({ message: 'one-2' })).status).toBe(202)
  })

  it('goes to one of many that register under it at the same moment', async () => {
    const notifyId = used++
    const other = used++
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        register(`race-${n}`, notifyId, {
          targets: (n % 2 === 0 ? [notifyId, other] : [other, notifyId]).map(id => ({ app, notifyId: id, tokens })),
        }),
      ),
    )
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201))
    const messages = await Promise.all(replies.map((_, n) => service.call('GET', `/v1/messages/race-${n}`)))
    for (const id of [notifyId, other]) {
      const newer = messages.map(({ body }) =>
        body.targets.find((target: { notifyId: number }) => target.notifyId === id),
      )
      expect(newer.filter(target => target.superseded === undefined)).toHaveLength(1)
      // a chain, in which each has one before it
      const named = newer.flatMap(target => target.superseded?.message ?? [])
      expect(new Set(named).size).toBe(7)
    }
  })

  it('ends what was left of a recall of the older message, and stands in the way of nothing', async () => {
    const notifyId = used++
    push(notifyId, 'left-1')
    await register('left-1', notifyId)
    Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
    const first = await service.call('POST', '/v1/revoke', { message: 'left-1', reason: 'r' })
    expect(first.body.state).toBe('running')
    Object.assign(service.sandbox.switches.pushKit, { failure: null })
    push(notifyId, 'left-2')
    expect((await register('left-2', notifyId)).status).toBe(201)
    const { ledger, drainer } = service.gateway.runtime
    // the vendor's 600 s are over
    await ledger.query(`update work set run_at = now() where state = 'ready'`)
    await ledger.query(`update bucket set held_until = '-infinity'`)
    await ledger.query('delete from breaker')
    await drainer.run(first.body.id, Date.now() + 5000)
    const { body: ended } = await service.call('GET', `/v1/recalls/${first.body.id}`)
    expect([ended.state, ended.targets[0].notices, shown(notifyId)]).toEqual([
      'cancelled',
      has({ code: 'superseded', params: {} }),
      ['left-2'],
    ])
    // tokens that come late for it, and somebody who tries again
    const late = await service.call(
      'POST',
      '/v1/messages/left-1/tokens',
      { app, tokens: service.sandbox.harmonyTokens().slice(-1) },
      { role: 'sender' },
    )
    expect(late.status).toBe(200)
    await service.call('POST', `/v1/recalls/${first.body.id}/retry`)
    await drainer.run(first.body.id, Date.now() + 5000)
    expect([(await service.call('GET', `/v1/recalls/${first.body.id}`)).body.state, shown(notifyId)]).toEqual([
      'cancelled',
      ['left-2'],
    ])
    const overlay = { title: 'new', body: 'b' }
    const second = await service.call('POST', '/v1/overlay', { message: 'left-2', overlay, reason: 'r' }, wait)
    expect([second.status, second.body.state, shown(notifyId)]).toEqual([202, 'done', ['new']])
  })

  it('has no message taken back at its end that is not on screens any more', async () => {
    const notifyId = used++
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    await register('end-1', notifyId, { expiresAt })
    push(notifyId, 'end-2')
    await register('end-2', notifyId)
    const { ledger } = service.gateway.runtime
    await ledger.query(`update message set expires_at = now() - interval '1 second' where id = 'end-1'`)
    await service.gateway.fire('expire')
    const rows = await ledger.query(`select expired_at is not null as ended, recall_id from message where id = 'end-1'`)
    expect([rows, shown(notifyId)]).toEqual([[{ ended: true, recall_id: null }], ['end-2']])
  })

  it('names the newer message to nobody whose apps it goes beyond', async () => {
    const notifyId = used++
    await register('mine-1', notifyId)
    await service.call('POST', '/v1/messages', {
      id: 'theirs-2',
      targets: [
        { app, notifyId, tokens },
        { app: 'news-android', pushId: '424242', audience: 'all' },
      ],
    })
    const { runtime } = service.gateway
    const caller = { id: 'key:x', person: null, owner: 'x', grant: [app] }
    const { handles } = await factsOf(runtime.ledger, { subject: { message: 'mine-1' }, caller })
    expect(handles[0]?.superseded?.by.apps.toSorted()).toEqual(['news-android', app])
    const newer = handles[0]?.superseded ?? null
    expect(newer !== null && viewSuperseded(newer, caller)).toEqual({ message: null, shown: null })
    expect([newerNamed(newer, caller), newerNamed(newer, { ...caller, grant: null })]).toEqual([
      [],
      ['The newer message is theirs-2.'],
    ])
  })
})

/** What must be so, whatever the order: the last one under the key has it, and screens change only by what is asked of that. */
interface Slot {
  readonly notifyId: number
  readonly ids: string[]
  shown: string | null
}

const commands = fc.array(
  fc.record({
    slot: fc.nat(1),
    what: fc.constantFrom(
      'register',
      'register',
      'again',
      'push',
      'revoke',
      'revoke',
      'overlay',
      'bare',
      'tokens',
      'all',
    ),
    nth: fc.nat(3),
  }),
  { minLength: 4, maxLength: 12 },
)

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'

it('holds in any order of registering, pushing and taking back', async () => {
  let world = 0
  await fc.assert(
    fc.asyncProperty(commands, async steps => {
      world += 1
      const content = `world:${world}`
      const slots: Slot[] = [0, 1].map(() => ({ notifyId: used++, ids: [], shown: null }))
      for (const { slot: at, what, nth } of steps) {
        const slot = slots[at] as Slot
        const { notifyId, ids } = slot
        const id = ids[nth % Math.max(1, ids.length)]
        const newest = ids.at(-1)
        if (what === 'register') {
          const fresh = `w${world}-${notifyId}-${ids.length}`
          push(notifyId, fresh)
          slot.shown = fresh
          expect((await register(fresh, notifyId, { contents: [content] })).status).toBe(201)
          ids.push(fresh)
        } else if (newest === undefined || id === undefined) continue
        else if (what === 'again') expect((await register(id, notifyId, { contents: [content] })).status).toBe(200)
        else if (what === 'push') {
          push(notifyId, newest)
          slot.shown = newest
        } else if (what === 'revoke' || what === 'overlay') {
          const overlay = { title: 'corrected', body: 'b' }
          const asked = { message: id, reason: 'r', ...(what === 'overlay' ? { overlay } : {}) }
          const { status, body, text } = await service.call('POST', `/v1/${what}`, asked, wait)
          if (id === newest) {
            expect([status, body.state, body.deduplicated]).toEqual([202, 'done', false])
            slot.shown = what === 'overlay' ? 'corrected' : null
          } else {
            expect(status).toBe(422)
            expect(text).toContain(ids[ids.indexOf(id) + 1])
            expect(text).toContain(newest)
          }
        } else if (what === 'all') {
          const { status, body } = await revoke({ content })
          const older = slots.some(({ ids: all }) => all.length > 1)
          expect([status, body.state]).toEqual([202, older ? 'partial' : 'done'])
          for (const one of slots) if (one.ids.length > 0) one.shown = null
        } else {
          const target = what === 'bare' ? { app, notifyId } : { app, notifyId, tokens }
          const { status, body } = await revoke({ target })
          expect([status, body.state, body.deduplicated]).toEqual([202, 'done', false])
          slot.shown = null
        }
        for (const one of slots) expect(shown(one.notifyId)).toEqual(one.shown === null ? [] : [one.shown])
      }
    }),
    { numRuns: soak ? 400 : 25 },
  )
})
