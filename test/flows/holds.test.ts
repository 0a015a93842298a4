/** Ask before you send: what a sender is told is what then happens, and of what he does not reach he is told nothing. */
import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { signerOf } from '../moderation/subjects.ts'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Reply, type Service, startService } from '../support/service.ts'

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
  beforeAll(async () => {
    service = await startService({
      ledgerUrl: ledgerUrl(),
      secrets: {
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
  })
  afterAll(() => service.closeWhole())
  // budgets are another test's
  beforeEach(() => service.gateway.runtime.ledger.query('delete from bucket'))

  const as = (who: string, method: string, path: string, body?: object): Promise<Reply> =>
    service.call(method, path, body, { role: null, headers: { authorization: `Bearer ${keys.get(who)}` } })
  const say = async (endpoint: Endpoint, content: string, verdict: 'block' | 'pass') => {
    const text = JSON.stringify({ type: 'moderation.verdict', data: { content, verdict } })
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
  })
}
