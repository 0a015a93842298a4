/** What the summary counts, against what the lists show. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '../shared/access/api-key.ts'
import { recallStates } from '../shared/api-schemas.ts'
import { newId } from '../shared/ids.ts'
import { conforms, document } from './dashboard/document.ts'
import { type Service, startService } from './support/service.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const narrow = createApiKey().key
const wide = createApiKey().key

let service: Service
beforeAll(async () => {
  const hashed = (key: string) => createHash('sha256').update(key).digest('hex')
  service = await startService({
    secrets: demo => ({
      ...demo,
      'unpush/access': {
        keys: [
          ...(demo['unpush/access'] as { keys: object[] }).keys,
          { id: 'narrow', sha256: hashed(narrow), role: 'approver', apps: ['news-android'], person: 'li.wei' },
          { id: 'wide', sha256: hashed(wide), role: ['operator', 'approver'], apps: ['*'], person: 'Chen.Jie' },
        ],
      },
    }),
  })
})
afterAll(() => service.close())

const get = async (path: string, key: string | null) => {
  const options =
    key === null ? { role: 'viewer' as const } : { role: null, headers: { authorization: `Bearer ${key}` } }
  const { status, body, text } = await service.call('GET', path, undefined, options)
  expect(status, text).toBe(200)
  return body
}

const app = fc.constantFrom('news-android', 'news-ios')
const world = fc.record({
  recalls: fc.array(
    fc.record({
      apps: fc.uniqueArray(app, { minLength: 1 }),
      state: fc.constantFrom(...recallStates),
      hoursAgo: fc.constantFrom(1, 23, 25, 90),
      stuck: fc.boolean(),
      linked: fc.boolean(),
      asked: fc.option(
        fc.record({
          state: fc.constantFrom('waiting', 'waiting', 'approved', 'broken'),
          person: fc.constantFrom(null, 'li.wei', 'chen.jie'),
          key: fc.constantFrom('x', 'wide'),
          voted: fc.option(fc.constantFrom('li.wei', 'chen.jie')),
        }),
      ),
    }),
    { maxLength: 25 },
  ),
  verdicts: fc.array(
    fc.record({ operation: fc.boolean(), problem: fc.boolean(), effect: fc.boolean(), passed: fc.boolean() }),
    { maxLength: 12 },
  ),
  subscribers: fc.array(fc.record({ app: fc.option(app), disabled: fc.boolean() }), { maxLength: 6 }),
  credentials: fc.dictionary(fc.constantFrom('news-android', 'news-ios', 'gone'), fc.constantFrom(true, false, null)),
})

type World = typeof world extends fc.Arbitrary<infer W> ? W : never

async function make({ recalls, verdicts, subscribers, credentials }: World): Promise<void> {
  const { ledger } = service.gateway.runtime
  for (const table of [
    'recall',
    'recall_target',
    'work',
    'verdict',
    'verdict_effect',
    'subscriber',
    'finding',
    'approval',
    'approval_vote',
  ])
    await ledger.query(`delete from ${table}`)
  for (const { apps, state, hoursAgo, stuck, linked, asked } of recalls) {
    const id = newId('rcl')
    const isOpen = state === 'running' || state === 'pending_approval'
    await ledger.query(
      `insert into recall (id, operation, state, reason, requested_by, subject, fallback, apps, owner, person, payer,
         created_at, settled_at, give_up_at)
       select $1::text, 'revoke', $2::text, 'r', 'key:' || $6::text, '{"content":"c"}', true,
         array(select json_array_elements_text($3::text::json)), 'key:' || $6::text, $7::text,
         coalesce('person:' || $7::text, 'key:' || $6::text), now() - interval '4 days',
         case when not $4::text::boolean then now() - make_interval(hours => $5::text::int) end, now()`,
      [id, state, JSON.stringify(apps), isOpen, hoursAgo, asked?.key ?? 'x', asked?.person ?? null],
    )
    if (asked !== null) {
      await ledger.query(
        `insert into approval (recall_id, state, needed, because, reach, basis, digest)
         values ($1::text, $2::text, 2, 'reach', 1, 'exact', 'd-1')`,
        [id, asked.state],
      )
      await ledger.query(
        `insert into approval_vote (recall_id, round, who, decision, person, actor)
         select $1::text, 1, p, 'approved', p, 'key:a' from unnest(array[$2::text]) p where p is not null`,
        [id, asked.voted],
      )
    }
    const plan = '{"requested":"revoke","ladder":["revoke"],"steps":{},"refusal":null,"audienceSize":null}'
    const [target] = await ledger.query<{ id: number }>(
      `insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, plan)
       values ($1::text, 0, 0, $2::text, 'tpns', $1::text, $3::text, false, $4::text::jsonb) returning id`,
      [linked ? newId('rcl') : id, apps[0] ?? '', state, plan],
    )
    if (linked) {
      await ledger.query(
        `insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, plan, linked_id)
         values ($1::text, 0, 0, $2::text, 'tpns', $1::text, $3::text, false, $4::text::jsonb, $5::text::bigint)`,
        [id, apps[0] ?? '', state, plan, target?.id ?? 0],
      )
    }
    if (stuck && isOpen) {
      await ledger.query(
        `insert into work (recall_id, recall_target_id, target_id, app, operation, ladder, step, give_up_at, blocked_by,
           blocked_since, blocked_detail)
         values ($1::text, $2::text::bigint, 0, $3::text, 'revoke', 'revoke', 'act', now(), 'rate', now(), 'd')`,
        [id, target?.id ?? 0, apps[0] ?? ''],
      )
    }
  }
  for (const { operation, problem, effect, passed } of verdicts) {
    const id = newId('vrd')
    const insert = `insert into verdict (id, endpoint, source, tier, content, decision, labels, authority, round, ordered_at,
      severity, outranks, operation, problem)`
    await ledger.query(
      `${insert} values ($1::text, 'e_1', 's', 'A', $1::text, 'block', '[]', 1, 0, now(), 2, '{e_1}',
         case when $2::text::boolean then 'revoke' end, case when $3::text::boolean then 'why' end)`,
      [id, operation, problem],
    )
    if (passed)
      await ledger.query(
        `${insert} values ($2::text, 'e_1', 's', 'A', $1::text, 'pass', '[]', 2, 0, now(), 0, '{e_1}', null, null)`,
        [id, newId('vrd')],
      )
    if (effect) await ledger.query(`insert into verdict_effect (verdict_id, message_id) values ($1::text, 'm')`, [id])
  }
  for (const [n, { app, disabled }] of subscribers.entries()) {
    await ledger.query(
      `insert into subscriber (id, events, apps, digest, disabled_at) values ('s' || $1::text, '{}', case when $2::text is not null
         then array[$2::text] end, 'd', case when $3::text::boolean then now() end)`,
      [n, app, disabled],
    )
  }
  for (const [name, ok] of Object.entries(credentials))
    await ledger.query(`insert into finding (name, subject, value) values ('check', $1::text, $2::text::jsonb)`, [
      name,
      JSON.stringify({ ok }),
    ])
}

it('counts what the lists show to the same caller', async () => {
  await fc.assert(
    fc.asyncProperty(world, async made => {
      await make(made)
      for (const key of [null, narrow, wide]) {
        const mine = (name: string) => key !== narrow || name === 'news-android'
        const summary = await get('/v1/summary', key)
        const { asOf: _, version, ...counts } = summary
        expect(conforms(document.components.schemas['Summary'] ?? {}, summary)).toEqual([])
        expect(version).toBe(service.gateway.runtime.config.version)
        interface Listed {
          readonly state: string
          readonly settledAt: string | null
          readonly blocked: object | null
          readonly disabledAt: string | null
          readonly approval: { readonly state: string; readonly mayDecide: boolean } | null
        }
        const list = async (path: string): Promise<Listed[]> => (await get(`${path}limit=200`, key)).items
        const recalls = await list('/v1/recalls?')
        const subscribers: Listed[] = (await get('/v1/subscribers', key)).items
        const dayAgo = Date.now() - 24 * 3_600_000
        expect(counts).toEqual({
          waiting: recalls.filter(({ approval }) => approval?.state === 'waiting').length,
          waitingForMe: recalls.filter(({ approval }) => approval?.mayDecide === true).length,
          running: recalls.filter(({ state }) => state === 'running').length,
          blocked: recalls.filter(({ state, blocked }) => state === 'running' && blocked !== null).length,
          failed24h: recalls.filter(
            ({ state, settledAt }) => state === 'failed' && Date.parse(settledAt ?? '') > dayAgo,
          ).length,
          heldVerdicts: (await list('/v1/verdicts?state=held&')).length,
          disabledSubscribers: subscribers.filter(({ disabledAt }) => disabledAt !== null).length,
          badCredentials: Object.entries(made.credentials).filter(
            ([name, ok]) => name !== 'gone' && mine(name) && ok === false,
          ).length,
        })
      }
    }),
    { numRuns: soak ? 300 : 15 },
  )
})
