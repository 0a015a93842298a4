/** `doctor`: whether everything that a recall at night needs is well, and what is not by its name. */
import { blockedHelp } from '../../dashboard/words/terms.ts'
import { readyWords } from '../../dashboard/words/cli.ts'
import type { Api, ServiceConfig } from '../api.ts'
import type { Context } from '../context.ts'
import { type Exit, exits } from '../exit-codes.ts'
import { CommandFailed } from '../failure.ts'
import { timeOf, wordFor } from '../output/recall.ts'
import { saidText } from '../output/notices.ts'
import { plain } from '../output/text.ts'
import { serviceLine } from '../service-line.ts'
import { version } from '../version.ts'

/** Members that came later may be absent. */
interface Health {
  readonly apps?: readonly AppHealth[]
  readonly timers?: readonly { readonly name: string; readonly lastAt: string | null }[]
  readonly subscribers?: readonly {
    readonly id: string
    readonly disabledAt: string | null
    readonly heldUntil: string | null
  }[]
  readonly endpoints?: readonly { readonly id: string; readonly lastAt: string | null }[]
  readonly clock?: {
    readonly ledgerAheadMs: number
    readonly vendors: readonly { readonly app: string; readonly aheadMs: number }[]
  }
  readonly version?: string
}

interface AppHealth {
  readonly app: string
  readonly provider: string | null
  readonly problem: string | null
  readonly notices?: unknown
  readonly credential: {
    readonly ok: boolean | null
    readonly since: string | null
    readonly code: string | null
    readonly detail: string | null
    readonly notices?: unknown
    readonly checkedAt: string | null
  }
  readonly waiting?: number
  readonly breaker: { readonly open: boolean; readonly cause: string | null; readonly since: string | null }
  readonly lanes?: readonly { readonly name: string; readonly limit: number; readonly left: number }[]
  readonly canary?: { readonly ok?: boolean | null; readonly code?: string | null; readonly at?: string | null } | null
}

interface Readiness {
  readonly checks?: {
    readonly [name: string]: { readonly ok: boolean; readonly detail: string | null; readonly notices?: unknown }
  }
}

interface Finding {
  /** Null: worth knowing, and nothing wrong. */
  readonly ok: boolean | null
  readonly text: string
}

/** A timer is late after three of its turns; the longest is five minutes. */
const lateAfterMs: { readonly [timer: string]: number } = { expire: 180_000, sweep: 180_000 }
const otherLateAfterMs = 900_000
/** Vendors refuse what is signed a few minutes beside their own time. */
const clockWrongMs = 60_000
const clockNotedMs = 5000

export async function doctor(context: Context): Promise<Exit> {
  const { say, show, note, terminal, value, on } = context
  const api = await context.api()
  const only = value('app')
  const [service, ready] = await Promise.all([api.config(), readiness(api)])
  const seen = ready === null ? [] : judgeReadiness(ready, say)
  let health: Health
  try {
    const answer = await (on('check')
      ? api.ask('POST', '/v1/health/check', { body: {} })
      : api.ask('GET', '/v1/health'))
    health = answer.body as Health
  } catch (error) {
    // what can be seen from outside, all the same
    for (const { ok, text } of seen) if (ok === false) note(`✕ ${text}`)
    throw error
  }
  const apps = health.apps ?? []
  if (only !== null && !apps.some(({ app }) => app === only))
    throw new CommandFailed(exits.nothingDone, say('noApp', { app: plain(only) }), { next: ['unpush capabilities'] })
  const named = apps.filter(({ app }) => only === null || app === only)
  const findings = [
    ...judgeVersions(service, health, say),
    ...seen,
    ...named.flatMap(app => judgeApp(app, say)),
    ...(only === null ? judgeRest(health, terminal.now(), say) : []),
    ...judgeClock(health, only, say),
  ].sort((a, b) => rank(a) - rank(b))
  const wrong = findings.filter(({ ok }) => ok === false)
  const whole = only === null ? health : { ...health, apps: named }
  show(whole, () => [
    serviceLine(say, api.connection, service, null),
    ...findings.map(({ ok, text }) => `${ok === null ? '·' : ok ? '✓' : '✕'} ${text}`),
    wrong.length === 0 ? say('allWell') : say('notWell', { count: wrong.length }),
  ])
  if (on('json')) for (const { text } of wrong) note(`✕ ${text}`)
  return wrong.length === 0 ? exits.ok : exits.notWell
}

/** What is wrong stands first, what is only worth knowing last. */
function rank({ ok }: Finding): number {
  return ok === false ? 0 : ok ? 1 : 2
}

/** Null: nobody answered, which the next question tells with its reason. */
async function readiness(api: Api): Promise<Readiness | null> {
  const answer = await api.try('GET', '/readyz', { tries: 1, timeoutMs: 15_000 }).catch(() => null)
  return answer !== null && typeof answer.body === 'object' && answer.body !== null ? answer.body : null
}

function judgeReadiness({ checks }: Readiness, say: Context['say']): Finding[] {
  return Object.entries(checks ?? {}).map(([name, { ok, detail, notices }]) => ({
    ok: ok && detail !== null ? null : ok,
    text:
      detail === null
        ? wordFor(readyWords, name, say)
        : `${wordFor(readyWords, name, say)}${say.language === 'zh' ? '：' : ': '}${saidText(detail, notices, say)}`,
  }))
}

function judgeVersions(service: ServiceConfig | null, health: Health, say: Context['say']): Finding[] {
  const theirs = service?.version ?? health.version
  if (theirs === undefined) return [{ ok: null, text: say('versionUnknown', { ours: version }) }]
  if (theirs === version) return [{ ok: true, text: say('versionSame', { version }) }]
  return [{ ok: null, text: say('versionOther', { theirs: plain(theirs), ours: version }) }]
}

function judgeApp(
  { app, provider, problem, notices, credential, waiting = 0, breaker, lanes = [], canary }: AppHealth,
  say: Context['say'],
): Finding[] {
  const name = `${plain(app)}${provider === null ? '' : ` (${plain(provider)})`}`
  if (problem !== null) return [{ ok: false, text: `${name}  ${saidText(problem, notices, say)}` }]
  const found: Finding[] = []
  const { ok, since, code, detail, checkedAt } = credential
  if (ok === false) {
    const why = [
      say('credentialRefused', { since: timeOf(since) }),
      code === null ? '' : `(${plain(code)})`,
      saidText(detail ?? '', credential.notices, say),
    ]
    found.push({
      ok: false,
      text: `${name}  ${why.filter(part => part !== '').join(' ')}  ${say.of(blockedHelp.credential)}`,
    })
  } else if (ok === true)
    found.push({ ok: true, text: `${name}  ${say('credentialHolds', { at: timeOf(checkedAt) })}` })
  else
    found.push({
      ok: null,
      text: `${name}  ${detail === null ? say('credentialUnchecked') : saidText(detail, credential.notices, say)}`,
    })
  if (breaker.open) {
    found.push({
      ok: false,
      text: `${name}  ${say('breakerOpen', { cause: plain(breaker.cause ?? '–'), since: timeOf(breaker.since) })}`,
    })
  }
  if (canary?.ok === false)
    found.push({ ok: false, text: `${name}  ${say('canaryFailed', { code: plain(canary.code ?? '–') })}` })
  if (waiting > 0) found.push({ ok: null, text: `${name}  ${say('recallsWait', { count: waiting })}` })
  for (const lane of lanes)
    if (lane.left <= 0)
      found.push({
        ok: null,
        text: `${name}  ${say('budgetUsed', { lane: plain(lane.name), limit: say.number(lane.limit) })}`,
      })
  return found
}

function judgeRest(
  { timers = [], subscribers = [], endpoints = [] }: Health,
  now: number,
  say: Context['say'],
): Finding[] {
  const silent = endpoints.filter(({ lastAt }) => lastAt === null).map(({ id }) => plain(id))
  return [
    ...timers.map(({ name, lastAt }) => {
      const late = lastAt !== null && now - Date.parse(lastAt) > (lateAfterMs[name] ?? otherLateAfterMs)
      const text =
        lastAt === null
          ? say('timerNever', { name: plain(name) })
          : say('timerLast', { name: plain(name), at: timeOf(lastAt) })
      return { ok: lastAt === null ? null : !late, text }
    }),
    ...subscribers.map(({ id, disabledAt, heldUntil }) => {
      if (disabledAt !== null)
        return { ok: false, text: say('subscriberDisabled', { id: plain(id), since: timeOf(disabledAt) }) }
      if (heldUntil !== null)
        return { ok: null, text: say('subscriberHeld', { id: plain(id), until: timeOf(heldUntil) }) }
      return { ok: true, text: say('subscriberWell', { id: plain(id) }) }
    }),
    ...endpoints.flatMap(({ id, lastAt }) =>
      lastAt === null ? [] : [{ ok: null, text: say('endpointLast', { id: plain(id), at: timeOf(lastAt) }) }],
    ),
    ...(silent.length === 0 ? [] : [{ ok: null, text: say('endpointsNever', { ids: say.list(silent) }) }]),
  ]
}

function judgeClock({ clock }: Health, only: string | null, say: Context['say']): Finding[] {
  if (clock === undefined) return []
  const judge = (name: string, aheadMs: number): Finding[] => {
    const off = Math.abs(aheadMs)
    if (off < clockNotedMs) return []
    const seconds = say.number(Math.round(off / 1000))
    return [{ ok: off < clockWrongMs ? null : false, text: say('clockOff', { name: plain(name), seconds }) }]
  }
  const found = [
    ...(only === null ? judge(say('ledger'), clock.ledgerAheadMs) : []),
    ...clock.vendors
      .filter(({ app }) => only === null || app === only)
      .flatMap(({ app, aheadMs }) => judge(app, aheadMs)),
  ]
  return found.length > 0 || only !== null ? found : [{ ok: true, text: say('clockWell') }]
}
