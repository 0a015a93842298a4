/** A recall on its way, looked at until it has ended: how often, and what is said meanwhile. */
import type { Recall } from './answers.ts'
import type { Api } from './api.ts'
import type { Context } from './context.ts'
import { type Exit, exitOf, exits } from './exit-codes.ts'
import { CommandFailed } from './failure.ts'
import { blockedLines, countsOf, stateOf, timeOf } from './output/recall.ts'
import { columnsOf, cut } from './output/text.ts'
import { durationOf } from './durations.ts'

/** On a terminal a line is drawn again, at most five times a second; elsewhere lines come, at most one in ten seconds. */
const redrawMs = 200
const lineMs = 10_000

export interface Followed {
  readonly recall: Recall
  readonly exit: Exit
}

export function untilOf({ value, say, terminal }: Context): number | null {
  const text = value('timeout')
  if (text === null) return null
  const ms = durationOf(text)
  if (ms === null)
    throw new CommandFailed(exits.wrongInput, say('wrongDuration', { flag: '--timeout' }), { next: ['--timeout 10m'] })
  return terminal.now() + ms
}

export function isSettled({ state }: Pick<Recall, 'state'>): boolean {
  return state !== 'running' && state !== 'pending_approval'
}

/** Milliseconds to the next look. `beganMs`: since the following began. */
export function nextLookMs(
  { state, blocked }: Pick<Recall, 'state' | 'blocked'>,
  beganMs: number,
  now: number,
): number {
  if (state === 'pending_approval') return 5000
  if (blocked !== null) return Math.min(15_000, Math.max(1000, Date.parse(blocked.nextAttemptAt) - now || 0))
  if (beganMs < 10_000) return 1000
  return beganMs < 60_000 ? 2000 : 5000
}

/** Throws `CommandFailed` where it is interrupted: the recall goes on. `each` hears of every change. */
export async function follow(
  context: Context,
  api: Api,
  first: Recall,
  until: number | null,
  each: (recall: Recall) => void = () => {},
): Promise<Followed> {
  const { terminal, say } = context
  const beganAt = terminal.now()
  const progress = createProgress(context)
  let recall = first
  each(recall)
  for (;;) {
    if (isSettled(recall)) break
    progress.show(recall)
    const now = terminal.now()
    if (until !== null && now >= until) break
    const waitMs = nextLookMs(recall, now - beganAt, now)
    await terminal.sleep(until === null ? waitMs : Math.min(waitMs, until - now))
    if (terminal.interrupted.aborted) {
      progress.end()
      throw goesOn(context, recall)
    }
    const answer = await api.ask('GET', `/v1/recalls/${recall.id}`).catch((error: unknown) => {
      progress.end()
      throw terminal.interrupted.aborted ? goesOn(context, recall) : error
    })
    const next = answer.body as Recall
    if (JSON.stringify(next) !== JSON.stringify(recall)) each(next)
    recall = next
  }
  progress.end()
  if (isSettled(recall)) return { recall, exit: exitOf(recall.state) }
  terminal.err(`${say('timeIsUp', { recall: recall.id })}\n`)
  return { recall, exit: recall.state === 'pending_approval' ? exits.waitsForApproval : exits.notFinished }
}

function goesOn({ say }: Context, { id }: Recall): CommandFailed {
  return new CommandFailed(exits.interrupted, say('goesOn', { recall: id }), { next: [`unpush watch ${id}`] })
}

interface Progress {
  show(recall: Recall): void
  end(): void
}

function createProgress({ terminal, say }: Context): Progress {
  let shown = ''
  let shownAt = Number.NEGATIVE_INFINITY
  let state = ''
  let drawn = false
  return {
    show: recall => {
      const line = progressLine(recall, say)
      const now = terminal.now()
      if (line === shown) return
      // of one that waits for approval, that is all there is
      const kind = recall.state === 'running' ? `running ${recall.blocked?.by ?? ''}` : recall.state
      const changed = kind !== state
      if (!changed && now - shownAt < (terminal.redraws ? redrawMs : lineMs)) return
      if (terminal.redraws) {
        const fitting = cut(line, (terminal.columns ?? 80) - 1)
        terminal.err(`\r\u001b[2K${fitting}`)
        drawn = true
      } else terminal.err(`${line}\n`)
      if (changed && recall.state === 'running' && recall.blocked !== null && terminal.redraws) {
        terminal.err(`\n${blockedLines(recall, say).join('\n')}\n`)
        drawn = false
      }
      shown = line
      shownAt = now
      state = kind
    },
    end: () => {
      if (drawn) terminal.err('\r\u001b[2K')
      drawn = false
    },
  }
}

const barColumns = 16

/** `rcl_…  [####----]  61,004 of 84,210 accepted by the vendor · 0 rejected · ≈ 40 s left` */
export function progressLine(recall: Recall, say: Context['say']): string {
  const { id, devices, etaSeconds, blocked, state, approval } = recall
  const known = devices !== null && devices.total > 0
  const ended = known ? Math.floor((barColumns * (devices.total - devices.pending)) / devices.total) : 0
  const parts = [
    id,
    ...(known ? [`[${'#'.repeat(ended)}${'-'.repeat(barColumns - ended)}]`] : []),
    state === 'running' ? countsOf(recall, say) : stateOf(recall, say),
    ...(state === 'pending_approval' ? [say('until', { time: timeOf(approval?.expiresAt) })] : []),
    ...(blocked !== null && state === 'running' ? [say('blockedShort', { time: timeOf(blocked.nextAttemptAt) })] : []),
    ...(blocked === null && etaSeconds !== null && etaSeconds > 0 ? [say('secondsLeft', { seconds: etaSeconds })] : []),
  ]
  return parts.filter(part => columnsOf(part) > 0).join('  ')
}
