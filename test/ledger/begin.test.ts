import { expect, it } from 'vitest'
import { beginAttempts, type Grant, type Wish } from '../../shared/ledger/begin-attempts.ts'
import { claimWork } from '../../shared/ledger/claim-work.ts'
import { settleWork } from '../../shared/ledger/settle-work.ts'
import type { Parameter, Sql } from '../../shared/ledger/sql.ts'
import { noReply, nothingElse } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { admitPlanned } from '../support/planned-recall.ts'

describeOnLedgers('attempts', ledger => {
  it('begin together where there is room for all, and are seen singly', async () => {
    // the first draw on a budget opens it, one by one
    await ledger().query("insert into bucket (budget, lane) values ('plenty', 'devices')")
    const { wishes, recallId } = await claimed('plenty', 5)
    const asked: string[] = []
    const grants = await beginAttempts(heard(ledger(), asked), wishes)
    expect(kinds(grants)).toEqual(Array.from({ length: 5 }, () => 'granted'))
    expect(asked).toEqual(['begin_at_once'])
    expect(await seen(recallId)).toEqual(
      wishes.map(({ workId, fence }) => ({ workId, fence, nth: 1, step: 'revoke', outcome: null, code: null })),
    )
    expect(await rows('attempt_begun', recallId)).toBe(1)
    // 5 of 10 a second
    expect(await spentMs('plenty')).toBe(500)
  })

  it('begin one by one where the room ends, and none beyond it', async () => {
    const { wishes, recallId } = await claimed('scarce', 15)
    const asked: string[] = []
    const grants = await beginAttempts(heard(ledger(), asked), wishes)
    expect(asked).toEqual(['begin_at_once', 'begin_attempts'])
    const granted = kinds(grants).filter(kind => kind === 'granted').length
    // a burst of ten, and what came in meanwhile
    expect(granted).toBeGreaterThanOrEqual(10)
    expect(granted).toBeLessThan(15)
    expect(kinds(grants).filter(kind => kind === 'used_up').length).toBe(15 - granted)
    expect((await seen(recallId)).length).toBe(granted)
  })

  it('wait their turn while somebody else waits for his', async () => {
    const { wishes } = await claimed('waited-for', 2)
    await beginAttempts(ledger(), wishes.slice(0, 1))
    await ledger().query(
      `update bucket set waiting = json_build_object('0 other', extract(epoch from clock_timestamp()) + 60)::jsonb
       where budget = 'waited-for'`,
    )
    const asked: string[] = []
    const [grant] = await beginAttempts(heard(ledger(), asked), wishes.slice(1))
    expect(asked).toEqual(['begin_at_once', 'begin_attempts'])
    expect(grant?.kind).toBe('used_up')
  })

  it('do not begin where a lease is lost, and those beside it do', async () => {
    const { wishes, recallId } = await claimed('lost', 3)
    await ledger().query('update work set fence = fence + 1 where id = $1::text::bigint', [wishes[1]?.workId ?? 0])
    expect(kinds(await beginAttempts(ledger(), wishes))).toEqual(['granted', 'lost', 'granted'])
    expect((await seen(recallId)).map(({ workId }) => workId)).toEqual([wishes[0]?.workId, wishes[2]?.workId])
  })

  it('do not begin where the breaker is open', async () => {
    const { wishes, app } = await claimed('broken', 2)
    await ledger().query(
      `insert into breaker (app, probe_at, cause) values ($1::text, now() + interval '1 minute', 'vendor')`,
      [app],
    )
    expect(kinds(await beginAttempts(ledger(), wishes))).toEqual(['open', 'open'])
    await ledger().query('delete from breaker')
  })

  it('of a full window stand in a queue, each behind what leaves it', async () => {
    const { wishes } = await claimed('window', 4)
    const lane = { name: 'query', kind: 'window', limit: 3, windowMs: 60_000 } as const
    await ledger().query(
      `insert into bucket (budget, lane, hits, purposes) select 'window', 'query',
         array(select clock_timestamp() - make_interval(secs => n) from unnest(array[50, 40, 30]) n), array['act', 'act', 'act']`,
    )
    const grants = await beginAttempts(
      ledger(),
      wishes.map(wish => ({ ...wish, fares: [{ lane, cost: 1 }] })),
    )
    // what they wait for leaves after 10, 20 and 30 seconds, and the last waits no longer than for all of it
    const waits = grants.map(grant => (grant.kind === 'used_up' ? Math.round(grant.waitMs / 10_000) : 0))
    expect(waits).toEqual([1, 2, 3, 3])
  })

  it('keep their answers, each with what the vendor said to it', async () => {
    const { wishes, recallId, app } = await claimed('answered', 3)
    await beginAttempts(ledger(), wishes)
    const kept = await settleWork(
      ledger(),
      wishes.slice(0, 2).map(({ workId, fence, recallTargetId }, index) => ({
        workId,
        fence,
        recallTargetId,
        app,
        handle: 'h',
        attempt: { nth: 1, outcome: 'accepted', vendor: { ...noReply, code: `c${index}` } },
        change: { kind: 'final', result: 'accepted', accepted: 1, rejected: 0, unknown: 0, rejections: [] },
        ...nothingElse,
        leaseMs: 1000,
      })),
    )
    expect(kept).toEqual(['kept', 'kept'])
    expect((await seen(recallId)).map(({ outcome, code }) => [outcome, code])).toEqual([
      ['accepted', 'c0'],
      ['accepted', 'c1'],
      [null, null],
    ])
    expect(await rows('attempt_answered', recallId)).toBe(1)
  })

  it('read no tokens that are at hand, and those that came later', async () => {
    const recallId = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: [1, 1, 1],
      giveUpHours: 1,
    })
    const inHand = new Map([[recallId, [0, 1].map(seq => ({ seq, tokens: `["held ${seq}"]`, count: 1 }))]])
    const work = await claimWork(ledger(), { owner: 'o', limit: 9, leaseMs: 60_000, recallIds: [recallId], inHand })
    const tokens = work.map(({ tokens }) => tokens?.json.toString())
    expect(tokens.slice(0, 2)).toEqual(['["held 0"]', '["held 1"]'])
    expect(tokens[2]).toMatch(/^\["/)
    expect(tokens[2]).not.toContain('held')
  })

  /** Notes which of the ledger's functions are asked. */
  function heard(sql: Sql, asked: string[]): Sql {
    return {
      query: <Row>(text: string, parameters?: readonly Parameter[], bytes?: string) => {
        asked.push(/begin_\w+(?=\()/.exec(text)?.[0] ?? text)
        return sql.query<Row>(text, parameters, bytes)
      },
    }
  }

  async function claimed(budget: string, units: number): Promise<{ wishes: Wish[]; recallId: string; app: string }> {
    const app = `app-${budget}`
    const recallId = await admitPlanned(ledger(), {
      app: 'app',
      operation: 'revoke',
      ladder: ['revoke'],
      batches: Array.from({ length: units }, () => 1),
      giveUpHours: 1,
      as: { app, provider: 'p', handle: budget },
    })
    const claim = { owner: 'o', limit: units, leaseMs: 60_000, recallIds: [recallId] }
    const work = await claimWork(ledger(), claim)
    const lane = { name: 'devices', kind: 'rate', perSecond: 10, burst: 10 } as const
    const wishes = work.map(
      ({ id, fence, recallTargetId }): Wish => ({
        workId: id,
        fence,
        nth: 1,
        recallTargetId,
        app,
        step: 'revoke',
        sends: false,
        renewed: false,
        budget,
        fares: [{ lane, cost: 1 }],
        purpose: 'act',
      }),
    )
    return { wishes, recallId, app }
  }

  async function seen(recallId: string) {
    return ledger().query<{ workId: number; outcome: string | null; code: string | null }>(
      `select a.work_id as "workId", a.fence, a.nth, a.step, a.outcome, a.vendor ->> 'code' as code
       from attempt a join recall_target t on t.id = a.recall_target_id where t.recall_id = $1::text order by a.work_id`,
      [recallId],
    )
  }

  async function rows(table: string, recallId: string): Promise<number | undefined> {
    const [row] = await ledger().query<{ n: number }>(
      `select count(*) as n from ${table} a join recall_target t on t.id = a.recall_target_id where t.recall_id = $1::text`,
      [recallId],
    )
    return row?.n
  }

  async function spentMs(budget: string): Promise<number> {
    const [row] = await ledger().query<{ ms: number }>(
      'select extract(epoch from tat - last_at)::float8 * 1000 as ms from bucket where budget = $1::text',
      [budget],
    )
    return row?.ms ?? 0
  }
})

function kinds(grants: readonly Grant[]): string[] {
  return grants.map(({ kind }) => kind)
}
