/**
 * The net under everything: continues what any dead, slow or finished function left. Overlapping runs are harmless, and
 * where one is not enough it calls another, up to a configured number.
 */
import { randomUUID } from 'node:crypto'
import { beat } from '../ledger/pulse.ts'
import { isOutage } from '../ledger/sql.ts'
import { claimable, keepKick, leaveSlot, takeSlot } from '../ledger/sweepers.ts'
import type { TimerContext } from '../serve-timer.ts'
import { type Ran, runSteps, type Step } from './run-steps.ts'

/** A run ends before the next minute's begins; what comes after it is the next one's. */
const longestMs = 50_000
const marginMs = 5000

/** Throws where the ledger is away: the platform fires it again. */
export async function sweep(context: TimerContext, steps: readonly Step<TimerContext>[]): Promise<void> {
  const { ledger, config, kick, invocation, firing, log } = context
  const owner = randomUUID()
  const until = Date.now() + Math.min(longestMs, invocation.remainingMs() - marginMs)
  const take = () => takeSlot(ledger, owner, config.sweeps, until - Date.now() + marginMs)
  let counted = await take()
  // the timer's run is the net: it waits for nobody, and no dead run keeps it from its work
  if (!counted && firing.name === 'kick') {
    if (await keepKick(ledger, config.sweeps)) {
      log.info('enough are sweeping', { sweeps: config.sweeps })
      return
    }
    counted = await take()
  }
  const ran = await runSteps(steps, context, until)
  // an outage shows in the steps, and a place is free when its time is over
  const kicked = counted && (await leaveSlot(ledger, owner).catch(() => false))
  log.info('swept', {
    steps: Object.fromEntries(ran.map(({ name, outcome, ms, figures }) => [name, { outcome, ms, ...figures }])),
  })
  const outage = ran.find(({ error }) => isOutage(error))
  if (outage !== undefined) throw outage.error
  // last, and only where what a run is there for was done: it is what says that all is well
  if (!failedEssentially(ran, steps)) await beat(ledger, 'sweep')
  // Its time is over and the work is not, or it was behind the drain when more came: without a kick that would lie until the
  // next minute.
  if (kick !== null && (kicked || (ran.some(ranOut) && (await claimable(ledger, 1)) > 0))) await kick()
}

function failedEssentially(ran: readonly Ran[], steps: readonly Step<TimerContext>[]): boolean {
  return steps.some(({ essential }, place) => essential === true && ran[place]?.outcome === 'failed')
}

function ranOut({ figures }: Ran): boolean {
  return figures !== null && 'ranOut' in figures && figures.ranOut === true
}
