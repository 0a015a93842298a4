/** Whose a message is. */
import type { Principal } from '../access/access.ts'
import type { Owned } from '../access/grant.ts'
import type { StoredMessage } from '../ledger/messages.ts'

/** Of the key's own owner, or of the person behind it. */
export function isOwn(message: Pick<StoredMessage, 'owner' | 'person'>, { owner, person }: Principal): boolean {
  return message.owner === owner || (person !== null && message.person === person)
}

export function ownedOf({ targets, owner, reach }: StoredMessage): Owned {
  return { apps: targets.map(({ app }) => app), owner, reach }
}
