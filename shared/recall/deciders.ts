/** Who is another person than the one who asked for a recall. Pure. */
import type { Principal } from '../access/access.ts'
import { withinGrant } from '../access/grant.ts'
import { identityOf } from '../ledger/approvals.ts'
import type { StoredRecall } from '../ledger/recalls.ts'

/** Whether somebody is another person than who asked for the recall. Keys of one owner are one. */
export function isOther(
  recall: Pick<StoredRecall, 'person' | 'owner' | 'requestedBy'>,
  { person, owner, id }: { readonly person: string; readonly owner: string; readonly id: string },
): boolean {
  const same = recall.person !== null && identityOf(recall.person) === identityOf(person)
  return !same && recall.owner !== owner && recall.requestedBy !== id
}

/** Whether it waits for who asks: he may decide, and has not yet. */
export function mayDecide(recall: StoredRecall, principal: Principal): boolean {
  const { person, owner, id } = principal
  if (person === null || recall.approval?.state !== 'waiting') return false
  const who = identityOf(person)
  if (recall.approval.votes.some(vote => vote.decision !== 'reviewed' && identityOf(vote.person) === who)) return false
  return withinGrant(recall.apps, principal.grantFor('decide')) && isOther(recall, { person, owner, id })
}
