/**
 * What a standing verdict does about messages: one recall for all that carry its content when it comes, and one more for
 * each that is registered within the day after. Whoever comes first does it (the receiver, the registration, `sweep`), and
 * the others find it done: every recall is bound to its verdict by a key. How one is done is loaded once there is one to do.
 */
import type { Cause } from '../ledger/new-recall.ts'
import { type DueVerdict, findDueVerdicts, noteOverturned } from '../ledger/verdicts.ts'
import { onceLoaded } from '../once.ts'
import type { Acted, Acting } from './act-on-verdict.ts'

/** What cannot be done now can be later: the rest is the next run's. */
const mostAtOnce = 50
const mostRounds = 3

/**
 * Acts on what stands for these contents (null: for any); `cause` is who brought a message under a verdict. Resolves with the
 * recalls that messages are in now.
 */
export async function actOnVerdicts(
  runtime: Acting,
  contents: readonly string[] | null,
  cause: Cause | null = null,
): Promise<string[]> {
  const recalls = new Set<string>()
  // endpoints over their limit: what else they said waits, and keeps nobody else's verdicts from being done
  const over = new Set<string>()
  for (let round = 0, again = true; again && round < mostRounds + over.size; round++) {
    again = false
    for (const due of await findDueVerdicts(runtime.ledger, contents, mostAtOnce, [...over])) {
      if (over.has(due.endpoint)) continue
      const acted = await actOn(runtime, due, cause).catch((error: unknown): Acted => {
        // the others must not wait for what is wrong with this one
        runtime.log.error('verdict not done', { verdict_id: due.id, error })
        return { recalls: [], again: false, limited: false }
      })
      if (acted.limited) over.add(due.endpoint)
      again ||= acted.again || (acted.limited && contents === null)
      for (const recallId of acted.recalls) recalls.add(recallId)
    }
  }
  let told = 0
  for (const { id, passId, recallId, first, ...overturned } of await noteOverturned(runtime.ledger, contents)) {
    told += overturned.told ?? 0
    // nothing can be un-recalled: somebody has to know
    if (first) runtime.log.warn('recall overturned', { verdict_id: id, overturned_by: passId, recall_id: recallId })
  }
  if (recalls.size > 0 || told > 0) await runtime.kick?.()
  return [...recalls]
}

const acting = onceLoaded(() => import('./act-on-verdict.ts'))

/** Rejects also where what it takes cannot be loaded: the verdict stays due. */
async function actOn(runtime: Acting, due: DueVerdict, cause: Cause | null): Promise<Acted> {
  const { actOnVerdict } = await acting()
  return actOnVerdict(runtime, due, cause)
}
