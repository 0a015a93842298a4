/**
 * Documents of secrets as slips of a hand leave them (a member gone, of another type, in the wrong place, half a text, a URL or a
 * key that cannot be read): functions start on them, are asked and are fired, and nothing that was in them is said anywhere.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { migrateDeployed } from '../../deploy/migrate.ts'
import { main_handler as capabilities } from '../../functions/capabilities.ts'
import { main_handler as dashboard } from '../../functions/dashboard.ts'
import { main_handler as expire } from '../../functions/expire.ts'
import { main_handler as moderation } from '../../functions/moderation.ts'
import { main_handler as revoke } from '../../functions/revoke.ts'
import { main_handler as status } from '../../functions/status.ts'
import { main_handler as sweep } from '../../functions/sweep.ts'
import { createApiKey } from '../../shared/access/api-key.ts'
import { readConfig } from '../../shared/config.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, useRuntime } from '../../shared/runtime.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { takeEngine } from '../support/engines.ts'

const seed = Number(process.env['UNPUSH_TEST_SEED'] ?? randomBytes(3).readUIntBE(0, 3))
const numRuns = process.env['UNPUSH_TEST_SOAK'] === 'on' ? 1_500 : 25
const canary = () => `canary${randomBytes(6).toString('hex')}`
const { key, sha256 } = createApiKey()
const apps = ['news-android', 'news-harmony']

/** Whole documents, with a canary wherever something secret stands. */
const documents = (): { [name: string]: unknown } => ({
  'unpush/access': { keys: [{ id: 'ops', sha256, role: 'operator', apps: ['*'] }] },
  'unpush/apps': { apps },
  'unpush/apps/news-android': {
    provider: 'tpns',
    accessId: '15',
    secretKey: canary(),
    region: 'guangzhou',
    platform: 'android',
    endpoint: 'http://127.0.0.1:1',
  },
  'unpush/apps/news-harmony': {
    provider: 'huawei',
    clientId: '10',
    serviceAccount: { project_id: 'p', key_id: 'k', private_key: pem(), sub_account: 's' },
    endpoint: 'http://127.0.0.1:1',
  },
  'unpush/policy': { giveUpHours: 1 },
  'unpush/webhooks': { webhooks: ['e_a', 'e_b', 'e_c'] },
  'unpush/webhooks/e_a': { source: 'aliyun-green', secret: { uid: '1', seed: canary() }, policy: { block: 'revoke' } },
  'unpush/webhooks/e_b': { source: 'standard-webhooks', secret: `whsec_${canary()}`, policy: { block: 'revoke' } },
  'unpush/webhooks/e_c': {
    source: 'huawei-moderation',
    secret: {
      seed: canary(),
      pull: { accessKeyId: canary(), secretAccessKey: canary(), projectId: 'a'.repeat(32), region: 'cn' },
    },
    policy: {},
  },
  'unpush/subscribers': { subscribers: ['one'] },
  'unpush/subscribers/one': {
    url: `https://hooks.example/${canary()}`,
    secret: `whsec_${canary()}`,
    events: ['recall.completed'],
    format: 'standard',
  },
  'unpush/audit-key': pem(),
  'unpush/audit-mac': { key: canary() },
})
const pem = () => `-----BEGIN PRIVATE KEY-----\n${canary()}\n${canary()}\n-----END PRIVATE KEY-----\n`

type Slip = (document: unknown, at: number, say: () => string) => string
interface Place {
  readonly holder: { [name: string]: unknown }
  readonly name: string
  /** Who and what: a log is read for these, and they stay as they are. */
  readonly open: boolean
}
const openNames = /^(id|apps|webhooks|subscribers|person|owner|uid|accessId|clientId|events|source|provider|region)$/

/** The members of a document and of what is in it, in order. */
function places(value: unknown, below = false): Place[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as { [name: string]: unknown }
  return Object.keys(holder).flatMap(name => {
    const open = below || openNames.test(name)
    return [{ holder, name, open }, ...places(holder[name], open)]
  })
}
const changed =
  (change: (holder: Place['holder'], name: string, say: () => string) => void): Slip =>
  (document, at, say) => {
    const copy: unknown = structuredClone(document)
    const all = places(copy)
    const place = all[at % Math.max(1, all.length)]
    if (place !== undefined) change(place.holder, place.name, place.open ? () => 'other' : say)
    return JSON.stringify(copy)
  }
const slips: { readonly [name: string]: Slip } = {
  whole: document => JSON.stringify(document),
  'a member is gone': changed((holder, name) => delete holder[name]),
  'a member is another text': changed((holder, name, say) => (holder[name] = say())),
  'a member is a number': changed((holder, name) => (holder[name] = 7)),
  'a member is null': changed((holder, name) => (holder[name] = null)),
  'a member is a list': changed((holder, name, say) => (holder[name] = [holder[name], say()])),
  'a member is an object': changed((holder, name, say) => (holder[name] = { [say()]: say() })),
  'a member is written otherwise': changed((holder, name) => {
    holder[name.toUpperCase()] = holder[name]
    delete holder[name]
  }),
  'a secret stands as a name': changed((holder, name, say) => (holder[say()] = holder[name])),
  'lines became one': changed((holder, name) => {
    if (typeof holder[name] === 'string') holder[name] = holder[name].replaceAll('\n', '\\n')
  }),
  'blanks around': changed((holder, name) => {
    if (typeof holder[name] === 'string') holder[name] = ` ${holder[name]}\n`
  }),
  'half a text': (document, at) => JSON.stringify(document).slice(0, 1 + ((at * 7) % JSON.stringify(document).length)),
  'more than a text': document => `${JSON.stringify(document)} ${canary()}`,
  'no JSON': () => canary(),
  'a bare text': () => JSON.stringify(canary()),
  'a list of it': document => JSON.stringify([document]),
  'JSON in a text': document => JSON.stringify(JSON.stringify(document)),
  'a mark before it': document => `\ufeff${JSON.stringify(document)}`,
  nothing: () => '',
}

const ledgerUrls = [
  () => `postgres://u:${canary()}@127.0.0.1:1/x`,
  () => `postgres://u:${canary()}#x@127.0.0.1:1/x`,
  () => `postgres://u:${canary()}/x?y@127.0.0.1:1/x`,
  () => `postgres://u:a@${canary()}@127.0.0.1:1/x`,
  () => `postgres://u:1/${canary()}@127.0.0.1`,
  () => `postgres://u:%zz${canary()}%41@127.0.0.1:1/x`,
  () => `postgres://u:${canary()}@127.0.0.1:port/x`,
  () => `postgres://u:${canary()}@[::1/x`,
  () => `postgres://u:${canary()}@db.invalid/x?sslmode=disable`,
  () => `postgres://u:${canary()}@127.0.0.1:1/x?${canary()}=1`,
  () => `postgres://u:${canary()} @ 127.0.0.1/x`,
  () => `mysql://u:${canary()}@127.0.0.1/x`,
  () => `u:${canary()}@127.0.0.1`,
  () => canary(),
]

let ledger: Ledger
let folder = ''
let said = ''
const hear = (chunk: unknown): boolean => {
  said += String(chunk)
  return true
}
beforeAll(async () => {
  ledger = await takeEngine()
  folder = await mkdtemp(join(tmpdir(), 'unpush-malformed-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  useRuntime(null)
})
afterAll(async () => {
  await ledger.close()
  await rm(folder, { recursive: true, force: true })
})

const context = { request_id: 'r', getRemainingTimeInMillis: () => 9000 }
const timer = { Type: 'Timer', TriggerName: 't', Time: '', Message: '' }
const event = (httpMethod: string, path: string, body: unknown = '', queryString = {}) => ({
  httpMethod,
  path,
  headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  queryString,
  body: body === '' ? '' : JSON.stringify(body),
})
const reason = 'wrong link'

/** Every way into the functions, and all that comes out of them, whatever they end in. */
async function drive(): Promise<string> {
  vi.spyOn(process.stdout, 'write').mockImplementation(hear)
  vi.spyOn(process.stderr, 'write').mockImplementation(hear)
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...values: unknown[]) => void hear(inspect(values)))
  const works = [
    () => dashboard(event('GET', '/readyz'), context),
    () => capabilities(event('GET', '/v1/capabilities'), context),
    () => status(event('GET', '/v1/status', '', { app: 'news-android', pushId: '1' }), context),
    ...apps.map(app => () => {
      const target = app === 'news-android' ? { app, pushId: '1' } : { app, notifyId: 1, tokens: ['t'] }
      return revoke(event('POST', '/v1/revoke', { target, reason, dryRun: true }), context)
    }),
    ...['e_a', 'e_b', 'e_c'].map(id => () => moderation(event('POST', `/v1/webhooks/${id}`, { a: 1 }), context)),
    () => expire(timer, context),
    () => sweep(timer, context),
  ]
  // what a platform would write of it, members and all
  for (const work of works) hear(inspect(await work().catch((error: unknown) => error), { depth: 9, showHidden: true }))
  await new Promise(resolve => setImmediate(resolve))
  vi.restoreAllMocks()
  const all = said
  said = ''
  return all
}

/** With what stands around them. */
const leaksIn = (all: string) => all.split('\n').filter(line => /canary/i.test(line))

it('no secret’s document is told of by what was in it', async () => {
  const names = Object.keys(documents())
  console.log(`malformed secrets: seed ${seed}`)
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.constantFrom(...Object.keys(slips)),
      fc.nat({ max: 40 }),
      async (name, slip, at) => {
        const whole = documents()
        const texts = Object.fromEntries(names.map(each => [each, JSON.stringify(whole[each])]))
        const open = /^unpush\/(apps|webhooks|subscribers|policy)$/.test(name)
        texts[name] = slips[slip]?.(whole[name], at, open ? () => 'other' : canary) ?? ''
        const log = createLog()
        const secrets = openSecrets({ name: 'test', fetch: async secret => texts[secret] ?? null }, { log })
        useRuntime(createRuntime(readConfig({}), secrets, ledger, log))
        const all = await drive()
        expect(all.length).toBeGreaterThan(500)
        expect(leaksIn(all), `${name}: ${slip} ${at}`).toEqual([])
        expect(all).not.toContain(sha256)
      },
    ),
    { numRuns, seed },
  )
})

it('no user of the ledger is told of by its URL, in functions and to who migrates', async () => {
  vi.stubEnv('TENCENTCLOUD_RUNENV', 'SCF')
  vi.stubEnv('TENCENTCLOUD_REGION', 'ap-guangzhou')
  vi.stubEnv('SECRETS', `file:${join(folder, 'secrets.json')}`)
  for (const name of ['unpush/ledger', 'unpush/ledger-public', 'unpush/ledger-workers', 'unpush/ledger-owner']) {
    for (const [index, url] of ledgerUrls.entries()) {
      const forms = [{ url: url() }, { url: url(), ca: canary() }, { uri: url() }, url(), { url: [url()] }]
      // what is no document at all is the same whatever its URL
      for (const document of index === 0 ? forms : forms.slice(0, 2)) {
        // asked for by each class, whichever is the one at fault
        const rest = { 'unpush/ledger': { url: 'postgres://u@127.0.0.1:1/x' } }
        await writeFile(join(folder, 'secrets.json'), JSON.stringify({ ...documents(), ...rest, [name]: document }))
        useRuntime(null)
        const migrated = await migrateDeployed('tencent', 'ap-guangzhou').catch((error: Error) => error.message)
        expect(migrated).toMatch(/^[^\n]+$/)
        hear(migrated)
        expect(leaksIn(await drive()), `${name} ${JSON.stringify(document)}`).toEqual([])
      }
    }
  }
})
