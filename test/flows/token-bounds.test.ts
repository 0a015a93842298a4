/** Bounds of push tokens at the API: every way in refuses what is too large and says which it is; what waits too long is told, and holds nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../../shared/bounds.ts'
import { around } from '../support/around.ts'
import { type Reply, type Service, startService } from '../support/service.ts'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

const app = 'news-harmony'
let notifyId = 1000
const ledger = () => service.gateway.runtime.ledger

async function register(tokens: readonly string[] = []): Promise<{ id: string; notifyId: number }> {
  notifyId++
  const { body, status } = await service.call('POST', '/v1/messages', { targets: [{ app, notifyId, tokens }] })
  expect(status).toBe(201)
  return { id: body.id, notifyId }
}

/** Waits to be sealed, and is not tried now. */
async function leaveWaiting(id: string, lines: string, rows = 1): Promise<void> {
  await ledger().query(
    `with meant as (select id, app from target where message_id = $1::text), aside as (
       insert into sealing (target_id, failures, not_before) select id, 1, now() + interval '1 hour' from meant
       on conflict (target_id) do update set not_before = excluded.not_before)
     insert into token_chunk (target_id, app, tokens) select id, app, $2::text from meant, generate_series(1, $3::text::int)`,
    [id, lines, rows],
  )
}

/** Each way in, with a list of tokens: how it is sent, and where its list stands in what is told. */
const ways: readonly {
  readonly way: string
  readonly path: string
  readonly send: (tokens: readonly string[]) => Promise<Reply>
}[] = [
  {
    way: 'a registration',
    path: '/targets/0/tokens',
    send: tokens => service.call('POST', '/v1/messages', { targets: [{ app, notifyId: ++notifyId, tokens }] }),
  },
  {
    way: 'PATCH',
    path: '/targets/0/tokens',
    send: async tokens => {
      const { id } = await register()
      return service.call('PATCH', `/v1/messages/${id}`, { targets: [{ app, notifyId: ++notifyId, tokens }] })
    },
  },
  {
    way: 'tokens as JSON',
    path: '/tokens',
    send: async tokens => {
      const { id } = await register()
      return service.call('POST', `/v1/messages/${id}/tokens`, { app, tokens })
    },
  },
  {
    way: 'tokens as lines',
    path: '',
    send: async tokens => {
      const { id } = await register()
      return service.call('POST', `/v1/messages/${id}/tokens?app=${app}`, undefined, {
        raw: tokens.map(token => JSON.stringify(token)).join('\n'),
        headers: { 'content-type': 'application/x-ndjson' },
      })
    },
  },
  {
    way: 'a recall by handle',
    path: '/target/tokens',
    send: tokens => service.call('POST', '/v1/revoke', { target: { app, notifyId: ++notifyId, tokens }, reason: 'r' }),
  },
]

describe.each(ways)('$way', ({ path, send }) => {
  it('takes a push token of 4 KiB, and none of a byte more', async () => {
    const most = bounds.tokenBytes.value
    for (const unit of ['x', 'é', '\u0001', '😀']) {
      const fits = unit.repeat(most / Buffer.byteLength(unit))
      expect((await send(['a', 'b', fits])).status, unit).toBeLessThan(300)
      const { status, body, text } = await send(['a', 'b', `${fits}x`])
      expect(status).toBe(413)
      expect(body).toMatchObject({
        type: 'https://unpush.dev/problems/payload-too-large',
        bound: 'tokenBytes',
        limit: most,
        errors: [{ path: `${path}/2` }],
      })
      expect(text).not.toContain(fits.slice(0, 20))
    }
  })

  it('takes no more of them than a request may bring', async () => {
    const tokens = Array.from({ length: bounds.tokensPerRequest.value + 1 }, (_, index) => `${index}`)
    const { status, body } = await send(tokens)
    expect(status).toBe(413)
    expect(body).toMatchObject({ bound: 'tokensPerRequest', limit: bounds.tokensPerRequest.value })
  })
})

it('refuses more tokens than may wait, and keeps none of them', async () => {
  const { id } = await register()
  await leaveWaiting(id, '"x"', bounds.unsealedPiecesPerTarget.value)
  // of its own alone: a run of the timer may be sealing what others left
  const count = async () =>
    (
      await ledger().query(
        'select count(*) as n from token_chunk c join target t on t.id = c.target_id where t.message_id = $1::text',
        [id],
      )
    )[0]
  const before = await count()
  const { status, headers, body } = await service.call('POST', `/v1/messages/${id}/tokens`, { app, tokens: ['a', 'b'] })
  expect(status).toBe(429)
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(body).toMatchObject({
    type: 'https://unpush.dev/problems/too-many-requests',
    bound: 'unsealedPiecesPerTarget',
    limit: bounds.unsealedPiecesPerTarget.value,
  })
  expect(body.detail).toContain(bounds.unsealedPiecesPerTarget.advice)
  expect(await count()).toEqual(before)
  // another message of the app is not held up by it
  const other = await register()
  expect((await service.call('POST', `/v1/messages/${other.id}/tokens`, { app, tokens: ['a'] })).status).toBe(200)
  await ledger().query('delete from token_chunk')
})

it('seals before it refuses: a sender who fills the bound alone goes on', async () => {
  const { id } = await register()
  await leaveWaiting(id, '"x"', bounds.unsealedPiecesPerTarget.value)
  await ledger().query('update sealing set not_before = now()')
  expect((await service.call('POST', `/v1/messages/${id}/tokens`, { app, tokens: ['a', 'b'] })).status).toBe(200)
  await ledger().query("update token_chunk set arrived_at = now() - interval '2 minutes'")
  await service.gateway.fire('sweep')
  expect((await service.call('GET', `/v1/messages/${id}`)).body.targets[0].devices).toBe(3)
})

it('recalls what is sealed, and says that more is coming while it cannot be sealed', async () => {
  const [one = '', two = '', three = ''] = service.sandbox.harmonyTokens()
  const { id } = await register([one, two])
  await leaveWaiting(id, [two, three].map(token => JSON.stringify(token)).join('\n'))
  expect((await service.call('GET', `/v1/messages/${id}`)).body.targets[0].devices).toBeNull()
  const plan = await service.call('POST', '/v1/revoke', { message: id, dryRun: true })
  expect(plan.body).toMatchObject({ devices: null, targets: [{ devices: null }] })
  expect(plan.body.targets[0].warnings.join()).toMatch(/made ready/)
  const recall = await service.call(
    'POST',
    '/v1/revoke',
    { message: id, reason: 'r' },
    { headers: { prefer: 'wait=1' } },
  )
  expect(recall.status).toBe(202)
  expect(recall.body).toMatchObject({ state: 'running', etaSeconds: null, devices: { total: 2, accepted: 2 } })
  expect(recall.body.targets[0].warnings.join()).toMatch(/made ready/)
  // it can be sealed again: the rest joins, each token once
  await ledger().query('update sealing set not_before = now()')
  await service.gateway.fire('sweep')
  await service.gateway.fire('sweep')
  const { body } = await service.call('GET', `/v1/recalls/${recall.body.id}`)
  expect(body).toMatchObject({ state: 'done', devices: { total: 3, accepted: 3 } })
  expect(body.targets[0].warnings.join()).not.toMatch(/made ready/)
})

it('seals what waits beside the request that recalls it, never before it is admitted', async () => {
  const [one = '', two = ''] = service.sandbox.harmonyTokens()
  const { id } = await register()
  await service.call('POST', `/v1/messages/${id}/tokens`, { app, tokens: [one, two, one] })
  const order: string[] = []
  const runtime = service.gateway.runtime
  const real = { ...runtime.ledger }
  const note = (text: string) => {
    if (text.includes('seal_slice')) order.push('seal')
    if (text.includes('insert into recall (')) order.push('admit')
  }
  const noting = around(real, sql => ({
    query: async (...asked) => {
      note(asked[0])
      return sql.query(...asked)
    },
  }))
  Object.assign(runtime.ledger, noting)
  try {
    const { body } = await service.call(
      'POST',
      '/v1/revoke',
      { message: id, reason: 'r' },
      { headers: { prefer: 'wait=5' } },
    )
    expect(body).toMatchObject({ state: 'done', devices: { total: 2, accepted: 2 } })
    expect(order[0]).toBe('admit')
    expect(order).toContain('seal')
    order.length = 0
    const target = { app, notifyId: ++notifyId, tokens: [one, two] }
    expect((await service.call('POST', '/v1/revoke', { target, reason: 'r' })).status).toBe(202)
    expect(order).toEqual(['admit'])
  } finally {
    Object.assign(runtime.ledger, real)
  }
})
