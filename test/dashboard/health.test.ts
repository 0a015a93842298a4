import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHealth, type Vitals } from '../../shared/health.ts'
import { beat } from '../../shared/ledger/pulse.ts'
import type { Ledger, Sql } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { openSecrets, type Secrets, SecretError } from '../../shared/secrets/secrets.ts'
import { noteTrouble } from '../../shared/trouble.ts'
import { takeEngine } from '../support/engines.ts'

let ledger: Ledger
beforeAll(async () => {
  ledger = await takeEngine()
})
afterAll(() => ledger.close())
beforeEach(() => ledger.query('delete from pulse'))

const secretsOf = (documents: { readonly [name: string]: string }): Secrets =>
  openSecrets({ name: 'test', fetch: async name => documents[name] ?? null })
const whole = { 'unpush/access': '{"keys":[]}', 'unpush/webhooks': '{"webhooks":[]}' }
const access = secretsOf(whole)
const mute: Sql = { query: () => new Promise(() => {}) }

const logged: string[] = []
const log = createLog({ stream: { write: line => logged.push(line) } })
const healthOf = (vitals: Partial<Vitals> = {}) =>
  createHealth(async () => ({ ledger, secrets: access, ...vitals }), log)()

describe('health', () => {
  it('is ready when the ledger answers, access can be read and sweep has just run', async () => {
    await beat(ledger, 'sweep')
    const well = { ok: true, detail: null }
    expect(await healthOf()).toEqual({
      status: 'ready',
      checks: {
        ledger: well,
        secrets: well,
        sweep: { ...well, secondsSinceLast: expect.any(Number) },
        audit: well,
        keys: well,
        policy: well,
        signIn: well,
        endpoints: well,
      },
    })
  })
  it.each([
    ['nothing', { 'unpush/policy': '{"approvalAbove":{"revoke":5},"confirmAbove":1}' }, 'policy', null],
    ['wrong', { 'unpush/policy': '{"approvalAbov":null}' }, 'policy', /cannot be read/],
    [
      'oidc without roles',
      { 'unpush/access': '{"keys":[],"oidc":{"issuer":"https://id.test","audience":"a","clientId":"c"}}' },
      'signIn',
      /^oidc in unpush\/access names no roleClaim/,
    ],
    ['no list', { 'unpush/webhooks': undefined }, 'endpoints', /^There is no secret unpush\/webhooks/],
  ])('warns, and is ready all the same: %s', async (_what, documents, name, words) => {
    await beat(ledger, 'sweep')
    const given = Object.entries({ ...whole, ...documents }).flatMap(([secret, text]) =>
      text === undefined ? [] : [[secret, text] as const],
    )
    const { status, checks } = await healthOf({ secrets: secretsOf(Object.fromEntries(given)) })
    expect([status, checks[name]?.ok]).toEqual(['ready', true])
    if (words === null) expect(checks[name]?.detail).toBeNull()
    else expect(checks[name]?.detail).toMatch(words)
  })
  it('warns of keys of another form for a week, and of no more than twenty', async () => {
    await beat(ledger, 'sweep')
    await ledger.query(
      `insert into notice (code, subject, seen_at) select 'weak-key', 'key:' || n, now() - n * interval '1 hour'
       from generate_series(100, 300) n`,
    )
    const { status, checks } = await healthOf()
    await ledger.query('delete from notice')
    expect(status).toBe('ready')
    const named = checks['keys']?.detail?.match(/key:\d+/g) ?? []
    expect(named).toHaveLength(20)
    expect(Math.max(...named.map(key => Number(key.slice(4))))).toBeLessThan(168)
  })
  it.each([
    [0, true],
    [170, true],
    [181, false],
    [86_400, false],
  ])('with sweep %d s ago: %s', async (seconds, ok) => {
    await ledger.query(
      "insert into pulse (name, at) values ('sweep', now() - $1::text::float8 * interval '1 second')",
      [seconds],
    )
    const { status, checks } = await healthOf()
    expect([status === 'ready', checks.sweep.ok]).toEqual([ok, ok])
    expect(Math.abs((checks.sweep.secondsSinceLast ?? -99) - seconds)).toBeLessThan(5)
  })
  it('is not ready where sweep never ran, though everything else is well', async () => {
    const { status, checks } = await healthOf()
    expect([status, checks.ledger.ok, checks.secrets.ok]).toEqual(['not-ready', true, true])
    expect(checks.sweep).toMatchObject({ ok: false, secondsSinceLast: null })
  })
  it.each([
    ['missing', secretsOf({})],
    ['unreadable', secretsOf({ 'unpush/access': '{"keys":"s3cret"}' })],
  ])('is not ready where access is %s, and does not repeat it', async (_what, secrets) => {
    await beat(ledger, 'sweep')
    const health = await healthOf({ secrets })
    expect([health.status, health.checks.secrets.ok, health.checks.sweep.ok]).toEqual(['not-ready', false, true])
    expect(JSON.stringify(health)).not.toContain('s3cret')
  })
  it('looks at the rest where the ledger refuses a part of it', async () => {
    await beat(ledger, 'sweep')
    let statements = 0
    const refusing: Sql = {
      query: (text, ...more) => {
        statements += 1
        if (text.includes('notice'))
          throw Object.assign(new Error('permission denied for table notice'), { code: '42501' })
        return ledger.query(text, ...more)
      },
    }
    const { status, checks } = await healthOf({ ledger: refusing })
    expect([status, checks.sweep.ok, statements]).toEqual(['ready', true, 2])
  })
  it('looks once in five seconds, however many ask', async () => {
    await beat(ledger, 'sweep')
    let [statements, opens, nowMs] = [0, 0, 0]
    const counting: Sql = {
      query: (...asked) => {
        statements += 1
        return ledger.query(...asked)
      },
    }
    const open = async () => {
      opens += 1
      if (opens === 1) throw new Error('not yet')
      return { ledger: counting, secrets: access }
    }
    const health = createHealth(open, log, () => nowMs)
    const ask = async (times: number) =>
      (await Promise.all(Array.from({ length: times }, health))).map(({ status }) => status)
    expect(new Set(await ask(100))).toEqual(new Set(['not-ready']))
    expect(new Set(await ask(100))).toEqual(new Set(['not-ready']))
    expect([opens, statements]).toEqual([1, 0])
    nowMs += 5_000
    expect(new Set([...(await ask(100)), ...(await ask(100))])).toEqual(new Set(['ready']))
    expect(statements).toBe(1)
    nowMs += 4_999
    await ledger.query('delete from pulse')
    expect(await ask(1)).toEqual(['ready'])
    nowMs += 1
    expect(await ask(2)).toEqual(['not-ready', 'not-ready'])
    expect(statements).toBe(2)
  })
  it('looks again at once where somebody found the ledger away, and then not again', async () => {
    await beat(ledger, 'sweep')
    let [statements, gone] = [0, false]
    const failing: Sql = {
      query: (...asked) => {
        statements += 1
        return gone
          ? Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }))
          : ledger.query(...asked)
      },
    }
    const health = createHealth(async () => ({ ledger: failing, secrets: access }), log)
    expect((await health()).status).toBe('ready')
    gone = true
    expect((await health()).status).toBe('ready')
    noteTrouble()
    for (let i = 0; i < 5; i++) {
      expect((await health()).status).toBe('not-ready')
      noteTrouble()
    }
    expect(statements).toBe(2)
  })
  it('gives a ledger that hangs 2 s, and still looks at the secrets', async () => {
    const startedAtMs = Date.now()
    const { checks } = await healthOf({ ledger: mute })
    expect(Date.now() - startedAtMs).toBeLessThan(20_000)
    expect([checks.ledger.ok, checks.secrets.ok, checks.sweep.ok]).toEqual([false, true, false])
  })
  it('says what failed where nothing could be opened, the address only to the log', async () => {
    const refused = new Error('connect ECONNREFUSED 10.1.2.3:5432')
    const failed = await createHealth(() => Promise.reject(refused), log)()
    expect([failed.status, failed.checks.ledger.ok]).toEqual(['not-ready', false])
    expect(JSON.stringify(failed)).not.toContain('10.1.2.3')
    expect(logged.join('')).toContain('10.1.2.3')
    const secretless = await createHealth(
      () => Promise.reject(new SecretError('missing', 'unpush/ledger', null, 'is missing')),
      log,
    )()
    expect(secretless.checks.secrets.detail).toMatch(/secret/)
  })
})
