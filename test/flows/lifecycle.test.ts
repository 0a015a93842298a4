/** A recall's life: by message, by content, once, again, instead, joined, cancelled, after a crash. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLedger } from '../../shared/ledger/open.ts'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(() => service.closeWhole())

const wait = { headers: { prefer: 'wait=10' } }

async function register(id: string, extra: object = {}): Promise<string[]> {
  const tokens = service.sandbox.harmonyTokens().slice(0, 20)
  service.sandbox.pushHarmony({ notifyId: 9, tokens, title: 't', body: 'b' })
  service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: '31' })
  const targets = [
    { app: 'news-android', pushId: '31', audience: 'all' },
    { app: 'news-harmony', notifyId: 9, tokens: [...tokens, ...tokens] },
  ]
  const { status } = await service.call(
    'POST',
    '/v1/messages',
    { id, contents: ['article:42'], title: 't', targets, ...extra },
    { role: 'sender' },
  )
  expect(status).toBe(201)
  return tokens
}

it('takes a message back at both vendors, each device once', async () => {
  await register('promo-1')
  const plan = await service.call('POST', '/v1/revoke', { message: 'promo-1', dryRun: true })
  expect(plan.body).toMatchObject({ dryRun: true, approvalNeeded: false, devices: 20 })
  const { body, headers } = await service.call(
    'POST',
    '/v1/revoke',
    { message: 'promo-1', reason: 'wrong link', ticket: 'INC-7' },
    wait,
  )
  expect(body).toMatchObject({
    state: 'done',
    ticket: 'INC-7',
    person: 'li.wei',
    requestedBy: 'key:operator',
    devices: { total: 20, accepted: 20 },
  })
  expect(body.targets.map((target: { app: string }) => target.app)).toEqual(['news-android', 'news-harmony'])
  const again = await service.call('GET', headers.get('location') ?? '')
  expect(again.body).toEqual(body)
})

it('registers once: the same body is the same record, another body is a conflict', async () => {
  await register('promo-1')
  const body = { id: 'promo-2', title: 'x' }
  expect((await service.call('POST', '/v1/messages', body)).status).toBe(201)
  expect((await service.call('POST', '/v1/messages', { title: 'x', id: 'promo-2' })).status).toBe(200)
  expect((await service.call('POST', '/v1/messages', { ...body, title: 'y' })).status).toBe(409)
  const taken = await service.call('POST', '/v1/messages', { targets: [{ app: 'news-android', pushId: '31' }] })
  expect([taken.status, taken.body.message]).toEqual([409, 'promo-1'])
})

it('does by content what it does by message, and dedupes whatever the name', async () => {
  await register('promo-1')
  const first = await service.call('POST', '/v1/revoke', { content: 'article:42', reason: 'r' }, wait)
  expect(first.body.state).toBe('done')
  const android = { target: { app: 'news-android', pushId: '31' }, reason: 'r' }
  const repeat = await service.call('POST', '/v1/revoke', android, wait)
  expect([repeat.status, repeat.body.id, repeat.body.deduplicated]).toEqual([200, first.body.id, true])
  // under the notify id something may have been pushed since: it is done again, and the push task is not
  for (const subject of [{ content: 'article:42' }, { message: 'promo-1' }]) {
    const { status, body } = await service.call('POST', '/v1/revoke', { ...subject, reason: 'r' }, wait)
    expect([status, body.state, body.deduplicated]).toEqual([202, 'done', false])
    expect(body.targets).toMatchObject([{ recall: first.body.id }, { devices: { accepted: 20 } }])
    expect(body.targets[1].recall).toBeUndefined()
  }
  const again = await service.call('POST', '/v1/revoke', { message: 'promo-1', reason: 'r', again: true }, wait)
  expect(again.status).toBe(202)
  expect(again.body.id).not.toBe(first.body.id)
})

it('lets one operation run at a time on a handle: conflict names it, supersede takes over', async () => {
  await register('promo-1')
  Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
  const target = { app: 'news-harmony', notifyId: 9 }
  const first = await service.call('POST', '/v1/revoke', { target, reason: 'r' })
  expect(first.body.state).toBe('running')
  const overlay = { target, overlay: { title: 'n', body: 'n' }, reason: 'r' }
  const conflict = await service.call('POST', '/v1/overlay', overlay)
  expect([conflict.status, conflict.body.recall]).toEqual([409, first.body.id])
  Object.assign(service.sandbox.switches.pushKit, { failure: null })
  await service.gateway.runtime.ledger.query("update bucket set held_until = '-infinity'")
  const taken = await service.call('POST', '/v1/overlay', { ...overlay, supersede: true }, wait)
  expect(taken.body.state).toBe('done')
  expect((await service.call('GET', `/v1/recalls/${first.body.id}`)).body.state).toBe('cancelled')
})

it('keeps a recalled message recalled: late tokens and targets join', async () => {
  const tokens = await register('promo-1')
  const recall = await service.call('POST', '/v1/revoke', { message: 'promo-1', reason: 'r' }, wait)
  const late = service.sandbox.harmonyTokens().slice(15, 30)
  service.sandbox.pushHarmony({ notifyId: 9, tokens: late, title: 't', body: 'b' })
  const added = await service.call('POST', '/v1/messages/promo-1/tokens', { app: 'news-harmony', tokens: late })
  expect(added.body).toMatchObject({ received: 15, recall: { id: recall.body.id } })
  service.sandbox.pushTpns({ app: 'news-ios', title: 't', content: 'b', audience: 'all', pushId: '32' })
  const patched = await service.call('PATCH', '/v1/messages/promo-1', { targets: [{ app: 'news-ios', pushId: '32' }] })
  expect(patched.body.recall.id).toBe(recall.body.id)
  const { body } = await service.call('GET', `/v1/recalls/${recall.body.id}`)
  expect(body).toMatchObject({ state: 'done', devices: { total: 30, accepted: 30 } })
  expect(body.targets.length).toBe(3)
  expect(tokens.length).toBe(20)
})

it('takes back tokens that slipped in while their recall was being admitted', async () => {
  const tokens = await register('promo-race')
  const recall = await service.call('POST', '/v1/revoke', { message: 'promo-race', reason: 'r' }, wait)
  expect(recall.body).toMatchObject({ state: 'done', devices: { total: tokens.length } })
  // as a sender leaves them that looked for a recall a moment before there was one
  const { ledger } = service.gateway.runtime
  const slipped = service.sandbox.harmonyTokens().slice(40, 45)
  await ledger.query(
    `insert into token_chunk (target_id, tokens, arrived_at)
     select id, $1::text, now() - interval '2 minutes' from target where message_id = 'promo-race' and provider = 'huawei'`,
    [slipped.map(token => JSON.stringify(token)).join('\n')],
  )
  await service.gateway.fire('sweep')
  await service.gateway.fire('sweep')
  const { body } = await service.call('GET', `/v1/recalls/${recall.body.id}`)
  expect(body).toMatchObject({ state: 'done', devices: { total: tokens.length + 5, accepted: tokens.length + 5 } })
})

it('takes tokens as lines, and shows the exact count once repeats are gone', async () => {
  await service.call('POST', '/v1/messages', { id: 'm', targets: [{ app: 'news-harmony', notifyId: 1, tokens: [] }] })
  const raw = ['a+/=', 'b', 'b'].map(token => JSON.stringify(token)).join('\n')
  const ndjson = { raw, headers: { 'content-type': 'application/x-ndjson' } }
  expect((await service.call('POST', '/v1/messages/m/tokens?app=news-harmony', undefined, ndjson)).body).toEqual({
    received: 3,
  })
  expect((await service.call('GET', '/v1/messages/m')).body.targets[0].devices).toBeNull()
  await service.gateway.runtime.ledger.query("update token_chunk set arrived_at = now() - interval '2 minutes'")
  await fetch(`${service.url}/_local/timers/sweep`, { method: 'POST' })
  expect((await service.call('GET', '/v1/messages/m')).body.targets[0].devices).toBe(2)
  const bad = await service.call('POST', '/v1/messages/m/tokens?app=news-harmony', undefined, {
    ...ndjson,
    raw: '"a"\n7',
  })
  expect(bad.status).toBe(400)
  expect(bad.body.detail).toMatch(/Line 2/)
})

it('accepts a message whose tokens are yet to come, with a warning', async () => {
  await service.call('POST', '/v1/messages', { id: 'm', targets: [{ app: 'news-harmony', notifyId: 1, tokens: [] }] })
  const { status, body } = await service.call('POST', '/v1/revoke', { message: 'm', reason: 'r' })
  expect(status).toBe(202)
  expect(body.targets[0].warnings[0]).toMatch(/yet|later/)
})

it('cancels what is not out yet, and retries it', async () => {
  await register('promo-1')
  Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
  const { body } = await service.call('POST', '/v1/revoke', {
    target: { app: 'news-harmony', notifyId: 9 },
    reason: 'r',
  })
  expect((await service.call('POST', `/v1/recalls/${body.id}/retry`)).status).toBe(409)
  const cancelled = await service.call('POST', `/v1/recalls/${body.id}/cancel`)
  expect(cancelled.body).toMatchObject({
    state: 'cancelled',
    blocked: null,
    devices: { total: 20, unknown: 20, pending: 0 },
  })
  Object.assign(service.sandbox.switches.pushKit, { failure: null })
  await service.gateway.runtime.ledger.query("update bucket set held_until = '-infinity'")
  const retried = await service.call('POST', `/v1/recalls/${body.id}/retry`)
  expect(retried.body).toMatchObject({ state: 'done', devices: { accepted: 20 } })
})

it('asks anew for what was cancelled while some of it was out at its vendor', async () => {
  await register('promo-1')
  const target = { app: 'news-harmony', notifyId: 9 }
  const { pushKit } = service.sandbox.switches
  pushKit.latencyMs = 700
  const first = service.call('POST', '/v1/revoke', { target, reason: 'r' }, wait)
  const { ledger } = service.gateway.runtime
  await vi.waitFor(async () => expect(await ledger.query('select from attempt_begun')).toHaveLength(1))
  const [running] = (await service.call('GET', '/v1/recalls')).body.items
  expect((await service.call('POST', `/v1/recalls/${running.id}/cancel`)).body.state).toBe('running')
  pushKit.latencyMs = 0
  const anew = await service.call('POST', '/v1/revoke', { target, reason: 'r' }, wait)
  expect([anew.status, anew.body.state, anew.body.deduplicated]).toEqual([202, 'done', false])
  expect(anew.body.id).not.toBe((await first).body.id)
})

it('lets a message go with a cancel, and has it again with a retry', async () => {
  await register('promo-1')
  Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
  const { body } = await service.call('POST', '/v1/revoke', { message: 'promo-1', reason: 'r' })
  const recallOf = async () => (await service.call('GET', '/v1/messages/promo-1')).body.recall?.id ?? null
  await service.call('POST', `/v1/recalls/${body.id}/cancel`)
  expect(await recallOf()).toBeNull()
  await service.call('POST', `/v1/recalls/${body.id}/retry`)
  expect(await recallOf()).toBe(body.id)
})

describe('an idempotency key', () => {
  const request = { target: { app: 'news-android', pushId: '31' }, reason: 'r' }

  it('gets the same bytes again, whatever the order of members', async () => {
    await register('promo-1')
    const headers = { 'idempotency-key': '"k-1"', prefer: 'wait=5' }
    const first = await service.call('POST', '/v1/revoke', request, { headers })
    const second = await service.call('POST', '/v1/revoke', undefined, {
      headers: { 'idempotency-key': 'k-1' },
      raw: ' {"reason":"r", "target":{"pushId":"31","app":"news-android"}}',
    })
    expect([second.status, second.text, second.headers.get('idempotent-replayed')]).toEqual([
      first.status,
      first.text,
      'true',
    ])
    const other = await service.call('POST', '/v1/revoke', { ...request, reason: 'other' }, { headers })
    expect([other.status, other.body.type]).toEqual([422, 'https://unpush.dev/problems/idempotency-key-reused'])
    const elsewhere = await service.call('POST', '/v1/stop', request, { headers })
    expect(elsewhere.headers.get('idempotent-replayed')).toBeNull()
  })

  it('makes one recall of thirty racers', async () => {
    await register('promo-1')
    const racers = Array.from({ length: 30 }, () =>
      service.call('POST', '/v1/revoke', request, { headers: { 'idempotency-key': 'race', prefer: 'wait=5' } }),
    )
    const replies = await Promise.all(racers)
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1)
    expect(replies.every(({ status }) => status === 202 || status === 200)).toBe(true)
  })

  it('of two bodies at the same moment is of one of them, also where both ask for what was done already', async () => {
    const pushes = ['31', '33']
    for (const pushId of pushes)
      service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
    const ask = (pushId: string, headers: { [name: string]: string } = {}) =>
      service.call('POST', '/v1/revoke', { target: { app: 'news-android', pushId }, reason: 'r' }, { headers })
    const done = await Promise.all(pushes.map(pushId => ask(pushId, { prefer: 'wait=10' })))
    for (let round = 0; round < 5; round++) {
      const replies = await Promise.all(pushes.map(pushId => ask(pushId, { 'idempotency-key': `both-${round}` })))
      const told = replies.map(({ status, body }, place) => [status, body.id === done[place]?.body.id])
      expect([
        [
          [200, true],
          [422, false],
        ],
        [
          [422, false],
          [200, true],
        ],
      ]).toContainEqual(told)
    }
  })
})

it('shows nobody what is outside their apps', async () => {
  await register('promo-1')
  const { createApiKey } = await import('../../shared/access/api-key.ts')
  const { key, sha256 } = createApiKey()
  await service.close()
  service = await startService({
    secrets: { 'unpush/access': { keys: [{ id: 'ios', sha256, role: 'operator', apps: ['news-ios'] }] } },
  })
  const headers = { authorization: `Bearer ${key}` }
  const refused = await service.call(
    'POST',
    '/v1/revoke',
    { target: { app: 'news-android', pushId: '31' }, reason: 'r' },
    { role: null, headers },
  )
  expect(refused.status).toBe(403)
  expect(
    (await service.call('GET', '/v1/status?app=news-android&pushId=31', undefined, { role: null, headers })).status,
  ).toBe(404)
  expect(
    (await service.call('GET', '/v1/capabilities', undefined, { role: null, headers })).body.items.map(
      (item: { app: string }) => item.app,
    ),
  ).toEqual(['news-ios'])
})

it('survives kill -9: a new process on the same folder finishes what was begun', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unpush-kill-'))
  const start = async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/main.ts'], {
      env: { ...process.env, PORT: '0', LEDGER_URL: `pglite:${join(folder, 'ledger')}`, SECRETS: 'sandbox' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const ready = await new Promise<RegExpExecArray>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output += chunk.toString()
        const found = /unpush ready on (\S+)/.exec(output)
        if (found !== null) resolve(found)
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('exit', code => reject(new Error(`ended with ${code}: ${output}`)))
    })
    const key = /operator\s+key\s+(\S+)/.exec(output)?.[1] ?? ''
    const content = /"content":"([^"]+)"/.exec(output)?.[1] ?? ''
    const end = (signal: NodeJS.Signals) =>
      new Promise<number | null>(resolve => {
        child.removeAllListeners('exit')
        child.once('exit', resolve)
        child.kill(signal)
      })
    return { url: ready[1] ?? '', key, content, end }
  }
  try {
    const first = await start()
    const headers = { authorization: `Bearer ${first.key}`, 'content-type': 'application/json' }
    await fetch(`${first.url}/_sandbox/switches`, {
      method: 'PATCH',
      headers,
      body: JSON.stringify({ pushKit: { failure: 'timeout' } }),
    })
    const reply = await fetch(`${first.url}/v1/revoke`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ content: first.content, reason: 'r' }),
    })
    const recall = (await reply.json()) as { id: string; state: string }
    expect(recall.state).toBe('running')
    await expect(start()).rejects.toThrow(/is already open in process/)
    await first.end('SIGKILL')
    // the dead process's leases would run out after 30 s
    const left = await openLedger(`pglite:${join(folder, 'ledger')}`)
    await left.query("update work set lease_until = now() where state = 'running'")
    await left.close()
    const second = await start()
    expect(second.key).toBe(first.key)
    const deadline = Date.now() + 200_000
    type Ended = { state: string; targets: { app: string; state: string }[] }
    let ended: Ended = { state: 'running', targets: [] }
    while (ended.state === 'running' && Date.now() < deadline) {
      await new Promise(resolve => setTimeout(resolve, 500))
      await fetch(`${second.url}/_local/timers/sweep`, { method: 'POST' })
      ended = (await (await fetch(`${second.url}/v1/recalls/${recall.id}`, { headers })).json()) as Ended
    }
    // a vendor that takes nothing off devices is stopped in its place, and says so
    expect(new Set(ended.targets.map(({ state }) => state))).toEqual(new Set(['done', 'partial']))
    expect(ended.targets.find(({ app }) => app === 'news-harmony')?.state).toBe('done')
    const endedAt = Date.now()
    expect(await second.end('SIGTERM')).toBe(0)
    // 2 s, and what slow cores take
    expect(Date.now() - endedAt).toBeLessThan(10_000)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
