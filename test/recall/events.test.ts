/** The record of a recall against what the vendors' stand-ins saw of it. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conforms, document } from '../dashboard/document.ts'
import { type Service, startService } from '../support/service.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'

let service: Service
const start = async () => {
  service = await startService({
    secrets: {
      'unpush/policy': {
        approvalAbove: null,
        limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null },
      },
    },
  })
}
beforeAll(start)
afterAll(() => service.closeWhole())

interface Event {
  readonly at: string
  readonly kind: string
  readonly [member: string]: unknown
}
interface Call {
  readonly number: number
  readonly vendor: 'tpns' | 'pushKit'
  readonly path: string
  readonly code: string
  readonly fault: string | null
}

const eventsOf = async (id: string, role: 'viewer' | 'operator' = 'viewer'): Promise<Event[]> => {
  const { status, body } = await service.call('GET', `/v1/recalls/${id}/events`, undefined, { role })
  expect(status).toBe(200)
  expect(conforms(document.components.schemas['RecallEvents'] ?? {}, body)).toEqual([])
  return body.items
}
const callsAfter = async (number: number): Promise<Call[]> => {
  const { body } = await service.call('GET', '/_sandbox/calls')
  return body.items.filter((call: Call) => call.number > number).toReversed()
}
const lastCall = async () => (await service.call('GET', '/_sandbox/calls')).body.items[0]?.number ?? 0

/** What is due later is due now, and every budget is full. */
const hurry = async () => {
  const { ledger } = service.gateway.runtime
  await ledger.query('delete from bucket')
  await ledger.query('delete from breaker')
  await ledger.query("update work set run_at = now() where result is null and state = 'ready'")
}
const settle = async (id: string): Promise<string> => {
  for (let turn = 0; turn < 60; turn++) {
    const { body } = await service.call('GET', `/v1/recalls/${id}`)
    if (body.state !== 'running') return body.state
    await hurry()
    await service.gateway.runtime.drainer.run(id, Date.now() + 1000)
    // the stand-in has a clock of its own: it takes one push to all in a second
    await new Promise(resolve => setTimeout(resolve, 2 * turn))
  }
  throw new Error(`${id} does not end`)
}

/** Which of a stand-in's paths is which call of ours. */
function callOf({ vendor, path }: Call): string {
  if (vendor === 'tpns') {
    if (path.includes('get_push_record')) return 'status'
    if (path.includes('revoke_push_msg')) return 'revoke'
    return /stop_push_msg|cancel_timing_task/.test(path) ? 'stop' : 'overlay'
  }
  return path.includes('revoke') ? 'revoke' : 'overlay'
}

const faults = [null, 'http429', 'http503', 'html', 'empty', 'truncated', 'unknownCode'] as const
const world = fc.record({
  targets: fc.constantFrom('tpns', 'harmony', 'both'),
  operation: fc.constantFrom('revoke', 'stop', 'overlay'),
  tokens: fc.integer({ min: 1, max: 40 }),
  failure: fc.constantFrom(...faults),
  strikes: fc.integer({ min: 1, max: 3 }),
  rejected: fc.integer({ min: 0, max: 3 }),
  retired: fc.boolean(),
  again: fc.boolean(),
})
let numbers = 4_100_000

describe('the events of a recall', () => {
  // a stand-in takes 200 queries an hour: a fresh one for every twenty
  it.each(Array.from({ length: soak ? 10 : 1 }, (_, round) => round))(
    'hold every call that the stand-ins saw, in order (20 random recalls, round %i)',
    async round => {
      if (round > 0) {
        await service.closeWhole()
        await start()
      }
      await fc.assert(
        fc.asyncProperty(world, async ({ targets, operation, tokens, failure, strikes, rejected, retired, again }) => {
          const { sandbox } = service
          await hurry()
          const key = numbers++
          const named: object[] = []
          if (targets !== 'harmony') {
            sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: String(key) })
            named.push({ app: 'news-android', pushId: String(key), audience: 'all' })
          }
          if (targets !== 'tpns') {
            const mine = sandbox.harmonyTokens('phone').slice(0, tokens)
            sandbox.pushHarmony({ notifyId: key, tokens: mine, title: 't', body: 'b' })
            named.push({ app: 'news-harmony', notifyId: key, tokens: mine })
          }
          await service.call('POST', '/v1/messages', { id: `m${key}`, targets: named })
          Object.assign(sandbox.switches.tpns, { failure, calls: strikes, revokeRetired: retired })
          Object.assign(sandbox.switches.pushKit, {
            failure,
            calls: failure === null ? null : strikes,
            rejectTokens: failure === null ? rejected : 0,
          })
          const before = await lastCall()
          const overlay = { title: `n${key}`, body: 'n', options: { huawei: { category: 'MARKETING' } } }
          const asked = { message: `m${key}`, reason: 'r', ...(operation === 'stop' ? {} : { overlay }) }
          const soon = { headers: { prefer: 'wait=0' } }
          const { status, body } = await service.call('POST', `/v1/${operation}`, asked, soon)
          if (status === 422) return
          expect(status, JSON.stringify(body)).toBe(202)
          await settle(body.id)
          if (again) {
            const retried = await service.call('POST', `/v1/recalls/${body.id}/retry`, { reason: 'once more' })
            if (retried.status === 202) await settle(body.id)
          }
          const seen = await callsAfter(before)
          const events = await eventsOf(body.id)
          for (const app of ['news-android', 'news-harmony']) {
            const vendor = app === 'news-android' ? 'tpns' : 'pushKit'
            const told = events
              .filter(event => event.kind === 'answers' && event['app'] === app)
              .flatMap(({ call, code, calls }) => Array.from({ length: Number(calls) }, () => ({ call, code })))
            const mine = seen.filter(call => call.vendor === vendor)
            expect(told.map(({ call }) => call)).toEqual(mine.map(callOf))
            // what a fault said, the stand-in tells by the fault's name
            for (const [place, { code, fault }] of mine.entries())
              if (fault === null || fault === 'rejectTokens') expect(told[place]?.code).toBe(code)
          }
          expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted())
          const kinds = events.map(({ kind }) => kind)
          expect(kinds[0]).toBe('asked')
          expect(kinds).toContain('settled')
          expect(kinds.includes('begun')).toBe(seen.length > 0)
        }),
        { numRuns: 20, endOnFailure: true },
      )
      Object.assign(service.sandbox.switches.tpns, { failure: null, calls: null, revokeRetired: false })
      Object.assign(service.sandbox.switches.pushKit, { failure: null, calls: null, rejectTokens: 0 })
    },
  )

  it('tell who asked, who cancelled and why, with the place of each in the trail', async () => {
    const { sandbox } = service
    await hurry()
    const pushId = String(numbers++)
    sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
    Object.assign(sandbox.switches.tpns, { failure: 'http503', calls: null, retryAfter: 60 })
    const target = { app: 'news-android', pushId }
    const { body } = await service.call('POST', '/v1/revoke', { target, reason: 'wrong link', ticket: 'INC-7' })
    expect(body.state).toBe('running')
    // work that waits is seen waiting
    await service.gateway.fire('sweep')
    const waiting = (await eventsOf(body.id)).filter(({ kind }) => kind === 'blocked')
    expect(waiting).toEqual([expect.objectContaining({ until: null, app: 'news-android', pushId })])
    const cancelled = await service.call('POST', `/v1/recalls/${body.id}/cancel`, { reason: 'the link was right' })
    expect(cancelled.body.state).toBe('cancelled')
    expect((await service.call('POST', `/v1/recalls/${body.id}/cancel`, { why: 'x' })).status).toBe(400)
    Object.assign(sandbox.switches.tpns, { failure: null, retryAfter: null })
    await hurry()
    await service.gateway.fire('sweep')
    await service.call('POST', `/v1/recalls/${body.id}/retry`, { reason: 'it was wrong after all' })
    await settle(body.id)
    const events = await eventsOf(body.id)
    expect(events.find(({ kind }) => kind === 'asked')).toMatchObject({
      actor: 'key:operator',
      reason: 'wrong link',
      ticket: 'INC-7',
      operation: 'revoke',
    })
    expect(events.filter(({ kind }) => kind === 'blocked')).toEqual([
      expect.objectContaining({ at: waiting[0]?.at, until: expect.stringMatching(/Z$/) }),
    ])
    const reasonOf = (wanted: string) => events.find(({ kind }) => kind === wanted)?.['reason']
    expect([reasonOf('cancelled'), reasonOf('retried')]).toEqual(['the link was right', 'it was wrong after all'])
    const trail = await service.call('GET', `/v1/audit?object=${body.id}`, undefined, { role: 'admin' })
    const { items } = trail.body as { items: { seq: number; hash: string }[] }
    const told = events.flatMap(({ audit }) => (audit === undefined ? [] : [audit]))
    expect(told).toEqual(items.map(({ seq, hash }) => ({ seq, hash })).toReversed())
  })

  it('are nobody’s who does not see the recall', async () => {
    const none = `rcl_${'0'.repeat(26)}`
    expect((await service.call('GET', `/v1/recalls/${none}/events`)).status).toBe(404)
    expect((await service.call('GET', `/v1/recalls/${none}/events`, undefined, { role: 'sender' })).status).toBe(403)
  })

  it('are told by push and code, then by app and code, where there are thousands of them', async () => {
    const { ledger } = service.gateway.runtime
    const target = { app: 'news-harmony', notifyId: numbers++, tokens: service.sandbox.harmonyTokens().slice(0, 1) }
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { target, reason: 'r' },
      { headers: { prefer: 'wait=5' } },
    )
    expect(body.state).toBe('done')
    // answers that alternate: each a run of its own
    await ledger.query(
      `with t as (select id from recall_target where recall_id = $1::text),
         b as (insert into attempt_begun (recall_target_id, units)
           select t.id, json_build_array(json_build_object('work_id', 1000000 + n, 'fence', 1, 'nth', 1, 'step', 'revoke')) from t, generate_series(1, 1500) n)
       insert into attempt_answered (recall_target_id, units, replies)
       select t.id, json_build_array(json_build_object('work_id', 1000000 + n, 'fence', 1, 'nth', 1, 'outcome', 'accepted')),
         json_build_array(json_build_object('code', 'c' || n % 2, 'requestId', 'q' || n)) from t, generate_series(1, 1500) n`,
      [body.id],
    )
    const answers = (await eventsOf(body.id)).filter(({ kind }) => kind === 'answers')
    expect(answers.map(({ code, calls, requestIds }) => [code, calls, (requestIds as string[]).length])).toEqual([
      ['80000000', 1, 1],
      ['c1', 750, 200],
      ['c0', 750, 200],
    ])
  })
})
