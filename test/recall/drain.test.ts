import { makeEntry } from '../../shared/audit/entries.ts'
import { beforeEach, expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import { newId } from '../../shared/ids.ts'
import { admissionOf, type NewRecallTarget } from '../../shared/ledger/new-recall.ts'
import { admitRecalls } from '../../shared/ledger/admit-recall.ts'
import { finishRecalls } from '../../shared/ledger/finish-recalls.ts'
import { cancelRecall } from '../../shared/ledger/cancel-recall.ts'
import { readRecalls, type StoredRecall } from '../../shared/ledger/recalls.ts'
import { retryRecall } from '../../shared/ledger/retry-recall.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { sealInHand } from '../../shared/ledger/tokens.ts'
import { createLog } from '../../shared/log.ts'
import type { Operation } from '../../shared/operation.ts'
import { createDrainer, type Drainer } from '../../shared/recall/drain.ts'
import { fakeApps, fakeProvider, type FakeOptions, noReply, record, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { entryOf, tester } from '../support/append-audit.ts'

const silent = createLog({ level: 'silent' })

function drainerOn(
  ledger: Ledger,
  options: FakeOptions,
  chance = 0,
  inFlight = 32,
): { drainer: Drainer; calls: ReturnType<typeof fakeProvider>['calls'] } {
  const { provider, calls } = fakeProvider(options)
  const drainer = createDrainer({
    sql: ledger,
    apps: fakeApps(provider),
    send,
    log: silent,
    now: Date.now,
    chance: () => chance,
    vendorTimeoutMs: 1000,
    inFlight,
  })
  return { drainer, calls }
}

let handles = 0

async function admit(
  ledger: Ledger,
  operation: Operation,
  tokens: readonly string[] | null,
  ladder: readonly Operation[] = [operation],
  giveUpHours = 1,
): Promise<string> {
  const id = newId('rcl')
  const target: NewRecallTarget = {
    targetId: null,
    app: 'app',
    provider: tokens === null ? 'fake-tasks' : 'fake-tokens',
    handle: String(++handles),
    audience: null,
    audienceSize: null,
    batches: tokens === null ? [] : sealInHand(tokens),
    addressing: tokens === null ? 'task' : 'tokens',
    tokensDigest: null,
    plan: { requested: operation, ladder, steps: {}, refusal: null, audienceSize: null },
    linkedId: null,
    lastRecallTargetId: null,
    firstStep: tokens === null ? 'read' : 'act',
  }
  const recall = {
    id,
    operation,
    reason: 'test',
    ticket: null,
    requestedBy: 'key:test',
    person: null,
    owner: 'key:test',
    reach: null,
    outside: 0,
    causedBy: [],
    subject: {},
    measure: { reach: { devices: 0, basis: 'exact' as const }, bound: '', line: null, payer: null, approval: null },
    overlay:
      operation === 'overlay' || ladder.includes('overlay')
        ? { title: 'n', body: 'n', url: null, forceCollapse: false, options: {} }
        : null,
    fallback: true,
    giveUpHours,
    expiry: false,
    messageIds: [],
    targets: [target],
    key: null,
  }
  await admitRecalls(ledger, [{ ...recall, entry: makeEntry(admissionOf(recall), null) }])
  return id
}

async function read(ledger: Ledger, id: string): Promise<StoredRecall> {
  const [recall] = await readRecalls(ledger, [id])
  if (recall === undefined || recall === null) throw new Error('gone')
  return recall
}

const tokensOf = (count: number) => Array.from({ length: count }, (_, index) => `token-${index}`)

describeOnLedgers('draining', ledger => {
  beforeEach(async () => {
    await ledger().query("update work set state = 'done' where state in ('ready', 'running')")
    await ledger().query("update recall_target set active = false, state = 'failed' where active")
    await ledger().query("update bucket set tat = '-infinity', hits = '{}', held_until = '-infinity'")
    await ledger().query('delete from breaker')
  })

  it('sends every token exactly once in batches of a thousand and settles', async () => {
    const { drainer, calls } = drainerOn(ledger(), { addressing: 'tokens', answer: () => yes })
    const id = await admit(ledger(), 'revoke', [...tokensOf(4321), 'token-7', 'token-7'])
    await drainer.run(id, Date.now() + 120_000)
    const recall = await read(ledger(), id)
    expect(recall.state).toBe('done')
    expect(recall.settledAt).toBeInstanceOf(Date)
    expect(recall.targets[0]?.tally).toEqual({ total: 4321, accepted: 4321, rejected: 0, unknown: 0 })
    expect(calls.map(call => call.tokens.length).sort((a, b) => b - a)).toEqual([1000, 1000, 1000, 1000, 321])
    expect(calls.flatMap(call => call.tokens).sort()).toEqual(tokensOf(4321).sort())
  })

  it('counts what the vendor rejected, by reason', async () => {
    const { drainer } = drainerOn(ledger(), {
      addressing: 'tokens',
      answer: () => ({
        kind: 'partial',
        vendor: { ...noReply, code: '80100020' },
        rejected: [{ reason: 'tokenFormatError', count: 1 }],
        unknown: 1,
      }),
    })
    const id = await admit(ledger(), 'revoke', tokensOf(3))
    await drainer.run(id, Date.now() + 5000)
    const { state, targets } = await read(ledger(), id)
    expect(state).toBe('partial')
    expect(targets[0]?.tally).toEqual({ total: 3, accepted: 1, rejected: 1, unknown: 1 })
    expect(targets[0]?.rejections).toEqual([{ reason: 'tokenFormatError', count: 1 }])
    expect(targets[0]?.vendor?.code).toBe('80100020')
  })

  it('tries what is not certain again, and counts it once', async () => {
    let failures = 3
    const { drainer, calls } = drainerOn(ledger(), {
      addressing: 'tokens',
      answer: () => (failures-- > 0 ? { kind: 'unknown', vendor: noReply, reason: 'timeout' } : yes),
    })
    const id = await admit(ledger(), 'revoke', tokensOf(10))
    await drainer.run(id, Date.now() + 120_000)
    const { state, targets } = await read(ledger(), id)
    expect(state).toBe('done')
    expect(targets[0]?.tally.accepted).toBe(10)
    expect(calls.length).toBe(4)
  })

  it('looks for a new credential once, then says that the credential blocks', async () => {
    const { drainer, calls } = drainerOn(ledger(), {
      addressing: 'tokens',
      answer: () => ({ kind: 'auth', vendor: { ...noReply, code: '80200001' } }),
    })
    const id = await admit(ledger(), 'revoke', tokensOf(10))
    await drainer.run(id, Date.now() + 2000)
    const { state, targets } = await read(ledger(), id)
    expect(state).toBe('running')
    expect(targets[0]?.blocked).toMatchObject({ by: 'credential' })
    expect(calls.map(call => call.renew)).toEqual([false, true])
  })

  it('obeys Retry-After for everybody on the same budget', async () => {
    const { drainer, calls } = drainerOn(ledger(), {
      addressing: 'tokens',
      answer: () => ({ kind: 'throttled', vendor: noReply, retryAfterMs: 60_000, quota: false }),
    })
    const first = await admit(ledger(), 'revoke', tokensOf(10))
    // each ends at once: what is left waits for longer
    await drainer.run(first, Date.now() + 30_000)
    const second = await admit(ledger(), 'revoke', tokensOf(10))
    await drainer.run(second, Date.now() + 20_000)
    expect(calls.length).toBe(1)
    expect((await read(ledger(), second)).targets[0]?.blocked).toMatchObject({ by: 'rate' })
  })

  it('never spends more than the budget, and spends it', async () => {
    const { drainer, calls } = drainerOn(ledger(), {
      addressing: 'tokens',
      answer: () => yes,
      perSecond: 4000,
      burst: 2000,
    })
    const id = await admit(ledger(), 'revoke', tokensOf(6000))
    const startedAt = Date.now()
    await drainer.run(id, startedAt + 1000)
    const early = calls.length
    expect(early).toBeGreaterThanOrEqual(2)
    expect(early * 1000).toBeLessThanOrEqual(2000 + 4 * (Date.now() - startedAt) + 1000)
    await drainer.run(id, Date.now() + 120_000)
    expect(calls.length).toBe(6)
    expect((await read(ledger(), id)).state).toBe('done')
  })

  it('counts a revoke only when the record proves it, and falls to stop otherwise', async () => {
    let status = 'FINISHED'
    const { drainer, calls } = drainerOn(ledger(), {
      addressing: 'task',
      answer: ({ step }) => {
        if (step === 'status') return record(status)
        if (step === 'stop') status = 'STOPPED'
        return yes
      },
    })
    const id = await admit(ledger(), 'revoke', null, ['revoke', 'stop'])
    await drainer.run(id, Date.now() + 120_000)
    const { state, targets } = await read(ledger(), id)
    expect(calls.map(call => call.step)).toEqual(['status', 'revoke', 'status', 'status', 'status', 'stop', 'status'])
    expect(state).toBe('partial')
    expect(targets[0]).toMatchObject({ operation: 'stop', vendor: { status: 'STOPPED' } })
    expect(targets[0]?.warnings.join(' ')).toContain('FINISHED')
  })

  it('asks before it repeats an overlay that may be out', async () => {
    let shown = false
    const { drainer, calls } = drainerOn(ledger(), {
      addressing: 'task',
      answer: ({ step }) => {
        if (step === 'status') return record(shown ? 'REPLACED' : 'FINISHED')
        shown = true
        return { kind: 'unknown', vendor: noReply, reason: 'reset' }
      },
    })
    const id = await admit(ledger(), 'overlay', null, ['overlay', 'stop'])
    await drainer.run(id, Date.now() + 5000)
    expect((await read(ledger(), id)).state).toBe('done')
    expect(calls.filter(call => call.step === 'overlay').length).toBe(1)
  })

  it('gives up at its time and says expired', async () => {
    const { drainer } = drainerOn(
      ledger(),
      { addressing: 'tokens', answer: () => ({ kind: 'unknown', vendor: noReply, reason: 'timeout' }) },
      1,
    )
    const id = await admit(ledger(), 'revoke', tokensOf(5), ['revoke'], 0.0003)
    await drainer.run(id, Date.now() + 5000)
    const { state, targets } = await read(ledger(), id)
    expect(state).toBe('expired')
    expect(targets[0]?.tally).toEqual({ total: 5, accepted: 0, rejected: 0, unknown: 5 })
  })

  it('changes nothing once its lease is lost', async () => {
    let release = () => {}
    const held = new Promise<void>(resolve => (release = resolve))
    const { drainer, calls } = drainerOn(ledger(), {
      addressing: 'tokens',
      answer: async () => {
        await held
        return { kind: 'refused', vendor: noReply, reason: 'late' }
      },
    })
    const id = await admit(ledger(), 'revoke', tokensOf(5))
    const late = drainer.run(id, Date.now() + 60_000)
    while (calls.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
    await ledger().query('update work set lease_until = now() where recall_id = $1::text', [id])
    const other = drainerOn(ledger(), { addressing: 'tokens', answer: () => yes })
    await other.drainer.run(id, Date.now() + 60_000)
    release()
    await Promise.all([late, drainer.idle()])
    expect(calls.length).toBe(1)
    expect((await read(ledger(), id)).state).toBe('done')
  })

  it('cancels what was not asked yet and retries it on demand', async () => {
    const { drainer } = drainerOn(ledger(), { addressing: 'tokens', answer: () => yes })
    const id = await admit(ledger(), 'revoke', tokensOf(5))
    expect(await cancelRecall(ledger(), id, tester, entryOf('recall.cancelled', id))).toBe(true)
    await finishRecalls(ledger(), [id])
    expect((await read(ledger(), id)).state).toBe('cancelled')
    await drainer.run(id, Date.now() + 300)
    expect((await read(ledger(), id)).targets[0]?.tally.unknown).toBe(5)
    expect(await retryRecall(ledger(), id, 1, tester, entryOf('recall.retried', id))).toBe(1)
    await drainer.run(id, Date.now() + 5000)
    expect((await read(ledger(), id)).state).toBe('done')
  })

  it('turns to a recall that came while there was no room for it', async () => {
    let open = () => {}
    const opened = new Promise<void>(resolve => (open = resolve))
    const { drainer, calls } = drainerOn(ledger(), { addressing: 'tokens', answer: () => opened.then(() => yes) }, 0, 2)
    const until = Date.now() + 60_000
    const early = await Promise.all([1, 2, 3].map(() => admit(ledger(), 'revoke', tokensOf(1))))
    const runs = early.map(id => drainer.run(id, until))
    while (calls.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
    const late = await admit(ledger(), 'revoke', tokensOf(1))
    runs.push(drainer.run(late, until))
    open()
    await Promise.all(runs)
    expect((await read(ledger(), late)).state).toBe('done')
  })

  it('does many recalls at once', async () => {
    const { drainer } = drainerOn(ledger(), { addressing: 'tokens', answer: () => yes })
    const ids = await Promise.all(Array.from({ length: 40 }, () => admit(ledger(), 'revoke', tokensOf(50))))
    await Promise.all(ids.map(id => drainer.run(id, Date.now() + 120_000)))
    const recalls = await readRecalls(ledger(), ids)
    expect(recalls.map(recall => recall?.state)).toEqual(ids.map(() => 'done'))
  })
})
