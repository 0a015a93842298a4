/** Every route, asked by every role, by key and by access token, within its own app and beyond: what the contract says, and no more. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { type FunctionEntry, functions, type Role, type Route } from '../../shared/functions.ts'
import { type IdKind, newId } from '../../shared/ids.ts'
import { type Issuer, startIssuer } from '../support/issuer.ts'
import { type Reply, type Service, startService } from '../support/service.ts'

const roles = ['sender', 'viewer', 'operator', 'approver', 'admin'] as const satisfies Role[]
const readers = ['viewer', 'operator', 'approver', 'admin'] as const
/** Contract §4, by itself: not what the function table makes of it. A route that is not here fails. */
const contract: { readonly [route: string]: readonly Role[] } = {
  'POST /v1/messages': ['sender', 'operator'],
  'PATCH /v1/messages/{id}': ['sender', 'operator'],
  'POST /v1/messages/{id}/tokens': ['sender', 'operator'],
  'GET /v1/messages': readers,
  'GET /v1/messages/{id}': readers,
  'GET /v1/messages/{id}/plan': readers,
  'POST /v1/stop': ['operator'],
  'POST /v1/revoke': ['operator'],
  'POST /v1/overlay': ['operator'],
  'POST /v1/corrections': ['operator'],
  'GET /v1/recalls': readers,
  'GET /v1/recalls/{id}': readers,
  'GET /v1/recalls/{id}/events': readers,
  'POST /v1/recalls/{id}/approve': ['approver'],
  'POST /v1/recalls/{id}/decline': ['approver'],
  'POST /v1/recalls/{id}/review': ['approver'],
  'POST /v1/recalls/{id}/cancel': ['operator'],
  'POST /v1/recalls/{id}/retry': ['operator'],
  'GET /v1/status': readers,
  'GET /v1/capabilities': readers,
  'GET /v1/verdicts': readers,
  'GET /v1/verdicts/{id}': readers,
  'GET /v1/deliveries': readers,
  'GET /v1/deliveries/{id}': readers,
  'GET /v1/subscribers': readers,
  'POST /v1/deliveries/{id}/replay': ['operator'],
  'GET /v1/audit': ['admin'],
  'GET /v1/audit/head': ['admin'],
  'GET /v1/me': roles,
  'GET /v1/summary': readers,
  'GET /v1/health': readers,
  'GET /v1/metrics': readers,
  'POST /v1/health/check': ['operator'],
  'GET /v1/pauses': ['admin'],
  'POST /v1/pauses': ['admin'],
  'DELETE /v1/pauses/{id}': ['admin'],
  'GET /v1/holds': roles,
}
/** Signatures and nobody: contract §4. */
const open =
  /^(POST \/v1\/webhooks\/\{endpoint\}|GET \/(assets\/\{file\}|config\.json|openapi\.json|docs|livez|readyz)?)$/

const entries: readonly FunctionEntry[] = Object.values(functions)
const routes: readonly Route[] = entries.flatMap(entry => entry.routes)
const nameOf = ({ method, path }: Route) => `${method} ${path}`

type App = 'news-android' | 'news-ios'
const own: App = 'news-android'
const keys = new Map(roles.map(role => [role, createApiKey().key]))
const all = createApiKey().key
const hashed = (key: string) => createHash('sha256').update(key).digest('hex')

let issuer: Issuer
let service: Service
beforeAll(async () => {
  issuer = await startIssuer()
  service = await startService({
    secrets: {
      'unpush/access': {
        keys: [
          { id: 'all', sha256: hashed(all), role: [...roles], apps: ['*'] },
          ...roles.map(role => ({ id: role, sha256: hashed(keys.get(role) ?? ''), role, apps: [own] })),
        ],
        oidc: issuer.oidc,
      },
      'unpush/policy': { breakGlass: 'approver', assumeAudience: 1234, approvalAbove: 7, confirmAbove: null },
    },
  })
  for (const app of [own, 'news-ios'] as const) kept.set(app, await makeObjects(app))
})
afterAll(async () => {
  await service.close()
  await issuer.close()
})

const ask = (credential: string, method: string, path: string, body?: object): Promise<Reply> =>
  service.call(method, path, body, {
    role: null,
    headers: { authorization: `Bearer ${credential}`, prefer: 'wait=10' },
  })
const unique = () => randomBytes(6).toString('hex')
const deliveryId = () => `dlv_${randomBytes(16).toString('hex')}`

const kept = new Map<App, { readonly [K in 'message' | 'recall' | 'delivery' | 'verdict']: string }>()
async function makeObjects(app: App) {
  const pushId = String(8_000_000 + randomBytes(3).readUIntBE(0, 3))
  service.sandbox.pushTpns({ app, title: 't', content: 'b', audience: 'all', pushId })
  const message = `m-${unique()}`
  const made = await ask(all, 'POST', '/v1/messages', { id: message, targets: [{ app, pushId }] })
  const { body } = await ask(all, 'POST', '/v1/revoke', { message, reason: 'r' })
  const delivery = deliveryId()
  await service.gateway.runtime.ledger.query(
    `insert into delivery (id, subscriber, type, apps, data, state)
     values ($1::text, 'gone', 'recall.completed', array[$2::text], '{}', 'failed')`,
    [delivery, app],
  )
  const verdict = newId('vrd')
  await service.gateway.runtime.ledger.query(
    `with made as (
       insert into verdict (id, endpoint, source, tier, content, decision, labels, authority, round, ordered_at, outranks)
       values ($1::text, 'e_1', 'standard-webhooks', 'A', $1::text, 'block', '[]', 1, 0, now(), '{e_1}'))
     insert into verdict_effect (verdict_id, message_id, recall_id) values ($1::text, $2::text, $3::text)`,
    [verdict, message, body.id],
  )
  await service.gateway.runtime.ledger.query(
    `insert into subscriber (id, events, apps, digest) values ('told-' || $1::text, '{}', array[$1::text], 'd')`,
    [app],
  )
  expect([made.status, typeof body.id]).toEqual([201, 'string'])
  return { message, recall: String(body.id), delivery, verdict }
}

/** An object of the app; what is missing here makes a route with its id fail. */
async function idIn(app: App, kind: IdKind): Promise<string | null> {
  const objects = kept.get(app)
  if (kind === 'message' || kind === 'recall' || kind === 'delivery' || kind === 'verdict')
    return objects?.[kind] ?? null
  if (kind !== 'pause') return null
  // those before it are gone, or in the way
  await service.gateway.runtime.ledger.query(`delete from pause where subject = $1::text`, [app])
  return (await ask(all, 'POST', '/v1/pauses', { app, reason: 'r' })).body.id
}
const missing: { readonly [K in IdKind]?: string } = {
  message: 'm-none',
  recall: 'rcl_00000000000000000000000000',
  delivery: deliveryId(),
  verdict: 'vrd_00000000000000000000000000',
  pause: 'pse_00000000000000000000000000',
}

it('every route is in the contract, with a right, or is open to everybody by name', () => {
  const wrong = routes.filter(route => (route.right === null) !== open.test(nameOf(route)))
  expect(wrong.map(nameOf)).toEqual([])
  expect(routes.filter(route => route.right !== null && contract[nameOf(route)] === undefined).map(nameOf)).toEqual([])
})

const signed = routes.filter(({ right }) => right !== null)
it.each(signed.map(route => [nameOf(route), route] as const))('%s', async (name, route) => {
  const [placeholder = null, kind = null] = Object.entries(route.ids ?? {})[0] ?? []
  const pathOf = (id: string | null) => route.path.replace(`{${placeholder}}`, id ?? '')
  const wants = { app: 'news-ios', pushId: '1' }
  for (const role of roles) {
    const token = await issuer.token({ sub: role, unpush_roles: `${role}:${own}`, preferred_username: `${role}.token` })
    for (const credential of [keys.get(role) ?? '', token]) {
      const cell = `${role} ${credential === token ? 'token' : 'key'}: ${name}`
      const isAllowed = contract[name]?.includes(role) === true
      const bodyless = route.method === 'GET' || route.method === 'DELETE'
      const mine = kind === null ? null : await idIn(own, kind)
      const others = kind === null ? null : await idIn('news-ios', kind)
      const asked = (id: string | null) => ask(credential, route.method, pathOf(id), bodyless ? undefined : {})
      const reply = await asked(mine ?? 'none')
      expect(reply.status, `${cell} ${reply.text}`).not.toBe(401)
      expect(reply.status, `${cell} ${reply.text}`).toBeLessThan(500)
      const isRefused = reply.status === 403 && String(reply.body.detail).startsWith('The role of this caller')
      expect(isRefused, `${cell} ${reply.text}`).toBe(!isAllowed)
      if (kind !== null && mine !== null) {
        if (isAllowed) expect(reply.status, `${cell} ${reply.text}`).not.toBe(404)
        const [beyond, nowhere] = [await asked(others), await asked(missing[kind] ?? 'none')]
        expect(beyond.status, `${cell} ${beyond.text}`).toBe(isAllowed ? 404 : 403)
        expect({ ...beyond.body, requestId: 0 }, cell).toEqual({ ...nowhere.body, requestId: 0 })
      }
      // where an app is named it is no secret that it is another's
      if (isAllowed && /^POST \/v1\/(stop|revoke|overlay|corrections)$/.test(name)) {
        const overlay =
          name.endsWith('overlay') || name.endsWith('corrections') ? { overlay: { title: 't', body: 'b' } } : {}
        const named = await ask(credential, 'POST', route.path, { target: wants, reason: 'r', ...overlay })
        expect(named.status, cell).toBe(403)
      }
      if (isAllowed && name === 'GET /v1/status')
        expect((await ask(credential, 'GET', '/v1/status?app=news-ios&pushId=1')).status, cell).toBe(404)
    }
  }
})

it('no list shows what is another app’s', async () => {
  for (const role of readers) {
    const token = await issuer.token({ sub: role, unpush_roles: [`${role}:${own}`, 'sender'] })
    for (const credential of [keys.get(role) ?? '', token]) {
      for (const [path, kind] of [
        ['/v1/messages?limit=200', 'message'],
        ['/v1/recalls?limit=200', 'recall'],
        ['/v1/deliveries?limit=200', 'delivery'],
        ['/v1/verdicts?limit=200', 'verdict'],
        ['/v1/subscribers', null],
      ] as const) {
        const { text } = await ask(credential, 'GET', path)
        for (const id of Object.values(kept.get('news-ios') ?? {})) expect(text, `${role} ${path}`).not.toContain(id)
        expect(text, path).not.toContain('news-ios')
        expect(text, path).toContain(kind === null ? own : kept.get(own)?.[kind])
      }
    }
  }
})

it('everybody hears who he is, and a credential that holds nothing does not', async () => {
  for (const role of roles) {
    const token = await issuer.token({ sub: role, unpush_roles: `${role}:${own}`, preferred_username: `${role}.token` })
    const mine = (await ask(token, 'GET', '/v1/me')).body
    expect(mine).toMatchObject({ id: `oidc:${role}`, person: `${role}.token`, roles: [role], allApps: false })
    expect(mine.apps).toEqual([{ id: own, provider: 'tpns', platform: 'android', rights: mine.rights }])
    expect(mine.policy).toEqual({
      approvalAbove: { stop: 7, revoke: 7, overlay: 7 },
      approvalTtlMinutes: 30,
      minExpiryMinutes: 10,
      confirmAbove: null,
      assumeAudience: 1234,
      breakGlass: 'approver',
    })
    expect(Date.parse(mine.expiresAt)).toBeGreaterThan(Date.now())
    const byKey = (await ask(keys.get(role) ?? '', 'GET', '/v1/me')).body
    expect(byKey).toMatchObject({ id: `key:${role}`, person: null, rights: mine.rights, expiresAt: null })
    // what it says is what holds
    for (const route of signed) {
      if (contract[nameOf(route)]?.includes(role) !== true) continue
      expect(mine.rights, nameOf(route)).toContain(route.right)
    }
  }
  const mixed = await issuer.token({ unpush_roles: ['viewer', `operator:${own}`], preferred_username: 'm' })
  const { allApps, rights, apps } = (await ask(mixed, 'GET', '/v1/me')).body
  expect([allApps, rights]).toEqual([true, ['self', 'ask', 'send', 'read', 'operate']])
  expect(apps.find(({ id }: { id: string }) => id === own).rights).toEqual(rights)
  expect(apps.find(({ id }: { id: string }) => id === 'news-ios').rights).toEqual(['self', 'ask', 'read'])
  expect((await ask(await issuer.token({ unpush_roles: ['none'] }), 'GET', '/v1/me')).status).toBe(403)
})
