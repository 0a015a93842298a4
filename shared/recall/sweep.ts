/**
 * The net under everything: continues what any dead, slow or finished function left. Overlapping runs are harmless, and
 * where one is not enough it calls another, up to a configured number.
 */
import { randomUUID } from 'node:crypto'
import { reapAnswers } from '../ledger/answers.ts'
import { finishRecalls, leftUnfinished } from '../ledger/finish-recalls.ts'
import { beat } from '../ledger/pulse.ts'
import { claimable, freeSlots, leaveSlot, takeSlot } from '../ledger/sweepers.ts'
import type { TimerContext } from '../serve.ts'
import { sealWaiting } from './late-tokens.ts'
import { retire } from './retention.ts'

/** A run ends before the next minute's begins; what comes after it is the next one's. */
const longestMs = 50_000
const marginMs = 5000
/** A function that sleeps is paid for: what is due later than this is the next run's. */
const patienceMs = 3000
/** What has to leave gets a moment in every run, however much there is to drain. */
const leavingMs = 2000
const finishesAtOnce = 1000
/** Units of work that one run takes seconds for, whatever the vendor: with as many waiting another one is worth its start. */
const worthAnother = 256

/** Throws where the ledger is away: the platform fires it again. */
export async function sweep(context: TimerContext): Promise<void> {
  const { ledger, config, kick, invocation, firing, log } = context
  const owner = randomUUID()
  const until = Date.now() + Math.min(longestMs, invocation.remainingMs() - marginMs)
  const counted = await takeSlot(ledger, owner, config.sweeps, until - Date.now() + marginMs)
  // the timer's run is the net: it waits for nobody, and no dead run keeps it from its work
  if (!counted && firing.name === 'kick') {
    log.info('enough are sweeping', { sweeps: config.sweeps })
    return
  }
  try {
    await work(context, until)
  } finally {
    if (counted) await leaveSlot(ledger, owner)
  }
  // its time is over and the work is not: without a kick it would lie until the next minute
  if (kick !== null && Date.now() > until - patienceMs && (await claimable(ledger, 1)) > 0) await kick()
}

async function work(context: TimerContext, until: number): Promise<void> {
  const { ledger, drainer, config, kick, log } = context
  await beat(ledger, 'sweep')
  await finishRecalls(ledger, await leftUnfinished(ledger, finishesAtOnce))
  if (kick !== null && (await freeSlots(ledger, config.sweeps)) > 0) {
    if ((await claimable(ledger, worthAnother)) === worthAnother) await kick()
  }
  await drainer.run(null, until, patienceMs)
  const { tokenRetentionDays } = await context.policy()
  if ((await sealWaiting(context, until)) > 0) await kick?.()
  const reaped = await reapAnswers(ledger)
  const retired = await retire(ledger, tokenRetentionDays, Math.max(until, Date.now() + leavingMs))
  await beat(ledger, 'sweep')
  log.info('swept', { reaped, retired })
}
