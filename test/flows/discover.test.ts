/** What was pushed and nobody registered appears by itself, can be taken back, and goes to the sender that registers it later. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginListing, endListing, keepDiscovered } from '../../shared/ledger/discoveries.ts'
import { tpns } from '../../shared/providers/tpns/index.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.closeWhole())

const push = async (title: string): Promise<string> => {
  const made = await service.call('POST', '/_sandbox/push', {
    app: 'news-android',
    title,
    content: 'text',
    audience: 'all',
  })
  return made.body.pushId
}
const found = async (pushId: string, role: 'operator' | 'viewer' = 'operator') =>
  (await service.call('GET', `/v1/messages?q=${pushId}`, undefined, { role })).body.items
const fire = () => service.gateway.fire('discover')

describe('a push that nobody registered', () => {
  it('appears by itself, is found by its vendor id, is taken back, and goes to its sender with its recall', async () => {
    const pushId = await push('Nobody registered this')
    await fire()
    const [message, ...others] = await found(pushId)
    expect(others).toEqual([])
    expect(message).toMatchObject({
      title: 'Nobody registered this',
      source: 'discovered',
      registeredBy: 'timer:discover',
      targets: [{ app: 'news-android', provider: 'tpns', pushId, audience: 'all' }],
    })
    expect(Date.parse(message.sentAt)).toBeGreaterThan(Date.now() - 60_000)
    await fire()
    expect((await found(pushId)).length).toBe(1)

    const recall = await service.call('POST', '/v1/revoke', { message: message.id, reason: 'wrong' })
    expect(recall.status).toBe(202)
    const late = await service.call('POST', '/v1/messages', {
      id: 'its-own-name',
      targets: [
        { app: 'news-android', pushId, audienceSize: 7 },
        { app: 'news-harmony', notifyId: 77, tokens: ['a token that came late'] },
      ],
    })
    expect(late.status).toBe(201)
    expect(late.body).toMatchObject({ source: 'registered', recall: { id: recall.body.id } })
    // the rest of the message is taken back with it
    const joined = await service.call('GET', `/v1/recalls/${recall.body.id}`)
    expect(joined.body.targets.map(({ app }: { app: string }) => app)).toEqual(['news-android', 'news-harmony'])
    await fire()
    expect((await found(pushId)).map(({ id }: { id: string }) => id)).toEqual(['its-own-name'])
    const again = await service.call('POST', '/v1/messages', { targets: [{ app: 'news-android', pushId }] })
    expect(again.status).toBe(409)
    expect(again.body.message).toBe('its-own-name')
  })

  it('names the recall that took it back by its id before it was listed', async () => {
    const pushId = await push('Taken back first')
    const target = { app: 'news-android', pushId }
    const recall = await service.call('POST', '/v1/revoke', { target, reason: 'wrong' })
    await fire()
    const [message] = await found(pushId)
    expect(message.recall.id).toBe(recall.body.id)
  })

  it('is registered by one of two that come at the same time', async () => {
    const { ledger } = service.gateway.runtime
    const record = { status: 'PUSH_FINISHED', scheduled: false, detail: {} }
    for (let round = 0; round < 20; round++) {
      const handle = String(880_000 + round)
      const listed = { id: `msg_r${round}`, handle, title: null, body: null, sentAt: null, audience: null, record }
      const [reply] = await Promise.all([
        service.call('POST', '/v1/messages', { targets: [{ app: 'news-android', pushId: handle }] }),
        keepDiscovered(ledger, 'news-android', 'tpns', 1000, [listed]),
      ])
      expect(reply.status).toBe(201)
      expect((await found(handle)).map(({ id }: { id: string }) => id)).toEqual([reply.body.id])
    }
  })
})

describe('a list', () => {
  it('that lies or holds hostile texts makes bounded rows, and no page more than one run may read', async () => {
    const seed = Date.now()
    let read = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record({
              pushId: fc.bigInt({ min: 1n, max: 10n ** 19n - 1n }).map(String),
              status: fc.constant('PUSH_FINISHED'),
              date: fc.constantFrom(
                '2026-01-01 00:00:00',
                '2026-01-01',
                '1',
                '2026-02-31 25:61:00',
                ' 2026-01-01 00:00:00',
              ),
            }),
            fc.record(
              {
                pushId: fc.oneof(fc.bigInt({ min: 1n, max: 10n ** 21n }).map(String), fc.string(), fc.integer()),
                status: fc.oneof(fc.constant('PUSH_FINISHED'), fc.string({ unit: 'binary' })),
                title: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\0\ud800'), fc.constant('x'.repeat(9000))),
                content: fc.jsonValue(),
                date: fc.oneof(fc.constant('2026-02-31 25:61:00'), fc.string(), fc.constant('2026-01-01 00:00:00')),
              },
              { requiredKeys: [] },
            ),
          ),
          { maxLength: 5 },
        ),
        fc.jsonValue(),
        async (rows, count) => {
          const text = JSON.stringify({ retCode: 0, errMsg: 'NO_ERROR', count, pushRecordData: rows })
          const credentials = {
            provider: 'tpns',
            accessId: '1',
            secretKey: 'k',
            region: 'guangzhou',
            platform: 'android',
          } as const
          const { pushes, next } = (await tpns.list?.(new Date(), null, {
            credentials,
            send: async () => ({ status: 200, headers: {}, text }),
            timeoutMs: 1,
            renew: false,
            now: Date.now,
            key: '',
            session: null,
          })) ?? { pushes: [], next: null }
          read += pushes.length
          for (const { handle, sentAt } of pushes) {
            expect(handle).toMatch(/^[1-9]\d{0,19}$/)
            expect([undefined, '2025-12-31T16:00:00.000Z']).toContain(sentAt?.toISOString())
          }
          if (rows.length === 0) expect(next).toBeNull()
        },
      ),
      { seed, numRuns: 300 },
    )
    expect(read).toBeGreaterThan(100)
  })

  it('of one app that cannot be had takes no other along, and is asked for again later', async () => {
    const broken = await startService({
      secrets: demo => ({
        ...demo,
        'unpush/apps/a-bad': { ...(demo['unpush/apps/news-android'] as object), accessId: '4711', secretKey: 'wrong' },
        'unpush/apps/b-half': { provider: 'tpns' },
      }),
    })
    try {
      const made = await broken.call('POST', '/_sandbox/push', {
        app: 'news-android',
        title: 'Beside a bad one',
        content: 'text',
        audience: 'all',
      })
      await broken.gateway.fire('discover')
      const { body } = await broken.call('GET', `/v1/messages?q=${made.body.pushId}`)
      expect(body.items.length).toBe(1)
      const rows = await broken.gateway.runtime.ledger.query<{ app: string; failures: number; held: boolean }>(
        "select app, failures, held_until > now() + interval '3 minutes' as held from discovery where app = 'a-bad'",
      )
      expect(rows).toEqual([{ app: 'a-bad', failures: 1, held: true }])
    } finally {
      await broken.close()
    }
  })

  it('draws on its own share of the queries alone', async () => {
    const { ledger } = service.gateway.runtime
    const credentials = {
      provider: 'tpns',
      accessId: 'own',
      secretKey: 'k',
      region: 'guangzhou',
      platform: 'android',
    } as const
    const [fare = null] = tpns.fare('list', 0, credentials)
    let begun = 0
    for (let run = 0; run < 30; run++) {
      if ((await beginListing(ledger, 'own', 'tpns:own', fare, 1000)) === null) break
      await endListing(ledger, 'own', null, false)
      begun += 1
    }
    expect(begun).toBe(24)
  })
})
