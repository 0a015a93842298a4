/** Only the vendor's record makes a revoke done, and nobody who looks can use up what proves it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { has, hasNone } from '../support/notices.ts'
import { type Service, startService } from '../support/service.ts'
import { withoutWaits } from '../support/work-waits.ts'

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(() => service.close())

/** Queries that the vendor's stand-in has taken. */
function queries(): number {
  const { vendors } = service.sandbox.snapshot() as { vendors: { tpns: { queries: { 'news-android': number[] } } } }
  return vendors.tpns.queries['news-android'].length
}

let pushes = 600_000

/** A push that has gone out. Resolves with its id. */
function pushed(): string {
  const pushId = String((pushes += 1))
  service.sandbox.pushTpns({ app: 'news-android', title: `t ${pushId}`, content: 'c', audience: 'all', pushId })
  return pushId
}

function look(pushId: string) {
  return service.call('GET', `/v1/status?app=news-android&pushId=${pushId}`, undefined, { role: 'viewer' })
}

describe('reads for people', () => {
  it('ask the vendor about one push once a minute, however many ask', async () => {
    const pushId = pushed()
    const replies = await Promise.all(Array.from({ length: 100 }, () => look(pushId)))
    for (const { status, body } of replies)
      expect([status, body.status, body.stale]).toEqual([200, 'PUSH_FINISHED', null])
    for (let asked = 0; asked < 100; asked++) expect((await look(pushId)).status).toBe(200)
    expect(queries()).toBe(1)
  })

  it('take their share of the query budget and no more, then tell the last record or when to come back', async () => {
    const ids = Array.from({ length: 30 }, pushed)
    const replies = []
    for (const pushId of ids) replies.push(await look(pushId))
    expect(replies.map(({ status }) => status)).toEqual(ids.map((_, index) => (index < 16 ? 200 : 429)))
    expect(queries()).toBe(16)
    expect(Number(replies.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(3500)
    // what was read before is told with its age
    await service.gateway.runtime.ledger.query("update vendor_record set as_of = as_of - interval '5 minutes'")
    const [known = ''] = ids
    const old = await look(known)
    expect([old.status, old.body.status]).toEqual([200, 'PUSH_FINISHED'])
    expect(old.body.stale).toContain('used up')
    expect(Date.now() - Date.parse(old.body.asOf)).toBeGreaterThan(290_000)
    expect(queries()).toBe(16)
  })
})

describe('a revoke at TPNS whose vendor does nothing', () => {
  const revoke = (pushId: string, more: object = {}) =>
    service.call('POST', '/v1/revoke', { target: { app: 'news-android', pushId }, reason: 'r', ...more }, wait)
  const wait = { headers: { prefer: 'wait=20' } }
  const recordOf = (pushId: string) => {
    const { vendors } = service.sandbox.snapshot() as {
      vendors: { tpns: { tasks: { pushId: string; status: string }[] } }
    }
    return vendors.tpns.tasks.find(task => task.pushId === pushId)?.status
  }
  const end = async (id: string) => (await service.call('GET', `/v1/recalls/${id}`)).body
  const sweep = () => fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })
  /** Every query of the window that proof may use is spent. */
  const emptyProof = (fill = 200) =>
    service.gateway.runtime.ledger.query(
      `insert into bucket (budget, lane, hits, purposes)
       select budget, 'query', array_fill(clock_timestamp() - interval '10 minutes', array[$1::text::int]),
         array_fill('proof'::text, array[$1::text::int])
       from (select distinct budget from bucket) b
       on conflict (budget, lane) do update set hits = excluded.hits, purposes = excluded.purposes`,
      [fill],
    )
  const openWindow = () =>
    service.gateway.runtime.ledger.query(
      `with opened as (update bucket set hits = '{}', purposes = '{}')
       update work set run_at = now() where result is null`,
    )

  /** With its window open, by however many runs of the timer. */
  const ended = async (id: string) => {
    await expect
      .poll(async () => {
        await openWindow()
        await sweep()
        return (await end(id)).state
      })
      .not.toBe('running')
    return end(id)
  }

  beforeEach(() => {
    service.sandbox.switches.tpns.acceptedButNothing = true
    service.sandbox.switches.tpns.only = 'revoke_push_msg'
  })

  /** The vendor's record is looked at again at once, not after seconds. */
  const atOnce = <Result>(work: () => Promise<Result>) => withoutWaits(service, work)

  it('falls to stop, before and after a viewer has polled two hundred pushes', async () => {
    const before = await atOnce(() => revoke(pushed()))
    expect(before.body).toMatchObject({ state: 'partial', targets: [{ operation: 'stop' }] })
    for (let asked = 0; asked < 200; asked++) await look(asked % 2 === 0 ? pushed() : '600001')
    expect(queries()).toBeLessThan(40)
    const pushId = pushed()
    const { body } = await atOnce(() => revoke(pushId))
    expect(body).toMatchObject({
      state: 'partial',
      targets: [{ requested: 'revoke', operation: 'stop', vendor: { status: 'PUSH_DELETED_PUSH_MSG' } }],
    })
    expect(recordOf(pushId)).toBe('PUSH_DELETED_PUSH_MSG')
  })

  it('waits for an empty budget with a stop out, and takes the stop for no revoke', async () => {
    await look(pushed())
    await emptyProof()
    const pushId = pushed()
    const { body } = await service.call('POST', '/v1/revoke', { target: { app: 'news-android', pushId }, reason: 'r' })
    expect(body).toMatchObject({
      state: 'running',
      blocked: { by: 'quota' },
      targets: [
        {
          operation: 'revoke',
          notices: has({ code: 'sent_meanwhile', params: { operation: 'revoke', sent: 'stop' } }),
        },
      ],
    })
    // the hits of ten minutes ago leave in fifty
    const waits = Date.parse(body.blocked.nextAttemptAt) - Date.now()
    expect(waits).toBeGreaterThan(49 * 60_000)
    expect(waits).toBeLessThan(51 * 60_000)
    expect(recordOf(pushId)).toBe('PUSH_DELETED_PUSH_MSG')
    expect(await ended(body.id)).toMatchObject({
      state: 'partial',
      blocked: null,
      targets: [{ operation: 'stop', vendor: { status: 'PUSH_DELETED_PUSH_MSG' } }],
    })
  })

  it('is done once the record says so, whatever went out meanwhile', async () => {
    service.sandbox.switches.tpns.acceptedButNothing = false
    await look(pushed())
    await emptyProof()
    const { body } = await service.call('POST', '/v1/revoke', {
      target: { app: 'news-android', pushId: pushed() },
      reason: 'r',
    })
    expect(body.state).toBe('running')
    expect(await ended(body.id)).toMatchObject({
      state: 'done',
      targets: [{ operation: 'revoke', vendor: { status: 'PUSH_REVOKED' } }],
    })
  })

  it('ends unconfirmed where its time is over first, with the code beside the sentence', async () => {
    await service.close()
    service = await startService({ secrets: { 'unpush/policy': { giveUpHours: 0.1 } } })
    service.sandbox.switches.tpns.acceptedButNothing = true
    await look(pushed())
    await emptyProof()
    const { body } = await atOnce(() => revoke(pushed()))
    expect(body).toMatchObject({
      state: 'partial',
      blocked: null,
      targets: [{ state: 'partial', operation: 'revoke' }],
    })
    const [target] = body.targets
    expect(target.notices).toContainEqual({
      code: 'unconfirmed',
      params: { operation: 'revoke', because: 'budget', status: null },
    })
    expect(target.warnings.join(' ')).toContain('nothing confirms that it was done')
    // a retry proves it, or does not
    await openWindow()
    const again = await atOnce(() => service.call('POST', `/v1/recalls/${body.id}/retry`, undefined, wait))
    expect([200, 202]).toContain(again.status)
    const { state, targets } = await ended(body.id)
    expect(state).toBe('partial')
    expect(JSON.stringify(targets)).not.toContain('"because":"budget"')
  })

  it("is not proven by the vendor's own empty window either", async () => {
    service.sandbox.switches.tpns.queriesUsedUp = true
    const pushId = pushed()
    const { body } = await atOnce(() => revoke(pushId))
    expect(body.state).toBe('running')
    expect(body.blocked.by).toBe('quota')
    service.sandbox.switches.tpns.queriesUsedUp = false
    expect((await ended(body.id)).state).toBe('partial')
    expect(recordOf(pushId)).toBe('PUSH_DELETED_PUSH_MSG')
  })

  it('waits a moment for its budget within the time of the request', async () => {
    service.sandbox.switches.tpns.acceptedButNothing = false
    await look(pushed())
    await service.gateway.runtime.ledger.query(
      `update bucket set purposes = array_fill('proof'::text, array[200]),
         hits = array_fill(clock_timestamp() - interval '3600 seconds' + interval '1500 milliseconds', array[200])`,
    )
    const { body } = await revoke(pushed())
    expect(body).toMatchObject({
      state: 'done',
      targets: [{ operation: 'revoke', notices: hasNone('sent_meanwhile') }],
    })
  })

  it.each(['stop', 'overlay'] as const)('says of a %s that nothing shows, that it is unconfirmed', async operation => {
    service.sandbox.switches.tpns.only = null
    const overlay = operation === 'overlay' ? { overlay: { title: 'n', body: 'n' } } : {}
    const body = { target: { app: 'news-android', pushId: pushed() }, reason: 'r', ...overlay }
    const { body: recall } = await atOnce(() => service.call('POST', `/v1/${operation}`, body, wait))
    expect(recall).toMatchObject({
      state: 'partial',
      targets: [
        {
          operation,
          notices: has({ code: 'unconfirmed', params: expect.objectContaining({ operation, because: 'record' }) }),
        },
      ],
    })
  })
})

describe('effects and reasons', () => {
  const wait = { headers: { prefer: 'wait=10' } }

  it.each(['stop', 'revoke'] as const)(
    'of a scheduled push that a %s cancelled are stopped everywhere',
    async operation => {
      const { pushId } = service.sandbox.pushTpns({
        app: 'news-android',
        title: 'x',
        content: 'x',
        audience: 'all',
        sendAtMs: Date.now() + 3_600_000,
      })
      const request = { target: { app: 'news-android', pushId }, reason: 'r' }
      const { body } = await service.call('POST', `/v1/${operation}`, request, wait)
      const [{ effects, warnings, vendor }] = body.targets
      expect([body.state, vendor.status]).toEqual(['done', 'PUSH_CANCELED'])
      expect(effects.length).toBeGreaterThan(5)
      for (const { effect } of effects) expect(effect).toBe('stopped')
      expect(warnings.join(' ')).not.toContain('stay.')
      expect(warnings.join(' ')).toContain('is cancelled, on every channel')
    },
  )

  it('of the same words twice to everybody stand in the plan and in the recall', async () => {
    const overlay = { title: 'sorry', body: 'sorry' }
    const ask = (more: object) => service.call('POST', '/v1/overlay', { overlay, reason: 'r', ...more }, wait)
    const first = await ask({ target: { app: 'news-android', pushId: pushed() } })
    expect(first.body).toMatchObject({ state: 'done', targets: [{ notices: hasNone('identical_overlay') }] })
    const unknown = { target: { app: 'news-android', pushId: pushed() } }
    const known = { target: { app: 'news-android', pushId: pushed(), audience: 'all' } }
    const notice = (certain: boolean) => ({ code: 'identical_overlay', params: { windowSeconds: 3600, certain } })
    // whom it went to is not known before its record is read
    const mayBe = await ask({ ...unknown, dryRun: true })
    expect(mayBe.body.targets[0]).toMatchObject({ operation: 'overlay', notices: has(notice(false)) })
    const willBe = await ask({ ...known, dryRun: true })
    expect(willBe.body.targets[0]).toMatchObject({ operation: 'stop', notices: has(notice(true)) })
    for (const target of [unknown, known]) {
      const { body } = await ask(target)
      expect(body).toMatchObject({ state: 'partial', targets: [{ operation: 'stop' }] })
      expect(body.targets[0].notices).toContainEqual(notice(true))
      expect(body.targets[0].warnings.join(' ')).toContain(
        'refuses a second identical push to everybody within an hour',
      )
    }
    const alone = await ask({ ...known, fallback: false, dryRun: true })
    expect(alone.status).toBe(422)
  })
})
