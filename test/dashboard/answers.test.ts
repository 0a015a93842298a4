/** The running service against its own document. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { signers } from '../../sandbox/signers.ts'
import { type CallOptions, type Reply, type Service, startService } from '../support/service.ts'
import { type Receiver, startReceiver } from '../webhooks/receiver.ts'
import { conforms, document } from './document.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`
const endpoint = { source: 'standard-webhooks', secret, policy: { block: 'revoke' } }
/** Takes nothing, and wants to be asked no more for an hour: a run of `sweep` waits for no second try. */
const nobody = (url: string) => ({
  url,
  secret,
  events: ['recall.accepted', 'recall.completed'],
  format: 'standard',
})

describe('real answers', () => {
  let service: Service
  let receiver: Receiver
  beforeAll(async () => {
    receiver = await startReceiver()
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } })
    service = await startService({
      secrets: { 'unpush/webhooks/e_1': endpoint, 'unpush/subscribers/nobody': nobody(receiver.url) },
      localSubscribers: true,
    })
  })
  afterAll(() => Promise.all([service.close(), receiver.close()]))

  /** Sends it, and holds the answer against what the document says of this operation and status. */
  const check = async (id: string, path: string, sent?: unknown, options: CallOptions = {}): Promise<Reply> => {
    const [found] = Object.entries(document.paths).flatMap(([, methods]) =>
      Object.entries(methods).filter(([, { operationId }]) => operationId === id),
    )
    const [method = '', operation] = found ?? []
    const reply = await service.call(method.toUpperCase(), path, sent, options)
    const described = operation?.responses[reply.status]
    expect(described, `${id} answers ${reply.status}, which is not described: ${reply.text}`).toBeDefined()
    const media = (reply.headers.get('content-type') ?? '').split(';')[0] ?? ''
    expect(Object.keys(described?.content ?? {})).toContain(media)
    expect(conforms(described?.content?.[media]?.schema ?? {}, reply.body)).toEqual([])
    const slug = /problems\/([\w-]+)$/.exec(reply.body?.type ?? '')?.[1]
    if (slug !== undefined) expect(Object.keys(described?.['x-problems'] ?? {})).toContain(slug)
    expect(reply.headers.get('x-request-id')).toMatch(/^req_/)
    return reply
  }
  const statusOf = async (...call: Parameters<typeof check>) => (await check(...call)).status

  it('are as described, where all goes well', async () => {
    const { sandbox } = service
    sandbox.pushTpns({ app: 'news-android', title: 'x', content: 'x', audience: 'all', pushId: '1' })
    sandbox.pushTpns({ app: 'news-android', title: 'y', content: 'y', audience: 'all', pushId: '2' })
    const tokens = sandbox.harmonyTokens().slice(0, 3)
    const message = {
      id: 'm',
      contents: ['c'],
      targets: [
        { app: 'news-android', pushId: '1' },
        { app: 'news-harmony', notifyId: 1, tokens },
      ],
    }
    expect(await statusOf('registerMessage', '/v1/messages', message)).toBe(201)
    expect(await statusOf('registerMessage', '/v1/messages', message)).toBe(200)
    expect(await statusOf('changeMessage', '/v1/messages/m', { contents: ['d'] })).toBe(200)
    expect(await statusOf('addTokens', '/v1/messages/m/tokens', { app: 'news-harmony', tokens })).toBe(200)
    expect(await statusOf('getMessage', '/v1/messages/m')).toBe(200)
    expect(await statusOf('revoke', '/v1/revoke', { message: 'm', dryRun: true })).toBe(200)
    const wait = { headers: { prefer: 'wait=5', 'idempotency-key': 'k' } }
    const { status, body } = await check('revoke', '/v1/revoke', { message: 'm', reason: 'r' }, wait)
    expect(status).toBe(202)
    const again = await check('revoke', '/v1/revoke', { message: 'm', reason: 'r' }, wait)
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true'])
    const known = { target: { app: 'news-android', pushId: '1' }, reason: 'other words' }
    expect(await statusOf('revoke', '/v1/revoke', known)).toBe(200)
    // under a key used again: superseded, in the message, in a plan and in a recall
    const newer = { id: 'n', contents: ['c'], targets: [{ app: 'news-harmony', notifyId: 1, tokens }] }
    expect(await statusOf('registerMessage', '/v1/messages', newer)).toBe(201)
    expect((await check('getMessage', '/v1/messages/m')).body.targets[1].superseded).toEqual({
      message: 'n',
      shown: 'n',
    })
    const plan = await check('revoke', '/v1/revoke', { content: 'c', dryRun: true })
    expect(plan.body.targets.filter(({ superseded }: { superseded?: object }) => superseded)).toHaveLength(1)
    const both = await check('revoke', '/v1/revoke', { content: 'c', reason: 'r' }, { headers: { prefer: 'wait=5' } })
    expect(both.body.targets[1]).toMatchObject({ state: 'failed', superseded: { message: 'n' } })
    expect(await statusOf('getRecall', `/v1/recalls/${body.id}`)).toBe(200)
    const overlay = { title: 't', body: 'b', url: 'https://example.com' }
    const target = { app: 'news-android', pushId: '2' }
    expect(await statusOf('overlay', '/v1/overlay', { target, overlay, reason: 'r' }, wait)).toBe(202)
    expect(await statusOf('stop', '/v1/stop', { target, reason: 'r', again: true, supersede: true })).toBe(202)
    const third = { app: 'news-android', pushId: '3' }
    expect(await statusOf('correct', '/v1/corrections', { target: third, overlay, dryRun: true })).toBe(200)
    expect(await statusOf('correct', '/v1/corrections', { target: third, overlay, reason: 'r' }, wait)).toBe(202)
    expect(await statusOf('listRecalls', '/v1/recalls?limit=2&state=done')).toBe(200)
    expect(await statusOf('listMessages', '/v1/messages?state=recalled&content=d')).toBe(200)
    expect((await check('getHolds', '/v1/holds?message=m')).body.held).toBe(true)
    const many = { messages: ['m', 'n', 'm'], reason: 'r' }
    expect((await check('stop', '/v1/stop', { ...many, supersede: true })).body.subject.messages).toEqual(['m', 'n'])
    const unknown = await check('stop', '/v1/stop', { messages: ['m', 'none'], reason: 'r' })
    expect([unknown.status, unknown.body.messages]).toEqual([404, ['none']])
    expect(await statusOf('getHolds', '/v1/holds')).toBe(400)
    expect(await statusOf('stop', '/v1/stop', { message: 'to-come', hold: true, reason: 'r' })).toBe(202)
    expect(await statusOf('stop', '/v1/stop', { messages: ['m'], hold: true, reason: 'r' })).toBe(400)
    expect((await check('registerMessage', '/v1/messages', { id: 'm', ask: true })).body.held).toBe(true)
    expect(await statusOf('getStatus', '/v1/status?app=news-android&pushId=1')).toBe(200)
    expect(await statusOf('getCapabilities', '/v1/capabilities')).toBe(200)
    expect(await statusOf('listRecallEvents', `/v1/recalls/${body.id}/events`)).toBe(200)
    expect(await statusOf('listAudit', '/v1/audit?limit=3&action=recall.admitted', undefined, { role: 'admin' })).toBe(
      200,
    )
    const asJson = { headers: { accept: 'application/json' } }
    expect(await statusOf('getMe', '/v1/me', undefined, { role: 'sender' })).toBe(200)
    expect(await statusOf('getSummary', '/v1/summary')).toBe(200)
    expect(await statusOf('getMetrics', '/v1/metrics', undefined, asJson)).toBe(200)
    expect(await statusOf('getAuditHead', '/v1/audit/head', undefined, { role: 'admin' })).toBe(200)
  })
  it('to verdicts, and about them, are as described', async () => {
    await service.call('POST', '/v1/messages', { id: 'judged', contents: ['article:1'] })
    const signer = signers['standard-webhooks']
    const sent = signer?.sign(signer.write({ content: 'article:1', verdict: 'block', label: 'ad' }), { secret })
    const delivery = { role: null, headers: sent?.headers ?? {}, raw: new Uint8Array(sent?.body ?? []) }
    expect(await statusOf('receiveVerdict', '/v1/webhooks/e_1', undefined, delivery)).toBe(200)
    expect(await statusOf('receiveVerdict', '/v1/webhooks/e_1', {}, { role: null })).toBe(401)
    expect(await statusOf('receiveVerdict', '/v1/webhooks/none', {}, { role: null })).toBe(404)
    const { status, body } = await check('listVerdicts', '/v1/verdicts?content=article:1&limit=1')
    expect([status, body.items[0].state]).toEqual([200, 'recalled'])
    const one = await check('getVerdict', `/v1/verdicts/${body.items[0].id}`)
    expect(one.body).toEqual(body.items[0])
    expect(await statusOf('getVerdict', '/v1/verdicts/vrd_0')).toBe(404)
    expect((await check('listVerdicts', `/v1/verdicts?q=${one.body.id}`)).body.items).toEqual([one.body])
    expect(await statusOf('listVerdicts', '/v1/verdicts?state=none')).toBe(400)
    expect(await statusOf('listVerdicts', '/v1/verdicts', undefined, { role: 'sender' })).toBe(403)
  })
  it('to deliveries are as described', async () => {
    await service.gateway.fire('sweep')
    const target = { app: 'news-harmony', notifyId: 9, tokens: service.sandbox.harmonyTokens().slice(0, 1) }
    const wait = { headers: { prefer: 'wait=5' } }
    expect(await statusOf('revoke', '/v1/revoke', { target, reason: 'r' }, wait)).toBe(202)
    await service.gateway.fire('sweep')
    const { body } = await check('listDeliveries', '/v1/deliveries?subscriber=nobody&limit=2')
    expect(body.items.map(({ type }: { type: string }) => type)).toEqual(['recall.completed', 'recall.accepted'])
    const one = await check('getDelivery', `/v1/deliveries/${body.items[0].id}`)
    expect(one.body).toEqual(body.items[0])
    expect(await statusOf('getDelivery', '/v1/deliveries/dlv_0')).toBe(404)
    const told = await check('listSubscribers', '/v1/subscribers')
    expect(told.body.items).toMatchObject([{ id: 'nobody', apps: null, disabledAt: null }])
    const replay = (id: string, role: 'operator' | 'viewer' = 'operator') =>
      statusOf('replayDelivery', `/v1/deliveries/${id}/replay`, undefined, { role })
    expect(await replay(body.items[0].id)).toBe(202)
    expect(await replay('dlv_0')).toBe(404)
    expect(await replay(body.items[0].id, 'viewer')).toBe(403)
    expect(await statusOf('listDeliveries', '/v1/deliveries?state=none')).toBe(400)
  })
  it('are as described, where it is refused', async () => {
    const post = (id: string, path: string, sent?: unknown, options?: CallOptions) => statusOf(id, path, sent, options)
    expect(await post('revoke', '/v1/revoke', {})).toBe(400)
    expect(await post('revoke', '/v1/revoke', {}, { role: null })).toBe(401)
    expect(await post('revoke', '/v1/revoke', {}, { role: 'viewer' })).toBe(403)
    expect(await post('revoke', '/v1/revoke', { message: 'none', reason: 'r' })).toBe(404)
    expect(await post('revoke', '/v1/revoke', undefined, { raw: 'x'.repeat(4 * 1024 * 1024 + 1) })).toBe(413)
    expect(await post('stop', '/v1/stop', undefined, { raw: 'a', headers: { 'content-type': 'text/plain' } })).toBe(415)
    const target = { app: 'news-harmony', notifyId: 7, tokens: ['t'] }
    expect(await post('stop', '/v1/stop', { target, reason: 'r', fallback: false })).toBe(422)
    expect(await post('overlay', '/v1/overlay', { target, reason: 'r' })).toBe(400)
    expect(await post('registerMessage', '/v1/messages', { id: 'm', title: 'another' })).toBe(409)
    expect(await post('changeMessage', '/v1/messages/none', {})).toBe(404)
    expect(await post('addTokens', '/v1/messages/m/tokens', { app: 'none', tokens: ['t'] })).toBe(404)
    expect(await post('cancelRecall', '/v1/recalls/none/cancel')).toBe(404)
    expect(await post('retryRecall', `/v1/recalls/rcl_${'0'.repeat(26)}/retry`, { a: 1 })).toBe(400)
    expect(await post('listRecalls', '/v1/recalls?limit=0')).toBe(400)
    expect(await post('getStatus', '/v1/status?app=news-harmony&pushId=1')).toBe(422)
    expect(await post('getCapabilities', '/v1/capabilities?app=none')).toBe(404)
    expect(await post('listRecallEvents', `/v1/recalls/rcl_${'0'.repeat(26)}/events`)).toBe(404)
    expect(await post('getAuditHead', '/v1/audit/head')).toBe(403)
    expect(await post('listAudit', '/v1/audit')).toBe(403)
    expect(await post('listAudit', '/v1/audit?cursor=x', undefined, { role: 'admin' })).toBe(400)
  })
  it('of the pages and of health are as described', async () => {
    const open = { role: null }
    for (const [id, path] of [
      ['getStart', '/'],
      ['getDocs', '/docs'],
      ['getConfig', '/config.json'],
      ['getOpenApi', '/openapi.json'],
      ['getLiveness', '/livez'],
      ['getReadiness', '/readyz'],
    ] as const) {
      expect(await statusOf(id, path, undefined, open)).toBe(200)
    }
    expect((await service.call('GET', '/openapi.json', undefined, open)).body).toEqual(document)
  })
  it('turn red when sweep has been silent for over three minutes', async () => {
    const { ledger } = service.gateway.runtime
    // what is answered is up to five seconds old
    let laterMs = 5_000
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => now() + laterMs)
    await ledger.query("update pulse set at = now() - interval '181 seconds'")
    const ready = await check('getReadiness', '/readyz', undefined, { role: null })
    expect([ready.status, ready.body.checks.sweep.ok]).toEqual([503, false])
    await fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })
    laterMs += 5_000
    expect((await service.call('GET', '/readyz', undefined, { role: null })).status).toBe(200)
    vi.restoreAllMocks()
    expect((await service.call('GET', '/livez', undefined, { role: null })).body).toEqual({ status: 'ok' })
  })
  it('page through lists without loss or repeat', async () => {
    for (let i = 0; i < 7; i++) await service.call('POST', '/v1/messages', { id: `page-${i}` })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const { body }: { body: { items: { id: string }[]; nextCursor: string | null } } = await service.call(
        'GET',
        `/v1/messages?limit=2&q=page-${cursor === null ? '' : `&cursor=${cursor}`}`,
      )
      seen.push(...body.items.map(({ id }) => id))
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map(i => `page-${i}`))
  })
  it('page through what came within one millisecond, too', async () => {
    await service.gateway.runtime.ledger.query(
      `insert into message (id, digest, contents, registered_by, owner, created_at)
       select 'burst-' || n, 'd', '{}', 'key:test', 'key:test', timestamptz '2026-11-23 12:00:00.123Z' + n * interval '90 microseconds'
       from generate_series(1, 10) n`,
    )
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await service.call('GET', `/v1/messages?limit=3&q=burst-${cursor}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      if (body.nextCursor === null) break
      cursor = `&cursor=${body.nextCursor}`
    }
    expect(seen).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map(n => `burst-${n}`))
  })
})
