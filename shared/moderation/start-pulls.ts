/** The questions of a run of `sweep` to moderation systems. How they are asked is loaded where one can be. */
import { anyPulls } from '../ledger/left-to-do.ts'
import type { TimerContext } from '../serve-timer.ts'
import { endpointNames, sourceOf } from './find-endpoint.ts'
import { isPulled } from './pull-sources.ts'

/** Resolves when what is due has been asked. Never rejects. */
export async function startPulls(context: TimerContext): Promise<void> {
  try {
    if (!(await mayAsk(context))) return
    const { pullVerdicts } = await import('./pull-verdicts.ts')
    await pullVerdicts(context)
  } catch (error) {
    context.log.error('moderation systems could not be asked', { step: 'begin', error })
  }
}

/** An endpoint has a source that can be asked, or cannot be read, which is told there; or something was asked before. */
async function mayAsk({ secrets, ledger }: TimerContext): Promise<boolean> {
  try {
    const names = await endpointNames(secrets)
    const sources = await Promise.all(names.map(name => sourceOf(secrets, name)))
    if (sources.some(source => source !== null && isPulled(source))) return true
  } catch {
    return true
  }
  return anyPulls(ledger)
}
