/** What is wrong with a secret is for whoever reads the log: no answer repeats it (finding: member names, roles and paths). */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { readConfig } from '../../shared/config.ts'
import { type FunctionEntry, functions } from '../../shared/functions.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, useRuntime } from '../../shared/runtime.ts'
import { openSecrets, SecretError } from '../../shared/secrets/secrets.ts'
import type { MainHandler } from '../../shared/serve.ts'
import { takeEngine } from '../support/engines.ts'

const { key, sha256 } = createApiKey()
const documents: { readonly [name: string]: object } = {
  'unpush/access': { keys: [{ id: 'ops', sha256, role: ['operator', 'admin'], apps: ['*'] }] },
  'unpush/apps': { apps: ['news'] },
  'unpush/apps/news': {
    provider: 'tpns',
    accessId: '1500001048',
    secretKey: 'secret key of the test',
    region: 'guangzhou',
    platform: 'android',
    endpoint: 'http://127.0.0.1:9',
  },
  'unpush/webhooks': { webhooks: ['e_one'] },
  'unpush/webhooks/e_one': { source: 'tencent-ams', secret: { seed: 'seed of the test' }, policy: {} },
  'unpush/policy': {},
}

const canary = 'canary-of-the-secrets-manager'
/** Everything that can be wrong with one. */
const faults: { readonly [what: string]: (name: string) => string } = {
  'is refused to the role': name => {
    throw new SecretError('unavailable', name, null, `refuses it to the role ${canary}`)
  },
  'cannot be reached': () => {
    throw new Error(`connect ECONNREFUSED ${canary}`)
  },
  'has a member too many': name => JSON.stringify({ ...documents[name], [canary]: canary }),
  'is no JSON': () => `{"${canary}`,
  'is another thing': () => JSON.stringify([canary]),
}

let ledger: Ledger
beforeAll(async () => {
  ledger = await takeEngine()
})
afterAll(() => ledger.close())
afterEach(async () => {
  useRuntime(null)
  // each case has a process of its own, which draws permits anew: on a fast machine they add up to the limit of a minute
  await ledger.query('delete from permit')
})

const entries: [string, FunctionEntry][] = Object.entries(functions)
const cases = Object.keys(documents).flatMap(name => Object.keys(faults).map(fault => [name, fault] as const))

it.each(cases)('%s %s, and no answer says how', async (broken, fault) => {
  const lines: string[] = []
  const log = createLog({ stream: { write: line => lines.push(line) } })
  const source = {
    name: 'test',
    fetch: async (name: string) =>
      name === broken
        ? (faults[fault]?.(name) ?? '')
        : documents[name] === undefined
          ? null
          : JSON.stringify(documents[name]),
  }
  useRuntime(createRuntime(readConfig({}), openSecrets(source, { log }), ledger, log))
  const bodies = [
    {},
    { target: { app: 'news', pushId: '1' }, reason: 'r' },
    { contents: ['c'], targets: [{ app: 'news', pushId: '1' }] },
  ]
  for (const [name, { routes }] of entries) {
    if (routes.length === 0) continue
    const { main_handler: handler } = (await import(`../../functions/${name}.ts`)) as { main_handler: MainHandler }
    for (const { method, path } of routes) {
      for (const body of method === 'GET' ? [null] : bodies) {
        const answer = (await handler(
          {
            httpMethod: method,
            path: path.replace('{endpoint}', 'e_one').replaceAll(/\{\w+\}/g, 'none'),
            queryString: path === '/v1/status' ? { app: 'news', pushId: '1' } : {},
            headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
            body: body === null ? '' : JSON.stringify(body),
          },
          { time_limit_in_ms: 1_200 },
        )) as { statusCode: number; body: string }
        expect(answer.body, `${method} ${path}`).not.toMatch(
          /canary-of|secret unpush\/[a-z_/]+: (member|is|the source|there is) /,
        )
        expect(answer.statusCode, `${method} ${path} ${answer.body}`).not.toBe(500)
      }
    }
  }
})

it.each(Object.keys(faults))('a recall that waits for credentials that one %s says no more than that', async fault => {
  const log = createLog({ level: 'silent' })
  let broken = false
  const source = {
    name: 'test',
    fetch: async (name: string) => {
      if (broken && name === 'unpush/apps/news') return faults[fault]?.(name) ?? ''
      return documents[name] === undefined ? null : JSON.stringify(documents[name])
    },
  }
  const call = async (name: string, httpMethod: string, path: string, body?: object) => {
    const { main_handler: handler } = (await import(`../../functions/${name}.ts`)) as { main_handler: MainHandler }
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'wait=1' }
    const event = { httpMethod, path, queryString: {}, headers, body: body === undefined ? '' : JSON.stringify(body) }
    return (await handler(event, { time_limit_in_ms: 5_000 })) as { statusCode: number; body: string }
  }
  const start = () => useRuntime(createRuntime(readConfig({}), openSecrets(source, { log }), ledger, log))
  const id = `opaque-${Object.keys(faults).indexOf(fault)}`
  start()
  const targets = [{ app: 'news', pushId: String(1_000 + Object.keys(faults).indexOf(fault)) }]
  expect((await call('messages', 'POST', '/v1/messages', { id, targets })).statusCode).toBe(201)
  broken = true
  start()
  const admitted = await call('revoke', 'POST', '/v1/revoke', { message: id, reason: 'r' })
  expect(admitted.statusCode, admitted.body).toBe(202)
  const shown = await call('recalls', 'GET', `/v1/recalls/${JSON.parse(admitted.body).id}`)
  expect(JSON.parse(shown.body).blocked).toMatchObject({
    by: 'credential',
    detail: 'The credentials of news cannot be used now. The log says why.',
  })
  for (const { body } of [admitted, shown, await call('recalls', 'GET', '/v1/recalls')])
    expect(body).not.toContain('canary')
})
