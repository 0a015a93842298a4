/**
 * Small transactions of several processes in random order and side by side: settlements, roll-ups, cancels, approvals, tokens and
 * targets that come, other recalls of the same push, and `sweep`. In no snapshot has a recall ended while work of it is open; what was
 * called off is claimed as such; and in the end every recall has ended, and the last one of each push has asked for all of it.
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeEntry } from '../../shared/audit/entries.ts'
import { admitWithin } from '../../shared/ledger/admit-recall.ts'
import { decideRecall } from '../../shared/ledger/approvals.ts'
import { cancelRecall, dropCalledOff, takeOverHandles } from '../../shared/ledger/cancel-recall.ts'
import { type ClaimedWork, claimWork } from '../../shared/ledger/claim-work.ts'
import { finishRecalls, leftUnfinished } from '../../shared/ledger/finish-recalls.ts'
import { joinRecall } from '../../shared/ledger/grow-recall.ts'
import { admissionOf, type NewRecall } from '../../shared/ledger/new-recall.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { retryRecall } from '../../shared/ledger/retry-recall.ts'
import { joinLeft, leftToJoin, sealSlice, waitingTargets } from '../../shared/ledger/sealing.ts'
import { leftFallen, openNextRungs, settleWork, type WorkChange } from '../../shared/ledger/settle-work.ts'
import { isOutage, isUniqueViolation, type Ledger, type Sql, untilSeen } from '../../shared/ledger/sql.ts'
import { addTokens, intakeOf } from '../../shared/ledger/token-intake.ts'
import { linesOf } from '../../shared/ledger/tokens.ts'
import { entryOf, tester } from '../support/append-audit.ts'
import { nothingElse } from '../support/fake-provider.ts'
import { soak } from '../support/figures.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { recallOf } from '../support/planned-recall.ts'

const kinds = [
  'settle',
  'settle',
  'settle',
  'finish',
  'cancel',
  'bring',
  'bring',
  'late',
  'approve',
  'decline',
  'take over',
  'link',
  'retry',
  'sweep',
] as const
type Kind = (typeof kinds)[number]

/** One of several things, and by how much each of its statements is late. */
interface Act {
  readonly kind: Kind
  readonly which: number
  readonly lag: number
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom(...kinds),
  which: fc.nat({ max: 11 }),
  lag: fc.nat({ max: 3 }),
})
const history = fc.record({
  waits: fc.boolean(),
  rounds: fc.array(fc.array(act, { minLength: 2, maxLength: 5 }), { minLength: 2, maxLength: 6 }),
})

const seed = Math.floor(Math.random() * 2 ** 31)

describeOnPostgres('interleavings', url => {
  let ledger: Ledger
  let looking: Ledger
  beforeAll(async () => {
    ledger = patient(await openLedger(url(), { connections: 8 }))
    looking = await openLedger(url(), { connections: 1 })
  })
  afterAll(async () => {
    await ledger.close()
    await looking.close()
  })

  it(`of all that happens to recalls leave nothing behind and say nothing that is not so (seed ${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ waits, rounds }) => {
        const world = await createWorld(ledger, waits)
        for (const round of rounds) {
          let over = false
          const watching = watch(looking, world, () => over)
          await Promise.all(round.map(one => perform(world, one))).finally(() => (over = true))
          expect(await watching).toEqual([])
        }
        await comeToRest(world)
        expect(await looking.query(open, [world.message])).toEqual([])
        expect(await looking.query(unasked, [world.message])).toEqual([])
        expect(await finishRecalls(ledger, world.recalls)).toEqual([])
      }),
      { numRuns: soak ? 1000 : 60, seed },
    )
  })
})

interface World {
  readonly ledger: Ledger
  readonly message: string
  /** Ids of recalls, and of those of which a cancel has been answered. */
  readonly recalls: string[]
  readonly cancelled: Set<string>
}

let worlds = 0
let tokens = 0

async function createWorld(ledger: Ledger, waits: boolean): Promise<World> {
  const message = `world-${++worlds}`
  const world: World = { ledger, message, recalls: [], cancelled: new Set() }
  for (let nth = 0; nth < 2; nth++) {
    await bring(ledger, await addTarget(world))
  }
  const pushes = await pushesOf(world)
  await ledger.transaction(sql => admit(sql, world, pushes, { waits, linked: false }))
  return world
}

interface Push {
  readonly targetId: number
  readonly handle: string
  /** The recall that has it on its way, and the newest. */
  readonly active: { readonly id: number; readonly recallId: string } | null
  readonly last: number | null
}

async function pushesOf({ ledger, message }: World): Promise<Push[]> {
  return ledger.query<Push>(
    `select g.id as "targetId", g.handle,
       (select jsonb_build_object('id', t.id, 'recallId', t.recall_id) from recall_target t
        where t.app = 'app' and t.handle = g.handle and t.active) as active,
       (select max(t.id) from recall_target t where t.app = 'app' and t.handle = g.handle and t.linked_id is null) as last
     from target g where g.message_id = $1::text order by g.id`,
    [message],
  )
}

async function addTarget({ ledger, message }: World): Promise<number> {
  const handle = `${message}-${++tokens}`
  const [row] = await ledger.query<{ id: number }>(
    `insert into target (message_id, position, app, provider, handle) values ($1::text, 0, 'app', 'fake-tokens', $2::text) returning id`,
    [message, handle],
  )
  return row?.id ?? 0
}

async function bring(ledger: Ledger, targetId: number): Promise<void> {
  await addTokens(ledger, await intakeOf(ledger, targetId), linesOf([`token-${++tokens}`]))
  await sealSlice(ledger, targetId, 1)
}

const plannedFor = ({ handle, targetId }: Push) =>
  recallOf({
    app: 'app',
    operation: 'revoke',
    ladder: ['revoke', 'stop'],
    batches: [],
    giveUpHours: 1,
    as: { app: 'app', provider: 'fake-tokens', handle },
    targetId,
  })

/** In a transaction; what has the pushes on its way is linked, or gives them up before. */
async function admit(
  sql: Sql,
  { recalls }: World,
  pushes: readonly Push[],
  { waits, linked }: { readonly waits: boolean; readonly linked: boolean },
): Promise<void> {
  const [first] = pushes
  if (first === undefined) return
  const targets = pushes.flatMap(push =>
    plannedFor(push).targets.map(target => ({
      ...target,
      linkedId: linked ? (push.active?.id ?? null) : null,
      lastRecallTargetId: push.last,
    })),
  )
  const approval = { needed: 1, above: 1, because: 'reach', digest: 'd', ttlMinutes: 30, broken: false } as const
  const recall: Omit<NewRecall, 'entry'> = {
    ...plannedFor(first),
    measure: {
      reach: { devices: 1000, basis: 'exact' },
      bound: 'b',
      line: waits ? 900 : null,
      payer: null,
      approval: waits ? approval : null,
    },
    targets,
  }
  await admitWithin(sql, [{ ...recall, entry: makeEntry(admissionOf(recall), null) }], undefined)
  recalls.push(recall.id)
}

/**
 * What waits for others in a circle, or for longer than a statement may, is asked again, as everybody does whose ledger was too busy:
 * a statement or a transaction that was ended has done nothing.
 */
function patient(ledger: Ledger): Ledger {
  const again = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    for (let tries = 1; ; tries++) {
      try {
        return await ask()
      } catch (error) {
        if (!isOutage(error) || tries === mostTries) throw error
      }
    }
  }
  return {
    ...ledger,
    query: (...asked) => again(async () => ledger.query(...asked)),
    transaction: body => again(async () => ledger.transaction(body)),
  }
}

const mostTries = 10

/** A ledger of which each statement in a transaction leaves a little late. */
function late(ledger: Ledger, lag: number): Ledger {
  const wait = () => new Promise(resolve => setTimeout(resolve, lag))
  const after =
    (sql: Sql): Sql['query'] =>
    async (...asked) => {
      // what is asked together stays together
      if (lag > 0) await wait()
      return sql.query(...asked)
    }
  return {
    ...ledger,
    query: after(ledger),
    transaction: body => ledger.transaction(sql => body({ query: after(sql) })),
  }
}

async function perform(world: World, { kind, which, lag }: Act): Promise<void> {
  const { recalls, cancelled } = world
  const ledger = late(world.ledger, lag)
  const id = recalls[which % recalls.length] ?? ''
  // somebody was faster: what he did is seen at the next look
  const unlessMeanwhile = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error
    })
  const pushes = await pushesOf(world)
  const push = pushes[which % pushes.length]
  if (push === undefined) throw new Error('there is a push')
  switch (kind) {
    case 'settle': {
      const change = ([accept, later, fall] as const)[which % 3] ?? accept
      for (const work of await claim(world, 1)) await settle(ledger, work, change)
      return
    }
    case 'finish':
      await finishRecalls(ledger, [id])
      return
    case 'cancel':
      if (await cancelRecall(ledger, id, tester, entryOf('recall.cancelled', id))) cancelled.add(id)
      await finishRecalls(ledger, [id])
      return
    case 'bring':
      return bring(ledger, push.targetId)
    case 'late': {
      const added = { targetId: await addTarget(world), handle: '', active: null, last: null }
      await bring(ledger, added.targetId)
      const fresh = (await pushesOf(world)).find(({ targetId }) => targetId === added.targetId) ?? added
      const targets = plannedFor(fresh).targets.map(target => ({ ...target, targetId: fresh.targetId }))
      await joinRecall(ledger, id, targets, 1, null, false)
      return
    }
    case 'approve':
    case 'decline':
      return decide(ledger, id, kind === 'approve' ? 'approved' : 'declined')
    case 'take over':
      await unlessMeanwhile(
        ledger.transaction(async sql => {
          const mine = push.active === null ? [] : [push.active]
          const entries = mine.map(({ recallId }) => entryOf('recall.superseded', recallId))
          const ids = mine.map(target => target.id)
          await takeOverHandles(sql, ids, 'rcl_other', entries)
          await admit(sql, world, [push], { waits: which % 2 === 0, linked: false })
        }),
      )
      if (push.active !== null) await finishRecalls(ledger, [push.active.recallId])
      return
    case 'link':
      await unlessMeanwhile(
        ledger.transaction(sql =>
          admit(
            sql,
            world,
            pushes.filter(({ active }) => active !== null),
            { waits: false, linked: true },
          ),
        ),
      )
      return
    case 'retry':
      await unlessMeanwhile(
        ledger.transaction(sql => retryRecall(sql, id, 1, tester, entryOf('recall.retried', id))),
      ).then(() => cancelled.delete(id))
      return
    case 'sweep':
      return sweep(world)
    default:
      return kind satisfies never
  }
}

async function decide(ledger: Ledger, recallId: string, decision: 'approved' | 'declined'): Promise<void> {
  const by = { person: 'chen', actor: 'key:chen', reason: null, digest: null }
  const entry = entryOf(`recall.${decision}`, recallId)
  await untilSeen(() =>
    ledger.transaction(sql =>
      decideRecall(sql, { recallId, decision, ...by, giveUpHours: 1, entry, mayStill: () => true }),
    ),
  )
}

const accept: WorkChange = {
  kind: 'final',
  result: 'accepted',
  accepted: 1,
  rejected: 0,
  unknown: 0,
  rejections: [],
}
const later: WorkChange = { kind: 'later', step: 'act', delayMs: 0, blocked: null }
const fall: WorkChange = { kind: 'fall', step: 'act', operation: 'stop', ladder: ['stop'] }
const off: WorkChange = { ...accept, result: 'cancelled', accepted: 0 }

/** What was called off before it was claimed is claimed as that. */
async function claim({ ledger, recalls, cancelled }: World, limit: number): Promise<ClaimedWork[]> {
  const before = new Set(cancelled)
  const works = await claimWork(ledger, { owner: 'o', limit, leaseMs: 60_000, recallIds: recalls })
  for (const { recallId, calledOff } of works)
    if (before.has(recallId) && cancelled.has(recallId)) expect(calledOff).toBe(true)
  return works
}

async function settle(ledger: Ledger, work: ClaimedWork, wanted: WorkChange): Promise<void> {
  const { recallTargetId, app, handle, fence, devices, calledOff, recallId } = work
  // the whole push has no rung below
  const change = calledOff ? off : wanted.kind === 'fall' && devices === null ? accept : wanted
  const made = { workId: work.id, fence, recallTargetId, app, handle, attempt: null, change, leaseMs: 1000 }
  const [settled] = await settleWork(ledger, [{ ...nothingElse, ...made }])
  if (change.kind === 'fall') await openNextRungs(ledger, [recallTargetId])
  if (change.kind === 'final' || settled === 'called_off') await finishRecalls(ledger, [recallId])
}

/** Its steps about recalls. Resolves with how much it found. */
async function sweep({ ledger }: Pick<World, 'ledger'>): Promise<void> {
  await finishRecalls(ledger, await dropCalledOff(ledger))
  const fallen = await leftFallen(ledger, 100)
  if (fallen.length > 0) await openNextRungs(ledger, fallen)
  await finishRecalls(ledger, await leftUnfinished(ledger, 100))
  for (const targetId of await leftToJoin(ledger, 100)) await joinLeft(ledger, targetId, 1)
  for (const targetId of await waitingTargets(ledger, 100)) await sealSlice(ledger, targetId, 1)
}

/** Vendors take all that they are asked for, and people agree, until nothing is left to do. */
async function comeToRest(world: World): Promise<void> {
  const { ledger, recalls, message } = world
  for (let rounds = 0; rounds < 12; rounds++) {
    await sweep(world)
    for (const id of recalls) await decide(ledger, id, 'approved')
    for (const work of await claim(world, 100)) await settle(ledger, work, accept)
    if ((await ledger.query(open, [message])).length === 0 && (await leftToJoin(ledger, 1)).length === 0) return
  }
}

const ofWorld =
  'exists (select from recall_target x join target g on g.id = x.target_id where x.recall_id = r.id and g.message_id = $1::text)'

/** Recalls that are on their way, in whatever way. */
const open = `select r.id, r.state from recall r where ${ofWorld} and (r.state in ('running', 'pending_approval')
  or exists (select from work w where w.recall_id = r.id and w.result is null)
  or exists (select from recall_target t where t.recall_id = r.id and t.linked_id is null and t.state in ('running', 'pending_approval')))`

/** Batches that the last recall of their push, unless it was called off or declined, has not asked for. */
const unasked = `
select g.id, b.seq, l.recall_id from target g
cross join lateral (
  select t.id, t.recall_id, t.superseded_by is null and r.cancelled_at is null as stands
  from recall_target t join recall r on r.id = t.recall_id
  where t.target_id = g.id and t.linked_id is null order by t.id desc limit 1) l
join token_batch b on b.target_id = g.id
where g.message_id = $1::text and l.stands and not exists (
  select from work w where w.recall_target_id = l.id and (w.result not in ('cancelled', 'expired') or w.held) and (w.seq = b.seq or w.seq is null))`

/** Looks again and again: in every snapshot what has ended has no open work. Resolves with what was seen of others. */
async function watch(looking: Ledger, { message }: World, isOver: () => boolean): Promise<object[]> {
  while (!isOver()) {
    const seen = await looking.query<object>(
      `select r.id, r.state from recall r where ${ofWorld} and r.state not in ('running', 'pending_approval')
         and exists (select from work w where w.recall_id = r.id and w.result is null)`,
      [message],
    )
    if (seen.length > 0) return seen
  }
  return []
}
