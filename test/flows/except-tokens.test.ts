/**
 * Everyone but these (`exceptTokens`, contract §4.2): the push tokens that a recall names are left alone, whenever they came, and
 * counted nowhere; no answer, record or log holds one.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conforms, document } from '../dashboard/document.ts'
import { standIn } from '../../sandbox/vendors/apns/index.ts'
import { usualStandIns } from '../support/sandbox.ts'
import { type Service, startService } from '../support/service.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const seed = Math.floor(Math.random() * 2 ** 31)

let service: Service
let said = ''
beforeAll(async () => {
  service = await startService({
    standIns: [...usualStandIns, standIn],
    secrets: demo => ({
      ...demo,
      'unpush/policy': { ...(demo['unpush/policy'] as object), approvalAbove: { revoke: 40, overlay: 40 } },
    }),
  })
})
afterAll(() => service.closeWhole())

const wait = { headers: { prefer: 'wait=15' } }
const call: Service['call'] = async (method, path, body, options) => {
  const reply = await service.call(method, path, body, options)
  said += reply.text
  return reply
}
const revoke = (body: object, options: Parameters<Service['call']>[3] = wait) =>
  call('POST', '/v1/revoke', { reason: 'r', ...body }, options)
const sweep = () => fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })

let next = 91_000
/** A push to the first `devices` phones, with a message that has so many of their tokens. */
async function pushed(devices: number, registered = devices) {
  const notifyId = (next += 1)
  const tokens = service.sandbox.harmonyTokens('phone').slice(0, devices)
  service.sandbox.pushHarmony({ notifyId, tokens, title: `t ${notifyId}`, body: 'b' })
  const id = `but-${notifyId}`
  const targets = [{ app: 'news-harmony', notifyId, tokens: tokens.slice(0, registered) }]
  expect((await call('POST', '/v1/messages', { id, targets })).status).toBe(201)
  return { id, notifyId, tokens }
}

/** Of these phones those whose vendor was asked to take the push back, by their place. */
function taken(notifyId: number, tokens: readonly string[]): number[] {
  return tokens.flatMap((token, place) => {
    const phone = service.sandbox.phones.find(one => one.token === token)
    const key = String(notifyId)
    const pending = phone?.pending ?? []
    const waits = pending.some(one => one.kind === 'show' && one.message.key === key)
    const ends = pending.some(one => one.kind === 'remove' && one.key === key)
    const left = phone?.notices.some(notice => notice.key === key) === true || (waits && !ends)
    return left ? [] : [place]
  })
}

describe('tokens that a recall names', () => {
  it('are left alone, counted nowhere, and shown nowhere', async () => {
    const { id, notifyId, tokens } = await pushed(5)
    const exceptTokens = [tokens[1], tokens[3], tokens[1], 'of no device here']
    const plan = await revoke({ message: id, exceptTokens, dryRun: true })
    expect(plan.body).toMatchObject({ devices: 3, reach: { devices: 3, basis: 'exact' } })
    // another list is another plan
    const other = await revoke({ message: id, exceptTokens: tokens.slice(0, 2), expect: plan.body.digest })
    expect(other.status).toBe(409)
    const { status, body } = await revoke({ message: id, exceptTokens, expect: plan.body.digest })
    expect([status, conforms(document.components.schemas['Recall'] ?? {}, body)]).toEqual([202, []])
    expect(body).toMatchObject({
      state: 'done',
      subject: { message: id, exceptTokens: 3 },
      devices: { total: 3, accepted: 3, rejected: 0, unknown: 0, pending: 0 },
      reach: { devices: 3 },
    })
    expect(taken(notifyId, tokens)).toEqual([0, 2, 4])
  })

  it('of a handle’s own list are refused, and so are too many and none that is a token', async () => {
    const { id, notifyId, tokens } = await pushed(2)
    const beside = { target: { app: 'news-harmony', notifyId, tokens }, exceptTokens: tokens }
    expect([(await revoke(beside)).status, (await revoke({ ...beside, exceptTokens: [] })).status]).toEqual([400, 400])
    const many = Array.from({ length: 1001 }, (_, nth) => `t${nth}`)
    for (const exceptTokens of [many, [''], [7], 'one', [null], ['x'.repeat(5000)]]) {
      const { status, body } = await revoke({ message: id, exceptTokens })
      expect([status, JSON.stringify(body.errors)]).toEqual([
        typeof exceptTokens[0] === 'string' && exceptTokens[0].length > 4096 ? 413 : 400,
        expect.stringContaining('/exceptTokens'),
      ])
    }
    expect((await revoke({ message: id, exceptTokens: null, dryRun: true })).body.devices).toBe(2)
    expect((await revoke({ message: id, exceptTokens: [], dryRun: true })).body.devices).toBe(2)
    expect((await revoke({ message: id, exceptTokens: many.slice(1), dryRun: true })).body.devices).toBe(2)
  })

  it('cannot be left out of a task: that target is refused in words, and the others run', async () => {
    const pushId = String((next += 1))
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'tag', pushId })
    const { id, tokens } = await pushed(3)
    const late = { targets: [{ app: 'news-android', pushId, audience: 'tag', audienceSize: 10 }] }
    const exceptTokens = tokens.slice(0, 1)
    const alone = `alone-${pushId}`
    expect((await call('POST', '/v1/messages', { id: alone, contents: [alone], ...late })).status).toBe(201)
    const refused = await revoke({ message: alone, exceptTokens })
    expect([refused.status, refused.body.detail]).toEqual([
      422,
      'tpns takes back the whole push: no device can be left out of it (exceptTokens).',
    ])
    const both = await revoke({ messages: [id, alone], exceptTokens })
    expect(both.body).toMatchObject({
      state: 'partial',
      targets: [
        { app: 'news-harmony', state: 'done', devices: { total: 2, accepted: 2 } },
        { app: 'news-android', state: 'failed', notices: [{ code: 'exceptions_whole', params: { provider: 'tpns' } }] },
      ],
    })
    // what comes later is measured alike
    const third = String((next += 1))
    await call('PATCH', `/v1/messages/${id}`, { targets: [{ ...late.targets[0], pushId: third }] })
    const after = await call('GET', `/v1/recalls/${both.body.id}`)
    expect(after.body.targets.find((one: { pushId?: string }) => one.pushId === third)).toMatchObject({
      state: 'failed',
    })
  })

  it('stay left alone when they come after the recall, or were held for it', async () => {
    const { id, notifyId, tokens } = await pushed(6, 2)
    const exceptTokens = [tokens[0], tokens[4]]
    const { body } = await revoke({ message: id, exceptTokens })
    expect(body.devices).toMatchObject({ total: 1, accepted: 1 })
    const add = (some: readonly string[]) =>
      call('POST', `/v1/messages/${id}/tokens`, { app: 'news-harmony', tokens: some })
    // a batch of nothing else is no reason to wait
    await add([tokens[4] ?? ''])
    await sweep()
    expect((await call('GET', `/v1/recalls/${body.id}`)).body).toMatchObject({ state: 'done', devices: { total: 1 } })
    await add(tokens)
    await sweep()
    const after = await call('GET', `/v1/recalls/${body.id}`)
    expect(after.body).toMatchObject({ state: 'done', devices: { total: 4, accepted: 4, pending: 0 } })
    expect(taken(notifyId, tokens)).toEqual([1, 2, 3, 5])

    const content = `held-${notifyId}`
    const held = await revoke({ content, hold: true, exceptTokens: tokens.slice(0, 1) })
    expect((await revoke({ content, hold: true, exceptTokens: tokens.slice(0, 1) })).body.id).toBe(held.body.id)
    expect((await revoke({ content, hold: true, exceptTokens: tokens.slice(1, 2) })).body.id).not.toBe(held.body.id)
    const come = await pushed(3, 0)
    const taking = await revoke({ content: `${content}-2`, hold: true, exceptTokens: come.tokens.slice(0, 1) })
    const targets = [{ app: 'news-harmony', notifyId: come.notifyId + 900_000, tokens: come.tokens }]
    await call('POST', '/v1/messages', { contents: [`${content}-2`], targets })
    await sweep()
    expect((await call('GET', `/v1/recalls/${taking.body.id}`)).body.devices).toMatchObject({ total: 2 })
  })

  it('make another recall of the same push: told while one runs, done anew once it has ended', async () => {
    const { id, tokens } = await pushed(4)
    const exceptTokens = tokens.slice(0, 1)
    const first = await revoke({ message: id, exceptTokens })
    const again = await revoke({ message: id })
    expect([again.body.id === first.body.id, again.body.devices.total]).toEqual([false, 4])
    const running = await pushed(3)
    service.sandbox.switches.pushKit.failure = 'http503'
    const one = await revoke(
      { message: running.id, exceptTokens: running.tokens.slice(0, 1) },
      { headers: { prefer: 'wait=0' } },
    )
    const same = await revoke({
      message: running.id,
      exceptTokens: [...running.tokens.slice(0, 1), ...running.tokens.slice(0, 1)],
    })
    expect([same.status, same.body.id]).toEqual([200, one.body.id])
    const all = await revoke({ message: running.id })
    expect([all.status, all.body.recall]).toEqual([409, one.body.id])
    expect(all.body.detail).toContain('with other exceptTokens')
    service.sandbox.switches.pushKit.failure = null
    const over = await revoke({ message: running.id, supersede: true })
    expect(over.body.devices.total).toBe(3)
  })

  it('are out of what others agree to, and stay out once they have', async () => {
    const { id, notifyId, tokens } = await pushed(45, 40)
    const exceptTokens = tokens.slice(0, 2)
    const under = await revoke({ message: id, dryRun: true, exceptTokens })
    expect([under.body.approvalNeeded, under.body.reach.devices]).toEqual([true, 38])
    const { body } = await revoke({ message: id, exceptTokens })
    expect([body.state, body.approval.because, body.approval.reach.devices]).toEqual(['pending_approval', 'hour', 38])
    await call('POST', `/v1/messages/${id}/tokens`, { app: 'news-harmony', tokens })
    await sweep()
    const approval = (await call('GET', `/v1/recalls/${body.id}`)).body.approval
    const { status } = await call(
      'POST',
      `/v1/recalls/${body.id}/approve`,
      { digest: approval.digest },
      { role: 'approver' },
    )
    expect(status).toBe(200)
    await sweep()
    const done = await call('GET', `/v1/recalls/${body.id}`)
    expect(done.body).toMatchObject({ state: 'done', devices: { total: 43, accepted: 43 } })
    expect(taken(notifyId, tokens)).toEqual(tokens.map((_, place) => place).slice(2))
  })

  it('are one device in whatever letter case its vendor takes them, from every side', async () => {
    const apns = service.sandbox.phones
      .flatMap(({ token }) => (/^[0-9a-f]{64}$/.test(token ?? '') ? [token ?? ''] : []))
      .slice(0, 3)
    expect(apns).toHaveLength(3)
    const upper = apns.map(token => token.toUpperCase())
    const half = apns.map(token => token.slice(0, 40).toUpperCase() + token.slice(40))
    const app = 'news-apns'
    const target = { app, collapseId: 'spelled', tokens: [...apns.slice(0, 2), ...upper.slice(0, 2)] }
    expect((await call('POST', '/v1/messages', { id: 'spelled', targets: [target] })).status).toBe(201)
    const raw = half.map(token => JSON.stringify(token)).join('\n')
    const headers = { 'content-type': 'application/x-ndjson' }
    const added = await call('POST', `/v1/messages/spelled/tokens?app=${app}`, undefined, { raw, headers })
    expect(added.body).toMatchObject({ received: 3 })
    await call('POST', '/v1/messages/spelled/tokens', { app, tokens: upper })
    const { ledger } = service.gateway.runtime
    await ledger.query("update token_chunk set arrived_at = now() - interval '2 minutes'")
    await sweep()
    const plan = await revoke({ message: 'spelled', exceptTokens: [half[0], upper[0]], dryRun: true })
    expect(plan.body).toMatchObject({ devices: 2 })
    const asked = { message: 'spelled', exceptTokens: [half[0], upper[0]], breakGlass: true, ticket: 'T' }
    const { body } = await revoke(asked)
    expect(body).toMatchObject({ subject: { exceptTokens: 1 }, devices: { total: 2, accepted: 2 } })
    // what was stored before it had one spelling is found as well
    await ledger.query('update token_batch set tokens = replace(tokens, $1::text, $2::text)', [
      String(apns[1]),
      String(upper[1]),
    ])
    const later = await revoke({ message: 'spelled', exceptTokens: [apns[1]], dryRun: true })
    expect(later.body).toMatchObject({ devices: 2 })
  })

  it('leave with the tokens of their targets', async () => {
    const { ledger } = service.gateway.runtime
    const kept = async () => (await ledger.query('select from recall_exception')).length
    expect(await kept()).toBeGreaterThan(5)
    await ledger.query("update recall set settled_at = settled_at - interval '16 days'")
    await sweep()
    expect(await kept()).toBeGreaterThan(5)
    await ledger.query("update target set kept_since = kept_since - interval '16 days'")
    await ledger.query("update token_chunk set arrived_at = arrived_at - interval '16 days'")
    await sweep()
    const open = await ledger.query('select from recall where settled_at is null')
    expect(await kept()).toBe(open.length)
  })

  it(`are the only ones left, however tokens and exceptions come (seed ${seed})`, async () => {
    const scenario = fc.record({
      devices: fc.integer({ min: 1, max: 30 }),
      // the places of tokens that are registered, in parts, repeats among them
      parts: fc.array(fc.array(fc.nat(29), { maxLength: 40 }), { minLength: 1, maxLength: 4 }),
      excepted: fc.array(fc.nat(29), { minLength: 1, maxLength: 8 }),
      // before which part it is asked for
      at: fc.nat(3),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async ({ devices, parts, excepted, at }) => {
        const { id, notifyId, tokens } = await pushed(devices, 0)
        const named = (places: readonly number[]) => places.map(place => tokens[place % devices] ?? '')
        const exceptTokens = named(excepted)
        let recall = ''
        for (const [nth, part] of [...parts, []].entries()) {
          if (recall === '' && (nth === at || nth === parts.length)) {
            const asked = await revoke({ message: id, exceptTokens, breakGlass: true, ticket: 'T' })
            expect(asked.status).toBe(202)
            recall = asked.body.id
          }
          if (part.length === 0) continue
          const body = { app: 'news-harmony', tokens: named(part) }
          expect((await call('POST', `/v1/messages/${id}/tokens`, body)).status).toBe(200)
        }
        await service.gateway.runtime.ledger.query(
          'update work set held = false, run_at = now() where held and result is null',
        )
        await sweep()
        await sweep()
        const registered = new Set(named(parts.flat()))
        const expected = tokens.flatMap((token, place) =>
          registered.has(token) && !exceptTokens.includes(token) ? [place] : [],
        )
        expect(taken(notifyId, tokens)).toEqual(expected)
        const { body } = await call('GET', `/v1/recalls/${recall}`)
        expect(body.devices).toMatchObject({ total: expected.length, accepted: expected.length, pending: 0 })
      }),
      { numRuns: soak ? 300 : 15, seed },
    )
  })

  it('stand in no answer, and in no line of the log', () => {
    const tokens = service.sandbox.harmonyTokens('phone')
    const all = `${said}\n${service.logged.join('\n')}`
    expect(tokens.filter(token => all.includes(token))).toEqual([])
  })
})
