/** What the vendor says of a push now. */
import { Problem } from '../errors.ts'
import { send } from '../http.ts'
import { spend } from '../ledger/begin-attempts.ts'
import { keepRecord, readRecord } from '../ledger/records.ts'
import type { SignedContext } from '../serve.ts'
import { findApp } from './apps.ts'

const timeoutMs = 8000

/**
 * Asks the vendor, within the budget that recalls leave over; where that is used up or the vendor does not answer, the
 * last known record with its age, and why.
 */
export async function readStatus(
  context: SignedContext,
  { app: name, pushId }: { app: string; pushId: string },
): Promise<object> {
  const { ledger, apps, principal } = context
  const app = principal.reaches(name) ? await findApp(apps, name) : null
  if (app === null) throw new Problem('not-found', `There is no app ${name}.`)
  const { provider, credentials } = app
  if (provider.status === undefined || provider.handleMember !== 'pushId') {
    throw new Problem('unsupported', `${provider.name} tells no status of a push.`)
  }
  const [fare] = provider.fare('status', 0, credentials)
  const waitMs = fare === undefined ? 0 : await spend(ledger, provider.budget(credentials), fare)
  let reason: string | null =
    waitMs > 0 ? `The vendor's query budget is used up for ${Math.ceil(waitMs / 1000)} s.` : null
  let vendor: object | null = null
  if (reason === null) {
    const call = { credentials, send, timeoutMs, renew: false, now: Date.now }
    const { outcome, record } = await provider.status({ handle: pushId, tokens: null, record: null }, call)
    vendor = { code: outcome.vendor.code, message: outcome.vendor.message, requestId: outcome.vendor.requestId }
    if (outcome.kind === 'not_found') throw new Problem('not-found', `${provider.name} knows no push ${pushId}.`)
    if (outcome.kind === 'accepted' && record !== null) await keepRecord(ledger, name, pushId, record)
    else reason = `The vendor gave no status (${outcome.kind}).`
  }
  const known = await readRecord(ledger, name, pushId)
  if (known === null)
    throw new Problem('unavailable', `${reason ?? 'Nothing is known'} Nothing was read before.`, {
      headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
    })
  return {
    app: name,
    provider: provider.name,
    pushId,
    status: known.record.status,
    scheduled: known.record.scheduled,
    asOf: known.asOf.toISOString(),
    stale: reason,
    vendor,
  }
}
