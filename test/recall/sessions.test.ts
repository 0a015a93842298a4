/** A vendor's login as instances share it. */
import { expect, it } from 'vitest'
import { migrate } from '../../shared/ledger/migrate.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { createLog } from '../../shared/log.ts'
import type { Credentials, Login, Outcome, Provider } from '../../shared/providers/provider.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { createSessions, type Had } from '../../shared/recall/sessions.ts'
import { fakeApps, fakeProvider, noReply, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitPlanned } from '../support/planned-recall.ts'

interface Account extends Credentials {
  readonly account: string
  readonly secret: string
}

describeOnLedgers('a shared login', ledger => {
  let accounts = 0
  /** A vendor with a login, an account of it, and how often somebody logged in. */
  const vendorOf = (more: Partial<Login<Account>> & { readonly answer?: Outcome } = {}) => {
    let logins = 0
    const { answer, ...own } = more
    const login: Login<Account> = {
      id: ({ account }) => `fake:${account}`,
      secret: ({ secret }) => secret,
      leastIntervalMs: 0,
      open: async ({ now }) => {
        logins += 1
        const nth = logins
        await new Promise(resolve => setTimeout(resolve, 20))
        return answer === undefined
          ? { session: { value: `session-${nth}`, freshUntilMs: now() + 3_600_000 } }
          : { outcome: answer }
      },
      ...own,
    }
    const provider = { ...fakeProvider({ addressing: 'tokens', answer: () => yes }).provider, login } as Provider
    const credentials: Account = { provider: 'fake-tokens', account: `a${++accounts}`, secret: 'made for a test' }
    return { provider, credentials, logins: () => logins }
  }
  const call = { send: async () => ({ failure: 'unreached', detail: '' }) as const, timeoutMs: 2000, now: Date.now }
  const instances = async (count: number) => {
    await migrate(ledger())
    return Array.from({ length: count }, () => createSessions(ledger()))
  }
  const valuesOf = (answers: readonly Had[]) =>
    new Set(answers.map(had => ('session' in had ? (had.session?.value ?? null) : had.outcome.kind)))

  it('is made once by sixteen instances that start with nothing, and renewed once by all together', async () => {
    const all = await instances(16)
    const app = vendorOf()
    const had = await Promise.all(all.map(open => open({ ...app, credentials: { ...app.credentials } }, call, null)))
    expect(valuesOf(had)).toEqual(new Set(['session-1']))
    expect(app.logins()).toBe(1)
    const [first] = had
    const refused = first !== undefined && 'session' in first ? first.session : null
    const renewed = await Promise.all(all.map(open => open(app, call, refused)))
    expect(valuesOf(renewed)).toEqual(new Set(['session-2']))
    expect(app.logins()).toBe(2)
    // what comes later asks neither the vendor nor the ledger
    await ledger().query('update login set sealed = null')
    expect(valuesOf(await Promise.all(all.map(open => open(app, call, null))))).toEqual(new Set(['session-2']))
    expect(app.logins()).toBe(2)
  })
  it('is not made more often than the vendor allows: a young one that is refused is another fault', async () => {
    const [open] = await instances(1)
    const app = vendorOf({ leastIntervalMs: 60_000 })
    const had = await open?.(app, call, null)
    const refused = had !== undefined && 'session' in had ? had.session : null
    expect(await open?.(app, call, refused)).toMatchObject({ session: { value: 'session-1' } })
    expect(app.logins()).toBe(1)
  })
  it('is waited for where the vendor allows the next one in a moment', async () => {
    const [open] = await instances(1)
    const app = vendorOf({ leastIntervalMs: 400 })
    const had = await open?.(app, call, null)
    const refused = had !== undefined && 'session' in had ? had.session : null
    expect(await open?.(app, call, refused)).toMatchObject({ session: { value: 'session-2' } })
    expect(app.logins()).toBe(2)
  })
  it('that fails says why, and is not tried again before its time', async () => {
    const denied: Outcome = { kind: 'auth', vendor: { ...noReply, code: '10002' }, clockAheadMs: 0 }
    const [one, other] = await instances(2)
    const app = vendorOf({ leastIntervalMs: 60_000, answer: denied })
    expect(await one?.(app, call, null)).toEqual({ outcome: denied })
    expect(await one?.(app, call, null)).toEqual({ outcome: denied })
    expect(await other?.(app, call, null)).toMatchObject({ outcome: { kind: 'throttled' } })
    expect(app.logins()).toBe(1)
    const broken = vendorOf({ open: () => Promise.reject(new Error('x')) })
    expect(await one?.(broken, call, null)).toMatchObject({ outcome: { kind: 'unknown' } })
  })
  it('that is refused is a word on the account, whatever it was refused for, and tells how far the clocks differ', async () => {
    const [open] = await instances(1)
    const vendor = { ...noReply, httpStatus: 404 }
    const verdicts: Outcome[] = [
      { kind: 'refused', reason: 'HTTP 404', vendor },
      ...(['accepted', 'already_done', 'too_late', 'not_found', 'unsupported'] as const).map(kind => ({
        kind,
        vendor,
      })),
      { kind: 'partial', rejected: [{ reason: 'x', count: 1 }], unknown: 0, vendor },
    ]
    for (const verdict of verdicts)
      expect(await open?.(vendorOf({ answer: verdict }), call, null), verdict.kind).toEqual({
        outcome: { kind: 'auth', vendor, clockAheadMs: 0 },
      })
    const unsure: Outcome[] = [
      { kind: 'unknown', reason: 'HTTP 500', vendor },
      { kind: 'throttled', retryAfterMs: 1000, quota: false, vendor },
    ]
    for (const answer of unsure) expect(await open?.(vendorOf({ answer }), call, null)).toEqual({ outcome: answer })
    const anHour = 3_600_000
    const date = new Date(Math.floor(call.now() / 1000) * 1000 - anHour).toUTCString()
    const late = vendorOf({
      open: async ({ send }) => {
        await send({ method: 'POST', url: 'https://vendor.example/login', headers: {}, body: '', timeoutMs: 1 })
        return { outcome: { kind: 'auth', vendor } }
      },
    })
    const had = await open?.(late, { ...call, send: async () => ({ status: 400, headers: { date }, text: '' }) }, null)
    const ahead = had !== undefined && 'outcome' in had && had.outcome.kind === 'auth' ? had.outcome.clockAheadMs : null
    expect(ahead).toBeGreaterThanOrEqual(anHour)
  })
  it('is of the account and its secret, and cannot be read with another one', async () => {
    const [one, other] = await instances(2)
    const app = vendorOf()
    await one?.(app, call, null)
    // another app with the same account and secret
    const shared = await other?.({ ...app, credentials: { ...app.credentials } }, call, null)
    expect(shared).toMatchObject({ session: { value: 'session-1' } })
    const rotated = { ...app.credentials, secret: 'another one' }
    expect(await other?.({ ...app, credentials: rotated }, call, null)).toMatchObject({
      session: { value: 'session-2' },
    })
    const rows = await ledger().query<{ id: string; sealed: string }>(
      "select id, sealed from login where id like 'fake:' || $1::text || ' %'",
      [app.credentials.account],
    )
    expect(rows).toHaveLength(2)
    for (const { id, sealed } of rows) {
      for (const secret of ['made for a test', 'another one', 'session-1', 'session-2']) {
        expect(id).not.toContain(secret)
        expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain(secret)
      }
    }
    // one that was changed is as good as none
    await ledger().query("update login set sealed = $2::text where id like 'fake:' || $1::text || ' %'", [
      app.credentials.account,
      Buffer.alloc(60).toString('base64'),
    ])
    const third = await createSessions(ledger())({ ...app, credentials: { ...app.credentials } }, call, null)
    expect(third).toMatchObject({ session: { value: 'session-3' } })
  })
  it('is asked with once where it is refused, also where the repeat has to wait for its budget', async () => {
    await migrate(ledger())
    const app = vendorOf()
    const asked: string[] = []
    const { provider } = fakeProvider({ addressing: 'tokens', answer: () => yes, perSecond: 5, burst: 10 })
    const refusing: Provider = {
      ...app.provider,
      fare: (...of) => provider.fare(...of),
      revoke: async (_request, { session }) => {
        asked.push(session?.value ?? '')
        // the first one ends between two calls
        return session?.value === 'session-1' ? { kind: 'auth', vendor: { ...noReply, code: '10001' } } : yes
      },
    }
    const drainer = createDrainer({
      sql: ledger(),
      apps: {
        ...fakeApps(refusing),
        find: async () => ({ name: 'app', provider: refusing, credentials: app.credentials }),
      },
      send: call.send,
      log: createLog({ level: 'silent' }),
      now: Date.now,
      chance: () => 0,
      vendorTimeoutMs: 1000,
      inFlight: 8,
    })
    const batches = [10]
    const ladder = ['revoke'] as const
    const id = await admitPlanned(ledger(), { app: 'app', operation: 'revoke', ladder, batches, giveUpHours: 1 })
    await drainer.run(id, Date.now() + 20_000)
    await drainer.idle()
    const [recall] = await readRecalls(ledger(), [id])
    expect(recall?.state).toBe('done')
    expect(asked.filter(value => value === 'session-1')).toHaveLength(1)
    expect(app.logins()).toBe(2)
  })
  it('is nothing where the vendor has none', async () => {
    const [open] = await instances(1)
    const { provider } = fakeProvider({ addressing: 'tokens', answer: () => yes })
    expect(await open?.({ provider, credentials: { provider: 'x' } }, call, null)).toEqual({ session: null })
  })
})
