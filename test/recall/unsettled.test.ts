/** Work that cannot be settled, or that nobody ends: it takes nothing else along, is not sent again and again, and ends. */
import { beforeEach, expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import { claimWork, type WorkStep } from '../../shared/ledger/claim-work.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { retryRecall } from '../../shared/ledger/retry-recall.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import type { Operation } from '../../shared/operation.ts'
import type { Apps } from '../../shared/recall/apps.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import type { TimerContext } from '../../shared/serve-timer.ts'
import { sweepSteps } from '../../shared/sweep/steps.ts'
import { sweep } from '../../shared/sweep/sweep.ts'
import { sentenceOf } from '../../shared/sentences.ts'
import { defaultPolicy } from '../../shared/secrets/documents.ts'
import { entryOf, tester } from '../support/append-audit.ts'
import { fakeApps, fakeProvider, noReply, record, yes } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { around } from '../support/around.ts'
import { admitAll, admitPlanned } from '../support/planned-recall.ts'

const recallSteps = sweepSteps.filter(({ name }) => name !== 'trail' && name !== 'verdicts')

describeOnLedgers('work without a settlement', ledger => {
  beforeEach(async () => {
    await ledger().query("update work set state = 'done', result = 'accepted' where result is null")
    await ledger().query('delete from breaker')
    await ledger().query('delete from bucket')
  })

  /** The ledger as PostgreSQL is to a text that nobody foresaw: a statement with it is refused as a whole. */
  const refusing = (word: string, statement: string): Ledger =>
    around(ledger(), sql => ({
      query: async (text, parameters = [], bytes) => {
        if (text.includes(statement) && parameters.some(value => String(value).includes(word))) {
          throw Object.assign(new Error(`invalid input: ${word}`), { code: '22P02' })
        }
        return sql.query(text, parameters, bytes)
      },
    }))

  const lines: string[] = []
  const drainerOn = (sql: Ledger, apps: Apps) =>
    createDrainer({
      sql,
      apps,
      send,
      log: createLog({ stream: { write: line => void lines.push(line) } }),
      now: Date.now,
      chance: () => 0,
      vendorTimeoutMs: 1000,
      inFlight: 32,
    })

  const runSweep = async (drainer: Pick<ReturnType<typeof drainerOn>, 'run'>) => {
    const context = {
      ledger: ledger(),
      policy: async () => defaultPolicy,
      config: { sweeps: 1 },
      firing: { name: 'sweep', at: null, message: null },
      kick: null,
      drainer,
      invocation: { requestId: 'r', coldStart: false, remainingMs: () => 60_000, platform: 'scf' },
      log: createLog({ stream: { write: line => void lines.push(line) } }),
    }
    await sweep(context as unknown as TimerContext, recallSteps)
  }

  const leasesRunOut = () =>
    ledger().query("update work set lease_until = now() - interval '1 second' where state = 'running'")
  const workOf = (id: string) =>
    ledger().query<{ state: string; result: string | null; unknown: number; step: string; attempts: number }>(
      'select state, result, unknown, step, attempts from work where recall_id = $1::text',
      [id],
    )
  const stateOf = async (id: string) => (await readRecalls(ledger(), [id]))[0]?.state

  it('is settled without the reply where the reply is what cannot be kept, and alone', async () => {
    const { provider, calls } = fakeProvider({
      addressing: 'tokens',
      answer: ({ tokens }) => ({
        kind: 'partial',
        vendor: {
          ...noReply,
          code: '7',
          message: tokens[0]?.endsWith('-3-0') === true ? 'the poisoned words' : 'well',
        },
        rejected: [{ reason: 'bad', count: 1 }],
        unknown: 0,
      }),
    })
    lines.length = 0
    const id = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: [2, 2, 2, 2, 2, 2, 2, 2],
      giveUpHours: 1,
    })
    await drainerOn(refusing('poisoned', 'attempt_answered'), fakeApps(provider)).run(id, Date.now() + 5000)
    expect(calls).toHaveLength(8)
    expect(await stateOf(id)).toBe('partial')
    const kept = await ledger().query<{ message: string; reason: string; count: number }>(
      `select vendor ->> 'message' as message, rejections -> 0 ->> 'reason' as reason, rejected as count from work
       where recall_id = $1::text order by seq`,
      [id],
    )
    expect(kept.map(({ message, reason, count }) => [message, reason, count])).toEqual(
      kept.map((_, seq) =>
        seq === 3 ? ['What the vendor said could not be kept.', 'unknown', 1] : ['well', 'bad', 1],
      ),
    )
    const told = lines.filter(line => line.includes('a reply could not be kept'))
    expect(told.map(line => JSON.parse(line).error_code)).toEqual(['22P02'])
    expect(lines.join('')).not.toContain('poisoned')
  })

  it('is set aside after ten tries, told of, and there for a retry; its neighbours are asked once', async () => {
    const { provider, calls } = fakeProvider({ addressing: 'tokens', answer: () => yes })
    const [bad = '', good = ''] = await admitAll(
      ledger(),
      [1, 2].map(() => ({
        app: 'app' as const,
        operation: 'revoke' as const,
        ladder: ['revoke'] as const,
        batches: [2],
        giveUpHours: 1,
      })),
    )
    const [row] = await ledger().query<{ id: number }>('select id from work where recall_id = $1::text', [bad])
    const unit = row?.id ?? 0
    const drainer = drainerOn(refusing(`"work_id":${unit},`, 'attempt_answered'), fakeApps(provider))
    lines.length = 0
    for (let round = 0; round < 14; round++) {
      await drainer.run(null, Date.now() + 5000, 0)
      await leasesRunOut()
      await runSweep({ run: async () => null })
    }
    expect(await workOf(good)).toMatchObject([{ result: 'accepted', attempts: 1 }])
    expect(await workOf(bad)).toMatchObject([{ state: 'done', result: 'failed', unknown: 2, attempts: 10 }])
    expect(await stateOf(bad)).toBe('failed')
    expect((await readRecalls(ledger(), [bad]))[0]?.targets[0]?.dead).toEqual({ failed: 0, expired: 0, unknown: 1 })
    expect(calls).toHaveLength(11)
    expect(lines.filter(line => line.includes('work was set aside'))).toHaveLength(1)
    expect(await retryRecall(ledger(), bad, 1, tester, entryOf('recall.retried', bad))).toBe(1)
    await drainerOn(ledger(), fakeApps(provider)).run(bad, Date.now() + 5000)
    expect(await stateOf(bad)).toBe('done')
  })

  it('of an overlay is not sent a third time, and never without a look in between', async () => {
    const { provider, calls } = fakeProvider({
      addressing: 'task',
      answer: ({ step }) => (step === 'status' ? record('FINISHED') : yes),
    })
    const id = await admitPlanned(ledger(), {
      app: 'tasks',
      as: { app: 'app', provider: 'fake-tasks', handle: 'overlaid' },
      operation: 'overlay',
      ladder: ['overlay', 'stop'],
      batches: [],
      giveUpHours: 1,
    })
    // what came of a sent overlay can never be recorded, in whatever words
    const drainer = drainerOn(refusing('"step":"confirm"', 'attempt_answered'), fakeApps(provider))
    for (let round = 0; round < 14; round++) {
      await drainer.run(null, Date.now() + 5000, 0)
      await ledger().query("update bucket set hits = '{}'")
      await leasesRunOut()
      await runSweep({ run: async () => null })
    }
    const steps = calls.map(({ step }) => step)
    expect(steps.filter(step => step === 'overlay').length).toBeLessThanOrEqual(2)
    const sent = steps.flatMap((step, place) => (step === 'overlay' ? [place] : []))
    expect(steps.slice(sent[0], sent[1])).toContain('status')
    expect(await workOf(id)).toMatchObject([{ state: 'done', result: 'failed' }])
    expect(await stateOf(id)).toBe('failed')
  })

  it.each([
    ['its app is gone', "update work set app = 'gone' where recall_id = $1::text"],
    [
      'its vendor is unknown',
      "update target set provider = 'nobody' where id in (select target_id from recall_target where recall_id = $1::text)",
    ],
    ['its plan cannot be read', "update recall_target set plan = '[]' where recall_id = $1::text"],
    ['its plan is a word', `update recall_target set plan = '"x"' where recall_id = $1::text`],
    [
      'its operation is unknown',
      "update work set operation = 'undo', ladder = 'undo,nothing' where recall_id = $1::text",
    ],
    [
      'its breaker is open',
      "insert into breaker (app, probe_at, cause) select 'app', now() + interval '1 hour', $1::text",
    ],
  ])('ends at its time without a vendor where %s', async (_, change) => {
    const id = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: [2, 1],
      giveUpHours: 1,
    })
    await ledger().query(change, [id])
    // nobody drains
    await runSweep({ run: () => Promise.reject(new Error('a defect')) })
    expect(await stateOf(id)).toBe('running')
    await ledger().query("update work set give_up_at = now() - interval '1 second' where recall_id = $1::text", [id])
    await runSweep({ run: () => Promise.reject(new Error('a defect')) })
    expect(await workOf(id)).toMatchObject([
      { result: 'expired', unknown: 2 },
      { result: 'expired', unknown: 1 },
    ])
    expect(await stateOf(id)).toBe('expired')
  })

  it.each<[WorkStep, Operation]>([
    ['confirm', 'revoke'],
    ['meanwhile', 'revoke'],
    ['prove', 'revoke'],
    ['confirm', 'stop'],
    ['confirm', 'overlay'],
  ])('that waited at %s for the proof of a %s ends unconfirmed', async (step, operation) => {
    const ladder = [operation]
    const id = await admitPlanned(ledger(), { app: 'tasks', operation, ladder, batches: [], giveUpHours: 1 })
    await ledger().query(
      "update work set step = $2::text, give_up_at = now() - interval '1 second' where recall_id = $1::text",
      [id, step],
    )
    await runSweep({ run: async () => null })
    expect(await workOf(id)).toMatchObject([{ result: 'partial' }])
    expect(await stateOf(id)).toBe('partial')
    const notice = { code: 'unconfirmed', params: { operation, because: 'unreadable', status: null } } as const
    const [recall] = await readRecalls(ledger(), [id])
    expect(recall?.targets[0]?.notices).toEqual([notice])
    // the code and its sentence say the same
    expect(recall?.targets[0]?.warnings).toEqual([sentenceOf(notice)])
  })

  it('is left to whoever holds it, and is not taken from him', async () => {
    const id = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: [1],
      giveUpHours: 1,
    })
    await ledger().query("update work set give_up_at = now() - interval '1 second' where recall_id = $1::text", [id])
    await claimWork(ledger(), { owner: 'me', limit: 1, leaseMs: 60_000, recallIds: [id] })
    await runSweep({ run: async () => null })
    expect(await workOf(id)).toMatchObject([{ state: 'running', result: null }])
    await leasesRunOut()
    await runSweep({ run: async () => null })
    expect(await workOf(id)).toMatchObject([{ result: 'expired' }])
  })
})
