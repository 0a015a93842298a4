/** What leaves once a message has been over for long enough, and what is said of it then. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLedger } from '../../shared/ledger/open.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { retire } from '../../shared/recall/retention.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnPostgres, describeOnUrls } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'

const app = 'news-harmony'
const wait = { headers: { prefer: 'wait=10' } }

describeOnUrls('retention', ledgerUrl => {
  let service: Service
  let ledger: Ledger
  beforeAll(async () => {
    service = await startService({ ledgerUrl: ledgerUrl() })
    ;({ ledger } = service.gateway.runtime)
  })
  afterAll(() => service.close())
  const tokens = () => service.sandbox.harmonyTokens().slice(0, 20)
  const register = async (id: string, notifyId: number, given: readonly string[] = tokens(), expiresAt?: string) => {
    service.sandbox.pushHarmony({ notifyId, tokens: [...given], title: 't', body: 'b' })
    const body = { id, targets: [{ app, notifyId, tokens: given }], ...(expiresAt === undefined ? {} : { expiresAt }) }
    expect((await service.call('POST', '/v1/messages', body, { role: 'sender' })).status).toBe(201)
  }
  const revoke = (message: string, extra: object = {}, options: object = wait) =>
    service.call('POST', '/v1/revoke', { message, reason: 'r', ...extra }, options)
  /** As if all of it had happened so many days earlier. */
  const age = async (days: number) => {
    const earlier = (column: string) => `${column} = ${column} - make_interval(days => $1::text::int)`
    await ledger.query(`update target set ${earlier('kept_since')}`, [days])
    await ledger.query(`update message set ${earlier('created_at')}, ${earlier('expires_at')}`, [days])
    await ledger.query(`update recall set ${earlier('created_at')}, ${earlier('settled_at')}`, [days])
    await ledger.query(`update token_chunk set ${earlier('arrived_at')}`, [days])
  }
  const kept = async (id: string) => {
    const [row] = await ledger.query<{ kept: number; devices: number }>(
      `select count(b.tokens) as kept, sum(b.count) as devices from target t join token_batch b on b.target_id = t.id
       where t.message_id = $1::text`,
      [id],
    )
    return row
  }

  it('takes tokens and replies out 15 days after the end, and every count stays', async () => {
    await register('over', 1)
    const recall = (await revoke('over')).body
    expect(recall.state).toBe('done')
    await age(14)
    await service.gateway.fire('sweep')
    expect(await kept('over')).toEqual({ kept: 1, devices: 20 })
    await age(2)
    const shown = (await service.call('GET', '/v1/messages/over')).body
    const before = (await service.call('GET', `/v1/recalls/${recall.id}`)).body
    await service.gateway.fire('sweep')
    expect(await kept('over')).toEqual({ kept: 0, devices: 20 })
    const replies = await ledger.query('select count(*) as attempts, count(vendor) as replies from attempt')
    expect(replies).toEqual([{ attempts: 1, replies: 0 }])
    expect((await service.call('GET', '/v1/messages/over')).body).toEqual(shown)
    const [target] = before.targets
    expect((await service.call('GET', `/v1/recalls/${recall.id}`)).body).toEqual({
      ...before,
      targets: [{ ...target, vendor: { ...target.vendor, message: null, requestId: null } }],
    })
    expect(target.vendor.code).not.toBeNull()
  })

  it('says of a recall of such a message that its tokens are gone', async () => {
    const plan = await revoke('over', { dryRun: true })
    const refused = await revoke('over')
    for (const { status, body } of [plan, refused]) {
      expect([status, body.type]).toEqual([422, 'https://unpush.dev/problems/unsupported'])
      expect(body.detail).toMatch(/push tokens of all 20 devices were deleted/)
    }
    // those that come later can be taken back, and leave in their turn
    const late = service.sandbox.harmonyTokens().slice(20, 25)
    service.sandbox.pushHarmony({ notifyId: 1, tokens: late, title: 't', body: 'b' })
    await service.call('POST', '/v1/messages/over/tokens', { app, tokens: late })
    const again = await revoke('over', { again: true })
    expect(again.body).toMatchObject({ state: 'done', devices: { total: 5, accepted: 5 } })
    expect(again.body.targets[0].warnings.join(' ')).toMatch(/push tokens of 20 of 25 devices were deleted/)
    expect(await kept('over')).toEqual({ kept: 1, devices: 25 })
    await age(16)
    await service.gateway.fire('sweep')
    expect(await kept('over')).toEqual({ kept: 0, devices: 25 })
  })

  it('waits for the end, for recalls that are on their way, and for tokens that still come', async () => {
    await register('later', 2, tokens(), new Date(Date.now() + 3_600_000).toISOString())
    await register('running', 3)
    await register('coming', 4)
    await age(16)
    await ledger.query("update message set expires_at = now() + interval '1 hour' where id = 'later'")
    // before the recall, whose kick lets sweep run
    await service.call('POST', '/v1/messages/coming/tokens', { app, tokens: ['fresh'] })
    Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
    const { body } = await revoke('running', {}, { headers: { prefer: 'wait=0' } })
    await service.gateway.fire('sweep')
    for (const id of ['later', 'running', 'coming']) expect((await kept(id))?.kept, id).toBe(1)
    expect((await service.call('GET', '/v1/messages/coming')).body.targets[0].devices).toBeNull()
    await service.call('POST', `/v1/recalls/${body.id}/cancel`)
    Object.assign(service.sandbox.switches.pushKit, { failure: null })
    await ledger.query("update bucket set held_until = '-infinity'")
    await ledger.query("update token_chunk set arrived_at = now() - interval '2 minutes'")
    await service.gateway.fire('sweep')
    expect((await kept('coming'))?.kept).toBe(2)
    const printed = () =>
      ledger.query(
        `select distinct t.message_id as id from token_print p join target t on t.id = p.target_id where t.message_id = 'coming'`,
      )
    expect(await printed()).toEqual([{ id: 'coming' }])
    await age(16)
    await service.gateway.fire('sweep')
    expect(await printed()).toEqual([])
    for (const id of ['later', 'running', 'coming']) expect((await kept(id))?.kept, id).toBe(0)
    const retried = await service.call('POST', `/v1/recalls/${body.id}/retry`)
    expect([retried.status, retried.body.detail]).toEqual([409, expect.stringMatching(/push tokens were deleted/)])
  })

  it('takes out what a bare handle brought along', async () => {
    const target = { app, notifyId: 5, tokens: ['no token', 'nor this'] }
    const { body } = await service.call('POST', '/v1/revoke', { target, reason: 'r' }, wait)
    expect(body.state).toBe('failed')
    await age(16)
    await service.gateway.fire('sweep')
    expect(await ledger.query('select target_id from token_batch where tokens is not null')).toEqual([])
    const shown = (await service.call('GET', `/v1/recalls/${body.id}`)).body
    expect(shown.devices).toEqual(body.devices)
    expect(shown.targets[0].warnings.join(' ')).toMatch(/push tokens of this target were deleted since/)
  })

  it('asks no vendor about tokens that left while a recall was admitted', async () => {
    await register('raced', 6)
    Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
    const { body } = await revoke('raced', {}, { headers: { prefer: 'wait=0' } })
    // what is out is refused before the vendor is well again
    await service.gateway.runtime.drainer.idle()
    Object.assign(service.sandbox.switches.pushKit, { failure: null })
    await ledger.query(
      "update token_batch set tokens = null where target_id in (select target_id from work where state <> 'done')",
    )
    await ledger.query("update bucket set held_until = '-infinity'")
    await ledger.query("update work set run_at = now() where state = 'ready'")
    await service.gateway.fire('sweep')
    const [recall] = await readRecalls(ledger, [body.id])
    expect([recall?.state, recall?.targets[0]?.tally.unknown]).toEqual(['failed', 20])
    expect(recall?.targets[0]?.warnings.join(' ')).toMatch(/nothing was sent for them/)
  })
})

describeOnPostgres('retention of much', url => {
  it('takes no statement longer than 200 ms, for 400 batches of 1,000 and 40,000 attempts', async context => {
    const ledger = await openLedger(url())
    try {
      const chunk = `'["' || string_agg(md5(random()::text) || md5(random()::text) || md5(random()::text), '","') || '"]'`
      await ledger.query(
        "insert into target (position, app, provider, handle, kept_since) values (0, 'a', 'huawei', '1', now() - interval '16 days')",
      )
      await ledger.query(
        `insert into token_batch (target_id, seq, tokens, count)
         select (select max(id) from target), n, (select ${chunk} from generate_series(1, 1000 + n - n)), 1000
         from generate_series(1, 400) n`,
      )
      await ledger.query(
        `insert into recall (id, operation, state, reason, requested_by, owner, subject, fallback, apps, give_up_at, settled_at)
         values ('rcl_much', 'revoke', 'done', 'r', 'key:t', 'key:t', '{}', true, '{a}', now(), now() - interval '16 days')`,
      )
      await ledger.query(
        `insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, plan)
         select 'rcl_much', 0, max(id), 'a', 'huawei', '1', 'done', false, '{}' from target`,
      )
      await ledger.query(
        `insert into work (recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, state, give_up_at, vendor)
         select 'rcl_much', (select max(id) from recall_target), (select max(id) from target), n, 'a', 1000, 'revoke', 'revoke', 'act',
           'done', now(), '{"code":"0","message":"ok","requestId":"1","status":null}' from generate_series(1, 400) n`,
      )
      await ledger.query(
        `insert into attempt_begun (recall_target_id, units)
         select w.recall_target_id, json_agg(json_build_object('work_id', w.id, 'fence', n, 'nth', 1, 'step', 'revoke'))
         from work w, generate_series(1, 100) n group by w.recall_target_id, n`,
      )
      await ledger.query(
        `insert into attempt_answered (recall_target_id, units, replies)
         select w.recall_target_id, json_agg(json_build_object('work_id', w.id, 'fence', n, 'nth', 1, 'outcome', 'accepted')),
           json_agg('{"code":"0"}'::json)
         from work w, generate_series(1, 100) n group by w.recall_target_id, n`,
      )
      await ledger.query('analyze')
      let longestMs = 0
      let statements = 0
      const timed = {
        query: async <Row>(...given: Parameters<Ledger['query']>): Promise<Row[]> => {
          const startedAt = performance.now()
          const rows = await ledger.query<Row>(...given)
          longestMs = Math.max(longestMs, performance.now() - startedAt)
          statements += 1
          return rows
        },
      }
      expect(await retire(timed, 15, Date.now() + 60_000)).toBe(1)
      figure(
        context,
        'retention of 400,000 tokens and 40,000 replies',
        `${statements} statements, the longest ${longestMs.toFixed(0)} ms`,
        '≤ 200 ms each',
      )
      const [left] = await ledger.query(
        `select (select count(tokens) from token_batch) as tokens, (select sum(count) from token_batch) as devices,
           (select count(vendor) from attempt) as replies, (select count(*) from work where vendor ->> 'message' is not null) as said`,
      )
      expect(left).toEqual({ tokens: 0, devices: 400_000, replies: 0, said: 0 })
      // work is in small pieces: how long one takes is a matter of the machine
      expect(statements).toBeGreaterThan(10)
      if (soak) expect(longestMs).toBeLessThan(200)
    } finally {
      await ledger.close()
    }
  })
})
