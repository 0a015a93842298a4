/** Ask before you send: what a sender is told is what then happens, and of what he does not reach he is told nothing. */
import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { signerOf } from '../moderation/subjects.ts'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Reply, type Service, showing, startService } from '../support/service.ts'

/** For what never comes: on busy cores each look takes its time. */
const longestMs = 60_000

describeOnUrls('holds', suite)

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const grants = { android: ['news-android'], ios: ['news-ios'], both: ['news-android', 'news-ios'], all: ['*'] } as const
type Reach = keyof typeof grants
const reaches = Object.keys(grants) as Reach[]
const apps = ['news-android', 'news-ios'] as const
const isWithin = (reach: Reach, app: string) => reach === 'all' || (grants[reach] as readonly string[]).includes(app)

/** Who says what, and for which apps. */
const endpoints = {
  e_machine: { authority: 'machine' },
  e_person: { authority: 'human', appealOf: ['e_machine', 'e_ios'] },
  e_ios: { authority: 'human', apps: ['news-ios'] },
} as const
type Endpoint = keyof typeof endpoints
const secret = `whsec_${randomBytes(32).toString('base64')}`
const policy = { block: 'revoke', review: 'none', pass: 'none' }

function suite(ledgerUrl: () => string): void {
  const roles = ['sender', 'viewer', 'operator'] as const
  const keys = new Map<string, string>(
    roles.flatMap(role => reaches.map(reach => [`${role}.${reach}`, createApiKey().key] as const)),
  )
  let service: Service
  const macKey = randomBytes(32)
  const start = () =>
    startService({
      ledgerUrl: ledgerUrl(),
      macKey,
      secrets: {
        'unpush/policy': { limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null } },
        'unpush/access': {
          keys: [...keys].map(([id, key]) => {
            const [role = '', reach = 'all'] = id.split('.')
            return { id, sha256: createHash('sha256').update(key).digest('hex'), role, apps: grants[reach as Reach] }
          }),
        },
        ...Object.fromEntries(
          Object.entries(endpoints).map(([id, given]) => [
            `unpush/webhooks/${id}`,
            { source: 'standard-webhooks', secret, policy, ...given },
          ]),
        ),
      },
    })
  beforeAll(async () => {
    service = await start()
  })
  afterAll(() => service.closeWhole())
  // budgets are another test's
  beforeEach(() => service.gateway.runtime.ledger.query('delete from bucket'))

  const as = (who: string, method: string, path: string, body?: object): Promise<Reply> =>
    service.call(method, path, body, { role: null, headers: { authorization: `Bearer ${keys.get(who)}` } })
  const began = Date.now() - 7_200_000
  let said = 0
  const say = async (endpoint: Endpoint, content: string, verdict: 'block' | 'pass') => {
    // each a second after the one before: within one a block goes before a pass
    const timestamp = new Date(began + ++said * 1000).toISOString()
    const text = JSON.stringify({ type: 'moderation.verdict', timestamp, data: { content, verdict } })
    const { headers, body } = signerOf('standard-webhooks').sign(text, { secret })
    const raw = new Uint8Array(body)
    expect(
      (await service.call('POST', `/v1/webhooks/${endpoint}`, undefined, { role: null, headers, raw })).status,
    ).toBe(200)
  }
  let pushes = 700
  const push = (app: (typeof apps)[number]) => {
    const pushId = String(7_000_000 + pushes++)
    service.sandbox.pushTpns({ app, title: 't', content: 'b', audience: 'all', pushId })
    return { app, pushId }
  }
  const holdsOf = async (who: string, query: string) => (await as(who, 'GET', `/v1/holds?${query}`)).body
  const nothing = { held: false, holds: [] }

  it('takes one content or one message, and nothing else', async () => {
    for (const query of ['', 'content=a&message=b', 'content=', 'message=%00', 'content=a&content=b', 'q=a'])
      expect((await as('sender.all', 'GET', `/v1/holds?${query}`)).status, query).toBe(400)
    expect(await holdsOf('viewer.android', 'content=never')).toEqual(nothing)
    expect(await holdsOf('sender.android', 'message=never')).toEqual(nothing)
  })

  it('says what a standing block would take back, and registers nothing', async () => {
    await say('e_machine', 'bad:1', 'block')
    const asked = { id: 'ask-1', contents: ['good:1', 'bad:1'], targets: [push('news-android')], ask: true }
    const first = await as('sender.android', 'POST', '/v1/messages', asked)
    expect([first.status, first.body]).toEqual([
      200,
      { held: true, holds: [{ recall: null, verdict: expect.any(String) }] },
    ])
    expect(await holdsOf('sender.android', 'content=bad%3A1')).toEqual(first.body)
    expect((await as('viewer.all', 'GET', '/v1/messages/ask-1')).status).toBe(404)
    // sent all the same: the answer says by whom it is taken back, and the next one who asks hears of that recall
    const sent = await as('sender.android', 'POST', '/v1/messages', { ...asked, ask: false })
    expect([sent.status, typeof sent.body.recall.id]).toEqual([201, 'string'])
    expect((await holdsOf('sender.android', 'content=bad%3A1')).holds).toMatchObject([{ recall: sent.body.recall.id }])
    // to ask for the same again is no conflict, and changes nothing
    expect((await as('sender.android', 'POST', '/v1/messages', asked)).body.held).toBe(true)
    expect((await as('sender.android', 'POST', '/v1/messages', { ...asked, ask: null })).status).toBe(200)
    await say('e_person', 'bad:1', 'pass')
    expect(await holdsOf('sender.android', 'content=bad%3A1')).toEqual(nothing)
    await service.gateway.runtime.ledger.query("update verdict set received_at = now() - interval '1 day 1 second'")
  })

  it('forgets a block after its day', async () => {
    await say('e_machine', 'old:1', 'block')
    expect((await holdsOf('sender.all', 'content=old:1')).held).toBe(true)
    await service.gateway.runtime.ledger.query(
      "update verdict set received_at = now() - interval '24 hours 1 second' where content = 'old:1'",
    )
    expect(await holdsOf('sender.all', 'content=old:1')).toEqual(nothing)
  })

  it('says that a recalled message stays recalled, to whoever may add to it', async () => {
    await as('sender.both', 'POST', '/v1/messages', { id: 'back', targets: [push('news-android')] })
    expect(await holdsOf('sender.both', 'message=back')).toEqual(nothing)
    const { body } = await as('operator.android', 'POST', '/v1/revoke', { message: 'back', reason: 'r' })
    const held = { held: true, holds: [{ recall: body.id }] }
    for (const who of ['sender.both', 'sender.all', 'viewer.android', 'operator.android'])
      expect(await holdsOf(who, 'message=back'), who).toEqual(held)
    // it is not theirs, or the recall takes nothing back of what they reach
    expect(await holdsOf('sender.ios', 'message=back')).toEqual(nothing)
    const only = { id: 'back', targets: [push('news-ios')], ask: true }
    expect((await as('sender.both', 'POST', '/v1/messages', only)).body).toEqual(nothing)
  })

  it('tells before a registration exactly what the registration then tells', async () => {
    const { ledger } = service.gateway.runtime
    const verdict = fc.record({
      by: fc.constantFrom<Endpoint>('e_machine', 'e_person', 'e_ios'),
      of: fc.nat(1),
      says: fc.constantFrom('block' as const, 'block' as const, 'pass' as const),
    })
    const message = fc.record({
      by: fc.constantFrom<Reach>(...reaches),
      to: fc.subarray([...apps], { minLength: 1 }),
      contents: fc.subarray([0, 1]),
      discovered: fc.constantFrom(null, null, null, 'recalled' as const, 'live' as const),
    })
    let world = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(verdict, { maxLength: 4 }),
        fc.array(message, { minLength: 1, maxLength: 2 }),
        async (verdicts, messages) => {
          await ledger.query('delete from bucket')
          const name = (of: number) => `world:${world}:${of}`
          world++
          for (const { by, of, says } of verdicts) await say(by, name(of), says)
          for (const { by, to, contents, discovered } of messages) {
            const reached = to.filter(app => isWithin(by, app))
            if (reached.length === 0) continue
            const targets = reached.map(push)
            const [first] = targets
            if (discovered !== null && first !== undefined) {
              await ledger.query(
                `with made as (insert into target (message_id, position, app, provider, handle) select $1::text, 0, $2::text, 'tpns', $3::text)
               insert into message (id, digest, contents, registered_by, owner, reach, discovered_app)
               values ($1::text, '', '{}', 'timer:discover', 'timer:discover', array[$2::text], $2::text)`,
                [`found-${first.pushId}`, first.app, first.pushId],
              )
              const target = { app: first.app, pushId: first.pushId }
              if (discovered === 'recalled') {
                const { status } = await as('operator.all', 'POST', '/v1/revoke', {
                  message: `found-${first.pushId}`,
                  reason: 'r',
                })
                expect([status, target.app]).toEqual([202, first.app])
              }
            }
            const body = { contents: contents.map(name), targets }
            const told = await as(`sender.${by}`, 'POST', '/v1/messages', { ...body, ask: true })
            const sent = await as(`sender.${by}`, 'POST', '/v1/messages', body)
            expect([told.status, sent.status]).toEqual([200, 201])
            expect(told.body.held, JSON.stringify(told.body)).toBe(sent.body.recall !== null)
            // each content asked for by itself says no less
            const alone = await Promise.all(contents.map(of => holdsOf(`sender.${by}`, `content=${name(of)}`)))
            if (told.body.held && discovered !== 'recalled') expect(alone.some(({ held }) => held)).toBe(true)
          }
        },
      ),
      { numRuns: soak ? 400 : 25 },
    )
    // the stand-in answers 200 queries an hour, as TPNS does, and so many pushes used them up
    if (!soak) return
    await service.closeWhole()
    service = await start()
  })

  const revoke = (who: string, body: object) => as(who, 'POST', '/v1/revoke', { reason: 'r', ...body })
  const recallOf = async (id: string) => (await as('operator.all', 'GET', `/v1/recalls/${id}`)).body
  const register = (who: string, body: object) => as(who, 'POST', '/v1/messages', body)
  const targetsOf = async (id: string): Promise<string[]> =>
    (await recallOf(id)).targets.map(({ app, pushId }: { app: string; pushId: string }) => `${app} ${pushId}`)
  /** All that it took in has ended, and it holds on. */
  const done = (id: string) =>
    vi.waitFor(async () => {
      await service.gateway.runtime.drainer.run(id, Date.now() + 1000)
      const { targets, ...recall } = await recallOf(id)
      expect(new Set(targets.map(({ state }: { state: string }) => state))).toEqual(new Set(['done']))
      expect(recall).toMatchObject({ state: 'running', settledAt: null, holdsUntil: expect.any(String) })
    }, longestMs)

  it('holds what is not known yet: it is taken back as it comes, until the hold is cancelled', async () => {
    for (const subject of [{ content: 'held:1' }, { message: 'held-1' }])
      expect((await revoke('operator.all', subject)).status).toBe(404)
    const hold = await revoke('operator.all', { content: 'held:1', hold: true })
    expect([hold.status, hold.body]).toMatchObject([
      202,
      { state: 'running', targets: [], devices: null, settledAt: null },
    ])
    expect(hold.body.holdsUntil).toBe(hold.body.giveUpAt)
    const { id } = hold.body
    expect(await holdsOf('sender.android', 'content=held:1')).toEqual({ held: true, holds: [{ recall: id }] })
    const sent = [push('news-android'), push('news-ios')]
    for (const target of sent) {
      const { status, body } = await register('sender.both', { contents: ['other:1', 'held:1'], targets: [target] })
      expect([status, body.recall.id]).toEqual([201, id])
    }
    await done(id)
    expect(await targetsOf(id)).toEqual(sent.map(({ app, pushId }) => `${app} ${pushId}`))
    expect(showing(service.sandbox, 'tpns', sent[0]?.pushId ?? '')).toBe(0)
    expect((await recallOf(id)).causedBy).toMatchObject([{ actor: 'key:sender.both', by: 'content' }])
    await service.gateway.fire('sweep')
    expect((await recallOf(id)).state).toBe('running')
    const ended = await as('operator.all', 'POST', `/v1/recalls/${id}/cancel`)
    expect([ended.status, ended.body.state, ended.body.holdsUntil]).toEqual([200, 'done', null])
    expect(ended.body.settledAt).not.toBeNull()
    expect((await as('operator.all', 'POST', `/v1/recalls/${id}/cancel`)).status).toBe(409)
    expect(await holdsOf('sender.android', 'content=held:1')).toEqual(nothing)
    expect(
      (await register('sender.both', { contents: ['held:1'], targets: [push('news-android')] })).body.recall,
    ).toBeNull()
  })

  it('holds a message by its id, with what comes to it later', async () => {
    const { body: hold } = await revoke('operator.all', { message: 'held-2', hold: true })
    expect(await holdsOf('sender.android', 'message=held-2')).toEqual({ held: true, holds: [{ recall: hold.id }] })
    expect((await as('viewer.all', 'GET', '/v1/recalls?message=held-2')).body.items).toMatchObject([{ id: hold.id }])
    const empty = await register('sender.android', { id: 'held-2' })
    expect([empty.status, empty.body.recall.id]).toEqual([201, hold.id])
    const late = push('news-android')
    const changed = await as('sender.android', 'PATCH', '/v1/messages/held-2', { targets: [late] })
    expect(changed.body.recall.id).toBe(hold.id)
    await done(hold.id)
    expect(await targetsOf(hold.id)).toEqual([`news-android ${late.pushId}`])
    // what is given the content later is held as well
    const byContent = await revoke('operator.all', { content: 'held:2', hold: true })
    await register('sender.android', { id: 'late-2', targets: [push('news-android')] })
    const given = await as('sender.android', 'PATCH', '/v1/messages/late-2', { contents: ['held:2'] })
    expect(given.body.recall.id).toBe(byContent.body.id)
    await done(byContent.body.id)
  })

  it('holds what is known as well, with what is there', async () => {
    const [first, second] = [push('news-android'), push('news-android')]
    await register('sender.android', { contents: ['held:3'], targets: [first] })
    const { status, body } = await revoke('operator.all', { content: 'held:3', hold: true })
    expect([status, body.targets.length]).toEqual([202, 1])
    await register('sender.android', { contents: ['held:3'], targets: [second] })
    await done(body.id)
    expect(await targetsOf(body.id)).toEqual([first, second].map(({ app, pushId }) => `${app} ${pushId}`))
    // the same again is that hold, with another text or for more apps it is not
    const again = await revoke('operator.all', { content: 'held:3', hold: true })
    expect([again.status, again.body.id, again.body.deduplicated]).toEqual([200, body.id, true])
    expect((await revoke('operator.all', { content: 'held:3' })).body.holdsUntil).toBe(body.holdsUntil)
  })

  it('takes one content or one message to hold, and plans it', async () => {
    for (const body of [{ target: push('news-android') }, { messages: ['a'] }]) {
      const { status, body: problem } = await revoke('operator.all', { ...body, hold: true })
      expect([status, problem.errors[0].path]).toEqual([400, '/hold'])
    }
    const plan = await revoke('operator.all', { content: 'held:4', hold: true, dryRun: true })
    expect([plan.status, plan.body.targets, plan.body.approvalNeeded]).toEqual([200, [], false])
    expect(await holdsOf('sender.all', 'content=held:4')).toEqual(nothing)
    expect((await revoke('operator.all', { content: 'held:4', hold: null })).status).toBe(404)
  })

  it('ends where nothing came: cancelled, or when it gives up', async () => {
    const { ledger } = service.gateway.runtime
    await register('sender.android', { id: 'empty-1' })
    await register('sender.android', { id: 'empty-2' })
    const holds = [
      { content: 'held:5', hold: true },
      { content: 'held:6', hold: true },
      { message: 'empty-1' },
      { message: 'empty-2' },
    ]
    const begun = await Promise.all(holds.map(async body => (await revoke('operator.all', body)).body))
    expect(begun.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running'])
    for (const one of [0, 2]) {
      const { status, body } = await as('operator.all', 'POST', `/v1/recalls/${begun[one].id}/cancel`)
      expect([status, body.state]).toEqual([200, 'cancelled'])
    }
    await ledger.query(
      `update recall set give_up_at = now(), holds_until = case when holds_until is not null then now() end
       where id in (select json_array_elements_text($1::text::json))`,
      [JSON.stringify([begun[1].id, begun[3].id])],
    )
    await service.gateway.fire('sweep')
    for (const one of [1, 3]) expect((await recallOf(begun[one].id)).state).toBe('expired')
    expect(await holdsOf('sender.all', 'content=held:6')).toEqual(nothing)
    expect(
      (await register('sender.all', { contents: ['held:6'], targets: [push('news-android')] })).body.recall,
    ).toBeNull()
  })

  it('comes to what it took in came to, once its time is over', async () => {
    const { ledger } = service.gateway.runtime
    const { body: hold } = await revoke('operator.all', { content: 'held:over', hold: true })
    const [first, second] = [push('news-android'), push('news-ios')]
    await register('sender.android', { id: 'over-1', contents: ['held:over'], targets: [first] })
    await done(hold.id)
    // what fails may be tried again while it holds; the rest of it is settled
    service.sandbox.switches.tpns.failure = 'unknownCode'
    await register('sender.ios', { contents: ['held:over'], targets: [second] })
    const stateOf = async (nth: number) => (await recallOf(hold.id)).targets[nth]?.state
    await vi.waitFor(async () => {
      await service.gateway.runtime.drainer.run(hold.id, Date.now() + 1000)
      expect(await stateOf(1)).toBe('failed')
    }, longestMs)
    service.sandbox.switches.tpns.failure = null
    expect((await recallOf(hold.id)).state).toBe('running')
    expect((await as('operator.all', 'POST', `/v1/recalls/${hold.id}/retry`)).status).toBe(202)
    await done(hold.id)
    await ledger.query("update recall set holds_until = now() - interval '1 second' where id = $1::text", [hold.id])
    await service.gateway.fire('sweep')
    expect(await recallOf(hold.id)).toMatchObject({ state: 'done', holdsUntil: null, settledAt: expect.any(String) })
    // a recalled message stays recalled, and what is new is held no more
    const late = push('news-android')
    const changed = await as('sender.android', 'PATCH', '/v1/messages/over-1', { targets: [late] })
    expect(changed.body.recall.id).toBe(hold.id)
    const next = await register('sender.all', { contents: ['held:over'], targets: [push('news-android')] })
    expect(next.body.recall).toBeNull()
  })

  it('runs on where nothing of what is there can be done', async () => {
    const pushId = String(7_000_000 + pushes++)
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'token', pushId })
    const target = { app: 'news-android', pushId, audience: 'token' }
    await register('sender.android', { contents: ['held:none'], targets: [target] })
    const asked = { content: 'held:none', hold: true, fallback: false }
    const hold = await revoke('operator.all', asked)
    expect([hold.status, hold.body]).toMatchObject([202, { state: 'running', targets: [{ state: 'failed' }] }])
    const ended = await as('operator.all', 'POST', `/v1/recalls/${hold.body.id}/cancel`)
    expect([ended.status, ended.body.state]).toEqual([200, 'failed'])
  })

  it('holds whatever is registered in the same moment', async () => {
    for (let round = 0; round < 6; round++) {
      const content = `race:${round}`
      const sent = Array.from({ length: 6 }, (_, nth) => ({
        id: `race-${round}-${nth}`,
        contents: [content],
        targets: [push('news-android')],
      }))
      const [hold] = await Promise.all([
        revoke('operator.all', { content, hold: true }),
        ...sent.map(body => register('sender.android', body)),
        service.gateway.fire('sweep'),
        service.gateway.fire('sweep'),
      ])
      for (const { id } of sent)
        expect((await as('viewer.all', 'GET', `/v1/messages/${id}`)).body.recall?.id, id).toBe(hold.body.id)
      await vi.waitFor(
        async () =>
          expect((await targetsOf(hold.body.id)).sort()).toEqual(
            sent.map(({ targets: [one] }) => `${one?.app} ${one?.pushId}`).sort(),
          ),
        longestMs,
      )
      await done(hold.body.id)
    }
  })

  it('takes in by sweep what somebody began to take in and did not', async () => {
    const { ledger } = service.gateway.runtime
    const { body: hold } = await revoke('operator.all', { content: 'held:7', hold: true })
    const target = push('news-android')
    await ledger.query(
      `with made as (insert into target (message_id, position, app, provider, handle) values ('crashed', 0, 'news-android', 'tpns', $1::text)),
         named as (insert into recall_message (message_id, recall_id) values ('crashed', $2::text))
       insert into message (id, digest, contents, registered_by, owner) values ('crashed', '', '{held:7}', 'key:sender.all', 'key:sender.all')`,
      [target.pushId, hold.id],
    )
    // he may be at it still, and is the one to be named
    await service.gateway.fire('sweep')
    expect([await targetsOf(hold.id), (await recallOf(hold.id)).causedBy]).toEqual([[], []])
    await ledger.query("update target set kept_since = now() - interval '2 minutes' where handle = $1::text", [
      target.pushId,
    ])
    await service.gateway.fire('sweep')
    await done(hold.id)
    expect(await targetsOf(hold.id)).toEqual([`news-android ${target.pushId}`])
    expect((await recallOf(hold.id)).causedBy).toMatchObject([{ actor: 'key:sender.all', by: 'target' }])
  })

  it('lets what it takes in wait for another person where that is over the line', async () => {
    const overlay = { title: 'n', body: 'n' }
    const asked = { content: 'held:large', hold: true, overlay, reason: 'r' }
    const hold = await as('operator.all', 'POST', '/v1/overlay', asked)
    expect([hold.status, hold.body.state, hold.body.approval]).toEqual([202, 'running', null])
    const target = { ...push('news-android'), audience: 'all', audienceSize: 2_000_000 }
    const sent = await register('sender.android', { contents: ['held:large'], targets: [target] })
    expect([sent.status, sent.body.recall.id]).toEqual([201, hold.body.id])
    await service.gateway.runtime.drainer.run(hold.body.id, Date.now() + 500)
    const recall = await recallOf(hold.body.id)
    expect(recall).toMatchObject({ state: 'running', approval: { because: 'growth', above: 10_000 } })
    expect(showing(service.sandbox, 'tpns', target.pushId)).toBeGreaterThan(0)
    await as('operator.all', 'POST', `/v1/recalls/${hold.body.id}/cancel`)
  })

  it('never acts beyond the grant of whoever holds, and says nothing there', async () => {
    const { body: hold } = await revoke('operator.android', { content: 'held:8', hold: true })
    expect(await holdsOf('sender.ios', 'content=held:8')).toEqual(nothing)
    const apart = await register('sender.ios', { contents: ['held:8'], targets: [push('news-ios')] })
    expect([apart.status, apart.body.recall]).toEqual([201, null])
    const [mine, others] = [push('news-android'), push('news-ios')]
    const both = await register('sender.both', { id: 'both-8', contents: ['held:8'], targets: [mine, others] })
    expect(both.body.recall.id).toBe(hold.id)
    await done(hold.id)
    expect(await targetsOf(hold.id)).toEqual([`news-android ${mine.pushId}`])
    expect((await recallOf(hold.id)).outside).toBe(1)
    const later = push('news-ios')
    await as('sender.both', 'PATCH', '/v1/messages/both-8', { targets: [later] })
    expect((await recallOf(hold.id)).targets).toHaveLength(1)
    // who reaches less than it may neither see nor end it, and holds by himself
    expect((await as('operator.ios', 'POST', `/v1/recalls/${hold.id}/cancel`)).status).toBe(404)
    const own = await revoke('operator.ios', { content: 'held:8', hold: true })
    expect([own.status, own.body.id === hold.id]).toEqual([202, false])
    expect(await targetsOf(own.body.id)).toHaveLength(3)
    // what lies wholly beyond is no obstacle to hold what comes
    await register('sender.ios', { contents: ['held:9'], targets: [push('news-ios')] })
    expect((await revoke('operator.android', { content: 'held:9' })).status).toBe(403)
    const beyond = await revoke('operator.android', { content: 'held:9', hold: true })
    expect([beyond.status, beyond.body.outside, beyond.body.targets]).toEqual([202, 1, []])
  })

  it('takes a push into the newest hold that reaches its app, and tells so before and after', async () => {
    interface Held {
      readonly id: string
      readonly by: Reach
      readonly of: number
    }
    const step = fc.oneof(
      fc.record({ do: fc.constant('hold' as const), by: fc.constantFrom(...reaches), of: fc.nat(1) }),
      fc.record({ do: fc.constant('cancel' as const), nth: fc.nat(3) }),
      fc.record({
        do: fc.constant('send' as const),
        by: fc.constantFrom(...reaches),
        to: fc.subarray([...apps], { minLength: 1 }),
        contents: fc.subarray([0, 1], { minLength: 1 }),
      }),
    )
    let world = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async steps => {
        await service.gateway.runtime.ledger.query('delete from bucket')
        const name = (of: number) => `model:${world}:${of}`
        world++
        // newest first
        let live: Held[] = []
        const expected = new Map<string, string[]>()
        for (const one of steps) {
          if (one.do === 'hold') {
            const { body } = await revoke(`operator.${one.by}`, { content: name(one.of), hold: true, again: true })
            live.unshift({ id: body.id, by: one.by, of: one.of })
            expected.set(
              body.id,
              (body.targets as { app: string; pushId: string }[]).map(({ app, pushId }) => `${app} ${pushId}`),
            )
          } else if (one.do === 'cancel') {
            const gone = live[one.nth]
            if (gone === undefined) continue
            expect((await as('operator.all', 'POST', `/v1/recalls/${gone.id}/cancel`)).status).toBe(200)
            live = live.filter(hold => hold !== gone)
          } else {
            const targets = one.to.filter(app => isWithin(one.by, app)).map(push)
            if (targets.length === 0) continue
            const matching = live.filter(({ of }) => one.contents.includes(of))
            const taker = matching.find(hold => targets.some(({ app }) => isWithin(hold.by, app)))
            const newest = (app: string) => matching.find(hold => isWithin(hold.by, app))
            for (const { app, pushId } of targets) {
              const taker = newest(app)
              if (taker !== undefined) expected.get(taker.id)?.push(`${app} ${pushId}`)
            }
            const body = { contents: one.contents.map(name), targets }
            const told = await register(`sender.${one.by}`, { ...body, ask: true })
            expect(told.body.holds).toEqual(
              [...new Set(matching.filter(hold => targets.some(({ app }) => newest(app) === hold)))].map(({ id }) => ({
                recall: id,
              })),
            )
            const sent = await register(`sender.${one.by}`, body)
            expect(sent.body.recall?.id ?? null).toBe(taker?.id ?? null)
          }
        }
        for (const [id, targets] of expected) expect((await targetsOf(id)).sort(), id).toEqual(targets.sort())
      }),
      { numRuns: soak ? 300 : 12 },
    )
  })
}
