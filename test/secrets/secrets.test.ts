import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { createLog } from '../../shared/log.ts'
import { openMembersOf } from '../../shared/providers/provider.ts'
import { vendors } from '../../shared/providers/registry.ts'
import { openSecrets, readRequired } from '../../shared/secrets/secrets.ts'
import { SecretError, type SecretSource } from '../../shared/secrets/source.ts'

const app = 'unpush/apps/news-android'
const schema = z.strictObject({ key: z.string() })
const minute = 60_000

/** A source that counts, can be slow, and can be down. */
function world(documents: { [name: string]: unknown } = {}) {
  const state = { nowMs: 1_000_000, fetches: [] as string[], failure: null as Error | null, gate: Promise.resolve() }
  const source: SecretSource = {
    name: 'test',
    async fetch(name) {
      state.fetches.push(name)
      await state.gate
      if (state.failure) throw state.failure
      const document = documents[name]
      if (document === undefined) return null
      return typeof document === 'string' ? document : JSON.stringify(document)
    },
  }
  const lines: string[] = []
  const log = createLog({ stream: { write: line => lines.push(line) } })
  const secrets = openSecrets(source, {
    now: () => state.nowMs,
    log,
    openMembers: document => openMembersOf(vendors, document),
  })
  return { state, documents, secrets, lines, log, read: (name = app) => secrets.read(name, schema) }
}

describe('the cache', () => {
  it.each([
    [app, 300_000],
    ['unpush/access', 60_000],
  ])('%s is fresh for %i ms', async (name, freshMs) => {
    const { state, documents, read } = world({ [name]: { key: 'a' } })
    expect(await read(name)).toEqual({ key: 'a' })
    documents[name] = { key: 'b' }
    state.nowMs += freshMs - 1
    expect(await read(name)).toEqual({ key: 'a' })
    expect(state.fetches).toHaveLength(1)
    state.nowMs += 1
    expect(await read(name)).toEqual({ key: 'b' })
    expect(state.fetches).toHaveLength(2)
  })

  it('has one fetch in flight however many ask', async () => {
    const { state, read } = world({ [app]: { key: 'a' } })
    const answers = await Promise.all(Array.from({ length: 50 }, () => read()))
    expect(new Set(answers).size).toBe(1)
    expect(state.fetches).toHaveLength(1)
  })

  it('runs a schema once for each text', async () => {
    const { state, documents, secrets } = world({ [app]: { key: 'a' } })
    let runs = 0
    const counting = z.pipe(
      z.strictObject({ key: z.string() }),
      z.transform(value => ({ ...value, run: ++runs })),
    )
    const first = await secrets.read(app, counting)
    state.nowMs += 10 * minute
    expect(await secrets.read(app, counting)).toBe(first)
    expect(state.fetches).toHaveLength(2)
    documents[app] = { key: 'b' }
    state.nowMs += 10 * minute
    expect(await secrets.read(app, counting)).toEqual({ key: 'b', run: 2 })
  })

  it('asks a source that failed again after five seconds, and not at every request', async () => {
    const { state, read } = world({ [app]: { key: 'a' } })
    state.failure = new Error('down')
    const failed = await Promise.allSettled([read(), read()])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    state.failure = null
    for (let n = 0; n < 20; n++) await expect(read()).rejects.toMatchObject({ kind: 'unavailable', secret: app })
    expect(state.fetches).toHaveLength(1)
    state.nowMs += 5_000
    expect(await read()).toEqual({ key: 'a' })
    expect(state.fetches).toHaveLength(2)
  })

  it('asks no more for a copy that is too old, once the source has failed', async () => {
    const { state, read } = world({ [app]: { key: 'a' } })
    await read()
    state.failure = new Error('down')
    state.nowMs += 120 * minute
    for (let n = 0; n < 20; n++) await expect(read()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(state.fetches).toHaveLength(2)
  })

  it('reads a document that is wrong once', async () => {
    const { secrets } = world({ [app]: { key: 'a' } })
    let runs = 0
    const never = z.pipe(
      z.unknown(),
      z.transform((_value, context) => {
        runs += 1
        context.issues.push({ code: 'custom', message: 'is wrong', input: null })
        return z.NEVER
      }),
    )
    for (let n = 0; n < 3; n++) await expect(secrets.read(app, never)).rejects.toThrow('is wrong')
    expect(runs).toBe(1)
  })

  it('remembers for a minute that there is no such secret', async () => {
    const { state, documents, read } = world()
    expect(await read()).toBeNull()
    documents[app] = { key: 'a' }
    state.nowMs += minute - 1
    expect(await read()).toBeNull()
    expect(state.fetches).toHaveLength(1)
    state.nowMs += 1
    expect(await read()).toEqual({ key: 'a' })
  })

  it('asks for few names that do not exist: fifty at once, one a second, and for those that do as ever', async () => {
    const { state, secrets, read } = world({ [app]: { key: 'a' }, 'unpush/access': { key: 'b' } })
    await read()
    const ask = (n: number) => secrets.read(`unpush/webhooks/e_${n}`, schema)
    for (let n = 0; n < 50; n++) expect(await ask(n)).toBeNull()
    for (let n = 50; n < 2_000; n++) await expect(ask(n)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(state.fetches).toHaveLength(51)
    expect([await read(), await ask(7)]).toEqual([{ key: 'a' }, null])
    state.nowMs += 10_000
    const answers = await Promise.allSettled(Array.from({ length: 30 }, async (_, n) => ask(3_000 + n)))
    expect(answers.filter(({ status }) => status === 'rejected').length).toBeLessThan(30)
    state.nowMs += 60 * minute
    for (let n = 0; n < 50; n++) await ask(4_000 + n)
    await expect(ask(5_000)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('asks nobody for a name that cannot be one', async () => {
    const { state, secrets } = world()
    const long = 'a'.repeat(64)
    const names = [
      'unpush/webhooks/../access',
      'unpush/apps/News',
      'unpush/apps/',
      'unpush/other',
      `unpush/apps/${long}`,
    ]
    for (const name of [...names, '__proto__', 'unpush/apps/a\n', '']) {
      expect(await secrets.read(name, schema)).toBeNull()
      expect(await secrets.refetch(name)).toBe(false)
    }
    expect(state.fetches).toEqual([])
    await secrets.read(`unpush/apps/${long.slice(1)}`, schema)
    expect(state.fetches).toHaveLength(1)
  })
})

describe('while the source is down', () => {
  it.each([
    [app, 60 * minute],
    ['unpush/access', 15 * minute],
  ])('%s is served from its copy for %i ms after it was fetched', async (name, bridgedMs) => {
    const { state, read, lines } = world({ [name]: { key: 'a' } })
    await read(name)
    const fetchedAtMs = state.nowMs
    state.failure = new Error('connect ECONNREFUSED')
    for (let ms = minute; ms < bridgedMs; ms += minute) {
      state.nowMs = fetchedAtMs + ms
      expect(await read(name)).toEqual({ key: 'a' })
    }
    expect(lines.at(-1)).toContain('cached copy served')
    state.nowMs = fetchedAtMs + bridgedMs
    await expect(read(name)).rejects.toMatchObject({ kind: 'unavailable', secret: name, member: null })
  })

  it('does not make every request wait for it', async () => {
    const { state, read } = world({ [app]: { key: 'a' } })
    await read()
    state.failure = new Error('down')
    state.nowMs += 10 * minute
    for (let n = 0; n < 20; n++) await read()
    expect(state.fetches).toHaveLength(2)
    state.nowMs += 5_000
    state.failure = null
    await read()
    expect(state.fetches).toHaveLength(3)
  })

  it('believes a source that says the secret is gone', async () => {
    const { state, documents, read } = world({ [app]: { key: 'a' } })
    await read()
    delete documents[app]
    state.nowMs += 10 * minute
    expect(await read()).toBeNull()
  })

  it('passes on what a source says of itself, without bridging a malformed one', async () => {
    const { state, read } = world({ [app]: { key: 'a' } })
    await read()
    state.failure = new SecretError('malformed', app, null, 'is a mess')
    state.nowMs += 10 * minute
    await expect(read()).rejects.toThrow(`secret ${app}: is a mess`)
  })
})

describe('refetch', () => {
  it('says whether the value changed, and fetches at most once in a minute', async () => {
    const { state, documents, secrets, read } = world({ [app]: { key: 'a' } })
    await read()
    expect(await secrets.refetch(app)).toBe(false)
    documents[app] = { key: 'b' }
    state.nowMs += minute - 1
    expect(await secrets.refetch(app)).toBe(false)
    expect(state.fetches).toHaveLength(2)
    state.nowMs += 1
    expect(await Promise.all([secrets.refetch(app), secrets.refetch(app)])).toEqual([true, true])
    expect(state.fetches).toHaveLength(3)
    expect(await read()).toEqual({ key: 'b' })
    state.nowMs += minute - 1
    // Another worker, which read the old value, is told too.
    expect(await secrets.refetch(app)).toBe(true)
    state.nowMs += 1
    expect(await secrets.refetch(app)).toBe(false)
  })

  it('also tells of a change that the cache had noticed by itself just before', async () => {
    const { state, documents, secrets, read } = world({ [app]: { key: 'a' } })
    await read()
    documents[app] = { key: 'b' }
    state.nowMs += 5 * minute
    await read()
    state.nowMs += 1_000
    expect(await secrets.refetch(app)).toBe(true)
  })

  it('is false where the source is down, and keeps the copy', async () => {
    const { state, secrets, read } = world({ [app]: { key: 'a' } })
    await read()
    state.failure = new Error('down')
    expect(await secrets.refetch(app)).toBe(false)
    expect(await read()).toEqual({ key: 'a' })
  })
})

describe('a secret that is wrong', () => {
  it.each([
    ['not JSON', '{"key": canary', null, 'is not valid JSON'],
    ['wrong type', { key: 7 }, 'key', 'must be a string'],
    ['missing', {}, 'key', 'is required'],
    ['unknown member', { key: 'canary', kye: 'canary' }, 'kye', 'is not a member known here'],
    ['no object', ['canary'], null, 'must be an object'],
  ])('%s: one line with its name and member, without a value', async (_name, document, member, words) => {
    const { read } = world({ [app]: document })
    const error = await read().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SecretError)
    expect(error).toMatchObject({ kind: 'malformed', secret: app, member })
    expect(String(error)).toBe(`SecretError: secret ${app}: ${member === null ? '' : `member ${member} `}${words}`)
    expect(String(error)).not.toContain('canary')
  })

  it('names a member within lists and objects', async () => {
    const nested = z.strictObject({ keys: z.array(z.strictObject({ 'a/b': z.string() })) })
    const { secrets } = world({ 'unpush/access': { keys: [{ 'a/b': 1 }] } })
    await expect(secrets.read('unpush/access', nested)).rejects.toThrow(
      'secret unpush/access: member keys.0.a/b must be a string',
    )
  })

  it('that must be there and is not, is missing', async () => {
    const { secrets } = world()
    await expect(readRequired(secrets, 'unpush/access', schema)).rejects.toMatchObject({
      kind: 'missing',
      message: 'secret unpush/access: there is no such secret',
    })
  })
})

describe('the log', () => {
  it('never shows what was fetched', async () => {
    const canary = () => `canary ${randomBytes(12).toString('base64')}`
    const [secretKey, first, second, password] = [canary(), canary(), canary(), encodeURIComponent(canary())]
    const { log, lines, secrets } = world({
      [app]: { provider: 'tpns', accessId: '1500001048', region: 'guangzhou', secretKey },
      'unpush/webhooks/e_1': { source: 'aliyun-green', secret: { uid: 'u-12345678', seed: [first, second] } },
      'unpush/ledger': { url: `postgres://app:${password}@db.example.com/unpush` },
    })
    const anything = z.record(z.string(), z.unknown())
    for (const name of [app, 'unpush/webhooks/e_1', 'unpush/ledger']) await secrets.read(name, anything)
    log.error(`told ${secretKey}`, { first: [first], second: { second }, password: decodeURIComponent(password) })
    log.info('told', { url: `postgres://app:${password}@other.example.com/` })
    expect(lines.join('')).not.toContain('canary')
    log.info('guangzhou 1500001048 u-12345678')
    expect(lines.at(-1)).toContain('guangzhou 1500001048 u-12345678')
  })
})
