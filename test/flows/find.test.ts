/** Finding what was sent and what was taken back: by any id, by whom, and what it all came of. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signers } from '../../sandbox/signers.ts'
import { type Service, startService } from '../support/service.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const secret = `whsec_${randomBytes(32).toString('base64')}`
let service: Service
beforeAll(async () => {
  service = await startService({
    secrets: { 'unpush/webhooks/e_1': { source: 'standard-webhooks', secret, policy: { block: 'revoke' } } },
  })
})
afterAll(() => service.closeWhole())

interface Item {
  readonly id: string
  readonly [member: string]: unknown
}
const list = async (path: string): Promise<Item[]> => {
  const { status, body, text } = await service.call('GET', path)
  expect(status, `${path} ${text}`).toBe(200)
  return body.items
}
const idsOf = async (path: string) => (await list(path)).map(({ id }) => id)
const wait = { headers: { prefer: 'wait=10' } }
const register = async (message: { readonly id: string; readonly [member: string]: unknown }) =>
  expect((await service.call('POST', '/v1/messages', message)).status).toBe(201)
const push = (pushId: string, app: 'news-android' | 'news-ios' = 'news-android') => {
  service.sandbox.pushTpns({ app, title: 't', content: 'b', audience: 'all', pushId })
  return { app, pushId }
}

describe('a message', () => {
  it('is found by its id, its content and the vendor’s id of its push, in whatever app', async () => {
    await register({ id: 'spring-sale', contents: ['article:42'], title: 'Spring', targets: [push('77001234')] })
    await register({ id: 'other', title: 'call 77001234 now', targets: [push('77001235', 'news-ios')] })
    const tokens = service.sandbox.harmonyTokens().slice(0, 2)
    await register({ id: 'harmony', targets: [{ app: 'news-harmony', notifyId: 4242, tokens }] })
    await register({ id: 'harmony-2', targets: [{ app: 'news-harmony', notifyId: 4242, tokens }] })
    await register({ id: 'article:42-copy', title: 'article:42' })
    expect(await idsOf('/v1/messages?q=article:42')).toEqual(['spring-sale'])
    expect(await idsOf('/v1/messages?q=article:4')).toEqual(['article:42-copy'])
    // the id of a push is that push, and no text that mentions it
    expect(await idsOf('/v1/messages?q=77001234')).toEqual(['spring-sale'])
    expect(await idsOf('/v1/messages?q=77001235')).toEqual(['other'])
    expect(await idsOf('/v1/messages?q=7700123')).toEqual(['other'])
    // also under a key that was used again
    expect(await idsOf('/v1/messages?q=4242')).toEqual(['harmony-2', 'harmony'])
    expect(await idsOf('/v1/messages?q=pring')).toEqual(['spring-sale'])
    // the id of a message is that message; what is short or has no digit may be a word
    await register({ id: 'promo-2026-11-23', title: 'Promo' })
    await register({ id: 'tells', title: 'see promo-2026-11-23, and spring-sale' })
    expect(await idsOf('/v1/messages?q=promo-2026-11-23')).toEqual(['promo-2026-11-23'])
    expect(await idsOf('/v1/messages?q=promo-2026-11')).toEqual(['tells', 'promo-2026-11-23'])
    expect(await idsOf('/v1/messages?q=spring-sale')).toEqual(['tells', 'spring-sale'])
    expect(await idsOf('/v1/messages?q=77001234&app=news-ios')).toEqual([])
  })

  it('shows the vendor’s record of its push as it was last read, and asks nobody for it', async () => {
    await register({ id: 'read', targets: [push('88001')] })
    const target = async () => (await list('/v1/messages?q=88001'))[0]?.['targets']
    expect(await target()).toMatchObject([{ record: null }])
    await service.call('GET', '/v1/status?app=news-android&pushId=88001')
    const record = { status: 'PUSH_FINISHED', scheduled: false, audience: 'all', source: null }
    expect(await target()).toMatchObject([{ record: { ...record, asOf: expect.stringMatching(/Z$/) } }])
    await service.gateway.runtime.ledger.query('delete from vendor_record')
    await service.gateway.fire('discover')
    expect(await target()).toMatchObject([{ record: { ...record, source: 'api' } }])
  })
})

describe('a recall', () => {
  const made: Item[] = []
  beforeAll(async () => {
    for (const [n, id] of ['one', 'two', 'three'].entries())
      await register({ id, contents: ['article:7'], title: `Title ${n}`, targets: [push(String(99_001 + n))] })
    const asked = [
      ['revoke', { message: 'one', ticket: 'INC-1' }],
      ['stop', { target: { app: 'news-android', pushId: '99002' }, ticket: 'INC-2' }],
      ['revoke', { content: 'article:7', ticket: 'INC-1' }],
      ['revoke', { target: push('99100'), fallback: false }],
      ['overlay', { target: push('99101', 'news-ios'), overlay: { title: 'n', body: 'n' } }],
    ] as const
    for (const [operation, body] of asked) {
      const reply = await service.call('POST', `/v1/${operation}`, { ...body, reason: 'r' }, wait)
      if (reply.status >= 300) throw new Error(reply.text)
      made.push((await service.call('GET', `/v1/recalls/${reply.body.id}`)).body)
    }
  })

  it('says what it is about, what it came of, and whose each push is', () => {
    expect(made.map(({ subject }) => (subject as { title: unknown }).title)).toEqual([
      'Title 0',
      'Title 1',
      'Title 0',
      null,
      null,
    ])
    const messagesOf = ({ targets }: Item) => (targets as { message: string | null }[]).map(({ message }) => message)
    expect(made.map(messagesOf)).toEqual([['one'], ['two'], ['one', 'two', 'three'], [null], [null]])
    expect(made.map(({ origin, verdict, fallback }) => [origin, verdict, fallback])).toEqual([
      ['request', null, true],
      ['request', null, true],
      ['request', null, true],
      ['request', null, false],
      ['request', null, true],
    ])
  })

  it('names the verdict or the end that it came of', async () => {
    await register({ id: 'judged', contents: ['article:9'], targets: [push('99200')] })
    const signer = signers['standard-webhooks']
    const sent = signer?.sign(signer.write({ content: 'article:9', verdict: 'block', label: 'ad' }), { secret })
    const delivery = { role: null, headers: sent?.headers ?? {}, raw: new Uint8Array(sent?.body ?? []) }
    expect((await service.call('POST', '/v1/webhooks/e_1', undefined, delivery)).status).toBe(200)
    const [verdict] = await list('/v1/verdicts?content=article:9')
    expect(await list('/v1/recalls?message=judged')).toMatchObject([
      { origin: 'verdict', verdict: verdict?.id, causedBy: [{ by: 'verdict', verdict: verdict?.id }] },
    ])
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    await register({ id: 'ending', expiresAt, targets: [push('99201')] })
    await service.gateway.runtime.ledger.query(
      "update message set expires_at = now() - interval '1 second' where id = 'ending'",
    )
    await service.gateway.fire('expire')
    expect(await list('/v1/recalls?message=ending')).toMatchObject([{ origin: 'expiry', verdict: null }])
  })

  it('names no message and no title to who may not see that', async () => {
    await register({ id: 'wide', title: 'Wide', targets: [push('99300'), push('99301', 'news-ios')] })
    await service.call('POST', '/v1/revoke', { target: { app: 'news-ios', pushId: '99301' }, reason: 'r' }, wait)
    const { ledger } = service.gateway.runtime
    const { listRecalls } = await import('../../shared/ledger/recalls.ts')
    const { viewRecall } = await import('../../shared/recall/view.ts')
    const { viewOptions } = await import('../../shared/recall/view-options.ts')
    const { makePrincipal } = await import('../../shared/access/access.ts')
    const principal = makePrincipal({ id: 'key:n', owner: 'key:n', person: null, expiresAt: null }, [
      { role: 'viewer', grant: ['news-ios'] },
    ])
    const none = { q: null, app: null, content: null, message: null, person: null, operation: null, ticket: null }
    const span = { states: null, from: null, to: null, limit: 5, after: null }
    const caller = { id: 'key:n', owner: 'key:n', person: null, grant: ['news-ios'] }
    const [recall] = await listRecalls(ledger, { ...none, ...span, handle: '99301', caller })
    if (recall === undefined) throw new Error('it is not listed')
    const view = viewRecall(recall, await viewOptions(service.gateway.runtime, [recall], principal))
    expect(view).toMatchObject({ subject: { title: null }, targets: [{ message: null }] })
  })

  it('is listed by every filter, alone and together, as those who look through all of them would find it', async () => {
    const all = await list('/v1/recalls?limit=200')
    interface Shown extends Item {
      readonly subject: { message?: string }
      readonly targets: { message: string | null; pushId?: string }[]
      readonly state: string
    }
    const fits: { [name: string]: (recall: Shown, value: string) => boolean } = {
      message: (recall, value) => recall.subject.message === value || recall.targets.some(t => t.message === value),
      handle: (recall, value) => recall.targets.some(({ pushId }) => pushId === value),
      person: (recall, value) => recall['person'] === value,
      operation: (recall, value) => recall['operation'] === value,
      ticket: (recall, value) => recall['ticket'] === value,
      state: (recall, value) => value.split(',').includes(recall.state),
      app: (recall, value) => recall.targets.some(target => 'app' in target && target.app === value),
    }
    const option = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 2 })
    const states = ['done', 'partial', 'failed', 'running', 'expired']
    const filters = fc.record({
      message: option(fc.constantFrom('one', 'two', 'three', 'judged', 'none')),
      handle: option(fc.constantFrom('99001', '99002', '99100', '99101', '1')),
      person: option(
        fc.constantFrom(...all.flatMap(({ person }) => (typeof person === 'string' ? [person] : [])), 'nobody'),
      ),
      operation: option(fc.constantFrom('stop', 'revoke', 'overlay')),
      ticket: option(fc.constantFrom('INC-1', 'INC-2', 'INC-3')),
      state: option(fc.uniqueArray(fc.constantFrom(...states), { minLength: 1 }).map(some => some.join(','))),
      app: option(fc.constantFrom('news-android', 'news-ios')),
    })
    let hits = 0
    await fc.assert(
      fc.asyncProperty(filters, async wanted => {
        const given = Object.entries(wanted).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as [string, string]],
        )
        const found = await idsOf(`/v1/recalls?limit=200&${new URLSearchParams(given).toString()}`)
        const expected = (all as Shown[]).filter(recall => given.every(([name, value]) => fits[name]?.(recall, value)))
        expect(found).toEqual(expected.map(({ id }) => id))
        hits += found.length
      }),
      { numRuns: soak ? 2000 : 100 },
    )
    expect(hits).toBeGreaterThan(20)
  })

  it.each(['state=', 'state=done,', 'state=done,gone', 'operation=delete', 'message=%20', 'handle='])(
    'is not listed by %s',
    async query => {
      expect((await service.call('GET', `/v1/recalls?${query}`)).status).toBe(400)
    },
  )
})
