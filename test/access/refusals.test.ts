/** What the log says of refused and of weak credentials: from where and why, once, and never the credential. */
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { main_handler } from '../../functions/recalls.ts'
import { createApiKey } from '../../shared/access/api-key.ts'
import { readConfig } from '../../shared/config.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, useRuntime } from '../../shared/runtime.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { takeEngine } from '../support/engines.ts'

const good = createApiKey().key
const past = createApiKey().key
const word = 'correct-horse-battery-staple'
const hashed = (key: string) => createHash('sha256').update(key).digest('hex')
const access = {
  keys: [
    { id: 'ops', sha256: hashed(good), role: 'operator', apps: ['*'] },
    { id: 'past', sha256: hashed(past), role: 'operator', apps: ['*'], expiresAt: '2020-01-01T00:00:00Z' },
    { id: 'word', sha256: hashed(word), role: 'operator', apps: ['*'] },
  ],
}

let ledger: Ledger
beforeAll(async () => {
  ledger = await takeEngine()
})
afterAll(() => ledger.close())
afterEach(() => useRuntime(null))

function start() {
  const lines: { readonly [name: string]: unknown }[] = []
  const log = createLog({ stream: { write: line => lines.push(JSON.parse(line)) } })
  const source = {
    name: 'test',
    fetch: async (name: string) => (name === 'unpush/access' ? JSON.stringify(access) : null),
  }
  useRuntime(createRuntime(readConfig({}), openSecrets(source, { log }), ledger, log))
  return lines
}

async function get(key: string | null, members: object = {}, headers: object = {}): Promise<number> {
  const event = {
    httpMethod: 'GET',
    path: '/v1/recalls',
    headers: { ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
    ...members,
  }
  return ((await main_handler(event, { time_limit_in_ms: 10_000 })) as { statusCode: number }).statusCode
}

const scf = { requestContext: { sourceIp: '198.51.100.7' }, queryString: {} }

it.each([
  ['no key', null, { why: 'missing' }],
  ['an unknown key', createApiKey().key, { why: 'unknown' }],
  ['an expired key', past, { why: 'expired', key: 'past' }],
])('of %s: one line, however often it comes', async (_what, key, said) => {
  const lines = start()
  for (let i = 0; i < 4; i++) expect(await get(key, scf)).toBe(401)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatchObject({
    level: 'warn',
    msg: 'credential refused',
    source_ip: '198.51.100.7',
    route: '/v1/recalls',
    ...said,
  })
  if (key !== null) expect(JSON.stringify(lines)).not.toContain(key.slice(7))
})

it.each([
  ['a Function URL of SCF', scf, {}, '198.51.100.7'],
  ['SCF without a context', { queryString: {} }, { 'x-scf-remote-addr': '[2001:db8::7]:4711' }, '2001:db8::7'],
  [
    'API Gateway, payload 2.0',
    {
      version: '2.0',
      rawPath: '/v1/recalls',
      rawQueryString: '',
      requestContext: { http: { method: 'GET', sourceIp: '198.51.100.8' } },
    },
    {},
    '198.51.100.8',
  ],
  ['nobody who says it', { queryString: {} }, {}, null],
])('names the address as the platform saw it: %s', async (_what, members, headers, address) => {
  const lines = start()
  await get('wrong', members, headers)
  await get(good, members, headers)
  expect(lines.map(({ msg, source_ip }) => [msg, source_ip])).toEqual([
    ['credential refused', address],
    ['request', address],
  ])
})

it('keeps what a proxy says apart, since whoever asks can say it too', async () => {
  const lines = start()
  const forwarded = '<script>, 10.0.0.1, 192.0.2.1, 192.0.2.2, nonsense, 192.0.2.3, 2001:db8::1'
  await get('wrong', scf, { 'x-forwarded-for': forwarded })
  expect(lines[0]).toMatchObject({
    source_ip: '198.51.100.7',
    forwarded_for: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1'],
  })
})

it('warns of a key of another form once, and lets it in', async () => {
  const lines = start()
  for (let i = 0; i < 3; i++) expect(await get(word, scf)).toBe(200)
  expect(await get(good, scf)).toBe(200)
  expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([{ notice: 'weak-key', subject: 'key:word' }])
  expect(JSON.stringify(lines)).not.toContain(word)
  await expect
    .poll(() => ledger.query("select subject from notice where code = 'weak-key'"))
    .toEqual([{ subject: 'key:word' }])
})
