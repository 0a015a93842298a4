/** A caller reads and changes what lies within his grant, by whatever way he comes to it. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import type { Role } from '../../shared/functions.ts'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Reply, type Service, startService } from '../support/service.ts'

const apps = ['news-android', 'second-android', 'third-android'] as const
type App = (typeof apps)[number]
const grants: readonly (readonly string[])[] = [
  [],
  ['news-android'],
  ['second-android'],
  ['news-android', 'third-android'],
  [...apps],
  ['*'],
]
const roles = ['sender', 'viewer', 'operator', 'admin'] as const

interface Who {
  readonly key: string
  readonly role: Role
  readonly grant: readonly string[]
}
const principals: readonly Who[] = roles.flatMap(role =>
  grants.map(grant => ({ key: createApiKey().key, role, grant })),
)
const idOf = ({ role, grant }: Who) => `${role}.${grant.join('.').replaceAll('*', 'all') || 'none'}`
const reaches = ({ grant }: Who, app: string) => grant.includes('*') || grant.includes(app)

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
/** The stand-in of TPNS takes 200 queries an hour, as the vendor does: so many worlds with one service. */
const casesEach = soak ? 12 : 6
const services = Array.from({ length: soak ? 25 : 1 }, (_, nth) => nth + 1)

describeOnUrls('grants', suite)

function suite(ledgerUrl: () => string): void {
  let service: Service
  const start = async () => {
    service = await startService({
      ledgerUrl: ledgerUrl(),
      secrets: demo => ({
        ...demo,
        'unpush/apps/second-android': demo['unpush/apps/news-android'],
        'unpush/apps/third-android': demo['unpush/apps/news-android'],
        'unpush/access': {
          keys: principals.map(who => ({
            id: idOf(who),
            sha256: createHash('sha256').update(who.key).digest('hex'),
            role: who.role,
            apps: who.grant,
            // two senders of one owner, as while a key is rotated
            ...(who.role === 'sender' && who.grant.length === 1 && { owner: 'campaigns' }),
          })),
        },
      }),
    })
  }
  beforeAll(start)
  afterAll(() => service.close())

  const as = (who: Who, method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    service.call(method, path, body, { role: null, headers: { authorization: `Bearer ${who.key}`, ...headers } })
  const who = (role: Role, ...grant: string[]): Who => {
    const found = principals.find(one => one.role === role && one.grant.join() === grant.join())
    if (found === undefined) throw new Error(`no ${role} of ${grant.join()}`)
    return found
  }
  const all = () => who('operator', '*')

  let pushes = 5000
  const push = (app: App): { app: App; pushId: string } => {
    const pushId = String(9_000_000 + pushes++)
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
    return { app, pushId }
  }
  const register = (by: Who, message: object) => as(by, 'POST', '/v1/messages', message)
  const wait = { prefer: 'wait=10' }
  /** Budgets are another test's. */
  const refill = () => service.gateway.runtime.ledger.query('delete from bucket')

  it('acts by content on what the caller reaches, and counts the rest', async () => {
    await refill()
    const [mine, others] = [push('second-android'), push('news-android')]
    await register(who('sender', 'second-android'), { id: 'mine', contents: ['shared:1'], targets: [mine] })
    await register(who('sender', 'news-android'), { id: 'poison', contents: ['shared:1'], targets: [others] })
    const asked = { content: 'shared:1', reason: 'harmful' }
    const b = who('operator', 'second-android')
    expect((await as(b, 'POST', '/v1/revoke', { ...asked, dryRun: true })).body).toMatchObject({
      outside: 1,
      targets: [{ pushId: mine.pushId }],
    })
    const { status, body } = await as(b, 'POST', '/v1/revoke', asked, wait)
    expect([status, body.state, body.outside]).toEqual([202, 'done', 1])
    expect(body.targets.map(({ pushId }: { pushId: string }) => pushId)).toEqual([mine.pushId])
    // wholly outside: 403 · nothing at all: 404
    const third = who('operator', 'news-android', 'third-android')
    await register(who('sender', 'second-android'), {
      id: 'far',
      contents: ['far:1'],
      targets: [push('second-android')],
    })
    for (const subject of [{ content: 'far:1' }, { message: 'far' }]) {
      const refused = await as(third, 'POST', '/v1/revoke', { ...subject, reason: 'r' })
      expect([refused.status, refused.body.outside]).toEqual([403, 1])
      expect(refused.text).not.toContain('second-android')
    }
    for (const subject of [{ content: 'none' }, { message: 'none' }])
      expect((await as(third, 'POST', '/v1/revoke', { ...subject, reason: 'r' })).status).toBe(404)
  })

  it('takes over a handle, and leaves the recall that it was in to whoever asked for it', async () => {
    await refill()
    const { ledger, drainer } = service.gateway.runtime
    // nothing is asked of a vendor meanwhile
    await ledger.query(
      `insert into breaker (app, probe_at, cause) select unnest(array['news-android', 'second-android']), now() + interval '1 hour', 'vendor'`,
    )
    const [a, b] = [push('news-android'), push('second-android')]
    await register(all(), { id: 'both', contents: ['both:1'], targets: [a, b] })
    const first = await as(all(), 'POST', '/v1/revoke', { message: 'both', reason: 'canary' })
    expect(first.body.state).toBe('running')
    const mine = who('operator', 'news-android')
    expect((await as(mine, 'POST', `/v1/recalls/${first.body.id}/cancel`)).status).toBe(404)
    const inTheWay = await as(mine, 'POST', '/v1/stop', { target: a, reason: 'x' })
    expect(inTheWay.status).toBe(409)
    expect(inTheWay.text).not.toContain(first.body.id)
    const taken = await as(mine, 'POST', '/v1/stop', { target: a, reason: 'x', supersede: true })
    expect(taken.status).toBe(202)
    // by the message it is that recall again, and the rest of the message lies outside
    const named = await as(mine, 'POST', '/v1/stop', { message: 'both', reason: 'x' })
    expect([named.status, named.body.id, named.body.outside]).toEqual([200, taken.body.id, 1])
    const left = await as(all(), 'GET', `/v1/recalls/${first.body.id}`)
    expect(left.body.state).toBe('running')
    expect(left.body.targets.map(({ state }: { state: string }) => state)).toEqual(['cancelled', 'running'])
    await ledger.query('delete from breaker')
    await ledger.query('update work set run_at = now() where result is null')
    await drainer.run(taken.body.id, Date.now() + 20_000)
    await drainer.run(first.body.id, Date.now() + 20_000)
    const ended = await as(all(), 'GET', `/v1/recalls/${first.body.id}`)
    expect(ended.body.state).toBe('partial')
    const trail = await as(who('admin', '*'), 'GET', '/v1/audit?q=recall.superseded')
    expect(trail.body.items).toMatchObject([
      { actor: `key:${idOf(mine)}`, object: first.body.id, detail: { apps: ['news-android'], targets: 1 } },
    ])
  })

  it('shows no recall that reaches further than the caller, where one would do what he asks', async () => {
    await refill()
    const [a, b] = [push('news-android'), push('second-android')]
    await register(all(), { id: 'dedupe', contents: ['dedupe:1'], targets: [a, b] })
    const first = await as(
      all(),
      'POST',
      '/v1/revoke',
      { message: 'dedupe', reason: 'canary', ticket: 'canary-7' },
      wait,
    )
    const mine = await as(who('operator', 'news-android'), 'POST', '/v1/revoke', { target: a, reason: 'r' }, wait)
    expect([mine.status, mine.body.state, mine.body.deduplicated]).toEqual([202, 'done', false])
    expect(mine.body.targets).toMatchObject([{ pushId: a.pushId, state: 'done' }])
    for (const text of ['canary', b.pushId, 'second-android', first.body.id]) expect(mine.text).not.toContain(text)
    // nothing was sent twice
    const calls = service.sandbox.phones.length
    expect(calls).toBeGreaterThan(0)
    const wide = await as(all(), 'POST', '/v1/revoke', { target: a, reason: 'r' }, wait)
    expect([wide.status, wide.body.id, wide.body.deduplicated]).toEqual([200, first.body.id, true])
  })

  it('gives messages to who registered them, and to the keys of the same owner', async () => {
    const [mine, rotated] = [who('sender', 'news-android'), who('sender', 'second-android')]
    const stranger = who('sender', 'news-android', 'third-android')
    expect((await register(mine, { id: 'bare', contents: ['c'], title: 'canary' })).status).toBe(201)
    // the same owner's other key is the same registrant
    expect((await register(rotated, { id: 'bare', contents: ['c'], title: 'canary' })).status).toBe(200)
    // no app yet: nobody else's, whatever his grant lacks
    for (const other of [who('viewer'), who('viewer', 'second-android'), who('operator', 'second-android')])
      expect((await as(other, 'GET', '/v1/messages/bare')).status).toBe(404)
    for (const other of [who('viewer', 'news-android'), who('viewer', '*')])
      expect((await as(other, 'GET', '/v1/messages/bare')).status).toBe(200)
    expect((await as(stranger, 'PATCH', '/v1/messages/bare', { contents: ['x'] })).status).toBe(403)
    expect((await as(who('sender', 'second-android'), 'PATCH', '/v1/messages/bare', { contents: ['x'] })).status).toBe(
      200,
    )
    // a taken id is taken, and says no more
    const texts = await Promise.all(
      [{ id: 'bare', contents: ['c'], title: 'canary' }, { id: 'bare' }].map(body => register(stranger, body)),
    )
    expect(texts.map(({ status }) => status)).toEqual([409, 409])
    expect(texts[0]?.body.detail).toBe(texts[1]?.body.detail)
    // and what another adds takes it from nobody
    expect((await as(all(), 'PATCH', '/v1/messages/bare', { targets: [push('third-android')] })).status).toBe(200)
    const still = await as(mine, 'PATCH', '/v1/messages/bare', { targets: [push('news-android')] })
    expect([still.status, still.body.targets.length, still.body.outside]).toEqual([200, 1, 1])
    expect((await as(mine, 'PATCH', '/v1/messages/bare', { expiresAt: null })).status).toBe(403)
  })

  it('lets a sender cause no recall by what it did not register, and names it where it does', async () => {
    await refill()
    const victim = push('news-android')
    const sender = who('sender', 'news-android', 'third-android')
    const owner = who('sender', 'news-android')
    await register(owner, { id: 'victim', targets: [victim] })
    for (const change of [
      { contents: ['any'] },
      { targets: [push('news-android')] },
      { expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
    ])
      expect((await as(sender, 'PATCH', '/v1/messages/victim', change)).status).toBe(403)
    const recalled = await as(all(), 'POST', '/v1/revoke', { message: 'victim', reason: 'r' }, wait)
    expect(recalled.body.causedBy).toEqual([])
    const late = await as(owner, 'PATCH', '/v1/messages/victim', { targets: [push('news-android')] })
    expect(late.body.recall.id).toBe(recalled.body.id)
    const after = await as(all(), 'GET', `/v1/recalls/${recalled.body.id}`)
    expect(after.body.causedBy).toMatchObject([{ actor: `key:${idOf(owner)}`, person: null, by: 'target' }])
    expect(after.body.targets).toHaveLength(2)
    const trail = await as(who('admin', '*'), 'GET', '/v1/audit?limit=200')
    const lines = trail.body.items.map((item: { actor: string; action: string; object: string }) => [
      item.actor,
      item.action,
      item.object,
    ])
    for (const [action, object] of [
      ['message.registered', 'victim'],
      ['message.changed', 'victim'],
      ['recall.grown', recalled.body.id],
    ])
      expect(lines).toContainEqual([`key:${idOf(owner)}`, action, object])
    // beyond the reach of who asked for the recall, nothing joins it
    await register(owner, { id: 'narrow', targets: [push('news-android')] })
    const narrow = await as(
      who('operator', 'news-android'),
      'POST',
      '/v1/revoke',
      { message: 'narrow', reason: 'r' },
      wait,
    )
    const beyond = push('second-android')
    await as(all(), 'PATCH', '/v1/messages/narrow', { targets: [beyond] })
    const kept = await as(all(), 'GET', `/v1/recalls/${narrow.body.id}`)
    expect(kept.text).not.toContain(beyond.pushId)
  })

  it('replays an idempotency key to no key of the owner that reaches less', async () => {
    const [mine, other] = [who('operator', '*'), who('operator', 'second-android')]
    const target = push('news-android')
    const headers = { ...wait, 'idempotency-key': 'rotated-1' }
    expect((await as(mine, 'POST', '/v1/revoke', { target, reason: 'r' }, headers)).status).toBe(202)
    expect((await as(other, 'POST', '/v1/revoke', { target, reason: 'r' }, headers)).status).toBe(403)
  })

  let round = 0
  it.each(services)(
    `lets nothing of other apps out or be changed, by any route (${casesEach} worlds, %i of ${services.length})`,
    async nth => {
      if (nth > 1) {
        await service.close()
        await start()
      }
      const canary = (on: readonly App[]) => on.map(app => `canary:${app}`).join(' ')
      const subsets = fc.subarray([...apps])
      const world = fc.record({
        messages: fc.array(
          fc.record({
            on: subsets,
            by: fc.constantFrom(...principals.filter(p => p.role === 'operator' && p.grant.length > 0)),
          }),
          { minLength: 2, maxLength: 3 },
        ),
        asks: fc.array(fc.record({ by: fc.constantFrom(...principals), at: fc.nat(2), how: fc.nat(30) }), {
          minLength: 8,
          maxLength: 14,
        }),
      })
      await fc.assert(
        fc.asyncProperty(world, async ({ messages, asks }) => {
          await refill()
          const n = ++round
          const objects: {
            id: string
            content: string
            targets: { app: App; pushId: string }[]
            recall: string | null
          }[] = []
          for (const [index, { on, by }] of messages.entries()) {
            const within = on.filter(app => reaches(by, app))
            const targets = within.map(push)
            const id = `w${n}-${index}`
            const body = { id, title: canary(within), contents: [`world:${n}`], targets }
            expect((await register(by, body)).status).toBe(201)
            const taken = index === 0 && targets.length > 0
            const recall = taken
              ? (
                  await as(
                    by,
                    'POST',
                    '/v1/revoke',
                    { message: id, reason: canary(within), ticket: canary(within) },
                    wait,
                  )
                ).body.id
              : null
            objects.push({ id, content: `world:${n}`, targets, recall })
          }
          const secretsOf = (by: Who, said: string) =>
            [
              ...apps.filter(app => !reaches(by, app)).map(app => `canary:${app}`),
              ...objects.flatMap(({ targets }) =>
                targets.filter(({ app }) => !reaches(by, app)).map(({ pushId }) => pushId),
              ),
            ].filter(text => !said.includes(text))
          for (const { by, at, how } of asks) {
            const object = objects[at % objects.length]
            if (object === undefined) continue
            const target = object.targets[how % Math.max(1, object.targets.length)]
            const outside = apps.filter(app => !reaches(by, app))
            await service.gateway.runtime.drainer.idle()
            const before = await fingerprint(outside)
            const [method, path, body] = route(how, object, target)
            const reply: Reply = await as(by, method, path, body, wait)
            expect(reply.status, `${method} ${path}: ${reply.text}`).toBeLessThan(500)
            for (const secret of secretsOf(by, JSON.stringify([path, body ?? null])))
              expect(reply.text.includes(secret), `${idOf(by)} ${method} ${path} learns ${secret}`).toBe(false)
            expect(await fingerprint(outside), `${idOf(by)} ${method} ${path} changes what it does not reach`).toEqual(
              before,
            )
          }
        }),
        { numRuns: casesEach, verbose: 1 },
      )

      /** Every line that is kept of these apps. */
      async function fingerprint(on: readonly App[]): Promise<string[]> {
        const rows = await service.gateway.runtime.ledger.query<{ line: string }>(
          `select line from (
           select t::text as line from recall_target t where app in (select json_array_elements_text($1::text::json))
           union all
           select concat(w.id, w.state, w.result, w.operation) from work w
             where w.app in (select json_array_elements_text($1::text::json))
           union all
           select concat(t.id, t.message_id, m.contents::text, m.expires_at) from target t join message m on m.id = t.message_id
             where t.app in (select json_array_elements_text($1::text::json))
               -- what a message is shared by may change its own part of
               and not exists (select from target o where o.message_id = m.id
                 and o.app not in (select json_array_elements_text($1::text::json)))) lines order by line`,
          [JSON.stringify(on)],
        )
        return rows.map(({ line }) => line)
      }
    },
  )
}

function route(
  how: number,
  object: { readonly id: string; readonly content: string; readonly recall: string | null },
  target: { readonly app: App; readonly pushId: string } | undefined,
): [method: string, path: string, body?: object] {
  const reason = { reason: 'asked' }
  const handle = target ?? { app: 'news-android', pushId: '1' }
  const recall = object.recall ?? 'rcl_00000000000000000000000000'
  const routes: [string, string, object?][] = [
    ['GET', `/v1/messages/${object.id}`],
    ['GET', '/v1/messages?q=canary&limit=200'],
    ['GET', `/v1/messages?content=${object.content}&limit=200`],
    ['PATCH', `/v1/messages/${object.id}`, { contents: ['changed'] }],
    ['PATCH', `/v1/messages/${object.id}`, { expiresAt: null }],
    ['POST', `/v1/messages/${object.id}/tokens`, { app: handle.app, tokens: ['t'] }],
    ['POST', '/v1/messages', { id: object.id, title: 'mine' }],
    ['POST', '/v1/messages', { targets: [handle] }],
    ['GET', `/v1/recalls/${recall}`],
    ['GET', '/v1/recalls?q=canary&limit=200'],
    ['GET', `/v1/recalls?content=${object.content}`],
    ['POST', `/v1/recalls/${recall}/cancel`],
    ['POST', `/v1/recalls/${recall}/retry`],
    ['POST', '/v1/revoke', { message: object.id, dryRun: true }],
    ['POST', '/v1/revoke', { content: object.content, dryRun: true }],
    ['POST', '/v1/revoke', { message: object.id, ...reason }],
    ['POST', '/v1/revoke', { content: object.content, ...reason }],
    ['POST', '/v1/revoke', { target: handle, ...reason }],
    ['POST', '/v1/stop', { target: handle, ...reason, supersede: true }],
    ['POST', '/v1/stop', { message: object.id, ...reason, supersede: true }],
    ['POST', '/v1/stop', { content: object.content, ...reason }],
    ['GET', '/v1/verdicts?limit=200'],
    ['GET', '/v1/deliveries?limit=200'],
    ['GET', '/v1/subscribers'],
    ['GET', '/v1/summary'],
    ['GET', '/v1/me'],
    ['GET', '/v1/audit?limit=200'],
    ['GET', '/v1/audit?q=canary'],
    ['GET', `/v1/status?app=${handle.app}&pushId=${handle.pushId}`],
    ['GET', '/v1/capabilities'],
    ['GET', `/v1/capabilities?app=${handle.app}`],
    ['GET', '/v1/pauses'],
    ['GET', `/v1/recalls?app=${handle.app}`],
    ['GET', `/v1/messages?app=${handle.app}`],
  ]
  return routes[how % routes.length] ?? ['GET', '/v1/messages']
}
