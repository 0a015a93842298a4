/** Many messages as one recall: what each of them would be by itself, with one plan, one approval and one record. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Reply, type Service, showing, startService } from '../support/service.ts'

describeOnUrls('many messages', suite)

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const apps = ['news-android', 'news-ios'] as const
type App = (typeof apps)[number]
interface Target {
  readonly app: string
  readonly pushId?: string
}

function suite(ledgerUrl: () => string): void {
  const keys = new Map([...apps, '*'].map(app => [app, createApiKey().key]))
  let service: Service
  beforeAll(async () => {
    service = await startService({
      ledgerUrl: ledgerUrl(),
      secrets: {
        'unpush/access': {
          keys: [...keys].map(([app, key], index) => ({
            id: `ops-${index}`,
            sha256: createHash('sha256').update(key).digest('hex'),
            role: ['operator', 'admin'],
            apps: [app],
          })),
        },
      },
    })
  })
  afterAll(() => service.closeWhole())

  const as = (grant: string, method: string, path: string, body?: object): Promise<Reply> =>
    service.call(method, path, body, {
      role: null,
      headers: { authorization: `Bearer ${keys.get(grant)}`, prefer: 'wait=10' },
    })
  let pushes = 6000
  const register = async (id: string, ...to: readonly App[]) => {
    const targets = to.map(app => {
      const pushId = String(6_000_000 + pushes++)
      service.sandbox.pushTpns({ app, title: 't', content: 'b', audience: 'all', pushId })
      return { app, pushId, audience: 'all', audienceSize: 100 }
    })
    expect((await as('*', 'POST', '/v1/messages', { id, targets })).status).toBe(201)
    return targets
  }
  const named = ({ body }: Reply) => (body.targets as Target[]).map(({ app, pushId }) => `${app} ${pushId}`).sort()

  it('takes all of them back as one, each once, and keeps them taken back', async () => {
    const sent = [await register('many-1', 'news-android'), await register('many-2', 'news-android', 'news-ios')].flat()
    await register('many-3')
    const messages = ['many-1', 'many-2', 'many-1', 'many-3', 'many-2']
    const plan = await as('*', 'POST', '/v1/revoke', { messages, dryRun: true })
    expect([plan.status, plan.body.devices, plan.body.outside]).toEqual([200, 300, 0])
    const asked = { messages, reason: 'a leaked key', expect: plan.body.digest }
    const recall = await as('*', 'POST', '/v1/revoke', asked)
    expect([recall.status, recall.body.subject]).toMatchObject([202, { messages: ['many-1', 'many-2', 'many-3'] }])
    expect(named(recall)).toEqual(sent.map(({ app, pushId }) => `${app} ${pushId}`).sort())
    const [{ pushId } = { pushId: '' }] = sent
    expect(showing(service.sandbox, 'tpns', pushId)).toBe(0)
    for (const id of ['many-1', 'many-2', 'many-3'])
      expect((await as('*', 'GET', `/v1/messages/${id}`)).body.recall.id).toBe(recall.body.id)
    const again = await as('*', 'POST', '/v1/revoke', { messages: messages.slice(0, 2), reason: 'r' })
    expect([again.status, again.body.id, again.body.deduplicated]).toEqual([200, recall.body.id, true])
    // the one without a push gets its first one now
    const [late] = [{ app: 'news-android' as const, pushId: '61' }]
    service.sandbox.pushTpns({ ...late, title: 't', content: 'b', audience: 'all' })
    const changed = await as('*', 'PATCH', '/v1/messages/many-3', { targets: [late] })
    expect(changed.body.recall.id).toBe(recall.body.id)
    expect(named(await as('*', 'GET', `/v1/recalls/${recall.body.id}`))).toContain('news-android 61')
    const trail = await as('*', 'GET', `/v1/audit?object=${recall.body.id}&action=recall.admitted`)
    expect(trail.body.items).toMatchObject([{ detail: { subject: { messages: ['many-1', 'many-2', 'many-3'] } } }])
  })

  it('begins nothing where one of them is not there, and names those', async () => {
    await register('there', 'news-android')
    const refused = await as('*', 'POST', '/v1/revoke', { messages: ['gone-1', 'there', 'gone-2'], reason: 'r' })
    expect([refused.status, refused.body.messages]).toEqual([404, ['gone-1', 'gone-2']])
    expect(refused.body.errors).toMatchObject([{ path: '/messages/0' }, { path: '/messages/2' }])
    expect((await as('*', 'GET', '/v1/messages/there')).body.recall).toBeNull()
  })

  it('takes 1 to 200 ids, and no other subject beside them', async () => {
    const ids = (count: number) => Array.from({ length: count }, (_, nth) => `n-${nth}`)
    for (const body of [
      { messages: [] },
      { messages: ids(201) },
      { messages: ids(1), message: 'a' },
      { messages: ids(1), content: 'a' },
      { messages: ['b/c'] },
      { messages: 'a' },
    ]) {
      const { status } = await as('*', 'POST', '/v1/revoke', { ...body, reason: 'r' })
      expect(status, JSON.stringify(body)).toBe(400)
    }
    for (const id of ids(200)) await as('*', 'POST', '/v1/messages', { id })
    await register('n-pushed', 'news-android')
    const all = [...ids(199), 'n-pushed']
    expect(named(await as('*', 'POST', '/v1/stop', { messages: all, reason: 'r' }))).toHaveLength(1)
    expect((await as('*', 'GET', '/v1/messages/n-42')).body.recall).not.toBeNull()
  })

  it('plans what each of them would be by itself, for whoever asks', async () => {
    const kinds: readonly App[][] = [[], ['news-android'], ['news-ios'], ['news-android', 'news-ios']]
    const pool = await Promise.all(
      kinds.flatMap(to =>
        [0, 1].map(async nth => {
          const id = `pool-${to.join('.')}-${nth}`
          await register(id, ...to)
          return id
        }),
      ),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('news-android', 'news-ios', '*'),
        fc.array(fc.constantFrom(...pool, ...pool, 'unknown-1', 'unknown-2'), { minLength: 1, maxLength: 6 }),
        async (grant, messages) => {
          const ask = (subject: object) => as(grant, 'POST', '/v1/revoke', { ...subject, dryRun: true })
          const alone = await Promise.all(
            [...new Set(messages)].map(async message => ({ message, reply: await ask({ message }) })),
          )
          const together = await ask({ messages })
          const missing = alone.filter(({ reply }) => reply.status === 404).map(({ message }) => message)
          const seen = alone.filter(({ reply }) => reply.status === 200)
          const beyond = alone.reduce((sum, { reply }) => sum + (reply.body.outside ?? 0), 0)
          if (missing.length > 0) expect([together.status, together.body.messages]).toEqual([404, missing])
          else if (seen.length === 0) expect([together.status, together.body.outside]).toEqual([403, beyond])
          else {
            expect([together.status, together.body.outside]).toEqual([200, beyond])
            expect(named(together)).toEqual(seen.flatMap(({ reply }) => named(reply)).sort())
          }
        },
      ),
      { numRuns: soak ? 500 : 40 },
    )
  })
}
