/**
 * What decides by the rows of others, at the same moment as those others: under READ COMMITTED neither sees what the other is about to
 * commit. Whichever of the two commits first, nothing is asked of a vendor that was called off, nothing is left behind, and nothing is
 * said that is not so.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeEntry } from '../../shared/audit/entries.ts'
import { send } from '../../shared/http.ts'
import { admitRecalls } from '../../shared/ledger/admit-recall.ts'
import { type AskedDecision, decideRecall, identityOf } from '../../shared/ledger/approvals.ts'
import { cancelRecall, dropCalledOff, takeOverHandles } from '../../shared/ledger/cancel-recall.ts'
import { claimWork } from '../../shared/ledger/claim-work.ts'
import { finishRecalls, leftUnfinished } from '../../shared/ledger/finish-recalls.ts'
import { joinRecall } from '../../shared/ledger/grow-recall.ts'
import { admissionOf, type NewRecall } from '../../shared/ledger/new-recall.ts'
import type { NewTarget } from '../../shared/ledger/new-targets.ts'
import { registerMessage } from '../../shared/ledger/register-message.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { retryRecall } from '../../shared/ledger/retry-recall.ts'
import { joinLeft, leftToJoin, sealSlice } from '../../shared/ledger/sealing.ts'
import { openNextRungs, type Settlement, settleWork, type WorkChange } from '../../shared/ledger/settle-work.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { addTokens, intakeOf } from '../../shared/ledger/token-intake.ts'
import { linesOf } from '../../shared/ledger/tokens.ts'
import { createLog } from '../../shared/log.ts'
import { createDrainer } from '../../shared/recall/drain.ts'
import { entryOf, tester } from '../support/append-audit.ts'
import { atOnce } from '../support/at-once.ts'
import { fakeApps, fakeProvider, nothingElse, yes } from '../support/fake-provider.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { admitBatches, recallOf } from '../support/planned-recall.ts'

describeOnPostgres('at the same moment', url => {
  let ledger: Ledger
  beforeAll(async () => {
    ledger = await openLedger(url(), { connections: 6 })
  })
  afterAll(() => ledger.close())

  const cancel = (on: Ledger, id: string) => cancelRecall(on, id, tester, entryOf('recall.cancelled', id))
  const stateOf = async (id: string) =>
    (await ledger.query<{ state: string }>('select state from recall where id = $1::text', [id]))[0]?.state
  const worksOf = (id: string) =>
    ledger.query<{ seq: number; state: string; result: string | null }>(
      'select seq, state, result from work where recall_id = $1::text order by seq',
      [id],
    )
  const targetsOf = (id: string) =>
    ledger.query<{ id: number; targetId: number; handle: string; state: string }>(
      'select id, target_id as "targetId", handle, state from recall_target where recall_id = $1::text order by position',
      [id],
    )

  /** Works on all there is. Resolves with the pushes that a vendor was asked about. */
  async function drain(): Promise<string[]> {
    const { provider, calls } = fakeProvider({
      addressing: 'tokens',
      methods: ['revoke', 'stop'],
      ways: { stop: { by: 'task' } },
      answer: () => yes,
    })
    const drainer = createDrainer({
      sql: ledger,
      apps: fakeApps(provider),
      send,
      log: createLog({ level: 'silent' }),
      now: Date.now,
      chance: () => 0,
      vendorTimeoutMs: 1000,
      inFlight: 8,
    })
    await drainer.run(null, Date.now() + 60_000)
    await drainer.idle()
    return calls.map(({ handle }) => handle)
  }

  /** The one unit of the recall, out at its vendor; resolves with what settles it. */
  async function out(id: string, change: WorkChange): Promise<Settlement> {
    const [work] = await claimWork(ledger, { owner: 'o', limit: 1, leaseMs: 60_000, recallIds: [id] })
    if (work === undefined) throw new Error('there is a unit')
    const { recallTargetId, app, handle, fence } = work
    return { ...nothingElse, workId: work.id, fence, recallTargetId, app, handle, attempt: null, change, leaseMs: 1000 }
  }
  const later: WorkChange = { kind: 'later', step: 'act', delayMs: 0, blocked: null }
  const fall: WorkChange = { kind: 'fall', step: 'act', operation: 'stop', ladder: ['stop'] }

  let handles = 0
  /** A registered push with sealed tokens. */
  async function registered(
    tokens: readonly string[],
  ): Promise<{ readonly targetId: number; readonly handle: string }> {
    const handle = `registered-${++handles}`
    const [row] = await ledger.query<{ id: number }>(
      `insert into target (message_id, position, app, provider, handle) values ($1::text, 0, 'app', 'fake-tokens', $1::text) returning id`,
      [handle],
    )
    const targetId = row?.id ?? 0
    await bring(targetId, tokens)
    await sealSlice(ledger, targetId, 1)
    return { targetId, handle }
  }
  const bring = async (targetId: number, tokens: readonly string[]) =>
    addTokens(ledger, await intakeOf(ledger, targetId), linesOf(tokens))

  type Push = Awaited<ReturnType<typeof registered>>
  const asked = (pushes: readonly Push[], more: Partial<NewRecall> = {}): Omit<NewRecall, 'entry'> => {
    const targets = pushes.flatMap(({ targetId, handle }) => {
      const as = { app: 'app', provider: 'fake-tokens', handle }
      return recallOf({
        app: 'app',
        operation: 'revoke',
        ladder: ['revoke'],
        batches: [],
        giveUpHours: 1,
        as,
        targetId,
      }).targets
    })
    const whole = recallOf({ app: 'app', operation: 'revoke', ladder: ['revoke'], batches: [], giveUpHours: 1 })
    return { ...whole, targets, ...more }
  }
  const admit = async (on: Ledger, recall: Omit<NewRecall, 'entry'>): Promise<string> => {
    await admitRecalls(on, [{ ...recall, entry: makeEntry(admissionOf(recall), null) }])
    return recall.id
  }
  /** It waits for another person. */
  const waiting: Partial<NewRecall> = {
    measure: {
      reach: { devices: 8, basis: 'exact' },
      bound: 'b',
      line: 1,
      payer: null,
      approval: { needed: 1, above: 1, because: 'reach', digest: 'd', ttlMinutes: 30, broken: false },
    },
  }
  const approve = (on: Ledger, recallId: string) => {
    const entry = entryOf('recall.approved', recallId)
    const said: AskedDecision = {
      recallId,
      decision: 'approved',
      person: identityOf('Li'),
      actor: 'key:li',
      reason: null,
      digest: null,
      giveUpHours: 1,
      entry,
      mayStill: () => true,
    }
    return on.transaction(sql => decideRecall(sql, said))
  }
  /** Another recall takes the pushes over that this one has on their way. */
  const takeOver = async (on: Ledger, id: string) => {
    const entry = entryOf('recall.superseded', id)
    const ids = (await targetsOf(id)).map(target => target.id)
    await on.transaction(sql => takeOverHandles(sql, ids, 'rcl_other', [entry]))
    await finishRecalls(on, [id])
  }

  it('a unit that goes back to the queue while its recall is cancelled is asked of no vendor again', async () => {
    const id = await admitBatches(ledger, 1)
    const settlement = await out(id, later)
    await atOnce(
      ledger,
      open => cancel(open, id),
      () => settleWork(ledger, [settlement]),
    )
    await finishRecalls(ledger, [id])
    expect([await drain(), await stateOf(id)]).toEqual([[], 'cancelled'])
  })

  it('and is ended where nobody claims it soon', async () => {
    const id = await admitBatches(ledger, 1)
    const settlement = await out(id, { ...later, delayMs: 3_600_000 })
    await atOnce(
      ledger,
      open => cancel(open, id),
      () => settleWork(ledger, [settlement]),
    )
    await finishRecalls(ledger, [id])
    expect(await stateOf(id)).toBe('running')
    expect(await dropCalledOff(ledger)).toEqual([id])
    await finishRecalls(ledger, [id])
    expect([await stateOf(id), await dropCalledOff(ledger)]).toEqual(['cancelled', []])
  })

  it('nothing below a rung is begun that ended while its recall was cancelled', async () => {
    const id = await admitBatches(ledger, 1)
    await settleWork(ledger, [await out(id, fall)])
    const [push] = await targetsOf(id)
    await atOnce(
      ledger,
      open => openNextRungs(open, [push?.id ?? 0]),
      () => cancel(ledger, id),
    )
    await finishRecalls(ledger, [id])
    expect([await drain(), await stateOf(id)]).toEqual([[], 'cancelled'])
  })

  it('tokens that are sealed while their recall is cancelled join nothing', async () => {
    const push = await registered(['a', 'b'])
    const id = await admit(ledger, asked([push]))
    await bring(push.targetId, ['c'])
    const slice = await atOnce(
      ledger,
      open => cancel(open, id),
      () => sealSlice(ledger, push.targetId, 1),
    )
    await finishRecalls(ledger, [id])
    expect([slice.joined, await drain(), await stateOf(id)]).toEqual([null, [], 'cancelled'])
  })

  it('tokens that are sealed while their recall is agreed to join it', async () => {
    const push = await registered(['a', 'b'])
    const id = await admit(ledger, asked([push], waiting))
    await bring(push.targetId, ['c'])
    const slice = await atOnce(
      ledger,
      open => approve(open, id),
      () => sealSlice(ledger, push.targetId, 1),
    )
    expect(slice.joined).toEqual({ recallId: id, work: 1 })
    expect(await worksOf(id)).toMatchObject([{ seq: 0 }, { seq: 1 }])
    await drain()
    expect(await stateOf(id)).toBe('done')
  })

  it.each(['sealed', 'agreed to'] as const)(
    'of a push that is taken over while it is %s nothing is asked',
    async how => {
      const push = await registered(['a', 'b'])
      const id = await admit(ledger, asked([push], how === 'sealed' ? {} : waiting))
      if (how === 'sealed') await bring(push.targetId, ['c'])
      await atOnce(
        ledger,
        async open => (how === 'sealed' ? sealSlice(open, push.targetId, 1) : approve(open, id)),
        () => takeOver(ledger, id),
      )
      expect((await worksOf(id)).map(({ result }) => result)).toEqual(
        how === 'sealed' ? ['cancelled', 'cancelled'] : ['cancelled'],
      )
      expect([await drain(), await stateOf(id)]).toEqual([[], 'cancelled'])
    },
  )

  it('nobody is asked to agree to a recall whose pushes another took over', async () => {
    const [one, two] = [await registered(['a']), await registered(['b'])]
    const id = await admit(ledger, asked([one, two], waiting))
    for (const { id: target } of await targetsOf(id)) {
      const [before] = await ledger.query('select state from approval where recall_id = $1::text', [id])
      expect(before).toEqual({ state: 'waiting' })
      const entry = entryOf('recall.superseded', id)
      await ledger.transaction(sql => takeOverHandles(sql, [target], 'rcl_other', [entry]))
      await finishRecalls(ledger, [id])
    }
    const [after] = await ledger.query('select state from approval where recall_id = $1::text', [id])
    expect([after, await stateOf(id)]).toEqual([{ state: 'cancelled' }, 'cancelled'])
  })

  it.each(['tokens', 'target'] as const)('a recall is not closed while a %s joins it', async what => {
    const [one, two, late] = [await registered(['a']), await registered(['b']), await registered(['c'])]
    const id = await admit(ledger, asked([one, two]))
    await ledger.query("update work set state = 'done', result = 'accepted' where recall_id = $1::text", [id])
    // of the second push nothing was left
    await ledger.query(
      "update recall_target set state = 'done', active = false where recall_id = $1::text and position = 1",
      [id],
    )
    await bring(two.targetId, ['d'])
    const closed = await atOnce(
      ledger,
      open => {
        const targets = asked([late]).targets.map(target => ({ ...target, targetId: late.targetId }))
        return what === 'tokens' ? sealSlice(open, two.targetId, 1) : joinRecall(open, id, targets, 1, null, false)
      },
      () => finishRecalls(ledger, [id]),
    )
    expect([closed, await stateOf(id)]).toEqual([[], 'running'])
    await drain()
    expect([await stateOf(id), (await targetsOf(id)).map(({ state }) => state)]).toEqual([
      'done',
      what === 'tokens' ? ['done', 'done'] : ['done', 'done', 'done'],
    ])
  })

  it('no recall relies on one that is cancelled while it is admitted', async () => {
    const push = await registered(['a'])
    const id = await admit(ledger, asked([push]))
    const [first] = await targetsOf(id)
    const linkedId = first?.id ?? 0
    const relying = asked([push])
    const targets = relying.targets.map(target => ({ ...target, linkedId, lastRecallTargetId: linkedId }))
    await cancel(ledger, id)
    // it had looked before
    await expect(admit(ledger, { ...relying, targets })).rejects.toMatchObject({ code: '23505' })
    await finishRecalls(ledger, [id])
  })

  it('batches that were sealed while their recall was admitted wait for no other unit of it', async () => {
    const push = await registered(['a'])
    await bring(push.targetId, ['b'])
    const recall = asked([push])
    await atOnce(
      ledger,
      open => admit(open, recall),
      () => sealSlice(ledger, push.targetId, 1),
    )
    const id = recall.id
    expect((await worksOf(id)).map(({ seq }) => seq)).toEqual([0])
    // the unit that there is waits for its vendor, and another operation has taken the handle
    await ledger.query("update work set run_at = now() + interval '1 hour' where recall_id = $1::text", [id])
    await ledger.query('update recall_target set active = false where recall_id = $1::text', [id])
    expect(await leftToJoin(ledger, 10)).toEqual([push.targetId])
    expect(await joinLeft(ledger, push.targetId, 1)).toEqual({ recallId: id, work: 1 })
    expect([await leftToJoin(ledger, 10), (await worksOf(id)).map(({ seq }) => seq)]).toEqual([[], [0, 1]])
    await cancel(ledger, id)
    await finishRecalls(ledger, [id])
  })

  it('of two messages under one key of their sender the later one is shown, whatever ids their vendor made', async () => {
    const register = async (on: Ledger, id: string) => {
      const target: NewTarget = {
        app: 'app',
        provider: 'fake-tokens',
        handle: `made-${id}`,
        handleMadeBy: 'vendor',
        names: null,
        senderKey: 'score',
        batch: 1000,
        audience: null,
        audienceSize: null,
        tokens: null,
      }
      const texts = { title: null, body: null, url: null, contents: [], expiresAt: null }
      const entry = entryOf('message.registered', id)
      await registerMessage(on, { id, digest: id, ...texts, caller: tester, targets: [target] }, entry)
    }
    await atOnce(
      ledger,
      open => register(open, 'half-time'),
      () => register(ledger, 'full-time'),
    )
    const rows = await ledger.query(
      "select message_id, superseded_by from target where sender_key = 'score' order by message_id desc",
    )
    expect(rows).toEqual([
      { message_id: 'half-time', superseded_by: 'full-time' },
      { message_id: 'full-time', superseded_by: null },
    ])
  })

  it('a recall of which all has ended, and that is not rolled up yet, is cancelled for good', async () => {
    const push = await registered(['a', 'b'])
    const id = await admit(ledger, asked([push], waiting))
    const ids = (await targetsOf(id)).map(target => target.id)
    await ledger.transaction(sql => takeOverHandles(sql, ids, 'rcl_other', [entryOf('recall.superseded', id)]))
    await cancel(ledger, id)
    const late = await registered(['c'])
    const targets = asked([late]).targets.map(target => ({ ...target, targetId: late.targetId }))
    expect(await joinRecall(ledger, id, targets, 1, null, false)).toBe(0)
    await finishRecalls(ledger, [id])
    expect(await stateOf(id)).toBe('cancelled')
  })

  it('tokens that came while a recall was cancelled join it once it is tried again', async () => {
    const [one, two] = [await registered(['a']), await registered(['b'])]
    const id = await admit(ledger, asked([one, two]))
    await settleWork(ledger, [await out(id, { ...later, delayMs: 3_600_000 })])
    const done = await out(id, {
      kind: 'final',
      result: 'accepted',
      accepted: 1,
      rejected: 0,
      unknown: 0,
      rejections: [],
    })
    await settleWork(ledger, [done])
    await cancel(ledger, id)
    await finishRecalls(ledger, [id])
    for (const { targetId } of [one, two]) await bring(targetId, ['c'])
    for (const { targetId } of [one, two]) await sealSlice(ledger, targetId, 1)
    expect(await ledger.transaction(sql => retryRecall(sql, id, 1, tester, entryOf('recall.retried', id)))).toBe(1)
    await drain()
    const left = await leftToJoin(ledger, 10)
    expect(new Set(left)).toEqual(new Set([one.targetId, two.targetId]))
    for (const targetId of left) expect(await joinLeft(ledger, targetId, 1)).toEqual({ recallId: id, work: 1 })
    await drain()
    expect([await stateOf(id), (await worksOf(id)).map(({ result }) => result)]).toEqual([
      'done',
      ['accepted', 'accepted', 'accepted', 'accepted'],
    ])
  })

  it('a recall that was cancelled before anybody agreed to it is closed, whoever died after that', async () => {
    const push = await registered(['a', 'b'])
    const id = await admit(ledger, asked([push], waiting))
    await cancel(ledger, id)
    expect(await leftUnfinished(ledger, 10)).toEqual([id])
    await finishRecalls(ledger, [id])
    expect([await stateOf(id), await leftUnfinished(ledger, 10)]).toEqual(['cancelled', []])
  })
})
