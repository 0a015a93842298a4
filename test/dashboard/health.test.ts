import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readHealth, type Vitals } from '../../shared/health.ts'
import { beat } from '../../shared/ledger/pulse.ts'
import type { Ledger, Sql } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { openSecrets, type Secrets, SecretError } from '../../shared/secrets/secrets.ts'
import { openPGliteForTest } from '../support/ledgers.ts'

let ledger: Ledger
beforeAll(async () => {
  ledger = await openPGliteForTest()
})
afterAll(() => ledger.close())
beforeEach(() => ledger.query('delete from pulse'))

const secretsOf = (documents: { readonly [name: string]: string }): Secrets =>
  openSecrets({ name: 'test', fetch: async name => documents[name] ?? null })
const access = secretsOf({ 'unpush/access': '{"keys":[]}' })
const mute: Sql = { query: () => new Promise(() => {}) }

const logged: string[] = []
const log = createLog({ stream: { write: line => logged.push(line) } })
const healthOf = (vitals: Partial<Vitals> = {}) => readHealth(async () => ({ ledger, secrets: access, ...vitals }), log)

describe('health', () => {
  it('is ready when the ledger answers, access can be read and sweep has just run', async () => {
    await beat(ledger, 'sweep')
    const well = { ok: true, detail: null }
    expect(await healthOf()).toEqual({
      status: 'ready',
      checks: { ledger: well, secrets: well, sweep: { ...well, secondsSinceLast: 0 } },
    })
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
  it('gives a ledger that hangs 2 s, and still looks at the secrets', async () => {
    const startedAtMs = Date.now()
    const { checks } = await healthOf({ ledger: mute })
    expect(Date.now() - startedAtMs).toBeLessThan(4000)
    expect([checks.ledger.ok, checks.secrets.ok, checks.sweep.ok]).toEqual([false, true, false])
  })
  it('says what failed where nothing could be opened, the address only to the log', async () => {
    const refused = new Error('connect ECONNREFUSED 10.1.2.3:5432')
    const failed = await readHealth(() => Promise.reject(refused), log)
    expect([failed.status, failed.checks.ledger.ok]).toEqual(['not-ready', false])
    expect(JSON.stringify(failed)).not.toContain('10.1.2.3')
    expect(logged.join('')).toContain('10.1.2.3')
    const secretless = await readHealth(
      () => Promise.reject(new SecretError('missing', 'unpush/ledger', null, 'is missing')),
      log,
    )
    expect(secretless.checks.secrets.detail).toMatch(/secret/)
  })
})
