/** How apps are, told without a call, and proven by the most harmless one. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { judge } from '../shared/app-health/check.ts'
import { conforms, document } from './dashboard/document.ts'
import { type Service, startService } from './support/service.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`
const canaryTokens: string[] = []
let service: Service
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  service = await startService({
    dailyChecks: true,
    secrets: demo => {
      const android = demo['unpush/apps/news-android'] as object
      const harmony = demo['unpush/apps/news-harmony'] as { serviceAccount: object }
      return {
        ...demo,
        'unpush/apps/wrong-android': { ...android, secretKey: 'not-the-key-of-this-app-at-all' },
        'unpush/apps/wrong-harmony': {
          ...harmony,
          serviceAccount: {
            ...harmony.serviceAccount,
            private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
          },
        },
        'unpush/apps/unreadable': { provider: 'nobody' },
        'unpush/apps/canary-android': { ...android, canary: { pushId: 777001, audience: null } },
        'unpush/apps/canary-harmony': { ...harmony, canary: { notifyId: 7001, tokens: canaryTokens } },
        'unpush/apps/canary-stopped': { ...android, canary: { pushId: '777002' } },
        'unpush/apps/canary-gone': { ...android, canary: { pushId: '777999' } },
        'unpush/apps/canary-odd': { ...android, canary: { pushId: 777001.5 } },
        'unpush/apps/canary-empty': { ...harmony, canary: { notifyId: 7001 } },
        'unpush/webhooks/e_1': { source: 'standard-webhooks', secret, policy: {} },
        'unpush/subscribers/alarms': { url: 'https://192.0.2.1/', secret, events: ['app.unhealthy'], format: 'feishu' },
      }
    },
  })
  canaryTokens.push(...service.sandbox.harmonyTokens().slice(0, 2))
})
afterAll(() => service.closeWhole())

const ask = async (method: string, path: string, role: 'viewer' | 'operator') => {
  const { status, body } = await service.call(method, path, undefined, { role })
  expect(status, JSON.stringify(body)).toBe(200)
  expect(conforms(document.components.schemas['HealthOfApps'] ?? {}, body)).toEqual([])
  return body
}
const health = () => ask('GET', '/v1/health', 'viewer')
const check = () => ask('POST', '/v1/health/check', 'operator')
const lastCall = async () => (await service.call('GET', '/_sandbox/calls')).body.items[0]?.number ?? 0
const appOf = (body: { apps: { app: string }[] }, name: string) =>
  body.apps.find(({ app }) => app === name) as unknown as {
    credential: { ok: boolean | null; code: string | null; since: string; checkedAt: string }
    problem: string | null
    lanes: { name: string; kind: string; limit: number; left: number }[]
    waiting: number
    lastAcceptedAt: string | null
    breaker: { open: boolean; cause: string | null }
  }
const unhealthy = () =>
  service.gateway.runtime.ledger.query<{ app: string }>(
    "select data ->> 'app' as app from delivery where type = 'app.unhealthy' order by 1",
  )

it('is told before anything was checked or has run, and calls nobody', async () => {
  const before = await lastCall()
  const body = await health()
  expect(await lastCall()).toBe(before)
  expect(appOf(body, 'news-android').credential).toMatchObject({ ok: null, checkedAt: null })
  expect(appOf(body, 'unreadable').problem).toMatch(/cannot be read/)
  expect(body.timers.map(({ name }: { name: string }) => name)).toEqual(['expire', 'sweep', 'discover'])
  expect(body.endpoints).toContainEqual({ id: 'e_1', lastAt: null })
  await service.gateway.fire('expire')
  const { timers } = await health()
  expect(timers[0]).toEqual({ name: 'expire', lastAt: expect.stringMatching(/Z$/) })
})

it('tells good credentials from bad ones by one call each, and says so once', async () => {
  await service.gateway.fire('sweep')
  const before = await lastCall()
  const body = await check()
  const found = (name: string) => appOf(body, name).credential.ok
  expect(['news-android', 'news-harmony', 'wrong-android', 'wrong-harmony'].map(found)).toEqual([
    true,
    true,
    false,
    false,
  ])
  const { items } = (await service.call('GET', '/_sandbox/calls')).body as { items: { number: number; path: string }[] }
  const made = items.filter(({ number }) => number > before)
  // but of those whose documents cannot be read
  expect(made.length).toBe(body.apps.length - 3)
  for (const { path } of made) expect(path).toMatch(/get_push_record|revoke/)
  expect((await unhealthy()).map(({ app }) => app)).toEqual(['wrong-android', 'wrong-harmony'])
  const again = await check()
  expect(appOf(again, 'wrong-android').credential.since).toBe(appOf(body, 'wrong-android').credential.since)
  expect(appOf(again, 'wrong-android').credential.checkedAt > appOf(body, 'wrong-android').credential.checkedAt).toBe(
    true,
  )
  expect(await unhealthy()).toHaveLength(2)
  // the budget of reads has paid for it
  const reads = appOf(again, 'news-android').lanes.find(({ kind }) => kind === 'window')
  expect(reads?.left).toBeLessThan(reads?.limit ?? 0)
})

it('keeps what was known where the vendor gives no answer, and tells of what turns bad again', async () => {
  service.sandbox.switches.tpns.failure = 'http503'
  expect(appOf(await check(), 'news-android').credential).toMatchObject({ ok: true })
  service.sandbox.switches.tpns.failure = null
  const { ledger } = service.gateway.runtime
  const turn = (ok: boolean | null) =>
    ledger.query('select keep_check($1::text, $2::text::jsonb)', ['news-ios', JSON.stringify({ ok, code: '1' })])
  const before = (await unhealthy()).length
  for (const ok of [false, null, false, true, null, false]) await turn(ok)
  expect((await unhealthy()).length - before).toBe(2)
})

const age = (what: string, hours: number) =>
  service.gateway.runtime.ledger.query(
    `update finding set at = at - make_interval(hours => $2::text::int) where name in ($1::text, 'due ' || $1::text)`,
    [what, hours],
  )
const callsSince = async (before: number) => {
  const { items } = (await service.call('GET', '/_sandbox/calls')).body as { items: { number: number; path: string }[] }
  return items.filter(({ number }) => number > before)
}

it('is made by sweep where none was made for a day, and by no other run', async () => {
  // what people may ask is used up by now
  await service.gateway.runtime.ledger.query(`update bucket set hits = '{}', purposes = '{}'`)
  // whatever recalls are left to do
  await service.gateway.fire('sweep')
  const before = await lastCall()
  for (let n = 0; n < 3; n++) await service.gateway.fire('sweep')
  expect(await callsSince(before)).toEqual([])
  await age('check', 23)
  await service.gateway.fire('sweep')
  expect(await callsSince(before)).toEqual([])
  await age('check', 2)
  await Promise.all([service.gateway.fire('sweep'), service.gateway.fire('sweep')])
  await service.gateway.fire('sweep')
  const { apps } = await health()
  expect((await callsSince(before)).length).toBe(
    apps.filter(({ problem }: { problem: unknown }) => problem === null).length,
  )
})

it('takes a canary back once a day, and tells how that went', async () => {
  const { sandbox, gateway } = service
  const canaries = async () => {
    const { apps } = await health()
    return (name: string) => apps.find(({ app }: { app: string }) => app === name)
  }
  const before = await canaries()
  // the first sweep of this service has tried them, before there was anything to take back
  expect(before('canary-gone').canary).toMatchObject({ ok: false, state: 'failed', detail: null })
  expect(before('news-android').canary).toBeNull()
  for (const name of ['canary-odd', 'canary-empty']) expect(before(name).problem).toMatch(/cannot be read/)
  const logged = service.logged.join('')
  expect(logged).toContain('canary.pushId')
  expect(logged).toMatch(/canary-empty.*must name at least one push token/)

  sandbox.pushTpns({ app: 'news-android', title: 'canary', content: 'b', audience: 'all', pushId: '777001' })
  sandbox.pushHarmony({ notifyId: 7001, tokens: canaryTokens, title: 'canary', body: 'b' })
  await age('canary', 25)
  const last = await lastCall()
  for (let n = 0; n < 4; n++) await gateway.fire('sweep')
  const after = await canaries()
  expect(after('canary-android').canary).toMatchObject({ ok: true, state: 'done', operation: 'revoke' })
  expect(after('canary-harmony').canary).toMatchObject({ ok: true, state: 'done', operation: 'revoke' })
  expect(after('canary-gone').canary.ok).toBe(false)
  const acts = (await callsSince(last)).filter(({ path }) => /revoke|stop/.test(path))
  expect(acts.filter(({ path }) => path.endsWith('revoke_push_msg'))).toHaveLength(3)
  const recall = (await service.call('GET', `/v1/recalls/${after('canary-android').canary.recall}`)).body
  expect(recall).toMatchObject({ requestedBy: 'timer:sweep', person: null, origin: 'request', state: 'done' })

  // what TPNS does not take any more is stopped
  sandbox.pushTpns({ app: 'news-android', title: 'canary', content: 'b', audience: 'all', pushId: '777002' })
  sandbox.switches.tpns.revokeRetired = true
  await age('canary', 25)
  for (let n = 0; n < 4; n++) await gateway.fire('sweep')
  expect((await canaries())('canary-stopped').canary).toMatchObject({ ok: true, state: 'partial', operation: 'stop' })
  sandbox.switches.tpns.revokeRetired = false
})

it('is found by a recall’s own call, told once, and well again when the vendor takes it', async () => {
  const { ledger } = service.gateway.runtime
  const told = async () => (await unhealthy()).filter(({ app }) => app === 'wrong-android').length
  const target = { app: 'wrong-android', pushId: '55001' }
  const wait = { headers: { prefer: 'wait=1' } }
  await ledger.query(`select keep_check('wrong-android', '{"ok":true}')`)
  const before = await told()
  for (const turn of [1, 2]) {
    for (const again of [1, 2]) {
      await service.call('POST', '/v1/stop', { target, reason: `${again}`, supersede: true, again: true }, wait)
      const found = appOf(await health(), 'wrong-android')
      expect(found.credential).toMatchObject({ ok: false, code: expect.any(String), call: null })
      expect(found.breaker).toMatchObject({ open: true, cause: 'credential' })
      expect(await told()).toBe(before + turn)
    }
    // as the settlement of a call that was taken does
    await ledger.query(`delete from breaker where app = 'wrong-android'`)
    expect(appOf(await health(), 'wrong-android').credential).toMatchObject({ ok: true, code: null, detail: null })
    await ledger.query(
      `update work set run_at = now(), blocked_by = null where app = 'wrong-android' and state = 'ready'`,
    )
    await service.call(
      'POST',
      `/v1/recalls/${(await service.call('GET', '/v1/recalls?app=wrong-android&limit=1')).body.items[0].id}/cancel`,
    )
  }
})

it('is well again when the vendor has accepted something since', async () => {
  const { ledger } = service.gateway.runtime
  await ledger.query(`select keep_check('news-ios', '{"ok":false,"code":"1"}')`)
  await service.gateway.fire('sweep')
  expect(appOf(await health(), 'news-ios').credential.ok).toBe(false)
  await ledger.query(
    `insert into metric (at, apps, value) values (date_trunc('minute', now() + interval '1 minute'), '{news-ios}', '{"calls":{"tpns accepted":1}}')`,
  )
  await service.gateway.fire('sweep')
  expect(appOf(await health(), 'news-ios').credential.ok).toBe(true)
})

it('judges every outcome', () => {
  const vendor = { code: 'c', message: 'm', requestId: null, httpStatus: 200 }
  expect(judge({ kind: 'not_found', vendor }).ok).toBe(true)
  expect(judge({ kind: 'refused', reason: 'r', vendor }).ok).toBe(false)
  expect(judge({ kind: 'auth', vendor }).ok).toBe(false)
  expect(judge({ kind: 'auth', vendor, advice: 'Set the host.' }).detail).toBe('Set the host.')
  expect(judge({ kind: 'unknown', reason: 'r', vendor }).ok).toBe(null)
})

it('is no business of who may not', async () => {
  expect((await service.call('POST', '/v1/health/check', undefined, { role: 'viewer' })).status).toBe(403)
  expect((await service.call('GET', '/v1/health', undefined, { role: 'sender' })).status).toBe(403)
})
