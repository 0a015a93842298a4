/**
 * Every function doing all that it does, each in a runtime of its own as where it is deployed: registers, plans, takes back, looks,
 * hears verdicts, expires, sweeps, delivers. Who gives the runtimes looks on: at the secrets they read, at what their database
 * user may do.
 */
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDemoKeys, demoAccess } from '../../sandbox/demo.ts'
import { type FunctionName, functions, type Route } from '../../shared/functions.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { type Runtime, useRuntime } from '../../shared/runtime.ts'
import type { MainHandler } from '../../shared/serve.ts'
import { startIssuer } from './issuer.ts'
import { createTestSandbox, withoutLatency } from './sandbox.ts'

export interface EveryFunction {
  /** Documents of all secrets but those of the ledger. */
  readonly documents: { readonly [name: string]: unknown }
  /** One line for each call that went wrong. */
  run(runtimeOf: (name: FunctionName) => Runtime, owner: Ledger): Promise<string[]>
  close(): Promise<void>
}

const functionNames = Object.keys(functions) as FunctionName[]
const moderator = `whsec_${randomBytes(32).toString('base64')}`

export async function openEveryFunction(): Promise<EveryFunction> {
  const sandbox = createTestSandbox()
  withoutLatency(sandbox)
  const vendors = createServer((request, response) => {
    void sandbox.handle(request, response)
  })
  await new Promise<void>(resolve => vendors.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(vendors.address() as AddressInfo).port}`
  const keys = createDemoKeys()
  const issuer = await startIssuer()
  const auditKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  const demo = Object.entries(sandbox.secrets(origin)).filter(([name]) => name.startsWith('unpush/apps/'))
  const documents = {
    ...Object.fromEntries(demo),
    'unpush/apps': { apps: demo.map(([name]) => name.slice('unpush/apps/'.length)) },
    'unpush/access': { ...demoAccess(keys), oidc: issuer.oidc },
    'unpush/policy': { giveUpHours: 1, minExpiryMinutes: 0 },
    'unpush/audit-key': auditKey,
    'unpush/audit-mac': { key: randomBytes(32).toString('hex') },
    'unpush/webhooks': { webhooks: ['e_own', 'e_asked'] },
    'unpush/webhooks/e_own': { source: 'standard-webhooks', secret: moderator, policy: { block: 'revoke' } },
    'unpush/webhooks/e_asked': {
      source: 'huawei-moderation',
      secret: {
        seed: 'seed-of-a-test',
        urlSecret: randomBytes(18).toString('base64url'),
        pull: {
          accessKeyId: 'a',
          secretAccessKey: 'b',
          projectId: 'a'.repeat(32),
          region: 'cn-north-4',
          endpoint: 'http://127.0.0.1:1',
        },
      },
      policy: { block: 'revoke' },
    },
    'unpush/subscribers': { subscribers: ['one'] },
    'unpush/subscribers/one': {
      url: 'https://192.0.2.1/hook',
      secret: `whsec_${randomBytes(32).toString('base64')}`,
      events: ['recall.accepted', 'recall.completed'],
      format: 'standard',
    },
  }
  const handlers = new Map<string, MainHandler>()
  for (const name of functionNames) {
    const module: { main_handler: MainHandler } = await import(`../../functions/${name}.ts`)
    handlers.set(name, module.main_handler)
  }

  return {
    documents,
    run: async (runtimeOf, owner) => {
      const wrong: string[] = []
      const invoke = async (name: FunctionName, event: unknown): Promise<unknown> => {
        const runtime = runtimeOf(name)
        useRuntime(runtime)
        try {
          return await handlers.get(name)?.(event, { request_id: 'r', getRemainingTimeInMillis: () => 20_000 })
        } finally {
          await runtime.drainer.idle()
          await runtime.sealer.idle()
          useRuntime(null)
        }
      }
      const call = async (
        name: FunctionName,
        method: string,
        path: string,
        body: unknown = '',
        {
          role = 'operator',
          headers = {},
          most = 299,
        }: { role?: keyof typeof keys; headers?: { [name: string]: string }; most?: number } = {},
      ) => {
        const [at = '', query = ''] = path.split('?')
        const reply = await invoke(name, {
          httpMethod: method,
          path: at,
          headers: {
            authorization: `Bearer ${keys[role]}`,
            ...(body === '' ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          queryString: Object.fromEntries(new URLSearchParams(query)),
          body: typeof body === 'string' ? body : JSON.stringify(body),
        })
        const { statusCode, body: text } = reply as { statusCode: number; body: string }
        if (statusCode > most) wrong.push(`${name} ${method} ${path}: ${statusCode} ${text.slice(0, 300)}`)
        return text.startsWith('{') ? JSON.parse(text) : text
      }
      const fire = async (name: FunctionName) => {
        await invoke(name, { Type: 'Timer', TriggerName: name, Time: '', Message: '' }).catch((error: Error) =>
          wrong.push(`${name}: ${error.message}`),
        )
      }
      const send = { role: 'sender' as const }
      const wait = { headers: { prefer: 'wait=10', 'idempotency-key': randomBytes(6).toString('hex') } }
      const push = (app: 'news-android' | 'news-ios') =>
        sandbox.pushTpns({ app, title: 't', content: 'b', audience: 'all' }).pushId
      const reason = 'wrong link'

      // who wants to hear of it is known from the first run on
      await fire('sweep')

      // what was sent
      const tokens = sandbox.harmonyTokens().slice(0, 20)
      sandbox.pushHarmony({ notifyId: 7, tokens, title: 't', body: 'b' })
      const [android, other, expiring, judged] = [1, 2, 3, 4].map(() => push('news-android'))
      const harmony = { app: 'news-harmony', notifyId: 7, tokens: [] }
      const message = {
        id: 'm',
        contents: ['article:1'],
        title: 't',
        targets: [{ app: 'news-android', pushId: android }, harmony],
      }
      await call('messages', 'POST', '/v1/messages', message, send)
      await call('messages', 'POST', '/v1/messages/m/tokens', { app: 'news-harmony', tokens }, send)
      await call('messages', 'PATCH', '/v1/messages/m', { contents: ['article:2'] }, send)
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
      const soon = { id: 'e', targets: [{ app: 'news-android', pushId: expiring }], expiresAt }
      await call('messages', 'POST', '/v1/messages', soon, send)
      const blocked = { id: 'j', contents: ['article:9'], targets: [{ app: 'news-android', pushId: judged }] }
      await call('messages', 'POST', '/v1/messages', blocked, send)
      const later = {
        id: 'k',
        contents: ['article:8'],
        targets: [{ app: 'news-android', pushId: push('news-android') }],
      }
      await call('messages', 'POST', '/v1/messages', later, send)
      await call('messages', 'GET', '/v1/messages?q=t')
      await call('messages', 'GET', '/v1/messages/m')
      await call('messages', 'GET', '/v1/holds?content=article:1', '', send)
      await call('messages', 'POST', '/v1/messages', { ...later, id: 'ask', ask: true }, send)
      await call('revoke', 'POST', '/v1/revoke', { content: 'article:held', hold: true, reason })
      const heldPush = { app: 'news-android', pushId: push('news-android') }
      await call('messages', 'POST', '/v1/messages', { id: 'h', contents: ['article:held'], targets: [heldPush] }, send)
      // for the timer to take in
      const inserted = { app: 'news-android', pushId: push('news-android') }
      await owner.query(
        `with made as (insert into target (message_id, position, app, provider, handle) values ('i', 0, 'news-android', 'tpns', $1::text))
         insert into message (id, digest, contents, registered_by, owner) values ('i', '', '{article:held}', 'key:sender', 'key:sender')`,
        [inserted.pushId],
      )

      // what is asked
      await call('capabilities', 'GET', '/v1/capabilities')
      await call('status', 'GET', `/v1/status?app=news-android&pushId=${android}`)
      await call('revoke', 'POST', '/v1/revoke', { message: 'm', dryRun: true })
      const recall = await call('revoke', 'POST', '/v1/revoke', { content: 'article:1', reason }, wait)
      await call('messages', 'POST', '/v1/messages/m/tokens', { app: 'news-harmony', tokens: ['late'] }, send)
      await call(
        'messages',
        'PATCH',
        '/v1/messages/m',
        { targets: [{ app: 'news-ios', pushId: push('news-ios') }] },
        send,
      )
      const overlay = { title: 't', body: 'b' }
      await call(
        'overlay',
        'POST',
        '/v1/overlay',
        { target: { app: 'news-ios', pushId: push('news-ios') }, overlay, reason },
        wait,
      )
      sandbox.switches.tpns.failure = 'timeout'
      const stopping = { target: { app: 'news-android', pushId: other }, reason }
      const stopped = await call('stop', 'POST', '/v1/stop', stopping, { headers: { prefer: 'wait=0' } })
      await call('recalls', 'POST', `/v1/recalls/${stopped.id}/cancel`)
      sandbox.switches.tpns.failure = null
      await call('recalls', 'POST', `/v1/recalls/${stopped.id}/retry`, '', { most: 409 })
      await call('recalls', 'GET', '/v1/recalls?state=running')
      await call('recalls', 'GET', `/v1/recalls/${recall.id}`)

      // what others say
      const block = async (content: string) => {
        const said = JSON.stringify({ type: 'moderation.verdict', data: { content, verdict: 'block' } })
        const [id, at] = [`msg_${randomBytes(9).toString('hex')}`, String(Math.floor(Date.now() / 1000))]
        const signature = createHmac('sha256', Buffer.from(moderator.slice('whsec_'.length), 'base64'))
          .update(`${id}.${at}.${said}`)
          .digest('base64')
        const headers = { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` }
        await call('moderation', 'POST', '/v1/webhooks/e_own', said, { headers })
      }
      const admin = { role: 'admin' as const }
      const pause = await call('audit', 'POST', '/v1/pauses', { endpoint: 'e_own', reason }, admin)
      // for the timer to act on
      await block('article:8')
      await call('audit', 'GET', '/v1/pauses', '', admin)
      await call('audit', 'DELETE', `/v1/pauses/${pause.id}`, '', admin)
      await block('article:9')
      await call('moderation', 'POST', '/v1/webhooks/e_none', {}, { most: 404 })

      // what is done without being asked
      await owner.query("update message set expires_at = now() - interval '1 second' where id = 'e'")
      await fire('expire')
      await fire('discover')
      await fire('sweep')
      await fire('sweep')

      await call('metrics', 'GET', '/v1/me')
      await call('metrics', 'GET', '/v1/summary')
      await call('metrics', 'GET', '/v1/metrics')
      await call('metrics', 'GET', '/v1/health')
      await call('metrics', 'POST', '/v1/health/check')

      // who is told, and what is kept of it
      const { items: verdicts } = await call('deliveries', 'GET', '/v1/verdicts')
      await call('deliveries', 'GET', `/v1/verdicts/${verdicts[0]?.id}`)
      await call('deliveries', 'GET', '/v1/subscribers')
      const { items } = await call('deliveries', 'GET', '/v1/deliveries')
      const [delivery] = items as { id: string }[]
      if (delivery === undefined) wrong.push('deliveries: nobody was told of anything')
      else {
        await call('deliveries', 'GET', `/v1/deliveries/${delivery.id}`)
        await call('deliveries', 'POST', `/v1/deliveries/${delivery.id}/replay`)
      }
      await call('audit', 'GET', '/v1/audit', '', admin)
      await call('audit', 'GET', '/v1/audit/head', '', admin)
      await call('recalls', 'GET', `/v1/recalls/${recall.id}/events`)

      // whoever may ask may do so with an access token whose roles name apps by how their names begin
      const token = await issuer.token({ unpush_roles: ['operator:news-*', 'admin:news-*', 'approver:news-*'] })
      const signedIn = { headers: { authorization: `Bearer ${token}` }, most: 499 }
      const routes: (readonly [FunctionName, Route])[] = functionNames.flatMap(name =>
        functions[name].routes.map(route => [name, route] as const),
      )
      for (const [name, { method, path, right }] of routes) {
        if (right === null) continue
        const reply = await call(name, method, path.replace(/\{\w+\}/g, 'none'), '', signedIn)
        if (reply.status === 401 || reply.status === 403) wrong.push(`${name} ${method} ${path}: ${reply.detail}`)
      }
      for (const path of ['/', '/docs', '/config.json', '/openapi.json', '/livez', '/readyz'])
        await call('dashboard', 'GET', path, '', { headers: { authorization: '' } })
      return wrong
    },
    close: async () => {
      sandbox.close()
      vendors.closeAllConnections()
      await issuer.close()
      await new Promise(resolve => vendors.close(resolve))
    },
  }
}
