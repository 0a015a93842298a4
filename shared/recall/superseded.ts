/**
 * A key that senders choose is theirs to use again (a fixed slot, progress → done): the newest message has it, and what was
 * registered under it before is no longer on screens (contract §4.1, "A key used again").
 */
import { type Caller, visibleTo } from '../access/grant.ts'
import type { Newer } from '../ledger/messages.ts'

type Reader = Pick<Caller, 'owner' | 'grant'>

/** As answers show it; null: this reader may not know of that message. */
export interface SupersededView {
  readonly message: string | null
  /** The last one of those under the key. */
  readonly shown: string | null
}

export function viewSuperseded({ by, shown }: Newer, reader: Reader): SupersededView {
  return {
    message: visibleTo(by, reader) ? by.message : null,
    shown: shown !== null && visibleTo(shown, reader) ? shown.message : null,
  }
}

/** Names the newer message to who may know of it; never kept, since others may read what is kept. */
export function newerNamed(newer: Newer | null, reader: Reader): string[] {
  if (newer === null) return []
  const { message, shown } = viewSuperseded(newer, reader)
  return [
    ...(message === null ? [] : [`The newer message is ${message}.`]),
    ...(shown === null || shown === message ? [] : [`Shown under the key now: ${shown}.`]),
  ]
}
