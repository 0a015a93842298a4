/** The vendor's own record of a push, as people are shown it. */
import type { StoredTarget } from '../ledger/messages.ts'
import type { DatedFigures } from '../ledger/figures.ts'
import type { ChannelFigures, Provider } from '../providers/provider.ts'

export interface ShownRecord {
  /** The vendor's word: `PUSH_FINISHED`, …; null: it says none. */
  readonly status: string | null
  /** It waits for its time, and can be cancelled. */
  readonly scheduled: boolean
  /** Whom it went to, in the vendor's word; null: the record does not say. */
  readonly audience: string | null
  /** How it was sent, in the vendor's word (`api`, `web`); null: the record does not say. */
  readonly source: string | null
  /** When the vendor said so: RFC 3339, UTC. */
  readonly asOf: string
}

/** Null: the vendor was not asked. */
export function viewRecord(provider: Provider | undefined, stored: StoredTarget['record']): ShownRecord | null {
  if (stored === null) return null
  const { status, scheduled } = stored.record
  const { audience = null, source = null } = provider?.describe?.(stored.record) ?? {}
  return { status, scheduled, audience, source, asOf: stored.asOf }
}

export interface ShownFigures extends ChannelFigures {
  /** When the vendor said so: RFC 3339, UTC. */
  readonly asOf: string
}

/** Empty: the vendor has not told. */
export function viewFigures(stored: DatedFigures | null): ShownFigures[] {
  return stored === null ? [] : stored.figures.channels.map(row => ({ ...row, asOf: stored.asOf }))
}
