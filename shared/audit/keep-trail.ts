/** What a timer does for the audit trail: seals what nobody sealed, and lets a signed digest leave the database. */
import { readAuditHead, tellOfLag } from '../ledger/audit.ts'
import { keepFinding } from '../ledger/findings.ts'
import type { Runtime } from '../runtime.ts'
import { auditKeySchema, digestMessage, signDigest } from './digest.ts'

/**
 * The digest goes into the log, which the database's owner cannot reach; at every run, since whatever would remember the
 * last one would be in that same database. Without `unpush/audit-key` there is none.
 */
export async function keepTrail({
  ledger,
  sealer,
  secrets,
  log,
}: Pick<Runtime, 'ledger' | 'sealer' | 'secrets' | 'log'>): Promise<object> {
  await sealer.now()
  const key = await secrets.read('unpush/audit-key', auditKeySchema())
  if (key !== null) {
    const digest = signDigest(await readAuditHead(ledger), key)
    log.info(digestMessage, { ...digest })
    // for people; what counts is the line, which the database's owner cannot reach
    await keepFinding(ledger, digestMessage, '', digest)
  }
  return { signed: key !== null }
}

/** Says once for each spell, in the log and to subscribers, that entries wait for too long: somebody holds up the sealing. */
export async function watchTrail({ ledger, log }: Pick<Runtime, 'ledger' | 'log'>): Promise<object> {
  const { seconds, begun } = await tellOfLag(ledger)
  if (begun) log.error('the audit trail lags: entries wait to be sealed', { seconds: Math.floor(seconds) })
  return { unsealedSeconds: Math.floor(seconds) }
}
