/** Runs what a timer has to do step by step, so that none that fails or hangs keeps another from its turn. */
import type { Log } from '../log.ts'

export interface Step<Context> {
  readonly name: string
  /** Of the time that is left when it begins, compared with the shares of those after it. */
  readonly share: number
  /** Without it the run has not done what it is there for. */
  readonly essential?: true
  /** `untilMs` (epoch): it begins nothing after that. Resolves with figures for the log. */
  readonly run: (context: Context, untilMs: number) => Promise<object | void>
}

export type StepOutcome = 'done' | 'late' | 'failed'

export interface Ran {
  readonly name: string
  readonly outcome: StepOutcome
  readonly ms: number
  /** Null where it failed, or goes on. */
  readonly figures: object | null
  /** Where it failed. */
  readonly error: unknown
}

/** Even where those before it have taken all the time there was. */
const leastMs = 500
/** A statement that had begun may end. What has not by then goes on behind the next step. */
const graceMs = 1000

/** Never rejects. */
export async function runSteps<Context extends { readonly log: Log }>(
  steps: readonly Step<Context>[],
  context: Context,
  untilMs: number,
): Promise<Ran[]> {
  const ran: Ran[] = []
  for (const [place, step] of steps.entries()) {
    const shares = steps.slice(place).reduce((sum, { share }) => sum + share, 0)
    const leftMs = untilMs - Date.now()
    ran.push(await runStep(step, context, Math.max(leastMs, (leftMs * step.share) / shares)))
  }
  return ran
}

async function runStep<Context extends { readonly log: Log }>(
  { name, run }: Step<Context>,
  context: Context,
  ms: number,
): Promise<Ran> {
  const begunAt = Date.now()
  const end = (outcome: StepOutcome, figures: object | null = null, error: unknown = null): Ran => {
    if (outcome === 'failed') context.log.error('a step of sweep failed', { step: name, error })
    if (outcome === 'late') context.log.warn('a step of sweep goes on past its time', { step: name })
    return { name, outcome, ms: Date.now() - begunAt, figures, error }
  }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Ran>(resolve => (timer = setTimeout(() => resolve(end('late')), ms + graceMs)))
  const work = (async () => run(context, begunAt + ms))().then(
    figures => end('done', figures ?? null),
    (error: unknown) => end('failed', null, error),
  )
  const result = await Promise.race([work, late])
  clearTimeout(timer)
  return result
}
