/** From what happens to a recall to what its subscribers hear of it, through the whole service. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Moderated, startModerated } from '../moderation/moderated-service.ts'
import { soak } from '../support/figures.ts'
import { type Service, startService } from '../support/service.ts'
import { makeSecret, type Receiver, startReceiver, type Taken, verify } from './receiver.ts'

const secret = makeSecret()
const all = [
  'recall.accepted',
  'recall.completed',
  'recall.partially_failed',
  'recall.failed',
  'recall.expired',
  'recall.cancelled',
  'recall.overturned',
]

let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
})
afterAll(() => receiver.close())
beforeEach(() => {
  receiver.taken.length = 0
  receiver.answer = () => ({})
})

const subscriber = (path: string, more: object = {}) => ({
  url: `${receiver.url}${path}`,
  secret,
  events: all,
  format: 'standard',
  ...more,
})
const typesAt = (path: string) =>
  receiver
    .at(path)
    .map(taken => verify(secret, taken).type)
    .sort()
const idOf = ({ headers }: Taken) => headers['webhook-id']
/** Beyond what is due within seconds nothing moves without this. */
const makeDue = (service: Service) =>
  service.gateway.runtime.ledger.query(
    `with released as (update subscriber set held_until = '-infinity')
     update delivery set run_at = now() where state = 'pending'`,
  )

describe('subscribers', () => {
  const documents: { [name: string]: unknown } = {}
  let service: Service
  let pushes = 0
  beforeEach(async () => {
    for (const name of Object.keys(documents)) delete documents[name]
  })
  afterEach(() => service.close())
  const start = async (given: { readonly [id: string]: object }) => {
    for (const [id, document] of Object.entries(given)) documents[`unpush/subscribers/${id}`] = document
    service = await startService({ secrets: documents, localSubscribers: true })
    await service.gateway.fire('sweep')
  }
  const recall = async (operation = 'revoke'): Promise<string> => {
    const pushId = String(1000 + pushes++)
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all', pushId })
    const target = { app: 'news-android', pushId }
    const { status, body } = await service.call(
      'POST',
      `/v1/${operation}`,
      { target, reason: 'wrong link' },
      { headers: { prefer: 'wait=5' } },
    )
    expect([status, body.state]).toEqual([202, 'done'])
    return body.id
  }
  const deliveries = async (query = '') => (await service.call('GET', `/v1/deliveries?${query}`)).body.items

  it('hear at once of what happens, signed and once', async () => {
    await start({ console: subscriber('/console') })
    const id = await recall()
    await expect.poll(() => receiver.taken.length).toBe(2)
    await service.gateway.fire('sweep')
    expect(typesAt('/console')).toEqual(['recall.accepted', 'recall.completed'])
    const events = receiver.taken.map(taken => verify(secret, taken))
    expect(events.find(({ type }) => type === 'recall.completed')).toMatchObject({
      timestamp: expect.stringMatching(/Z$/),
      data: { id, state: 'done', operation: 'revoke', reason: 'wrong link', requestedBy: 'key:operator' },
    })
    expect(new Set(receiver.taken.map(idOf)).size).toBe(2)
    expect(
      (await deliveries()).map(({ state, attempts }: { state: string; attempts: object[] }) => [
        state,
        attempts.length,
      ]),
    ).toEqual([
      ['delivered', 1],
      ['delivered', 1],
    ])
  })

  it('hear of the rest where one delivery cannot be written, or cannot be settled in words', async () => {
    const events = ['recall.accepted']
    await start({ feishu: subscriber('/feishu', { format: 'feishu', events, secret: ['robot-secret-a'] }) })
    const { ledger } = service.gateway.runtime
    const tell = (from: number, to: number) =>
      ledger.query(
        `insert into recall (id, operation, state, reason, requested_by, owner, subject, fallback, apps, give_up_at)
         select 'rcl_' || n, 'revoke', 'running', 'r', 'key:x', 'key:x', '{}', true, '{news-android}', now()
         from generate_series($1::text::int, $2::text::int) n`,
        [from, to],
      )
    await tell(1, 4)
    await ledger.query("update delivery set data = '{}' where recall_id = 'rcl_1'")
    receiver.answer = () => ({ body: '{"code":0}' })
    await service.gateway.fire('sweep')
    const states = async () =>
      ledger.query<{ state: string; detail: string | null }>(
        `select d.state, a.detail from delivery d join delivery_attempt a on a.delivery_id = d.id order by d.recall_id`,
      )
    expect(await states()).toEqual([
      { state: 'failed', detail: 'It cannot be written as feishu.' },
      ...[2, 3, 4].map(() => ({ state: 'delivered', detail: null })),
    ])
    // a ledger that refuses these words, as PostgreSQL does with some
    await ledger.query(`create function refuse_words() returns trigger language plpgsql as $$ begin
      if new.detail like '%19001%' then raise exception 'refused' using errcode = '22P05'; end if; return new; end $$`)
    await ledger.query(
      'create trigger refuse_words before update on delivery_attempt for each row execute function refuse_words()',
    )
    receiver.answer = ({ body }) => ({ body: body.includes('rcl_5') ? '{"code":19001}' : '{"code":0}' })
    await tell(5, 7)
    await service.gateway.fire('sweep')
    // settled without them: it waits for its next try, not for the end of a lease
    expect(
      await ledger.query('select state, lease_until from delivery where recall_id >= $1::text order by recall_id', [
        'rcl_5',
      ]),
    ).toEqual(['pending', 'delivered', 'delivered'].map(state => ({ state, lease_until: null })))
  })

  it('hear of all of many, each genuine', async () => {
    const many = soak ? 1000 : 200
    await start({ console: subscriber('/console', { events: ['recall.accepted'] }) })
    const { ledger } = service.gateway.runtime
    await ledger.query(
      `insert into recall (id, operation, state, reason, requested_by, owner, subject, fallback, apps, give_up_at)
       select 'rcl_' || n, 'revoke', 'running', 'r', 'key:x', 'key:x', '{}', true, '{news-android}', now() from generate_series(1, $1::text::int) n`,
      [many],
    )
    for (let runs = 0; runs < 5 && receiver.taken.length < many; runs++) await service.gateway.fire('sweep')
    expect(new Set(receiver.taken.map(taken => verify(secret, taken).data.id)).size).toBe(many)
    expect(receiver.taken).toHaveLength(many)
  })

  it('are tried again seconds later, under the same id with a new timestamp', async () => {
    await start({ console: subscriber('/console', { events: ['recall.completed'] }) })
    receiver.answer = () => ({ status: receiver.taken.length === 1 ? 500 : 204 })
    await recall()
    await expect.poll(() => receiver.taken.length).toBe(2)
    const [first, second] = receiver.taken
    if (first === undefined || second === undefined) throw new Error('not taken')
    expect([idOf(second), second.body]).toEqual([idOf(first), first.body])
    const waitedMs = second.atMs - first.atMs
    expect(waitedMs).toBeGreaterThanOrEqual(3950)
    // 4 to 6 s by the schedule, and what slow cores take
    expect(waitedMs).toBeLessThan(30_000)
    expect(second.headers['webhook-timestamp']).not.toBe(first.headers['webhook-timestamp'])
    expect(verify(secret, second).type).toBe('recall.completed')
  })

  it('are given up after ten tries: disabled, logged, and everything is held until the document changes', async () => {
    await start({ console: subscriber('/console', { events: ['recall.completed'] }) })
    receiver.answer = () => ({ status: 500 })
    await service.gateway.runtime.ledger.query('alter table delivery alter column tries set default 8')
    await recall()
    await service.gateway.fire('sweep')
    // by whichever run: the one that the recall asked for may still be at it, and makes what is due then wait again
    await expect.poll(async () => (await deliveries())[0]?.attempts[0]?.status).toBe(500)
    expect(receiver.taken).toHaveLength(1)
    await makeDue(service)
    await service.gateway.fire('sweep')
    await expect.poll(() => receiver.taken.length).toBe(2)
    await expect.poll(async () => (await deliveries())[0].state).toBe('failed')
    const disabled = service.logged.find(line => line.includes('"subscriber disabled"'))
    // its id is no secret, though a secret lists it
    expect(JSON.parse(disabled ?? '{}')).toMatchObject({ level: 'error', subscriber: 'console' })
    receiver.answer = () => ({})
    await recall()
    await service.gateway.fire('sweep')
    expect((await deliveries()).map(({ state }: { state: string }) => state)).toEqual(['held', 'failed'])
    expect(receiver.taken).toHaveLength(2)
    documents['unpush/subscribers/console'] = subscriber('/moved', { events: ['recall.completed'] })
    await service.gateway.runtime.secrets.refetch('unpush/subscribers/console')
    await service.gateway.fire('sweep')
    expect(typesAt('/moved')).toEqual(['recall.completed'])
  })

  it('that are gone (410) are disabled, and a replay that they take brings them back', async () => {
    await start({ console: subscriber('/console', { events: ['recall.completed'] }) })
    receiver.answer = () => ({ status: 410 })
    await recall()
    await expect.poll(async () => (await deliveries())[0]?.state).toBe('failed')
    receiver.answer = () => ({})
    await recall()
    await service.gateway.fire('sweep')
    expect(receiver.taken).toHaveLength(1)
    const [failed] = await deliveries('state=failed')
    const replayed = await service.call('POST', `/v1/deliveries/${failed.id}/replay`)
    expect([replayed.status, replayed.body.state]).toEqual([202, 'pending'])
    // and what was held meanwhile
    await expect.poll(() => receiver.taken.length).toBe(3)
    await service.gateway.fire('sweep')
    expect(receiver.taken.map(idOf).filter(id => id === failed.id)).toHaveLength(2)
    expect(receiver.taken).toHaveLength(3)
    expect(await deliveries('state=held')).toEqual([])
  })

  it('are not followed elsewhere', async () => {
    await start({ console: subscriber('/console', { events: ['recall.completed'] }) })
    receiver.answer = ({ path }) => (path === '/console' ? { status: 307, headers: { location: '/elsewhere' } } : {})
    await recall()
    await expect.poll(() => receiver.at('/console').length).toBeGreaterThan(0)
    await expect.poll(async () => (await deliveries())[0].attempts[0].status).toBe(307)
    expect(receiver.at('/elsewhere')).toEqual([])
    expect((await deliveries())[0].state).toBe('pending')
  })

  it('that ask for time get it', async () => {
    await start({ console: subscriber('/console') })
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } })
    await recall()
    await service.gateway.fire('sweep')
    const next = (await deliveries()).map(
      ({ nextAttemptAt }: { nextAttemptAt: string }) => Date.parse(nextAttemptAt) - Date.now(),
    )
    for (const ms of next) expect(ms).toBeGreaterThan(3_500_000)
    const before = receiver.taken.length
    await recall()
    await service.gateway.fire('sweep')
    expect(receiver.taken).toHaveLength(before)
  })

  it('that are dead keep no other waiting', async () => {
    await start({ dead: subscriber('/dead'), alive: subscriber('/alive') })
    receiver.answer = ({ path }) => (path === '/dead' ? { silent: true } : {})
    for (let count = 0; count < 10; count++) await recall()
    await expect.poll(() => receiver.at('/alive').length).toBe(20)
    // had they waited for the dead one, as many would have been sent to it; each run that is called sends it one
    expect(receiver.at('/dead').length).toBeGreaterThan(0)
    expect(receiver.at('/dead').length).toBeLessThan(20)
  })

  it('inside are not reached where nobody allowed it', async () => {
    documents['unpush/subscribers/console'] = subscriber('/console')
    service = await startService({ secrets: documents })
    await service.gateway.fire('sweep')
    await recall()
    type Tried = { readonly state: string; readonly attempts: readonly object[] }
    const tried = async () => (await deliveries()).find(({ attempts }: Tried) => attempts.length > 0)
    await expect.poll(tried).toMatchObject({
      state: 'pending',
      attempts: [{ status: null, detail: 'The URL must be https.' }],
    })
    await service.gateway.fire('sweep')
    expect(receiver.taken).toEqual([])
  })

  it('that cannot be read wait, and keep no other waiting; nothing of their document is told', async () => {
    await start({ good: subscriber('/good'), bad: { ...subscriber('/bad'), secret: 'canary-not-a-key' } })
    await recall()
    await expect.poll(() => receiver.at('/good').length).toBe(2)
    await service.gateway.fire('sweep')
    expect(receiver.at('/bad')).toEqual([])
    const logged = service.logged.join('')
    expect(logged).toContain('secret unpush/subscribers/bad: member secret.0 must be whsec_')
    expect(logged).not.toContain('canary-not-a-key')
    expect(logged).not.toContain(secret)
    expect(logged).not.toContain(receiver.url)
  })

  it('that can be read no more wait, and keep no run of sweep busy', async () => {
    await start({ console: subscriber('/console') })
    documents['unpush/subscribers/console'] = { broken: true }
    await service.gateway.runtime.secrets.refetch('unpush/subscribers/console')
    await recall()
    const startedAtMs = Date.now()
    await service.gateway.fire('sweep')
    // a run that is kept busy lasts for as long as the function may, 120 s
    expect(Date.now() - startedAtMs).toBeLessThan(30_000)
    expect(receiver.taken).toEqual([])
    expect(await deliveries('state=pending')).toHaveLength(2)
  })

  it('in group chats get cards, and their refusals with 200 count as such', async () => {
    const events = ['recall.completed']
    await start({
      feishu: subscriber('/feishu', { format: 'feishu', events, secret: ['robot-secret-a'] }),
      dingtalk: subscriber('/dingtalk?access_token=t', { format: 'dingtalk', events, secret: 'robot-secret-b' }),
      wecom: { url: `${receiver.url}/wecom?key=k`, events, format: 'wecom' },
    })
    const zero = (path: string) => (path === '/feishu' ? '{"code":0}' : '{"errcode":0}')
    receiver.answer = ({ path }) => ({ body: path === '/wecom?key=k' ? '{"errcode":93000}' : zero(path) })
    const id = await recall()
    await expect
      .poll(async () => (await deliveries()).map(({ attempts }: { attempts: unknown[] }) => attempts.length > 0))
      .toEqual([true, true, true])
    await expect.poll(async () => (await deliveries('state=delivered')).length).toBe(2)
    for (const path of ['/feishu', '/dingtalk', '/wecom']) expect(receiver.at(path)[0]?.body).toContain(id)
    const [refused] = await deliveries('subscriber=wecom')
    expect(refused).toMatchObject({ state: 'pending' })
    expect(refused.attempts[0]).toMatchObject({ status: 200, detail: 'The robot refused it (errcode 93000).' })
  })

  it('get nothing by replay that the caller may not see', async () => {
    await start({ console: subscriber('/console') })
    await recall()
    await expect.poll(() => receiver.taken.length).toBe(2)
    const [one] = await deliveries()
    const viewer = await service.call('POST', `/v1/deliveries/${one.id}/replay`, undefined, { role: 'viewer' })
    expect(viewer.status).toBe(403)
    expect((await service.call('POST', '/v1/deliveries/dlv_none/replay')).status).toBe(404)
  })
})

describe('a person who overrules a verdict', () => {
  let service: Moderated
  beforeAll(async () => {
    service = await startModerated(
      undefined,
      undefined,
      {},
      { 'unpush/subscribers/console': subscriber('/console') },
      true,
    )
    await service.gateway.fire('sweep')
  })
  afterAll(() => service.close())

  it('is told of once for each recall', async () => {
    await service.push('article:1', '1')
    await service.judge({ content: 'article:1', verdict: 'block' })
    await expect
      .poll(() => service.gateway.fire('sweep').then(() => typesAt('/console')))
      .toEqual(['recall.accepted', 'recall.completed'])
    await service.judge({ content: 'article:1', verdict: 'pass', by: 'human' })
    await expect.poll(() => receiver.taken.length).toBe(3)
    await service.judge({ content: 'article:1', verdict: 'pass', by: 'human', round: 2 })
    await service.gateway.fire('sweep')
    expect(receiver.taken).toHaveLength(3)
    const event = receiver.taken.map(taken => verify(secret, taken)).find(({ type }) => type === 'recall.overturned')
    expect(event?.data).toMatchObject({
      state: 'done',
      verdict: { content: 'article:1', id: expect.stringMatching(/^vrd_/) },
    })
  })
})
