/** The net under everything: continues what any dead, slow or finished function left. Overlapping runs are harmless. */
import { reapAnswers } from '../ledger/answers.ts'
import { finishRecalls, leftUnfinished } from '../ledger/finish-recalls.ts'
import { beat } from '../ledger/pulse.ts'
import { quietTargets, sealTarget } from '../ledger/tokens.ts'
import type { TimerContext } from '../serve.ts'
import { retire } from './retention.ts'

/** A run ends before the next minute's begins; what comes after it is the next one's. */
const longestMs = 50_000
const marginMs = 5000
/** A function that sleeps is paid for: what is due later than this is the next run's. */
const patienceMs = 3000
/** What has to leave gets a moment in every run, however much there is to drain. */
const leavingMs = 2000
const sealsAtOnce = 20
const finishesAtOnce = 1000

export async function sweep(context: TimerContext): Promise<void> {
  const { ledger, drainer, invocation, log } = context
  const until = Date.now() + Math.min(longestMs, invocation.remainingMs() - marginMs)
  await beat(ledger, 'sweep')
  await finishRecalls(ledger, await leftUnfinished(ledger, finishesAtOnce))
  await drainer.run(null, until, patienceMs)
  for (const target of await quietTargets(ledger, sealsAtOnce)) {
    if (Date.now() > until) break
    await sealTarget(ledger, target)
  }
  const reaped = await reapAnswers(ledger)
  const { tokenRetentionDays } = await context.policy()
  const retired = await retire(ledger, tokenRetentionDays, Math.max(until, Date.now() + leavingMs))
  await beat(ledger, 'sweep')
  log.info('swept', { reaped, retired })
}
