/** Push tokens, and whom an audience names, are personal data: where they stand in the ledger, and that all of them leave. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { standIn as getui } from '../../sandbox/vendors/getui/index.ts'
import { keepDiscovered, reapDiscovered } from '../../shared/ledger/discoveries.ts'
import type { GetuiState } from '../../sandbox/vendors/getui/state.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { readAudience, shownAudience, withoutPeople } from '../../shared/recall/audience.ts'
import { soak } from '../support/figures.ts'
import { has } from '../support/notices.ts'
import { usualStandIns } from '../support/sandbox.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
let ledger: Ledger
let state: GetuiState
/** Of pushes to an audience a minute has five, and a day twenty. */
const forgetBroadcasts = async () => {
  state.broadcasts.length = 0
  await ledger.query('delete from bucket')
}
beforeAll(async () => {
  const own: typeof getui = { ...getui, createState: () => (state = getui.createState()) }
  const secrets = (demo: { readonly [name: string]: unknown }) => ({
    'unpush/app/news-getui': { ...(demo['unpush/app/news-getui'] as object), ratePerSecond: 1000 },
  })
  service = await startService({ standIns: [...usualStandIns, own], secrets })
  ;({ ledger } = service.gateway.runtime)
  await ledger.query(
    `insert into subscriber (id, events, digest)
     values ('told', '{recall.accepted,recall.completed,recall.failed,recall.partially_failed}', '')`,
  )
})
afterAll(() => service.close())

/** Every row of the ledger as text, by table. */
async function dump(): Promise<Map<string, string>> {
  const tables = await ledger.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const texts = new Map<string, string>()
  for (const { name } of tables) {
    const rows = await ledger.query<{ row: string }>(`select t::text as row from ${name} t`)
    texts.set(name, rows.map(({ row }) => row).join('\n'))
  }
  return texts
}
const tablesWith = async (values: readonly string[]) =>
  [...(await dump())].flatMap(([name, text]) => (values.some(value => text.includes(value)) ? [name] : [])).sort()

/** As if all of it had happened so many days earlier, but for the trail, which nobody changes. */
async function age(days: number): Promise<void> {
  const columns = await ledger.query<{ table: string; column: string }>(
    `select table_name as table, column_name as column from information_schema.columns
     where table_schema = 'public' and data_type = 'timestamp with time zone' and table_name !~ '^(audit|attempt$|migration|bucket|pulse)'
       and table_name in (select table_name from information_schema.tables where table_type = 'BASE TABLE')`,
  )
  for (const { table, column } of columns)
    await ledger.query(
      `update ${table} set ${column} = ${column} - make_interval(days => $1::text::int) where isfinite(${column})`,
      [days],
    )
}

let count = 0
const canary = () => `canary${randomBytes(12).toString('hex')}`
/** A push of Getui's to everybody. */
const task = (): string => {
  const push = { app: 'news-getui', title: 't', content: 'c', group: 'all', kind: 'all' } as const
  const { answer } = service.sandbox.running(getui).send(push)
  service.sandbox.changed()
  return String(answer['taskId'])
}
const waiting = { headers: { prefer: 'wait=20' } }
const register = async (target: object) => {
  const id = `m${++count}`
  const { status, body } = await service.call('POST', '/v1/messages', { id, targets: [target] }, { role: 'sender' })
  expect([status, body]).toMatchObject([201, {}])
  return id
}
const recall = (subject: object, more: object = {}, headers: { readonly [name: string]: string } = {}) =>
  service.call(
    'POST',
    '/v1/revoke',
    { ...subject, reason: 'r', ...more },
    { headers: { ...waiting.headers, ...headers } },
  )

const discovered = async (handle: string) => {
  const record = { status: 'do_not_send', scheduled: false, detail: {} }
  const listed = { id: `d${++count}`, handle, title: null, body: null, sentAt: null, audience: null, record }
  await keepDiscovered(ledger, 'news-getui', 'getui', 200, [listed])
}

const harmony = 'news-harmony'
const lists = [
  (value: string) => ({ alias: [value] }),
  (value: string) => ({ tag: [{ key: 'who', values: [value], opt_type: 'and' }] }),
]
/** Each way in: what it names, and the message or the handle that it may be taken back by. */
const waysIn = {
  'tokens that are registered': async (value: string) => ({
    message: await register({ app: harmony, notifyId: ++count, tokens: [value] }),
  }),
  'tokens that come later': async (value: string) => {
    const message = await register({ app: harmony, notifyId: ++count, tokens: [] })
    await service.call('POST', `/v1/messages/${message}/tokens`, { app: harmony, tokens: [value] })
    return { message }
  },
  'tokens that a bare handle brings': (value: string) =>
    Promise.resolve({ target: { app: harmony, notifyId: ++count, tokens: [value] } }),
  'tokens that are left alone': async (value: string) => {
    const message = await register({ app: harmony, notifyId: ++count, tokens: [value, canary()] })
    return { message, exceptTokens: [value] }
  },
  'tokens of what discover found': async (value: string) => {
    const handle = task()
    await discovered(handle)
    return { message: await register({ app: 'news-getui', taskId: handle, tokens: [value] }) }
  },
  'an audience that is registered': async (value: string, nth: number) => ({
    message: await register({ app: 'news-getui', taskId: task(), audience: lists[nth % 2]?.(value) }),
  }),
  'an audience that a bare handle brings': (value: string, nth: number) =>
    Promise.resolve({ target: { app: 'news-getui', taskId: task(), audience: lists[nth % 2]?.(value) } }),
} as const

describe('personal values', () => {
  it('stand where they must, leave all of them, and come into nothing that is told', async () => {
    const move = fc.record({
      way: fc.constantFrom(...(Object.keys(waysIn) as (keyof typeof waysIn)[])),
      taken: fc.boolean(),
      keyed: fc.boolean(),
      nth: fc.nat(1),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 3, maxLength: 8 }), async moves => {
        const values: string[] = []
        const shown = new Map<string, unknown>()
        for (const { way, taken, keyed, nth } of moves) {
          const value = canary()
          values.push(value)
          await forgetBroadcasts()
          const subject = await waysIn[way](value, nth)
          if (taken || !('message' in subject)) {
            const reply = await recall(subject, {}, keyed ? { 'idempotency-key': value.slice(6) } : {})
            expect([way, reply.status]).toEqual([way, expect.any(Number)])
            expect([200, 202, 422], way).toContain(reply.status)
            expect(JSON.stringify(reply.body)).not.toContain(value)
          }
          if ('message' in subject) shown.set(subject.message, null)
        }
        const may = new Set(['recall_exception', 'target', 'token_batch', 'token_chunk'])
        expect((await tablesWith(values)).filter(name => !may.has(name))).toEqual([])
        // what came a moment ago is sealed first
        await ledger.query("update token_chunk set arrived_at = now() - interval '2 minutes'")
        await service.gateway.fire('sweep')
        expect(await ledger.query("select id from recall where state = 'running'")).toEqual([])
        for (const id of shown.keys()) shown.set(id, (await service.call('GET', `/v1/messages/${id}`)).body)
        await age(40)
        await service.gateway.fire('sweep')
        expect(await tablesWith(values)).toEqual([])
        const [left] = await ledger.query(
          `select (select count(*) from recall_target where tokens_digest is not null) as digests,
             (select count(*) from target where kept_since is not null) as kept, (select count(*) from token_print) as prints,
             (select count(*) from vendor_record) as records, (select count(*) from recall_exception) as exceptions`,
        )
        expect(left).toEqual({ digests: 0, kept: 0, prints: 0, records: 0, exceptions: 0 })
        for (const [id, body] of shown) {
          const { targets } = (await service.call('GET', `/v1/messages/${id}`)).body
          expect(targets.map(({ devices }: { devices: unknown }) => devices)).toEqual(
            (body as { targets: { devices: unknown }[] }).targets.map(({ devices }) => devices),
          )
        }
      }),
      { numRuns: soak ? 100 : 3 },
    )
  })

  it('of records that somebody asked for leave, whoever registered the push, and as often as somebody asks', async () => {
    const { pushId } = service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all' })
    const records = () => ledger.query('select app, handle from vendor_record')
    for (let round = 0; round < 2; round++) {
      const { body } = await service.call('GET', `/v1/status?app=news-android&pushId=${pushId}`)
      expect(body).toMatchObject({ stale: null })
      expect(await records()).toEqual([{ app: 'news-android', handle: pushId }])
      await age(14)
      await service.gateway.fire('sweep')
      expect((await records()).length).toBe(1)
      await age(2)
      await service.gateway.fire('sweep')
      expect(await records()).toEqual([])
    }
  })

  it('that were added to what discover found leave before it does, however long they are kept', async () => {
    const handle = task()
    const value = canary()
    await discovered(handle)
    await ledger.query(
      `insert into token_batch (target_id, seq, tokens, count)
       select id, 0, json_build_array($2::text)::text, 1 from target where handle = $1::text`,
      [handle, value],
    )
    await age(40)
    await reapDiscovered(ledger)
    expect(await tablesWith([handle])).toContain('target')
    await service.gateway.fire('sweep')
    await reapDiscovered(ledger)
    expect([await tablesWith([handle]), await tablesWith([value])]).toEqual([[], []])
  })

  it('that come of a recall of what has left, or of a retry, leave in their turn', async () => {
    const { pushId } = service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all' })
    const message = await register({ app: 'news-android', pushId })
    const kept = async () =>
      (
        await ledger.query<{ kept: number }>(
          'select count(kept_since) as kept from target where message_id = $1::text',
          [message],
        )
      )[0]?.kept
    await age(16)
    await service.gateway.fire('sweep')
    expect(await kept()).toBe(0)
    Object.assign(service.sandbox.switches.tpns, { revokeRetired: true })
    const { body } = await recall({ message }, { fallback: false })
    Object.assign(service.sandbox.switches.tpns, { revokeRetired: false })
    expect([body.state, await kept()]).toEqual(['failed', 1])
    await age(16)
    await service.gateway.fire('sweep')
    expect(await kept()).toBe(0)
    expect((await service.call('POST', `/v1/recalls/${body.id}/retry`)).status).toBe(202)
    expect(await kept()).toBe(1)
    await service.gateway.runtime.drainer.idle()
    await age(16)
    await service.gateway.fire('sweep')
    const said = await ledger.query('select vendor from attempt where vendor is not null')
    expect([await kept(), said]).toEqual([0, []])
  })
})

describe('an audience that has left', () => {
  it('is shown as before, cannot be asked for, and a push that can be stopped whole still is', async () => {
    const audience = { alias: ['somebody'] }
    const message = await register({ app: 'news-getui', taskId: task(), audience })
    const lonely = await register({ app: 'news-getui', notifyId: 5, audience })
    await age(16)
    await service.gateway.fire('sweep')
    const plan = (await recall({ message }, { dryRun: true })).body
    expect(plan.targets[0]).toMatchObject({ operation: 'stop' })
    expect(plan.targets[0].notices).toEqual(has({ code: 'audience_deleted', params: {} }))
    expect(plan.targets[0].warnings.join(' ')).toMatch(
      /Whom this push went to was deleted.*Stop is done instead of revoke/,
    )
    const done = (await recall({ message })).body
    expect(done.targets[0]).toMatchObject({ operation: 'stop', state: 'partial' })
    const overlay = { overlay: { title: 'n', body: 'n' } }
    const refused = await service.call('POST', '/v1/overlay', { message: lonely, reason: 'r', ...overlay }, waiting)
    expect([refused.status, refused.body.type]).toEqual([422, 'https://unpush.dev/problems/unsupported'])
    expect(refused.body.detail).toMatch(/Whom this push went to was deleted/)
    // named anew it can be asked for
    const anew = await service.call(
      'POST',
      '/v1/overlay',
      { target: { app: 'news-getui', notifyId: 5, audience }, reason: 'r', ...overlay },
      waiting,
    )
    expect(anew.body.targets[0].operation).toBe('overlay')
    expect(anew.body.targets[0].warnings.join(' ')).not.toMatch(/was deleted/)
  })

  it('while a unit waits for its time is asked for no more, and the stop below is done', async () => {
    const message = await register({ app: 'news-getui', taskId: task(), audience: { alias: ['somebody'] } })
    Object.assign(service.sandbox.switches['getui'] ?? {}, { failure: 'http503', retryAfter: 600 })
    const { body } = await recall({ message }, {}, { prefer: 'wait=0' })
    await service.gateway.runtime.drainer.idle()
    Object.assign(service.sandbox.switches['getui'] ?? {}, { failure: null })
    await ledger.query(`update target set audience = 'left:{"alias":1}' where message_id = $1::text`, [message])
    await ledger.query("update bucket set held_until = '-infinity'")
    await ledger.query("update work set run_at = now() where state = 'ready'")
    await ledger.query('delete from breaker')
    await service.gateway.fire('sweep')
    const after = (await service.call('GET', `/v1/recalls/${body.id}`)).body
    expect(after.targets[0]).toMatchObject({ operation: 'stop', state: 'partial' })
    expect(after.targets[0].notices).toEqual(has({ code: 'audience_deleted', params: {} }))
  })

  it('holds how many they were, in whatever shape, and reads as it is shown', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean())
    const shape = fc.dictionary(
      fc.string({ minLength: 1 }),
      fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), fc.array(fc.string()))),
      { minKeys: 1 },
    )
    fc.assert(
      fc.property(shape, audience => {
        const kept = JSON.stringify(audience)
        const left = withoutPeople(kept)
        const named = JSON.stringify(shownAudience(kept)) !== JSON.stringify(readAudience(kept))
        expect(left === null).toBe(!named)
        if (left === null) return
        expect(readAudience(left)).toEqual(shownAudience(kept))
        expect(shownAudience(left)).toEqual(shownAudience(kept))
        // once is enough
        expect(withoutPeople(left)).toBe(null)
      }),
    )
    for (const word of ['all', 'topic']) expect(withoutPeople(word)).toBe(null)
  })
})

describe('an audience that a bare handle brings', () => {
  it('is the one that is asked for, whatever was registered, and another one is another recall', async () => {
    await forgetBroadcasts()
    const taskId = task()
    await register({ app: 'news-getui', taskId })
    const ask = async (audience: unknown) => (await recall({ target: { app: 'news-getui', taskId, audience } })).body
    const [first = '', second = ''] = service.sandbox.fleet.ofApp('news-getui').map(({ id }) => id)
    const one = await ask({ alias: [first] })
    const other = await ask({ alias: [second] })
    const again = await ask({ alias: [second] })
    expect(one.targets[0]).toMatchObject({ operation: 'revoke' })
    expect(other.id).not.toBe(one.id)
    expect([again.id, again.deduplicated]).toEqual([other.id, true])
    const kept = await ledger.query<{ audience: string }>(
      'select audience from target where handle = $1::text and audience is not null order by id',
      [taskId],
    )
    expect(kept.map(({ audience }) => audience)).toEqual([first, second].map(name => JSON.stringify({ alias: [name] })))
  })
})
