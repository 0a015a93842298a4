/** Deliveries as the ledger writes, leases and settles them. */
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type ClaimedDelivery,
  claimDeliveries,
  dueSubscribers,
  nextDelivery,
  reapDeliveries,
} from '../../shared/ledger/claim-deliveries.ts'
import { type DeliveryFilter, listDeliveries, readDelivery, replayDelivery } from '../../shared/ledger/deliveries.ts'
import { finishRecalls } from '../../shared/ledger/finish-recalls.ts'
import { cancelRecall } from '../../shared/ledger/cancel-recall.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { retryRecall } from '../../shared/ledger/retry-recall.ts'
import { type DeliverySettlement, settleDelivery } from '../../shared/ledger/settle-delivery.ts'
import { mirrorSubscribers, releaseDeliveries } from '../../shared/ledger/subscribers.ts'
import { eventTypes } from '../../shared/webhooks/events.ts'
import { entryOf, tester } from '../support/append-audit.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitBatches, admitPlanned } from '../support/planned-recall.ts'

const all: DeliveryFilter = {
  limit: 100,
  after: null,
  q: null,
  app: null,
  subscriber: null,
  states: null,
  from: null,
  to: null,
  apps: null,
}
const settlement = (more: Partial<DeliverySettlement> & Pick<DeliverySettlement, 'kind'>): DeliverySettlement => ({
  delayMs: 0,
  status: 200,
  detail: null,
  holdMs: 0,
  disabledBy: null,
  ...more,
})

describeOnLedgers('deliveries', ledger => {
  const subscribe = (...ids: string[]) =>
    mirrorSubscribers(
      ledger(),
      ids.map(id => ({ id, events: eventTypes, apps: null, digest: '1' })),
      [],
    )
  const told = async (recallId: string) =>
    (await listDeliveries(ledger(), { ...all, q: recallId })).map(({ type }) => type).toReversed()
  const endWork = (id: string, result: string) =>
    ledger().query(
      `update work set state = 'done', result = '${result}', accepted = case '${result}' when 'accepted' then devices else 0 end where recall_id = '${id}'`,
    )
  const claim = (subscriber: string, limit = 100) => claimDeliveries(ledger(), subscriber, limit, 30_000)
  const claimOne = async (subscriber: string): Promise<ClaimedDelivery> => {
    const [first] = await claim(subscriber, 1)
    if (first === undefined) throw new Error(`nothing is due for ${subscriber}`)
    return first
  }
  const stateOf = async (id: string) => (await readDelivery(ledger(), id, null))?.state

  beforeEach(async () => {
    await ledger().query('delete from subscriber')
    await ledger().query('delete from delivery')
  })

  describe('are written', () => {
    it('for nobody where nobody listens', async () => {
      const id = await admitBatches(ledger(), 1)
      await endWork(id, 'accepted')
      await finishRecalls(ledger(), [id])
      expect(await told(id)).toEqual([])
    })

    it.each([
      ['accepted', 'recall.completed'],
      ['failed', 'recall.failed'],
      ['expired', 'recall.expired'],
    ])('once for each change, where the work ends %s', async (result, type) => {
      await subscribe('one')
      const id = await admitBatches(ledger(), 2)
      expect(await told(id)).toEqual(['recall.accepted'])
      expect((await readRecalls(ledger(), [id]))[0]?.untold).toBe(true)
      await endWork(id, result)
      await finishRecalls(ledger(), [id])
      await finishRecalls(ledger(), [id])
      expect(await told(id)).toEqual(['recall.accepted', type])
    })

    it('for what is taken in part', async () => {
      await subscribe('one')
      const id = await admitBatches(ledger(), 2)
      await endWork(id, 'accepted')
      await ledger().query(
        `update work set result = 'failed', accepted = 0, rejected = 1 where seq = 0 and recall_id = '${id}'`,
      )
      await finishRecalls(ledger(), [id])
      expect(await told(id)).toEqual(['recall.accepted', 'recall.partially_failed'])
      const { data } = (await claim('one')).at(-1) ?? {}
      expect(data).toMatchObject({
        id,
        operation: 'revoke',
        state: 'partial',
        devices: { total: 2, accepted: 1, rejected: 1, unknown: 0, pending: 0 },
        settledAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        links: { self: `/v1/recalls/${id}` },
      })
    })

    it('as failed alone for a recall that can reach nobody', async () => {
      await subscribe('one')
      const id = await admitPlanned(ledger(), {
        app: 'app',
        operation: 'revoke',
        ladder: [],
        batches: [1],
        giveUpHours: 1,
      })
      await finishRecalls(ledger(), [id])
      expect(await told(id)).toEqual(['recall.failed'])
    })

    it('once for a cancel, and once more for what a retry came to', async () => {
      await subscribe('one')
      const id = await admitBatches(ledger(), 1)
      expect(await cancelRecall(ledger(), id, tester, entryOf('recall.cancelled', id))).toBe(true)
      expect(await told(id)).toEqual(['recall.accepted'])
      await finishRecalls(ledger(), [id])
      expect(await told(id)).toEqual(['recall.accepted', 'recall.cancelled'])
      expect(await retryRecall(ledger(), id, 1, tester, entryOf('recall.retried', id))).toBe(1)
      await endWork(id, 'accepted')
      await finishRecalls(ledger(), [id])
      expect(await told(id)).toEqual(['recall.accepted', 'recall.cancelled', 'recall.completed'])
    })

    it('for what waits for a person, and what the person decides', async () => {
      await subscribe('one')
      const admitted = await admitBatches(ledger(), 1)
      const [yes, no] = [`${admitted}-yes`, `${admitted}-no`]
      for (const id of [yes, no]) {
        await ledger().query(
          `insert into recall (id, operation, state, reason, requested_by, owner, subject, fallback, apps, give_up_at)
           values ('${id}', 'revoke', 'pending_approval', 'r', 'key:x', 'key:x', '{}', true, '{app}', now())`,
        )
      }
      // the embedded engine's clock goes by milliseconds, and a person takes longer
      await ledger().query('select pg_sleep(0.002)')
      await ledger().query(`update recall set state = 'running' where id = '${yes}'`)
      await ledger().query(`update recall set state = 'declined' where id = '${no}'`)
      expect(await told(yes)).toEqual(['recall.approval_required', 'recall.accepted'])
      expect(await told(no)).toEqual(['recall.approval_required', 'recall.declined'])
    })

    it('with what they tell of, or not at all', async () => {
      await subscribe('one')
      const id = await admitBatches(ledger(), 1)
      await endWork(id, 'accepted')
      const lost = ledger().transaction(async sql => {
        await finishRecalls(sql, [id])
        throw new Error('lost')
      })
      await expect(lost).rejects.toThrow('lost')
      expect(await told(id)).toEqual(['recall.accepted'])
    })

    it('for each who wants that event', async () => {
      await mirrorSubscribers(
        ledger(),
        [
          { id: 'both', events: ['recall.accepted', 'recall.completed'], apps: null, digest: '1' },
          { id: 'ends', events: ['recall.completed'], apps: null, digest: '1' },
          { id: 'other', events: ['recall.declined'], apps: null, digest: '1' },
        ],
        [],
      )
      const id = await admitBatches(ledger(), 1)
      await endWork(id, 'accepted')
      await finishRecalls(ledger(), [id])
      const deliveries = await listDeliveries(ledger(), { ...all, q: id })
      expect(deliveries.map(({ subscriber, type }) => `${subscriber} ${type}`).sort()).toEqual([
        'both recall.accepted',
        'both recall.completed',
        'ends recall.completed',
      ])
      expect(new Set(deliveries.map(({ id }) => id)).size).toBe(3)
    })
  })

  describe('are leased', () => {
    it('to one at a time, by subscriber', async () => {
      await subscribe('one', 'two')
      await admitBatches(ledger(), 1)
      expect((await dueSubscribers(ledger())).sort()).toEqual(['one', 'two'])
      const claims = await Promise.all([claim('one'), claim('one'), claim('one')])
      expect(claims.flat()).toHaveLength(1)
      expect(await dueSubscribers(ledger())).toEqual(['two'])
    })

    it('again once the lease is over, under the same id; whoever had it settles nothing', async () => {
      await subscribe('one')
      await admitBatches(ledger(), 1)
      const dead = await claimOne('one')
      await ledger().query("update delivery set lease_until = now() - interval '1 second'")
      const next = await claimOne('one')
      expect([next.id, next.fence, next.tries]).toEqual([dead.id, dead.fence + 1, 2])
      expect(await settleDelivery(ledger(), dead, settlement({ kind: 'delivered' }))).toBe(false)
      expect(await stateOf(dead.id)).toBe('pending')
      expect(await settleDelivery(ledger(), next, settlement({ kind: 'delivered' }))).toBe(true)
      expect(await readDelivery(ledger(), next.id, null)).toMatchObject({
        state: 'delivered',
        settledAt: expect.any(Date),
        attempts: [{ status: 200 }, { status: 200, finishedAt: expect.any(String) }],
      })
    })
  })

  describe('are settled', () => {
    it('for later, with its subscriber held', async () => {
      await subscribe('one')
      await admitBatches(ledger(), 1)
      await admitBatches(ledger(), 1)
      const first = await claimOne('one')
      await settleDelivery(ledger(), first, settlement({ kind: 'later', status: 503, delayMs: 90_000, holdMs: 40_000 }))
      expect(await dueSubscribers(ledger())).toEqual([])
      expect(await claim('one')).toEqual([])
      const waitMs = await nextDelivery(ledger(), [])
      expect(await nextDelivery(ledger(), ['one'])).toBeNull()
      expect(waitMs).toBeGreaterThan(10_000)
      expect(waitMs).toBeLessThanOrEqual(40_000)
      const next = (await readDelivery(ledger(), first.id, null))?.nextAttemptAt?.getTime() ?? 0
      expect(next - Date.now()).toBeGreaterThan(50_000)
    })

    it('for good, which disables: what waits is held until the document changes', async () => {
      await subscribe('one', 'two')
      await admitBatches(ledger(), 1)
      await admitBatches(ledger(), 1)
      const first = await claimOne('one')
      await settleDelivery(ledger(), first, settlement({ kind: 'failed', status: 410, disabledBy: 'gone' }))
      await admitBatches(ledger(), 1)
      const states = async (subscriber: string) =>
        (await listDeliveries(ledger(), { ...all, subscriber })).map(({ state }) => state).sort()
      expect(await states('one')).toEqual(['failed', 'held', 'held'])
      expect(await states('two')).toEqual(['pending', 'pending', 'pending'])
      expect(await dueSubscribers(ledger())).toEqual(['two'])
      await releaseDeliveries(ledger())
      expect(await states('one')).toEqual(['failed', 'held', 'held'])
      const documents = ['one', 'two'].map(id => ({
        id,
        events: eventTypes,
        apps: null,
        digest: id === 'one' ? '2' : '1',
      }))
      expect(await mirrorSubscribers(ledger(), documents, [])).toBe(1)
      await releaseDeliveries(ledger())
      expect(await states('one')).toEqual(['failed', 'pending', 'pending'])
    })

    it('by a replay that is taken: its subscriber is enabled again', async () => {
      await subscribe('one')
      await admitBatches(ledger(), 1)
      await admitBatches(ledger(), 1)
      const first = await claimOne('one')
      await settleDelivery(ledger(), first, settlement({ kind: 'failed', status: 410, disabledBy: 'gone' }))
      expect(await replayDelivery(ledger(), first.id, entryOf('delivery.replayed', first.id))).toBe(true)
      const refused = await claimOne('one')
      expect([refused.id, refused.tries]).toEqual([first.id, 1])
      await settleDelivery(ledger(), refused, settlement({ kind: 'later', status: 500, delayMs: 0 }))
      expect(await stateOf(first.id)).toBe('held')
      await replayDelivery(ledger(), first.id, entryOf('delivery.replayed', first.id))
      await settleDelivery(ledger(), await claimOne('one'), settlement({ kind: 'delivered' }))
      expect(await stateOf(first.id)).toBe('delivered')
      expect(await claim('one')).toHaveLength(1)
      const audited = await ledger().query(
        `select object from audit_unsealed where action = 'delivery.replayed' and object = '${first.id}'`,
      )
      expect(audited).toHaveLength(2)
    })
  })

  describe('follow a changed document', () => {
    const mirror = (digest: string, events: readonly string[]) =>
      mirrorSubscribers(ledger(), [{ id: 'one', events, apps: null, digest }], [])

    it('and no instance that still has the one before', async () => {
      expect(await mirror('old', ['recall.accepted'])).toBe(1)
      expect(await mirror('old', ['recall.accepted'])).toBe(0)
      expect(await mirror('new', ['recall.completed'])).toBe(1)
      expect(await mirror('old', ['recall.accepted'])).toBe(0)
      const id = await admitBatches(ledger(), 1)
      expect(await told(id)).toEqual([])
      // somebody has taken the change back
      await ledger().query("update subscriber set changed_at = now() - interval '11 minutes'")
      expect(await mirror('old', ['recall.accepted'])).toBe(1)
    })
  })

  describe('end', () => {
    it('with their subscriber, once no instance has seen it for long, unless it can only not be read', async () => {
      await subscribe('one', 'two')
      const id = await admitBatches(ledger(), 1)
      const states = async () => {
        await mirrorSubscribers(ledger(), [], ['two'])
        await releaseDeliveries(ledger())
        const deliveries = await listDeliveries(ledger(), { ...all, q: id })
        return deliveries.map(({ subscriber, state }) => `${subscriber} ${state}`).sort()
      }
      // of an instance that does not know them yet
      expect(await states()).toEqual(['one pending', 'two pending'])
      await ledger().query("update subscriber set seen_at = now() - interval '11 minutes'")
      expect(await states()).toEqual(['one failed', 'two pending'])
      const gone = (await listDeliveries(ledger(), { ...all, subscriber: 'one' }))[0]
      expect(await replayDelivery(ledger(), gone?.id ?? '', entryOf('delivery.replayed', gone?.id ?? ''))).toBe(false)
    })

    it('after thirty days, with their attempts', async () => {
      await subscribe('one')
      await admitBatches(ledger(), 1)
      const { id } = await claimOne('one')
      expect(await reapDeliveries(ledger())).toBe(0)
      await ledger().query("update delivery set created_at = now() - interval '31 days'")
      expect(await reapDeliveries(ledger())).toBe(1)
      expect(await ledger().query(`select from delivery_attempt where delivery_id = '${id}'`)).toEqual([])
    })
  })

  it('are listed to who reaches all apps of the recall', async () => {
    await subscribe('one')
    const id = await admitBatches(ledger(), 1)
    const [first] = await listDeliveries(ledger(), { ...all, q: id, apps: ['app', 'other'] })
    const delivery = first?.id ?? ''
    expect(delivery).toMatch(/^dlv_[0-9a-f]{32}$/)
    expect(await listDeliveries(ledger(), { ...all, apps: ['other'] })).toEqual([])
    expect(await readDelivery(ledger(), delivery, ['other'])).toBeNull()
    expect(await listDeliveries(ledger(), { ...all, app: 'app', states: ['pending'] })).toHaveLength(1)
    expect(await listDeliveries(ledger(), { ...all, states: ['held', 'failed'] })).toEqual([])
    expect(await listDeliveries(ledger(), { ...all, from: new Date(Date.now() + 60_000) })).toEqual([])
  })
})
