/**
 * What nobody signs is asked for: jobs that callbacks of tier C named, and jobs that should have answered and did not. The
 * answer is a verdict like any other, and acts like one.
 */
import {
  type ClaimedPull,
  claimPulls,
  dueEndpoints,
  hintPulls,
  reapPulls,
  settlePull,
  wantSilent,
} from '../ledger/pulls.ts'
import { recordVerdicts } from '../ledger/verdicts.ts'
import { compareClocks, skewSentence } from '../clock-skew.ts'
import { send } from '../http.ts'
import type { Log } from '../log.ts'
import { once } from '../once.ts'
import { SecretError, type Secrets } from '../secrets/secrets.ts'
import type { TimerContext } from '../serve-timer.ts'
import { actOnVerdicts } from './act.ts'
import { sha256Of } from './digests.ts'
import { type Endpoint, endpointsOf } from './endpoint.ts'
import { endpointNames, findEndpoint, sourceOf } from './find-endpoint.ts'
import { prefixed } from './open-delivery.ts'
import { isPulled, type Pull, type PullCall, type Pulled } from './pull-sources.ts'
import { pulledSources, pulls } from './pulls.ts'
import { verdictRows } from './verdict-row.ts'

const atOnce = 8
/** Of an endpoint's callbacks, whoever sends them: those about what some message carries, and the others. */
const perMinute = { hinted: 600, unhinted: 60 }
const timeoutMs = 5000
const leaseMs = timeoutMs * 2 + 10_000
/** In one run; the rest is the next one's. */
const longestMs = 40_000
const firstDelayMs = 30_000
const longestDelayMs = 600_000
const giveUpSeconds = 86_400

/** Never rejects. What goes wrong with one endpoint or one step holds up no other. */
export async function pullVerdicts(context: TimerContext): Promise<void> {
  const { ledger, log } = context
  const until = Date.now() + Math.min(longestMs, context.invocation.remainingMs() - timeoutMs - 5000)
  const step = (what: string, work: () => Promise<unknown>) =>
    work().catch((error: unknown) => log.error('moderation systems could not be asked', { step: what, error }))
  await step('overdue', () => wantOverdue(context))
  await step('hint', () => hintPulls(ledger))
  await step('reap', () => reapPulls(ledger))
  await step('ask', async () => {
    const endpoints = await dueEndpoints(ledger)
    // an API that hangs holds up nobody but its own endpoint
    await Promise.all(endpoints.map(name => pullFor(context, name, until)))
  })
}

const pullableSchema = once(() => endpointsOf(pulledSources))

/** Reconciles: of endpoints whose source can be asked, the jobs that messages carry and nothing was heard of. */
async function wantOverdue(context: TimerContext): Promise<void> {
  const names = await endpointNames(context.secrets)
  await Promise.all(names.map(name => wantOverdueOf(context, name)))
}

async function wantOverdueOf({ secrets, ledger, log }: TimerContext, name: string): Promise<void> {
  try {
    const endpoint = await readPullable(secrets, log, name)
    if (endpoint?.source.jobs === undefined) return
    const overdue = await wantSilent(ledger, name, endpoint.contentPrefix, endpoint.source.jobs.pattern)
    if (overdue > 0) log.warn('callbacks overdue', { endpoint: name, webhook_source: endpoint.source.name, overdue })
  } catch (error) {
    log.error('overdue callbacks could not be looked for', { endpoint: name, error })
  }
}

/** Null: it is gone, cannot be read, or has nothing to ask with. */
async function readPullable(secrets: Secrets, log: Log, name: string): Promise<Endpoint | null> {
  try {
    const source = await sourceOf(secrets, name)
    if (source === null || !isPulled(source)) return null
    const endpoint = await findEndpoint(secrets, name, pullableSchema())
    return endpoint === null || endpoint.pull === null ? null : endpoint
  } catch (error) {
    if (!(error instanceof SecretError)) throw error
    log.error('endpoint cannot be used', { endpoint: name, error })
    return null
  }
}

async function pullFor(context: TimerContext, name: string, until: number): Promise<void> {
  const { ledger, secrets, log, drainer } = context
  try {
    const endpoint = await readPullable(secrets, log, name)
    if (endpoint === null || !isPulled(endpoint.source.name)) return
    const pull = pulls[endpoint.source.name]
    while (Date.now() < until) {
      const claimed = await claimPulls(ledger, name, atOnce, perMinute, leaseMs)
      if (claimed.length === 0) return
      const contents = await Promise.all(claimed.map(job => pullOne(context, name, endpoint, pull, job)))
      const decided = contents.flat()
      if (decided.length === 0) continue
      for (const recallId of await actOnVerdicts(context, decided)) await drainer.run(recallId, until)
    }
  } catch (error) {
    log.error('a moderation system could not be asked', { endpoint: name, error })
  }
}

/** Resolves with the contents that there is something new of. Never rejects: what is wrong with one job ends no other's. */
async function pullOne(
  context: TimerContext,
  name: string,
  endpoint: Endpoint,
  pull: Pull<never>,
  claimed: ClaimedPull,
): Promise<string[]> {
  try {
    return await askAbout(context, name, endpoint, pull, claimed)
  } catch (error) {
    context.log.error('a job could not be asked about', { endpoint: name, job: claimed.job, error })
    // where the ledger is away, the lease ends by itself
    await askAgain(context, name, claimed, 'Its answer could not be recorded.').catch(() => {})
    return []
  }
}

async function askAbout(
  context: TimerContext,
  name: string,
  endpoint: Endpoint,
  pull: Pull<never>,
  claimed: ClaimedPull,
): Promise<string[]> {
  const { ledger, log } = context
  const clocks = compareClocks(send, Date.now)
  const call: PullCall = { send: clocks.send, timeoutMs, nowMs: Date.now() }
  // the endpoint's schema has read both
  const pulled = withSkew(await pull(claimed.job, endpoint.pull as never, call), clocks.aheadMs())
  const told = { endpoint: name, webhook_source: endpoint.source.name, job: claimed.job, outcome: pulled.kind }
  switch (pulled.kind) {
    case 'decided': {
      const verdicts = pulled.verdicts.map(verdict => prefixed(verdict, endpoint.contentPrefix))
      // an answer that says the same again is the same delivery
      const key = `pull:${claimed.job}:${sha256Of(JSON.stringify(verdicts)).toString('hex')}`
      const rows = verdictRows({ name, endpoint, key, nowMs: call.nowMs, asked: true }, verdicts)
      const fresh = await recordVerdicts(ledger, rows)
      await settlePull(ledger, name, claimed, 'done', 0, null)
      log.info('job asked about', { ...told, verdicts: rows.length, fresh: fresh.length })
      return rows.flatMap(({ content }) => (content === null ? [] : [content]))
    }
    case 'unknown':
      await settlePull(ledger, name, claimed, 'gone', 0, pulled.detail)
      log.warn('job unknown', { ...told, detail: pulled.detail })
      return []
    case 'unreadable':
      // once; it is asked about again all the same, and may be read then
      await recordVerdicts(
        ledger,
        verdictRows({ name, endpoint, key: `pull:${claimed.job}:unreadable`, nowMs: call.nowMs, asked: true }, [
          { unreadable: pulled.detail },
        ]),
      )
      log.warn('answer cannot be read', { ...told, detail: pulled.detail })
      await askAgain(context, name, claimed, pulled.detail)
      return []
    case 'undecided':
    case 'failed': {
      const detail = pulled.kind === 'failed' ? pulled.detail : null
      const over = await askAgain(context, name, claimed, detail)
      if (over) log.error('job without an answer for a day', { ...told, detail })
      else log.info('job asked about', { ...told, detail })
      return []
    }
    default:
      return pulled satisfies never
  }
}

/** Requests are signed with the time: where clocks differ, that may be why there is no answer. */
function withSkew(pulled: Pulled, aheadMs: number): Pulled {
  const skew = skewSentence(aheadMs, "the vendor's")
  return pulled.kind === 'failed' && skew !== null
    ? { kind: 'failed', detail: `${pulled.detail.replace(/\.$/, '')}, and ${skew}.` }
    : pulled
}

/** It is asked about again, or has been for a day: resolves with true, and it is not. */
async function askAgain(
  { ledger }: TimerContext,
  name: string,
  claimed: ClaimedPull,
  detail: string | null,
): Promise<boolean> {
  const over = claimed.age > giveUpSeconds
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (claimed.tries - 1))
  await settlePull(ledger, name, claimed, over ? 'gone' : 'open', delayMs, detail)
  return over
}
