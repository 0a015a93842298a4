/**
 * Auto-expiry: what is past its `expiresAt` is taken back as the policy says. Runs may overlap, come late or die anywhere:
 * a message is marked in the statement that admits its recall. Vendors are `sweep`'s, which is kicked.
 */
import type { Cause } from '../ledger/new-recall.ts'
import { type DueMessage, holdDue, isDue, markExpired } from '../ledger/expiry.ts'
import { isUniqueViolation } from '../ledger/sql.ts'
import type { Operation } from '../operation.ts'
import type { TimerContext } from '../serve-timer.ts'
import { admit } from './admission.ts'
import type { Admission } from './wanted.ts'

/** Who asked, as recalls show it. */
export const expiryActor = 'timer:expire'

/** A run ends before the next minute's begins. */
const longestMs = 50_000
const marginMs = 5000
/** As many as one statement of facts takes. */
const atOnce = 64
/** Longer than a run works on what it took, shorter than the wait for the next but one. */
const holdMs = 55_000
const mostTries = 6

export async function expire(context: TimerContext): Promise<void> {
  const { ledger, log, invocation, kick } = context
  const until = Date.now() + Math.min(longestMs, invocation.remainingMs() - marginMs)
  // where nobody can tell what the policy is, the weakest that it may say
  const { expireAction } = await context.policy().catch((error: unknown) => {
    log.warn('the policy cannot be read: what is due is stopped', { error })
    return { expireAction: 'stop' as const }
  })
  const caller = { id: expiryActor, person: null, owner: expiryActor, grant: null }
  let [recalls, unkicked, failed] = [0, 0, 0]
  while (Date.now() < until) {
    const due = await holdDue(ledger, atOnce, holdMs)
    if (due.length === 0) break
    const admitted = await Promise.all(
      due.map(message =>
        expireMessage({ ...context, caller, causes: causesOf(message) }, message, expireAction).catch(
          (error: unknown) => {
            // the others must not wait for what is wrong with this one; it is due again in a minute
            log.error('message not expired', { message_id: message.id, error })
            failed += 1
            return false
          },
        ),
      ),
    )
    const fresh = admitted.filter(Boolean).length
    // the first ones need not wait for the last
    if (recalls === 0 && fresh > 0) await kick?.()
    else unkicked += fresh
    recalls += fresh
  }
  if (unkicked > 0) await kick?.()
  log.info('expired', { recalls, failed })
}

/** Whoever set the end made the recall start. */
function causesOf({ expiresBy }: DueMessage): Cause[] {
  return expiresBy === null ? [] : [{ ...expiresBy, by: 'expiry' }]
}

/** True: a recall was admitted. False: there was nothing to do, or somebody does it already. */
async function expireMessage(context: Admission, message: DueMessage, operation: Operation): Promise<boolean> {
  const { ledger } = context
  const subject = { message: message.id }
  const named = { subject, shown: subject, target: null }
  const wanted = { operation, overlay: null, fallback: true, again: false, supersede: false, atItsEnd: true, named }
  const reason = `Auto-expiry: its time was over at ${message.expiresAt.toISOString()}.`
  for (let tries = 1; ; tries++) {
    try {
      const known = message.empty || (await admit(context, wanted, reason, null, null)).kind === 'known'
      if (known) await markExpired(ledger, message.id)
      return !known
    } catch (error) {
      if (!isUniqueViolation(error) || tries === mostTries) throw error
      if (!(await isDue(ledger, message.id))) return false
    }
  }
}
