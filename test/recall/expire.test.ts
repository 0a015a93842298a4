/** Auto-expiry: once each, however many timers overlap, however late, whoever else acts meanwhile. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { expire } from '../../shared/recall/expire.ts'
import { recallsOf, registerMany, timerContext } from '../support/expiring.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'

const minuteMs = 60_000
/** Messages that are due at once. */
const due = soak ? 2000 : 500

describeOnUrls('auto-expiry', (ledgerUrl, engine) => {
  let service: Service
  let ledger: Ledger
  /** Ways to the ledger as separate instances have them; PGlite has one. */
  let ways: readonly Ledger[] = []
  beforeAll(async () => {
    service = await startService({ ledgerUrl: ledgerUrl() })
    ;({ ledger } = service.gateway.runtime)
    const own = async () => (engine === 'pglite' ? ledger : openLedger(ledgerUrl()))
    ways = await Promise.all(Array.from({ length: 5 }, own))
  })
  afterAll(async () => {
    if (engine === 'postgres') await Promise.all(ways.map(way => way.close()))
    await service.close()
  })
  const run = (way: Ledger | undefined = ways[0]) => expire(timerContext(service, way ?? ledger))
  const register = (body: object) => service.call('POST', '/v1/messages', body, { role: 'sender' })
  const ahead = (minutes: number) => new Date(Date.now() + minutes * minuteMs).toISOString()
  const makeDue = (id: string) =>
    ledger.query("update message set expires_at = now() - interval '1 second' where id = $1::text", [id])
  const recallsOfMessage = (id: string) =>
    ledger.query<{ id: string; state: string }>(
      "select id, state from recall where subject ->> 'message' = $1::text order by id",
      [id],
    )

  it('recalls due messages once each, with five timers at once, after 30 minutes without any', async context => {
    await registerMany(ledger, { count: due, prefix: 'due', from: 100_000, expiresInMinutes: -30 })
    await registerMany(ledger, { count: 50, prefix: 'later', from: 200_000, expiresInMinutes: 30 })
    const startedAt = performance.now()
    await Promise.all(ways.map(run))
    const seconds = (performance.now() - startedAt) / 1000
    const recalls = await recallsOf(ledger, 'due')
    figure(
      context,
      `five expiry timers over ${due} due messages (${engine})`,
      `${recalls.length} recalls of ${new Set(recalls.map(({ message }) => message)).size} in ${seconds.toFixed(1)} s`,
      'each once, one run',
    )
    expect(recalls.length).toBe(due)
    expect(new Set(recalls.map(({ message }) => message)).size).toBe(due)
    expect(new Set(recalls.map(({ requestedBy, operation }) => `${requestedBy} ${operation}`))).toEqual(
      new Set(['timer:expire revoke']),
    )
    expect(await recallsOf(ledger, 'later')).toEqual([])
    const work = await ledger.query(
      'select priority, count(*) as units, sum(devices) as devices from work group by priority',
    )
    expect(work).toEqual([{ priority: 1, units: due, devices: 2 * due }])
    await run()
    expect((await recallsOf(ledger, 'due')).length).toBe(due)
    // the ledger is shared with what follows
    await ledger.query("update work set state = 'done', result = 'accepted', accepted = devices")
    await ledger.query("update recall_target set state = 'done', active = false")
    await ledger.query("update recall set state = 'done', settled_at = now()")
  })

  it('takes back at its end what nobody took back before, and lets sweep call the vendor', async () => {
    const tokens = service.sandbox.harmonyTokens().slice(0, 4)
    service.sandbox.pushHarmony({ notifyId: 71, tokens, title: 't', body: 'b' })
    const targets = [{ app: 'news-harmony', notifyId: 71, tokens }]
    expect((await register({ id: 'whole', expiresAt: ahead(11), targets })).status).toBe(201)
    let kicks = 0
    const context = timerContext(service, ledger, async () => void (kicks += 1))
    await expire(context)
    expect((await service.call('GET', '/v1/messages/whole')).body.recall).toBeNull()
    await makeDue('whole')
    await expire(context)
    expect(kicks).toBe(1)
    await service.gateway.fire('sweep')
    const [recall] = await recallsOfMessage('whole')
    const { body } = await service.call('GET', `/v1/recalls/${recall?.id}`)
    expect(body).toMatchObject({
      operation: 'revoke',
      state: 'done',
      requestedBy: 'timer:expire',
      person: null,
      subject: { message: 'whole' },
      devices: { total: 4, accepted: 4 },
    })
    expect(body.reason).toMatch(/^Auto-expiry: its time was over at 20/)
    // late tokens join, behind what people ask for
    await service.call('POST', '/v1/messages/whole/tokens', { app: 'news-harmony', tokens: ['late'] })
    expect(
      await ledger.query('select distinct priority from work where recall_id = $1::text', [recall?.id ?? '']),
    ).toEqual([{ priority: 1 }])
  })

  it('leaves alone what was recalled before, or is being recalled', async () => {
    const tokens = service.sandbox.harmonyTokens().slice(0, 2)
    for (const [index, before] of ['finished', 'running', 'overlaid', 'refused'].entries()) {
      const notifyId = 81 + index
      service.sandbox.pushHarmony({ notifyId, tokens, title: 't', body: 'b' })
      const targets = [{ app: 'news-harmony', notifyId, tokens: before === 'refused' ? ['no token'] : tokens }]
      await register({ id: before, targets, expiresAt: ahead(11) })
      const stuck = before === 'running'
      Object.assign(service.sandbox.switches.pushKit, stuck ? { failure: 'http503', retryAfter: 600 } : {})
      const call = before === 'overlaid' ? '/v1/overlay' : '/v1/revoke'
      const overlay = before === 'overlaid' ? { overlay: { title: 't', body: 'b' } } : {}
      const headers = { prefer: `wait=${stuck ? 0 : 10}` }
      await service.call('POST', call, { message: before, reason: 'r', ...overlay }, { headers })
      Object.assign(service.sandbox.switches.pushKit, { failure: null })
      await makeDue(before)
    }
    await run()
    for (const id of ['finished', 'running', 'overlaid']) expect((await recallsOfMessage(id)).length, id).toBe(1)
    // a recall that reached nobody took nothing back
    expect((await recallsOfMessage('refused')).map(({ state }) => state)).toEqual(['failed', 'running'])
    const open = await ledger.query('select id from message where expires_at <= now() and expired_at is null')
    expect(open).toEqual([])
    await ledger.query("update bucket set held_until = '-infinity'")
  })

  it('keeps to an end that was moved or cleared, and comes again at the new one', async () => {
    await register({
      id: 'moved',
      expiresAt: ahead(11),
      targets: [{ app: 'news-harmony', notifyId: 91, tokens: ['a'] }],
    })
    await makeDue('moved')
    await service.call('PATCH', '/v1/messages/moved', { expiresAt: ahead(20) })
    await run()
    await makeDue('moved')
    await service.call('PATCH', '/v1/messages/moved', { expiresAt: null })
    await run()
    expect(await recallsOfMessage('moved')).toEqual([])
    await service.call('PATCH', '/v1/messages/moved', { expiresAt: ahead(20) })
    await makeDue('moved')
    await run()
    expect((await recallsOfMessage('moved')).length).toBe(1)
  })

  it('is not undone by a cancel, and takes back what joins a message whose end found nothing', async () => {
    await register({
      id: 'kept',
      expiresAt: ahead(11),
      targets: [{ app: 'news-harmony', notifyId: 92, tokens: ['a'] }],
    })
    await register({ id: 'empty', expiresAt: ahead(11) })
    await makeDue('kept')
    await makeDue('empty')
    await run()
    const [recall] = await recallsOfMessage('kept')
    await service.call('POST', `/v1/recalls/${recall?.id}/cancel`)
    await run()
    expect((await recallsOfMessage('kept')).length).toBe(1)
    expect(await recallsOfMessage('empty')).toEqual([])
    const targets = [{ app: 'news-harmony', notifyId: 93, tokens: ['a'] }]
    await service.call('PATCH', '/v1/messages/empty', { targets })
    await ledger.query("update message set expiry_held_until = null where id = 'empty'")
    await run()
    expect((await recallsOfMessage('empty')).length).toBe(1)
  })

  it('does what the policy says, and says where nothing can be done', async () => {
    const policy = { 'unpush/policy': { expireAction: 'stop' } }
    const stopping = timerContext(service, ledger)
    await register({
      id: 'no-stop',
      expiresAt: ahead(11),
      targets: [{ app: 'news-harmony', notifyId: 94, tokens: ['a'] }],
    })
    await makeDue('no-stop')
    await expire({
      ...stopping,
      policy: async () => ({ ...(await stopping.policy()), ...(policy['unpush/policy'] as { expireAction: 'stop' }) }),
    })
    const [recall] = await recallsOfMessage('no-stop')
    const { body } = await service.call('GET', `/v1/recalls/${recall?.id}`)
    expect(body).toMatchObject({ operation: 'stop', state: 'failed', targets: [{ state: 'failed' }] })
    expect(body.settledAt).not.toBeNull()
    expect(body.targets[0].warnings[0]).toMatch(/no stop/)
  })

  it('hurries for an operator who asks for the same', async () => {
    await register({
      id: 'urgent',
      expiresAt: ahead(11),
      targets: [{ app: 'news-harmony', notifyId: 95, tokens: ['a'] }],
    })
    await makeDue('urgent')
    Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
    await run()
    const [recall] = await recallsOfMessage('urgent')
    const { status, body } = await service.call('POST', '/v1/revoke', { message: 'urgent', reason: 'r' })
    expect([status, body.id, body.deduplicated]).toEqual([200, recall?.id, true])
    expect(await ledger.query('select priority from work where recall_id = $1::text', [body.id])).toEqual([
      { priority: 0 },
    ])
    Object.assign(service.sandbox.switches.pushKit, { failure: null })
    await ledger.query("update bucket set held_until = '-infinity'")
  })

  it('goes on with the rest when one message cannot be planned', async () => {
    await registerMany(ledger, { count: 3, prefix: 'mixed', from: 400_000, expiresInMinutes: -1 })
    await ledger.query("update target set app = 'gone', provider = 'nobody' where message_id = 'mixed-2'")
    await run()
    expect((await recallsOf(ledger, 'mixed')).map(({ message }) => message)).toEqual(['mixed-1', 'mixed-3'])
    await ledger.query("update target set app = 'news-harmony', provider = 'huawei' where message_id = 'mixed-2'")
    await ledger.query('update message set expiry_held_until = null')
    await run()
    expect((await recallsOf(ledger, 'mixed')).length).toBe(3)
  })

  it('makes one recall each of many races between an operator and the timer', async context => {
    const races = soak ? 200 : 60
    await registerMany(ledger, { count: races, prefix: 'race', from: 300_000, expiresInMinutes: 30 })
    // nothing ends meanwhile
    Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
    const wrong: string[] = []
    const winners = { operator: 0, timer: 0 }
    for (let first = 1; first <= races; first += 20) {
      const numbers = Array.from({ length: 20 }, (_, offset) => first + offset)
      await ledger.query(
        `update message set expires_at = now() where id in (select 'race-' || n from generate_series($1::text::int, $2::text::int) n)`,
        [first, first + 19],
      )
      const operator = async (number: number) => {
        // by the message, or by its bare handle
        const subject =
          number % 2 === 0
            ? { message: `race-${number}` }
            : { target: { app: 'news-harmony', notifyId: 299_999 + number } }
        const headers = { prefer: 'wait=0' }
        const reply = await service.call('POST', '/v1/revoke', { ...subject, reason: 'r' }, { headers })
        if (reply.status !== 202 && reply.status !== 200) wrong.push(`${number}: ${reply.status} ${reply.text}`)
      }
      const timer = ways.slice(0, 2).map(run)
      await Promise.all([...timer, ...numbers.map(operator)])
      await run()
    }
    const recalls = await recallsOf(ledger, 'race')
    for (const { requestedBy } of recalls) winners[requestedBy === 'timer:expire' ? 'timer' : 'operator'] += 1
    const units = await ledger.query<{ n: number }>(
      `select count(*) as n from work w join target t on t.id = w.target_id where t.message_id like 'race-%'`,
    )
    figure(
      context,
      `operator against expiry timer, ${races} races (${engine})`,
      `${recalls.length} recalls (${winners.operator} by the operator, ${winners.timer} by the timer), ${wrong.length} errors`,
      `${races}, 0`,
    )
    expect(wrong).toEqual([])
    expect(recalls.length).toBe(races)
    expect(units).toEqual([{ n: races }])
    expect(new Set(recalls.map(({ message }) => message)).size).toBe(races)
    expect(await ledger.query('select id from message where expires_at <= now() and expired_at is null')).toEqual([])
    Object.assign(service.sandbox.switches.pushKit, { failure: null })
  })

  it('and a sender who moves the end agree: recalled and told so, or not recalled', async () => {
    const races = soak ? 60 : 30
    await registerMany(ledger, { count: races, prefix: 'patch', from: 500_000, expiresInMinutes: 0 })
    const patch = async (number: number) => {
      const body = { expiresAt: number % 2 === 0 ? null : ahead(20) }
      const reply = await service.call('PATCH', `/v1/messages/patch-${number}`, body, { role: 'sender' })
      return { number, status: reply.status, recall: reply.body.recall?.id ?? null }
    }
    const numbers = Array.from({ length: races }, (_, index) => index + 1)
    const [replies] = await Promise.all([Promise.all(numbers.map(patch)), ...ways.slice(0, 3).map(run)])
    await run()
    const recalls = new Map((await recallsOf(ledger, 'patch')).map(({ message, id }) => [message, id]))
    for (const { number, status, recall } of replies) {
      expect([status, recall], `patch-${number}`).toEqual([200, recalls.get(`patch-${number}`) ?? null])
    }
  })
})
