/** How apps are, told without a call, and proven by the most harmless one. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { judge } from '../shared/app-health/check.ts'
import { conforms, document } from './dashboard/document.ts'
import { type Service, startService } from './support/service.ts'

const secret = `whsec_${randomBytes(32).toString('base64')}`
let service: Service
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  service = await startService({
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
        'unpush/webhooks/e_1': { source: 'standard-webhooks', secret, policy: {} },
        'unpush/subscribers/alarms': { url: 'https://192.0.2.1/', secret, events: ['app.unhealthy'], format: 'feishu' },
      }
    },
  })
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
  expect(made.length).toBe(body.apps.length - 1)
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

it('judges every outcome', () => {
  const vendor = { code: 'c', message: 'm', requestId: null, httpStatus: 200 }
  expect(judge({ kind: 'not_found', vendor }).ok).toBe(true)
  expect(judge({ kind: 'refused', reason: 'r', vendor }).ok).toBe(false)
  expect(judge({ kind: 'auth', vendor }).ok).toBe(false)
  expect(judge({ kind: 'unknown', reason: 'r', vendor }).ok).toBe(null)
})

it('is no business of who may not', async () => {
  expect((await service.call('POST', '/v1/health/check', undefined, { role: 'viewer' })).status).toBe(403)
  expect((await service.call('GET', '/v1/health', undefined, { role: 'sender' })).status).toBe(403)
})
