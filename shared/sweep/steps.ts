/** What a run of `sweep` does one after the other, the most urgent first. A new duty is a line in this table. */
import { makeChecks, recallCanaries } from '../app-health/due.ts'
import { keepTrail, watchTrail } from '../audit/keep-trail.ts'
import { runTogether } from '../coalesce.ts'
import { expireApproval, overdueApprovals, reapHours, remindOfApprovals } from '../ledger/approvals.ts'
import { reapAnswers } from '../ledger/answers.ts'
import { dropCalledOff } from '../ledger/cancel-recall.ts'
import { nextDue } from '../ledger/due-work.ts'
import { endWork } from '../ledger/end-work.ts'
import { noteBlocked, tellOfBlocked } from '../ledger/blocked.ts'
import { leftFallen, openNextRungs } from '../ledger/settle-work.ts'
import { finishRecalls, leftUnfinished } from '../ledger/finish-recalls.ts'
import { writeMetrics } from '../ledger/metrics.ts'
import { untilSeen } from '../ledger/sql.ts'
import { claimable, freeSlots } from '../ledger/sweepers.ts'
import { retireTexts } from '../ledger/texts.ts'
import { reapVerdicts } from '../ledger/verdicts.ts'
import { actOnVerdicts } from '../moderation/act.ts'
import { joinLateTargets } from '../recall/late-targets.ts'
import { meetHolds } from '../recall/meet-holds.ts'
import { sealWaiting } from '../recall/sealing.ts'
import { retire } from '../recall/retention.ts'
import type { TimerContext } from '../serve-timer.ts'
import type { Step } from './run-steps.ts'

/** A function that sleeps is paid for: what is due later than this is the next run's. */
export const patienceMs = 3000
const finishesAtOnce = 1000
const endsAtOnce = 200
/** What the drain has had two runs for. */
const longOverdueMs = 120_000
/** Units of work that one run takes seconds for, whatever the vendor: with as many waiting another one is worth its start. */
const worthAnother = 256

/** What nobody who asked came to do, the trail says of this. */
const sweeper = { id: 'timer:sweep', person: null }

export const sweepSteps: readonly Step<TimerContext>[] = [
  { name: 'trail', share: 2, run: keepTrail },
  { name: 'trailLag', share: 1, run: watchTrail },
  // whatever it is that the drain dies of, what it does not end is ended
  { name: 'overdue', share: 1, run: (context, untilMs) => endOverdue(context, untilMs, longOverdueMs) },
  // before the drain, which then has what verdicts asked for
  { name: 'verdicts', share: 4, run: async context => ({ recalls: (await actOnVerdicts(context, null)).length }) },
  { name: 'holds', share: 1, run: async context => ({ taken: await meetHolds({ ...context, by: sweeper }, null) }) },
  {
    name: 'late',
    share: 1,
    run: async (context, untilMs) => ({ joined: await joinLateTargets({ ...context, by: sweeper }, untilMs) }),
  },
  { name: 'approvals', share: 1, run: keepApprovals },
  { name: 'finish', share: 1, run: finishLeft },
  // work forgets why it waited as soon as it goes on
  {
    name: 'blocked',
    share: 1,
    run: async ({ ledger }) => ({ open: await noteBlocked(ledger), told: await tellOfBlocked(ledger) }),
  },
  // before the drain, which does them
  { name: 'canaries', share: 1, run: recallCanaries },
  { name: 'drain', share: 32, essential: true, run: drain },
  { name: 'ends', share: 2, essential: true, run: (context, untilMs) => endOverdue(context, untilMs, 0) },
  { name: 'seal', share: 6, run: seal },
  // behind the drain, so that they hold what it did
  { name: 'metrics', share: 2, run: async ({ ledger }) => ({ rows: await writeMetrics(ledger) }) },
  { name: 'checks', share: 2, run: makeChecks },
  { name: 'answers', share: 1, run: async ({ ledger }) => ({ reaped: await reapAnswers(ledger) }) },
  { name: 'oldVerdicts', share: 1, run: async ({ ledger }) => ({ reaped: await reapVerdicts(ledger) }) },
  { name: 'retire', share: 3, run: retireEnded },
  { name: 'texts', share: 1, run: retireEndedTexts },
]

async function drain({ ledger, config, drainer, kick }: TimerContext, untilMs: number): Promise<object> {
  const dueMs = await nextDue(ledger, null)
  // the drainer is not even loaded
  if (dueMs === null || dueMs > patienceMs) return { ranOut: false }
  if (kick !== null && (await freeSlots(ledger, config.sweeps)) > 0) {
    if ((await claimable(ledger, worthAnother)) === worthAnother) await kick()
  }
  await drainer.run(null, untilMs, patienceMs)
  return { ranOut: Date.now() > untilMs - patienceMs }
}

/** Recalls whose last worker died before the roll-up, or that were called off while some of their work went back to the queue. */
async function finishLeft(context: TimerContext): Promise<object> {
  const calledOff = await dropCalledOff(context.ledger)
  const fallen = await leftFallen(context.ledger, finishesAtOnce)
  if (fallen.length > 0) await openNextRungs(context.ledger, fallen)
  const left = await leftUnfinished(context.ledger, finishesAtOnce)
  return { finished: await finish(context, [...new Set([...calledOff, ...left])]) }
}

/** Ends what no worker will, or has not for `lateMs` past its time, in small statements, and rolls up what that ended. */
async function endOverdue(context: TimerContext, untilMs: number, lateMs: number): Promise<object> {
  let [overdue, setAside] = [0, 0]
  for (;;) {
    const ended = await endWork(context.ledger, endsAtOnce, lateMs)
    const failed = ended.filter(({ result }) => result === 'failed')
    for (const id of new Set(failed.map(({ recallId }) => recallId))) {
      context.log.error('work was set aside: ten tries in a row left no record', { recall_id: id })
    }
    setAside += failed.length
    overdue += ended.length - failed.length
    await finish(context, [...new Set(ended.map(({ recallId }) => recallId))])
    if (ended.length === 0 || Date.now() > untilMs) return { overdue, setAside }
  }
}

/** Resolves with how many. One that cannot be rolled up keeps no other from it. */
async function finish({ ledger, log }: TimerContext, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0
  const results = await runTogether(ids, async some => {
    await finishRecalls(ledger, some)
    return some
  })
  results.forEach((result, place) => {
    if (result.status === 'rejected')
      log.error('a recall was not rolled up', { recall_id: ids[place], error: result.reason })
  })
  return results.filter(({ status }) => status === 'fulfilled').length
}

/** Who may decide is reminded, and what nobody decided in time ends. */
async function keepApprovals({ ledger }: TimerContext, untilMs: number): Promise<object> {
  const reminded = await remindOfApprovals(ledger)
  let expired = 0
  for (const id of await overdueApprovals(ledger, endsAtOnce)) {
    if (Date.now() > untilMs) break
    await untilSeen(() => ledger.transaction(sql => expireApproval(sql, id)))
    expired += 1
  }
  return { reminded, expired, reaped: await reapHours(ledger) }
}

async function seal(context: TimerContext, untilMs: number): Promise<object> {
  const joined = await sealWaiting(context, untilMs)
  if (joined > 0) await context.kick?.()
  return { joined }
}

async function retireEnded(context: TimerContext, untilMs: number): Promise<object> {
  const { tokenRetentionDays } = await context.policy()
  return { retired: await retire(context.ledger, tokenRetentionDays, untilMs) }
}

async function retireEndedTexts(context: TimerContext, untilMs: number): Promise<object> {
  const { textRetentionDays } = await context.policy()
  return { texts: textRetentionDays === null ? 0 : await retireTexts(context.ledger, textRetentionDays, untilMs) }
}
