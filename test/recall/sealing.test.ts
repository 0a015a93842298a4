/** Tokens that come before, while and after their push is taken back: each goes out once, whoever seals, and nothing waits for what cannot be sealed. */
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import { finishRecalls, leftUnfinished } from '../../shared/ledger/finish-recalls.ts'
import { latestRecallOf } from '../../shared/ledger/latest-recall.ts'
import { readRecalls } from '../../shared/ledger/recalls.ts'
import { sealSlice, setAside } from '../../shared/ledger/sealing.ts'
import type { Ledger, Sql } from '../../shared/ledger/sql.ts'
import { addTokens, type Intake, intakeOf, intoParts } from '../../shared/ledger/token-intake.ts'
import { linesOf } from '../../shared/ledger/tokens.ts'
import { createLog } from '../../shared/log.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { sealAsTheyCome, sealTargets, sealWaiting, takeTokens } from '../../shared/recall/sealing.ts'
import { defaultPolicy } from '../../shared/secrets/documents.ts'
import { fakeApps, fakeProvider, yes } from '../support/fake-provider.ts'
import { soak } from '../support/figures.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { around } from '../support/around.ts'
import { admitPlanned } from '../support/planned-recall.ts'

let targets = 0

async function newTarget(ledger: Sql, messageId: string | null = null): Promise<Intake & { readonly handle: string }> {
  const handle = `late-${++targets}`
  const [row] = await ledger.query<{ id: number }>(
    `insert into target (message_id, position, app, provider, handle)
     values ($2::text, 0, 'app', 'fake-tokens', $1::text) returning id`,
    [handle, messageId],
  )
  return { ...(await intakeOf(ledger, row?.id ?? 0)), handle }
}

const recallTarget = (sql: Sql, { targetId, handle }: { targetId: number; handle: string }, giveUpHours = 1) =>
  admitPlanned(sql, {
    app: 'app',
    operation: 'revoke',
    ladder: ['revoke'],
    batches: [],
    giveUpHours,
    as: { app: 'app', provider: 'fake-tokens', handle },
    targetId,
  })

function contextOn(ledger: Ledger, lines: string[] = []) {
  return {
    ledger,
    policy: async () => defaultPolicy,
    log: createLog({ stream: { write: (line: string) => lines.push(line) } }),
  }
}

/** A vendor that takes everything, and what it was sent. */
function drainerOn(ledger: Ledger) {
  const { provider, calls } = fakeProvider({ addressing: 'tokens', answer: () => yes })
  const drainer = createDrainer({
    sql: ledger,
    apps: fakeApps(provider),
    send,
    log: createLog({ level: 'silent' }),
    now: Date.now,
    chance: Math.random,
    vendorTimeoutMs: 1000,
    inFlight: 8,
  })
  return {
    drainer,
    sent: (handle: string) => calls.filter(call => call.handle === handle).flatMap(call => call.tokens),
  }
}

/** Each statement a moment later than it would have been: more can come between two of them. */
function hesitant(ledger: Ledger, most: number, next: () => number): Ledger {
  const slow = (sql: Sql): Sql => ({
    query: async (text, parameters, bytes) => {
      const ms = next() % (most + 1)
      if (ms > 0) await pause(ms)
      return sql.query(text, parameters, bytes)
    },
  })
  return around(ledger, slow)
}

const intakeStep = fc.record({
  kind: fc.constant('intake' as const),
  tokens: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 15 }),
  /** As for a target that is large: in parts. */
  parts: fc.boolean(),
  /** Sealed as they come, where that can be. */
  atOnce: fc.boolean(),
})
const admitStep = fc.record({ kind: fc.constant('admit' as const), heldMs: fc.integer({ min: 0, max: 20 }) })
const otherStep = fc.record({
  kind: fc.constantFrom('seal' as const, 'sweep' as const, 'finish' as const, 'drain' as const),
})
const steps = fc.oneof(
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: intakeStep },
      { weight: 3, arbitrary: otherStep },
      { weight: 1, arbitrary: admitStep },
    ),
    { minLength: 3, maxLength: 14 },
  ),
  // nothing comes after them that would bring what they left
  fc.tuple(intakeStep, fc.constant({ kind: 'seal' as const }), fc.constant({ kind: 'seal' as const }), admitStep),
)

describeOnLedgers('late tokens', (ledger, engine) => {
  it('go out once each, in whatever order they come, are sealed, and are taken back', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 50 }),
        fc.boolean(),
        async (steps, chances, large) => {
          let at = 0
          const next = () => chances[at++ % chances.length] ?? 0
          const slow = hesitant(ledger(), engine === 'postgres' ? 8 : 1, next)
          const context = contextOn(slow)
          const intake = await newTarget(ledger())
          const { drainer, sent } = drainerOn(slow)
          // one part a slice
          if (large)
            await ledger().query('insert into sealing (target_id, prints) values ($1::text::bigint, 100000000)', [
              intake.targetId,
            ])
          let recallId: string | null = null
          const run = async (step: (typeof steps)[number]) => {
            await pause(next() % 20)
            if (step.kind === 'intake') {
              const lines = linesOf(step.tokens.map(String))
              const pieces = step.atOnce ? intoParts(lines, intake.partSeed, 0) : null
              if (pieces === null || (await sealSlice(slow, intake.targetId, 1, pieces)).state !== 'sealed')
                await addTokens(slow, { ...intake, devices: step.parts ? 1e6 : 0 }, lines)
              if ((await latestRecallOf(slow, intake.targetId)) !== null)
                await sealTargets(context, [intake.targetId], Date.now() + 200)
            } else if (step.kind === 'drain' && recallId !== null) await drainer.run(recallId, Date.now() + 150)
            else if (step.kind === 'seal') await sealSlice(slow, intake.targetId, 1)
            else if (step.kind === 'sweep') await sealWaiting(context, Date.now() + 200)
            else if (step.kind === 'finish' && recallId !== null) await finishRecalls(slow, [recallId])
            else if (step.kind === 'admit' && recallId === null) {
              recallId = ''
              // committed some time after it read what was sealed
              recallId = await slow.transaction(async sql => {
                const id = await recallTarget(sql, intake)
                await pause(step.heldMs)
                return id
              })
            }
          }
          await Promise.all(steps.map(run))
          recallId ??= await recallTarget(ledger(), intake)
          await sealWaiting(contextOn(ledger()), Date.now() + 120_000)
          await drainer.run(recallId, Date.now() + 120_000)
          await drainer.idle()
          const wanted = new Set(steps.flatMap(step => (step.kind === 'intake' ? step.tokens.map(String) : [])))
          const got = sent(intake.handle)
          expect([...got].sort()).toEqual([...wanted].sort())
          const [recall] = await readRecalls(ledger(), [recallId])
          expect(recall?.state).toBe('done')
          expect(recall?.targets[0]?.tally.total ?? 0).toBe(wanted.size)
        },
      ),
      { numRuns: soak ? 1000 : 15 },
    )
  })

  it('are found where a recall was admitted between the sealing and its last look', async () => {
    const intake = await newTarget(ledger())
    await addTokens(ledger(), intake, linesOf(['a', 'b']))
    const id = await recallTarget(ledger(), intake)
    // sealed by somebody who died before the second look: batches, and no unit of the recall
    await ledger().query('select seal_slice($1::text::bigint, 1000, 1000, 500000)', [intake.targetId])
    await finishRecalls(ledger(), [id])
    expect((await readRecalls(ledger(), [id]))[0]?.state).toBe('running')
    expect(await leftUnfinished(ledger(), 1000)).not.toContain(id)
    expect(await sealWaiting(contextOn(ledger()), Date.now() + 5000)).toBe(1)
    const { drainer, sent } = drainerOn(ledger())
    await drainer.run(id, Date.now() + 5000)
    expect(sent(intake.handle).sort()).toEqual(['a', 'b'])
    expect((await readRecalls(ledger(), [id]))[0]?.state).toBe('done')
  })

  it('that cannot be sealed hold nobody up, are told of, and their recall ends when it gives up', async () => {
    const poisoned = await Promise.all([newTarget(ledger()), newTarget(ledger()), newTarget(ledger())])
    const well = await newTarget(ledger())
    const bad = poisoned.map(({ targetId }) => targetId)
    await ledger().query(`create function refuse_batch() returns trigger language plpgsql as $$
      begin raise exception 'this chunk is poisoned'; end $$`)
    await ledger().query(`create trigger poisoned before insert on token_batch for each row
      when (new.target_id in (${bad.join()}) and new.seq > 0) execute function refuse_batch()`)
    try {
      const [first, , third] = poisoned
      if (first === undefined || third === undefined) throw new Error('no target')
      // the first has something that is sealed, and reached
      await addTokens(ledger(), first, linesOf(['early']))
      await sealSlice(ledger(), first.targetId, 1)
      await ledger().query(
        `insert into token_batch (target_id, seq, tokens, count) select $1::text::bigint, 0, '[]', 0`,
        [poisoned[1]?.targetId ?? 0],
      )
      await ledger().query(
        `insert into token_batch (target_id, seq, tokens, count) select $1::text::bigint, 0, '["whole"]', 1`,
        [third.targetId],
      )
      for (const intake of [...poisoned, well]) await addTokens(ledger(), intake, linesOf(['x', 'y']))
      const recalls = [await recallTarget(ledger(), first), await recallTarget(ledger(), well)]
      const [held = '', free = ''] = recalls
      const lines: string[] = []
      const work = await sealWaiting(contextOn(ledger(), lines), Date.now() + 120_000)
      expect(work).toBe(1)
      const told = lines.filter(line => line.includes('set aside'))
      expect(told.length).toBeGreaterThanOrEqual(1)
      expect(told[0]).toContain(`"target_id":${first.targetId}`)
      expect(told[0]).not.toContain('"x"')
      // an intake goes on, and so does who asks for the recall
      const waiting = await addTokens(ledger(), first, linesOf(['z']))
      if ('over' in waiting) throw new Error('over a bound')
      const large = linesOf(Array.from({ length: 6000 }, (_, index) => `large-${index}`))
      expect(await takeTokens(contextOn(ledger(), lines), first, large)).toMatchObject({
        tokens: waiting.tokens + 6000,
      })
      await sealAsTheyCome(contextOn(ledger(), lines), first.targetId, { ...waiting, tokens: 1_000_000 })
      expect(await sealTargets(contextOn(ledger(), lines), [first.targetId], Date.now() + 5000)).toBe(false)
      const { drainer } = drainerOn(ledger())
      for (const id of recalls) await drainer.run(id, Date.now() + 5000)
      const read = async () => (await readRecalls(ledger(), [held, free])).map(recall => recall?.state)
      expect(await read()).toEqual(['running', 'done'])
      await ledger().query('update recall set give_up_at = now() where id = $1::text', [held])
      const left = await leftUnfinished(ledger(), 1000)
      expect(left).toContain(held)
      await finishRecalls(ledger(), left)
      expect(await read()).toEqual(['partial', 'done'])
    } finally {
      await ledger().query('drop trigger poisoned on token_batch')
      await ledger().query('drop function refuse_batch')
      await ledger().query('delete from token_chunk')
    }
  })

  it('of which none could be sealed leave a recall that expires, and a cancelled one waits for none', async () => {
    for (const [end, state] of [
      ['update recall set give_up_at = now() where id = $1::text', 'expired'],
      ['update recall set cancelled_at = now() where id = $1::text', 'cancelled'],
    ] as const) {
      const intake = await newTarget(ledger())
      await addTokens(ledger(), intake, linesOf(['a']))
      await setAside(ledger(), intake.targetId)
      const id = await recallTarget(ledger(), intake)
      await finishRecalls(ledger(), [id])
      expect((await readRecalls(ledger(), [id]))[0]?.state).toBe('running')
      await ledger().query(end, [id])
      await finishRecalls(ledger(), [id])
      expect((await readRecalls(ledger(), [id]))[0]?.state).toBe(state)
    }
    await ledger().query('delete from token_chunk')
  })

  it.each([
    ['few, to be sealed with others', 4999, 0, false],
    ['many for a target that has none', 5000, 0, true],
    ['many for a target that has fifty times as many', 5000, 250_000, true],
    ['many for one that has more', 5000, 250_001, false],
    ['more than a statement is to take', 64_001, 0, false],
  ])('are sealed as they come where that is worth it: %s', async (_, count, devices, atOnce) => {
    const intake = await newTarget(ledger())
    const lines = linesOf(Array.from({ length: count }, (_, index) => `worth-${index}`))
    const waiting = await takeTokens(contextOn(ledger()), { ...intake, devices }, lines)
    expect(waiting === null).toBe(atOnce)
    const [kept] = await ledger().query<{ sealed: number; waiting: number }>(
      `select (select coalesce(sum(count), 0) from token_batch where target_id = $1::text::bigint) as sealed,
         (select coalesce(sum(count), 0) from token_chunk where target_id = $1::text::bigint) as waiting`,
      [intake.targetId],
    )
    // but for what fills no batch
    expect(kept).toEqual(atOnce ? { sealed: 5000, waiting: 0 } : { sealed: 0, waiting: count })
    await sealTargets(contextOn(ledger()), [intake.targetId], Date.now() + 60_000)
    expect(
      await ledger().query('select count(*) as waiting from token_chunk where target_id = $1::text::bigint', [
        intake.targetId,
      ]),
    ).toEqual([{ waiting: 0 }])
  })

  it.each([
    ['ECONNREFUSED', false],
    ['CONNECT_TIMEOUT', false],
    ['57014', true],
    ['53200', true],
  ])(
    'are kept where they could not be sealed in time, and refused at once where the ledger is away: %s',
    async (code, isKept) => {
      const intake = await newTarget(ledger())
      let tries = 0
      const broken: Ledger = {
        ...ledger(),
        transaction: () => {
          tries++
          return Promise.reject(Object.assign(new Error('no'), { code }))
        },
        query: (...given) => (isKept ? ledger().query(...given) : Promise.reject(new Error('asked again'))),
      }
      const lines = linesOf(Array.from({ length: 5000 }, (_, index) => `away-${index}`))
      const taken = takeTokens(contextOn(broken), intake, lines)
      if (isKept) await expect(taken).resolves.toMatchObject({ tokens: 5000 })
      else await expect(taken).rejects.toMatchObject({ code })
      expect(tries).toBe(1)
      await ledger().query('delete from token_chunk')
    },
  )

  it('do not wait behind a target that has very many', async () => {
    const [huge, small] = [await newTarget(ledger()), await newTarget(ledger())]
    await ledger().query('insert into sealing (target_id, prints) values ($1::text::bigint, 100000000)', [
      huge.targetId,
    ])
    const many = Array.from({ length: 6000 }, (_, index) => `huge-${index}`)
    await addTokens(ledger(), { ...huge, devices: 1e8 }, linesOf(many))
    await addTokens(ledger(), small, linesOf(['a']))
    await ledger().query("update token_chunk set arrived_at = now() - interval '2 minutes'")
    let slices = 0
    const order: number[] = []
    const counted: Ledger = {
      ...ledger(),
      transaction: body => {
        slices++
        return ledger().transaction(async sql =>
          body({
            query: async (text, parameters, bytes) => {
              if (text.includes('seal_slice')) {
                order.push(Number(parameters?.[0]))
                // as long as a turn of a busy database
                await pause(60)
              }
              return sql.query(text, parameters, bytes)
            },
          }),
        )
      },
    }
    await sealWaiting(contextOn(counted), Date.now() + 120_000)
    expect(slices).toBeGreaterThan(60)
    // at most one turn before it, however many slices are left
    expect(order.indexOf(small.targetId)).toBeLessThan(20)
    expect(order.indexOf(small.targetId)).toBeGreaterThanOrEqual(0)
  })
})
