/** The most harmless call that proves a credential, as each vendor has it: no device is meant. */
import { randomUUID } from 'node:crypto'
import { compareClocks } from '../clock-skew.ts'
import { type Send, send as sendRequest } from '../http.ts'
import { type Credential, keepCheck } from '../ledger/app-health.ts'
import { beginReading, endReading } from '../ledger/records.ts'
import type { Outcome, Session } from '../providers/provider.ts'
import type { App } from '../recall/apps.ts'
import { type Had, sessionsOf } from '../recall/sessions.ts'
import { askToCheck } from '../recall/ask-vendor.ts'
import type { Runtime } from '../runtime.ts'

const timeoutMs = 8000
/** What stands for the check where a push would: it is charged to the budget that people's reads have. */
const place = 'health check'

type Needed = Pick<Runtime, 'ledger' | 'log' | 'apps'>

/** False: no call could be made now: the vendor has none, the budget is used up, or somebody else is checking. */
export async function checkApp({ ledger, log, apps }: Needed, given: App, send: Send = sendRequest): Promise<boolean> {
  let app = given
  let outcome: Outcome
  let session: Session | null = null
  const clocks = compareClocks(send, Date.now)
  const step = app.provider.check?.step
  if (step === undefined) return false
  for (let renewed = false; ; renewed = true) {
    const { name, provider, credentials } = app
    const [fare = null] = provider.fare(step, 1, credentials)
    const reading = { app: name, handle: place, budget: provider.budget(credentials), lane: fare?.lane.name ?? place }
    if ((await beginReading(ledger, reading, fare, 0, timeoutMs + 2000)).kind !== 'ask') return false
    const { send: timed } = clocks
    const had: Had = await sessionsOf(ledger)(
      { provider, credentials },
      { send: timed, timeoutMs, now: Date.now },
      session,
    )
    session = 'session' in had ? had.session : null
    const call = { credentials, send: timed, timeoutMs, renew: renewed, now: Date.now, key: randomUUID(), session }
    outcome = 'outcome' in had ? had.outcome : await askToCheck(provider, call, log)
    await endReading(ledger, reading, null, outcome.kind === 'throttled' ? outcome.retryAfterMs : null)
    // a refusal of what was read some minutes ago says nothing of what is there now
    const again = outcome.kind === 'auth' && !renewed && ((await apps.renew(name)) || session !== null)
    const fresh = again ? await apps.find(name) : null
    if (fresh === null) break
    app = fresh
  }
  const found = { ...judge(outcome), call: step, clockAheadMs: clocks.aheadMs() }
  if (await keepCheck(ledger, app.name, found))
    log.error('the credential of an app is refused', { app: app.name, code: found.code })
  return true
}

/** What an answer to the harmless call says of the credential; null: nothing. */
export function judge(outcome: Outcome): Pick<Credential, 'ok' | 'code' | 'detail'> {
  const { code } = outcome.vendor
  const { advice = outcome.vendor.message } = 'advice' in outcome ? outcome : {}
  switch (outcome.kind) {
    case 'auth':
    // a call that asks for nothing is refused for who asks
    case 'refused':
      return { ok: false, code, detail: advice ?? 'The vendor refuses even a call that changes nothing.' }
    case 'unknown':
    case 'throttled':
      return { ok: null, code, detail: `The vendor gave no answer that tells (${outcome.kind}).` }
    default:
      return { ok: true, code, detail: null }
  }
}
